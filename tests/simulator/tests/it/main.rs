//! Tests of the simulator with an HTTP client.

mod analyses;
mod auth;
mod conditions;
mod content;
mod create;
mod faults;
mod idempotency;
mod lifecycle;
mod listing;
mod record;
mod samples;
mod support;
mod versions;
