//! Content of projects that requests name: data, pipelines and storage sizes.

pub(crate) mod data;
pub(crate) mod filter;
pub(crate) mod pipelines;
pub(crate) mod project;
pub(crate) mod write_data;
