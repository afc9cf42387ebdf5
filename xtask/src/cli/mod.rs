//! The commands and what they share: where the description and the client are.

mod generate;
mod lower;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{Error, Result};

/// Tasks of the ica-batch-sdk workspace.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Generate),
    Lower(lower::Lower),
}

impl Cli {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::Generate(command) => command.run(),
            Command::Lower(command) => command.run(),
        }
    }
}

/// The root of the workspace, whichever folder the command is called in.
fn workspace() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

fn default_spec() -> PathBuf {
    workspace().join("openapi/ica-batch.yaml")
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Error::new(path.display(), format_args!("cannot be read: {error}")))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| Error::new(path.display(), format_args!("cannot be written: {error}")))
}
