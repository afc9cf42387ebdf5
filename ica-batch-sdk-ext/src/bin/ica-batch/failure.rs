//! Errors of the program.

use std::fmt;
use std::io;

use clap::ValueEnum;
use ica_batch_sdk_ext::{Error, ErrorKind};
use serde::Serialize;
use serde_json::json;

use crate::advice;
use crate::command_line;
use crate::exit::Exit;
use crate::messages;

/// Format of the message about an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorFormat {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object on one line.
    Json,
}

/// Reason why a command ended early.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    #[serde(rename = "exitCode", serialize_with = "code")]
    exit: Exit,
    /// Kind of the error of the SDK, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<ErrorKind>,
    message: String,
    /// Command or action that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Details of the error of the SDK: HTTP status, problem, attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<serde_json::Value>,
    /// Whether the reader of standard output has gone. It ends the program without an error.
    #[serde(skip)]
    is_closed_pipe: bool,
}

fn code<S: serde::Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(*exit as u8)
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            kind: None,
            message: message.into(),
            next: None,
            details: None,
            is_closed_pipe: false,
        }
    }

    /// Input that is not valid. Nothing was sent.
    pub(crate) fn rejected(message: impl Into<String>) -> Self {
        Self::new(Exit::Rejected, message)
    }

    /// A combination of flags that is not valid.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A file that could not be read or written.
    pub(crate) fn file(what: impl fmt::Display, error: &io::Error) -> Self {
        let mut failure = Self::new(Exit::Resumable, format!("{what}: {error}"));
        failure.is_closed_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        failure
    }

    /// Adds the command or action that helps.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Adds lines to the message.
    pub(crate) fn with_lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        for line in lines {
            self.message.push_str("\n  ");
            self.message.push_str(&line);
        }
        self
    }

    /// Adds that the same command continues.
    pub(crate) fn next_is_the_same(self) -> Self {
        self.next(command_line::given())
    }

    /// Adds a command about a submission: the words after the name of the program.
    pub(crate) fn next_command(self, words: &[&str]) -> Self {
        self.next(command_line::next(words))
    }

    /// Adds details for programs that read the error as JSON.
    pub(crate) fn details(mut self, details: serde_json::Value) -> Self {
        self.details = Some(details);
        self
    }

    /// Passes over that the reader of standard output has gone, where the exit code says more.
    pub(crate) fn unless_closed_pipe(self) -> Result<(), Self> {
        match self.is_closed_pipe {
            true => Ok(()),
            false => Err(self),
        }
    }

    /// Returns the message of an error in the words of the program.
    pub(crate) fn message_of(error: &Error) -> String {
        advice::in_words_of_the_program(&error.to_string())
    }

    pub(crate) fn exit(&self) -> Exit {
        match self.is_closed_pipe {
            true => Exit::Done,
            false => self.exit,
        }
    }

    /// Writes the failure to standard error.
    pub(crate) fn show(&self, format: ErrorFormat) {
        if self.is_closed_pipe {
            return;
        }
        match format {
            ErrorFormat::Text => {
                messages::error(&self.message);
                if let Some(next) = &self.next {
                    messages::line(format_args!("next: {next}"));
                }
            }
            ErrorFormat::Json => {
                let json = json!({ "error": self });
                messages::line(json);
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error.kind() {
            ErrorKind::InvalidInput
            | ErrorKind::ManifestChanged
            | ErrorKind::DuplicateReferences
            | ErrorKind::CreatedElsewhere
            | ErrorKind::ClockSkew => Exit::Rejected,
            ErrorKind::Unfinished | ErrorKind::WaitTimeout | ErrorKind::JournalInUse | ErrorKind::KeyExpired => {
                Exit::Resumable
            }
            // The same command sends a chunk again whose outcome could not be recorded.
            ErrorKind::Journal if error.may_pass() || error.execution().may_have_executed() => Exit::Resumable,
            ErrorKind::Journal => Exit::Usage,
            ErrorKind::DuplicateAnalyses => Exit::Failures,
            _ => Exit::Service,
        };
        Self {
            exit,
            kind: Some(error.kind()),
            message: Self::message_of(&error),
            next: None,
            details: Some(details(&error)),
            is_closed_pipe: false,
        }
    }
}

fn details(error: &Error) -> serde_json::Value {
    json!({
        "status": error.status(),
        "code": error.code(),
        "problem": error.problem().map(|problem| json!({ "title": problem.title(), "detail": problem.detail() })),
        "attempts": error.attempts(),
        "elapsedSeconds": error.elapsed().as_secs_f64(),
        "idempotencyKey": error.idempotency_key().map(ToString::to_string),
        "batch": error.created_batch(),
    })
}
