//! Submissions: creating each analysis of a manifest exactly once, also after failures.
//!
//! The contract is in [`exactly_once`](crate::exactly_once). No file imports one above it. From the
//! bottom up:
//!
//! - `analysis` and `manifest` are the input.
//! - `marks`, `body` and `chunker` cut it into chunks.
//! - `settings` and `stop` are the options of a run.
//! - `last_failure`, `report`, `event` and `progress` are its results.
//! - `errors` and `unfinished` have the errors of submissions.
//! - `set_aside` decides which failures end a run, and `schedule` when which chunk is sent.
//! - `api` has the requests to ICA.
//! - `run` is the state of a run.
//! - `matching` finds the rows whose analyses were found, `uncertain` decides about a chunk whose
//!   outcome is not known, and `search` searches ICA for a whole submission.
//! - `plan` is the step from manifest to chunks, `send` with `chunk_sender` that from chunks to
//!   batches, and `items` that from batches to item ids.
//! - `outcomes` reads the outcomes of all rows from the journal.
//! - `builder` and `input` are the [`Submission`] and its manifest, and `execute` joins the steps.
//! - `resolve` records the findings of a person, and `audit` compares the journal with ICA.

mod analysis;
mod api;
mod audit;
mod body;
mod builder;
mod chunk_sender;
mod chunker;
mod errors;
mod event;
mod execute;
mod input;
mod items;
mod last_failure;
mod manifest;
mod marks;
mod matching;
mod outcomes;
mod plan;
mod progress;
mod report;
mod resolve;
mod run;
mod schedule;
mod search;
mod send;
mod set_aside;
mod settings;
mod stop;
mod uncertain;
mod unfinished;

pub use crate::journal::{AnalysisKind, ChangedRows, DuplicateReferences, ManifestChanges, SubmissionCounts};
pub use analysis::Analysis;
pub use audit::{AuditCounts, AuditFinding, AuditProblem, SubmissionAudit};
pub use builder::Submission;
pub use event::{ChunkRows, SubmissionEvent};
pub use last_failure::LastFailure;
pub use outcomes::OutcomeStream;
pub use progress::{SubmissionProgress, SubmissionStream};
pub use report::{SubmissionOutcome, SubmissionReport, SubmittedAnalysis};
pub use settings::{OnChange, OnRejection};
pub use stop::StopHandle;
