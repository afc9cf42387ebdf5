//! One attempt: the context, the raw client, and the error of a failure.

use std::future::Future;
use std::time::Duration;

use ica_batch_sdk::{self as raw, CallContext, Operation, ResponseHead};
use reqwest::header::CONTENT_TYPE;
use tracing::Instrument;

use super::authorize::Authorization;
#[cfg(feature = "journal")]
use super::skew::AttemptStart;
use super::{Call, RawResult, telemetry};
use crate::error::{Error, ErrorKind, Execution, Failure, NAME, Result, Scrubber};
use crate::retry::retry_after;

impl Call {
    /// Sends the request once, within the remaining time.
    pub(super) async fn attempt<T, Sent>(
        &self,
        operation: &'static Operation,
        send: &impl Fn(raw::Client) -> Sent,
        check: &impl Fn(&T) -> Result<()>,
        authorization: &Authorization,
        remaining: Duration,
        number: u32,
    ) -> Result<T>
    where
        Sent: Future<Output = RawResult<T>>,
    {
        let context = self.context(authorization, remaining)?;
        let client = raw::Client::new_with_client(self.core.base_url(), self.core.http(), context.clone());
        let span = telemetry::attempt_span(operation, self.core.server(), number);
        #[cfg(feature = "journal")]
        let start = AttemptStart::of(&**self.core.clock());
        let result = send(client).instrument(span.clone()).await;

        let head = context.response_head();
        let scrubber = || self.core.scrubber(Some(authorization.secret()));
        let result = self.interpret(operation, head, scrubber, result);
        #[cfg(feature = "journal")]
        if let Some(head) = head.filter(|head| is_of_ica(head, result.as_ref().err())) {
            self.core.saw_response();
            if let Some(seen) = start.skew(&**self.core.clock(), &head.headers) {
                self.core.saw_skew(seen);
            }
        }
        let result = result.and_then(|response| match check(&response) {
            Ok(()) => Ok(response),
            Err(error) => Err(refused(self.has_effect(operation), head, error)),
        });
        // The response to a mint contains a secret that no scrubber knows yet.
        let request_id = head.filter(|_| self.api_key.is_none()).and_then(telemetry::request_id);
        let request_id = request_id.map(|id| scrubber().text(id, NAME));
        telemetry::record_attempt(&span, head, request_id.as_deref(), result.as_ref().err());
        result
    }

    fn interpret<T>(
        &self,
        operation: &Operation,
        head: Option<&ResponseHead>,
        scrubber: impl Fn() -> Scrubber,
        result: RawResult<T>,
    ) -> Result<T> {
        let has_effect = self.has_effect(operation);
        if let Some(mismatch) = head.and_then(|head| version_mismatch(operation, head)) {
            let execution = if has_effect {
                Execution::Executed
            } else {
                Execution::NotExecuted
            };
            return Err(mismatch.with_execution(execution));
        }
        result.map_err(|error| {
            let failure = Failure {
                head,
                has_effect,
                is_create: self.is_create,
                has_key: self.key.is_some(),
                has_key_of_content: self.has_key_of_content,
                is_secret: self.api_key.is_some(),
                scrubber: &scrubber(),
            };
            let requested = head.and_then(|head| retry_after(&head.headers, self.core.clock().now()));
            failure.describe(error).with_retry_after(requested)
        })
    }

    fn context(&self, authorization: &Authorization, remaining: Duration) -> Result<CallContext> {
        let invalid = |_| {
            Error::invalid_input(
                "the credential is not valid: it contains characters that are not allowed in a header; \
                 check the place that it is read from",
            )
        };
        let mut context = CallContext::new()
            .timeout(self.options.attempt_timeout.min(remaining))
            .response_limit(self.core.response_limit());
        context = match authorization {
            Authorization::ApiKey(key) => context.api_key(key.expose()).map_err(invalid)?,
            Authorization::Bearer(token) => context.bearer(token.expose()).map_err(invalid)?,
            Authorization::Cached(token) => context.bearer(token.secret.expose()).map_err(invalid)?,
        };
        if let Some(version) = self.version {
            context = context.version(version.number());
        }
        if let Some(body) = &self.body {
            context = context.body(body.clone());
        }
        Ok(context)
    }
}

/// Returns whether a response is of ICA, and not of a proxy that refuses or redirects a request.
#[cfg(feature = "journal")]
fn is_of_ica(head: &ResponseHead, error: Option<&Error>) -> bool {
    let problem = error.and_then(Error::problem);
    head.status.is_success() || problem.is_some_and(|problem| problem.is_of_ica())
}

/// Returns the error of a response that does not fit its request.
fn refused(has_effect: bool, head: Option<&ResponseHead>, error: Error) -> Error {
    let execution = if has_effect {
        Execution::Executed
    } else {
        Execution::NotExecuted
    };
    error
        .with_status(head.map(|head| head.status.as_u16()))
        .with_execution(execution)
}

/// Returns an error for a response in a version that was not asked for. The media type of the
/// response decides, before the body is used.
fn version_mismatch(operation: &Operation, head: &ResponseHead) -> Option<Error> {
    let media = head.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let received = version_of(media).filter(|_| head.status.is_success())?;
    let requested = operation.accepts.iter().filter_map(|accept| accept.version);
    if requested.clone().any(|version| version == received) {
        return None;
    }
    let requested = requested.map(|version| format!("V{version}"));
    let requested = requested.collect::<Vec<_>>().join(" or ");
    // Another version can be asked for only where ICA publishes one.
    let advice = match operation.versions.len() > 1 {
        true => format!("ask for V{received}"),
        false => "report it".to_owned(),
    };
    let what = format!(
        "the response is V{received} (HTTP {}), and {requested} was requested; {advice}",
        head.status.as_u16()
    );
    Some(Error::new(ErrorKind::VersionMismatch, what).with_status(Some(head.status.as_u16())))
}

/// Returns the version in a vendor media type.
fn version_of(media: &str) -> Option<u8> {
    let media = media.trim_start().to_ascii_lowercase();
    let rest = media.strip_prefix("application/vnd.illumina.v")?;
    rest.split_once("+json")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn the_version_is_read_from_the_media_type() {
        assert_eq!(version_of("application/vnd.illumina.v4+json; charset=utf-8"), Some(4));
        assert_eq!(version_of("Application/vnd.Illumina.V3+JSON"), Some(3));
        assert_eq!(version_of("application/json"), None);
        assert_eq!(version_of("text/html"), None);
    }
}
