//! Submissions: creating each analysis of a manifest exactly once, also after failures.
//!
//! The contract is in [`exactly_once`](crate::exactly_once). No file imports one above it. From the
//! bottom up:
//!
//! - `analysis` and `manifest` are the input.
//! - `body` and `chunker` cut it into chunks.
//! - `settings`, `report` and `progress` are the options and results of a run.
//! - `errors` has the errors of submissions.
//! - `api` has the requests to ICA.
//! - `run` is the state of a run.
//! - `plan` is the step from manifest to chunks, `send` with `chunk_sender` that from chunks to
//!   batches, and `items` that from batches to item ids.
//! - `outcomes` reads the outcomes of all rows from the journal.
//! - `builder` joins the steps to a [`Submission`].
//! - `resolve` records the findings of a person.

mod analysis;
mod api;
mod bad_rows;
mod body;
mod builder;
mod chunk_sender;
mod chunker;
mod clock_check;
mod errors;
mod items;
mod manifest;
mod outcomes;
mod plan;
mod progress;
mod recorded_id;
mod report;
mod resolve;
mod run;
mod send;
mod settings;

pub use crate::journal::{AnalysisKind, ChangedRows, DuplicateReferences, ManifestChanges, SubmissionCounts};
pub use analysis::Analysis;
pub use bad_rows::{BadRow, BadRows};
pub use builder::Submission;
pub use outcomes::OutcomeStream;
pub use progress::{SubmissionEvent, SubmissionProgress, SubmissionStream};
pub use report::{SubmissionOutcome, SubmissionReport, SubmittedAnalysis};
pub use settings::{OnChange, OnRejection};
