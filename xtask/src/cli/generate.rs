//! `cargo xtask generate`: writes the raw client, or checks that it is fresh.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xtask::{Error, GENERATE_COMMAND, Generated, Result};

/// Write the raw client from the OpenAPI description.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Write nothing; exit with 1 when the checked-in client differs from what would be written.
    #[arg(long)]
    check: bool,
    /// The description, in YAML or JSON [default: openapi/ica-batch.yaml].
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// The folder that gets `generated.rs`; made if missing [default: ica-batch-sdk/src].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Generate {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if self.spec.is_some() && self.out.is_none() && !self.check {
            return Err(Error::new(
                "--spec",
                "would overwrite the checked-in client with that of another description; name a folder by --out",
            ));
        }
        let spec = self.spec.unwrap_or_else(super::default_spec);
        let out = self.out.unwrap_or_else(|| super::workspace().join("ica-batch-sdk/src"));
        let target = out.join("generated.rs");

        let generated = xtask::generate(&super::read(&spec)?)?;
        list_skipped(&generated);
        if self.check {
            return check(&target, &generated.source);
        }
        fs::create_dir_all(&out).map_err(|error| Error::new(out.display(), format_args!("cannot be made: {error}")))?;
        super::write(&target, &generated.source)?;
        anstream::eprintln!("wrote {}", target.display());
        Ok(ExitCode::SUCCESS)
    }
}

fn list_skipped(generated: &Generated) {
    for skipped in &generated.skipped {
        anstream::eprintln!("left out {}: {}", skipped.operation_id, skipped.reason);
    }
}

fn check(target: &std::path::Path, fresh: &str) -> Result<ExitCode> {
    let Ok(checked_in) = std::fs::read_to_string(target) else {
        anstream::eprintln!(
            "{} is not there; run `{GENERATE_COMMAND}` and commit the result",
            target.display()
        );
        return Ok(ExitCode::FAILURE);
    };
    // A checkout may have changed the line ends.
    if checked_in.lines().eq(fresh.lines()) {
        return Ok(ExitCode::SUCCESS);
    }
    let mut pairs = checked_in.lines().zip(fresh.lines());
    let same = pairs.position(|(old, new)| old != new);
    let line = same.unwrap_or_else(|| checked_in.lines().count().min(fresh.lines().count())) + 1;
    anstream::eprintln!(
        "{} differs from the description, from line {line} on; run `{GENERATE_COMMAND}` and commit the result",
        target.display()
    );
    Ok(ExitCode::FAILURE)
}
