#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod answer;
mod auth;
mod batch;
mod builder;
mod call;
mod clock;
mod compress;
mod connection;
mod core;
mod create;
mod execute;
mod existing;
mod fate;
mod faults;
mod hold;
mod idempotency;
mod lifecycle;
mod listing;
mod negotiate;
mod operation;
mod paging;
mod problem;
mod record;
mod render;
mod server;
mod simulator;
mod state;
mod validate;

pub use crate::auth::TokenOrigin;
pub use crate::batch::{BatchId, SeedOptions};
pub use crate::builder::{EndOfList, JobStyle, NullStyle, SimulatorBuilder};
pub use crate::clock::Clock;
pub use crate::existing::{BatchRecord, ItemRecord};
pub use crate::fate::Fate;
pub use crate::faults::{Fault, FaultKind, FaultPlan, Faults, RetryAfter, StallFor};
pub use crate::hold::HeldCreates;
pub use crate::lifecycle::{AnalysisStatus, Lifecycle};
pub use crate::negotiate::ApiVersion;
pub use crate::operation::Operation;
pub use crate::problem::Code;
pub use crate::record::RecordedRequest;
pub use crate::simulator::Simulator;
