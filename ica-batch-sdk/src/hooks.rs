//! Where the generated client is made to speak as ICA wants.
//!
//! progenitor sends `Accept: application/json` and an `api-version` header of its own. ICA tells versions apart by
//! media type, per operation, so both are put right here from the generated table, for every operation alike.

use http::Method;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};

use crate::context::{CallContext, ResponseHead};
use crate::limit::limit;
use crate::{Client, Error, Operation};

const API_VERSION: &str = "api-version";

impl Client {
    /// What this client's call carries, and the head of its answer.
    pub fn context(&self) -> &CallContext {
        self.inner()
    }
}

impl ClientHooks<CallContext> for Client {
    async fn pre<E>(&self, request: &mut reqwest::Request, info: &OperationInfo) -> Result<(), Error<E>> {
        let context = self.context();
        let operation = Operation::find(info.operation_id)
            .ok_or_else(|| Error::InvalidRequest(format!("no media types are known for {}", info.operation_id)))?;
        let accept = operation.accept(context.wanted_version()).ok_or_else(|| {
            let version = context.wanted_version().unwrap_or_default();
            Error::InvalidRequest(format!("{} has no version {version}", operation.id))
        })?;

        check_path(request, operation).map_err(Error::InvalidRequest)?;

        context.apply(request);
        let sends_nothing = request.method() == Method::POST && request.body().is_none();
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        headers.insert(ACCEPT, HeaderValue::from_static(accept.header));
        match operation.content_type {
            Some(content_type) => headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type)),
            None => headers.remove(CONTENT_TYPE),
        };
        if sends_nothing {
            // Some gateways refuse a POST that does not say how long it is.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(())
    }

    async fn exec(&self, request: reqwest::Request, _: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let context = self.context();
        let response = self.client().execute(request).await?;
        context.record(ResponseHead {
            status: response.status(),
            headers: response.headers().clone(),
        });
        Ok(limit(response, context.limit()))
    }
}

/// Refuses ids that lead to another path than the operation's: the empty one, `.` and `..`.
fn check_path(request: &reqwest::Request, operation: &Operation) -> Result<(), String> {
    let mut sent = request.url().path().rsplit('/');
    let leads_there = operation
        .path
        .rsplit('/')
        .take_while(|part| !part.is_empty())
        .all(|part| {
            let Some(sent) = sent.next() else {
                return false;
            };
            if part.starts_with('{') {
                !sent.is_empty()
            } else {
                part == sent
            }
        });
    if leads_there {
        Ok(())
    } else {
        Err(format!(
            "an id for {} is empty or a dot segment; check the ids",
            operation.path
        ))
    }
}
