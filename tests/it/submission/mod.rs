//! Submitting a manifest exactly once.

mod basics;
mod changes;
mod child;
mod expiry;
mod fixture;
mod journal;
mod killed;
mod locks;
mod rejection;
mod schedules;
