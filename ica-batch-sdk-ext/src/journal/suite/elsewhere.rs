//! Tests of rows that another submission has created.

use super::*;

on_every_store! {
    rows_are_compared_with_those_that_other_submissions_of_the_project_created
    added_rows_are_compared_before_they_are_recorded
}

/// Returns the user references and the other submissions.
fn elsewhere(store: &dyn Store, submission: i64) -> (u64, Vec<String>) {
    let found = store.created_elsewhere(submission).unwrap();
    found.map_or((0, Vec::new()), |found| {
        (found.count(), found.rows().iter().map(ToString::to_string).collect())
    })
}

fn rows_are_compared_with_those_that_other_submissions_of_the_project_created(store: &dyn Store) {
    let first = planned(store, &id("u", "p", "first"));
    let second = planned(store, &id("u", "p", "second"));
    let elsewhere_planned = [id("u2", "p", "second"), id("u", "p2", "second")].map(|id| planned(store, &id));
    assert_eq!(elsewhere(store, second), (0, vec![]), "nothing was sent");

    let sent = take(store, first, i64::MIN, 0);
    let rows = ["a in \"first\"", "b in \"first\""].map(str::to_owned).to_vec();
    assert_eq!(elsewhere(store, second), (2, rows.clone()), "it may be created");
    store.record_created(sent.row, batch(1), at(0)).unwrap();
    assert_eq!(elsewhere(store, second), (2, rows));
    assert_eq!(
        elsewhere(store, first),
        (0, vec![]),
        "the rows of a submission are its own"
    );
    for other in elsewhere_planned {
        assert_eq!(elsewhere(store, other), (0, vec![]), "another base URL or project");
    }

    // Neither a rejected row nor one that ICA could not create exists.
    let list = &store.unlisted_chunks(first, 0, 10).unwrap()[0];
    let items = [item("a", 1, "FAILED"), item("b", 2, "SUCCEEDED")];
    store.record_items(list, &items).unwrap();
    let third = take(store, first, take(store, first, sent.row, 0).row, 0);
    store.record_rejected(&third, &rejection(), &[], at(0)).unwrap();
    let rows = ["b in \"first\"", "c in \"first\"", "d in \"first\""];
    assert_eq!(elsewhere(store, second), (3, rows.map(str::to_owned).to_vec()));

    // Chunks that were sent are not compared.
    take(store, second, i64::MIN, 0);
    assert_eq!(elsewhere(store, second).0, 2);
}

fn added_rows_are_compared_before_they_are_recorded(store: &dyn Store) {
    let first = planned(store, &id("u", "p", "first"));
    take(store, first, i64::MIN, 0);
    let Begin::Plan(second) = store.begin(&id("u", "p", "second"), false, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    let chunk = chunk(&naming("second"), "0", 0, &["a", "x"]);
    store.add_chunks(second, &[chunk]).unwrap();
    assert_eq!(elsewhere(store, second).0, 1, "also while it is planned");
    store.finish_plan(second, false, None).unwrap();
    let mut comparison = store.comparison(second, 0).unwrap();
    let rows = ["a", "x", "y", "b"].map(|reference| manifest_row(reference, reference.as_bytes()[0]));
    comparison.stage(rows.to_vec()).unwrap();
    assert!(comparison.differences().unwrap().can_be_accepted);
    let found = comparison.created_elsewhere().unwrap().unwrap();
    assert_eq!((found.count(), found.to_string().as_str()), (1, "b in \"first\""));
}
