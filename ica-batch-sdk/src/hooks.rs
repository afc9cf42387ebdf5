//! Hooks that change each request of the generated client to what ICA expects.
//!
//! progenitor sends `Accept: application/json` and a header `api-version`. ICA tells versions apart
//! by media type, per operation. The hooks set the headers from the generated table of operations.

use http::Method;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};

use crate::context::{CallContext, ResponseHead};
use crate::limit::limit_body;
use crate::{Client, Error, Operation};

const API_VERSION: &str = "api-version";

impl Client {
    /// Returns the context of this client's call.
    ///
    /// ```
    /// use ica_batch_sdk::{CallContext, Client};
    ///
    /// # // A build of the whole workspace turns on rustls in reqwest without a provider.
    /// # let _ = rustls::crypto::ring::default_provider().install_default();
    /// let http = reqwest::Client::new();
    /// let client = Client::new_with_client("http://127.0.0.1:8080", http, CallContext::new().version(3));
    /// assert!(format!("{:?}", client.context()).contains("version: Some(3)"));
    /// ```
    pub fn context(&self) -> &CallContext {
        self.inner()
    }
}

impl ClientHooks<CallContext> for Client {
    async fn pre<E>(&self, request: &mut reqwest::Request, info: &OperationInfo) -> Result<(), Error<E>> {
        let context = self.context();
        let operation = Operation::find(info.operation_id).ok_or_else(|| {
            Error::InvalidRequest(format!(
                "operation {} is not valid: the table of operations does not have it; report it",
                info.operation_id
            ))
        })?;
        let accept = operation.accept(context.wanted_version()).ok_or_else(|| {
            let version = context.wanted_version().unwrap_or_default();
            let id = operation.id;
            Error::InvalidRequest(format!(
                "version {version} of operation {id} is not valid: ICA does not publish it; ask for another version"
            ))
        })?;

        check_path(request, operation).map_err(Error::InvalidRequest)?;

        context.apply(request);
        let sends_nothing = request.method() == Method::POST && request.body().is_none();
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        headers.insert(ACCEPT, HeaderValue::from_static(accept.header));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        match operation.content_type {
            Some(content_type) => headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type)),
            None => headers.remove(CONTENT_TYPE),
        };
        if sends_nothing {
            // Some gateways reject a POST without a Content-Length.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(())
    }

    async fn exec(&self, request: reqwest::Request, _: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let context = self.context();
        let response = self.client().execute(request).await?;
        context.record_head(ResponseHead {
            status: response.status(),
            headers: response.headers().clone(),
        });
        Ok(limit_body(response, context.limit()))
    }
}

/// Rejects ids that change the path of the operation: the empty id, `.` and `..`.
fn check_path(request: &reqwest::Request, operation: &Operation) -> Result<(), String> {
    let mut sent = request.url().path().rsplit('/');
    let is_same_path = operation
        .path
        .rsplit('/')
        .take_while(|part| !part.is_empty())
        .all(|part| {
            let Some(sent) = sent.next() else {
                return false;
            };
            match part.split_once('}') {
                // A part such as `{analysisId}:abort` is an id and an action.
                Some((_, action)) => sent.strip_suffix(action).is_some_and(|id| !id.is_empty()),
                None => part == sent,
            }
        });
    if is_same_path {
        Ok(())
    } else {
        Err(format!(
            "an id in {} is not valid: it is empty, '.' or '..'; check the ids",
            operation.path
        ))
    }
}
