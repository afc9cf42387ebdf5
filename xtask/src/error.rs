//! The generator's error: one sentence that names the place in the description and what to do.

use std::fmt;

/// Result of the generator.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a description could not be turned into a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    place: String,
    problem: String,
}

impl Error {
    /// An error at `place` (an operation, a schema, a file), with what is wrong and what to do about it.
    pub fn new(place: impl fmt::Display, problem: impl fmt::Display) -> Self {
        Self {
            place: place.to_string(),
            problem: problem.to_string(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl std::error::Error for Error {}
