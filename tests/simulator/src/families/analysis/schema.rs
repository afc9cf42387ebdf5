//! The request schemas of analyses in the public API description: names, limits, required and
//! nullable members.

use crate::batch::shape::Shape::{Limited, List, ListOfNullable, Object, OneOf, Tagged, Text, Uuid};
use crate::batch::shape::{Field, Shape, nullable, optional, required};

/// `CreateAnalysisCreationBatch`
pub(super) static CREATE_BATCH: Shape = Object(&[
    optional!("cwlItems", &List(&CWL_ANALYSIS)),
    optional!("nextflowItems", &List(&NEXTFLOW_ANALYSIS)),
    optional!("nextflowJsonItems", &List(&NEXTFLOW_JSON_ANALYSIS)),
]);

static USER_REFERENCE: Shape = Limited {
    least: 1,
    most: 255,
    pattern: Some("^[a-zA-Z0-9 _-]*(/[a-zA-Z0-9 _-]+)*$"),
};
static TEXTS: Shape = List(&Text);
static NULLABLE_TEXTS: Shape = ListOfNullable(&Text);

static CWL_ANALYSIS: Shape = Object(&[
    required!("analysisInput", &CWL_INPUT),
    required!("userReference", &USER_REFERENCE),
    required!("pipelineId", &Text),
    optional!("tags", &TAGS),
    nullable!("analysisStorageId", &Uuid),
    nullable!("outputParentFolderId", &Text),
    nullable!("logs", &LOGS),
    nullable!("analysisOutput", &ListOfNullable(&OUTPUT_MAPPING)),
    nullable!("activationCodeDetailId", &Uuid),
]);

static NEXTFLOW_ANALYSIS: Shape = Object(&[
    required!("analysisInput", &Object(STRUCTURED_INPUT)),
    required!("userReference", &USER_REFERENCE),
    required!("pipelineId", &Text),
    optional!("tags", &TAGS),
    nullable!("analysisStorageId", &Uuid),
    nullable!("outputParentFolderId", &Text),
    nullable!("logs", &LOGS),
    nullable!("analysisOutput", &ListOfNullable(&OUTPUT_MAPPING)),
    nullable!("activationCodeDetailId", &Uuid),
]);

static NEXTFLOW_JSON_ANALYSIS: Shape = Object(&[
    required!("inputFormValues", &FORM),
    required!("userReference", &USER_REFERENCE),
    required!("pipelineId", &Text),
    optional!("tags", &TAGS),
    nullable!("analysisStorageId", &Uuid),
    nullable!("outputParentFolderId", &Text),
    nullable!("logs", &LOGS),
    nullable!("analysisOutput", &ListOfNullable(&OUTPUT_MAPPING)),
]);

/// `CreateAnalysisTag`
static TAGS: Shape = Object(&[
    nullable!("technicalTags", &NULLABLE_TEXTS),
    nullable!("userTags", &NULLABLE_TEXTS),
    nullable!("referenceTags", &NULLABLE_TEXTS),
]);

/// `CreateAnalysisLogs`
static LOGS: Shape = Object(&[
    nullable!("logsFolderId", &Text),
    nullable!(
        "logsFolderPath",
        &Limited {
            least: 0,
            most: usize::MAX,
            pattern: Some("^/([^/]+/?)*")
        }
    ),
]);

/// `AnalysisOutputMapping`
static OUTPUT_MAPPING: Shape = Object(&[
    required!("sourcePath", &Text),
    optional!("type", &OneOf(&["FILE", "FOLDER"])),
    required!("targetProjectId", &Text),
    required!("targetPath", &Text),
    optional!("actionOnExist", &OneOf(&["OVERWRITE", "RENAME", "SKIP"])),
]);

/// `CwlAnalysisInput`, tagged by `objectType`
static CWL_INPUT: Shape = Tagged(&[("STRUCTURED", STRUCTURED_INPUT), ("JSON", JSON_INPUT)]);

/// `NextflowAnalysisInput`, and `CwlAnalysisStructuredInput` without its tag
static STRUCTURED_INPUT: &[Field] = &[
    required!("inputs", &List(&DATA_INPUT)),
    nullable!("parameters", &ListOfNullable(&PARAMETER)),
    nullable!("referenceDataParameters", &ListOfNullable(&REFERENCE_DATA)),
];

/// `CwlAnalysisJsonInput` without its tag
static JSON_INPUT: &[Field] = &[
    required!("inputJson", &Text),
    optional!("dataIds", &TEXTS),
    nullable!("mounts", &ListOfNullable(&MOUNT)),
    nullable!("externalData", &ListOfNullable(&EXTERNAL_DATA)),
];

/// `AnalysisDataInput`
static DATA_INPUT: Shape = Object(&[
    required!("parameterCode", &Text),
    optional!("dataIds", &TEXTS),
    nullable!("mounts", &ListOfNullable(&MOUNT)),
    nullable!("externalData", &ListOfNullable(&EXTERNAL_DATA)),
]);

/// `AnalysisInputDataMount`
static MOUNT: Shape = Object(&[required!("dataId", &Text), required!("mountPath", &Text)]);

/// `AnalysisInputExternalData`
static EXTERNAL_DATA: Shape = Object(&[
    required!("url", &Text),
    required!("type", &OneOf(&["s3", "http", "basespace"])),
    nullable!("mountPath", &Text),
    optional!("s3Details", &Object(&[nullable!("storageCredentialsId", &Uuid)])),
    optional!(
        "basespaceDetails",
        &Object(&[
            nullable!("workgroupId", &Text),
            nullable!("extensions", &Text),
            nullable!("pathPrefix", &Text)
        ]),
    ),
]);

/// `AnalysisParameterInput`
static PARAMETER: Shape = Object(&[
    optional!("code", &Text),
    nullable!("value", &Text),
    nullable!("multiValue", &NULLABLE_TEXTS),
]);

/// `AnalysisReferenceDataParameter`
static REFERENCE_DATA: Shape = Object(&[optional!("parameterCode", &Text), optional!("referenceDataId", &Uuid)]);

/// `NextflowJsonAnalysisInput`
static FORM: Shape = Object(&[
    optional!("fields", &List(&FORM_FIELD)),
    optional!("groups", &List(&FORM_GROUP)),
]);

/// `InputFormFieldValues`
static FORM_FIELD: Shape = Object(&[
    required!("id", &Text),
    nullable!("values", &NULLABLE_TEXTS),
    nullable!("dataValues", &ListOfNullable(&FORM_DATA)),
    nullable!("externalDataValues", &ListOfNullable(&EXTERNAL_DATA)),
]);

/// `InputFormData`
static FORM_DATA: Shape = Object(&[required!("dataId", &Text), optional!("mountPath", &Text)]);

/// `InputFormGroup`
static FORM_GROUP: Shape = Object(&[
    required!("id", &Text),
    optional!("values", &List(&Object(&[optional!("values", &List(&FORM_FIELD))]))),
]);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use crate::batch::body::{BodyRules, read};
    use crate::batch::fate::Fates;
    use crate::families::analysis::Analysis;

    fn check(body: Value) -> Result<usize, BTreeMap<String, String>> {
        let rules = BodyRules {
            most_items: Some(3),
            refuse_unknown_members: true,
            name_places: false,
        };
        read(
            &Analysis::default(),
            body.to_string().as_bytes(),
            rules,
            &Fates::default(),
        )
        .map(|a| a.len())
        .map_err(|p| p.parameters)
    }

    fn nextflow(user_reference: &str) -> Value {
        json!({ "userReference": user_reference, "pipelineId": "p", "analysisInput": { "inputs": [] } })
    }

    #[test]
    fn every_kind_of_analysis_is_accepted() {
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
    fn an_invalid_member_is_named_by_its_path() {
        let path = |body| check(body).unwrap_err().into_keys().next().unwrap();
        assert_eq!(
            path(json!({ "nextflowItems": [nextflow("")] })),
            "nextflowItems[0].userReference"
        );
        assert_eq!(
            path(json!({ "nextflowItems": [nextflow("a"), nextflow("ä")] })),
            "nextflowItems[1].userReference"
        );
        assert_eq!(
            path(json!({ "nextflowItems": [nextflow(&"a".repeat(256))] })),
            "nextflowItems[0].userReference"
        );
        assert_eq!(path(json!({ "nextflowItems": [{}] })), "nextflowItems[0].analysisInput");
        assert_eq!(path(json!({ "nextflowItems": {} })), "nextflowItems");
        assert_eq!(path(json!({ "items": [] })), "items");
        assert_eq!(path(json!([])), "body");
        assert_eq!(path(json!({})), "cwlItems");
        assert_eq!(path(json!({ "nextflowItems": vec![nextflow("a"); 4] })), "maximum");
        let cwl = |input: Value| {
            let analysis = json!({ "userReference": "a", "pipelineId": "p", "analysisInput": input });
            path(json!({ "cwlItems": [analysis] }))
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
    fn a_user_reference_has_up_to_255_characters() {
        assert_eq!(check(json!({ "nextflowItems": [nextflow(&"a".repeat(255))] })), Ok(1));
        assert_eq!(check(json!({ "nextflowItems": [nextflow("run 1/sample_2-x")] })), Ok(1));
        assert!(check(json!({ "nextflowItems": [nextflow("a//b")] })).is_err());
    }
}
