//! `ica-batch login`: who the user is, and until when.

use clap::Args;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::messages;

/// Shows which user, server and project the other commands use, and checks that they work.
#[derive(Debug, Args)]
pub(crate) struct Login {}

impl Login {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let found = context.credentials()?;
        messages::line(format_args!("credential: {}", found.source));
        Ok(Exit::Done)
    }
}
