//! What becomes of an analysis, decided by its user reference.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

/// What becomes of an analysis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fate {
    /// Left to the shares in [`Lifecycle`](crate::Lifecycle), which by default let everything succeed.
    #[default]
    Ordinary,
    /// It is created and its run succeeds.
    Succeed,
    /// The whole request is refused with 400, and the problem's `parameters` name the user reference.
    RejectRequest,
    /// The batch is taken, but this item's `processing.status` ends as `FAILED` and no analysis appears.
    FailCreation,
    /// The analysis is created and its run ends as `FAILED`.
    FailRun,
    /// The analysis is created and its run ends as `FAILED_FINAL` (`FAILEDFINAL` in V3).
    FailRunFinally,
    /// The analysis is created and stops in `AWAITING_INPUT` (`AWAITINGINPUT` in V3) until
    /// [`Simulator::abort`](crate::Simulator::abort) ends it.
    AwaitInput,
}

type Decide = dyn Fn(&str) -> Fate + Send + Sync;

/// What the test decided: by name first, then by its closure.
#[derive(Clone, Default)]
pub(crate) struct Fates {
    by_name: Arc<Mutex<HashMap<String, Fate>>>,
    otherwise: Option<Arc<Decide>>,
}

impl Fates {
    pub(crate) fn decide_by(&mut self, decide: impl Fn(&str) -> Fate + Send + Sync + 'static) {
        self.otherwise = Some(Arc::new(decide));
    }

    pub(crate) fn set(&self, user_reference: &str, fate: Fate) {
        self.by_name.lock().insert(user_reference.to_owned(), fate);
    }

    pub(crate) fn of(&self, user_reference: &str) -> Fate {
        if let Some(fate) = self.by_name.lock().get(user_reference) {
            return *fate;
        }
        self.otherwise
            .as_ref()
            .map_or(Fate::Ordinary, |decide| decide(user_reference))
    }
}

impl fmt::Debug for Fates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fates")
            .field("by_name", &self.by_name.lock())
            .finish_non_exhaustive()
    }
}
