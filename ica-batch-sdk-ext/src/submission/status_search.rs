//! Decisions about the search that shows the statuses of all analyses of a submission: whether it is
//! used, when, and which batches are polled nevertheless. Sends no requests.
//!
//! A search costs one request per 1000 analyses, and polling costs one per batch.

use std::time::Duration;

use super::followed::{Followed, Searched};
use super::statuses::Statuses;

/// Number of batches up to which each is polled.
const FEW: usize = 20;

/// Number of analyses in a page of a search.
const PAGE: u64 = 1000;

/// Number of failures in a row after which batches are polled in place of the search.
const FAILURES: u32 = 2;

/// Number of times that the interval doubles while searches show too few batches.
const DOUBLINGS: u32 = 5;

/// Number of pages for which one batch is polled as a check of the search.
const PAGES_PER_CHECK: u32 = 10;

/// State of the search.
#[derive(Debug)]
pub(super) struct StatusSearch {
    /// Mark of the submission. None if it has none, and all batches are polled.
    mark: Option<String>,
    /// Time of the next search. None while polling costs less.
    due: Option<Duration>,
    /// Number of requests of a search.
    pages: u32,
    /// Number of searches in a row that showed no change.
    unchanged: u32,
    /// Number of searches in a row that showed too few batches to be worth their requests.
    in_vain: u32,
    /// Number of failures in a row.
    failures: u32,
}

impl StatusSearch {
    /// Returns the state before the first search, of a submission with so many analyses.
    pub(super) fn new(mark: Option<String>, analyses: u64) -> Self {
        Self {
            mark,
            due: None,
            pages: u32::try_from(analyses.div_ceil(PAGE).max(1)).unwrap_or(u32::MAX),
            unchanged: 0,
            in_vain: 0,
            failures: 0,
        }
    }

    /// Returns whether searches can show the runs of the submission.
    pub(super) fn is_possible(&self) -> bool {
        self.mark.is_some()
    }

    /// Returns the mark to search for, if a search is due at this time.
    pub(super) fn mark_if_due(&self, now: Duration) -> Option<&str> {
        self.mark.as_deref().filter(|_| self.due.is_some_and(|due| due <= now))
    }

    /// Returns the time of the next search. None while polling costs less.
    pub(super) fn due(&self) -> Option<Duration> {
        self.due
    }

    /// Returns whether this batch is not polled, because searches show its analyses.
    pub(super) fn covers(&self, batch: &Followed) -> bool {
        let is_used = self.due.is_some() && self.failures < FAILURES;
        is_used && batch.is_left_to_search(self.in_vain == 0)
    }

    /// Decides whether the search is used. `interval` returns a time for a number of searches without
    /// a change and a number of requests.
    pub(super) fn plan(&mut self, batches: &[Followed], now: Duration, interval: impl FnOnce(u32, u32) -> Duration) {
        let is_cheaper = self.mark.is_some() && {
            let searchable = batches.iter().filter_map(Followed::searchable);
            self.is_cheaper(searchable.count())
        };
        match (is_cheaper, self.due) {
            (true, None) => self.due = Some(now.saturating_add(interval(0, self.pages))),
            (true, Some(_)) => {}
            (false, _) => self.due = None,
        }
    }

    fn is_cheaper(&self, batches: usize) -> bool {
        batches > FEW && batches as u64 > u64::from(self.pages)
    }

    /// Makes the next search due now: an outage has ended.
    pub(super) fn hurry(&mut self, now: Duration) {
        self.due = self.due.map(|due| due.min(now));
    }

    /// Records a search that took so many requests.
    pub(super) fn record(
        &mut self,
        batches: &mut [Followed],
        (statuses, pages): (&Statuses, u32),
        now: Duration,
        interval: impl FnOnce(u32, u32) -> Duration,
    ) {
        self.pages = pages.max(1);
        self.failures = 0;
        let (mut shown, mut behind, mut has_changed) = (0_usize, 0_u32, false);
        for batch in &mut *batches {
            match batch.record_search(statuses) {
                Searched::Shown { is_change } => {
                    shown = shown.saturating_add(1);
                    has_changed |= is_change;
                }
                Searched::Behind => behind = behind.saturating_add(1),
                Searched::NotShown => {}
            }
        }
        self.unchanged = match has_changed {
            true => 0,
            false => self.unchanged.saturating_add(1),
        };
        self.in_vain = match self.is_cheaper(shown) {
            true => 0,
            false => self.in_vain.saturating_add(1),
        };
        // A search whose statuses are old is found out soon: each batch that shows it leads to two
        // more checks.
        let checks = self.pages.div_ceil(PAGES_PER_CHECK).max(behind.saturating_mul(2));
        let mut unpolled = { batches.iter_mut() }
            .filter(|batch| batch.is_left_to_search(false))
            .collect::<Vec<_>>();
        unpolled.sort_by_key(|batch| batch.polled);
        let checked = unpolled.into_iter().take(checks as usize);
        checked.for_each(|batch| batch.is_wanted = true);
        let doublings = 2_u32.saturating_pow(self.in_vain.min(DOUBLINGS));
        let pause = interval(self.unchanged, self.pages).saturating_mul(doublings);
        self.due = Some(now.saturating_add(pause));
    }

    /// Returns the number of failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Records a failed search. If it was refused, batches are polled at once.
    pub(super) fn record_failure(&mut self, is_refused: bool, until: Duration) {
        let least = if is_refused { FAILURES } else { 1 };
        self.failures = self.failures.saturating_add(1).max(least);
        self.due = Some(until);
    }
}

#[cfg(test)]
mod tests;
