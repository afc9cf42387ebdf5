//! Pipelines and storage sizes, as a list of them and as analyses show them.

use uuid::Uuid;

use super::common::{fixed_id, long_ago, tags, v3_head, v4_head};
use crate::api::version::ApiVersion;
use crate::json::JsonWriter;

/// The code of every pipeline that no test has seeded.
pub(crate) const PIPELINE_CODE: &str = "Simulated Germline 4-3-6";
const PIPELINE_DESCRIPTION: &str = "A pipeline of the simulator. Its description is as long as those of real pipelines are, \
    because a listing repeats it with every analysis: alignment, small variant calling, copy number and structural variants, \
    quality metrics and a report, from FASTQ or from an aligned file, against one of several references.";

/// The properties in which pipelines differ.
#[derive(Clone, Debug)]
pub(crate) struct PipelineFacts {
    pub(crate) id: Uuid,
    pub(crate) code: String,
    pub(crate) description: String,
    pub(crate) status: &'static str,
    pub(crate) language: &'static str,
    pub(crate) input_form: &'static str,
}

impl PipelineFacts {
    /// Returns the properties of a pipeline that only its id names.
    pub(crate) fn usual(id: Uuid) -> Self {
        Self {
            id,
            code: PIPELINE_CODE.to_owned(),
            description: PIPELINE_DESCRIPTION.to_owned(),
            status: "RELEASED",
            language: "NEXTFLOW",
            input_form: "JSON",
        }
    }

    /// Returns the URN. Its hint has no spaces.
    pub(crate) fn urn(&self) -> String {
        format!("urn:ilmn:ica:pipeline:{}#{}", self.id, self.code.replace(' ', "_"))
    }
}

/// A storage size for analyses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Storage {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
}

pub(crate) static SMALL: Storage = Storage {
    name: "Small",
    description: "1.2 TB",
};

/// All storage sizes.
pub(crate) static STORAGES: [Storage; 4] = [
    SMALL,
    Storage {
        name: "Medium",
        description: "2.4 TB",
    },
    Storage {
        name: "Large",
        description: "7.2 TB",
    },
    Storage {
        name: "XLarge",
        description: "16 TB",
    },
];

impl Storage {
    pub(crate) fn id(&self) -> Uuid {
        match self.name {
            "Small" => fixed_id("analysis storage"),
            name => fixed_id(&format!("analysis storage {name}")),
        }
    }
}

/// Writes a pipeline.
pub(crate) fn pipeline(w: &mut JsonWriter, version: ApiVersion, facts: &PipelineFacts) {
    let owner = fixed_id("pipeline author");
    w.object(|w| {
        match version {
            ApiVersion::V3 => v3_head(w, facts.id, long_ago(), long_ago(), owner),
            ApiVersion::V4 => v4_head(w, facts.id, long_ago(), long_ago(), owner),
        }
        w.nullable("urn", Some(facts.urn()), |w, urn| w.string(&urn));
        w.text("code", &facts.code);
        w.text("description", &facts.description);
        w.nullable("status", Some(facts.status), JsonWriter::enum_value);
        if version == ApiVersion::V4 {
            w.optional("statusAsString", Some(facts.status), JsonWriter::string);
        }
        w.enum_member("language", facts.language);
        w.nullable("languageVersion", Some(()), |w, ()| language_version(w, facts.language));
        w.member("pipelineTags", |w| {
            tags(w, &[("technicalTags", &["germline".to_owned()])])
        });
        w.member("analysisStorage", |w| storage(w, version, &SMALL));
        w.nullable("proprietary", Some(false), JsonWriter::boolean);
        w.optional("inputFormType", Some(facts.input_form), JsonWriter::enum_value);
        if version == ApiVersion::V4 {
            w.nullable("reportConfigs", Some(()), |w, ()| report_configs(w));
        }
        w.nullable("resources", None, |w, ()| w.null());
    });
}

fn language_version(w: &mut JsonWriter, language: &str) {
    w.object(|w| {
        w.id("id", fixed_id("language version"));
        w.text("name", "24.10.2");
        w.enum_member("language", language);
    });
}

fn report_configs(w: &mut JsonWriter) {
    w.object(|w| {
        w.optional(
            "configs",
            Some([("Report", ".*report.html$"), ("Metrics", ".*metrics.json$")]),
            |w, configs| {
                w.array(configs, |w, (name, regex)| {
                    w.object(|w| {
                        w.text("name", name);
                        w.text("regex", regex);
                        w.nullable("format", None, JsonWriter::string);
                    });
                });
            },
        );
    });
}

/// Writes a storage size.
pub(crate) fn storage(w: &mut JsonWriter, version: ApiVersion, storage: &Storage) {
    w.object(|w| {
        match version {
            ApiVersion::V3 => v3_head(w, storage.id(), long_ago(), long_ago(), fixed_id("platform")),
            ApiVersion::V4 => w.id("id", storage.id()),
        }
        w.text("name", storage.name);
        w.nullable("description", Some(storage.description), JsonWriter::string);
    });
}
