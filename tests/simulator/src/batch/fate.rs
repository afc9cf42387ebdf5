//! The fate of an item, decided by its name.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

/// The fate of an item of a batch. Tests decide it by the item's name: the user reference of an analysis, the name of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fate {
    /// Left to the shares in [`Lifecycle`](crate::Lifecycle), which by default let everything succeed.
    #[default]
    Ordinary,
    /// It is created, and if it has a run, the run succeeds.
    Succeed,
    /// The whole request is refused with 400, and the problem's `parameters` name the item.
    RejectRequest,
    /// The batch is accepted, but this item's `processing.status` ends as `FAILED` and nothing is created.
    FailCreation,
    /// The item's `processing.status` ends as `PARTIALLY_SUCCEEDED`: the sample exists with status `PARTIAL`, and some of its data could
    /// not be linked. Creating an analysis has no such status and succeeds.
    CreatePartially,
    /// The item's `processing.status` ends as `STOPPED` and nothing is created. Creating an analysis has no such status and ends as
    /// `FAILED`.
    StopCreation,
    /// The analysis is created and its run ends as `FAILED`. A sample has no run and succeeds.
    FailRun,
    /// The analysis is created and its run ends as `FAILED_FINAL` (`FAILEDFINAL` in V3). A sample has no run and succeeds.
    FailRunFinally,
    /// The analysis is created and stops in `AWAITING_INPUT` (`AWAITINGINPUT` in V3) until
    /// [`Simulator::abort`](crate::Simulator::abort) ends it. A sample has no run and succeeds.
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

    pub(crate) fn set(&self, name: &str, fate: Fate) {
        self.by_name.lock().insert(name.to_owned(), fate);
    }

    pub(crate) fn of(&self, name: &str) -> Fate {
        if let Some(fate) = self.by_name.lock().get(name) {
            return *fate;
        }
        self.otherwise.as_ref().map_or(Fate::Ordinary, |decide| decide(name))
    }
}

impl fmt::Debug for Fates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fates")
            .field("by_name", &self.by_name.lock())
            .finish_non_exhaustive()
    }
}
