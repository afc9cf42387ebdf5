//! Response bodies that all families share.

pub(crate) mod common;
pub(crate) mod pipeline;
pub(crate) mod write_batch;
pub(crate) mod write_item;
