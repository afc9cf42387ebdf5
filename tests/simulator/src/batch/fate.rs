//! The fate of an item, decided by its name.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

/// The fate of an item of a batch: how its creation and its run end.
///
/// Tests decide it by the name of the item: the user reference of an analysis, the name of a
/// sample.
///
/// ```
/// use ica_simulator::{Fate, SeedOptions, Simulator};
///
/// let simulator = Simulator::start();
/// simulator.set_fate("sample-1", Fate::FailRun);
/// simulator.seed_batch(simulator.project_id(), 2, SeedOptions::default());
/// let items = &simulator.batches()[0].items;
/// assert_eq!(items[0].created_status, Some("SUCCEEDED"));
/// assert_eq!(items[1].created_status, Some("FAILED"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fate {
    /// The shares in [`Lifecycle`](crate::Lifecycle) decide. By default everything succeeds.
    #[default]
    Ordinary,
    /// The item is created. If it has a run, the run succeeds.
    Succeed,
    /// The whole request is refused with 400. The `parameters` of the problem name the item.
    RejectRequest,
    /// The batch is accepted, but this item's `processing.status` ends as `FAILED` and nothing is
    /// created.
    FailCreation,
    /// The item's `processing.status` ends as `PARTIALLY_SUCCEEDED`: the sample exists with status
    /// `PARTIAL`, and some of its data could not be linked. Creating an analysis has no such status
    /// and succeeds.
    CreatePartially,
    /// The item's `processing.status` ends as `STOPPED` and nothing is created. Creating an
    /// analysis has no such status and ends as `FAILED`.
    StopCreation,
    /// The analysis is created and its run ends as `FAILED`. A sample has no run and succeeds.
    FailRun,
    /// The analysis is created and its run ends as `FAILED_FINAL` (`FAILEDFINAL` in V3). A sample
    /// has no run and succeeds.
    FailRunFinally,
    /// The analysis is created and stops in `AWAITING_INPUT` (`AWAITINGINPUT` in V3) until
    /// [`Simulator::abort`](crate::Simulator::abort) ends it. A sample has no run and succeeds.
    AwaitInput,
}

type Decide = dyn Fn(&str) -> Fate + Send + Sync;

/// The decisions of a test: by name first, then by its closure.
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
