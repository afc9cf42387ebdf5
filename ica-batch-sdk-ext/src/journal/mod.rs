//! The journal: the plans, requests and outcomes of submissions.
//!
//! No file imports one above it. From the bottom up:
//!
//! - `time`, `kind`, `json`, `tasks` and `failures` are basics.
//! - `records`, `history`, `manifest_changes`, `elsewhere`, `naming`, `chunks`, `found`,
//!   `verification` and `steps` are the values, and `checksum` is computed of them.
//! - `expiry` decides whether a chunk may be sent.
//! - `store` has the operations of a journal, in the terms of submissions. `suite` tests any
//!   implementation, `memory` is one for tests.
//! - `file`, `lock_text` and `owner` know the file system: permissions, and the lock of the owner.
//! - `sqlite` is the store in an SQLite file.
//! - `handle` opens a journal. `browse` and `export` have the methods for users. Those for
//!   submissions are `lookups`, the `session` of a run, and its `comparing`.

mod browse;
mod checksum;
mod chunks;
mod comparing;
mod elsewhere;
mod expiry;
mod export;
mod failures;
mod file;
mod found;
mod handle;
mod history;
mod json;
mod kind;
mod lock_text;
mod lookups;
mod manifest_changes;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod model;
mod naming;
#[cfg(test)]
mod older_schemas;
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
pub use history::{StatusCounts, StatusHistory};
pub use kind::AnalysisKind;
pub use manifest_changes::{ChangedRows, DuplicateReferences, ManifestChanges};
pub use records::{ChunkState, JournalChunk, JournalEntry, SubmissionCounts, SubmissionState};
pub use verification::Verification;

pub(crate) use chunks::{Chunk, ManifestRow, PlannedChunk, Row, Sending, body_digest};
pub(crate) use comparing::{Comparison, Survey};
pub(crate) use expiry::Resend;
pub(crate) use found::{AdoptedRow, Adoption, ChunkRow, Differing, FoundAnalysis, Stranger};
pub(crate) use json::problem as serialize_problem;
pub(crate) use lookups::ReportStart;
pub(crate) use naming::{KeyVersion, Naming, canonical_name, is_chunk_mark, is_mark, is_row_mark, row_mark};
pub(crate) use records::SubmissionId;
pub(crate) use session::Session;
pub(crate) use steps::{
    Begin, CreatedResult, Differences, ExpiredChunk, Finish, Found, ItemsResult, ListedItem, NextChunk, Rejection,
    ReportRow, Resolution, SameName, StoredBody, TakenChunk, UnlistedChunk, UnrequestedItem,
};
pub(crate) use tasks::finished;
pub(crate) use time::rfc3339;
