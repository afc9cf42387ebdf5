//! The behaviour that all families of batches share. Nothing here names a family.

pub(crate) mod body;
pub(crate) mod creation;
pub(crate) mod family;
pub(crate) mod fate;
pub(crate) mod hold;
pub(crate) mod idempotency;
pub(crate) mod model;
pub(crate) mod render;
pub(crate) mod search;
pub(crate) mod seed;
pub(crate) mod shape;
