//! Errors of serde_json with another error as their source.
//!
//! The raw client reports a response that it cannot decode as an error of serde_json. serde_json
//! makes an error with a source of an error of a reader only, and takes the source of that error
//! for its own.

use std::error::Error;
use std::fmt;
use std::io;

use serde::de::{Error as _, IgnoredAny};

/// Returns an error of serde_json with the text of this error, and with this error as its source.
pub(crate) fn json_error(source: impl Error + Send + Sync + 'static) -> serde_json::Error {
    let text = source.to_string();
    let error = io::Error::other(CausedBy(source));
    match serde_json::from_reader::<_, IgnoredAny>(FailingReader(Some(error))) {
        Err(error) => error,
        Ok(_) => serde_json::Error::custom(text),
    }
}

/// Error with the text of its source.
#[derive(Debug)]
struct CausedBy<E>(E);

impl<E: Error> fmt::Display for CausedBy<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<E: Error + 'static> Error for CausedBy<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Reader that fails once.
struct FailingReader(Option<io::Error>);

impl io::Read for FailingReader {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::json_error;
    use crate::ResponseTooLarge;

    #[test]
    fn it_has_the_text_and_the_source() {
        let source = ResponseTooLarge::decoded(7);
        let error = json_error(source);
        assert_eq!(error.to_string(), source.to_string());
        assert_eq!(error.source().unwrap().downcast_ref(), Some(&source));
    }
}
