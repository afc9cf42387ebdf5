//! Submitting a manifest exactly once.

mod basics;
mod bench;
mod child;
mod killed;
