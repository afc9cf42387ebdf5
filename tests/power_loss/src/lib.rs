//! A disk that loses what was not synchronized, for SQLite, and the test of a journal on it.

mod disk;
#[cfg(test)]
mod test;

pub use disk::{Survival, install, power_failure};
