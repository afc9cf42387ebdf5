//! Receiver of what calls tell while they go on.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::error::Error;
use crate::pace::PauseReason;

/// Step of a call that takes time.
#[derive(Debug)]
pub(crate) enum CallNotice<'a> {
    /// An attempt failed, and the next one is sent at this time.
    Retry {
        /// Id of the operation.
        operation: &'static str,
        failure: &'a Error,
        /// Number of attempts so far.
        attempts: u32,
        until: SystemTime,
    },
    /// The client sends nothing before this time.
    Pause { reason: PauseReason, until: SystemTime },
}

/// Receiver of the notices of calls. It must return at once.
#[derive(Clone)]
pub(crate) struct Observer(Arc<dyn Fn(CallNotice<'_>) + Send + Sync>);

impl Observer {
    pub(crate) fn new(receive: impl Fn(CallNotice<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    pub(crate) fn tell(&self, notice: CallNotice<'_>) {
        (self.0)(notice);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
