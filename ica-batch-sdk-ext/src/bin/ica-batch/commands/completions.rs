//! `ica-batch completions`: completions of the command line for a shell.

use std::io::{self, Write as _};

use clap::Args;
use clap_complete::Shell;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Writes the completions of a shell to standard output.
///
/// For bash, for example:
/// `ica-batch completions bash > ~/.local/share/bash-completion/completions/ica-batch`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Shell that reads the completions.
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Failure> {
        let mut command = context.command_line();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "ica-batch", &mut script);
        if self.shell == Shell::Bash {
            // The script of bash names the program in two ways, and its commands would not be found.
            let text = String::from_utf8_lossy(&script);
            script = text.replace("ica__subcmd__batch", "ica__batch").into_bytes();
        }
        let mut out = io::stdout().lock();
        let written = out.write_all(&script).and_then(|()| out.flush());
        written.map_err(|error| Failure::file("could not write to standard output", &error))?;
        Ok(Exit::Done)
    }
}
