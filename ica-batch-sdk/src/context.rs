//! What one call carries in, and what it brings back beside its answer.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Default of [`CallContext::response_limit`]: 256 MiB.
const RESPONSE_LIMIT: u64 = 256 * 1024 * 1024;

/// What one call needs beyond its arguments.
///
/// Made for a call and given to the [`Client`](crate::Client) of that call. Clones share the
/// [`response_head`](Self::response_head).
#[derive(Clone)]
pub struct CallContext {
    credential: Option<(HeaderName, HeaderValue)>,
    headers: HeaderMap,
    body: Option<Bytes>,
    version: Option<u8>,
    timeout: Option<Duration>,
    response_limit: u64,
    head: Arc<OnceLock<ResponseHead>>,
}

/// Status and headers of an answer. Known even where its body could not be read.
///
/// `Debug` names the headers and hides their values, for they may set cookies.
#[derive(Clone)]
pub struct ResponseHead {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, headers } = self;
        f.debug_struct("ResponseHead")
            .field("status", status)
            .field("headers", &headers.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl CallContext {
    /// A call without a credential, a timeout or further headers.
    pub fn new() -> Self {
        Self {
            credential: None,
            headers: HeaderMap::new(),
            body: None,
            version: None,
            timeout: None,
            response_limit: RESPONSE_LIMIT,
            head: Arc::default(),
        }
    }

    /// Sends a JSON web token. Replaces another credential.
    ///
    /// # Errors
    /// When the token holds what no header can.
    pub fn bearer(mut self, token: &str) -> Result<Self, InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
        value.set_sensitive(true);
        self.credential = Some((AUTHORIZATION, value));
        Ok(self)
    }

    /// Sends an API key. Replaces another credential.
    ///
    /// reqwest takes `Authorization` off a request that is redirected to another origin, but not this header. Give the client a
    /// `reqwest::Client` that follows no redirects.
    ///
    /// # Errors
    /// When the key holds what no header can.
    pub fn api_key(mut self, key: &str) -> Result<Self, InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(key)?;
        value.set_sensitive(true);
        self.credential = Some((API_KEY, value));
        Ok(self)
    }

    /// Adds a header to the call. Those that the operation or the credential sets win over it.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sends these bytes in place of the serialized body argument, so that a repeated call is the same to the byte.
    #[must_use]
    pub fn body(mut self, bytes: Bytes) -> Self {
        self.body = Some(bytes);
        self
    }

    /// Asks for this version of the answer, where the operation has it in more than one.
    #[must_use]
    pub fn version(mut self, version: u8) -> Self {
        self.version = Some(version);
        self
    }

    /// Ends the call when it takes longer than this, its body included. Without one it may take forever.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Ends the call with [`ResponseTooLarge`](crate::ResponseTooLarge) when the answer is larger than this, in bytes after
    /// decompression. 256 MiB by default.
    #[must_use]
    pub fn response_limit(mut self, bytes: u64) -> Self {
        self.response_limit = bytes;
        self
    }

    /// The head of the answer, once there was one.
    pub fn response_head(&self) -> Option<&ResponseHead> {
        self.head.get()
    }

    pub(crate) fn wanted_version(&self) -> Option<u8> {
        self.version
    }

    pub(crate) fn limit(&self) -> u64 {
        self.response_limit
    }

    pub(crate) fn record(&self, head: ResponseHead) {
        // A context serves one call. Should it serve a second, the first head stays.
        let _ = self.head.set(head);
    }

    /// Sets on the request what the caller gave.
    pub(crate) fn apply(&self, request: &mut reqwest::Request) {
        if let Some(bytes) = &self.body {
            *request.body_mut() = Some(bytes.clone().into());
        }
        if let Some(timeout) = self.timeout {
            *request.timeout_mut() = Some(timeout);
        }
        let headers = request.headers_mut();
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        if let Some((name, value)) = &self.credential {
            headers.insert(name, value.clone());
        }
    }
}

impl Default for CallContext {
    fn default() -> Self {
        Self::new()
    }
}

/// Names what is set. Shows neither credential nor body, and of further headers the names alone.
impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            credential,
            headers,
            body,
            version,
            timeout,
            response_limit,
            head,
        } = self;
        f.debug_struct("CallContext")
            .field("credential", &credential.as_ref().map(|(name, _)| name))
            .field("headers", &headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &body.as_ref().map(Bytes::len))
            .field("version", version)
            .field("timeout", timeout)
            .field("response_limit", response_limit)
            .field("status", &head.get().map(|head| head.status))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::CallContext;
    use http::header::{HeaderName, HeaderValue};

    #[test]
    fn debug_names_the_credential_and_hides_every_value() {
        let context = CallContext::new()
            .api_key("k-secret")
            .unwrap()
            .header(HeaderName::from_static("x-trace"), HeaderValue::from_static("t-secret"))
            .body("b-secret".into());
        let shown = format!("{context:?}");
        assert!(shown.contains("x-api-key") && shown.contains("x-trace"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn a_token_that_no_header_can_hold_is_refused_without_being_shown() {
        let error = CallContext::new().bearer("line\nbreak").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("break"));
    }
}
