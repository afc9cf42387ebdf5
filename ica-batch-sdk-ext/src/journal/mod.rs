//! The journal: the plans, requests and outcomes of submissions, in an SQLite file.
//!
//! No file imports one above it. From the bottom up:
//!
//! - `time`, `kind`, `json` and `database` are basics.
//! - `records`, `manifest_changes` and `chunks` are the values.
//! - `expiry` decides whether a chunk may be sent.
//! - `sender` has the processes at work.
//! - `planning`, `comparison`, `locks`, `outcomes` and `items` are functions over one connection,
//!   each function with one transaction.
//! - `open` and `handle` own the file.
//! - `browse` and `session` are the methods for users and for submissions.

mod browse;
mod chunks;
mod comparison;
mod database;
mod expiry;
mod handle;
mod items;
mod json;
mod kind;
mod locks;
mod manifest_changes;
#[cfg(test)]
mod model;
mod open;
mod outcomes;
mod planning;
mod records;
mod sender;
mod session;
mod tasks;
#[cfg(test)]
mod test_support;
mod time;

pub use handle::Journal;
pub use kind::AnalysisKind;
pub use manifest_changes::{ChangedRows, DuplicateReferences, ManifestChanges};
pub use records::{ChunkState, JournalChunk, JournalEntry, SubmissionCounts};

pub(crate) use chunks::{Chunk, ManifestRow, PlannedChunk, Row};
pub(crate) use comparison::{ChangePolicy, CommonPrefix, Comparison, InsertionPoint};
pub(crate) use expiry::Resend;
pub(crate) use items::{ItemsResult, ListedItem, ReportRow, UnlistedChunk, UnrequestedItem};
pub(crate) use json::problem as serialize_problem;
pub(crate) use locks::{ExpiredChunk, LockedChunk, NextChunk};
pub(crate) use outcomes::{CreatedResult, Lock, Rejection, Resolution};
pub(crate) use planning::{Begin, Finish, Found, Planner, SameName};
pub(crate) use records::SubmissionId;
pub(crate) use session::Session;
pub(crate) use tasks::finished;
pub(crate) use time::rfc3339;
