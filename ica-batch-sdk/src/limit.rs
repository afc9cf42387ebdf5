//! Limit on the size of a response, in bytes after decompression.
//!
//! Without a limit, a response of a few kilobytes could decompress to gigabytes and exhaust the
//! memory. The body is read frame by frame, so memory stays below the limit and one frame.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Error for a response that is larger than the limit of the call.
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
}

impl ResponseTooLarge {
    /// Returns the limit in bytes after decompression.
    pub fn limit(&self) -> u64 {
        self.limit
    }
}

impl fmt::Display for ResponseTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the response is larger than the limit of {} bytes", self.limit)
    }
}

impl Error for ResponseTooLarge {}

/// Returns the response with a limit on its body.
pub(crate) fn limit(response: reqwest::Response, limit: u64) -> reqwest::Response {
    let response = http::Response::from(response);
    reqwest::Response::from(response.map(|body| {
        reqwest::Body::wrap(Limited {
            body,
            left: limit,
            limit,
        })
    }))
}

struct Limited<B> {
    body: B,
    left: u64,
    limit: u64,
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
        match self.left.checked_sub(size) {
            Some(left) => {
                self.left = left;
                Poll::Ready(Some(Ok(frame)))
            }
            None => Poll::Ready(Some(Err(Box::new(ResponseTooLarge { limit: self.limit })))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
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

    use super::{Limited, ResponseTooLarge};

    struct Frames(VecDeque<Bytes>);

    impl Body for Frames {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
        }
    }

    fn read(frames: &[&'static str], limit: u64) -> Result<usize, ResponseTooLarge> {
        let frames = frames.iter().map(|text| Bytes::from_static(text.as_bytes()));
        let mut body = Limited {
            body: Frames(frames.collect()),
            left: limit,
            limit,
        };
        let mut context = Context::from_waker(Waker::noop());
        let mut total = 0;
        loop {
            match Pin::new(&mut body).poll_frame(&mut context) {
                Poll::Ready(Some(Ok(frame))) => total += frame.data_ref().map_or(0, Bytes::len),
                Poll::Ready(Some(Err(error))) => return Err(*error.downcast().unwrap()),
                Poll::Ready(None) => return Ok(total),
                Poll::Pending => unreachable!("no frame is pending"),
            }
        }
    }

    #[test]
    fn a_body_of_exactly_the_limit_is_read() {
        assert_eq!(read(&["1234", "5678"], 8), Ok(8));
    }

    #[test]
    fn one_byte_more_than_the_limit_is_an_error() {
        let error = read(&["1234", "56789"], 8).unwrap_err();
        assert_eq!(error.limit(), 8);
        assert_eq!(error.to_string(), "the response is larger than the limit of 8 bytes");
    }
}
