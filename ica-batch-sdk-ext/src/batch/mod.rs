//! Batches of every family: creating, reading, listing items, and waiting.
//!
//! This folder knows no endpoint. Each type is generic over a [`Family`]. From the bottom up:
//!
//! - `status`, `key`, `target` and `foreign` are basics.
//! - `family` has the traits that a family implements.
//! - `handle` has [`Batch`].
//! - `create`, `get`, `items` and `wait` have the requests, each with the method of [`Batch`] that
//!   makes it.

mod create;
mod family;
mod foreign;
mod get;
mod handle;
mod identity;
mod implement;
mod items;
mod key;
mod status;
mod target;
mod wait;

#[cfg(feature = "journal")]
pub(crate) use create::send_for_id;
pub use create::{CreateBatch, CreatedBatch};
pub use family::{AnyItemVersion, BatchItem, Family, ItemSummaries, ItemVersion, Listing, Reading};
pub(crate) use family::{ItemQuery, Operations};
pub(crate) use foreign::ForeignTexts;
pub use get::GetBatch;
pub use handle::Batch;
pub(crate) use identity::check_id;
pub(crate) use implement::{any_item_version, item_version, list_page};
pub use items::{AnyVersion, GetItem, Items, OffsetItems, Summary};
pub(crate) use items::{get, list};
pub use key::{CreateKey, NoKey};
pub use status::{CreationState, JobState, NoRun, RunState, Status};
pub(crate) use target::{BoxedResult, ItemRequest};
pub use wait::{FinishedItem, ItemOutcome, PollInterval, Progress, ProgressStream, Wait, WaitReport, WaitUntil};
