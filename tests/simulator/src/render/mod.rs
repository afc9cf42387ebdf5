//! Answers, written straight to bytes.

pub(crate) mod batch;
pub(crate) mod item;
pub(crate) mod json;
pub(crate) mod surroundings;
