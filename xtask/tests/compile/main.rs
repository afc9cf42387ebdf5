//! Generated clients under the compiler: whole crates.

mod cargo;
mod package;
