//! What to look at next: the least that can still have changed. A pure decision.
//!
//! A poll goes through four steps, each of which may need no call: what is being created; what was created, or is no longer being
//! created; what was not; and, where that is still to be done, all.

use ica_batch_sdk::types::{ItemStatus, JobStatus};
use uuid::Uuid;

use super::watch::{Job, Known, Watch};

/// A request costs as much as decoding so many items: it takes the server and the wire some milliseconds and counts against a rate
/// limit, where an item of a page takes tens of microseconds.
const REQUEST: usize = 100;

/// Never more items than this are read one by one, however long the list is.
const MOST_SINGLES: usize = 250;

/// What to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    Nothing,
    /// All items.
    All,
    /// The items whose creation is in one of these states.
    List(Vec<ItemStatus>),
    /// These items, one by one.
    Singles(Vec<Uuid>),
}

/// The steps of a poll, in their order.
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

impl Watch {
    /// What this step of the poll has to look at.
    pub(super) fn look(&self, step: Step) -> Look {
        if !self.has_begun() {
            return Look::Nothing;
        }
        match step {
            Step::BeingCreated => self.being_created(),
            Step::Created => self.unseen(&ItemStatus::Succeeded),
            Step::NotCreated => self.unseen(&ItemStatus::Failed),
            Step::Complete => self.complete(),
        }
    }

    /// Whether the job can have created anything: not before it is on its way, nor while it goes on waiting.
    fn has_begun(&self) -> bool {
        let waits = match &self.job {
            Job::Going(JobStatus::Initialized, _) => true,
            Job::Going(JobStatus::WaitingForResources, is_same) => *is_same,
            _ => false,
        };
        !(waits && self.items.values().all(Known::is_being_created))
    }

    fn being_created(&self) -> Look {
        let open = vec![ItemStatus::Running, ItemStatus::WaitingResources];
        match self.job {
            Job::Ended(_) if !self.is_complete => Look::All,
            Job::Ended(_) if self.has_unknown_creation() => self.unseen(&ItemStatus::Succeeded),
            Job::Ended(_) if self.creates() => Look::List(open),
            Job::Ended(_) => Look::Nothing,
            // The first look finds states that no filter could name.
            _ if self.items.is_empty() || self.has_unknown_creation() => Look::All,
            _ => Look::List(open),
        }
    }

    /// The open items that the poll has not seen yet, if they may be found in this state of their creation.
    fn unseen(&self, state: &ItemStatus) -> Look {
        let is_wanted = |known: &&Known| {
            let may_be = known.is_being_created() || known.creation == *state;
            known.is_open() && known.seen < self.poll && may_be
        };
        let wanted = self.items.values().filter(is_wanted).count();
        if wanted == 0 {
            return Look::Nothing;
        }
        let unknown = self.has_unknown_creation();
        let matches = |known: &&Known| unknown || known.creation == *state || is_wanted(known);
        let listed = self.items.values().filter(matches).count();
        if wanted <= MOST_SINGLES && by_one(wanted) <= by_page(listed, self.page_size) {
            let wanted = self.items.iter().filter(|(_, known)| is_wanted(known));
            return Look::Singles(wanted.map(|(id, _)| *id).collect());
        }
        if unknown {
            Look::All
        } else {
            Look::List(vec![state.clone()])
        }
    }

    /// Whether the list is whole can be said once nothing is being created any more.
    fn complete(&self) -> Look {
        if self.job == Job::None && !self.is_complete && !self.items.is_empty() && !self.creates() {
            Look::All
        } else {
            Look::Nothing
        }
    }

    fn has_unknown_creation(&self) -> bool {
        let mut open = self.items.values().filter(|known| known.is_open());
        open.any(|known| !known.creation.is_recognized())
    }
}

/// What it costs to read so many items one by one.
fn by_one(items: usize) -> usize {
    items * (REQUEST + 1)
}

/// What it costs to list so many items.
fn by_page(items: usize, page_size: u64) -> usize {
    let page_size = usize::try_from(page_size).unwrap_or(usize::MAX).max(1);
    items.div_ceil(page_size).max(1) * REQUEST + items
}
