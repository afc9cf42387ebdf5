#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod base_url;
mod batch;
mod call;
mod client;
pub mod clock;
mod create;
mod credentials;
mod error;
#[cfg(feature = "journal")]
#[doc = include_str!("submission/exactly_once.md")]
pub mod exactly_once {}
mod idempotency;
mod items;
#[cfg(feature = "journal")]
mod journal;
mod options;
mod pagination;
mod project;
pub mod retry;
mod secret;
#[cfg(feature = "journal")]
mod submission;
mod transport;
mod version;
mod wait;

pub use batch::{Batch, GetBatch};
pub use client::{Client, ClientBuilder};
pub use create::{CreateBatch, CreateBatchUnkeyed, CreatedBatch};
pub use credentials::{AccessToken, Credentials, Icav2Session, TokenFuture, TokenProvider};
pub use error::{Error, ErrorKind, Executed, GaveUp, Problem, Result};
pub use idempotency::IdempotencyKey;
pub use items::{
    AnalysisStatusExt, AnyItem, AnyVersion, BatchItem, Checkpoint, GetAnyItem, GetItem, ItemStream, Items, Listing,
    OffsetItems, PageStream, Summary,
};
#[cfg(feature = "journal")]
pub use journal::{ChunkState, Journal, JournalChunk, JournalEntry};
pub use project::Project;
#[cfg(feature = "journal")]
pub use submission::{
    Analysis, AnalysisKind, ChangedRows, DuplicateReferences, ManifestChanges, OnChange, OnRejection, Submission,
    SubmissionEvent, SubmissionOutcome, SubmissionProgress, SubmissionReport, SubmissionStream, SubmittedAnalysis,
};
pub use version::{ApiVersion, V3, V4, Version, VersionPolicy};
pub use wait::{End, EndedItem, Interval, Progress, ProgressStream, Settled, Settlement, Wait};

/// The types of requests and answers, generated from ICA's description.
///
/// Types that requests are made of have a typed builder; enums that answers carry are open to values that are
/// newer than this crate.
pub use ica_batch_sdk::types;

pub use uuid::Uuid;
