//! The tests of the workspace: `it/` is one program that uses the crates as a consumer would.
//!
//! The library is empty. Its package turns on `regenerate` of ica-batch-sdk. So each build of the
//! workspace generates the client from the current description, and every test uses that client.
