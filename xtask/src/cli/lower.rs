//! `cargo xtask lower`: prints the document that progenitor is given.

use std::path::PathBuf;
use std::process::ExitCode;

use super::files;
use clap::Args;
use xtask::{Result, description};

/// Print the lowered description as YAML: the input of progenitor, with the marks of the passes.
#[derive(Debug, Args)]
pub(crate) struct Lower {
    /// Description in YAML or JSON [default: openapi/ica-batch.yaml].
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
}

impl Lower {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let spec = self.spec.unwrap_or_else(files::default_spec);
        let lowered = xtask::lower(description::parse(&files::read(&spec)?)?)?;
        anstream::print!("{}", description::print(&lowered.document)?);
        Ok(ExitCode::SUCCESS)
    }
}
