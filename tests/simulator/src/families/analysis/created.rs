//! The JSON of an analysis in both versions: about two kilobytes, most of it the pipeline.
//!
//! The pipeline and the storage are the same for every analysis of a pipeline. They are written
//! once per version and style, and then copied.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use uuid::Uuid;

use super::run::AnalysisState;
use super::status::AnalysisStatus;
use crate::api::version::ApiVersion;
use crate::batch::family::Created;
use crate::batch::render::common::{fixed_id, has_fraction, tags, v3_head, v4_head};
use crate::batch::render::pipeline::{PIPELINE_CODE, PipelineFacts, SMALL, pipeline, storage};
use crate::json::{JsonWriter, Style};

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
            pipeline: written(&|w| pipeline(w, version, &PipelineFacts::usual(id))),
            storage: written(&|w| storage(w, version, &SMALL)),
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
