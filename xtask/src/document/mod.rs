//! Tools for OpenAPI documents that the passes and the emitter share. Each knows OpenAPI and the
//! marks, and no pass.

pub mod marks;
pub(crate) mod names;
pub(crate) mod paths;
pub(crate) mod reach;
pub(crate) mod union;
pub(crate) mod values;
pub(crate) mod walk;

#[cfg(test)]
pub(crate) mod fixture;
