//! The commands of `cargo xtask`.

mod diff;
mod files;
mod generate;
mod lower;
mod update;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::Result;

/// Tasks of the ica-batch-sdk workspace.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Diff(Box<diff::Diff>),
    Generate(generate::Generate),
    Lower(lower::Lower),
    Update(update::Update),
}

impl Cli {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::Diff(command) => command.run(),
            Command::Generate(command) => command.run(),
            Command::Lower(command) => command.run(),
            Command::Update(command) => command.run(),
        }
    }
}
