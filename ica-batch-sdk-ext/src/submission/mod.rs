//! Submissions: creating each analysis of a manifest exactly once, also after failures.
//!
//! The contract is in [`exactly_once`](crate::exactly_once). From the bottom up: `analysis` and `manifest`
//! are the input; `body` and `chunker` cut it into chunks; `settings`, `report` and `progress`
//! are the options and results of a run; `errors` has the errors of submissions; `api` the requests to
//! ICA; `run` the state of a run. Its steps are `plan` (manifest to chunks), `send` with `chunk_sender` (chunks to
//! batches) and `items` (batches to item ids). `builder` joins them to a [`Submission`], and `resolve` adds
//! what a person records. No file imports one above it.

mod analysis;
mod api;
mod body;
mod builder;
mod chunk_sender;
mod chunker;
mod errors;
mod items;
mod manifest;
mod plan;
mod progress;
mod report;
mod resolve;
mod run;
mod send;
mod settings;

pub use crate::journal::{AnalysisKind, ChangedRows, DuplicateReferences, ManifestChanges, SubmissionCounts};
pub use analysis::Analysis;
pub use builder::Submission;
pub use progress::{SubmissionEvent, SubmissionProgress, SubmissionStream};
pub use report::{SubmissionOutcome, SubmissionReport, SubmittedAnalysis};
pub use settings::{OnChange, OnRejection};
