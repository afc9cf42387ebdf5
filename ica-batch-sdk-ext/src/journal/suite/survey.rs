//! Tests of the comparison with analyses that are found in ICA.

use super::differing::{planned_with, row_with};
use super::*;
use crate::journal::found::{ChunkRow, FoundAnalysis, Stranger};
use crate::journal::naming::row_mark;

on_every_store! {
    analyses_of_created_rows_are_known_and_each_other_is_taken_once
    runs_that_failed_are_taken_last
    an_analysis_with_the_mark_of_its_chunk_is_the_known_one
    an_analysis_that_another_chunk_claimed_is_the_known_one_at_last
    equal_rows_take_analyses_in_a_fixed_order
    strangers_are_analyses_that_no_row_has
    an_analysis_with_other_content_is_a_stranger
    a_run_that_failed_is_no_new_attempt
    rows_whose_creation_failed_have_no_analysis
    open_chunks_are_read_without_being_taken
}

pub(super) fn found(number: u128, reference: &str, mark: &str, run: &str) -> FoundAnalysis {
    FoundAnalysis {
        id: Uuid::from_u128(number),
        user_reference: reference.to_owned(),
        chunk_mark: mark.to_owned(),
        row_mark: None,
        run: run.to_owned(),
    }
}

/// Returns a row with this user reference and mark, as a survey asks for it.
fn row_of(reference: &str, mark: &str) -> ChunkRow {
    ChunkRow {
        position: 0,
        user_reference: reference.to_owned(),
        mark: mark.to_owned(),
        is_again: false,
        kind: AnalysisKind::Nextflow,
        is_own: true,
        is_created: false,
        analysis: None,
    }
}

/// Returns a submission of which `a` and `b` are created, and of which the id of `a` is known.
pub(super) fn with_created(store: &dyn Store) -> i64 {
    let submission = planned_as(store, &id("u", "p", "n"), true);
    let first = take(store, submission, i64::MIN, 0);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    let unlisted = store.unlisted_chunks(submission, 0, 1).unwrap();
    let listed = store.record_items(&unlisted[0], &[item("a", 7, "SUCCEEDED")]);
    assert_eq!(listed.unwrap(), ItemsResult::Recorded);
    submission
}

fn analyses_of_created_rows_are_known_and_each_other_is_taken_once(store: &dyn Store) {
    let submission = with_created(store);
    let mut survey = store.survey(submission).unwrap();
    let all = vec![
        found(107, "a", "m", "QUEUED"),
        found(1, "b", "m", "QUEUED"),
        found(2, "c", "other", "QUEUED"),
        found(3, "c", "m", "QUEUED"),
        found(4, "c", "m", "ABORTED"),
    ];
    survey.add(all.clone()).unwrap();
    survey.add(all).unwrap();
    assert_eq!(survey.totals().unwrap().found, 5, "each once");
    survey.remove_known(&naming("n")).unwrap();
    let totals = survey.totals().unwrap();
    assert_eq!((totals.found, totals.created), (3, 2));
    let mut take = |reference, mark| {
        survey
            .take(&row_of(reference, "r"), mark, 0)
            .unwrap()
            .map(|found| found.id.as_u128())
    };
    assert_eq!(take("b", "m"), None);
    assert_eq!(take("c", "m"), Some(3), "of the chunk, and not aborted");
    assert_eq!(take("c", "other"), Some(2));
    assert_eq!(take("c", "other"), Some(4));
    assert_eq!(take("c", "other"), None);
}

fn runs_that_failed_are_taken_last(store: &dyn Store) {
    let submission = planned_as(store, &id("u", "p", "n"), true);
    for failed in ["FAILED", "FAILED_FINAL", "ABORTED", "ABORTING"] {
        let mut survey = store.survey(submission).unwrap();
        let numbered = [
            ("a", 1, failed),
            ("a", 2, "SUCCEEDED"),
            ("b", 3, failed),
            ("b", 4, "QUEUED"),
        ];
        let all = numbered.map(|(reference, number, run)| found(number, reference, "m", run));
        survey.add(all.to_vec()).unwrap();
        survey.claim(&row_of("b", "r"), "m", 7).unwrap();
        let mut take = |reference, chunk| {
            survey
                .take(&row_of(reference, "r"), "m", chunk)
                .unwrap()
                .map(|found| found.id.as_u128())
        };
        assert_eq!((take("a", 0), take("a", 0)), (Some(2), Some(1)), "{failed}");
        assert_eq!(
            (take("b", 0), take("b", 7)),
            (Some(3), Some(4)),
            "the good one was claimed"
        );
    }
}

fn an_analysis_with_the_mark_of_its_chunk_is_the_known_one(store: &dyn Store) {
    let submission = with_created(store);
    let naming = naming("n");
    let mut survey = store.survey(submission).unwrap();
    // The id of `b` is not known: it is that of its chunk, although the other one comes first.
    let own = naming.chunk_mark("0");
    survey
        .add(vec![found(1, "b", "other", "QUEUED"), found(2, "b", &own, "QUEUED")])
        .unwrap();
    survey.remove_known(&naming).unwrap();
    let left = survey.analyses("b", None, 10).unwrap();
    assert_eq!(left.iter().map(|seen| seen.id.as_u128()).collect::<Vec<_>>(), [1]);
}

/// Chunk 1 is in flight, and chunk 0 was created. The rows are equal.
fn an_analysis_that_another_chunk_claimed_is_the_known_one_at_last(store: &dyn Store) {
    let rows = [row_with("same", 1), row_with("same", 1)];
    let submission = planned_with(store, &rows);
    let first = take(store, submission, i64::MIN, 0);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    let second = take(store, submission, i64::MIN, 0);
    let (row, mark) = (row_of("same", &row_mark(&rows[0].digest)), "m".to_owned());
    for (numbers, expected) in [(&[1][..], None), (&[1, 2], Some(1)), (&[1, 2, 3], Some(1))] {
        let mut survey = store.survey(submission).unwrap();
        let all = numbers.iter().map(|number| found(*number, "same", &mark, "QUEUED"));
        survey.add(all.collect()).unwrap();
        survey.claim(&row, &mark, second.row).unwrap();
        survey.remove_known(&naming("n")).unwrap();
        let taken = survey.take(&row, &mark, second.row).unwrap();
        assert_eq!(taken.map(|found| found.id.as_u128()), expected, "{numbers:?}");
    }
}

/// The rows of a chunk get the analyses with its mark first, then those that come first by mark and id.
fn equal_rows_take_analyses_in_a_fixed_order(store: &dyn Store) {
    let submission = planned_as(store, &id("u", "p", "n"), true);
    let mut survey = store.survey(submission).unwrap();
    let with = |number, chunk_mark: &str, run: &str, mark: Option<&str>| FoundAnalysis {
        row_mark: mark.map(str::to_owned),
        ..found(number, "a", chunk_mark, run)
    };
    let all = [
        with(1, "z", "QUEUED", Some("r")),
        with(2, "b", "QUEUED", None),
        with(3, "b", "QUEUED", Some("r")),
        with(4, "own", "FAILED", None),
        with(5, "own", "QUEUED", None),
        with(6, "b", "FAILED", Some("r")),
        with(7, "own", "QUEUED", Some("r")),
        with(8, "own", "QUEUED", Some("other")),
    ];
    survey.add(all.to_vec()).unwrap();
    let mut taken = Vec::new();
    while let Some(found) = survey.take(&row_of("a", "r"), "own", 7).unwrap() {
        taken.push(found.id.as_u128());
    }
    assert_eq!(taken, [7, 5, 3, 1, 2, 4, 6]);
}

fn strangers_are_analyses_that_no_row_has(store: &dyn Store) {
    let submission = with_created(store);
    let mut survey = store.survey(submission).unwrap();
    let all = [
        found(1, "a", "m", "QUEUED"),
        found(2, "c", "m", "QUEUED"),
        found(3, "x", "m", "FAILED"),
        found(4, "x", "m", "QUEUED"),
        found(5, "w", "m", "SUCCEEDED"),
        found(6, "y", "m", "ABORTED"),
        found(7, "z", "m", "ABORTING"),
    ];
    survey.add(all.to_vec()).unwrap();
    let stranger = |reference: &str| Stranger {
        user_reference: reference.to_owned(),
        is_of_row: false,
    };
    assert_eq!(survey.strangers(10).unwrap(), [stranger("w"), stranger("x")]);
    assert_eq!(survey.strangers(1).unwrap(), [stranger("w")]);
    assert_eq!(survey.left(10).unwrap(), ["a", "c"], "a stranger is not one of several");
}

fn an_analysis_with_other_content_is_a_stranger(store: &dyn Store) {
    let submission = with_created(store);
    let open = store.open_chunk(submission, i64::MIN).unwrap().unwrap();
    let rows = store.chunk_rows(open.row).unwrap();
    let (c, mark) = (
        rows.iter().find(|row| row.user_reference == "c").unwrap(),
        naming("n").chunk_mark("1"),
    );
    let with = |number, reference: &str, row_mark: &str| FoundAnalysis {
        row_mark: Some(row_mark.to_owned()),
        ..found(number, reference, &mark, "QUEUED")
    };
    let b = store.chunk_rows(open.row - 1).unwrap();
    let b = b.iter().find(|row| row.user_reference == "b").unwrap();
    let mut survey = store.survey(submission).unwrap();
    let all = vec![
        with(1, "c", "other"),
        with(2, "c", &c.mark),
        with(3, "b", "other"),
        with(4, "b", &b.mark),
        found(107, "a", "m", "QUEUED"),
    ];
    survey.add(all).unwrap();
    let differing = survey.differing(0, 10).unwrap();
    let counts = differing
        .iter()
        .map(|row| (row.created, row.other_rows, row.found, row.strangers));
    assert_eq!(
        counts.collect::<Vec<_>>(),
        [(0, 0, 0, 1), (0, 1, 1, 0), (0, 0, 0, 1)],
        "b with other content, c, and c with other content"
    );
    let strangers = survey.strangers(10).unwrap().into_iter();
    let strangers = strangers.map(|stranger| (stranger.user_reference, stranger.is_of_row));
    assert_eq!(
        strangers.collect::<Vec<_>>(),
        [("b".to_owned(), true), ("c".to_owned(), true)]
    );
    survey.remove_known(&naming("n")).unwrap();
    assert_eq!(survey.left(10).unwrap(), ["c"], "b is known");
    survey.claim(c, &mark, 7).unwrap();
    let mut take = |row| survey.take(row, &mark, 7).unwrap().map(|found| found.id.as_u128());
    assert_eq!((take(c), take(c), take(b)), (Some(2), None, None));
}

fn a_run_that_failed_is_no_new_attempt(store: &dyn Store) {
    let submission = with_created(store);
    let again = ChunkRow {
        is_again: true,
        ..row_of("a", "r")
    };
    for failed in ["FAILED", "ABORTED"] {
        let mut survey = store.survey(submission).unwrap();
        survey
            .add(vec![found(1, "a", "old", failed), found(2, "a", "own", failed)])
            .unwrap();
        let mut take = |row: &ChunkRow| survey.take(row, "own", 0).unwrap().map(|found| found.id.as_u128());
        assert_eq!((take(&again), take(&again)), (Some(2), None), "{failed}");
        assert_eq!(take(&row_of("a", "r")), Some(1), "the first attempt");
    }
}

fn rows_whose_creation_failed_have_no_analysis(store: &dyn Store) {
    let submission = planned_as(store, &id("u", "p", "n"), true);
    let first = take(store, submission, i64::MIN, 0);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    let unlisted = store.unlisted_chunks(submission, 0, 1).unwrap();
    let failed = ListedItem {
        analysis: None,
        ..item("a", 7, "FAILED")
    };
    let listed = store.record_items(&unlisted[0], &[failed]);
    assert_eq!(listed.unwrap(), ItemsResult::Recorded);
    let mut survey = store.survey(submission).unwrap();
    survey.add(vec![found(1, "a", "m", "QUEUED")]).unwrap();
    let differing = survey.differing(0, 10).unwrap();
    let counts = differing.iter().map(|row| (row.created, row.other_rows, row.found));
    assert_eq!(counts.collect::<Vec<_>>(), [(0, 1, 1), (1, 0, 0)], "a and b");
    survey.remove_known(&naming("n")).unwrap();
    let totals = survey.totals().unwrap();
    assert_eq!((totals.found, totals.created), (1, 1), "it is of another attempt");
}

fn open_chunks_are_read_without_being_taken(store: &dyn Store) {
    let submission = with_created(store);
    let first = |after| store.open_chunk(submission, after).unwrap();
    let open = first(i64::MIN).unwrap();
    assert_eq!(
        (open.chunk.label.as_str(), open.is_sent, &open.chunk.body[..]),
        ("1", false, &b"cd"[..])
    );
    let taken = take(store, submission, i64::MIN, 0);
    assert_eq!(taken.row, open.row);
    assert!(first(i64::MIN).unwrap().is_sent);
    let last = first(open.row).unwrap();
    assert_eq!(last.chunk.label, "2");
    assert!(first(last.row).is_none());
    store.check(submission).unwrap();
}
