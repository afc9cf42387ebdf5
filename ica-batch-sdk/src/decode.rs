//! Decoding of responses, in bounded memory and not on the threads of async tasks.
//!
//! While a thread decodes, no other task of the thread runs. So a large response is decoded on a
//! thread for blocking work, where a runtime exists. A small one is not, because memory that one
//! thread allocates and another one frees costs time: 6 % of a list of V4 items.
//!
//! Measured with `cargo bench --bench decoding`: a page of 1000 V4 items (2.1 MB) takes 5 ms to
//! decode. Moving an empty task to another thread takes 5 to 10 µs.

use std::io;

use bytes::Bytes;
use progenitor_client::{Error, ResponseValue};
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use crate::context::CallContext;
use crate::gzip::{self, Decompressed, is_gzip};
use crate::json_error::json_error;
use crate::limit::{ResponseTooLarge, body_limit};
use crate::metered::{self, Budget};

/// Largest body that is decoded on the thread of its task: some 10 ms, and 20 ms with gzip.
const INLINE_LIMIT: u64 = 4 * 1024 * 1024;

/// Memory of a decoded response, as a multiple of the limit on its bytes.
///
/// An item that ICA has only accepted takes some five times as much memory as its bytes, and a list
/// that grows takes up to three times the memory of its items.
const DECODED_FACTOR: u64 = 8;

/// Initial capacity for a body, whatever its Content-Length says.
const CAPACITY: u64 = 4 * 1024 * 1024;

/// Number of bytes that the error of an invalid response keeps.
const KEPT: usize = 64 * 1024;

/// Reads and decodes a response.
pub(crate) async fn decode<T, E>(
    context: &CallContext,
    response: reqwest::Response,
) -> Result<ResponseValue<T>, Error<E>>
where
    T: DeserializeOwned + Send + 'static,
{
    let (status, headers) = (response.status(), response.headers().clone());
    let received = Received {
        body: read(response).await.map_err(Error::ResponseBodyError)?,
        is_gzip: is_gzip(&headers),
        limit: body_limit(status, context.limit()),
        may_be_cut: !status.is_success(),
    };
    let decoded = match (received.decode_small(), Handle::try_current()) {
        (Some(decoded), _) => decoded,
        (None, Ok(runtime)) => on_blocking_thread(&runtime, received).await,
        (None, Err(_)) => received.decode(),
    };
    let Decoded { body, result } = decoded;
    context.record_bytes(body.len() as u64);
    match result {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(failure) => {
            let kept = Bytes::copy_from_slice(&body[..body.len().min(KEPT)]);
            Err(Error::InvalidResponsePayload(kept, failure.into_json_error()))
        }
    }
}

/// Body of a response, as it was received.
#[derive(Clone)]
struct Received {
    body: Bytes,
    is_gzip: bool,
    /// Maximum size in bytes after decompression.
    limit: u64,
    /// Whether the end of the body may be missing.
    may_be_cut: bool,
}

/// Body of a response after decompression, and its value or the failure.
struct Decoded<T> {
    body: Bytes,
    result: Result<T, Failure>,
}

enum Failure {
    TooLarge(ResponseTooLarge),
    Gzip(io::Error),
    Json(serde_json::Error),
}

impl Failure {
    fn into_json_error(self) -> serde_json::Error {
        match self {
            Self::TooLarge(error) => json_error(error),
            Self::Gzip(error) => json_error(error),
            Self::Json(error) => error,
        }
    }
}

async fn read(mut response: reqwest::Response) -> reqwest::Result<Bytes> {
    let capacity = response.content_length().unwrap_or_default().min(CAPACITY);
    let mut body = Vec::with_capacity(capacity as usize);
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

async fn on_blocking_thread<T>(runtime: &Handle, received: Received) -> Decoded<T>
where
    T: DeserializeOwned + Send + 'static,
{
    let task = received.clone();
    match runtime.spawn_blocking(move || task.decode()).await {
        Ok(decoded) => decoded,
        Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
        // The runtime is shutting down.
        Err(_) => received.decode(),
    }
}

impl Received {
    /// Decodes the response if that takes little time: its body is small, and so is its memory.
    /// Some bytes decompress to a thousand times their size, and some decode to a hundred times
    /// theirs, so that only trying shows it.
    fn decode_small<T: DeserializeOwned>(&self) -> Option<Decoded<T>> {
        let limit = self.limit.min(INLINE_LIMIT);
        let decoded = self.decode_within(limit);
        let is_small = limit == self.limit || !matches!(decoded.result, Err(Failure::TooLarge(_)));
        is_small.then_some(decoded)
    }

    fn decode<T: DeserializeOwned>(self) -> Decoded<T> {
        self.decode_within(self.limit)
    }

    /// Decodes the response within a limit on its bytes, and on the memory that follows from it.
    fn decode_within<T: DeserializeOwned>(&self, limit: u64) -> Decoded<T> {
        let Decompressed { mut bytes, error } = match self.is_gzip {
            true => gzip::decompress(&self.body, limit),
            false => Decompressed {
                bytes: self.body.clone(),
                error: None,
            },
        };
        let mut failure = error.map(Failure::Gzip);
        if bytes.len() as u64 > limit {
            failure = Some(Failure::TooLarge(ResponseTooLarge::received(limit)));
        }
        if self.may_be_cut {
            bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            failure = None;
        }
        let result = match failure {
            Some(failure) => Err(failure),
            None => from_slice(&bytes, limit.saturating_mul(DECODED_FACTOR)),
        };
        Decoded { body: bytes, result }
    }
}

/// Decodes a value that takes at most this many bytes of memory.
fn from_slice<T: DeserializeOwned>(bytes: &[u8], limit: u64) -> Result<T, Failure> {
    let budget = Budget::new(limit);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let decoded = metered::deserialize(&mut deserializer, &budget).and_then(|value| deserializer.end().map(|()| value));
    if budget.is_exceeded() {
        return Err(Failure::TooLarge(ResponseTooLarge::decoded(limit)));
    }
    decoded.map_err(Failure::Json)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::{Failure, from_slice};

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Large {
        fields: Option<[u64; 32]>,
        nested: Option<Vec<Large>>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    enum Choice {
        Values(Vec<u64>),
        Named { values: Vec<u64> },
        Nothing,
    }

    /// Returns the limit that was exceeded, if one was.
    fn exceeded<T: serde::de::DeserializeOwned>(text: &str, limit: u64) -> Option<u64> {
        match from_slice::<T>(text.as_bytes(), limit) {
            Ok(_) => None,
            Err(Failure::TooLarge(error)) => Some(error.limit()),
            Err(other) => panic!("{}", other.into_json_error()),
        }
    }

    fn elements(count: usize, element: &str) -> String {
        format!("[{}]", vec![element; count].join(","))
    }

    #[test]
    fn an_array_counts_as_the_memory_of_its_vec() {
        let size = size_of::<Large>() as u64;
        // 64 elements, and 32 more while they grow.
        for (count, limit) in [(33, 96), (64, 96), (65, 192)] {
            let text = elements(count, "{}");
            assert_eq!(exceeded::<Vec<Large>>(&text, limit * size), None, "{count}");
            assert_eq!(exceeded::<Vec<Large>>(&text, limit * size - 1), Some(limit * size - 1));
        }
    }

    #[test]
    fn arrays_inside_of_other_values_count() {
        let nested = format!(r#"[{{"nested":{}}}]"#, elements(64, "{}"));
        let size = size_of::<Large>() as u64;
        assert_eq!(exceeded::<Vec<Large>>(&nested, 95 * size), Some(95 * size));
        let in_enum = format!(r#"{{"Values":{}}}"#, elements(64, "1"));
        assert_eq!(exceeded::<Choice>(&in_enum, 96 * 8), None);
        assert_eq!(exceeded::<Choice>(&in_enum, 95 * 8), Some(95 * 8));
        let named = format!(r#"{{"Named":{{"values":{}}}}}"#, elements(64, "1"));
        assert_eq!(exceeded::<Choice>(&named, 95 * 8), Some(95 * 8));
        assert_eq!(exceeded::<Choice>("\"Nothing\"", 0), None);
    }

    #[test]
    fn entries_of_maps_and_texts_in_arrays_count() {
        let map = r#"{"a":1,"b":2,"c":3}"#;
        assert_eq!(exceeded::<BTreeMap<String, u64>>(map, 300), Some(300));
        assert_eq!(exceeded::<BTreeMap<String, u64>>(map, 500), None);
        let texts = elements(64, "\"a\"");
        assert_eq!(exceeded::<Vec<String>>(&texts, 96 * 56), None);
        assert_eq!(exceeded::<Vec<String>>(&texts, 95 * 56), Some(95 * 56));
        // Members that are not kept cost nothing.
        assert_eq!(exceeded::<Large>(r#"{"unknown":[1,2,3,4,5,6,7,8,9]}"#, 16), None);
    }

    #[test]
    fn any_other_error_stays_as_it_is() {
        let error = |text: &[u8]| from_slice::<Vec<u64>>(text, 1000).err().unwrap().into_json_error();
        assert!(error(b"[1,2").is_eof());
        assert!(error(b"[1] 2").to_string().starts_with("trailing characters"));
        assert!(error(b"[true]").is_data());
    }
}
