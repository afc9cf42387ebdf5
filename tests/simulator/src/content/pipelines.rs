//! Pipelines that a test adds.

use uuid::Uuid;

use super::data::project_uuid;
use crate::batch::render::pipeline::PipelineFacts;

/// A pipeline for [`Simulator::seed_pipeline`](crate::Simulator::seed_pipeline): a released Nextflow
/// pipeline with a JSON form, unless set otherwise.
///
/// ```
/// use ica_simulator::{SeedPipeline, Simulator};
///
/// let simulator = Simulator::start();
/// let id = simulator.seed_pipeline(simulator.project_id(), SeedPipeline::new("Germline 4-3-6").language("CWL"));
/// assert_ne!(id, simulator.pipeline_id());
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing exists before it is seeded"]
pub struct SeedPipeline {
    code: String,
    id: Option<Uuid>,
    status: &'static str,
    language: &'static str,
    input_form: &'static str,
}

impl SeedPipeline {
    /// Returns a pipeline with this code. Several pipelines may have the same code if their ids
    /// differ.
    pub fn new(code: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            id: None,
            status: "RELEASED",
            language: "NEXTFLOW",
            input_form: "JSON",
        }
    }

    /// Sets the id; by default it follows from the project and the code.
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Makes it a draft, and not a released pipeline.
    pub fn draft(mut self) -> Self {
        self.status = "DRAFT";
        self
    }

    /// Sets the language: `NEXTFLOW`, `CWL` or `UNKNOWN`.
    pub fn language(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// Sets the type of the input form: `XML` or `JSON`.
    pub fn input_form(mut self, input_form: &'static str) -> Self {
        self.input_form = input_form;
        self
    }

    pub(super) fn facts(self, project: &str) -> PipelineFacts {
        let id = self.id.unwrap_or_else(|| {
            let text = format!("pipeline {}", self.code);
            Uuid::new_v3(&project_uuid(project), text.as_bytes())
        });
        PipelineFacts {
            code: self.code,
            status: self.status,
            language: self.language,
            input_form: self.input_form,
            ..PipelineFacts::usual(id)
        }
    }
}
