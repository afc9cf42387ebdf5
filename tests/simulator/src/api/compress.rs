//! Compression of responses with gzip. ICA compresses if the request accepts it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use http::header::{CONTENT_ENCODING, VARY};

use super::call::Call;
use super::response::ApiResponse;

/// Compresses the response if the request accepts gzip and compression is enabled.
pub(crate) fn if_wanted(mut response: ApiResponse, call: &Call, enabled: bool) -> ApiResponse {
    if enabled && call.accepts_gzip() && !response.body.is_empty() {
        let mut encoder = GzEncoder::new(Vec::with_capacity(response.body.len() / 8), Compression::fast());
        encoder.write_all(&response.body).expect("a Vec takes every byte");
        response.body = encoder.finish().expect("a Vec takes every byte").into();
        mark(&mut response);
    }
    response
}

/// Sets the headers of a compressed body.
pub(crate) fn mark(response: &mut ApiResponse) {
    response
        .headers
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
        .headers
        .insert(VARY, HeaderValue::from_static("Accept-Encoding"));
}
