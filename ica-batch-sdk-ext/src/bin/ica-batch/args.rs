//! The whole command line.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser};

use crate::commands::Command;
use crate::exit::{self, Exit};
use crate::failure::{ErrorFormat, Failure};
use crate::global::Global;

/// Starts analyses on Illumina Connected Analytics (ICA) in batches, each exactly once, and follows
/// them.
///
/// `submit` starts the analyses of a manifest: a table with a row for each analysis. What was sent
/// is recorded in a journal, so the same command continues after a crash, and starts nothing twice.
#[derive(Debug, Parser)]
#[command(
    name = "ica-batch",
    version,
    after_long_help = after_help(),
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    propagate_version = false,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

fn after_help() -> String {
    format!(
        "\
{}

Credentials, the first that exists:
  ICAV2_ACCESS_TOKEN   a token
  ICAV2_API_KEY        an API key
  api_key_file         of the profile: a file that contains an API key
  icav2                the session of the icav2 command line (~/.icav2)

A flag wins over the environment, and the environment over the configuration file.",
        exit::HELP
    )
}

/// Returns whether errors are JSON, by a command line that is not valid.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments = arguments.collect::<Vec<_>>();
    let is_pair = |pair: &[OsString]| pair[0] == "--error-format" && pair[1] == "json";
    arguments.windows(2).any(is_pair) || arguments.iter().any(|argument| argument == "--error-format=json")
}

/// Shows what clap found: help or version on standard output, an error on standard error.
pub(crate) fn show(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        // Standard output may be closed.
        error.print().ok();
        return Exit::Done;
    }
    let plain = without_variables(error);
    let error = plain.as_ref().unwrap_or(error);
    match wants_json(std::env::args_os()) {
        true => Failure::usage(error.to_string().trim_end()).show(ErrorFormat::Json),
        false => drop(error.print()),
    }
    Exit::Usage
}

/// Returns the error as it is without environment variables. clap counts the options that variables
/// set as given: it names them in the usage line, and shows no help for the program alone.
fn without_variables(error: &clap::Error) -> Option<clap::Error> {
    let command = Arguments::command().mut_args(|argument| argument.env(Resettable::Reset));
    let plain = command.try_get_matches().err()?;
    let is_help = plain.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    (is_help || plain.kind() == error.kind()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _};

    use super::Arguments;

    /// Returns the commands with an argument `--columns` for which a shell completes nothing.
    fn without_names(command: &Command, found: &mut Vec<String>) -> usize {
        let columns = command.get_arguments().find(|argument| argument.get_id() == "columns");
        if columns.is_some_and(|columns| columns.get_possible_values().len() < 2) {
            found.push(command.get_name().to_owned());
        }
        let inner = command.get_subcommands().map(|inner| without_names(inner, found));
        usize::from(columns.is_some()) + inner.sum::<usize>()
    }

    #[test]
    fn a_shell_completes_the_columns_of_each_command() {
        let mut found = Vec::new();
        let commands = without_names(&Arguments::command(), &mut found);
        assert_eq!((found, commands), (Vec::new(), 14));
    }
}
