//! Numbers of the analyses of a submission by status over time. They are for charts, and nothing of
//! them is sent.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ica_batch_sdk::types::AnalysisStatus;
use serde::Serialize;

use super::json;
use super::time::{from_millis, to_millis};
use crate::analyses::AnalysisStatusExt as _;
use crate::error::{NAME, shown};

/// Number of times that a history has at most. A chart has fewer columns of pixels.
pub(super) const LONGEST: usize = 2000;

/// Number of statuses of runs that are counted apart. ICA has fewer than twenty.
pub(super) const STATUSES: usize = 40;

/// Status of the runs that are not counted apart.
const OTHER: &str = "OTHER";

/// Shortest time between two times of a history, and the part of the whole time that it grows with.
const SHORTEST: Duration = Duration::from_secs(1);
const PARTS: u32 = 500;

/// Numbers of the analyses of a submission by status, at one time. Each analysis has one status.
///
/// ```
/// use std::time::SystemTime;
///
/// use ica_batch_sdk_ext::StatusCounts;
/// use ica_batch_sdk_ext::types::AnalysisStatus;
///
/// let mut counts = StatusCounts::new(SystemTime::UNIX_EPOCH);
/// counts.accepted = 2;
/// counts.runs.insert(AnalysisStatus::InProgress, 40);
/// assert_eq!(counts.by_status(), [("accepted", 2), ("IN_PROGRESS", 40)]);
/// assert_eq!(counts.analyses(), 42);
/// assert_eq!(serde_json::to_value(&counts)?["at"], "1970-01-01T00:00:00.000Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StatusCounts {
    /// Time of the numbers.
    #[serde(serialize_with = "json::time")]
    pub at: SystemTime,
    /// Number of analyses that have no outcome: they are neither created nor rejected.
    pub pending: u64,
    /// Number of analyses that ICA rejected.
    pub rejected: u64,
    /// Number of analyses that ICA has accepted, and whose run is not known yet.
    pub accepted: u64,
    /// Number of analyses that ICA has accepted and then could not create.
    pub not_created: u64,
    /// Number of runs by status.
    pub runs: BTreeMap<AnalysisStatus, u64>,
}

impl StatusCounts {
    /// Creates the numbers of a time, all of them 0.
    pub fn new(at: SystemTime) -> Self {
        Self {
            at,
            pending: 0,
            rejected: 0,
            accepted: 0,
            not_created: 0,
            runs: BTreeMap::new(),
        }
    }

    /// Returns the numbers with their names, except those that are 0: `pending`, `rejected`,
    /// `accepted` and `not_created`, and the statuses of runs by their names in ICA, in the order of the
    /// API description.
    pub fn by_status(&self) -> Vec<(&str, u64)> {
        let states = [
            ("pending", self.pending),
            ("rejected", self.rejected),
            ("accepted", self.accepted),
            ("not_created", self.not_created),
        ];
        let runs = self.runs.iter().map(|(status, count)| (status.as_str(), *count));
        { states.into_iter().chain(runs) }
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Returns the number of analyses.
    pub fn analyses(&self) -> u64 {
        let counts = self.by_status().into_iter();
        counts.fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    /// Adds analyses with a status as [`by_status`](Self::by_status) names it.
    pub(super) fn add(&mut self, status: &str, count: u64) {
        let sum = match status {
            "pending" => &mut self.pending,
            "rejected" => &mut self.rejected,
            "accepted" => &mut self.accepted,
            "not_created" => &mut self.not_created,
            run => self.runs.entry(AnalysisStatus::from(run)).or_default(),
        };
        *sum = sum.saturating_add(count);
    }

    /// Returns whether the numbers are the same, at whatever time.
    pub(crate) fn has_same_numbers(&self, other: &Self) -> bool {
        self.by_status() == other.by_status()
    }

    /// Returns whether nothing changes any more.
    fn is_settled(&self) -> bool {
        let running = self
            .runs
            .iter()
            .any(|(status, count)| *count > 0 && !status.is_terminal());
        self.pending == 0 && self.accepted == 0 && !running
    }

    /// Returns the numbers as a history keeps them: the time in milliseconds, and a limited number of
    /// statuses whose names can be shown.
    fn kept(&self) -> Self {
        let mut kept = Self::new(from_millis(to_millis(self.at)));
        for (status, count) in self.by_status() {
            let status = shown(status, NAME);
            let is_new = !kept.runs.contains_key(&AnalysisStatus::from(status.as_str()));
            let apart = kept.runs.keys().filter(|known| known.as_str() != OTHER);
            match is_new && status != OTHER && apart.count() >= STATUSES {
                true => kept.add(OTHER, count),
                false => kept.add(&status, count),
            }
        }
        kept
    }
}

/// Numbers of the analyses of a submission by status over time, from
/// [`Journal::status_history`](crate::Journal::status_history).
///
/// The numbers of a time hold until the next one. A history has at most 2000 times: the time between
/// two of them grows to 1/500 of the whole.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use ica_batch_sdk_ext::{StatusCounts, StatusHistory};
///
/// let mut history = StatusHistory::default();
/// for minute in 0..3 {
///     let mut counts = StatusCounts::new(SystemTime::UNIX_EPOCH + Duration::from_secs(60 * minute));
///     (counts.pending, counts.accepted) = (100 - 50 * minute, 50 * minute);
///     history.record(&counts);
/// }
/// let accepted = history.times().iter().map(|counts| counts.accepted);
/// assert_eq!(accepted.collect::<Vec<_>>(), [0, 50, 100]);
/// assert_eq!(serde_json::to_value(&history)?[2]["at"], "1970-01-01T00:02:00.000Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct StatusHistory {
    times: Vec<StatusCounts>,
}

impl StatusHistory {
    /// Creates a history of what a journal has.
    pub(super) fn of(times: Vec<StatusCounts>) -> Self {
        Self { times }
    }

    /// Returns the numbers, the earliest first.
    pub fn times(&self) -> &[StatusCounts] {
        &self.times
    }

    /// Adds the newest numbers. The last ones are always kept, and earlier ones are left out where they
    /// lie close together or nothing changed.
    pub fn record(&mut self, counts: &StatusCounts) {
        let mut counts = counts.kept();
        if let Some(last) = self.times.last() {
            if last.is_settled() && last.has_same_numbers(&counts) {
                return;
            }
            // The clock of a machine can be set back.
            counts.at = counts.at.max(last.at + Duration::from_millis(1));
        }
        if let [.., before, last] = self.times.as_slice() {
            let is_unchanged = before.has_same_numbers(last) && last.has_same_numbers(&counts);
            let first = self.times.first().unwrap_or(before);
            let whole = since(first.at, last.at);
            let interval = Self::interval(whole);
            // Numbers that came soon after the ones before, and held for a while, are a part of the chart.
            let is_brief = since(before.at, last.at) < interval && since(last.at, counts.at) < interval;
            if is_unchanged || is_brief {
                self.times.pop();
            }
        }
        self.times.push(counts);
        if self.times.len() > LONGEST {
            self.thin();
        }
    }

    /// Adds the numbers of another history of the same submission.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use ica_batch_sdk_ext::{StatusCounts, StatusHistory};
    /// # let counts = |second: u64, pending: u64| {
    /// #     let mut counts = StatusCounts::new(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
    /// #     counts.pending = pending;
    /// #     counts
    /// # };
    /// let (mut recorded, mut seen) = (StatusHistory::default(), StatusHistory::default());
    /// recorded.record(&counts(0, 9));
    /// recorded.record(&counts(100, 3));
    /// seen.record(&counts(50, 5));
    /// recorded.merge(seen);
    /// let pending = recorded.times().iter().map(|counts| counts.pending);
    /// assert_eq!(pending.collect::<Vec<_>>(), [9, 5, 3]);
    /// ```
    pub fn merge(&mut self, other: Self) {
        let mut all = std::mem::take(&mut self.times);
        all.extend(other.times);
        all.sort_by_key(|counts| counts.at);
        all.iter().for_each(|counts| self.record(counts));
    }

    /// Returns the shortest time between two times of a history that is so long.
    pub(crate) fn interval(whole: Duration) -> Duration {
        (whole / PARTS).max(SHORTEST)
    }

    /// Drops every second time, but not the first and the last one.
    fn thin(&mut self) {
        let last = self.times.len().saturating_sub(1);
        let mut index = 0_usize;
        self.times.retain(|_| {
            let is_kept = index.is_multiple_of(2) || index == last;
            index = index.saturating_add(1);
            is_kept
        });
    }
}

/// Returns the time from one time to a later one.
fn since(earlier: SystemTime, later: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use ica_batch_sdk::types::AnalysisStatus;

    use super::{LONGEST, STATUSES, StatusCounts, StatusHistory};

    fn counts(second: u64, pending: u64, running: u64) -> StatusCounts {
        let mut counts = StatusCounts::new(UNIX_EPOCH + Duration::from_secs(second));
        counts.pending = pending;
        counts.runs.insert(AnalysisStatus::InProgress, running);
        counts
    }

    fn seconds(history: &StatusHistory) -> Vec<u64> {
        let times = history.times().iter();
        times
            .map(|counts| counts.at.duration_since(UNIX_EPOCH).unwrap().as_secs())
            .collect()
    }

    fn recorded<'a>(all: impl IntoIterator<Item = &'a StatusCounts>) -> StatusHistory {
        let mut history = StatusHistory::default();
        all.into_iter().for_each(|counts| history.record(counts));
        history
    }

    #[test]
    fn a_long_history_is_bounded_and_keeps_its_ends_and_its_middle() {
        let mut history = StatusHistory::default();
        for step in 0..20_000 {
            history.record(&counts(50 * step, step + 1, 1));
            assert!(history.times().len() <= LONGEST);
        }
        let kept = seconds(&history);
        assert_eq!((kept[0], kept[kept.len() - 1]), (0, 999_950));
        assert!(kept.len() > LONGEST / 4, "{}", kept.len());
        assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
        // No part of the time is left out.
        let widest = kept.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(widest < 1_000_000 / 100, "{widest}");
    }

    #[test]
    fn a_short_history_has_a_time_per_second_and_always_the_newest() {
        let mut history = recorded(&[counts(0, 9, 0), counts(1, 8, 1)]);
        for millis in [1100, 1200, 1900] {
            let mut next = counts(0, 7, 2);
            next.at += Duration::from_millis(millis);
            next.pending += millis;
            history.record(&next);
        }
        assert_eq!(history.times().len(), 3, "{history:?}");
        assert_eq!(history.times()[2].pending, 1907);
    }

    #[test]
    fn numbers_that_hold_are_kept_however_soon_they_came() {
        // Sending took half a second, and the first poll was ten seconds later.
        let mut sent = counts(0, 0, 5);
        sent.at += Duration::from_millis(500);
        let history = recorded(&[counts(0, 5, 0), sent, counts(10, 0, 4)]);
        let pending = history.times().iter().map(|counts| counts.pending);
        assert_eq!(pending.collect::<Vec<_>>(), [5, 0, 0]);
    }

    #[test]
    fn pairs_of_changes_stay_bounded() {
        let mut history = StatusHistory::default();
        for step in 0..20_000 {
            let mut next = counts(100 * (step / 2), step + 1, 1);
            next.at += Duration::from_millis(step % 2 * 10);
            history.record(&next);
            assert!(history.times().len() <= LONGEST);
        }
        let widest = seconds(&history).windows(2).map(|pair| pair[1] - pair[0]).max();
        assert!(widest < Some(1_000_000 / 100), "{widest:?}");
    }

    #[test]
    fn unchanged_numbers_are_kept_with_their_first_and_their_last_time() {
        let all = [counts(0, 0, 5), counts(10, 0, 5), counts(20, 0, 5), counts(30, 0, 4)];
        assert_eq!(seconds(&recorded(&all[..3])), [0, 20]);
        assert_eq!(seconds(&recorded(&all)), [0, 20, 30]);
        // Looking at what has ended does not make the history longer.
        let mut ended = counts(10, 0, 0);
        ended.runs.insert(AnalysisStatus::Succeeded, 5);
        let later = StatusCounts {
            at: ended.at + Duration::from_secs(9),
            ..ended.clone()
        };
        assert_eq!(seconds(&recorded(&[all[0].clone(), ended, later])), [0, 10]);
    }

    #[test]
    fn times_are_ordered_where_the_clock_is_set_back() {
        let history = recorded(&[counts(100, 9, 0), counts(50, 5, 4), counts(60, 1, 8)]);
        let times = history.times();
        assert!(times.windows(2).all(|pair| pair[0].at < pair[1].at), "{history:?}");
        assert_eq!((times[0].pending, times[times.len() - 1].pending), (9, 1));
    }

    #[test]
    fn histories_are_merged_in_order_of_time() {
        let mut one = recorded(&[counts(0, 9, 0), counts(100, 1, 8)]);
        one.merge(recorded(&[counts(50, 5, 4), counts(150, 0, 9)]));
        assert_eq!(seconds(&one), [0, 50, 100, 150]);
        let pending = one.times().iter().map(|counts| counts.pending);
        assert_eq!(pending.collect::<Vec<_>>(), [9, 5, 1, 0]);
    }

    #[test]
    fn foreign_statuses_are_limited_in_number_and_length() {
        let mut hostile = counts(0, 3, 0);
        for number in 0..1000 {
            hostile
                .runs
                .insert(AnalysisStatus::from(format!("S\u{1b}[31m{number}")), 1);
        }
        hostile.runs.insert(AnalysisStatus::from("X".repeat(10_000)), 1);
        let history = recorded(&[hostile]);
        let kept = &history.times()[0];
        assert!(kept.runs.len() <= STATUSES + 1, "{}", kept.runs.len());
        assert_eq!(kept.analyses(), 1004, "each analysis is counted");
        let is_plain = |status: &AnalysisStatus| status.as_str().len() < 200 && !status.as_str().contains('\u{1b}');
        assert!(kept.runs.keys().all(is_plain), "{kept:?}");
        assert_eq!(recorded(history.times()), history, "what is kept stays as it is");
    }
}
