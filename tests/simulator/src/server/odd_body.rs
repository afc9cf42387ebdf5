//! Bodies that a correct server does not send.

use std::io::{self, Write as _};

use axum::body::Body;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;

const BLOCK: usize = 256 * 1024;

/// Returns the first half of a body. After it the connection ends.
pub(super) fn truncated(body: &Bytes) -> Body {
    let half = body.slice(..body.len() / 2);
    let parts = stream::unfold(Some(half), |half| async {
        match half {
            Some(half) if !half.is_empty() => Some((Ok(half), Some(Bytes::new()))),
            _ => {
                // The server sends the first half before the connection ends.
                tokio::task::yield_now().await;
                Some((Err(io::Error::other("the fault TruncateBody")), None))
            }
        }
    });
    Body::from_stream(parts)
}

/// Returns a JSON object with whitespace after its opening brace. It stays valid.
pub(super) fn padded(json: &Bytes, bytes: u64) -> Body {
    Body::from_stream(stream::iter(padding(json, bytes).map(Ok::<_, io::Error>)))
}

/// Returns the same with gzip, compressed while it is sent.
pub(super) fn padded_gzip(json: &Bytes, bytes: u64) -> Body {
    let mut encoder = Some(GzEncoder::new(Vec::new(), Compression::best()));
    let mut plain = padding(json, bytes);
    let compressed = std::iter::from_fn(move || {
        for part in plain.by_ref() {
            let encoder = encoder.as_mut()?;
            encoder.write_all(&part).ok()?;
            if !encoder.get_ref().is_empty() {
                return Some(Bytes::from(std::mem::take(encoder.get_mut())));
            }
        }
        encoder.take()?.finish().ok().map(Bytes::from)
    });
    Body::from_stream(stream::iter(compressed.map(Ok::<_, io::Error>)))
}

fn padding(json: &Bytes, bytes: u64) -> impl Iterator<Item = Bytes> + Send + use<> {
    let block = Bytes::from(vec![b' '; BLOCK]);
    let blocks = bytes.div_ceil(BLOCK as u64);
    let (head, tail) = (json.slice(..json.len().min(1)), json.slice(json.len().min(1)..));
    let spaces = (0..blocks).map(move |_| block.clone());
    std::iter::once(head).chain(spaces).chain(std::iter::once(tail))
}
