//! Text of commands that users copy.

use std::borrow::Cow;

/// Returns an argument as a POSIX shell reads it.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    // Only a zero byte cannot be quoted, and no argument has one.
    shlex::try_quote(text).unwrap_or(Cow::Borrowed(text))
}
