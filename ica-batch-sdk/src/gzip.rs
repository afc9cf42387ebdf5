//! Decompression of responses.
//!
//! reqwest decompresses the first member of a gzip stream only, and reports the others as a broken
//! connection. A proxy may join members (RFC 1952, section 2.2).

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// Returns whether a response with these headers is compressed with gzip.
pub(crate) fn is_gzip(headers: &HeaderMap) -> bool {
    let encoding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    encoding.is_some_and(|name| {
        ["gzip", "x-gzip"]
            .iter()
            .any(|gzip| name.trim().eq_ignore_ascii_case(gzip))
    })
}

/// Decompresses all members. Stops after one byte more than the limit.
pub(crate) fn decompress(bytes: &[u8], limit: u64) -> Decompressed {
    let mut text = Vec::new();
    let result = MultiGzDecoder::new(bytes)
        .take(limit.saturating_add(1))
        .read_to_end(&mut text);
    Decompressed {
        bytes: text.into(),
        error: result.err(),
    }
}

/// Bytes that could be decompressed, and the error that ended them.
pub(crate) struct Decompressed {
    pub(crate) bytes: Bytes,
    pub(crate) error: Option<io::Error>,
}
