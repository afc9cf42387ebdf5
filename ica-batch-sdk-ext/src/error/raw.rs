//! From what the raw client reports to this crate's error.
//!
//! The raw error prints header values and loses the status of an answer that it could not read. So nothing of
//! it is shown or chained: its cases are taken apart here, with the answer's head from the call context.

use std::error::Error as StdError;

use ica_batch_sdk::{self as raw, ResponseHead, ResponseTooLarge, types};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};

use super::{Error, ErrorKind, Executed, Problem};

/// A failed attempt, and what is known of the call that it belongs to.
pub(crate) struct Failure<'a> {
    /// The head of the answer, if there was one.
    pub(crate) head: Option<&'a ResponseHead>,
    /// Whether the call changes something.
    pub(crate) has_effect: bool,
    /// Whether the call carries an idempotency key.
    pub(crate) has_key: bool,
}

impl Failure<'_> {
    pub(crate) fn describe(&self, error: raw::Error<types::Problem>) -> Error {
        let described = match error {
            raw::Error::InvalidRequest(what) | raw::Error::Custom(what) => Error::invalid_input(what),
            raw::Error::CommunicationError(error) | raw::Error::InvalidUpgrade(error) => self.transport(error),
            raw::Error::ResponseBodyError(error) => self.body(error),
            raw::Error::ErrorResponse(answer) => self.answer(Some(Problem::from(answer.into_inner()))),
            raw::Error::InvalidResponsePayload(bytes, error) => self.payload(&bytes, error),
            raw::Error::UnexpectedResponse(_) => self.answer(None),
        };
        let described = described.with_status(self.status());
        if self.has_effect {
            described
        } else {
            described.with_executed(Executed::No)
        }
    }

    fn status(&self) -> Option<u16> {
        self.head.map(|head| head.status.as_u16())
    }

    fn is_success(&self) -> bool {
        self.head.is_some_and(|head| head.status.is_success())
    }

    /// Whether the call executed, when its answer broke off.
    fn executed_at_break(&self) -> Executed {
        if self.is_success() {
            Executed::Yes
        } else {
            Executed::Unknown
        }
    }

    /// There was no answer.
    fn transport(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        let (kind, what, executed) = if error.is_timeout() {
            let executed = if error.is_connect() {
                Executed::No
            } else {
                Executed::Unknown
            };
            (ErrorKind::Timeout, "there was no answer in time", executed)
        } else if error.is_connect() {
            (ErrorKind::Connect, "no connection was made", Executed::No)
        } else if error.is_builder() {
            return Error::invalid_input("the request cannot be built from what was given").with_source(error);
        } else {
            (
                ErrorKind::Interrupted,
                "the connection broke before an answer came",
                Executed::Unknown,
            )
        };
        Error::new(kind, what).with_executed(executed).with_source(error)
    }

    /// The answer began and did not end.
    fn body(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        let executed = self.executed_at_break();
        if let Some(limit) = too_large(&error) {
            let what = format!("the answer is larger than the response limit of {limit} bytes");
            return Error::new(ErrorKind::TooLarge, what).with_executed(executed);
        }
        let (kind, what) = if error.is_timeout() {
            (ErrorKind::Timeout, "the answer did not arrive in time")
        } else {
            (ErrorKind::Interrupted, "the answer broke off")
        };
        Error::new(kind, what).with_executed(executed).with_source(error)
    }

    /// The answer came and could not be read.
    fn payload(&self, bytes: &[u8], error: serde_json::Error) -> Error {
        if !self.is_success() {
            return self.answer(Problem::from_bytes(bytes));
        }
        let what = match self.media_type() {
            Some(media) if !media.contains("json") => format!("the answer is {media} where JSON was asked for"),
            _ => "the answer is not what the API describes".to_owned(),
        };
        Error::new(ErrorKind::Unreadable, what)
            .with_executed(Executed::Yes)
            .with_source(error)
    }

    /// The answer came, and is no success.
    fn answer(&self, problem: Option<Problem>) -> Error {
        let status = self.status().unwrap_or_default();
        let code = problem.as_ref().and_then(Problem::code);
        let (kind, executed) = self.classify(status, code);
        let mut what = format!("ICA answered {status}");
        match &problem {
            Some(problem) => {
                if let Some(code) = problem.code() {
                    what.push(' ');
                    what.push_str(code);
                }
                if let Some(detail) = problem.detail() {
                    what.push_str(&format!(" ({})", detail.trim_end_matches('.')));
                }
            }
            None => {
                if let Some(media) = self.media_type().filter(|media| !media.contains("json")) {
                    what.push_str(&format!(" with {media}, which is rather from a proxy before it"));
                }
            }
        }
        if let Some(location) = self.location().filter(|_| kind == ErrorKind::Redirected) {
            what.push_str(&format!(", which leads to {location}"));
        }
        Error::new(kind, what).with_executed(executed).with_problem(problem)
    }

    fn classify(&self, status: u16, code: Option<&str>) -> (ErrorKind, Executed) {
        match status {
            401 => (ErrorKind::Unauthorized, Executed::No),
            403 => (ErrorKind::Forbidden, Executed::No),
            404 => (ErrorKind::NotFound, Executed::No),
            406 => (ErrorKind::VersionNotSupported, Executed::No),
            400 if code == Some("ICA_API_004") => (ErrorKind::VersionNotSupported, Executed::No),
            408 => (ErrorKind::Timeout, Executed::Unknown),
            409 if self.has_key => (ErrorKind::InProgress, Executed::Unknown),
            422 if self.has_key => (ErrorKind::KeyMismatch, Executed::No),
            429 => (ErrorKind::RateLimited, Executed::No),
            200..=299 => (ErrorKind::Unreadable, Executed::Yes),
            300..=399 => (ErrorKind::Redirected, Executed::No),
            400..=499 => (ErrorKind::Rejected, Executed::No),
            _ => (ErrorKind::Server, Executed::Unknown),
        }
    }

    fn media_type(&self) -> Option<&str> {
        let value = self.headers()?.get(CONTENT_TYPE)?.to_str().ok()?;
        value.split(';').next().map(str::trim)
    }

    /// Where a redirect leads: its origin alone, for the rest may hold what is nobody's business.
    fn location(&self) -> Option<String> {
        let location = self.headers()?.get(LOCATION)?.to_str().ok()?;
        let url = reqwest::Url::parse(location).ok()?;
        Some(url.origin().ascii_serialization())
    }

    fn headers(&self) -> Option<&HeaderMap> {
        self.head.map(|head| &head.headers)
    }
}

fn too_large(error: &reqwest::Error) -> Option<u64> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(found) = cause.downcast_ref::<ResponseTooLarge>() {
            return Some(found.limit());
        }
        source = cause.source();
    }
    None
}
