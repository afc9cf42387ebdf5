//! The bytes of a create, put together from those of its analyses and taken apart again, so that an analysis is written
//! once and is the same to the byte in whatever chunk it is sent.

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::analysis::AnalysisKind;

/// The name of each kind's list in a request, in the order in which they are written.
const LISTS: [(AnalysisKind, &str); 3] = [
    (AnalysisKind::Cwl, "cwlItems"),
    (AnalysisKind::Nextflow, "nextflowItems"),
    (AnalysisKind::NextflowJson, "nextflowJsonItems"),
];

/// A request that is being put together.
#[derive(Debug, Default)]
pub(crate) struct BodyBuilder {
    /// The analyses of each kind, separated by commas.
    lists: [Vec<u8>; 3],
}

impl BodyBuilder {
    pub(crate) fn push(&mut self, kind: AnalysisKind, json: &[u8]) {
        let list = &mut self.lists[kind as usize];
        if !list.is_empty() {
            list.push(b',');
        }
        list.extend_from_slice(json);
    }

    /// How many bytes it comes to.
    pub(crate) fn len(&self) -> usize {
        let used = LISTS
            .iter()
            .map(|(kind, name)| (self.lists[*kind as usize].len(), name.len()))
            .filter(|(analyses, _)| *analyses > 0);
        // Quotes, a colon, brackets, and a comma or one of the braces; one brace more at the end.
        used.map(|(analyses, name)| analyses + name + 6).sum::<usize>() + 1
    }

    /// How many bytes it would come to with one analysis more.
    pub(crate) fn len_with(&self, kind: AnalysisKind, json: &[u8]) -> usize {
        let list = &self.lists[kind as usize];
        let added = match list.is_empty() {
            true => json.len() + LISTS[kind as usize].1.len() + 6,
            false => json.len() + 1,
        };
        self.len() + added
    }

    pub(crate) fn finish(self) -> Vec<u8> {
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

/// The two halves of a body whose analyses have these kinds, in the order of the manifest. None if the body is not of them, or there
/// is but one.
pub(crate) fn halves(body: &[u8], kinds: &[AnalysisKind]) -> Option<[Vec<u8>; 2]> {
    let lists: Lists<'_> = serde_json::from_slice(body).ok()?;
    let mut lists = [lists.cwl, lists.nextflow, lists.nextflow_json].map(Vec::into_iter);
    let mut parts = [BodyBuilder::default(), BodyBuilder::default()];
    let middle = kinds.len() / 2;
    for (place, kind) in kinds.iter().enumerate() {
        let json = lists[*kind as usize].next()?;
        parts[usize::from(place >= middle)].push(*kind, json.get().as_bytes());
    }
    let is_whole = lists.into_iter().all(|mut list| list.next().is_none());
    (is_whole && middle > 0).then(|| parts.map(BodyBuilder::finish))
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

/// Identifies an analysis by what it asks for.
pub(crate) fn analysis_digest(kind: AnalysisKind, json: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(kind.as_str());
    digest.update([0]);
    digest.update(json);
    digest.finalize().into()
}

/// Identifies a body: SHA-256 in lowercase hex.
pub(crate) fn body_digest(body: &[u8]) -> String {
    crate::idempotency::hex(&Sha256::digest(body))
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk::types::{
        CreateAnalysisCreationBatch, CreateCwlAnalysis, CreateNextflowAnalysis, CreateNextflowJsonAnalysis,
        CwlAnalysisInput, CwlAnalysisJsonInput, NextflowAnalysisInput,
    };

    use super::{BodyBuilder, halves};
    use crate::submission::analysis::{Analysis, AnalysisKind};

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
    fn it_is_what_the_request_type_is_written_as() {
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
    fn halves_hold_the_same_bytes_in_the_order_of_the_manifest() {
        let all = mixed();
        let kinds = all.iter().map(Analysis::kind).collect::<Vec<_>>();
        let [left, right] = halves(&body(&all), &kinds).unwrap();
        assert_eq!((left, right), (body(&all[..2]), body(&all[2..])));
    }

    #[test]
    fn what_does_not_fit_its_kinds_is_not_taken_apart() {
        let all = body(&mixed());
        assert!(halves(&all, &[AnalysisKind::Cwl; 5]).is_none());
        assert!(halves(&all, &[AnalysisKind::Nextflow, AnalysisKind::Cwl]).is_none());
        assert!(halves(&body(&mixed()[..1]), &[AnalysisKind::Nextflow]).is_none());
        assert!(halves(b"{}", &[]).is_none());
    }
}
