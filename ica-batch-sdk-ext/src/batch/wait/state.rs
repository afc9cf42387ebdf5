//! State of a batch as the polls have seen it. Sends no requests.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::super::family::{BatchItem, Family};
use super::super::foreign::{ForeignTexts, short_name};
use super::super::status::{CreationState, JobState, Status};
use super::outcome::{FinishedItem, ItemOutcome};
use super::settings::WaitUntil;
use crate::call::Core;

/// State of a batch, kept across polls.
#[derive(Debug, Clone)]
pub(super) struct BatchState<F: Family> {
    pub(super) until: WaitUntil,
    pub(super) page_size: u64,
    pub(super) job: Job<F>,
    pub(super) items: HashMap<Uuid, ItemState<F>>,
    /// Number of the current poll, from 1.
    pub(super) poll: u32,
    /// Whether all items, in any status, were listed after their creation ended.
    pub(super) is_complete: bool,
    /// Number of polls since the job was seen to have ended.
    polls_after_job: u32,
    has_changed: bool,
    newly_finished: Vec<FinishedItem<F>>,
}

/// State of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job<F: Family> {
    /// No poll has read the batch.
    Unread,
    /// The response contains no job.
    Absent,
    /// The job has not ended, or its status is unknown.
    Active {
        status: F::JobStatus,
        /// Whether the poll before saw the same status.
        is_unchanged: bool,
    },
    Ended(F::JobStatus),
}

/// State of an item.
#[derive(Debug, Clone)]
pub(super) struct ItemState<F: Family> {
    name: String,
    pub(super) creation: F::ItemStatus,
    message: Option<String>,
    created_id: Option<Uuid>,
    pub(super) run: Option<F::RunStatus>,
    /// Number of the poll that last saw the item.
    pub(super) seen: u32,
    pub(super) outcome: Option<ItemOutcome>,
}

impl<F: Family> ItemState<F> {
    fn new(item: &impl BatchItem<Family = F>, seen: u32) -> Self {
        Self {
            name: short_name(item.name()),
            creation: item.creation_status().clone(),
            message: item.creation_message().map(str::to_owned),
            created_id: item.created_id(),
            run: item.run_status(),
            seen,
            outcome: None,
        }
    }

    pub(super) fn is_pending(&self) -> bool {
        self.outcome.is_none()
    }

    pub(super) fn creation_state(&self) -> CreationState {
        F::creation_state(&self.creation)
    }

    /// Returns whether the creation of the item has not ended.
    pub(super) fn is_being_created(&self) -> bool {
        self.is_pending() && !self.creation_state().is_terminal()
    }

    fn outcome_for(&self, until: WaitUntil) -> Option<ItemOutcome> {
        let run = self.run.as_ref().map(F::run_state);
        ItemOutcome::of(until, self.creation_state(), run, F::HAS_RUNS)
    }

    fn finished(&self, id: Uuid, outcome: ItemOutcome) -> FinishedItem<F> {
        FinishedItem {
            id,
            name: self.name.clone(),
            outcome,
            creation_status: self.creation.clone(),
            message: self.message.clone(),
            created_id: self.created_id,
            run_status: self.run.clone(),
        }
    }
}

impl<F: Family> BatchState<F> {
    pub(super) fn new(until: WaitUntil, page_size: u64) -> Self {
        Self {
            until,
            page_size,
            job: Job::Unread,
            items: HashMap::new(),
            poll: 0,
            is_complete: false,
            polls_after_job: 0,
            has_changed: false,
            newly_finished: Vec::new(),
        }
    }

    /// Begins a poll.
    pub(super) fn begin_poll(&mut self) {
        self.poll = self.poll.saturating_add(1);
    }

    /// Records the status of the job.
    pub(super) fn record_job(&mut self, status: Option<F::JobStatus>) {
        self.has_changed |= status.is_some() && self.job_status() != status.as_ref();
        self.job = match status {
            // A job that was seen before still exists, even where a response leaves it out.
            None if matches!(self.job, Job::Active { .. }) => return,
            None => Job::Absent,
            Some(status) => {
                // A list made while the job was active may lack its last changes.
                self.is_complete = false;
                match F::job_state(&status) {
                    JobState::Ended { .. } => Job::Ended(status),
                    JobState::NotStarted | JobState::Waiting | JobState::Running | JobState::Unknown => Job::Active {
                        is_unchanged: self.job_status() == Some(&status),
                        status,
                    },
                }
            }
        };
    }

    /// Records an item. An outcome does not change any more.
    pub(super) fn record_item(&mut self, item: &impl BatchItem<Family = F>) {
        let (id, poll) = (item.id(), self.poll);
        let before = self.items.get_mut(&id);
        if let Some(known) = before.filter(|known| !known.is_pending()) {
            known.seen = poll;
            return;
        }
        let mut state = ItemState::new(item, poll);
        state.outcome = state.outcome_for(self.until);
        let before = self.items.get(&id);
        self.has_changed |= state.outcome.is_some() || before.is_none_or(|before| before.creation != state.creation);
        if let Some(outcome) = state.outcome {
            self.newly_finished.push(state.finished(id, outcome));
        }
        // Without a job, a new item that is being created means that more items may follow.
        if self.job == Job::Absent && state.is_being_created() {
            self.is_complete = false;
        }
        self.items.insert(id, state);
    }

    /// Records that all items, in any status, were listed.
    pub(super) fn record_complete_list(&mut self) {
        self.is_complete = match self.job {
            Job::Ended(_) => true,
            Job::Absent => !self.items.is_empty() && !self.is_creating(),
            Job::Unread | Job::Active { .. } => false,
        };
    }

    /// Ends a poll. An item that is still pending in the second poll after the end of the job is
    /// orphaned.
    pub(super) fn end_poll(&mut self) {
        let Job::Ended(_) = self.job else { return };
        self.polls_after_job = self.polls_after_job.saturating_add(1);
        if self.polls_after_job < 2 {
            return;
        }
        for (id, item) in &mut self.items {
            let is_orphaned = item.creation_state() == CreationState::Pending;
            if item.is_pending() && is_orphaned && item.run.is_none() {
                item.outcome = Some(ItemOutcome::Orphaned);
                self.newly_finished.push(item.finished(*id, ItemOutcome::Orphaned));
                self.has_changed = true;
            }
        }
    }

    /// Removes secrets from the names of newly finished items: a server may return any name.
    pub(super) fn scrub_names(&mut self, core: &Core) {
        let mut texts = ForeignTexts::new(core);
        let items = self.newly_finished.iter_mut();
        items.for_each(|item| texts.name(&mut item.name));
    }

    /// Returns whether nothing more is waited for.
    pub(super) fn is_finished(&self) -> bool {
        self.is_complete && self.items.values().all(|item| !item.is_pending())
    }

    /// Returns whether any item is still being created.
    pub(super) fn is_creating(&self) -> bool {
        self.items.values().any(ItemState::is_being_created)
    }

    /// Returns the items that finished since the last call.
    pub(super) fn take_newly_finished(&mut self) -> Vec<FinishedItem<F>> {
        std::mem::take(&mut self.newly_finished)
    }

    /// Returns whether the batch made progress since the last call.
    pub(super) fn take_change(&mut self) -> bool {
        std::mem::take(&mut self.has_changed)
    }

    pub(super) fn job_status(&self) -> Option<&F::JobStatus> {
        match &self.job {
            Job::Unread | Job::Absent => None,
            Job::Active { status, .. } | Job::Ended(status) => Some(status),
        }
    }

    /// Returns the number of items by creation status, and by run status.
    pub(super) fn counts(&self) -> (BTreeMap<F::ItemStatus, usize>, BTreeMap<F::RunStatus, usize>) {
        let (mut by_creation, mut by_run) = (BTreeMap::new(), BTreeMap::new());
        for item in self.items.values() {
            count(&mut by_creation, &item.creation);
            if let Some(run) = &item.run {
                count(&mut by_run, run);
            }
        }
        (by_creation, by_run)
    }

    /// Returns the number of items that are finished, and of those that failed.
    pub(super) fn finished_counts(&self) -> (usize, usize) {
        let outcomes = self.items.values().filter_map(|item| item.outcome);
        outcomes.fold((0, 0), |(finished, failed), outcome| {
            (finished + 1, failed + usize::from(!outcome.is_success()))
        })
    }
}

fn count<K: Status>(counts: &mut BTreeMap<K, usize>, key: &K) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => drop(counts.insert(key.clone(), 1)),
    }
}
