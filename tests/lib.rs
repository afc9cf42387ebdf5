//! Parts that the tests of the workspace share. `it/` is one program that uses the crates as a
//! consumer would.
//!
//! The package turns on `regenerate` of ica-batch-sdk. So each build of the workspace generates the
//! client from the current description, and every test uses that client.

pub mod fuzz_targets;
pub mod hostile_server;
pub mod requests;
