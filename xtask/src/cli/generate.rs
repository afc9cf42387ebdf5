//! `cargo xtask generate`: writes the raw client, or checks that it is up to date.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::files;
use clap::Args;
use xtask::{Error, GENERATE_COMMAND, Generated, Result};

/// Write the raw client from the OpenAPI description.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Write nothing; exit with 1 when the client in the repository is not up to date.
    #[arg(long)]
    check: bool,
    /// Description in YAML or JSON [default: openapi/ica-batch.yaml].
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Folder for `generated.rs`; created if missing [default: ica-batch-sdk/src].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write a whole crate with this name to the folder: Cargo.toml, README.md and src/.
    #[arg(long = "crate", value_name = "NAME", requires = "out")]
    package: Option<String>,
}

impl Generate {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if self.spec.is_some() && self.out.is_none() && !self.check {
            return Err(Error::could_not(
                "generate from another description",
                "--spec alone would overwrite the client of the repository; name a folder with --out",
            ));
        }
        let spec = self.spec.unwrap_or_else(files::default_spec);
        let out = self.out.unwrap_or_else(|| files::workspace().join("ica-batch-sdk/src"));

        let generated = xtask::generate(&files::read(&spec)?)?;
        list_skipped(&generated);
        let written = match &self.package {
            Some(name) => generated.package(name)?,
            None => BTreeMap::from([("generated.rs".to_owned(), generated.source)]),
        };
        for (path, text) in &written {
            let target = out.join(path);
            if self.check {
                if !is_up_to_date(&target, text) {
                    return Ok(ExitCode::FAILURE);
                }
                continue;
            }
            files::create_folder(target.parent().unwrap_or(&out))?;
            files::write(&target, text)?;
        }
        if !self.check {
            let what = if self.package.is_some() {
                out
            } else {
                out.join("generated.rs")
            };
            anstream::eprintln!("wrote {}", what.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list_skipped(generated: &Generated) {
    for skipped in &generated.skipped {
        anstream::eprintln!("skipped {}: {}", skipped.operation_id, skipped.reason);
    }
    for remark in &generated.remarks {
        anstream::eprintln!("to decide: {remark}");
    }
}

/// Returns whether the file has this text, and prints the difference otherwise.
fn is_up_to_date(target: &Path, fresh: &str) -> bool {
    let Ok(checked_in) = std::fs::read_to_string(target) else {
        anstream::eprintln!(
            "{} does not exist; run `{GENERATE_COMMAND}` and commit the result",
            target.display()
        );
        return false;
    };
    // Git may have changed the line endings.
    if checked_in.lines().eq(fresh.lines()) {
        return true;
    }
    let mut pairs = checked_in.lines().zip(fresh.lines());
    let same = pairs.position(|(old, new)| old != new);
    let line = same.unwrap_or_else(|| checked_in.lines().count().min(fresh.lines().count())) + 1;
    anstream::eprintln!(
        "{} is not up to date: it differs from line {line} on; run `{GENERATE_COMMAND}` and commit the result",
        target.display()
    );
    false
}
