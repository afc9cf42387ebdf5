//! Tests of the comparison of all rows with the analyses in ICA, for an audit.

use super::survey::{found, with_created};
use super::*;
use crate::journal::found::{Differing, FoundAnalysis, SeenAnalysis};
use crate::journal::naming::row_mark;
use crate::journal::store::Survey;

on_every_store! {
    user_references_that_differ_are_found
    rows_with_one_user_reference_are_compared_by_their_content
    an_analysis_that_is_recorded_and_not_found_is_lost
    an_analysis_that_is_not_recorded_is_listed_before_the_second_recorded_one
}

fn seen(number: u128, is_recorded: bool) -> SeenAnalysis {
    SeenAnalysis {
        id: Uuid::from_u128(number),
        is_recorded,
    }
}

pub(super) fn row_with(reference: &str, content: u8) -> Row {
    Row {
        digest: [content; 32],
        ..row(reference)
    }
}

/// Returns a submission with a chunk for each of these rows.
pub(super) fn planned_with(store: &dyn Store, rows: &[Row]) -> i64 {
    let Begin::Plan(submission) = store.begin(&id("u", "p", "n"), true, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    let chunks = (0..).zip(rows).map(|(number, row)| PlannedChunk {
        rows: vec![row.clone()],
        ..chunk(&naming("n"), &number.to_string(), number, &[&row.user_reference])
    });
    store.add_chunks(submission, &chunks.collect::<Vec<_>>()).unwrap();
    assert_eq!(store.finish_plan(submission, true, None).unwrap(), Finish::Planned);
    submission
}

fn user_references_that_differ_are_found(store: &dyn Store) {
    let submission = with_created(store);
    let mut survey = store.survey(submission).unwrap();
    let all = [
        found(107, "a", "m", "FAILED"),
        found(1, "a", "m", "QUEUED"),
        found(2, "a", "m", "ABORTED"),
        found(3, "b", "m", "ABORTED"),
        found(4, "c", "m", "QUEUED"),
        found(5, "x", "m", "QUEUED"),
        found(6, "y", "m", "ABORTED"),
    ];
    survey.add(all.to_vec()).unwrap();
    let differing = |reference: &str, position, created, other_rows, found, aborted, strangers| Differing {
        user_reference: reference.to_owned(),
        position,
        created,
        other_rows,
        found,
        aborted,
        strangers,
        ..Differing::default()
    };
    let kept = Differing {
        kept: 1,
        ..differing("a", Some(0), 0, 0, 1, 1, 0)
    };
    let expected = [
        kept,
        differing("c", Some(2), 0, 1, 1, 0, 0),
        differing("x", None, 0, 0, 0, 0, 1),
    ];
    assert_eq!(survey.differing(0, 10).unwrap(), expected);
    assert_eq!(survey.differing(0, 1).unwrap(), expected[..1]);
    assert_eq!(survey.differing(1, 10).unwrap(), expected[1..]);
    assert_eq!(
        survey.analyses("a", None, 2).unwrap(),
        [seen(107, true), seen(1, false)]
    );
}

/// A missing row and a second analysis of another row do not make up for each other.
fn rows_with_one_user_reference_are_compared_by_their_content(store: &dyn Store) {
    let rows = [1, 2, 3].map(|content| row_with("same", content));
    let submission = planned_with(store, &rows);
    for number in 1..=3 {
        let taken = take(store, submission, i64::MIN, 0);
        store.record_created(taken.row, batch(number), at(0)).unwrap();
    }
    let marks = rows.map(|row| row_mark(&row.digest));
    let with = |number, mark: Option<&String>| FoundAnalysis {
        row_mark: mark.cloned(),
        ..found(number, "same", "m", "QUEUED")
    };
    let mut survey = store.survey(submission).unwrap();
    let all = [
        with(1, Some(&marks[0])),
        with(2, Some(&marks[0])),
        with(3, Some(&marks[2])),
    ];
    survey.add(all.to_vec()).unwrap();
    let numbers = |survey: &mut dyn Survey| {
        let differing = survey.differing(0, 10).unwrap();
        let mut numbers = { differing.into_iter() }
            .map(|rows| (rows.position, rows.row_mark, rows.created, rows.found))
            .collect::<Vec<_>>();
        numbers.sort_unstable();
        numbers
    };
    let expected = [
        (Some(0), Some(marks[0].clone()), 1, 2),
        (Some(1), Some(marks[1].clone()), 1, 0),
    ];
    assert_eq!(numbers(&mut *survey), expected);
    let of_first = survey.analyses("same", Some(&marks[0]), 10).unwrap();
    assert_eq!(of_first, [seen(1, false), seen(2, false)]);
    // Nothing tells of which of the rows the last one is.
    survey.add(vec![with(4, None)]).unwrap();
    assert_eq!(numbers(&mut *survey), [(Some(0), None, 3, 4)]);
}

fn an_analysis_that_is_recorded_and_not_found_is_lost(store: &dyn Store) {
    let submission = with_created(store);
    let rows = store.chunk_rows(store.open_chunk(submission, i64::MIN).unwrap().unwrap().row - 1);
    let rows = rows.unwrap();
    let mark = |reference: &str| {
        rows.iter()
            .find(|row| row.user_reference == reference)
            .unwrap()
            .mark
            .clone()
    };
    let with = |number, reference: &str| FoundAnalysis {
        row_mark: Some(mark(reference)),
        ..found(number, reference, "m", "ABORTED")
    };
    let lost = |survey: &mut dyn Survey| {
        let differing = survey.differing(0, 10).unwrap();
        let lost = differing.iter().filter(|rows| rows.lost > 0);
        lost.map(|rows| (rows.user_reference.clone(), rows.lost, rows.lost_analysis, rows.aborted))
            .collect::<Vec<_>>()
    };
    let expected = [("a".to_owned(), 1, Some(Uuid::from_u128(107)), 1)];
    let mut survey = store.survey(submission).unwrap();
    survey.add(vec![with(1, "a"), with(2, "b")]).unwrap();
    assert_eq!(lost(&mut *survey), expected);
    // An analysis of another row with the id is not that of the row.
    let other = FoundAnalysis {
        row_mark: Some(mark("b")),
        ..with(107, "a")
    };
    survey.add(vec![other]).unwrap();
    assert_eq!(lost(&mut *survey), expected);
    let mut survey = store.survey(submission).unwrap();
    survey.add(vec![with(107, "a"), with(1, "a"), with(2, "b")]).unwrap();
    assert_eq!(survey.differing(0, 10).unwrap(), [], "aborted ones do not count");
    let of_row = survey.analyses("a", Some(&mark("a")), 10).unwrap();
    assert_eq!(of_row, [seen(107, true), seen(1, false)]);
}

fn an_analysis_that_is_not_recorded_is_listed_before_the_second_recorded_one(store: &dyn Store) {
    let rows = [row_with("same", 1), row_with("same", 1)];
    let submission = planned_with(store, &rows);
    for number in 1..=2 {
        let taken = take(store, submission, i64::MIN, 0);
        store.record_created(taken.row, batch(number), at(0)).unwrap();
    }
    let unlisted = store.unlisted_chunks(submission, 0, 2).unwrap();
    for (chunk, number) in unlisted.iter().zip([7, 8]) {
        store.record_items(chunk, &[item("same", number, "SUCCEEDED")]).unwrap();
    }
    let mark = row_mark(&rows[0].digest);
    let all = [107, 108, 200].map(|number| FoundAnalysis {
        row_mark: Some(mark.clone()),
        ..found(number, "same", "m", "QUEUED")
    });
    let mut survey = store.survey(submission).unwrap();
    survey.add(all.to_vec()).unwrap();
    assert_eq!(survey.differing(0, 10).unwrap().len(), 1);
    let mut listed = |limit| survey.analyses("same", Some(&mark), limit).unwrap();
    assert_eq!(listed(2), [seen(107, true), seen(200, false)]);
    assert_eq!(listed(10), [seen(107, true), seen(200, false), seen(108, true)]);
}
