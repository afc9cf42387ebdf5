//! What is known of a batch, from one look to the next. Makes no calls.

use std::collections::{BTreeMap, HashMap};

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus, JobStatus};
use uuid::Uuid;

use super::WaitUntil;
use super::ended::{FinishedItem, ItemOutcome};
use crate::items::{AnalysisStatusExt, BatchItem};

/// What is known of a batch.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    pub(super) target: WaitUntil,
    pub(super) page_size: u64,
    pub(super) job: Job,
    pub(super) items: HashMap<Uuid, Known>,
    /// Which poll this is, counted from 1.
    pub(super) poll: u32,
    /// Whether all items were listed, whatever their state, since their creation came to its end.
    pub(super) is_complete: bool,
    /// How many polls there have been since the job was seen to have ended.
    polls_after_job: u32,
    has_changed: bool,
    fresh: Vec<FinishedItem>,
}

/// What is known of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    Unread,
    /// The batch shows none.
    None,
    /// It goes on, or is in a state that this crate does not know. True when it was in the same state a poll before.
    Going(JobStatus, bool),
    Ended(JobStatus),
}

/// What is known of an item.
#[derive(Debug, Clone)]
pub(super) struct Known {
    user_reference: String,
    pub(super) creation: ItemStatus,
    message: Option<String>,
    analysis: Option<Uuid>,
    pub(super) run: Option<AnalysisStatus>,
    /// In which poll it was last seen.
    pub(super) seen: u32,
    pub(super) outcome: Option<ItemOutcome>,
}

impl Known {
    fn of(item: &impl BatchItem, seen: u32) -> Self {
        Self {
            user_reference: item.user_reference().to_owned(),
            creation: item.creation_status().clone(),
            message: item.creation_message().map(str::to_owned),
            analysis: item.analysis_id(),
            run: item.analysis_status(),
            seen,
            outcome: None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// Whether it is still to be decided whether the analysis is created.
    pub(super) fn is_being_created(&self) -> bool {
        self.is_open() && !matches!(self.creation, ItemStatus::Succeeded | ItemStatus::Failed)
    }

    fn end_for(&self, target: WaitUntil) -> Option<ItemOutcome> {
        match (target, &self.creation, &self.run) {
            (WaitUntil::Created, ItemStatus::Succeeded, _) => Some(ItemOutcome::Created),
            (WaitUntil::Finished, _, Some(run)) if run.is_success() => Some(ItemOutcome::Succeeded),
            (WaitUntil::Finished, _, Some(run)) if run.is_terminal() => Some(ItemOutcome::RunFailed),
            (WaitUntil::Created, ItemStatus::Failed, _) | (_, ItemStatus::Failed, None) => {
                Some(ItemOutcome::NotCreated)
            }
            _ => None,
        }
    }

    fn ended(&self, id: Uuid, outcome: ItemOutcome) -> FinishedItem {
        FinishedItem {
            id,
            user_reference: self.user_reference.clone(),
            outcome,
            creation_status: self.creation.clone(),
            message: self.message.clone(),
            analysis_id: self.analysis,
            analysis_status: self.run.clone(),
        }
    }
}

impl Watch {
    pub(super) fn new(target: WaitUntil, page_size: u64) -> Self {
        Self {
            target,
            page_size,
            job: Job::Unread,
            items: HashMap::new(),
            poll: 0,
            is_complete: false,
            polls_after_job: 0,
            has_changed: false,
            fresh: Vec::new(),
        }
    }

    /// Begins a poll.
    pub(super) fn begin(&mut self) {
        self.poll += 1;
    }

    /// Takes in the state of the job.
    pub(super) fn see_job(&mut self, status: Option<JobStatus>) {
        self.has_changed |= status.is_some() && self.job_status() != status.as_ref();
        self.job = match status {
            // A job that was seen goes on, also when an answer leaves it out.
            None if matches!(self.job, Job::Going(..)) => return,
            None => Job::None,
            Some(
                status
                @ (JobStatus::Succeeded | JobStatus::PartiallySucceeded | JobStatus::Failed | JobStatus::Stopped),
            ) => {
                // What was listed while it went on may lack what it did last.
                self.is_complete = false;
                Job::Ended(status)
            }
            Some(status) => {
                let is_same = self.job_status() == Some(&status);
                self.is_complete = false;
                Job::Going(status, is_same)
            }
        };
    }

    /// Takes in an item. What has ended stays as it ended.
    pub(super) fn see(&mut self, item: &impl BatchItem) {
        let (id, poll) = (item.id(), self.poll);
        let before = self.items.get_mut(&id);
        if let Some(known) = before.filter(|known| !known.is_open()) {
            known.seen = poll;
            return;
        }
        let mut known = Known::of(item, poll);
        known.outcome = known.end_for(self.target);
        let before = self.items.get(&id);
        self.has_changed |= known.outcome.is_some() || before.is_none_or(|before| before.creation != known.creation);
        if let Some(end) = known.outcome {
            self.fresh.push(known.ended(id, end));
        }
        // Without a job, an item that has only appeared says that there may be more.
        if self.job == Job::None && known.is_being_created() {
            self.is_complete = false;
        }
        self.items.insert(id, known);
    }

    /// Takes in that all items were listed, whatever their state.
    pub(super) fn saw_all(&mut self) {
        self.is_complete = match self.job {
            Job::Ended(_) => true,
            Job::None => !self.items.is_empty() && !self.creates(),
            Job::Unread | Job::Going(..) => false,
        };
    }

    /// Ends a poll. Once the job has ended, an item that it left behind gets a second look and is then given up.
    pub(super) fn finish(&mut self) {
        let Job::Ended(_) = self.job else { return };
        self.polls_after_job += 1;
        if self.polls_after_job < 2 {
            return;
        }
        for (id, known) in &mut self.items {
            let is_left = matches!(known.creation, ItemStatus::Running | ItemStatus::WaitingResources);
            if known.is_open() && is_left && known.run.is_none() {
                known.outcome = Some(ItemOutcome::Orphaned);
                self.fresh.push(known.ended(*id, ItemOutcome::Orphaned));
                self.has_changed = true;
            }
        }
    }

    /// Whether there is nothing more to wait for.
    pub(super) fn is_finished(&self) -> bool {
        self.is_complete && self.items.values().all(|known| !known.is_open())
    }

    /// Whether an item is known for which it is still to be decided whether its analysis is created.
    pub(super) fn creates(&self) -> bool {
        self.items.values().any(Known::is_being_created)
    }

    /// What has ended since this was last asked.
    pub(super) fn take_fresh(&mut self) -> Vec<FinishedItem> {
        std::mem::take(&mut self.fresh)
    }

    /// Whether anything came nearer to its end since this was last asked.
    pub(super) fn take_change(&mut self) -> bool {
        std::mem::take(&mut self.has_changed)
    }

    pub(super) fn job_status(&self) -> Option<&JobStatus> {
        match &self.job {
            Job::Unread | Job::None => None,
            Job::Going(status, _) | Job::Ended(status) => Some(status),
        }
    }

    /// How many items there are by the state of their creation, and by that of their run.
    pub(super) fn counts(&self) -> (BTreeMap<ItemStatus, usize>, BTreeMap<AnalysisStatus, usize>) {
        let (mut by_creation, mut by_analysis) = (BTreeMap::new(), BTreeMap::new());
        for known in self.items.values() {
            count(&mut by_creation, &known.creation);
            if let Some(run) = &known.run {
                count(&mut by_analysis, run);
            }
        }
        (by_creation, by_analysis)
    }

    /// How many items have ended, and how many of these not well.
    pub(super) fn ended(&self) -> (usize, usize) {
        let ends = self.items.values().filter_map(|known| known.outcome);
        ends.fold((0, 0), |(ended, failed), end| {
            let is_success = matches!(end, ItemOutcome::Created | ItemOutcome::Succeeded);
            (ended + 1, failed + usize::from(!is_success))
        })
    }
}

fn count<K: Ord + Clone>(counts: &mut BTreeMap<K, usize>, key: &K) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => drop(counts.insert(key.clone(), 1)),
    }
}
