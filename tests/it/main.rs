//! The workspace's crates, used as a consumer would use them.

mod api;
mod create;
mod credentials;
mod errors;
mod examples;
mod freshness;
mod fuzz;
mod hostile;
mod items;
mod layers;
mod leniency;
mod matrix;
mod paging;
mod recorder;
mod retry;
mod samples;
mod schemas;
mod secrets;
mod setup;
mod snapshots;
mod source;
mod submission;
mod telemetry;
mod versions;
mod wait;
mod wire;
