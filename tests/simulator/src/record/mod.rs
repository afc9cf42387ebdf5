//! Records for tests: the requests that arrived, and the batches that exist.

pub(crate) mod batches;
pub(crate) mod requests;
