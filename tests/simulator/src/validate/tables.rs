//! The request schemas of the public API description, as tables: names, what is required, what is nullable, limits.

use super::shape::Shape::{Limited, List, ListOfNullable, Object, OneOf, Tagged, Text, Uuid};
use super::shape::{Field, Shape};

/// A member of an object. Plain literals, so that the tables can be nested in statics.
macro_rules! field {
    ($name:literal, $shape:expr, $required:literal, $nullable:literal) => {
        Field {
            name: $name,
            shape: $shape,
            required: $required,
            nullable: $nullable,
        }
    };
}

macro_rules! required {
    ($name:literal, $shape:expr $(,)?) => {
        field!($name, $shape, true, false)
    };
}

macro_rules! optional {
    ($name:literal, $shape:expr $(,)?) => {
        field!($name, $shape, false, false)
    };
}

macro_rules! nullable {
    ($name:literal, $shape:expr $(,)?) => {
        field!($name, $shape, false, true)
    };
}

/// `CreateAnalysisCreationBatch`
pub(super) static CREATE_BATCH: Shape = Object(&[
    optional!("cwlItems", &List(&CWL_ANALYSIS)),
    optional!("nextflowItems", &List(&NEXTFLOW_ANALYSIS)),
    optional!("nextflowJsonItems", &List(&NEXTFLOW_JSON_ANALYSIS)),
]);

static USER_REFERENCE: Shape = Limited {
    least: 1,
    most: 255,
    pattern: "^[a-zA-Z0-9 _-]*(/[a-zA-Z0-9 _-]+)*$",
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
            pattern: "^/([^/]+/?)*"
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

/// `CwlAnalysisInput`, told apart by `objectType`
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
