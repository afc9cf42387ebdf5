//! The family of batches that create analyses.

pub(crate) mod run;
pub(crate) mod status;

mod created;
mod results;
mod schema;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use self::created::Pipelines;
use self::run::{AnalysisState, Runs};
use crate::api::family::Family;
use crate::api::version::ApiVersion;
use crate::batch::creation::Processing;
use crate::batch::family::{BatchFamily, Created, FamilyFacts, ItemRequest};
use crate::batch::render::common::tags;
use crate::batch::search::{Search, Searched};
use crate::json::JsonWriter;

static FACTS: FamilyFacts = FamilyFacts {
    family: Family::Analysis,
    one: "analysis",
    many: "analyses",
    subject_type: "AnalysisCreationBatch",
    created_member: "createdAnalysis",
    statuses: &[
        Processing::Running,
        Processing::WaitingResources,
        Processing::Succeeded,
        Processing::Failed,
    ],
    body: &schema::CREATE_BATCH,
    lists: &["cwlItems", "nextflowItems", "nextflowJsonItems"],
    job_information: "Some analyses could not be created.",
    information,
};

fn information(status: Processing) -> Option<&'static str> {
    (status == Processing::Failed).then_some("The analysis could not be created.")
}

/// Returns the id of a pipeline of seeded batches.
pub(crate) fn seeded_pipeline(group: usize) -> Uuid {
    Uuid::new_v3(&Uuid::NAMESPACE_OID, &group.to_be_bytes())
}

/// The family of batches that create analyses.
#[derive(Debug, Default)]
pub(crate) struct Analysis {
    shared: Arc<Shared>,
}

/// Settings and fragments that all analyses of one simulator share.
#[derive(Debug, Default)]
struct Shared {
    runs: Runs,
    pipelines: Pipelines,
}

/// The request for one analysis.
#[derive(Debug)]
struct Requested {
    user_reference: Box<str>,
    pipeline_id: Box<str>,
    technical_tags: Vec<String>,
    user_tags: Vec<String>,
    reference_tags: Vec<String>,
    aborted_at: Option<DateTime<Utc>>,
    shared: Arc<Shared>,
}

impl Analysis {
    pub(crate) fn new(runs: Runs) -> Self {
        let pipelines = Pipelines::default();
        Self {
            shared: Arc::new(Shared { runs, pipelines }),
        }
    }
}

impl BatchFamily for Analysis {
    fn facts(&self) -> &'static FamilyFacts {
        &FACTS
    }

    fn read(&self, entry: &Value) -> Box<dyn ItemRequest> {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().into();
        let tags = |name: &str| {
            let tags = entry["tags"][name].as_array().into_iter().flatten();
            tags.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Box::new(Requested {
            user_reference: text("userReference"),
            pipeline_id: text("pipelineId"),
            technical_tags: tags("technicalTags"),
            user_tags: tags("userTags"),
            reference_tags: tags("referenceTags"),
            aborted_at: None,
            shared: self.shared.clone(),
        })
    }

    fn seeded(&self, name: String, group: usize, technical_tags: &[String]) -> Box<dyn ItemRequest> {
        let pipeline = seeded_pipeline(group);
        Box::new(Requested {
            user_reference: name.into(),
            pipeline_id: pipeline.to_string().into(),
            technical_tags: technical_tags.to_vec(),
            user_tags: vec!["seeded".to_owned()],
            reference_tags: Vec::new(),
            aborted_at: None,
            shared: self.shared.clone(),
        })
    }
}

impl ItemRequest for Requested {
    fn name(&self) -> &str {
        &self.user_reference
    }

    fn write(&self, w: &mut JsonWriter) {
        w.text("userReference", &self.user_reference);
        w.text("pipelineId", &self.pipeline_id);
        w.member("tags", |w| tags(w, &self.tags()));
    }

    fn write_created(&self, w: &mut JsonWriter, version: ApiVersion, created: &Created<'_>) {
        let requested = created::Requested {
            user_reference: &self.user_reference,
            pipeline_id: &self.pipeline_id,
            tags: self.tags(),
        };
        let state = self.state(created);
        created::analysis(w, version, &self.shared.pipelines, requested, created, state);
    }

    fn created_status(&self, created: &Created<'_>) -> &'static str {
        self.state(created).status.v4()
    }

    fn is_found(&self, created: &Created<'_>, search: &Search) -> bool {
        if !self.shared.runs.is_found(created) {
            return false;
        }
        let searched = Searched {
            user_reference: &self.user_reference,
            technical_tags: &self.technical_tags,
            user_tags: &self.user_tags,
            reference_tags: &self.reference_tags,
        };
        let reference = || created::reference(&self.user_reference, created.id);
        search.matches(searched, || self.created_status(created), reference)
    }

    fn write_steps(&self, w: &mut JsonWriter, created: &Created<'_>) {
        results::steps(w, created, self.state(created));
    }

    fn write_outputs(&self, w: &mut JsonWriter, created: &Created<'_>, project: &str) {
        results::outputs(w, created, self.state(created), &self.user_reference, project);
    }

    fn abort(&mut self, now: DateTime<Utc>) -> bool {
        self.aborted_at.get_or_insert(now);
        true
    }
}

impl Requested {
    fn state(&self, created: &Created<'_>) -> AnalysisState {
        self.shared.runs.state(created, self.aborted_at)
    }

    fn tags(&self) -> [(&'static str, &[String]); 3] {
        [
            ("technicalTags", &self.technical_tags),
            ("userTags", &self.user_tags),
            ("referenceTags", &self.reference_tags),
        ]
    }
}
