//! Commands. Each has a file: its arguments, and what it does.

mod abort;
mod audit;
mod completions;
mod items;
mod journal;
mod login;
mod man;
mod rerun;
mod schema;
mod settle;
mod simulate;
mod status;
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
    Submit(Box<submit::Submit>),
    Status(status::Status),
    Wait(wait::Wait),
    Items(items::Items),
    Rerun(rerun::Rerun),
    Abort(abort::Abort),
    Settle(settle::Settle),
    Audit(audit::Audit),
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    Simulate(Box<simulate::Simulate>),
    Schema(schema::SchemaOf),
    Completions(completions::Completions),
    Man(man::Manual),
}

impl Command {
    /// Returns whether the command uses the settings of the user. The others work also where the
    /// configuration file is not valid.
    pub(crate) fn needs_profile(&self) -> bool {
        !matches!(
            self,
            Self::Simulate(_) | Self::Schema(_) | Self::Completions(_) | Self::Man(_)
        )
    }

    /// Returns the failure of the command when a signal ends it.
    pub(crate) fn interrupted(&self) -> Failure {
        let interrupted = |what: &str| Failure::new(Exit::Resumable, format!("interrupted: {what}"));
        match self {
            Self::Abort(_) => {
                interrupted("some analyses may be aborted, and the others go on in ICA").next_is_the_same()
            }
            // A finding cannot be recorded twice.
            Self::Settle(command) => {
                interrupted("some findings may be recorded; see which chunks are left, and record the rest")
                    .next_command(&["settle", command.submission()])
            }
            Self::Submit(_) | Self::Rerun(_) => {
                interrupted("the journal has what was sent, and nothing is lost").next_is_the_same()
            }
            Self::Wait(_) => interrupted("the analyses go on in ICA").next_is_the_same(),
            Self::Status(_) | Self::Items(_) | Self::Login(_) | Self::Audit(_) => {
                interrupted("nothing was changed in ICA").next_is_the_same()
            }
            _ => interrupted("the command has not ended").next_is_the_same(),
        }
    }

    /// Runs the command.
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Status(command) => command.run(context).await,
            Self::Items(command) => command.run(context).await,
            Self::Audit(command) => command.run(context).await,
            Self::Abort(command) => command.run(context).await,
            Self::Journal(command) => command.run(context),
            Self::Login(command) => command.run(context).await,
            Self::Simulate(command) => command.run(context).await,
            Self::Schema(command) => command.run(context),
            Self::Completions(command) => command.run(context),
            Self::Man(command) => command.run(context),
            Self::Rerun(command) => command.run(context).await,
            Self::Settle(command) => command.run(context).await,
            Self::Submit(command) => command.run(context).await,
            Self::Wait(command) => command.run(context).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Subcommand as _;

    use super::{Command, man};

    #[test]
    fn the_manual_knows_each_command() {
        let program = Command::augment_subcommands(clap::Command::new("ica-batch"));
        let names = program.get_subcommands().map(clap::Command::get_name);
        assert_eq!(names.collect::<Vec<_>>(), man::COMMANDS);
    }
}
