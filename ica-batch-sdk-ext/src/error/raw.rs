//! Conversion of errors of the raw client.
//!
//! The error of the raw client prints header values, and it loses the status of a response that it
//! could not read. So nothing of it is shown or chained. Its variants are taken apart here,
//! together with the response head from the call context. What they say goes through the scrubber
//! of the client.

use std::error::Error as StdError;

use ica_batch_sdk::{self as raw, ResponseHead, ResponseTooLarge, types};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};

use super::foreign::{DETAIL, NAME, Scrubber};
use super::{Created, Error, ErrorKind, Execution, Problem};

/// A failed attempt, and the properties of its call that the error depends on.
pub(crate) struct Failure<'a> {
    /// Head of the response, if there was one.
    pub(crate) head: Option<&'a ResponseHead>,
    /// Whether the call changes something.
    pub(crate) has_effect: bool,
    /// Whether the call creates a batch.
    pub(crate) is_create: bool,
    /// Whether the call has an idempotency key.
    pub(crate) has_key: bool,
    /// Whether the key follows from the content of the request, so that no other request has it.
    pub(crate) has_key_of_content: bool,
    /// Whether the response is a secret, so that errors may not quote it.
    pub(crate) is_secret: bool,
    /// Scrubber with the secrets that a server may send back.
    pub(crate) scrubber: &'a Scrubber,
}

impl Failure<'_> {
    pub(crate) fn describe(&self, error: raw::Error<types::Problem>) -> Error {
        let described = match error {
            raw::Error::InvalidRequest(what) | raw::Error::Custom(what) => {
                Error::invalid_input(self.scrubber.text(&what, DETAIL))
            }
            raw::Error::CommunicationError(error) | raw::Error::InvalidUpgrade(error) => self.transport(error),
            raw::Error::ResponseBodyError(error) => self.body(error),
            raw::Error::ErrorResponse(response) => {
                self.response(Some(Problem::new(response.into_inner(), self.scrubber)))
            }
            raw::Error::InvalidResponsePayload(bytes, error) => self.payload(&bytes, error),
            raw::Error::UnexpectedResponse(_) => self.response(None),
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

    /// Returns the error of a request without a response.
    fn transport(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        let (kind, what, execution) = if error.is_timeout() {
            let execution = if error.is_connect() {
                Execution::NotExecuted
            } else {
                Execution::Unknown
            };
            (ErrorKind::Timeout, "no response in time", execution)
        } else if error.is_connect() {
            (
                ErrorKind::Connect,
                "no connection to the server",
                Execution::NotExecuted,
            )
        } else if error.is_builder() {
            return Error::invalid_input("the request cannot be built from this input; see the source of this error")
                .with_foreign_source(&error, self.scrubber);
        } else {
            (
                ErrorKind::Interrupted,
                "the connection broke before a response arrived",
                Execution::Unknown,
            )
        };
        Error::new(kind, what)
            .with_execution(execution)
            .with_foreign_source(&error, self.scrubber)
    }

    /// Returns the error of a response that began and did not end.
    fn body(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        if self.head.is_some() && !self.is_success() {
            // The status counts, even where the rest of the response is missing.
            return self.response(None).with_foreign_source(&error, self.scrubber);
        }
        let execution = if self.is_success() {
            Execution::Executed
        } else {
            Execution::Unknown
        };
        if let Some(too_large) = too_large(&error) {
            let what = format!("{too_large}{}", self.status_text());
            return Error::new(ErrorKind::TooLarge, what).with_execution(execution);
        }
        let (kind, what) = if error.is_timeout() {
            (ErrorKind::Timeout, "the response did not arrive completely in time")
        } else {
            (ErrorKind::Interrupted, "the connection broke within the response")
        };
        let what = format!("{what}{}", self.status_text());
        Error::new(kind, what)
            .with_execution(execution)
            .with_foreign_source(&error, self.scrubber)
    }

    /// Returns the status as the end of a sentence, if there is a response.
    fn status_text(&self) -> String {
        self.status()
            .map_or_else(String::new, |status| format!(" (HTTP {status})"))
    }

    /// Returns the error of a response that could not be read.
    fn payload(&self, bytes: &[u8], error: serde_json::Error) -> Error {
        if !self.is_success() {
            return self.response(Problem::from_bytes(bytes, self.scrubber));
        }
        if let Some(too_large) = too_large(&error) {
            let what = format!("{too_large}{}", self.status_text());
            return Error::new(ErrorKind::TooLarge, what).with_execution(Execution::Executed);
        }
        let what = match self.media_type() {
            Some(media) if !media.contains("json") => format!("the response is {media}, and JSON was requested"),
            _ => "the response is not as the API describes it".to_owned(),
        };
        let created = self.is_create.then(|| Created::from_bytes(bytes)).flatten();
        let mut what = format!("{what}{}", self.status_text());
        if let Some(Created { batch, .. }) = created {
            what.push_str(&format!(", and it names batch {batch}"));
        }
        let described = Error::new(ErrorKind::Unreadable, what).with_execution(Execution::Executed);
        let described = match created {
            Some(_) => described
                .with_advice("the batch exists: read it by this id")
                .with_created(created),
            None => described,
        };
        // serde's error quotes the value.
        if self.is_secret {
            described
        } else {
            described.with_foreign_source(&error, self.scrubber)
        }
    }

    /// Returns the error of a complete response that is not a success.
    fn response(&self, problem: Option<Problem>) -> Error {
        let status = self.status().unwrap_or_default();
        let (kind, execution) = self.classify(status, problem.as_ref());
        let mut what = format!("{} (HTTP {status}", phrase(kind));
        if let Some(problem) = &problem {
            if let Some(code) = problem.code() {
                what.push_str(&format!(", {}", self.scrubber.text(code, NAME)));
            }
            // A title that is not a code is a phrase of a gateway.
            let title = problem.title().filter(|title| problem.code() != Some(title));
            let texts = [title, problem.detail()]
                .into_iter()
                .flatten()
                .map(|text| self.scrubber.phrase(text));
            let texts = texts.filter(|text| !text.is_empty()).collect::<Vec<_>>();
            if !texts.is_empty() {
                what.push_str(&format!(": {}", texts.join(": ")));
            }
        }
        what.push(')');
        if let Some(location) = self.location().filter(|_| kind == ErrorKind::Redirected) {
            what.push_str(&format!(" to {location}"));
        }
        let media = self.media_type().filter(|media| !media.contains("json"));
        let media = media.filter(|_| problem.is_none());
        if let Some(media) = &media {
            what.push_str(&format!(", with {media}, probably by a proxy in front of ICA"));
        }
        let error = Error::new(kind, what).of_proxy(media.is_some());
        error.with_execution(execution).with_problem(problem)
    }

    fn classify(&self, status: u16, problem: Option<&Problem>) -> (ErrorKind, Execution) {
        let code = problem.and_then(Problem::code);
        // A proxy or a gateway can send any status after ICA has executed the request, also a
        // redirect.
        let refused = match problem.is_some_and(Problem::is_of_ica) {
            true => Execution::NotExecuted,
            false => Execution::Unknown,
        };
        match status {
            401 => (ErrorKind::Unauthorized, refused),
            403 => (ErrorKind::Forbidden, refused),
            404 => (ErrorKind::NotFound, refused),
            406 => (ErrorKind::VersionNotSupported, refused),
            400 if code == Some("ICA_API_004") => (ErrorKind::VersionNotSupported, refused),
            408 | 499 => (ErrorKind::Timeout, Execution::Unknown),
            409 if self.has_key => (ErrorKind::InProgress, Execution::Unknown),
            422 if self.is_key_mismatch(problem) => (ErrorKind::KeyMismatch, refused),
            429 => (ErrorKind::RateLimited, refused),
            200..=299 => (ErrorKind::Unreadable, Execution::Executed),
            300..=399 => (ErrorKind::Redirected, Execution::Unknown),
            400..=499 => (ErrorKind::Rejected, refused),
            _ => (ErrorKind::Server, Execution::Unknown),
        }
    }

    /// Returns whether a 422 is about the idempotency key, and not about the content of the request.
    ///
    /// The API documents the former only. A problem that names attributes of the request and does
    /// not mention the key is taken for the latter. A problem of ICA that says neither is taken as
    /// documented, unless the key follows from the content: then no other request has it. A problem
    /// of a proxy that says neither is about the content.
    fn is_key_mismatch(&self, problem: Option<&Problem>) -> bool {
        let Some(problem) = problem.filter(|_| self.has_key) else {
            return false;
        };
        let is_silent = problem.is_of_ica() && problem.parameters().is_empty();
        problem.mentions_the_key() || is_silent && !self.has_key_of_content
    }

    fn media_type(&self) -> Option<String> {
        let value = self.headers()?.get(CONTENT_TYPE)?.to_str().ok()?;
        let media = value.split(';').next()?;
        Some(self.scrubber.text(media, NAME))
    }

    /// Returns the origin that a redirect names. The rest of the URL may contain secrets.
    fn location(&self) -> Option<String> {
        let location = self.headers()?.get(LOCATION)?.to_str().ok()?;
        let url = reqwest::Url::parse(location).ok()?;
        Some(self.scrubber.text(&url.origin().ascii_serialization(), NAME))
    }

    fn headers(&self) -> Option<&HeaderMap> {
        self.head.map(|head| &head.headers)
    }
}

/// Returns the start of the text of an error of this kind.
fn phrase(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthorized => "not authorized",
        ErrorKind::Forbidden => "permission denied",
        ErrorKind::NotFound => "not found",
        ErrorKind::VersionNotSupported => "the server does not support this version",
        ErrorKind::Timeout => "the server timed out",
        ErrorKind::InProgress => "an earlier request with the same idempotency key is in progress",
        ErrorKind::KeyMismatch => "the idempotency key was used for another request",
        ErrorKind::RateLimited => "too many requests",
        ErrorKind::Redirected => "redirected",
        ErrorKind::Rejected => "rejected",
        ErrorKind::Server => "server error",
        _ => "unexpected response",
    }
}

fn too_large(error: &dyn StdError) -> Option<ResponseTooLarge> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(found) = cause.downcast_ref::<ResponseTooLarge>() {
            return Some(*found);
        }
        source = cause.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{ErrorKind, Execution, Failure, Problem, Scrubber};

    fn classify(status: u16, has_key: bool, problem: &str) -> (ErrorKind, Execution) {
        let scrubber = Scrubber::without_secrets();
        let failure = Failure {
            head: None,
            has_effect: true,
            is_create: true,
            has_key,
            has_key_of_content: false,
            is_secret: false,
            scrubber: &scrubber,
        };
        failure.classify(status, Problem::from_bytes(problem.as_bytes(), &scrubber).as_ref())
    }

    #[test]
    fn every_status_has_a_kind_and_an_execution() {
        use {ErrorKind as K, Execution as E};
        // The status, its kind, and the execution if the response has one of ICA's codes.
        let table = [
            (200, K::Unreadable, E::Executed),
            (303, K::Redirected, E::Unknown),
            (307, K::Redirected, E::Unknown),
            (308, K::Redirected, E::Unknown),
            (400, K::Rejected, E::NotExecuted),
            (401, K::Unauthorized, E::NotExecuted),
            (403, K::Forbidden, E::NotExecuted),
            (404, K::NotFound, E::NotExecuted),
            (405, K::Rejected, E::NotExecuted),
            (406, K::VersionNotSupported, E::NotExecuted),
            (408, K::Timeout, E::Unknown),
            (409, K::Rejected, E::NotExecuted),
            (410, K::Rejected, E::NotExecuted),
            (413, K::Rejected, E::NotExecuted),
            (422, K::Rejected, E::NotExecuted),
            (425, K::Rejected, E::NotExecuted),
            (429, K::RateLimited, E::NotExecuted),
            (451, K::Rejected, E::NotExecuted),
            (499, K::Timeout, E::Unknown),
            (500, K::Server, E::Unknown),
            (503, K::Server, E::Unknown),
            (504, K::Server, E::Unknown),
        ];
        for (status, kind, by_ica) in table {
            let ica = r#"{"title":"ICA_API_001"}"#;
            assert_eq!(classify(status, false, ica), (kind, by_ica), "{status}");
            let by_others = match by_ica {
                E::NotExecuted => E::Unknown,
                other => other,
            };
            for response in [
                "",
                "<html>",
                r#"{"title":"Forbidden"}"#,
                r#"{"code":"E1","message":"no"}"#,
                r#"{"title":"an ICA_API_001"}"#,
            ] {
                assert_eq!(
                    classify(status, false, response),
                    (kind, by_others),
                    "{status} {response}"
                );
            }
        }
        assert_eq!(classify(409, true, ""), (K::InProgress, E::Unknown));
        assert_eq!(
            classify(409, true, r#"{"title":"ICA_API_409"}"#),
            (K::InProgress, E::Unknown)
        );
        assert_eq!(
            classify(400, true, r#"{"title":"ICA_API_004"}"#),
            (K::VersionNotSupported, E::NotExecuted)
        );
    }

    #[test]
    fn a_422_is_a_key_mismatch_unless_it_is_about_the_content_or_by_a_proxy() {
        use {ErrorKind as K, Execution as E};
        let table = [
            (r#"{"title":"ICA_API_422"}"#, K::KeyMismatch, E::NotExecuted),
            (
                r#"{"title":"ICA_X","detail":"the Idempotency-Key was used before","parameters":{"a":"b"}}"#,
                K::KeyMismatch,
                E::NotExecuted,
            ),
            (
                r#"{"title":"ICA_X","parameters":{"Idempotency-Key":"k"}}"#,
                K::KeyMismatch,
                E::NotExecuted,
            ),
            (
                r#"{"title":"ICA_X","parameters":{"nextflowItems[0].pipelineId":"unknown"}}"#,
                K::Rejected,
                E::NotExecuted,
            ),
            (
                r#"{"message":"Idempotency-Key used before"}"#,
                K::KeyMismatch,
                E::Unknown,
            ),
            (r#"{"message":"no"}"#, K::Rejected, E::Unknown),
            ("", K::Rejected, E::Unknown),
        ];
        for (problem, kind, execution) in table {
            assert_eq!(classify(422, true, problem), (kind, execution), "{problem}");
        }
        // A key that follows from the content cannot have another request.
        let of_content = |problem: &str| {
            let scrubber = Scrubber::without_secrets();
            let failure = Failure {
                head: None,
                has_effect: true,
                is_create: true,
                has_key: true,
                has_key_of_content: true,
                is_secret: false,
                scrubber: &scrubber,
            };
            failure.classify(422, Problem::from_bytes(problem.as_bytes(), &scrubber).as_ref())
        };
        assert_eq!(of_content(r#"{"title":"ICA_API_422"}"#), (K::Rejected, E::NotExecuted));
        let about_the_key = r#"{"title":"ICA_API_422","detail":"Idempotency-Key used before"}"#;
        assert_eq!(of_content(about_the_key), (K::KeyMismatch, E::NotExecuted));
    }
}
