//! The workspace's crates, used as a consumer would use them.

mod create;
mod errors;
mod freshness;
mod items;
mod leniency;
mod outline;
mod schemas;
mod setup;
mod snapshots;
mod wire;
