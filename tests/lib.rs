//! The tests of the workspace: `it/` is one program that uses the crates as a consumer would.
//!
//! The library is empty. Its package turns on `regenerate` of ica-batch-sdk, so whenever the workspace is built, the
//! client is generated from the description as it stands, and every test runs against that.
