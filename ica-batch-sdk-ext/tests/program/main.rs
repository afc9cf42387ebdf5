//! Tests of the program `ica-batch`: each runs it as a user does, against a simulator in this
//! process.

mod cohort;
mod harness;
mod interruption;
mod settle;
mod submit;
mod waiting;
