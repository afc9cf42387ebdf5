//! Checks the body of a create against the limits of the public API description.

mod shape;
mod tables;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::batch::Requested;
use crate::fate::{Fate, Fates};
use crate::problem::{Code, Problem};

/// What is checked beyond the description.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyRules {
    pub(crate) most_analyses: Option<usize>,
    pub(crate) refuse_unknown_members: bool,
}

/// The three lists of a request, in the order in which their analyses become items.
const LISTS: [&str; 3] = ["cwlItems", "nextflowItems", "nextflowJsonItems"];

/// The analyses that a body asks for, or a problem whose `parameters` name every place that is wrong.
pub(crate) fn read(body: &[u8], rules: BodyRules, fates: &Fates) -> Result<Vec<Requested>, Problem> {
    let json: Value = serde_json::from_slice(body).map_err(|error| {
        Problem::new(Code::InvalidRequest, format!("The body is not JSON: {error}."))
            .parameter("body", error.to_string())
    })?;
    let mut faulty = shape::Violations::new(rules.refuse_unknown_members);
    faulty.check(&json, &tables::CREATE_BATCH, "");
    let faulty = faulty.found();
    if !faulty.is_empty() {
        return Err(refused(
            "The body is not as the API description says; see the parameters.",
            faulty,
        ));
    }
    let entries = LISTS.iter().filter_map(|list| json[list].as_array()).flatten();
    let analyses: Vec<_> = entries.map(requested).collect();
    check_number(&analyses, rules)?;
    check_fates(&analyses, fates)?;
    Ok(analyses)
}

fn check_number(analyses: &[Requested], rules: BodyRules) -> Result<(), Problem> {
    if analyses.is_empty() {
        let places = LISTS.map(|list| {
            (
                list.to_owned(),
                "at least one analysis is needed in one of the lists".to_owned(),
            )
        });
        return Err(refused("The batch has no analysis; add at least one.", places.into()));
    }
    match rules.most_analyses {
        Some(most) if analyses.len() > most => {
            let detail = format!(
                "A batch has at most {most} analyses, not {}; send several batches.",
                analyses.len()
            );
            Err(Problem::new(Code::InvalidRequest, detail).parameter("maximum", most.to_string()))
        }
        _ => Ok(()),
    }
}

fn check_fates(analyses: &[Requested], fates: &Fates) -> Result<(), Problem> {
    let rejected = analyses
        .iter()
        .filter(|analysis| fates.of(&analysis.user_reference) == Fate::RejectRequest);
    let named: BTreeMap<_, _> = rejected
        .map(|a| (a.user_reference.to_string(), "this analysis is rejected".to_owned()))
        .collect();
    if named.is_empty() {
        Ok(())
    } else {
        Err(refused("Some analyses are rejected; see the parameters.", named))
    }
}

fn refused(detail: &str, parameters: BTreeMap<String, String>) -> Problem {
    let mut problem = Problem::new(Code::InvalidRequest, detail);
    problem.parameters = parameters;
    problem
}

fn requested(analysis: &Value) -> Requested {
    let text = |name: &str| analysis[name].as_str().unwrap_or_default().into();
    let tags = |name: &str| {
        let tags = analysis["tags"][name].as_array().into_iter().flatten();
        tags.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    Requested {
        user_reference: text("userReference"),
        pipeline_id: text("pipelineId"),
        technical_tags: tags("technicalTags"),
        user_tags: tags("userTags"),
        reference_tags: tags("referenceTags"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(body: Value) -> Result<usize, BTreeMap<String, String>> {
        let rules = BodyRules {
            most_analyses: Some(3),
            refuse_unknown_members: true,
        };
        read(body.to_string().as_bytes(), rules, &Fates::default())
            .map(|a| a.len())
            .map_err(|p| p.parameters)
    }

    fn nextflow(user_reference: &str) -> Value {
        json!({ "userReference": user_reference, "pipelineId": "p", "analysisInput": { "inputs": [] } })
    }

    #[test]
    fn every_kind_of_analysis_is_taken() {
        let body = json!({
            "cwlItems": [{ "userReference": "a/b c", "pipelineId": "p", "tags": { "userTags": ["t", null] },
                "analysisInput": { "objectType": "JSON", "inputJson": "{}", "mounts": null } }],
            "nextflowItems": [nextflow("n")],
            "nextflowJsonItems": [{ "userReference": "j", "pipelineId": "p",
                "inputFormValues": { "fields": [{ "id": "f", "values": ["1"] }] }, "logs": { "logsFolderPath": "/a/b/" } }],
        });
        assert_eq!(check(body), Ok(3));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let place = |body| check(body).unwrap_err().into_keys().next().unwrap();
        assert_eq!(
            place(json!({ "nextflowItems": [nextflow("")] })),
            "nextflowItems[0].userReference"
        );
        assert_eq!(
            place(json!({ "nextflowItems": [nextflow("a"), nextflow("ä")] })),
            "nextflowItems[1].userReference"
        );
        assert_eq!(
            place(json!({ "nextflowItems": [nextflow(&"a".repeat(256))] })),
            "nextflowItems[0].userReference"
        );
        assert_eq!(
            place(json!({ "nextflowItems": [{}] })),
            "nextflowItems[0].analysisInput"
        );
        assert_eq!(place(json!({ "nextflowItems": {} })), "nextflowItems");
        assert_eq!(place(json!({ "items": [] })), "items");
        assert_eq!(place(json!([])), "body");
        assert_eq!(place(json!({})), "cwlItems");
        assert_eq!(place(json!({ "nextflowItems": vec![nextflow("a"); 4] })), "maximum");
        let cwl = |input: Value| {
            let analysis = json!({ "userReference": "a", "pipelineId": "p", "analysisInput": input });
            place(json!({ "cwlItems": [analysis] }))
        };
        assert_eq!(cwl(json!({ "inputs": [] })), "cwlItems[0].analysisInput.objectType");
        assert_eq!(
            cwl(json!({ "objectType": "JSON", "inputs": [] })),
            "cwlItems[0].analysisInput.inputJson"
        );
        assert_eq!(
            cwl(json!({ "objectType": "XML" })),
            "cwlItems[0].analysisInput.objectType"
        );
    }

    #[test]
    fn every_length_up_to_255_is_a_user_reference() {
        assert_eq!(check(json!({ "nextflowItems": [nextflow(&"a".repeat(255))] })), Ok(1));
        assert_eq!(check(json!({ "nextflowItems": [nextflow("run 1/sample_2-x")] })), Ok(1));
        assert!(check(json!({ "nextflowItems": [nextflow("a//b")] })).is_err());
    }
}
