//! From what the raw client reports to this crate's error.
//!
//! The raw error prints header values and loses the status of an answer that it could not read. So nothing of
//! it is shown or chained: its cases are taken apart here, with the answer's head from the call context.

use std::error::Error as StdError;

use ica_batch_sdk::{self as raw, ResponseHead, ResponseTooLarge, types};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};

use super::{Error, ErrorKind, Execution, Problem};

/// A failed attempt, and what is known of the call that it belongs to.
pub(crate) struct Failure<'a> {
    /// The head of the answer, if there was one.
    pub(crate) head: Option<&'a ResponseHead>,
    /// Whether the call changes something.
    pub(crate) has_effect: bool,
    /// Whether the call carries an idempotency key.
    pub(crate) has_key: bool,
    /// Whether the answer is a secret, so that nothing of it may be quoted.
    pub(crate) is_secret: bool,
    /// What authenticated the call, which a server may send back.
    pub(crate) credential: &'a str,
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
            described.with_execution(Execution::NotExecuted)
        }
    }

    fn status(&self) -> Option<u16> {
        self.head.map(|head| head.status.as_u16())
    }

    fn is_success(&self) -> bool {
        self.head.is_some_and(|head| head.status.is_success())
    }

    /// There was no answer.
    fn transport(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        let (kind, what, executed) = if error.is_timeout() {
            let executed = if error.is_connect() {
                Execution::NotExecuted
            } else {
                Execution::Unknown
            };
            (ErrorKind::Timeout, "there was no answer in time", executed)
        } else if error.is_connect() {
            (ErrorKind::Connect, "no connection was made", Execution::NotExecuted)
        } else if error.is_builder() {
            return Error::invalid_input("the request cannot be built from what was given").with_source(error);
        } else {
            (
                ErrorKind::Interrupted,
                "the connection broke before an answer came",
                Execution::Unknown,
            )
        };
        Error::new(kind, what).with_execution(executed).with_source(error)
    }

    /// The answer began and did not end.
    fn body(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        if self.head.is_some() && !self.is_success() {
            // What the status says holds, whatever became of the words.
            return self.answer(None).with_source(error);
        }
        let executed = if self.is_success() {
            Execution::Executed
        } else {
            Execution::Unknown
        };
        if let Some(limit) = too_large(&error) {
            let what = format!("the answer is larger than the response limit of {limit} bytes");
            return Error::new(ErrorKind::TooLarge, what).with_execution(executed);
        }
        let (kind, what) = if error.is_timeout() {
            (ErrorKind::Timeout, "the answer did not arrive in time")
        } else {
            (ErrorKind::Interrupted, "the answer broke off")
        };
        Error::new(kind, what).with_execution(executed).with_source(error)
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
        let described = Error::new(ErrorKind::Unreadable, what).with_execution(Execution::Executed);
        // What serde says of a value quotes it.
        if self.is_secret {
            described
        } else {
            described.with_source(error)
        }
    }

    /// The answer came, and is no success.
    fn answer(&self, problem: Option<Problem>) -> Error {
        let problem = problem.map(|problem| problem.without(self.credential));
        let status = self.status().unwrap_or_default();
        let (kind, executed) = self.classify(status, problem.as_ref());
        let mut what = format!("ICA answered {status}");
        match &problem {
            Some(problem) => {
                if let Some(title) = problem.title().or(problem.code()) {
                    what.push(' ');
                    what.push_str(&one_line(title));
                }
                if let Some(detail) = problem.detail() {
                    what.push_str(&format!(" ({})", one_line(detail)));
                }
            }
            None => {
                if let Some(media) = self.media_type().filter(|media| !media.contains("json")) {
                    what.push_str(&format!(" with {media}, probably from a proxy in front of ICA"));
                }
            }
        }
        if let Some(location) = self.location().filter(|_| kind == ErrorKind::Redirected) {
            what.push_str(&format!(", which leads to {location}"));
        }
        Error::new(kind, what).with_execution(executed).with_problem(problem)
    }

    fn classify(&self, status: u16, problem: Option<&Problem>) -> (ErrorKind, Execution) {
        let code = problem.and_then(Problem::code);
        match status {
            401 => (ErrorKind::Unauthorized, Execution::NotExecuted),
            403 => (ErrorKind::Forbidden, Execution::NotExecuted),
            404 => (ErrorKind::NotFound, Execution::NotExecuted),
            406 => (ErrorKind::VersionNotSupported, Execution::NotExecuted),
            400 if code == Some("ICA_API_004") => (ErrorKind::VersionNotSupported, Execution::NotExecuted),
            408 | 499 => (ErrorKind::Timeout, Execution::Unknown),
            409 if self.has_key => (ErrorKind::InProgress, Execution::Unknown),
            422 if self.has_key && is_key_mismatch(problem) => (ErrorKind::KeyMismatch, Execution::NotExecuted),
            429 => (ErrorKind::RateLimited, Execution::NotExecuted),
            200..=299 => (ErrorKind::Unreadable, Execution::Executed),
            // These two ask for the same request elsewhere; the others may follow upon success.
            307 | 308 => (ErrorKind::Redirected, Execution::NotExecuted),
            300..=399 => (ErrorKind::Redirected, Execution::Unknown),
            400..=499 => (ErrorKind::Rejected, Execution::NotExecuted),
            _ => (ErrorKind::Server, Execution::Unknown),
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

/// Tells the 422 of a key that another request has from the 422 of a request that is invalid.
///
/// The API documents the first only. What names attributes of the request and does not speak of the key is taken for
/// the second; what says nothing is taken as documented.
fn is_key_mismatch(problem: Option<&Problem>) -> bool {
    let Some(problem) = problem else {
        return true;
    };
    let names = problem.parameters().keys().map(String::as_str);
    let texts = [problem.code(), problem.detail()].into_iter().flatten();
    let speaks_of_the_key = names
        .chain(texts)
        .any(|text| text.to_ascii_lowercase().contains("idempotency"));
    speaks_of_the_key || problem.parameters().is_empty()
}

/// What the server says, fit for a sentence.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 300;
    let shown = text.replace(|c: char| c.is_control(), " ");
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = words.chars().take(LONGEST).collect::<String>();
    if short.len() < words.len() {
        return format!("{short}…");
    }
    short.trim_end_matches('.').to_owned()
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

#[cfg(test)]
mod tests {
    use super::{ErrorKind, Execution, Failure, Problem, is_key_mismatch, one_line};

    fn classify(status: u16, has_key: bool, problem: &str) -> (ErrorKind, Execution) {
        let failure = Failure {
            head: None,
            has_effect: true,
            has_key,
            is_secret: false,
            credential: "hush-hush",
        };
        failure.classify(status, Problem::from_bytes(problem.as_bytes()).as_ref())
    }

    #[test]
    fn every_status_has_its_kind_and_says_whether_a_create_may_have_executed() {
        use {ErrorKind as K, Execution as E};
        let table = [
            (200, K::Unreadable, E::Executed),
            (303, K::Redirected, E::Unknown),
            (307, K::Redirected, E::NotExecuted),
            (400, K::Rejected, E::NotExecuted),
            (401, K::Unauthorized, E::NotExecuted),
            (403, K::Forbidden, E::NotExecuted),
            (404, K::NotFound, E::NotExecuted),
            (406, K::VersionNotSupported, E::NotExecuted),
            (408, K::Timeout, E::Unknown),
            (409, K::Rejected, E::NotExecuted),
            (413, K::Rejected, E::NotExecuted),
            (422, K::Rejected, E::NotExecuted),
            (425, K::Rejected, E::NotExecuted),
            (429, K::RateLimited, E::NotExecuted),
            (499, K::Timeout, E::Unknown),
            (500, K::Server, E::Unknown),
            (503, K::Server, E::Unknown),
            (504, K::Server, E::Unknown),
        ];
        for (status, kind, executed) in table {
            assert_eq!(classify(status, false, ""), (kind, executed), "{status}");
        }
        assert_eq!(classify(409, true, ""), (K::InProgress, E::Unknown));
        assert_eq!(classify(422, true, ""), (K::KeyMismatch, E::NotExecuted));
        assert_eq!(
            classify(400, true, r#"{"title":"ICA_API_004"}"#),
            (K::VersionNotSupported, E::NotExecuted)
        );
    }

    #[test]
    fn a_422_of_validation_is_told_from_one_of_the_key() {
        let says = |text: &str| is_key_mismatch(Problem::from_bytes(text.as_bytes()).as_ref());
        assert!(says(r#"{"title":"ICA_API_422"}"#));
        assert!(says(
            r#"{"title":"X","detail":"the Idempotency-Key was used before","parameters":{"a":"b"}}"#
        ));
        assert!(says(r#"{"title":"X","parameters":{"Idempotency-Key":"k"}}"#));
        assert!(!says(
            r#"{"title":"X","parameters":{"nextflowItems[0].pipelineId":"unknown"}}"#
        ));
    }

    #[test]
    fn what_the_server_says_fits_a_sentence() {
        assert_eq!(one_line("two\n  lines\u{1b}[1m."), "two lines [1m");
        let long = one_line(&"word ".repeat(200));
        assert!(long.chars().count() == 301 && long.ends_with('…'), "{long}");
    }
}
