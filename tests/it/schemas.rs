//! The generated types describe themselves as JSON schemas.

use ica_batch_sdk::types;
use schemars::schema_for;

#[test]
fn requests_and_responses_have_schemas() {
    let request = schema_for!(types::CreateAnalysisCreationBatch);
    let page = schema_for!(types::AnalysisCreationBatchItemPagedListV4);
    for (schema, needed) in [(&request, "CwlAnalysisInput"), (&page, "AnalysisStatus")] {
        let definitions = schema.as_object().unwrap()["$defs"].as_object().unwrap();
        assert!(definitions.contains_key(needed), "{:?}", definitions.keys());
    }
}

#[test]
fn the_schema_of_an_open_enum_allows_unknown_values() {
    let schema = serde_json::to_value(schema_for!(types::ItemStatus)).unwrap();
    let known = &schema["anyOf"][0]["enum"];
    assert_eq!(known.as_array().unwrap().len(), types::ItemStatus::KNOWN.len());
    assert_eq!(schema["anyOf"][1]["type"], "string");
}

#[test]
fn the_schema_of_a_checked_text_has_its_limits() {
    let schema = serde_json::to_value(schema_for!(types::UserReference)).unwrap();
    assert_eq!((&schema["minLength"], &schema["maxLength"]), (&1.into(), &255.into()));
    assert!(schema["pattern"].is_string());
}
