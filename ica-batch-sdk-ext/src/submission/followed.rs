//! State of one batch of a submission that is waited for. Sends no requests.
//!
//! Only numbers are kept between the polls of a batch, and the ids of failed items that were
//! reported. So memory does not grow with the analyses that are waited for.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus};
use uuid::Uuid;

use super::statuses::{AnalysisSet, Statuses};
use crate::analyses::AnalysisStatusExt;
use crate::analysis_batch::AnalysisCreation;
use crate::batch::{BatchItem, CreationState, Family, FinishedItem, ItemOutcome, WaitUntil};
use crate::journal::{ListedItem, ReportRow, UnlistedChunk};

/// Number of polls without a change after which the job is read, while items are not created. By
/// default that is after two minutes.
const POLLS_BEFORE_JOB: u32 = 5;

/// Numbers of items of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) by_creation: BTreeMap<ItemStatus, u64>,
    pub(super) by_run: BTreeMap<AnalysisStatus, u64>,
    pub(super) items: u64,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    /// Number of failed ones that were not created.
    pub(super) not_created: u64,
}

impl Tally {
    /// Returns the numbers that count as progress. Another phase of a run does not count, because the
    /// interval of a large batch would never grow then.
    fn progress(&self) -> (u64, u64, u64, &BTreeMap<ItemStatus, u64>) {
        (self.items, self.succeeded, self.failed, &self.by_creation)
    }

    /// Adds the numbers of another batch.
    pub(super) fn add(&mut self, other: &Self) {
        for (status, count) in &other.by_creation {
            let sum = self.by_creation.entry(status.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
        for (status, count) in &other.by_run {
            let sum = self.by_run.entry(status.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
        self.items = self.items.saturating_add(other.items);
        self.succeeded = self.succeeded.saturating_add(other.succeeded);
        self.failed = self.failed.saturating_add(other.failed);
        self.not_created = self.not_created.saturating_add(other.not_created);
    }
}

/// Items of a batch, as one poll listed them.
#[derive(Debug, Default)]
pub(super) struct Polled {
    until: WaitUntil,
    pub(super) tally: Tally,
    failed: Vec<FinishedItem<AnalysisCreation>>,
    /// Items that are not created yet.
    not_created: Vec<FinishedItem<AnalysisCreation>>,
    /// Analyses of the items.
    created: AnalysisSet,
    /// Number of items of which it is not known whether they have an analysis.
    undecided: u64,
    /// Created items whose analysis ICA does not show, although its run is waited for.
    pub(super) unshown: HashSet<Uuid>,
    /// All items, as the journal records them.
    pub(super) items: Vec<ListedItem>,
    /// Whether the job of the batch has ended, where that was asked.
    pub(super) job_has_ended: Option<bool>,
    /// Number of requests.
    pub(super) requests: u32,
}

impl Polled {
    pub(super) fn new(until: WaitUntil) -> Self {
        Self {
            until,
            ..Self::default()
        }
    }

    /// Adds an item of the list.
    pub(super) fn add(&mut self, item: &impl BatchItem<Family = AnalysisCreation>) {
        let creation = AnalysisCreation::creation_state(item.creation_status());
        let run = item.run_status();
        let run_state = run.as_ref().map(AnalysisCreation::run_state);
        let outcome = ItemOutcome::of(self.until, creation, run_state, true);
        let count = self.tally.by_creation.entry(item.creation_status().clone());
        *count.or_default() += 1;
        if let Some(run) = &run {
            *self.tally.by_run.entry(run.clone()).or_default() += 1;
        }
        self.tally.items += 1;
        match (creation, item.created_id()) {
            (CreationState::Created | CreationState::PartiallyCreated, Some(analysis)) => self.created.add(analysis),
            (CreationState::NotCreated, None) => {}
            _ => self.undecided += 1,
        }
        let finished = |outcome| {
            let (id, name, status) = (item.id(), item.name(), item.creation_status().clone());
            let mut finished = FinishedItem::new(id, name, outcome, status);
            finished.message = item.creation_message().map(str::to_owned);
            finished.created_id = item.created_id();
            finished.run_status = run.clone();
            finished
        };
        match outcome {
            Some(outcome) if outcome.is_success() => self.tally.succeeded += 1,
            Some(outcome) => {
                self.tally.failed += 1;
                self.tally.not_created += u64::from(outcome == ItemOutcome::NotCreated);
                self.failed.push(finished(outcome));
            }
            None if creation == CreationState::Pending && run.is_none() => {
                self.not_created.push(finished(ItemOutcome::Orphaned));
            }
            None if creation != CreationState::Pending && run.is_none() => {
                self.unshown.insert(item.id());
            }
            None => {}
        }
    }

    /// Adds the run of a row that the journal has as ended, and whose analysis ICA does not show.
    /// `item` is the id of its item, or of its analysis if it has no item.
    pub(super) fn add_recorded(&mut self, item: Uuid, row: ReportRow, run: AnalysisStatus) {
        if !self.unshown.contains(&item) {
            // The list of a batch has the item. A search lacks the analysis.
            self.tally.items += 1;
            *self.tally.by_creation.entry(ItemStatus::Succeeded).or_default() += 1;
            self.undecided += 1;
        }
        *self.tally.by_run.entry(run.clone()).or_default() += 1;
        let state = Some(run.run_state());
        match ItemOutcome::of(self.until, CreationState::Created, state, true) {
            Some(outcome) if outcome.is_success() => self.tally.succeeded += 1,
            Some(outcome) => {
                self.tally.failed += 1;
                let mut finished = FinishedItem::new(item, row.user_reference, outcome, ItemStatus::Succeeded);
                (finished.created_id, finished.run_status) = (row.analysis, Some(run));
                self.failed.push(finished);
            }
            None => {}
        }
    }
}

/// Where the analyses of a chunk are found.
#[derive(Debug)]
pub(super) enum Source {
    /// In its batch. Rows that others replace are not waited for: only those of these user
    /// references are, if some are given.
    Batch(UnlistedChunk, Option<HashSet<String>>),
    /// By a mark: their batch is not known. That of the submission shows the analyses that another journal
    /// created in other chunks.
    Mark(String, HashMap<Uuid, AdoptedPlace>),
}

/// Place of an analysis whose batch is not known.
#[derive(Debug, Clone)]
pub(super) struct AdoptedPlace {
    pub(super) position: u64,
    /// Label of its chunk.
    pub(super) chunk: Arc<str>,
}

/// Batch that is waited for.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) source: Source,
    /// Label of its chunk.
    pub(super) chunk: String,
    /// Mark of the chunk. None if its runs are not searched for.
    mark: Option<String>,
    /// Number of rows that are waited for.
    rows: u64,
    /// Time of the next poll.
    pub(super) due: Duration,
    /// Number of polls in a row that found no change.
    pub(super) unchanged: u32,
    pub(super) tally: Tally,
    /// Whether a poll succeeded.
    pub(super) is_seen: bool,
    /// Failed items that were reported.
    reported: HashSet<Uuid>,
    /// Number of polls that saw the job ended.
    polls_after_job: u32,
    /// Time of the last poll.
    pub(super) polled: Duration,
    /// Its analyses, once it is known for each item whether it has one.
    created: Option<AnalysisSet>,
    /// Whether the last search showed exactly its analyses. None before the first search.
    is_shown: Option<bool>,
    /// Whether it is polled although searches show its analyses.
    pub(super) is_wanted: bool,
}

/// Result of a search for a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Searched {
    /// It showed exactly the analyses of the batch.
    Shown {
        /// Whether another run has ended.
        is_change: bool,
    },
    /// Its statuses are older than those of the last poll.
    Behind,
    /// It showed fewer analyses, or others, or the batch needs a poll first.
    NotShown,
}

/// Result of a poll of a batch.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) failed: Vec<FinishedItem<AnalysisCreation>>,
    /// Number of rows that the batch lacks after the end of its job.
    pub(super) missing: u64,
    pub(super) is_finished: bool,
}

impl Followed {
    pub(super) fn new(source: Source, (chunk, mark): (String, Option<String>), rows: u64) -> Self {
        Self {
            source,
            chunk,
            mark,
            rows,
            due: Duration::ZERO,
            unchanged: 0,
            tally: Tally::default(),
            is_seen: false,
            reported: HashSet::new(),
            polls_after_job: 0,
            polled: Duration::ZERO,
            created: None,
            is_shown: None,
            is_wanted: false,
        }
    }

    /// Takes over the analyses that the journal has. If it has one of each row, the batch need not be
    /// polled before a search shows their runs.
    pub(super) fn set_recorded(&mut self, analyses: impl IntoIterator<Item = Uuid>) {
        let mut created = AnalysisSet::default();
        analyses.into_iter().for_each(|analysis| created.add(analysis));
        if created.count == self.rows && self.mark.is_some() {
            self.created = Some(created);
            self.tally.items = self.rows;
            self.tally.by_creation.insert(ItemStatus::Succeeded, self.rows);
        }
    }

    /// Returns the id of the batch, if it is known.
    pub(super) fn batch(&self) -> Option<Uuid> {
        match &self.source {
            Source::Batch(chunk, _) => Some(chunk.batch),
            Source::Mark(..) => None,
        }
    }

    /// Returns the label of the chunk of an item.
    pub(super) fn chunk_of(&self, item: Uuid) -> String {
        let place = match &self.source {
            Source::Mark(_, places) => places.get(&item),
            Source::Batch(..) => None,
        };
        place.map_or_else(|| self.chunk.clone(), |place| place.chunk.to_string())
    }

    /// Searches for the analyses by the mark of the submission from now on: they do not all have that of
    /// the chunk.
    pub(super) fn search_by(&mut self, submission_mark: &str) {
        if let Source::Mark(mark, _) = &mut self.source {
            submission_mark.clone_into(mark);
        }
        self.mark = None;
        (self.created, self.is_seen, self.unchanged, self.due) = (None, false, 0, Duration::ZERO);
    }

    /// Takes over the analyses of another one, if both are found by one mark. Otherwise returns it.
    pub(super) fn absorb(&mut self, other: Self) -> Option<Self> {
        match (&mut self.source, other.source) {
            (Source::Mark(mark, places), Source::Mark(same, others)) if *mark == same => {
                places.extend(others);
                self.rows = self.rows.saturating_add(other.rows);
                self.tally.add(&other.tally);
                self.reported.extend(other.reported);
                (self.is_seen, self.unchanged) = (false, 0);
                self.due = self.due.min(other.due);
                None
            }
            (_, source) => Some(Self { source, ..other }),
        }
    }

    /// Returns whether a poll by the mark of the chunk did not show all analyses.
    pub(super) fn lacks_some(&self, polled: &Polled, submission_mark: &str) -> bool {
        match &self.source {
            Source::Mark(mark, places) => mark != submission_mark && polled.tally.items < places.len() as u64,
            Source::Batch(..) => false,
        }
    }

    /// Returns whether the next poll reads the job, too: items are not created, and that does not
    /// change.
    pub(super) fn needs_job(&self) -> bool {
        let pending =
            |(status, _): (&ItemStatus, &u64)| AnalysisCreation::creation_state(status) == CreationState::Pending;
        let lacks_items = self.tally.items < self.rows || self.tally.by_creation.iter().any(pending);
        lacks_items && self.unchanged >= POLLS_BEFORE_JOB
    }

    /// Records a poll. In the second poll that sees the job ended, items that are still not created
    /// have failed, and so have rows without an item.
    pub(super) fn record(&mut self, mut polled: Polled) -> News {
        let mut news = News::default();
        if polled.job_has_ended == Some(true) {
            self.polls_after_job = self.polls_after_job.saturating_add(1);
        }
        if self.polls_after_job >= 2 {
            news.missing = self.rows.saturating_sub(polled.tally.items);
            let not_created = news.missing.saturating_add(polled.not_created.len() as u64);
            polled.failed.append(&mut polled.not_created);
            polled.tally.failed = polled.tally.failed.saturating_add(not_created);
            polled.tally.not_created = polled.tally.not_created.saturating_add(not_created);
            polled.tally.items = polled.tally.items.saturating_add(news.missing);
        }
        self.unchanged = match polled.tally.progress() == self.tally.progress() {
            true => self.unchanged.saturating_add(1),
            false => 0,
        };
        let is_decided = polled.undecided == 0 && polled.tally.items >= self.rows && self.mark.is_some();
        self.created = is_decided.then_some(polled.created);
        self.is_wanted = false;
        self.tally = polled.tally;
        self.is_seen = true;
        news.failed = polled.failed;
        news.failed.retain(|item| self.reported.insert(item.id));
        let ended = self.tally.succeeded.saturating_add(self.tally.failed);
        news.is_finished = self.tally.items >= self.rows && ended >= self.tally.items;
        news
    }

    /// Returns the mark of the chunk, if a search can show the runs of the batch.
    pub(super) fn searchable(&self) -> Option<&str> {
        self.mark.as_deref().filter(|_| self.created.is_some())
    }

    /// Returns whether the batch need not be polled, because the last search showed its analyses, or
    /// because it has not been searched for, if `trusts_next`.
    pub(super) fn is_left_to_search(&self, trusts_next: bool) -> bool {
        self.created.is_some() && !self.is_wanted && self.is_shown.unwrap_or(trusts_next)
    }

    /// Records a search. It changes the numbers of runs by status, and that of those that succeeded. A
    /// run that failed, and the end of the batch, make the batch wanted: the next poll records them.
    pub(super) fn record_search(&mut self, statuses: &Statuses) -> Searched {
        let found = self.searchable().and_then(|mark| statuses.of(mark));
        let (Some(created), Some(found)) = (self.created, found) else {
            return Searched::NotShown;
        };
        let not_created = self.tally.items.saturating_sub(created.count);
        let known_failed = self.tally.failed.saturating_sub(not_created);
        let is_behind = found.succeeded < self.tally.succeeded || found.failed < known_failed;
        let is_shown = found.set == created && !is_behind;
        self.is_shown = Some(is_shown);
        if !is_shown {
            return match found.set == created {
                true => Searched::Behind,
                false => Searched::NotShown,
            };
        }
        let has_failed = found.failed > known_failed;
        let ended = found.succeeded.saturating_add(found.failed);
        let is_change = has_failed || found.succeeded > self.tally.succeeded;
        self.is_wanted |= has_failed || ended >= created.count;
        self.tally.succeeded = found.succeeded;
        self.tally.by_run = found.by_run.clone();
        Searched::Shown { is_change }
    }
}

#[cfg(test)]
mod tests;
