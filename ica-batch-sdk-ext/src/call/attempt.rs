//! One attempt: context, raw client, and what came of it.

use std::future::Future;
use std::time::Duration;

use ica_batch_sdk::{self as raw, CallContext, Operation, ResponseHead};
use reqwest::header::CONTENT_TYPE;
use tracing::Instrument;

use super::authorize::Authorization;
use super::{Call, RawResult, telemetry};
use crate::error::{Error, ErrorKind, Execution, Failure, Result};
use crate::retry::retry_after;

impl Call {
    /// Sends the call once, within what is left of its time.
    pub(super) async fn attempt<T, Sent>(
        &self,
        operation: &'static Operation,
        send: &impl Fn(raw::Client) -> Sent,
        authorization: &Authorization,
        left: Duration,
        number: u32,
    ) -> Result<T>
    where
        Sent: Future<Output = RawResult<T>>,
    {
        let context = self.context(authorization, left)?;
        let client = raw::Client::new_with_client(self.core.base_url(), self.core.http(), context.clone());
        let span = telemetry::attempt_span(operation, self.core.server(), number);
        let result = send(client).instrument(span.clone()).await;

        let head = context.response_head();
        let result = self.understand(operation, authorization, head, result);
        telemetry::attempt_ended(&span, head, result.as_ref().err());
        result
    }

    fn understand<T>(
        &self,
        operation: &Operation,
        authorization: &Authorization,
        head: Option<&ResponseHead>,
        result: RawResult<T>,
    ) -> Result<T> {
        let has_effect = operation.method != "GET";
        if let Some(mismatch) = head.and_then(|head| version_mismatch(operation, head)) {
            let executed = if has_effect {
                Execution::Executed
            } else {
                Execution::NotExecuted
            };
            return Err(mismatch.with_execution(executed));
        }
        result.map_err(|error| {
            let failure = Failure {
                head,
                has_effect,
                has_key: self.key.is_some(),
                is_secret: self.api_key.is_some(),
                credential: authorization.secret().expose(),
            };
            let asked = head.and_then(|head| retry_after(&head.headers, self.core.clock().now()));
            failure.describe(error).with_retry_after(asked)
        })
    }

    fn context(&self, authorization: &Authorization, left: Duration) -> Result<CallContext> {
        let unusable = |_| Error::invalid_input("the credential holds what no header can; check where it is read from");
        let mut context = CallContext::new()
            .timeout(self.options.attempt_timeout.min(left))
            .response_limit(self.core.response_limit());
        context = match authorization {
            Authorization::ApiKey(key) => context.api_key(key.expose()).map_err(unusable)?,
            Authorization::Bearer(token) => context.bearer(token.expose()).map_err(unusable)?,
            Authorization::Cached(token) => context.bearer(token.secret.expose()).map_err(unusable)?,
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

/// An answer in a version that was not asked for, told by its media type before anything of it is believed.
fn version_mismatch(operation: &Operation, head: &ResponseHead) -> Option<Error> {
    let media = head.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let answered = version_of(media).filter(|_| head.status.is_success())?;
    let asked = operation.accepts.iter().filter_map(|accept| accept.version);
    if asked.clone().any(|asked| asked == answered) {
        return None;
    }
    let asked = asked.map(|asked| format!("V{asked}")).collect::<Vec<_>>().join(" or ");
    // Where there is but one version to ask for, the server is at fault.
    let what = match operation.id.ends_with(['3', '4']) {
        true => format!("the answer is in V{answered} where {asked} was asked for; ask for V{answered}"),
        false => format!("the answer is in V{answered} where {asked} was asked for; report it"),
    };
    Some(Error::new(ErrorKind::VersionMismatch, what).with_status(Some(head.status.as_u16())))
}

/// The version that a vendor media type names.
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
