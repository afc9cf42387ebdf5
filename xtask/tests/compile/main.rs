//! Generated clients under the compiler: whole crates, hostile descriptions, and the verdicts of the
//! comparison.

mod caller;
mod cargo;
mod clients;
mod hostile;
mod own_project;
mod package;
mod verdicts;

#[path = "../hostile/bounds.rs"]
mod bounds;
#[path = "../hostile/cases.rs"]
#[expect(dead_code, reason = "the other test uses more of it")]
mod cases;
#[path = "../hostile/description.rs"]
mod description;
#[path = "../diff/fixture.rs"]
mod fixture;
#[path = "../hostile/names.rs"]
mod names;
#[path = "../hostile/operations.rs"]
mod operations;
#[path = "../hostile/schemas.rs"]
mod schemas;
#[path = "../hostile/values.rs"]
mod values;
