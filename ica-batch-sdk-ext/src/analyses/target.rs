//! The analysis that a request is about.

use std::sync::Arc;

use uuid::Uuid;

use super::Analyses;
use crate::call::{Call, CallOverrides, Core};

/// Request about one analysis, with the options of its calls.
#[derive(Debug, Clone)]
pub struct AnalysisRequest {
    pub(super) core: Core,
    pub(super) project: Arc<str>,
    pub(super) id: Uuid,
    pub(super) overrides: CallOverrides,
}

impl AnalysisRequest {
    pub(super) fn new(analyses: &Analyses, id: Uuid) -> Self {
        Self {
            core: analyses.core.clone(),
            project: Arc::clone(&analyses.project),
            id,
            overrides: CallOverrides::default(),
        }
    }

    /// Returns a call of this operation. `action` completes "could not …" in errors, before the id
    /// of the analysis.
    pub(super) fn call(&self, operation: &'static str, action: &str) -> Call {
        let call = self.core.call(operation, format!("{action} analysis {}", self.id));
        call.overrides(&self.overrides)
    }

    /// Returns the id as the raw client takes it.
    pub(super) fn id(&self) -> String {
        self.id.to_string()
    }
}
