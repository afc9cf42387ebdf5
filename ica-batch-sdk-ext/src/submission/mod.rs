//! Submissions: creating each analysis of a manifest exactly once, also after failures.
//!
//! The contract is in [`exactly_once`](crate::exactly_once). No file imports one above it. From the
//! bottom up:
//!
//! - `analysis` and `manifest` are the input.
//! - `marks`, `body` and `chunker` cut it into chunks.
//! - `settings` and `stop` are the options of a run.
//! - `last_failure`, `outcome`, `report`, `wait_report`, `event` and `progress` are its results;
//!   `events` sends them to a `stream`.
//! - `errors` and `unfinished` have the errors of submissions, and `error_details` their values.
//! - `set_aside` decides which failures end a run, and `schedule` when which chunk is sent.
//! - `statuses` counts analyses that a search found, `followed` is the state of a batch that is waited
//!   for, `status_search` decides when the search is used, and `history` records the numbers of all
//!   by status over time.
//! - `api` has the requests to ICA.
//! - `run` is the state of a run.
//! - `matching` finds the rows whose analyses were found, `uncertain` decides about a chunk whose
//!   outcome is not known, `common_search` about many of them, and `search` searches ICA for a whole
//!   submission.
//! - `plan` is the step from manifest to chunks, `send` that from chunks to batches, and `items` that
//!   from batches to item ids. `sending` is the loop of `send`, `record` records outcomes, and
//!   `chunk_sender` sends one chunk.
//! - `outcomes` reads the outcomes of all rows from the journal.
//! - `builder` and `input` are the [`Submission`] and its manifest, and `execute` joins the steps.
//!   `ended` adds the report to an error that ends them.
//! - `wait` waits for the runs of a submission, and `follow` polls its batches. `follow_batches` reads
//!   them from the journal, `follow_search` searches for the statuses of all, and `follow_recorded` adds
//!   runs that the journal has as ended and ICA does not show.
//! - `request` reads requests back, `again` plans new attempts of rows, and
//!   `abort` aborts analyses.
//! - `resolve` records the findings of a person, and `audit` compares the journal with ICA.
//!   `audit_report` is its result.

mod abort;
mod again;
mod analysis;
mod api;
mod audit;
mod audit_report;
mod bad_rows;
mod body;
mod builder;
mod chunk_sender;
mod chunker;
mod clock_check;
mod common_search;
mod ended;
mod entry;
mod error_details;
mod errors;
mod event;
mod events;
mod execute;
mod follow;
mod follow_batches;
mod follow_recorded;
mod follow_search;
mod follow_state;
mod followed;
mod history;
mod input;
mod items;
mod last_failure;
mod manifest;
mod marks;
mod matching;
mod outcome;
mod outcomes;
mod plan;
mod progress;
mod record;
mod recorded_id;
mod report;
mod request;
mod resolve;
mod run;
mod schedule;
mod search;
mod search_errors;
mod send;
mod sending;
mod set_aside;
mod settings;
mod status_search;
mod statuses;
mod stop;
mod stream;
mod uncertain;
mod unfinished;
mod wait;
mod wait_report;

pub use crate::journal::{
    AnalysisKind, ChangedRows, CreatedElsewhere, DuplicateReferences, ManifestChanges, RowElsewhere, SubmissionCounts,
};
pub use abort::AbortReport;
pub use analysis::Analysis;
pub use audit_report::{AuditCounts, AuditFinding, AuditProblem, SubmissionAudit};
pub use bad_rows::{BadRow, BadRows};
pub use builder::Submission;
pub use event::{ChunkRows, SubmissionEvent};
pub use last_failure::LastFailure;
pub use outcome::{SubmissionOutcome, SubmittedAnalysis};
pub use outcomes::OutcomeStream;
pub use progress::SubmissionProgress;
pub use report::SubmissionReport;
pub use settings::{OnChange, OnRejection};
pub use stop::StopHandle;
pub use stream::SubmissionStream;
pub use wait::SubmissionWait;
pub use wait_report::{FailedAnalysis, SubmissionWaitProgress, SubmissionWaitReport};
