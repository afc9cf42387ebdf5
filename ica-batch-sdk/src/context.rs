//! Settings of one call, and the head of its response.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Default of [`CallContext::response_limit`]: 32 MiB.
const RESPONSE_LIMIT: u64 = 32 * 1024 * 1024;

/// Settings of one call: credential, further headers, body, version, timeout and response limit.
///
/// A [`Client`](crate::Client) is created with the context of one call. Clones of a context share
/// the [`response_head`](Self::response_head).
///
/// ```
/// use std::time::Duration;
///
/// use ica_batch_sdk::CallContext;
///
/// let context = CallContext::new().bearer("eyJhbGciOi…")?.version(4).timeout(Duration::from_secs(60));
/// assert!(context.response_head().is_none(), "nothing is sent yet");
/// assert!(!format!("{context:?}").contains("eyJ"), "the credential is hidden");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CallContext {
    credential: Option<(HeaderName, HeaderValue)>,
    headers: HeaderMap,
    body: Option<Bytes>,
    version: Option<u8>,
    timeout: Option<Duration>,
    response_limit: u64,
    response: Arc<Received>,
}

/// Response, as far as it was received.
#[derive(Default)]
struct Received {
    head: OnceLock<ResponseHead>,
    bytes: OnceLock<u64>,
}

/// Status and headers of a response. They are known also when the body could not be read.
///
/// `Debug` shows the names of the headers and hides their values, because a value may be a cookie.
///
/// ```
/// use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
/// use ica_batch_sdk::ResponseHead;
///
/// let headers = HeaderMap::from_iter([(SET_COOKIE, HeaderValue::from_static("session=1234"))]);
/// let head = ResponseHead { status: http::StatusCode::OK, headers };
/// assert_eq!(format!("{head:?}"), r#"ResponseHead { status: 200, headers: ["set-cookie"] }"#);
/// ```
#[derive(Clone)]
pub struct ResponseHead {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
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
    /// Returns the settings of a call without credential, timeout and further headers.
    ///
    /// ```
    /// let context = ica_batch_sdk::CallContext::new();
    /// assert!(format!("{context:?}").starts_with("CallContext { credential: None"));
    /// ```
    pub fn new() -> Self {
        Self {
            credential: None,
            headers: HeaderMap::new(),
            body: None,
            version: None,
            timeout: None,
            response_limit: RESPONSE_LIMIT,
            response: Arc::default(),
        }
    }

    /// Sends this JSON web token. It replaces another credential.
    ///
    /// # Errors
    /// When the token contains characters that are not allowed in a header.
    pub fn bearer(mut self, token: &str) -> Result<Self, InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
        value.set_sensitive(true);
        self.credential = Some((AUTHORIZATION, value));
        Ok(self)
    }

    /// Sends this API key. It replaces another credential.
    ///
    /// On a redirect to another origin reqwest removes `Authorization`, but not the header of the
    /// API key. Use a `reqwest::Client` that follows no redirects.
    ///
    /// # Errors
    /// When the key contains characters that are not allowed in a header.
    pub fn api_key(mut self, key: &str) -> Result<Self, InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(key)?;
        value.set_sensitive(true);
        self.credential = Some((API_KEY, value));
        Ok(self)
    }

    /// Adds a header. Headers of the operation and of the credential replace it.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sends these bytes in place of the serialized body argument, so that a retry sends exactly
    /// the same bytes.
    #[must_use]
    pub fn body(mut self, bytes: Bytes) -> Self {
        self.body = Some(bytes);
        self
    }

    /// Asks for this version of the response, for an operation with several versions.
    #[must_use]
    pub fn version(mut self, version: u8) -> Self {
        self.version = Some(version);
        self
    }

    /// Fails the call when it takes longer than this, the body included. Without a timeout it may
    /// take forever.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Fails the call with [`ResponseTooLarge`](crate::ResponseTooLarge) when the response is
    /// larger than this, in bytes after decompression. The default is 32 MiB.
    ///
    /// The limit also bounds the memory of the call. The decoded response may take eight times the
    /// limit, and the call takes less than twelve times the limit in total. Of a response that is
    /// not a success, at most 64 KiB are read, and the rest is ignored.
    #[must_use]
    pub fn response_limit(mut self, bytes: u64) -> Self {
        self.response_limit = bytes;
        self
    }

    /// Returns the head of the response, once there is one.
    pub fn response_head(&self) -> Option<&ResponseHead> {
        self.response.head.get()
    }

    /// Returns the size of the response body in bytes after decompression, once it was read.
    pub fn response_bytes(&self) -> Option<u64> {
        self.response.bytes.get().copied()
    }

    pub(crate) fn wanted_version(&self) -> Option<u8> {
        self.version
    }

    pub(crate) fn limit(&self) -> u64 {
        self.response_limit
    }

    // A context is for one call. A second call keeps the values of the first.
    pub(crate) fn record_head(&self, head: ResponseHead) {
        let _ = self.response.head.set(head);
    }

    pub(crate) fn record_bytes(&self, bytes: u64) {
        let _ = self.response.bytes.set(bytes);
    }

    /// Applies the settings to the request.
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

/// Shows the settings without the credential, the body and the values of further headers.
impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            credential,
            headers,
            body,
            version,
            timeout,
            response_limit,
            response,
        } = self;
        f.debug_struct("CallContext")
            .field("credential", &credential.as_ref().map(|(name, _)| name))
            .field("headers", &headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &body.as_ref().map(Bytes::len))
            .field("version", version)
            .field("timeout", timeout)
            .field("response_limit", response_limit)
            .field("status", &response.head.get().map(|head| head.status))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::CallContext;
    use http::header::{HeaderName, HeaderValue};

    #[test]
    fn debug_shows_names_and_hides_values() {
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
    fn an_error_about_a_token_hides_the_token() {
        let error = CallContext::new().bearer("line\nbreak").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("break"));
    }
}
