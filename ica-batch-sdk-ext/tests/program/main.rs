//! Tests of the program `ica-batch`: each runs it as a user does, against a simulator in this
//! process.

mod abort;
mod audit;
mod fixture;
mod documents;
mod harness;
mod help;
mod items;
mod journal;
mod login;
mod simulate;
mod status;
