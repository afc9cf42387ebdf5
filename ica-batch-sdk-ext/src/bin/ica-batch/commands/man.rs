//! `ica-batch man`: manual pages.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::messages;

/// Writes the manual pages, one for each command.
///
/// To read one: `ica-batch man submit | man -l -`. To install them all:
/// `ica-batch man --dir ~/.local/share/man/man1`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Command whose page is written to standard output; the page of the program by default.
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    command: Vec<String>,
    /// Directory in which a file is written for each page, such as `ica-batch-submit.1`. It is
    /// created if it does not exist.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let mut command = context.command_line();
        // It gives each command its whole name, such as "ica-batch submit".
        command.build();
        if let Some(dir) = &self.dir {
            let what = || format!("could not write the manual pages to {}", dir.display());
            fs::create_dir_all(dir).map_err(|error| Failure::file(what(), &error))?;
            clap_mangen::generate_to(command, dir).map_err(|error| Failure::file(what(), &error))?;
            if !context.global.quiet {
                messages::line(format_args!("wrote the manual pages to {}", dir.display()));
            }
            return Ok(Exit::Done);
        }
        let mut found = command;
        for name in &self.command {
            let names = found.get_subcommands().map(clap::Command::get_name);
            let hint = crate::suggestion::did_you_mean(name, names);
            let next = found.find_subcommand(name).cloned();
            found = next.ok_or_else(|| Failure::usage(format!("there is no command {name:?}{hint}")))?;
        }
        let name = found.get_display_name().map(str::to_owned);
        let found = match name {
            Some(name) => found.name(name),
            None => found,
        };
        let mut page = Vec::new();
        let what = "could not write to standard output";
        clap_mangen::Man::new(found)
            .render(&mut page)
            .map_err(|error| Failure::file(what, &error))?;
        let mut out = io::stdout().lock();
        let written = out.write_all(&page).and_then(|()| out.flush());
        written.map_err(|error| Failure::file(what, &error))?;
        Ok(Exit::Done)
    }
}
