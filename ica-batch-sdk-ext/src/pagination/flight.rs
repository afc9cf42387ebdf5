//! A page on its way: fetched when it is polled, or ahead of that by a task.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::{BoxedPage, Page};
use crate::error::Result;

/// Dropping it cancels the fetch.
pub(super) enum Flight<T> {
    Polled(BoxedPage<T>),
    Ahead(Task<T>),
}

pub(super) struct Task<T>(JoinHandle<Result<Page<T>>>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: Send + 'static> Flight<T> {
    /// Fetches the page when it is polled.
    pub(super) fn polled(page: BoxedPage<T>) -> Self {
        Self::Polled(page)
    }

    /// Fetches the page from now on, where a runtime is there to do so.
    pub(super) fn ahead(page: BoxedPage<T>) -> Self {
        match Handle::try_current() {
            Ok(runtime) => Self::Ahead(Task(runtime.spawn(page.in_current_span()))),
            Err(_) => Self::Polled(page),
        }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Page<T>>> {
        match self {
            Self::Polled(page) => page.as_mut().poll(context),
            Self::Ahead(task) => match ready!(Pin::new(&mut task.0).poll(context)) {
                Ok(result) => Poll::Ready(result),
                // The task is aborted only when this is dropped, so it panicked; go on with that here.
                Err(failed) => std::panic::resume_unwind(failed.into_panic()),
            },
        }
    }
}
