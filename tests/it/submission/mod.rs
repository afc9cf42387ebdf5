//! Submitting a manifest exactly once.

mod alive;
mod basics;
mod bench;
mod changed;
mod child;
mod expiry;
mod journal;
mod killed;
mod rejection;
mod schedules;
