//! A page in flight: fetched when it is polled, or earlier by a task.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::{BoxedPage, Page};
use crate::error::Result;

/// Fetch of a page. Dropping it cancels the request.
pub(super) enum PageFetch<T> {
    Polled(BoxedPage<T>),
    Spawned(AbortOnDrop<T>),
}

pub(super) struct AbortOnDrop<T>(JoinHandle<Result<Page<T>>>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: Send + 'static> PageFetch<T> {
    /// Fetches the page when it is polled.
    pub(super) fn polled(page: BoxedPage<T>) -> Self {
        Self::Polled(page)
    }

    /// Starts to fetch the page in a task, or when it is polled where no runtime exists.
    pub(super) fn spawned(page: BoxedPage<T>) -> Self {
        match Handle::try_current() {
            Ok(runtime) => Self::Spawned(AbortOnDrop(runtime.spawn(page.in_current_span()))),
            Err(_) => Self::Polled(page),
        }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Page<T>>> {
        match self {
            Self::Polled(page) => page.as_mut().poll(context),
            Self::Spawned(task) => match ready!(Pin::new(&mut task.0).poll(context)) {
                Ok(result) => Poll::Ready(result),
                // Only dropping this value aborts the task, so the task panicked.
                Err(failed) => std::panic::resume_unwind(failed.into_panic()),
            },
        }
    }
}
