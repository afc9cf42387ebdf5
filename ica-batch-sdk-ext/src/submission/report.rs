//! What became of each analysis of a submission.

use std::collections::BTreeSet;

use ica_batch_sdk::types::ItemStatus;
use uuid::Uuid;

use super::analysis::AnalysisKind;
use crate::error::{Problem, Result};
use crate::journal::items::{self, ReportRow};
use crate::journal::{ChunkState, Journal};

/// What became of a submission, analysis by analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmissionReport {
    name: String,
    analyses: Vec<SubmittedAnalysis>,
}

impl SubmissionReport {
    /// The submission's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every analysis, in the order in which they were recorded.
    pub fn analyses(&self) -> &[SubmittedAnalysis] {
        &self.analyses
    }

    /// How many analyses are in a batch.
    pub fn created(&self) -> usize {
        let is_created = |analysis: &&SubmittedAnalysis| analysis.outcome.batch().is_some();
        self.analyses.iter().filter(is_created).count()
    }

    /// How many analyses ICA rejected.
    pub fn rejected(&self) -> usize {
        let is_rejected = |outcome: &SubmissionOutcome| matches!(outcome, SubmissionOutcome::Rejected { .. });
        self.analyses
            .iter()
            .filter(|analysis| is_rejected(&analysis.outcome))
            .count()
    }

    /// Whether every analysis is created or rejected. Always so after a run that succeeded.
    pub fn is_complete(&self) -> bool {
        self.analyses
            .iter()
            .all(|analysis| analysis.outcome != SubmissionOutcome::Pending)
    }

    /// The batches, each once. [`Project::batch`](crate::Project::batch) waits for them.
    pub fn batches(&self) -> BTreeSet<Uuid> {
        self.analyses
            .iter()
            .filter_map(|analysis| analysis.outcome.batch())
            .collect()
    }
}

/// An analysis of a submission.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SubmittedAnalysis {
    /// Its place in the manifest, from 0. Rows that were taken in later come last.
    pub position: u64,
    /// The name that the manifest gives it.
    pub user_reference: String,
    /// Which kind it is.
    pub kind: AnalysisKind,
    /// The chunk that it was sent in.
    pub chunk: String,
    /// What became of it.
    pub outcome: SubmissionOutcome,
}

/// What became of an analysis.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SubmissionOutcome {
    /// It is in a batch.
    Created {
        /// The batch.
        batch: Uuid,
        /// Its item, once it was looked up.
        item: Option<Uuid>,
        /// Its analysis, once ICA has created it.
        analysis: Option<Uuid>,
        /// Whether ICA has created it, when it was last looked up. Creating may fail later, for this analysis alone.
        creation: Option<ItemStatus>,
    },
    /// ICA rejected it, and nothing was created.
    Rejected {
        /// The HTTP status.
        status: Option<u16>,
        /// What ICA says of it.
        problem: Option<Problem>,
    },
    /// It is to be sent, or was sent and not answered.
    Pending,
}

impl SubmissionOutcome {
    /// The batch that it is in.
    pub fn batch(&self) -> Option<Uuid> {
        match self {
            Self::Created { batch, .. } => Some(*batch),
            _ => None,
        }
    }
}

/// Reads the report from the journal.
pub(super) async fn read(journal: &Journal, name: &str, submission: i64) -> Result<SubmissionReport> {
    let analyses = journal.run(move |connection| {
        let mut analyses = Vec::new();
        items::report(connection, submission, |row| {
            analyses.push(submitted(row));
            Ok(())
        })?;
        Ok(analyses)
    });
    Ok(SubmissionReport {
        name: name.to_owned(),
        analyses: analyses.await?,
    })
}

fn submitted(row: ReportRow) -> SubmittedAnalysis {
    let outcome = match (row.state, row.batch) {
        (ChunkState::Created, Some(batch)) => SubmissionOutcome::Created {
            batch,
            item: row.item,
            analysis: row.analysis,
            creation: row.creation.map(|status| ItemStatus::from(status.as_str())),
        },
        (ChunkState::Rejected, _) => SubmissionOutcome::Rejected {
            status: row.status,
            problem: row.problem,
        },
        _ => SubmissionOutcome::Pending,
    };
    SubmittedAnalysis {
        position: row.position,
        user_reference: row.user_reference,
        kind: row.kind,
        chunk: row.chunk,
        outcome,
    }
}
