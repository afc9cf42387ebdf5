//! The bytes of a request, joined from the bytes of its analyses and split again.
//!
//! An analysis is serialized once. So its bytes are the same in every chunk that contains it.

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::journal::AnalysisKind;

/// Name of each kind's list in a request, in the order of serialization.
const LISTS: [(AnalysisKind, &str); 3] = [
    (AnalysisKind::Cwl, "cwlItems"),
    (AnalysisKind::Nextflow, "nextflowItems"),
    (AnalysisKind::NextflowJson, "nextflowJsonItems"),
];

/// Builder of a request body.
#[derive(Debug, Default)]
pub(super) struct BodyBuilder {
    /// JSON of the analyses of each kind, separated by commas.
    lists: [Vec<u8>; 3],
}

impl BodyBuilder {
    pub(super) fn push(&mut self, kind: AnalysisKind, json: &[u8]) {
        let list = &mut self.lists[kind as usize];
        if !list.is_empty() {
            list.push(b',');
        }
        list.extend_from_slice(json);
    }

    /// Returns the length of the body in bytes.
    pub(super) fn len(&self) -> usize {
        let used = LISTS
            .iter()
            .map(|(kind, name)| (self.lists[*kind as usize].len(), name.len()))
            .filter(|(analyses, _)| *analyses > 0);
        // Per list: quotes, a colon, brackets, and a comma or the opening brace. The closing brace
        // is the 1.
        used.map(|(analyses, name)| analyses + name + 6).sum::<usize>() + 1
    }

    /// Returns the length of the body in bytes after a further [`push`](Self::push).
    pub(super) fn len_with(&self, kind: AnalysisKind, json: &[u8]) -> usize {
        let list = &self.lists[kind as usize];
        let added = match list.is_empty() {
            true => json.len() + LISTS[kind as usize].1.len() + 6,
            false => json.len() + 1,
        };
        self.len() + added
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.len());
        body.push(b'{');
        for (kind, name) in LISTS {
            let list = &self.lists[kind as usize];
            if list.is_empty() {
                continue;
            }
            if body.len() > 1 {
                body.push(b',');
            }
            body.push(b'"');
            body.extend_from_slice(name.as_bytes());
            body.extend_from_slice(b"\":[");
            body.extend_from_slice(list);
            body.push(b']');
        }
        body.push(b'}');
        body
    }
}

/// Returns the JSON of the analyses of a body in order of position, which have these kinds. None if
/// the body does not match them.
pub(super) fn rows<'a>(body: &'a [u8], kinds: &[AnalysisKind]) -> Option<Vec<&'a RawValue>> {
    let lists: Lists<'_> = serde_json::from_slice(body).ok()?;
    let mut lists = [lists.cwl, lists.nextflow, lists.nextflow_json].map(Vec::into_iter);
    kinds.iter().map(|kind| lists[*kind as usize].next()).collect()
}

/// Splits a body into parts of so many analyses. `kinds` are the kinds of its analyses in order of
/// position. Returns None if the body does not match them, or if a part has no analysis.
pub(super) fn parts(body: &[u8], kinds: &[AnalysisKind], counts: &[usize]) -> Option<Vec<Vec<u8>>> {
    let lists: Lists<'_> = serde_json::from_slice(body).ok()?;
    let mut lists = [lists.cwl, lists.nextflow, lists.nextflow_json].map(Vec::into_iter);
    let mut rest = kinds;
    let mut parts = Vec::new();
    for count in counts {
        let (part, after) = rest.split_at_checked(*count).filter(|(part, _)| !part.is_empty())?;
        rest = after;
        let mut builder = BodyBuilder::default();
        for kind in part {
            let json = lists[*kind as usize].next()?;
            builder.push(*kind, json.get().as_bytes());
        }
        parts.push(builder.finish());
    }
    let is_empty = lists.into_iter().all(|mut list| list.next().is_none());
    (is_empty && rest.is_empty()).then_some(parts)
}

/// Returns the position in a body of the analysis that the name of a problem's parameter begins with,
/// such as `nextflowItems[3].pipelineId`. `kinds` are the kinds of its analyses in order of position.
pub(super) fn position(parameter: &str, kinds: &[AnalysisKind]) -> Option<usize> {
    let is_separator = |c: char| matches!(c, '[' | ']' | '.' | '/' | '$');
    let mut segments = parameter.split(is_separator).filter(|segment| !segment.is_empty());
    let list = segments.next()?;
    let (kind, _) = LISTS.into_iter().find(|(_, name)| *name == list)?;
    let index = segments.next()?.parse::<usize>().ok()?;
    let of_kind = kinds.iter().enumerate().filter(|(_, other)| **other == kind);
    of_kind.map(|(position, _)| position).nth(index)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists<'a> {
    #[serde(borrow, default, rename = "cwlItems")]
    cwl: Vec<&'a RawValue>,
    #[serde(borrow, default, rename = "nextflowItems")]
    nextflow: Vec<&'a RawValue>,
    #[serde(borrow, default, rename = "nextflowJsonItems")]
    nextflow_json: Vec<&'a RawValue>,
}

/// Returns the SHA-256 of the kind, a zero byte and the JSON of an analysis.
pub(super) fn analysis_digest(kind: AnalysisKind, json: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(kind.as_str());
    digest.update([0]);
    digest.update(json);
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk::types::{
        CreateAnalysisCreationBatch, CreateCwlAnalysis, CreateNextflowAnalysis, CreateNextflowJsonAnalysis,
        CwlAnalysisInput, CwlAnalysisJsonInput, NextflowAnalysisInput,
    };

    use super::{BodyBuilder, parts, position};
    use crate::journal::AnalysisKind;
    use crate::submission::analysis::Analysis;

    fn nextflow(reference: &str) -> CreateNextflowAnalysis {
        CreateNextflowAnalysis::builder()
            .user_reference(reference)
            .unwrap()
            .pipeline_id("p \"quoted\" é")
            .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
            .build()
    }

    fn cwl(reference: &str) -> CreateCwlAnalysis {
        let input = CwlAnalysisJsonInput::builder().input_json("{\"a\": [1, 2]}").build();
        CreateCwlAnalysis::builder()
            .user_reference(reference)
            .unwrap()
            .pipeline_id("p")
            .analysis_input(CwlAnalysisInput::from(input))
            .build()
    }

    fn json(reference: &str) -> CreateNextflowJsonAnalysis {
        serde_json::from_value(serde_json::json!({
            "userReference": reference, "pipelineId": "p", "inputFormValues": { "fields": [] }
        }))
        .unwrap()
    }

    fn mixed() -> Vec<Analysis> {
        vec![
            nextflow("n1").into(),
            cwl("c1").into(),
            json("j1").into(),
            nextflow("n2").into(),
            cwl("c2").into(),
        ]
    }

    fn body(analyses: &[Analysis]) -> Vec<u8> {
        let mut body = BodyBuilder::default();
        for analysis in analyses {
            let json = serde_json::to_vec(analysis).unwrap();
            let expected = body.len_with(analysis.kind(), &json);
            body.push(analysis.kind(), &json);
            assert_eq!(body.len(), expected);
        }
        let expected = body.len();
        let body = body.finish();
        assert_eq!(body.len(), expected);
        body
    }

    #[test]
    fn a_body_equals_the_serialized_request_type() {
        let request = CreateAnalysisCreationBatch::builder()
            .nextflow_items(vec![nextflow("n1"), nextflow("n2")])
            .cwl_items(vec![cwl("c1"), cwl("c2")])
            .nextflow_json_items(vec![json("j1")])
            .build();
        assert_eq!(body(&mixed()), serde_json::to_vec(&request).unwrap());
        let one = CreateAnalysisCreationBatch::builder()
            .cwl_items(vec![cwl("c1")])
            .build();
        assert_eq!(body(&[cwl("c1").into()]), serde_json::to_vec(&one).unwrap());
    }

    #[test]
    fn parts_have_the_same_bytes_in_order_of_position() {
        let all = mixed();
        let kinds = all.iter().map(Analysis::kind).collect::<Vec<_>>();
        let parts = parts(&body(&all), &kinds, &[2, 1, 2]).unwrap();
        assert_eq!(parts, [body(&all[..2]), body(&all[2..3]), body(&all[3..])]);
    }

    #[test]
    fn a_parameter_names_the_place_of_an_analysis() {
        let kinds = mixed().iter().map(Analysis::kind).collect::<Vec<_>>();
        for (parameter, expected) in [
            ("nextflowItems[0]", Some(0)),
            ("nextflowItems[1].pipelineId", Some(3)),
            ("cwlItems[1].analysisInput.inputs[7]", Some(4)),
            ("nextflowJsonItems.0.userReference", Some(2)),
            ("/cwlItems/0/pipelineId", Some(1)),
            ("$.cwlItems[0]", Some(1)),
            ("nextflowItems[2]", None),
            ("nextflowItems", None),
            ("nextflowItems[]", None),
            ("nextflowItems[-1]", None),
            ("nextflowItems[x]", None),
            ("items[0]", None),
            ("body.nextflowItems[0]", None),
            ("", None),
        ] {
            assert_eq!(position(parameter, &kinds), expected, "{parameter}");
        }
    }

    #[test]
    fn a_body_that_does_not_match_its_kinds_is_not_split() {
        let all = body(&mixed());
        assert!(parts(&all, &[AnalysisKind::Cwl; 5], &[2, 3]).is_none());
        assert!(parts(&all, &[AnalysisKind::Nextflow, AnalysisKind::Cwl], &[1, 1]).is_none());
        let kinds = mixed().iter().map(Analysis::kind).collect::<Vec<_>>();
        assert!(parts(&all, &kinds, &[2, 2]).is_none());
        assert!(parts(&all, &kinds, &[2, 3]).is_some());
    }
}
