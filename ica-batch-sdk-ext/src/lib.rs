#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod base_url;
mod batch;
mod call;
mod client;
mod create;
mod credentials;
mod error;
mod idempotency;
mod items;
pub mod pagination;
mod project;
mod secret;
mod version;

pub use batch::{Batch, GetBatch};
pub use client::{Client, ClientBuilder};
pub use create::{CreateBatch, CreatedBatch};
pub use credentials::Credentials;
pub use error::{Error, ErrorKind, Executed, Problem, Result};
pub use idempotency::IdempotencyKey;
pub use items::{GetItem, ItemStream, Items};
pub use project::Project;
pub use version::{ApiVersion, V3, V4, Version};

/// The types of requests and answers, generated from ICA's description.
///
/// Types that requests are made of have a typed builder; enums that answers carry are open to values that are
/// newer than this crate.
pub use ica_batch_sdk::types;

pub use uuid::Uuid;
