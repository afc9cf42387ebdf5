//! Output of text that the library has formatted.

use std::io::{self, Write};
use std::path::Path;

use super::destination::Destination;
use crate::failure::Failure;

/// Standard output, or a file that appears when it is complete, for text.
pub(crate) struct Lines {
    destination: Destination,
    /// First error of writing. The library puts it into an error of its own.
    error: Option<io::Error>,
}

impl Lines {
    /// Opens the file, or standard output without one. A path that cannot be written is an error of
    /// the command line.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        path.map_or(Ok(()), Destination::check)?;
        Ok(Self {
            destination: Destination::open(path)?,
            error: None,
        })
    }

    /// Completes the output: a file gets its name now. Where writing failed, that is the error, and
    /// otherwise that of what was written.
    pub(crate) fn finish<T>(self, written: Result<T, impl Into<Failure>>) -> Result<T, Failure> {
        match (self.error, written) {
            (Some(error), _) => Err(self.destination.failure(&error)),
            (None, Err(error)) => Err(error.into()),
            (None, Ok(value)) => self.destination.finish().map(|()| value),
        }
    }

    fn keep<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            self.error.get_or_insert(error);
            kind.into()
        })
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.destination.write(bytes);
        self.keep(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.destination.flush();
        self.keep(flushed)
    }
}
