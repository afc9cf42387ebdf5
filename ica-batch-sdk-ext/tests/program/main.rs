//! Tests of the program `ica-batch`: each runs it as a user does, against a simulator in this
//! process.

mod documents;
mod harness;
mod help;
mod login;
mod simulate;
mod timeline;
