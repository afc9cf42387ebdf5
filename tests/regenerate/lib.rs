//! Turns on the feature `regenerate` of ica-batch-sdk in each build that has this package.
//!
//! The package is a default member of the workspace, so `cargo build` and `cargo run --example …`
//! compile the current description. The package `ica-batch-tests` does the same, but is not a
//! default member: it also turns on the feature `journal`, and SQLite takes longer to compile than
//! all other packages together.
