//! Decoding of responses, in bounded memory and not on the threads of async tasks.
//!
//! A large response takes milliseconds to decode. Meanwhile no other task of the thread could run.
//! So it is decoded on a thread for blocking work, where a runtime exists.
//!
//! Measured with `cargo bench --bench listing`: a page of 1000 V4 items (1.2 MB) takes 4 ms to
//! decode. Moving it to another thread takes some 20 µs, which is the time for 10 KB.

use bytes::Bytes;
use progenitor_client::{Error, ResponseValue};
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use crate::context::CallContext;
use crate::gzip::{self, Decompressed, is_gzip};
use crate::json_error::json_error;
use crate::limit::{ResponseTooLarge, body_limit};
use crate::metered::{self, Budget};

/// Largest body that is decoded on the thread of its task: at most some 300 µs.
const INLINE_LIMIT: usize = 64 * 1024;

/// Memory of a decoded response, as a multiple of the limit on its bytes.
///
/// An item that ICA has only accepted takes some five times as much memory as its bytes, and a list
/// that grows takes up to three times the memory of its items.
const DECODED_FACTOR: u64 = 8;

/// Initial capacity for a body, whatever its Content-Length says.
const CAPACITY: u64 = 1024 * 1024;

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
    let decoded = match Handle::try_current() {
        Ok(runtime) if received.is_large() => on_blocking_thread(&runtime, received).await,
        _ => received.decode(),
    };
    context.record_bytes(decoded.bytes);
    match decoded.result {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err((kept, error)) => Err(Error::InvalidResponsePayload(kept, error)),
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

/// A decoded response, or the start of its body and the error.
struct Decoded<T> {
    /// Size of the body after decompression.
    bytes: u64,
    result: Result<T, (Bytes, serde_json::Error)>,
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
    /// Returns whether decoding may take long. Some bytes decompress to a thousand times their
    /// size.
    fn is_large(&self) -> bool {
        let inline = if self.is_gzip { INLINE_LIMIT / 64 } else { INLINE_LIMIT };
        self.body.len() > inline
    }

    fn decode<T: DeserializeOwned>(self) -> Decoded<T> {
        let body = match self.decompress() {
            Ok(body) => body,
            Err(error) => {
                return Decoded {
                    bytes: 0,
                    result: Err((Bytes::new(), error)),
                };
            }
        };
        let limit = self.limit.saturating_mul(DECODED_FACTOR);
        let result = from_slice(&body, limit).map_err(|error| {
            let kept = Bytes::copy_from_slice(&body[..body.len().min(KEPT)]);
            (kept, error)
        });
        Decoded {
            bytes: body.len() as u64,
            result,
        }
    }

    /// Returns the body without its compression.
    fn decompress(&self) -> serde_json::Result<Bytes> {
        if !self.is_gzip {
            return Ok(self.body.clone());
        }
        let Decompressed { mut bytes, error } = gzip::decompress(&self.body, self.limit);
        let is_cut = bytes.len() as u64 > self.limit;
        match error {
            _ if self.may_be_cut => bytes.truncate(self.limit as usize),
            Some(error) => return Err(json_error(error)),
            None if is_cut => return Err(json_error(ResponseTooLarge::received(self.limit))),
            None => {}
        }
        Ok(bytes)
    }
}

/// Decodes a value that takes at most this many bytes of memory.
fn from_slice<T: DeserializeOwned>(bytes: &[u8], limit: u64) -> serde_json::Result<T> {
    let budget = Budget::new(limit);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let decoded = metered::deserialize(&mut deserializer, &budget).and_then(|value| deserializer.end().map(|()| value));
    if budget.is_exceeded() {
        return Err(json_error(ResponseTooLarge::decoded(limit)));
    }
    decoded
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::error::Error;

    use serde::Deserialize;

    use super::from_slice;
    use crate::ResponseTooLarge;

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
        let error = from_slice::<T>(text.as_bytes(), limit).err()?;
        let mut source: Option<&dyn Error> = Some(&error);
        while let Some(error) = source {
            if let Some(found) = error.downcast_ref::<ResponseTooLarge>() {
                return Some(found.limit());
            }
            source = error.source();
        }
        panic!("{error}");
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
    fn texts_and_entries_of_maps_count() {
        let text = format!("{:?}", "x".repeat(1000));
        assert_eq!(exceeded::<String>(&text, 500), Some(500));
        assert_eq!(exceeded::<Option<String>>(&text, 500), Some(500));
        let map = r#"{"a":1,"b":2,"c":3}"#;
        assert_eq!(exceeded::<BTreeMap<String, u64>>(map, 64), Some(64));
        assert_eq!(exceeded::<BTreeMap<String, u64>>(map, 1000), None);
        // What is not kept costs nothing.
        assert_eq!(exceeded::<Large>(r#"{"unknown":[1,2,3,4,5,6,7,8,9]}"#, 16), None);
    }

    #[test]
    fn any_other_error_stays_as_it_is() {
        let error = from_slice::<Vec<u64>>(b"[1,2", 1000).unwrap_err();
        assert!(error.is_eof(), "{error}");
        let error = from_slice::<Vec<u64>>(b"[1] 2", 1000).unwrap_err();
        assert!(error.to_string().starts_with("trailing characters"), "{error}");
        let error = from_slice::<Vec<u64>>(b"[true]", 1000).unwrap_err();
        assert!(error.is_data(), "{error}");
    }
}
