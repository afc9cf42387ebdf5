//! A response before faults and compression change it.

use axum::body::Body;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

/// Status, headers and complete body.
#[derive(Clone, Debug)]
pub(crate) struct ApiResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl ApiResponse {
    pub(crate) fn json(status: StatusCode, media_type: &'static str, body: Vec<u8>) -> Self {
        Self::new(status, HeaderValue::from_static(media_type), body)
    }

    pub(crate) fn new(status: StatusCode, media_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type)]);
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    /// Returns the HTTP response.
    pub(crate) fn into_response(self) -> Response<Body> {
        let body = Body::from(self.body.clone());
        self.with_body(body)
    }

    /// Returns the HTTP response with another body.
    pub(crate) fn with_body(self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
