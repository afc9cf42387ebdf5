//! Commands. Each has a file: its arguments, and what it does.

mod abort;
mod audit;
mod items;
mod journal;
mod login;
mod status;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Command of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Status(status::Status),
    Items(items::Items),
    Audit(audit::Audit),
    Abort(abort::Abort),
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    Login(login::Login),
}

impl Command {
    /// Runs the command.
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Status(command) => command.run(context).await,
            Self::Items(command) => command.run(context).await,
            Self::Audit(command) => command.run(context).await,
            Self::Abort(command) => command.run(context).await,
            Self::Journal(command) => command.run(context),
            Self::Login(command) => command.run(context).await,
        }
    }
}
