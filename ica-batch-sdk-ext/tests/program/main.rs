//! Tests of the program `ica-batch`: each runs it as a user does, against a simulator in this
//! process.

mod cohort;
mod documents;
mod harness;
mod help;
mod interruption;
mod login;
mod settle;
mod simulate;
mod submit;
mod timeline;
mod waiting;
