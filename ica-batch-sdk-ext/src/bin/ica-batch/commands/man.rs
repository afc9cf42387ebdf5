//! `ica-batch man`: manual pages.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::messages;
use crate::suggestion::{Suggested, did_you_mean};

/// Names of the commands. A test compares them with the command line.
pub(super) const COMMANDS: [&str; 14] = [
    "login",
    "submit",
    "status",
    "wait",
    "items",
    "rerun",
    "abort",
    "settle",
    "audit",
    "journal",
    "simulate",
    "schema",
    "completions",
    "man",
];

/// Sections that each page has, in roff.
const SECTIONS: &str = include_str!("man.roff");

/// Writes the manual pages, one for each command.
///
/// To read one: `ica-batch man submit | man -l -`. To install them all:
/// `ica-batch man --dir ~/.local/share/man/man1`
#[derive(Debug, Args)]
pub(crate) struct Manual {
    /// Command whose page is written to standard output; the page of the program by default.
    #[arg(value_name = "COMMAND", conflicts_with = "dir", hide_possible_values = true, value_parser = Suggested(commands))]
    command: Vec<String>,
    /// Directory in which a file is written for each page, such as `ica-batch-submit.1`. It is
    /// created if it does not exist.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Returns the names of the commands, for completions.
fn commands() -> Vec<String> {
    COMMANDS.map(ToOwned::to_owned).to_vec()
}

impl Manual {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let mut command = context.command_line();
        // It gives each command its whole name, such as "ica-batch submit".
        command.build();
        if let Some(dir) = &self.dir {
            let what = || format!("could not write the manual pages to {}", dir.display());
            let file = |error: io::Error| Failure::usage(format!("{}: {error}", what()));
            fs::create_dir_all(dir).map_err(file)?;
            let mut names = Vec::new();
            write_pages(&command, dir, &mut names).map_err(file)?;
            if !context.global.quiet {
                let count = names.len();
                messages::line(format_args!("wrote {count} manual pages to {}", dir.display()));
            }
            return Ok(Exit::Done);
        }
        let mut found = command;
        for name in &self.command {
            let names = found.get_subcommands().map(Command::get_name);
            let hint = did_you_mean(name, names);
            let next = found.find_subcommand(name).cloned();
            found = next.ok_or_else(|| Failure::usage(format!("no command {name:?}{hint}")))?;
        }
        let what = "could not write to standard output";
        let (_, page) = page(&found).map_err(|error| Failure::file(what, &error))?;
        let mut out = io::stdout().lock();
        let written = out.write_all(&page).and_then(|()| out.flush());
        written.map_err(|error| Failure::file(what, &error))?;
        Ok(Exit::Done)
    }
}

/// Returns the name of the manual page of a command, such as `ica-batch-submit`, and the page.
fn page(command: &Command) -> io::Result<(String, Vec<u8>)> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let mut page = Vec::new();
    Man::new(command.clone().name(&name)).render(&mut page)?;
    // The page of the program has the exit codes and credentials in its help, too.
    page.extend_from_slice(SECTIONS.as_bytes());
    Ok((name, page))
}

/// Writes the pages of a command and of those below it.
fn write_pages(command: &Command, dir: &Path, names: &mut Vec<String>) -> io::Result<()> {
    let (name, page) = page(command)?;
    fs::write(dir.join(format!("{name}.1")), page)?;
    names.push(name);
    let below = command.get_subcommands().filter(|command| !command.is_hide_set());
    below
        .into_iter()
        .try_for_each(|command| write_pages(command, dir, names))
}
