//! Error responses: `application/problem+json` with the ICA error code in `title`.
//!
//! Three codes occur in real responses: `ICA_API_004` (wrong Accept or Content-Type), `ICA_SEC_002`
//! (not authenticated) and `ICA_API_429` (too many requests). The others in [`Code`] are a choice
//! of the simulator, of the same form. They show whether a client passes on a code that it does not
//! know.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::{HeaderName, HeaderValue, StatusCode};
use uuid::Uuid;

use crate::json::{JsonWriter, Style};

/// An ICA error code, as the simulator writes it to the `title` of a problem.
///
/// ```
/// use ica_simulator::Code;
///
/// assert_eq!((Code::WrongVersion.title(), Code::WrongVersion.status()), ("ICA_API_004", 400));
/// ```
///
/// | title | status | when |
/// |---|---|---|
/// | `ICA_API_001` | 400 | the body or a header is not valid |
/// | `ICA_API_002` | 400 | a paging parameter is not valid |
/// | `ICA_API_004` | 400 (406 by setting) | Accept or Content-Type names no version that the operation has |
/// | `ICA_API_404` | 404 | the path, project, batch or item does not exist |
/// | `ICA_API_405` | 405 | the path does not have this method |
/// | `ICA_API_409` | 409 | the first request with this idempotency key is still in progress |
/// | `ICA_API_413` | 413 | the body is larger than the configured maximum |
/// | `ICA_API_422` | 422 | the idempotency key was used with another body |
/// | `ICA_API_429` | 429 | too many requests (only by an injected fault) |
/// | `ICA_API_500` | 500 | an internal error |
/// | `ICA_SEC_002` | 401 | the credentials are missing, unknown, expired or of the wrong kind |
/// | `ICA_SEC_005` | 400 | this token cannot be refreshed |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// The body or a header is not valid.
    InvalidRequest,
    /// A paging parameter is not valid.
    InvalidPaging,
    /// Accept or Content-Type names no version that the operation has.
    WrongVersion,
    /// The path, project, batch or item does not exist.
    NotFound,
    /// The path does not have this method.
    MethodNotAllowed,
    /// The first request with this idempotency key is still in progress.
    InFlight,
    /// The body is larger than the configured maximum.
    TooLarge,
    /// The idempotency key was used with another body.
    KeyMismatch,
    /// Too many requests.
    TooManyRequests,
    /// An internal error.
    Internal,
    /// The credentials are missing, unknown, expired or of the wrong kind.
    Unauthenticated,
    /// This token cannot be refreshed.
    NotRefreshable,
}

impl Code {
    /// Returns the text of `title`.
    pub fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "ICA_API_001",
            Self::InvalidPaging => "ICA_API_002",
            Self::WrongVersion => "ICA_API_004",
            Self::NotFound => "ICA_API_404",
            Self::MethodNotAllowed => "ICA_API_405",
            Self::InFlight => "ICA_API_409",
            Self::TooLarge => "ICA_API_413",
            Self::KeyMismatch => "ICA_API_422",
            Self::TooManyRequests => "ICA_API_429",
            Self::Internal => "ICA_API_500",
            Self::Unauthenticated => "ICA_SEC_002",
            Self::NotRefreshable => "ICA_SEC_005",
        }
    }

    /// Returns the HTTP status of the code.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::InvalidPaging | Self::WrongVersion | Self::NotRefreshable => 400,
            Self::Unauthenticated => 401,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::InFlight => 409,
            Self::TooLarge => 413,
            Self::KeyMismatch => 422,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
        }
    }

    /// Returns the title for an HTTP status, for faults that name only the status.
    pub(crate) fn title_for(status: u16) -> String {
        match status {
            400 => Self::InvalidRequest.title().to_owned(),
            401 => Self::Unauthenticated.title().to_owned(),
            other => format!("ICA_API_{other}"),
        }
    }
}

/// A problem.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::with_title(code.status(), code.title().to_owned(), detail)
    }

    pub(crate) fn with_title(status: u16, title: String, detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            title,
            detail: detail.into(),
            parameters: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap_or(self.status);
        self
    }

    pub(crate) fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Returns the body of the problem.
    pub(crate) fn render(&self, id: Uuid, now: DateTime<Utc>, style: Style) -> Vec<u8> {
        let mut w = JsonWriter::new(style);
        w.object(|w| {
            w.nullable("id", Some(id), |w, id| w.uuid(id));
            w.text("type", "about:blank");
            w.text("title", &self.title);
            w.member("status", |w| w.number(i64::from(self.status.as_u16())));
            w.nullable("detail", Some(&self.detail), |w, detail| w.string(detail));
            w.member("parameters", |w| {
                w.map(|w| {
                    for (name, value) in &self.parameters {
                        w.text(name, value);
                    }
                });
            });
            w.member("timestamp", |w| w.time(now, true));
        });
        w.finish()
    }
}
