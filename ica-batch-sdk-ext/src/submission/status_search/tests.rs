use std::collections::HashMap;
use std::time::Duration;

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus};
use uuid::Uuid;

use super::super::followed::{Followed, Polled, Source};
use super::super::statuses::Statuses;
use super::{FEW, StatusSearch};
use crate::analysis_batch::AnalysisCreation;
use crate::batch::{BatchItem, WaitUntil};

const SECOND: Duration = Duration::from_secs(1);

/// Item whose analysis has the same id.
struct Item(u128, AnalysisStatus);

impl BatchItem for Item {
    type Family = AnalysisCreation;

    fn id(&self) -> Uuid {
        Uuid::from_u128(self.0)
    }

    fn name(&self) -> &str {
        "sample"
    }

    fn creation_status(&self) -> &ItemStatus {
        &ItemStatus::Succeeded
    }

    fn creation_message(&self) -> Option<&str> {
        None
    }

    fn created_id(&self) -> Option<Uuid> {
        Some(self.id())
    }

    fn run_status(&self) -> Option<AnalysisStatus> {
        Some(self.1.clone())
    }
}

fn poll(batch: &mut Followed, number: usize, status: AnalysisStatus, now: Duration) {
    let mut polled = Polled::new(WaitUntil::Finished);
    polled.add(&Item(number as u128, status));
    // A second one never ends.
    polled.add(&Item((number + 1_000_000) as u128, AnalysisStatus::Queued));
    batch.record(polled);
    batch.polled = now;
}

/// Returns this many batches of two analyses that were polled once.
fn batches(count: usize) -> Vec<Followed> {
    let batch = |number: usize| {
        let names = (number.to_string(), Some(mark(number)));
        let mut batch = Followed::new(Source::Mark(String::new(), HashMap::new()), names, 2);
        poll(&mut batch, number, AnalysisStatus::Queued, Duration::ZERO);
        batch
    };
    (0..count).map(batch).collect()
}

fn mark(number: usize) -> String {
    format!("mark-{number}")
}

/// Returns what a search of all batches shows, except for the last ones.
fn found(batches: usize, hidden: usize, status: &AnalysisStatus) -> Statuses {
    let mut statuses = Statuses::with_marks((0..batches).map(mark));
    for number in 0..batches - hidden {
        statuses.add(Uuid::from_u128(number as u128), &[mark(number)], status);
        let second = Uuid::from_u128((number + 1_000_000) as u128);
        statuses.add(second, &[mark(number)], &AnalysisStatus::Queued);
    }
    statuses
}

fn search(analyses: u64) -> StatusSearch {
    StatusSearch::new(Some("mark".to_owned()), analyses)
}

fn interval(unchanged: u32, pages: u32) -> Duration {
    (100 * unchanged + pages) * SECOND
}

fn covered(search: &StatusSearch, batches: &[Followed]) -> usize {
    batches.iter().filter(|batch| search.covers(batch)).count()
}

#[test]
fn the_search_is_used_where_it_costs_less() {
    for (batches, analyses, is_used) in [
        (FEW, 40, false),
        (FEW + 1, 42, true),
        (100, 100_000, false),
        (101, 100_000, true),
        (101, 100_001, false),
    ] {
        let followed = self::batches(batches);
        let mut search = search(analyses);
        search.plan(&followed, SECOND, interval);
        assert_eq!(
            search.due().is_some(),
            is_used,
            "{batches} batches of {analyses} analyses"
        );
        let expected = if is_used { batches } else { 0 };
        assert_eq!(covered(&search, &followed), expected);
        let mut without_mark = StatusSearch::new(None, analyses);
        without_mark.plan(&followed, SECOND, interval);
        assert_eq!(
            (without_mark.due(), without_mark.mark_if_due(99 * SECOND)),
            (None, None)
        );
    }
}

#[test]
fn batches_that_a_search_shows_are_not_polled_except_for_some_checks() {
    let mut batches = self::batches(100);
    let mut search = search(200);
    search.plan(&batches, SECOND, interval);
    assert_eq!(search.due(), Some(2 * SECOND));
    assert_eq!(
        (search.mark_if_due(SECOND), search.mark_if_due(2 * SECOND)),
        (None, Some("mark"))
    );
    batches[3].polled = SECOND;
    let queued = found(100, 1, &AnalysisStatus::Queued);
    search.record(&mut batches, (&queued, 11), 10 * SECOND, interval);
    assert_eq!(search.due(), Some(10 * SECOND + 111 * SECOND));
    // One is not shown, and of 11 pages, 2 are checked that were polled first.
    assert_eq!(covered(&search, &batches), 97);
    assert!(search.covers(&batches[3]) && !search.covers(&batches[99]));
    // What is polled is shown again, except for what the search did not show.
    for (number, batch) in batches.iter_mut().enumerate().filter(|(_, batch)| batch.is_wanted) {
        poll(batch, number, AnalysisStatus::Queued, 20 * SECOND);
    }
    assert_eq!(covered(&search, &batches), 99);
    // A page has fewer analyses than expected, so that the search costs more.
    search.record(&mut batches, (&queued, 100), 30 * SECOND, interval);
    search.plan(&batches, 31 * SECOND, interval);
    assert_eq!((search.due(), covered(&search, &batches)), (None, 0));
}

#[test]
fn batches_are_polled_while_searches_fail() {
    let mut batches = self::batches(100);
    let mut search = search(200);
    search.plan(&batches, Duration::ZERO, interval);
    search.record_failure(false, 5 * SECOND);
    assert_eq!((covered(&search, &batches), search.due()), (100, Some(5 * SECOND)));
    search.record_failure(false, 15 * SECOND);
    assert_eq!((covered(&search, &batches), search.failures()), (0, 2));
    search.hurry(7 * SECOND);
    assert_eq!(search.due(), Some(7 * SECOND), "an outage has ended");
    search.record(
        &mut batches,
        (&found(100, 0, &AnalysisStatus::Queued), 1),
        8 * SECOND,
        interval,
    );
    assert_eq!((covered(&search, &batches), search.failures()), (99, 0));
    search.record_failure(true, 15 * SECOND);
    assert_eq!(covered(&search, &batches), 0, "it was refused");
}

#[test]
fn searches_that_show_too_few_batches_become_rare() {
    let mut batches = self::batches(100);
    let mut search = search(200);
    search.plan(&batches, Duration::ZERO, |_, _| SECOND);
    let nothing = found(100, 100, &AnalysisStatus::Queued);
    let (mut now, mut pauses) = (SECOND, Vec::new());
    for _ in 0..7 {
        search.record(&mut batches, (&nothing, 1), now, |_, _| SECOND);
        search.plan(&batches, now, |_, _| SECOND);
        let pause = search.due().unwrap() - now;
        now += pause;
        pauses.push(pause.as_secs());
    }
    assert_eq!(pauses, [2, 4, 8, 16, 32, 32, 32]);
    assert_eq!(covered(&search, &batches), 0);
    // A batch whose items were created in the meantime does not wait for the next search.
    batches.extend(self::batches(1));
    assert_eq!(covered(&search, &batches), 0);
    search.record(
        &mut batches,
        (&found(100, 0, &AnalysisStatus::Queued), 1),
        now,
        |_, _| SECOND,
    );
    assert_eq!(search.due(), Some(now + SECOND));
    assert_eq!(covered(&search, &batches), 100);
}

#[test]
fn a_search_with_old_statuses_is_found_out() {
    let mut batches = self::batches(400);
    let mut search = search(800);
    search.plan(&batches, Duration::ZERO, interval);
    let old = found(400, 0, &AnalysisStatus::Queued);
    let mut covered = Vec::new();
    for round in 1..=12 {
        let now = round * SECOND;
        search.record(&mut batches, (&old, 1), now, interval);
        for (number, batch) in batches.iter_mut().enumerate().filter(|(_, batch)| batch.is_wanted) {
            poll(batch, number, AnalysisStatus::Succeeded, now);
        }
        covered.push(self::covered(&search, &batches));
    }
    // Each search finds those out that were polled after the previous one.
    assert_eq!(covered[..5], [400, 399, 397, 391, 373]);
    assert_eq!(covered.last(), Some(&0));
}
