//! Tests of marked submissions: chunks that are searched before they are sent again, and analyses
//! that are found.

use super::*;

on_every_store! {
    the_rules_of_a_submission_are_recorded
    a_marked_chunk_that_may_exist_stays_as_it_is_when_it_is_taken
    a_chunk_of_which_nothing_exists_is_sent_again
    a_chunk_whose_analyses_were_all_found_is_created_without_a_batch
    parts_replace_a_chunk_of_which_some_analyses_were_found
    analyses_of_a_chunk_that_is_not_open_are_not_adopted
    users_of_chunks_without_a_response_are_known
}

fn marked(store: &dyn Store) -> i64 {
    planned_as(store, &id("u", "p", "n"), true)
}

fn adopted(position: u64) -> AdoptedRow {
    AdoptedRow {
        position,
        analysis: Uuid::from_u128(u128::from(position) + 100),
        run: "QUEUED".to_owned(),
    }
}

fn the_rules_of_a_submission_are_recorded(store: &dyn Store) {
    let submission = marked(store);
    let unmarked = planned(store, &id("u", "q", "n"));
    let rules = |submission| {
        store.check(submission).unwrap();
        let rules = store.rules(submission).unwrap();
        (rules.marked, rules.keys)
    };
    assert_eq!(rules(submission), (true, KeyVersion::LATEST));
    assert_eq!(rules(unmarked), (false, KeyVersion::LATEST));
}

fn a_marked_chunk_that_may_exist_stays_as_it_is_when_it_is_taken(store: &dyn Store) {
    let submission = marked(store);
    let first = take(store, submission, i64::MIN, 0);
    assert!(first.marked && !first.may_exist() && first.last_sent().is_none());
    store.record_failure(&first, Execution::Unknown, at(1)).unwrap();
    for days in [2, 30] {
        let again = take(store, submission, i64::MIN, days);
        assert_eq!(
            (again.row, again.may_exist()),
            (first.row, true),
            "its key is not needed"
        );
        assert_eq!(again.last_sent(), Some(at(1)), "when the request ended");
        assert_eq!(store.chunks(submission, None, 1).unwrap()[0].sent_at, Some(at(0)));
    }
    assert!(store.expired(submission, at(30)).unwrap().is_none());
    store.check(submission).unwrap();
}

fn a_chunk_of_which_nothing_exists_is_sent_again(store: &dyn Store) {
    let submission = marked(store);
    let request = Sending {
        until: at(1),
        ..sending(0)
    };
    let NextChunk::Send(first) = store.take_next(submission, i64::MIN, &request).unwrap() else {
        panic!("it is planned");
    };
    let again = take(store, submission, i64::MIN, 3);
    assert_eq!(
        again.last_sent(),
        Some(at(1)),
        "the process ended while it could still be sent"
    );
    store.record_resent(&again, &sending(4)).unwrap();
    let listed = &store.chunks(submission, None, 1).unwrap()[0];
    assert_eq!((listed.state, listed.sent_at), (ChunkState::Sent, Some(at(4))));
    assert_eq!(take(store, submission, i64::MIN, 5).last_sent(), Some(at(4)));
    store.check(submission).unwrap();
    store.record_created(first.row, batch(1), at(5)).unwrap();
    store.record_resent(&again, &sending(6)).unwrap();
    assert_eq!(states(store, submission)[0].1, ChunkState::Created, "an outcome stays");
}

fn a_chunk_whose_analyses_were_all_found_is_created_without_a_batch(store: &dyn Store) {
    let submission = marked(store);
    let first = take(store, submission, i64::MIN, 0);
    let rows = store.chunk_rows(first.row).unwrap();
    let found = rows.iter().map(|row| (row.position, row.user_reference.as_str()));
    assert_eq!(found.collect::<Vec<_>>(), [(0, "a"), (1, "b")]);
    let adoption = Adoption {
        rows: vec![adopted(1), adopted(0)],
        parts: Vec::new(),
    };
    assert!(store.record_adopted(first.row, &adoption, at(1)).unwrap());
    store.check(submission).unwrap();
    let listed = &store.chunks(submission, None, 1).unwrap()[0];
    assert_eq!(
        (listed.state, listed.adopted, listed.batch),
        (ChunkState::Created, true, None)
    );
    let row = &store.report(submission, 0, 10).unwrap()[0];
    assert_eq!((row.item, row.analysis), (None, Some(Uuid::from_u128(100))));
    assert_eq!(row.creation_status.as_deref(), Some("SUCCEEDED"));
    assert_eq!(row.run.as_deref(), Some("QUEUED"));
    assert!(store.unlisted_chunks(submission, 0, 10).unwrap().is_empty());
    let totals = store.totals(submission).unwrap();
    assert!(totals.batches.is_empty() && !totals.has_all_batches);
    assert_eq!(store.counts(submission).unwrap().created, 2);
    assert!(store.verify().unwrap().is_intact());
}

fn parts_replace_a_chunk_of_which_some_analyses_were_found(store: &dyn Store) {
    let Begin::Plan(submission) = store.begin(&id("u", "p", "n"), true, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    let whole = chunk(&naming("n"), "0", 0, &["a", "b", "c", "d", "e"]);
    store.add_chunks(submission, &[whole]).unwrap();
    assert_eq!(store.finish_plan(submission, false, None).unwrap(), Finish::Planned);
    let first = take(store, submission, i64::MIN, 0);
    let part = |label: &str, first, count| Chunk::new(&naming("n"), label.to_owned(), first, count, vec![]);
    let adoption = Adoption {
        rows: vec![adopted(1), adopted(2)],
        parts: vec![
            (part("0.0", 0, 1), false),
            (part("0.1", 1, 2), true),
            (part("0.2", 3, 2), false),
        ],
    };
    assert!(store.record_adopted(first.row, &adoption, at(1)).unwrap());
    use ChunkState::{Created, Planned, Split};
    let expected = [("0", Split), ("0.0", Planned), ("0.1", Created), ("0.2", Planned)];
    let expected = expected.map(|(label, state)| (label.to_owned(), state));
    assert_eq!(states(store, submission), expected);
    let counts = store.counts(submission).unwrap();
    assert_eq!((counts.chunks, counts.analyses, counts.created), (3, 5, 2));
    let next = take(store, submission, first.row, 1);
    assert_eq!((next.chunk.label.as_str(), next.may_exist()), ("0.0", false));
    assert!(store.verify().unwrap().is_intact());
}

fn analyses_of_a_chunk_that_is_not_open_are_not_adopted(store: &dyn Store) {
    let submission = marked(store);
    let first = take(store, submission, i64::MIN, 0);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    let adoption = Adoption {
        rows: vec![adopted(0), adopted(1)],
        parts: Vec::new(),
    };
    assert!(!store.record_adopted(first.row, &adoption, at(1)).unwrap());
    assert!(store.report(submission, 0, 1).unwrap()[0].analysis.is_none());
    store.check(submission).unwrap();
}

fn users_of_chunks_without_a_response_are_known(store: &dyn Store) {
    let submission = marked(store);
    let by = |user: &str| Sending {
        identity: Some(user.to_owned()),
        ..sending(0)
    };
    let users = || {
        store
            .open_identities(submission)
            .unwrap()
            .into_iter()
            .collect::<Vec<_>>()
    };
    let NextChunk::Send(first) = store.take_next(submission, i64::MIN, &by("one")).unwrap() else {
        panic!("it is planned");
    };
    let NextChunk::Send(second) = store.take_next(submission, first.row, &by("two")).unwrap() else {
        panic!("it is planned");
    };
    assert_eq!(users(), ["one", "two"]);
    store.check(submission).unwrap();
    store.record_resent(&second, &by("three")).unwrap();
    assert_eq!(users(), ["one", "three"]);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    assert_eq!(users(), ["three"]);
}
