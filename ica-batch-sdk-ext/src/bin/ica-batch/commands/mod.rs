//! Commands. Each has a file: its arguments, and what it does.

mod login;
mod rerun;
mod settle;
mod submit;
mod wait;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Command of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Login(login::Login),
    Rerun(rerun::Rerun),
    Settle(settle::Settle),
    Submit(submit::Submit),
    Wait(wait::Wait),
}

impl Command {
    /// Runs the command.
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Login(command) => command.run(context).await,
            Self::Rerun(command) => command.run(context).await,
            Self::Settle(command) => command.run(context).await,
            Self::Submit(command) => command.run(context).await,
            Self::Wait(command) => command.run(context).await,
        }
    }
}
