//! Responses that all families share, written straight to bytes.

pub(crate) mod batch;
pub(crate) mod item;
pub(crate) mod surroundings;
