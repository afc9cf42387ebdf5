//! Where the generated client is made to speak as ICA wants.
//!
//! progenitor sends `Accept: application/json` and an `api-version` header of its own. ICA tells versions apart by
//! media type, per operation, so both are put right here from the generated table, for every operation alike.

use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
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

        context.apply(request);
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        headers.insert(ACCEPT, HeaderValue::from_static(accept.header));
        match operation.content_type {
            Some(content_type) => headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type)),
            None => headers.remove(CONTENT_TYPE),
        };
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
