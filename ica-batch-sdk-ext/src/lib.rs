// The README shows submissions, so its examples compile with the feature `journal` only.
#![cfg_attr(feature = "journal", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "journal"),
    doc = "Starts analyses on Illumina Connected Analytics (ICA) in batches, each exactly once.\n\nBegin with [`Client`]. The README of the crate has a first program and the concepts."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
// A byte position in foreign text may be inside a character.
#![warn(clippy::string_slice)]

// Facade.
mod client;
mod project;

// Cohort: submissions and their journal.
#[cfg(feature = "journal")]
mod journal;
#[cfg(feature = "manifest")]
mod manifest;
#[cfg(feature = "journal")]
mod submission;

// Families of batches, analyses, and what requests name.
mod analyses;
mod analysis_batch;
mod data;
mod job;
mod pipelines;
mod sample_batch;

// Shape: generic over families and lists.
mod batch;
mod paging;

// Calls.
mod call;
mod credentials;
pub mod pace;
pub mod retry;

// Ground.
mod base_url;
pub mod clock;
mod error;
mod idempotency;
mod secret;
mod transport;
mod version;

#[cfg_attr(feature = "journal", doc = include_str!("guide/index.md"))]
#[cfg_attr(
    not(feature = "journal"),
    doc = "A guide to this crate. Most of its chapters need the feature `journal`."
)]
pub mod guide;

#[cfg(feature = "journal")]
#[doc = include_str!("submission/exactly_once.md")]
pub mod exactly_once {}

#[doc = include_str!("trust.md")]
pub mod trust {}

pub use analyses::{
    AbortAnalysis, Analyses, AnalysisDetails, AnalysisStatusExt, AnyAnalysis, GetAnalysis, GetAnalysisOutputs,
    GetAnalysisSteps, ReadAnalysis, SearchAnalyses,
};
pub use analysis_batch::{AnalysisCreation, AnalysisItem, AnyAnalysisItem};
pub use batch::{
    AnyItemVersion, AnyVersion, Batch, BatchItem, CreateBatch, CreateKey, CreatedBatch, CreationState, Family,
    FinishedItem, GetBatch, GetItem, ItemOutcome, ItemSummaries, ItemVersion, Items, JobState, Listing, NoKey, NoRun,
    OffsetItems, PollInterval, Progress, ProgressStream, Reading, RunState, Status, Summary, Wait, WaitReport,
    WaitUntil,
};
pub use client::{Client, ClientBuilder};
pub use credentials::{AccessToken, CallerIdentity, Credentials, Icav2Session, TokenFuture, TokenProvider};
pub use data::{
    DataFilter, DataHandle, GetData, ListData, PathCache, PathFailure, PathFailureReason, ProjectDataExt, ResolvePaths,
    ResolvedData, ResolvedPaths,
};
pub use error::{Error, ErrorKind, Execution, Problem, Result, RetryStopReason};
pub use idempotency::{IdempotencyKey, InvalidIdempotencyKey};
#[cfg(feature = "journal")]
pub use journal::{
    ChunkState, Journal, JournalChunk, JournalEntry, JournalOptions, StatusCounts, StatusHistory, SubmissionState,
    Verification,
};
#[cfg(feature = "manifest")]
pub use manifest::{
    CheckedManifest, DefaultValue, ManifestAnalyses, ManifestDefaults, ManifestFile, ManifestFormat, ManifestProblem,
    ManifestProblems, ManifestRow, ManifestRows, ManifestValue, Preflight, PreflightCode, PreflightPipeline,
    PreflightProgress, PreflightReport,
};
pub use paging::{Checkpoint, ItemStream, PageStream};
pub use pipelines::{FindPipeline, FindStorage, ListPipelines, ListStorages, Pipelines, Storages};
pub use project::Project;
pub use sample_batch::SampleCreation;
#[cfg(feature = "journal")]
pub use submission::{
    AbortReport, Analysis, AnalysisKind, AuditCounts, AuditFinding, AuditProblem, BadRow, BadRows, ChangedRows,
    ChunkRows, CreatedElsewhere, DuplicateReferences, FailedAnalysis, LastFailure, ManifestChanges, OnChange,
    OnRejection, OutcomeStream, RowElsewhere, StopHandle, Submission, SubmissionAudit, SubmissionCounts,
    SubmissionEvent, SubmissionOutcome, SubmissionProgress, SubmissionReport, SubmissionStream, SubmissionWait,
    SubmissionWaitProgress, SubmissionWaitReport, SubmittedAnalysis,
};
pub use version::{ApiVersion, V3, V4, Version, VersionPolicy};

/// Types of requests and responses, generated from ICA's description.
///
/// Types of requests have a typed builder. Enums in responses accept values that are newer than
/// this crate.
pub use ica_batch_sdk::types;

pub use ica_batch_sdk::{InvalidText, UnknownValue};

pub use uuid::Uuid;
