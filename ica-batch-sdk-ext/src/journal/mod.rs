//! The journal: the plans, requests and outcomes of submissions.
//!
//! No file imports one above it. From the bottom up:
//!
//! - `time`, `kind`, `json`, `tasks` and `failures` are basics.
//! - `records`, `manifest_changes`, `elsewhere`, `naming`, `chunks`, `verification` and `steps` are the values,
//!   and `checksum` is computed of them.
//! - `expiry` decides whether a chunk may be sent.
//! - `store` has the operations of a journal, in the terms of submissions. `suite` tests any
//!   implementation, `memory` is one for tests.
//! - `file` and `owner` know the file system: permissions, and the lock of the owner.
//! - `sqlite` is the store in an SQLite file.
//! - `handle` opens a journal. `browse` and `session` are the methods for users and for submissions.

mod browse;
mod checksum;
mod chunks;
mod elsewhere;
mod expiry;
mod failures;
mod file;
mod handle;
mod json;
mod kind;
mod manifest_changes;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod model;
mod naming;
#[cfg(test)]
mod opening;
mod owner;
mod records;
mod session;
mod sqlite;
mod steps;
mod store;
#[cfg(test)]
mod suite;
mod tasks;
mod time;
mod verification;

pub use elsewhere::{CreatedElsewhere, RowElsewhere};
pub use handle::{Journal, JournalOptions};
pub use kind::AnalysisKind;
pub use manifest_changes::{ChangedRows, DuplicateReferences, ManifestChanges};
pub use records::{ChunkState, JournalChunk, JournalEntry, SubmissionCounts};
pub use verification::Verification;

pub(crate) use chunks::{Chunk, ManifestRow, PlannedChunk, Row, body_digest};
pub(crate) use expiry::Resend;
pub(crate) use json::problem as serialize_problem;
pub(crate) use naming::{KeyVersion, Naming, is_chunk_mark};
pub(crate) use records::SubmissionId;
pub(crate) use session::{Comparison, Session, Survey};
pub(crate) use steps::{
    AdoptedRow, Adoption, Begin, ChunkRow, CreatedResult, Differences, Differing, ExpiredChunk, Finish, Found,
    FoundAnalysis, ItemsResult, ListedItem, NextChunk, Rejection, ReportRow, Resolution, SameName, Sending, StoredBody,
    TakenChunk, UnlistedChunk, UnrequestedItem,
};
pub(crate) use tasks::finished;
pub(crate) use time::rfc3339;
