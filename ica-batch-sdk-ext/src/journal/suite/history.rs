//! Tests of the numbers by status over time.

use ica_batch_sdk::types::AnalysisStatus;

use super::*;
use crate::journal::history::{LONGEST, StatusCounts, StatusHistory};

on_every_store! {
    a_history_is_read_as_it_was_recorded
    a_long_history_is_thinned
    nothing_is_recorded_where_nothing_changes_any_more
    a_history_goes_with_its_submission
    runs_are_counted_by_status
}

fn counts(second: u64, pending: u64) -> StatusCounts {
    let mut counts = StatusCounts::new(at(0) + Duration::from_secs(second));
    counts.pending = pending;
    (counts.rejected, counts.accepted, counts.not_created) = (1, 2, 3);
    counts.runs.insert(AnalysisStatus::InProgress, 4);
    counts.runs.insert(AnalysisStatus::from("NEWER"), 5);
    counts
}

fn a_history_is_read_as_it_was_recorded(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let other = planned(store, &id("u", "p", "other"));
    let read = |submission| store.status_history(submission).unwrap();
    assert_eq!(read(submission), StatusHistory::default());
    let all = [counts(0, 9), counts(60, 5), counts(120, 0)];
    all.iter()
        .for_each(|counts| store.record_statuses(submission, counts).unwrap());
    assert_eq!(read(submission).times(), all);
    assert_eq!(read(other), StatusHistory::default());
    // Those that lie close together are replaced.
    store.record_statuses(submission, &counts(121, 1)).unwrap();
    let mut last = counts(121, 2);
    last.at += Duration::from_millis(500);
    store.record_statuses(submission, &last).unwrap();
    let pending = read(submission)
        .times()
        .iter()
        .map(|counts| counts.pending)
        .collect::<Vec<_>>();
    assert_eq!(pending, [9, 5, 0, 1, 2]);
    last.at += Duration::from_millis(100);
    last.pending = 3;
    store.record_statuses(submission, &last).unwrap();
    let pending = read(submission)
        .times()
        .iter()
        .map(|counts| counts.pending)
        .collect::<Vec<_>>();
    assert_eq!(pending, [9, 5, 0, 1, 3]);
    store.check(submission).unwrap();
    assert!(store.verify().unwrap().is_intact());
}

fn a_long_history_is_thinned(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let mut expected = StatusHistory::default();
    // The interval grows, so each step is longer than the one before.
    let mut second = 0;
    let mut most = 0;
    for step in 0..LONGEST as u64 + 2 {
        let mut counts = StatusCounts::new(at(0) + Duration::from_secs(second));
        counts.pending = step + 1;
        second += second / 400 + 2;
        expected.record(&counts);
        // The last steps are those that matter.
        if step < LONGEST as u64 - 3 {
            continue;
        }
        if most == 0 {
            expected
                .times()
                .iter()
                .for_each(|counts| store.record_statuses(submission, counts).unwrap());
        } else {
            store.record_statuses(submission, &counts).unwrap();
        }
        most = most.max(expected.times().len());
        assert_eq!(store.status_history(submission).unwrap(), expected);
    }
    assert_eq!(most, LONGEST);
    assert!(expected.times().len() < LONGEST, "it was thinned");
    assert!(store.verify().unwrap().is_intact());
}

fn nothing_is_recorded_where_nothing_changes_any_more(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let mut ended = StatusCounts::new(at(0));
    ended.runs.insert(AnalysisStatus::Succeeded, 5);
    store.record_statuses(submission, &ended).unwrap();
    let before = store.stamp().unwrap();
    ended.at = at(1);
    store.record_statuses(submission, &ended).unwrap();
    assert_eq!(store.stamp().unwrap(), before, "no transaction");
    assert_eq!(store.status_history(submission).unwrap().times().len(), 1);
}

fn a_history_goes_with_its_submission(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let other = planned(store, &id("u", "p", "other"));
    for submission in [submission, other] {
        store.record_statuses(submission, &counts(0, 5)).unwrap();
    }
    store.delete(submission).unwrap();
    assert!(store.verify().unwrap().is_intact());
    assert_eq!(store.status_history(other).unwrap().times().len(), 1);
    let again = planned(store, &id("u", "p", "n"));
    assert_eq!(store.status_history(again).unwrap(), StatusHistory::default());
}

fn runs_are_counted_by_status(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    assert!(store.run_statuses(submission).unwrap().is_empty());
    let unlisted = store.unlisted_chunks(submission, 0, 10).unwrap().remove(0);
    let mut items = [item("a", 1, "SUCCEEDED"), item("b", 2, "SUCCEEDED")];
    for item in &mut items {
        item.run = Some("FAILED".to_owned());
    }
    store.record_items(&unlisted, &items).unwrap();
    let runs = store.run_statuses(submission).unwrap();
    assert_eq!(runs.into_iter().collect::<Vec<_>>(), [(AnalysisStatus::Failed, 2)]);
}
