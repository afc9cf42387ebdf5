//! The batch that a request is about, whatever its family.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use uuid::Uuid;

use crate::call::{Call, CallOverrides, Core};
use crate::error::Result;
use crate::paging::ListDeadline;

/// Result of a request in flight.
pub(crate) type BoxedResult<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A batch, by its project and its id, with the client that sends requests about it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(super) core: Core,
    pub(super) project: Arc<str>,
    pub(super) id: Uuid,
}

/// Request about the items of a batch, with the options of its calls.
#[derive(Debug, Clone)]
pub struct ItemRequest {
    pub(super) target: Target,
    pub(super) overrides: CallOverrides,
}

impl ItemRequest {
    /// Returns the maximum size of a response in bytes.
    pub(super) fn response_limit(&self) -> u64 {
        self.target.core.response_limit()
    }

    /// Returns the request, with no more time per call than the list has left.
    pub(super) fn within(&self, deadline: Option<&ListDeadline>) -> Self {
        let mut request = self.clone();
        if let Some(deadline) = deadline {
            let client = request.target.core.options();
            request.overrides = request.overrides.at_most(deadline.remaining(), client);
        }
        request
    }

    /// Returns a call of this operation. `action` completes "could not …" in errors.
    pub(super) fn call(&self, operation: &'static str, action: String) -> Call {
        self.target.core.call(operation, action).overrides(&self.overrides)
    }
}
