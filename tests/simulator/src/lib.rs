#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod api;
mod batch;
mod builder;
mod clock;
mod content;
mod families;
mod faults;
mod json;
#[cfg(feature = "cli")]
mod program;
mod random;
mod record;
mod seeds;
mod server;
mod service;
mod simulator;

pub use crate::api::auth::TokenOrigin;
pub use crate::api::family::Family;
pub use crate::api::operation::Operation;
pub use crate::api::problem::Code;
pub use crate::api::version::ApiVersion;
pub use crate::batch::fate::Fate;
pub use crate::batch::hold::HeldCreates;
pub use crate::batch::model::BatchId;
pub use crate::batch::render::write_batch::JobStyle;
pub use crate::batch::search::{TagMatch, TextMatch};
pub use crate::batch::seed::SeedOptions;
pub use crate::builder::SimulatorBuilder;
pub use crate::clock::Clock;
pub use crate::content::data::{DataPaths, DataStatus, SeedData};
pub use crate::content::pipelines::SeedPipeline;
pub use crate::families::analysis::status::AnalysisStatus;
pub use crate::families::lifecycle::Lifecycle;
pub use crate::faults::{Fault, FaultKind, FaultPlan, Faults, Outage, OutageKind, RateLimit, RetryAfter, StallFor};
#[cfg(feature = "cli")]
pub use crate::program::ProgramOptions;
pub use crate::record::batches::{BatchRecord, ItemRecord};
pub use crate::record::requests::RecordedRequest;
pub use crate::service::settings::{EndOfList, NullStyle};
pub use crate::simulator::Simulator;
