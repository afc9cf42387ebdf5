//! The error of the generator.

use std::fmt;

/// Result of the generator.
///
/// ```
/// fn first_line(text: &str) -> xtask::Result<&str> {
///     text.lines().next().ok_or_else(|| xtask::Error::invalid("description", "it is empty; write one"))
/// }
/// assert_eq!(first_line("openapi: 3.0.1")?, "openapi: 3.0.1");
/// assert!(first_line("").is_err());
/// # Ok::<(), xtask::Error>(())
/// ```
pub type Result<T> = std::result::Result<T, Error>;

/// Reason why a description could not be turned into a client, and what to do about it.
///
/// ```
/// let error = xtask::description::parse("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "description is not valid: it is OpenAPI 3.1.0, and the generator reads 3.0; convert it first",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    message: String,
}

impl Error {
    /// Returns the error for something that could not be done: the action, then the reason and what
    /// to do.
    ///
    /// ```
    /// let error = xtask::Error::could_not("read ica.yaml", "it does not exist; check the path");
    /// assert_eq!(error.to_string(), "could not read ica.yaml: it does not exist; check the path");
    /// ```
    pub fn could_not(action: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self {
            message: readable(&format!("could not {action}: {reason}")),
        }
    }

    /// Returns the error for something that is not valid: the thing, then the reason and what to
    /// do.
    ///
    /// ```
    /// let error = xtask::Error::invalid("schema Job", "it is not an object; describe it as one");
    /// assert_eq!(error.to_string(), "schema Job is not valid: it is not an object; describe it as one");
    /// ```
    pub fn invalid(thing: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self {
            message: readable(&format!("{thing} is not valid: {reason}")),
        }
    }
}

/// Greatest number of characters at the start and at the end of a message.
const KEPT: usize = 400;

/// Escapes characters that a terminal would obey, and cuts out the middle of a long text. Names and
/// values come from the description.
pub(crate) fn readable(message: &str) -> String {
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut escaped = String::new();
    for c in message.chars() {
        match c {
            '\n' => escaped.push(' '),
            c if is_odd(c) => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    let count = escaped.chars().count();
    if count <= 2 * KEPT {
        return escaped;
    }
    let start = escaped.chars().take(KEPT);
    let end = escaped.chars().skip(count - KEPT);
    start.chain(['…']).chain(end).collect()
}

/// Returns a name of a description for a sentence: on one line, and without a mark of code.
pub(crate) fn in_text(name: &str) -> String {
    readable(name).replace('`', "'")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn a_message_is_readable_whatever_the_description_contains() {
        let odd = Error::invalid("schema a\u{1b}[31m\u{202e}", "x\ny");
        assert_eq!(odd.to_string(), "schema a\\u{1b}[31m\\u{202e} is not valid: x y");
        let long = Error::could_not(format_args!("read {}", "ä".repeat(5000)), "z; rename it").to_string();
        assert_eq!(long.chars().count(), 801);
        assert!(long.starts_with("could not read ä") && long.ends_with("z; rename it"));
    }
}
