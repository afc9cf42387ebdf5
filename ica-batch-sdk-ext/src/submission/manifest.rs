//! A manifest: analyses from an iterator or a stream, which may fail.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::analysis::Analysis;

/// What a manifest may fail with.
pub(crate) type SourceError = Box<dyn StdError + Send + Sync>;

type Rows = Pin<Box<dyn Stream<Item = Result<Analysis, SourceError>> + Send>>;

/// The analyses of a submission, one after the other.
pub(crate) struct Manifest(Rows);

impl Manifest {
    pub(crate) fn from_iter<T, E>(rows: impl Iterator<Item = Result<T, E>> + Send + 'static) -> Self
    where
        T: Into<Analysis>,
        E: Into<SourceError>,
    {
        Self(Box::pin(Iter(Box::new(
            rows.map(|row| row.map(Into::into).map_err(Into::into)),
        ))))
    }

    pub(crate) fn from_stream<T, E>(rows: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self
    where
        T: Into<Analysis>,
        E: Into<SourceError>,
    {
        Self(Box::pin(Converted(Box::pin(rows))))
    }

    pub(crate) async fn next(&mut self) -> Option<Result<Analysis, SourceError>> {
        std::future::poll_fn(|context| self.0.as_mut().poll_next(context)).await
    }
}

impl fmt::Debug for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Manifest")
    }
}

struct Iter(Box<dyn Iterator<Item = Result<Analysis, SourceError>> + Send>);

impl Stream for Iter {
    type Item = Result<Analysis, SourceError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next())
    }
}

struct Converted<S>(Pin<Box<S>>);

impl<S, T, E> Stream for Converted<S>
where
    S: Stream<Item = Result<T, E>>,
    T: Into<Analysis>,
    E: Into<SourceError>,
{
    type Item = Result<Analysis, SourceError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = self.0.as_mut().poll_next(context);
        row.map(|row| row.map(|row| row.map(Into::into).map_err(Into::into)))
    }
}

/// A stream that does not fail, as one that could.
pub(crate) struct Sure<S>(pub(crate) Pin<Box<S>>);

impl<S: Stream> Stream for Sure<S> {
    type Item = Result<S::Item, SourceError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map(|row| row.map(Ok))
    }
}
