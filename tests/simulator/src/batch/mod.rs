//! The behaviour that all families of batches share: no family is named here.

pub(crate) mod batches;
pub(crate) mod creation;
pub(crate) mod family;
pub(crate) mod fate;
pub(crate) mod hold;
pub(crate) mod idempotency;
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod seed;
