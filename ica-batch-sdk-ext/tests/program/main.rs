//! Tests of the program `ica-batch`: each runs it as a user does, against a simulator in this
//! process.

mod abort;
mod audit;
mod cohort;
mod commands;
mod documents;
mod fixture;
mod harness;
mod help;
mod interruption;
mod items;
mod journal;
mod login;
mod manifests;
mod output;
mod script;
mod settle;
mod signals;
mod simulate;
mod status;
mod submit;
mod timeline;
mod usage;
mod waiting;
