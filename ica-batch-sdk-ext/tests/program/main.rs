//! Tests of the program `ica-batch`: each runs it as a user does, against a simulator in this
//! process.

mod abort;
mod audit;
mod cohort;
mod harness;
mod items;
mod journal;
mod status;
