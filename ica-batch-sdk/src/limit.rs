//! A limit on the size of an answer, counted after decompression.
//!
//! Without one, an answer of a few kilobytes that unpacks to gigabytes takes the process with it. The body is
//! read frame by frame, so memory stays within the limit and one frame.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The answer was larger than the call allowed.
///
/// Stands in the chain of sources of the error with which reading the body fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseTooLarge {
    limit: u64,
}

impl ResponseTooLarge {
    /// The limit, in bytes after decompression.
    pub fn limit(&self) -> u64 {
        self.limit
    }
}

impl fmt::Display for ResponseTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer is larger than the limit of {} bytes", self.limit)
    }
}

impl Error for ResponseTooLarge {}

/// Puts the limit around the body of a response.
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
                Poll::Pending => unreachable!("the frames are all there"),
            }
        }
    }

    #[test]
    fn a_body_of_exactly_the_limit_passes() {
        assert_eq!(read(&["1234", "5678"], 8), Ok(8));
    }

    #[test]
    fn one_byte_more_is_an_error_that_names_the_limit() {
        let error = read(&["1234", "56789"], 8).unwrap_err();
        assert_eq!(error.limit(), 8);
        assert_eq!(error.to_string(), "the answer is larger than the limit of 8 bytes");
    }
}
