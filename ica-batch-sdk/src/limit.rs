//! Limit on the size of a response, in bytes as it is received.
//!
//! The body is read frame by frame, so memory stays below the limit and one frame. The same limit
//! holds for the bytes after decompression, see `gzip.rs`.
//!
//! A success that is larger than the limit is an error. Any other response ends at
//! [`ERROR_LIMIT`], because its status is more useful than that error.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};

/// Maximum size of a body that is read of a response without success.
const ERROR_LIMIT: u64 = 64 * 1024;

/// Error for a response that is larger than the limit of the call, as it was received or after it
/// was decoded.
///
/// It is a source of the error that the call returns.
///
/// ```
/// use std::error::Error;
///
/// use ica_batch_sdk::{CallContext, Client, ResponseTooLarge};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn Error>> {
/// # // A build of the whole workspace turns on rustls in reqwest without a provider.
/// # let _ = rustls::crypto::ring::default_provider().install_default();
/// # let simulator = ica_simulator::Simulator::builder().start()?;
/// # let base_url = simulator.base_url();
/// let context = CallContext::new().api_key(simulator.api_key())?.response_limit(16);
/// let client = Client::new_with_client(&base_url, reqwest::Client::new(), context);
/// let error = client.create_jwt_token(None).await.unwrap_err();
///
/// let mut source = error.source();
/// let limit = loop {
///     let error = source.expect("one of the sources is the limit");
///     match error.downcast_ref::<ResponseTooLarge>() {
///         Some(too_large) => break too_large.limit(),
///         None => source = error.source(),
///     }
/// };
/// assert_eq!(limit, 16);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseTooLarge {
    limit: u64,
    is_decoded: bool,
}

impl ResponseTooLarge {
    /// Returns the error of a response that has more bytes than this.
    pub(crate) fn received(limit: u64) -> Self {
        Self {
            limit,
            is_decoded: false,
        }
    }

    /// Returns the error of a response that takes more memory than this after it was decoded.
    pub(crate) fn decoded(limit: u64) -> Self {
        Self {
            limit,
            is_decoded: true,
        }
    }

    /// Returns the limit in bytes after decompression, or of the memory of the decoded response.
    pub fn limit(&self) -> u64 {
        self.limit
    }
}

impl fmt::Display for ResponseTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_decoded {
            false => write!(f, "the response is larger than the limit of {} bytes", self.limit),
            true => write!(
                f,
                "the decoded response takes more memory than the limit of {} bytes",
                self.limit
            ),
        }
    }
}

impl Error for ResponseTooLarge {}

/// Returns the number of bytes that are read of a response with this status.
pub(crate) fn body_limit(status: StatusCode, limit: u64) -> u64 {
    match status.is_success() {
        true => limit,
        false => limit.min(ERROR_LIMIT),
    }
}

/// Returns the response with a limit on its body.
pub(crate) fn limit_body(response: reqwest::Response, limit: u64) -> reqwest::Response {
    let status = response.status();
    let excess = match status.is_success() {
        true => Excess::Fails(ResponseTooLarge::received(limit)),
        false => Excess::IsIgnored,
    };
    let left = body_limit(status, limit);
    let response = http::Response::from(response);
    reqwest::Response::from(response.map(|body| reqwest::Body::wrap(Limited { body, left, excess })))
}

struct Limited<B> {
    body: B,
    left: u64,
    excess: Excess,
}

/// Treatment of the bytes after the limit.
#[derive(Clone, Copy)]
enum Excess {
    Fails(ResponseTooLarge),
    IsIgnored,
}

impl<B> Body for Limited<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            None => return Poll::Ready(None),
        };
        let size = frame.data_ref().map_or(0, |data| data.len() as u64);
        if let Some(left) = self.left.checked_sub(size) {
            self.left = left;
            return Poll::Ready(Some(Ok(frame)));
        }
        match self.excess {
            Excess::Fails(error) => Poll::Ready(Some(Err(Box::new(error)))),
            Excess::IsIgnored if self.left == 0 => Poll::Ready(None),
            Excess::IsIgnored => {
                // Below the size of a frame, which is in memory.
                let left = std::mem::take(&mut self.left) as usize;
                let rest = frame.into_data().unwrap_or_default().slice(..left);
                Poll::Ready(Some(Ok(Frame::data(rest))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        hint.set_lower(self.body.size_hint().lower().min(self.left));
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use bytes::Bytes;
    use http_body::{Body, Frame};

    use super::{Excess, Limited, ResponseTooLarge};

    struct Frames(VecDeque<Bytes>);

    impl Body for Frames {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
        }
    }

    fn read(frames: &[&'static str], left: u64, excess: Excess) -> Result<String, ResponseTooLarge> {
        let frames = frames.iter().map(|text| Bytes::from_static(text.as_bytes()));
        let mut body = Limited {
            body: Frames(frames.collect()),
            left,
            excess,
        };
        let mut context = Context::from_waker(Waker::noop());
        let mut read = Vec::new();
        loop {
            match Pin::new(&mut body).poll_frame(&mut context) {
                Poll::Ready(Some(Ok(frame))) => read.extend_from_slice(frame.data_ref().unwrap()),
                Poll::Ready(Some(Err(error))) => return Err(*error.downcast().unwrap()),
                Poll::Ready(None) => return Ok(String::from_utf8(read).unwrap()),
                Poll::Pending => unreachable!("no frame is pending"),
            }
        }
    }

    const FAILS: Excess = Excess::Fails(ResponseTooLarge {
        limit: 8,
        is_decoded: false,
    });

    #[test]
    fn a_body_of_exactly_the_limit_is_read() {
        assert_eq!(read(&["1234", "5678"], 8, FAILS).as_deref(), Ok("12345678"));
        assert_eq!(read(&["1234", "5678"], 8, Excess::IsIgnored).as_deref(), Ok("12345678"));
    }

    #[test]
    fn one_byte_more_than_the_limit_is_an_error() {
        let error = read(&["1234", "56789"], 8, FAILS).unwrap_err();
        assert_eq!(error.limit(), 8);
        assert_eq!(error.to_string(), "the response is larger than the limit of 8 bytes");
    }

    #[test]
    fn the_rest_of_a_body_without_success_is_ignored() {
        let frames = ["1234", "56789", "abc"];
        assert_eq!(read(&frames, 8, Excess::IsIgnored).as_deref(), Ok("12345678"));
        assert_eq!(read(&frames, 4, Excess::IsIgnored).as_deref(), Ok("1234"));
    }
}
