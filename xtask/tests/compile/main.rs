//! Generated clients under the compiler: whole crates, and the verdicts of the comparison.

mod caller;
mod cargo;
#[path = "../diff/fixture.rs"]
mod fixture;
mod own_project;
mod package;
mod verdicts;
