//! Decision about the next requests of a poll: the fewest that can show a change. Sends no
//! requests.
//!
//! A poll has four steps, each of which may need no request: items that are being created; items
//! that were created, or whose creation ended meanwhile; items that were not created; and, where
//! that is still to be done, all items.

use ica_batch_sdk::OpenEnum;
use uuid::Uuid;

use super::super::family::Family;
use super::super::status::{CreationState, JobState, Status};
use super::state::{BatchState, ItemState, Job};

/// Cost of a request, in items. A request takes the server and the network milliseconds, and counts
/// against a rate limit. Decoding an item takes tens of microseconds.
const REQUEST_COST: usize = 100;

/// Maximum number of items that are read one by one, however long the list is.
const MAX_SINGLE_READS: usize = 250;

/// Requests of one step of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Query<S> {
    Nothing,
    /// A list of all items.
    All,
    /// A list of the items with one of these creation statuses.
    WithStatus(Vec<S>),
    /// Reads of these items, one by one.
    Items(Vec<Uuid>),
}

/// Steps of a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    BeingCreated,
    Created,
    NotCreated,
    Complete,
}

impl Step {
    pub(super) const ALL: [Self; 4] = [Self::BeingCreated, Self::Created, Self::NotCreated, Self::Complete];
}

impl<F: Family> BatchState<F> {
    /// Returns the requests of this step.
    pub(super) fn query(&self, step: Step) -> Query<F::ItemStatus> {
        if !self.may_have_items() {
            return Query::Nothing;
        }
        match step {
            Step::BeingCreated => self.being_created(),
            Step::Created => {
                self.unseen(|state| matches!(state, CreationState::Created | CreationState::PartiallyCreated))
            }
            Step::NotCreated => self.unseen(|state| state == CreationState::NotCreated),
            Step::Complete => self.complete(),
        }
    }

    /// Returns whether the job can have created an item. Before it starts, and while it keeps
    /// waiting, it cannot.
    fn may_have_items(&self) -> bool {
        let is_waiting = match &self.job {
            Job::Active { status, is_unchanged } => match F::job_state(status) {
                JobState::NotStarted => true,
                JobState::Waiting => *is_unchanged,
                JobState::Running | JobState::Unknown | JobState::Ended { .. } => false,
            },
            Job::Unread | Job::Absent | Job::Ended(_) => false,
        };
        !(is_waiting && self.items.values().all(ItemState::is_being_created))
    }

    fn being_created(&self) -> Query<F::ItemStatus> {
        let pending = || Query::WithStatus(statuses::<F>(|state| state == CreationState::Pending));
        match self.job {
            Job::Ended(_) if !self.is_complete => Query::All,
            Job::Ended(_) if self.has_unknown_creation() => {
                self.unseen(|state| matches!(state, CreationState::Created | CreationState::PartiallyCreated))
            }
            Job::Ended(_) if self.is_creating() => pending(),
            Job::Ended(_) => Query::Nothing,
            // The first poll finds statuses that no filter can name.
            _ if self.items.is_empty() || self.has_unknown_creation() => Query::All,
            _ => pending(),
        }
    }

    /// Returns the requests for pending items that this poll has not seen yet, where they may have
    /// one of these creation states.
    fn unseen(&self, is_state: impl Fn(CreationState) -> bool) -> Query<F::ItemStatus> {
        let is_wanted = |item: &&ItemState<F>| {
            let may_match = item.is_being_created() || is_state(item.creation_state());
            item.is_pending() && item.seen < self.poll && may_match
        };
        let wanted = self.items.values().filter(is_wanted).count();
        if wanted == 0 {
            return Query::Nothing;
        }
        let has_unknown = self.has_unknown_creation();
        let matches = |item: &&ItemState<F>| has_unknown || is_state(item.creation_state()) || is_wanted(item);
        let listed = self.items.values().filter(matches).count();
        if wanted <= MAX_SINGLE_READS && cost_of_reads(wanted) <= cost_of_list(listed, self.page_size) {
            let wanted = self.items.iter().filter(|(_, item)| is_wanted(item));
            return Query::Items(wanted.map(|(id, _)| *id).collect());
        }
        if has_unknown {
            Query::All
        } else {
            Query::WithStatus(statuses::<F>(is_state))
        }
    }

    /// Returns the requests that show whether the list is complete, once no item is being created.
    fn complete(&self) -> Query<F::ItemStatus> {
        if self.job == Job::Absent && !self.is_complete && !self.items.is_empty() && !self.is_creating() {
            Query::All
        } else {
            Query::Nothing
        }
    }

    fn has_unknown_creation(&self) -> bool {
        let mut pending = self.items.values().filter(|item| item.is_pending());
        pending.any(|item| !Status::is_recognized(&item.creation))
    }
}

/// Returns the statuses that mean one of these creation states.
fn statuses<F: Family>(is_state: impl Fn(CreationState) -> bool) -> Vec<F::ItemStatus> {
    let known = F::ItemStatus::KNOWN.iter();
    known
        .filter(|status| is_state(F::creation_state(status)))
        .cloned()
        .collect()
}

/// Returns the cost of reading items one by one.
fn cost_of_reads(items: usize) -> usize {
    items.saturating_mul(REQUEST_COST + 1)
}

/// Returns the cost of listing items.
fn cost_of_list(items: usize, page_size: u64) -> usize {
    let page_size = usize::try_from(page_size).unwrap_or(usize::MAX).max(1);
    let pages = items.div_ceil(page_size).max(1);
    pages.saturating_mul(REQUEST_COST).saturating_add(items)
}
