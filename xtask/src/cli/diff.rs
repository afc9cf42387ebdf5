//! `cargo xtask diff`: compares a published description with that of the repository.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::files;
use clap::{Args, ValueEnum};
use xtask::diff::{self, Changes, Options};
use xtask::{Error, Result};

/// Compare a published description with that of the repository.
///
/// Each change has two verdicts: `wire` (can an old client still talk to the new server) and `rust`
/// (does code that uses the crates still compile and mean the same). The exit code is 0 without
/// changes or below the bar of `--fail-on`, 1 with changes, and 2 where a description cannot be
/// read.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Published description in YAML or JSON.
    #[arg(value_name = "PUBLISHED", required_unless_present_any = ["rules", "schema"])]
    published: Option<PathBuf>,
    /// Description to compare with [default: openapi/ica-batch.yaml].
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// Compare everything, and not only the operations that the base has.
    #[arg(long)]
    all: bool,
    /// Report changed texts, examples and vendor extensions, too.
    #[arg(long)]
    prose: bool,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Changes that make the exit code 1.
    #[arg(long, value_enum, default_value_t = FailOn::Breaking)]
    fail_on: FailOn,
    /// Print the table of rules, and compare nothing. Text, JSON and Markdown are possible.
    #[arg(long, conflicts_with_all = ["published", "schema"])]
    rules: bool,
    /// Print the JSON Schema of `--format json`, and compare nothing.
    #[arg(long, conflicts_with = "published")]
    schema: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Two lines for each change.
    Text,
    /// One JSON object, as `--schema` describes it.
    Json,
    /// A table for a pull request.
    Markdown,
    /// Annotations of GitHub Actions, with file and line.
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Changes with a breaking verdict.
    Breaking,
    /// All changes.
    Any,
    /// No change.
    None,
}

impl Diff {
    pub(crate) fn run(self) -> Result<ExitCode> {
        if self.schema {
            anstream::println!("{:#}", Changes::json_schema());
            return Ok(ExitCode::SUCCESS);
        }
        let Some(published) = self.published.as_deref().filter(|_| !self.rules) else {
            return print_rules(self.format);
        };
        match self.compare(published) {
            Ok(changes) => Ok(self.exit_code(&changes)),
            Err(error) => {
                anstream::eprintln!("error: {error}");
                Ok(ExitCode::from(2))
            }
        }
    }

    fn compare(&self, published: &Path) -> Result<Changes> {
        let base = self.base.clone().unwrap_or_else(files::default_spec);
        let options = Options {
            all: self.all,
            prose: self.prose,
        };
        let changes = diff::diff(&files::source(&base)?, &files::source(published)?, options);
        match self.format {
            Format::Text => anstream::print!("{}", diff::text(&changes)),
            Format::Json => anstream::println!("{}", json(&changes)?),
            Format::Markdown => anstream::print!("{}", diff::markdown(&changes)),
            Format::Github => anstream::print!("{}", diff::github(&changes)),
        }
        Ok(changes)
    }

    fn exit_code(&self, changes: &Changes) -> ExitCode {
        let counted = match self.fail_on {
            FailOn::Breaking => changes.summary.breaking,
            FailOn::Any => changes.summary.total,
            FailOn::None => 0,
        };
        ExitCode::from(u8::from(counted > 0))
    }
}

fn print_rules(format: Format) -> Result<ExitCode> {
    match format {
        Format::Text => {
            for rule in diff::rules() {
                anstream::println!("{}", diff::rule_as_text(rule));
            }
        }
        Format::Json => anstream::println!("{}", json(&diff::rules())?),
        Format::Markdown => anstream::print!("{}", diff::rules_as_markdown()),
        Format::Github => {
            return Err(Error::could_not(
                "print the rules",
                "they are no annotations; use --format text, json or markdown",
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Error::could_not("write JSON", format_args!("{error}; report it")))
}
