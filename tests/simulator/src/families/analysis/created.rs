//! The JSON of an analysis in both versions: about two kilobytes, most of it the pipeline.
//!
//! The pipeline and the storage are the same for every analysis of a pipeline. They are written
//! once per version and style, and then copied.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

use super::run::AnalysisState;
use super::status::AnalysisStatus;
use crate::api::version::ApiVersion;
use crate::batch::family::Created;
use crate::batch::render::common::{TENANT_NAME, fixed_id, has_fraction, long_ago, tags, v3_head};
use crate::json::{JsonWriter, Style};

const PIPELINE_CODE: &str = "Simulated Germline 4-3-6";
const PIPELINE_DESCRIPTION: &str = "A pipeline of the simulator. Its description is as long as those of real pipelines are, \
    because a listing repeats it with every analysis: alignment, small variant calling, copy number and structural variants, \
    quality metrics and a report, from FASTQ or from an aligned file, against one of several references.";
/// Limit of `reference` in the API description, in characters.
const LONGEST_REFERENCE: usize = 255;

/// The parts of an analysis that are the same for all analyses of a pipeline.
#[derive(Debug)]
struct Fragments {
    pipeline: Vec<u8>,
    storage: Vec<u8>,
}

type FragmentKey = (ApiVersion, Style, Box<str>);

/// The fragments of all pipelines.
#[derive(Debug, Default)]
pub(super) struct Pipelines {
    fragments: Mutex<HashMap<FragmentKey, Arc<Fragments>>>,
}

impl Pipelines {
    fn fragments(&self, version: ApiVersion, style: Style, pipeline_id: &str) -> Arc<Fragments> {
        let key = (version, style, pipeline_id.into());
        let mut known = self.fragments.lock();
        known
            .entry(key)
            .or_insert_with(|| Arc::new(Fragments::new(version, style, pipeline_id)))
            .clone()
    }
}

impl Fragments {
    fn new(version: ApiVersion, style: Style, pipeline_id: &str) -> Self {
        let written = |write: &dyn Fn(&mut JsonWriter)| {
            let mut w = JsonWriter::new(style);
            write(&mut w);
            w.finish()
        };
        let id = Uuid::parse_str(pipeline_id).unwrap_or_else(|_| fixed_id(pipeline_id));
        Self {
            pipeline: written(&|w| pipeline(w, version, id)),
            storage: written(&|w| storage(w, version)),
        }
    }
}

/// The parts of an analysis that its request decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Requested<'a> {
    pub(super) user_reference: &'a str,
    pub(super) pipeline_id: &'a str,
    /// Names and values of the three lists of tags.
    pub(super) tags: [(&'static str, &'a [String]); 3],
}

/// Writes an analysis.
pub(super) fn analysis(
    w: &mut JsonWriter,
    version: ApiVersion,
    pipelines: &Pipelines,
    requested: Requested<'_>,
    created: &Created<'_>,
    state: AnalysisState,
) {
    let fragments = pipelines.fragments(version, w.style(), requested.pipeline_id);
    let fraction = has_fraction(created.id);
    let status = match version {
        ApiVersion::V3 => state.status.v3(),
        ApiVersion::V4 => state.status.v4(),
    };
    w.object(|w| {
        match version {
            ApiVersion::V3 => v3_head(w, created.id, created.time, state.modified, created.owner.id),
            ApiVersion::V4 => v4_head(w, created.id, created.time, state.modified, created.owner.id),
        }
        w.text("reference", &reference(requested.user_reference, created.id));
        w.text("userReference", requested.user_reference);
        w.member("pipeline", |w| w.raw(&fragments.pipeline));
        w.optional("workflowSession", None, |w, ()| w.null());
        w.enum_member("status", status);
        w.nullable("startDate", state.started, |w, time| w.time(time, fraction));
        w.nullable("endDate", state.ended, |w, time| w.time(time, fraction));
        w.nullable("summary", summary(state.status), JsonWriter::string);
        w.optional("analysisStorage", Some(()), |w, ()| w.raw(&fragments.storage));
        w.nullable("analysisPriority", Some("MEDIUM"), JsonWriter::enum_value);
        w.member("tags", |w| tags(w, &requested.tags));
        w.nullable("application", None, |w, ()| w.null());
    });
}

fn summary(status: AnalysisStatus) -> Option<&'static str> {
    matches!(status, AnalysisStatus::Failed | AnalysisStatus::FailedFinal).then_some("The simulated run failed.")
}

/// Returns the name that ICA gives an analysis: the user reference, cut to fit the limit, the code of the pipeline, which
/// contains spaces, and a UUID.
pub(super) fn reference(user_reference: &str, id: Uuid) -> String {
    let tail = format!("-{PIPELINE_CODE}-{id}");
    let head: String = user_reference.chars().take(LONGEST_REFERENCE - tail.len()).collect();
    head + &tail
}

/// Writes the first members of every V4 object. Owner and tenant are objects.
fn v4_head(w: &mut JsonWriter, id: Uuid, created: DateTime<Utc>, modified: DateTime<Utc>, owner: Uuid) {
    let fraction = has_fraction(id);
    w.id("id", id);
    w.member("timeCreated", |w| w.time(created, fraction));
    w.member("timeModified", |w| w.time(modified, fraction));
    w.member("owner", |w| w.object(|w| w.id("id", owner)));
    w.member("tenant", |w| {
        w.object(|w| {
            w.id("id", fixed_id("tenant"));
            w.optional("name", Some(TENANT_NAME), JsonWriter::string);
        });
    });
}

fn pipeline(w: &mut JsonWriter, version: ApiVersion, id: Uuid) {
    let urn = format!("urn:ilmn:ica:pipeline:{id}#{}", PIPELINE_CODE.replace(' ', "_"));
    let owner = fixed_id("pipeline author");
    w.object(|w| {
        match version {
            ApiVersion::V3 => v3_head(w, id, long_ago(), long_ago(), owner),
            ApiVersion::V4 => v4_head(w, id, long_ago(), long_ago(), owner),
        }
        w.nullable("urn", Some(&urn), |w, urn| w.string(urn));
        w.text("code", PIPELINE_CODE);
        w.text("description", PIPELINE_DESCRIPTION);
        w.nullable("status", Some("RELEASED"), JsonWriter::enum_value);
        if version == ApiVersion::V4 {
            w.optional("statusAsString", Some("RELEASED"), JsonWriter::string);
        }
        w.enum_member("language", "NEXTFLOW");
        w.nullable("languageVersion", Some(()), |w, ()| language_version(w));
        w.member("pipelineTags", |w| {
            tags(w, &[("technicalTags", &["germline".to_owned()])])
        });
        w.member("analysisStorage", |w| storage(w, version));
        w.nullable("proprietary", Some(false), JsonWriter::boolean);
        w.optional("inputFormType", Some("JSON"), JsonWriter::enum_value);
        if version == ApiVersion::V4 {
            w.nullable("reportConfigs", Some(()), |w, ()| report_configs(w));
        }
        w.nullable("resources", None, |w, ()| w.null());
    });
}

fn language_version(w: &mut JsonWriter) {
    w.object(|w| {
        w.id("id", fixed_id("language version"));
        w.text("name", "24.10.2");
        w.enum_member("language", "NEXTFLOW");
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

fn storage(w: &mut JsonWriter, version: ApiVersion) {
    let id = fixed_id("analysis storage");
    w.object(|w| {
        match version {
            ApiVersion::V3 => v3_head(w, id, long_ago(), long_ago(), fixed_id("platform")),
            ApiVersion::V4 => w.id("id", id),
        }
        w.text("name", "Small");
        w.nullable("description", Some("1.2 TB"), JsonWriter::string);
    });
}
