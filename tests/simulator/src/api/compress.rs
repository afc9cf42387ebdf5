//! Answers with gzip, as ICA does when asked.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use http::header::{CONTENT_ENCODING, VARY};

use super::call::Call;
use super::response::Answer;

/// Compresses the answer if the request accepts it and the simulator is set to.
pub(crate) fn if_wanted(mut answer: Answer, call: &Call, enabled: bool) -> Answer {
    if enabled && call.accepts_gzip() && !answer.body.is_empty() {
        let mut encoder = GzEncoder::new(Vec::with_capacity(answer.body.len() / 8), Compression::fast());
        encoder.write_all(&answer.body).expect("a Vec takes every byte");
        answer.body = encoder.finish().expect("a Vec takes every byte").into();
        mark(&mut answer);
    }
    answer
}

/// Says in the headers that the body is compressed.
pub(crate) fn mark(answer: &mut Answer) {
    answer
        .headers
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    answer.headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
}
