//! `cargo xtask lower`: shows what progenitor is given.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xtask::{Result, description};

/// Print the lowered description as YAML: what progenitor is given, with the marks of the passes.
#[derive(Debug, Args)]
pub(crate) struct Lower {
    /// The description, in YAML or JSON [default: openapi/ica-batch.yaml].
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
}

impl Lower {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let spec = self.spec.unwrap_or_else(super::default_spec);
        let lowered = xtask::lower::lower(description::parse(&super::read(&spec)?)?)?;
        anstream::print!("{}", description::print(&lowered.document)?);
        Ok(ExitCode::SUCCESS)
    }
}
