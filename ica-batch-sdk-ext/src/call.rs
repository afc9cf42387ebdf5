//! One call: context, raw client, and this crate's error.
//!
//! Every call of the crate goes through here, whatever its endpoint, so that what is promised of a call is kept in
//! one place.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use ica_batch_sdk::{self as raw, CallContext, Operation, ResponseHead, types};
use reqwest::header::CONTENT_TYPE;

use crate::client::Core;
use crate::credentials::Kind;
use crate::error::{Error, ErrorKind, Executed, Failure, Result};
use crate::idempotency::IdempotencyKey;

/// What a call of the raw client results in.
pub(crate) type RawResult<T> = std::result::Result<T, raw::Error<types::Problem>>;

/// A call that is to be made.
pub(crate) struct Call {
    core: Arc<Core>,
    operation: &'static str,
    action: &'static str,
    body: Option<Bytes>,
    key: Option<IdempotencyKey>,
}

impl Call {
    /// A call of this operation of the raw client; `action` says in an error what was being done.
    pub(crate) fn new(core: Arc<Core>, operation: &'static str, action: &'static str) -> Self {
        Self {
            core,
            operation,
            action,
            body: None,
            key: None,
        }
    }

    /// Sends exactly these bytes as the body.
    pub(crate) fn body(mut self, bytes: Bytes) -> Self {
        self.body = Some(bytes);
        self
    }

    /// The key that the call carries. Errors carry it too.
    pub(crate) fn key(mut self, key: Option<IdempotencyKey>) -> Self {
        self.key = key;
        self
    }

    /// Makes the call. `send` calls the one method of the raw client that the operation is.
    pub(crate) async fn run<T, Sent>(&self, send: impl FnOnce(raw::Client) -> Sent) -> Result<T>
    where
        Sent: Future<Output = RawResult<T>>,
    {
        let started = Instant::now();
        let result = self.attempt(send).await;
        result.map_err(|error| {
            let attempts = u32::from(error.kind() != ErrorKind::InvalidInput);
            error
                .during(self.action)
                .with_effort(attempts, started.elapsed())
                .with_key(self.key.clone())
        })
    }

    async fn attempt<T, Sent>(&self, send: impl FnOnce(raw::Client) -> Sent) -> Result<T>
    where
        Sent: Future<Output = RawResult<T>>,
    {
        let operation = Operation::find(self.operation)
            .ok_or_else(|| Error::invalid_input(format!("there is no operation {}", self.operation)))?;
        let context = self.context()?;
        let client = raw::Client::new_with_client(self.core.base_url(), self.core.http(), context.clone());
        let result = send(client).await;

        let head = context.response_head();
        let has_effect = operation.method != "GET";
        if let Some(mismatch) = head.and_then(|head| version_mismatch(operation, head)) {
            let executed = if has_effect { Executed::Yes } else { Executed::No };
            return Err(mismatch.with_executed(executed));
        }
        result.map_err(|error| {
            let failure = Failure {
                head,
                has_effect,
                has_key: self.key.is_some(),
            };
            failure.describe(error)
        })
    }

    fn context(&self) -> Result<CallContext> {
        let unusable = |_| Error::invalid_input("the credential holds what no header can");
        let mut context = CallContext::new()
            .timeout(self.core.attempt_timeout())
            .response_limit(self.core.response_limit());
        context = match self.core.credentials().kind() {
            Kind::Bearer(token) => context.bearer(token.expose()).map_err(unusable)?,
            Kind::ApiKey(key) => context.api_key(key.expose()).map_err(unusable)?,
        };
        if let Some(body) = &self.body {
            context = context.body(body.clone());
        }
        Ok(context)
    }
}

/// An answer in a version that was not asked for, told by its media type before anything of it is believed.
fn version_mismatch(operation: &Operation, head: &ResponseHead) -> Option<Error> {
    let asked = operation.accept(None)?.version?;
    let media = head.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let answered = version_of(media).filter(|answered| head.status.is_success() && *answered != asked)?;
    let what = format!("the answer is in V{answered} where V{asked} was asked for; ask for V{answered}, or report it");
    Some(Error::new(ErrorKind::VersionMismatch, what).with_status(Some(head.status.as_u16())))
}

/// The version that a vendor media type names.
fn version_of(media: &str) -> Option<u8> {
    let rest = media.trim_start().strip_prefix("application/vnd.illumina.v")?;
    rest.split_once("+json")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn the_version_is_read_from_the_media_type() {
        assert_eq!(version_of("application/vnd.illumina.v4+json; charset=utf-8"), Some(4));
        assert_eq!(version_of("application/vnd.illumina.v3+json"), Some(3));
        assert_eq!(version_of("application/json"), None);
        assert_eq!(version_of("text/html"), None);
    }
}
