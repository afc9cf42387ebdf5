//! Questions before a command changes what cannot be undone.

use std::io::{self, IsTerminal as _, Write as _};

use crate::failure::Failure;

/// Asks whether to do something, unless the answer is known to be yes. Without a terminal it is an
/// error, because a script must say that it means it.
pub(crate) fn confirm(action: &str, is_known: bool) -> Result<bool, Failure> {
    if is_known {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "could not ask whether to {action}: standard input is not a terminal"
        ))
        .next("add --yes to do it without a question"));
    }
    let failed = |error: io::Error| Failure::file("could not ask on the terminal", &error);
    let mut terminal = anstream::stderr().lock();
    write!(terminal, "{action}? [y/N] ")
        .and_then(|()| terminal.flush())
        .map_err(failed)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
