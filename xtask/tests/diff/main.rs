//! The comparison of descriptions: the examples of its rules, edits of the project's description, and
//! input that cannot be read.

mod edits;
mod examples;
mod fixture;
mod interface;
mod nothing_is_missed;
mod random;
mod reading;
mod updated;
