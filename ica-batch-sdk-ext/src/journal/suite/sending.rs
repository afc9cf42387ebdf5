//! Tests of taking chunks and recording their outcomes.

use super::*;

on_every_store! {
    each_open_chunk_is_taken_once_in_a_run
    a_chunk_is_taken_by_its_row_id_while_it_is_open
    a_failure_keeps_the_time_of_an_earlier_request
    a_batch_belongs_to_one_chunk_of_an_endpoint
    a_second_batch_of_a_chunk_is_not_recorded
    halves_replace_a_split_chunk
    rejected_chunks_are_planned_again_unless_they_are_replaced
    a_key_expires_and_a_person_resolves_it
}

fn each_open_chunk_is_taken_once_in_a_run(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    assert_eq!((first.chunk.label.as_str(), &first.chunk.body[..]), ("0", &b"ab"[..]));
    assert!(!first.may_exist());
    let second = take(store, submission, first.row, 0);
    let sent = store.sent_chunks(submission).unwrap();
    assert_eq!(sent, [(first.row, "0".to_owned()), (second.row, "1".to_owned())].into());
    let third = take(store, submission, second.row, 0);
    assert!(matches!(
        store.take_next(submission, third.row, &sending(0)).unwrap(),
        NextChunk::Done
    ));
    // The next run begins again.
    let again = take(store, submission, i64::MIN, 1);
    assert_eq!(again.row, first.row);
    assert!(again.may_exist());
    assert_eq!(first.window.checked_sub(again.window), Some(DAY));
    let listed = &store.chunks(submission, None, 1).unwrap()[0];
    assert_eq!((listed.state, listed.sent_at), (ChunkState::Sent, Some(at(0))));
}

fn a_chunk_is_taken_by_its_row_id_while_it_is_open(store: &dyn Store) {
    let other = planned(store, &id("u", "p", "other"));
    let submission = planned(store, &id("u", "p", "n"));
    let second = take(store, submission, take(store, submission, i64::MIN, 0).row, 0);
    store.record_failure(&second, Execution::NotExecuted, at(0)).unwrap();
    let by_row = |submission| match store.take(submission, second.row, &sending(0)).unwrap() {
        NextChunk::Send(taken) => Some(taken.chunk.label),
        NextChunk::Done => None,
        NextChunk::Expired(expired) => panic!("{expired:?}"),
    };
    assert_eq!(by_row(other), None, "of another submission");
    assert_eq!(by_row(submission).as_deref(), Some("1"));
    assert_eq!(states(store, submission)[1].1, ChunkState::Sent);
    store.record_created(second.row, batch(1), at(0)).unwrap();
    assert_eq!(by_row(submission), None, "it has a response");
}

fn a_failure_keeps_the_time_of_an_earlier_request(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = |days| take(store, submission, i64::MIN, days);
    let sent_at = || store.chunks(submission, None, 1).unwrap()[0].sent_at;
    store.record_failure(&first(0), Execution::NotExecuted, at(0)).unwrap();
    assert_eq!(
        (sent_at(), &states(store, submission)[0].1),
        (None, &ChunkState::Planned)
    );
    store.record_failure(&first(1), Execution::Unknown, at(1)).unwrap();
    assert_eq!(sent_at(), Some(at(1)));
    store.record_failure(&first(2), Execution::NotExecuted, at(2)).unwrap();
    assert_eq!(
        (sent_at(), &states(store, submission)[0].1),
        (Some(at(1)), &ChunkState::Sent)
    );
    store.record_not_executed(&first(3)).unwrap();
    assert_eq!(sent_at(), None);
    let taken = first(4);
    store.record_created(taken.row, batch(1), at(4)).unwrap();
    store.record_failure(&taken, Execution::NotExecuted, at(4)).unwrap();
    store.record_not_executed(&taken).unwrap();
    assert_eq!(states(store, submission)[0].1, ChunkState::Created, "an outcome stays");
}

fn a_batch_belongs_to_one_chunk_of_an_endpoint(store: &dyn Store) {
    let [here, beside, elsewhere] =
        [id("u", "p", "n"), id("u", "q", "m"), id("v", "p", "n")].map(|id| planned(store, &id));
    let first = take(store, here, i64::MIN, 0);
    let record = |taken: &TakenChunk| store.record_created(taken.row, batch(7), at(0)).unwrap();
    assert_eq!(record(&first), CreatedResult::Recorded);
    assert_eq!(record(&first), CreatedResult::Recorded, "the same response again");
    let refused = CreatedResult::OtherChunk {
        submission: "n".to_owned(),
        label: "0".to_owned(),
    };
    assert_eq!(record(&take(store, here, first.row, 0)), refused);
    assert_eq!(record(&take(store, beside, i64::MIN, 0)), refused);
    assert_eq!(record(&take(store, elsewhere, i64::MIN, 0)), CreatedResult::Recorded);
    let totals = store.totals(here).unwrap();
    assert_eq!((totals.batches.len(), totals.has_all_batches), (1, true));
}

fn a_second_batch_of_a_chunk_is_not_recorded(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    let other = store.record_created(first.row, batch(2), at(0)).unwrap();
    assert_eq!(other, CreatedResult::OtherBatch(batch(1)));
    // A chunk that was split is created as a whole after all.
    let second = take(store, submission, first.row, 0);
    let halves =
        [("1.0", 2), ("1.1", 3)].map(|(label, first)| Chunk::new(&naming("n"), label.to_owned(), first, 1, vec![]));
    store.record_rejected(&second, &rejection(), &halves, at(0)).unwrap();
    assert_eq!(
        store.record_created(second.row, batch(3), at(0)).unwrap(),
        CreatedResult::Split
    );
    let batches = store.totals(submission).unwrap().batches;
    assert_eq!(batches.into_iter().collect::<Vec<_>>(), [batch(1)]);
}

fn halves_replace_a_split_chunk(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    let halves =
        [("0.0", 0), ("0.1", 1)].map(|(label, first)| Chunk::new(&naming("n"), label.to_owned(), first, 1, vec![]));
    store.record_rejected(&first, &rejection(), &halves, at(0)).unwrap();
    // A second rejection of the same request changes nothing.
    store.record_rejected(&first, &rejection(), &halves, at(0)).unwrap();
    use ChunkState::{Planned, Split};
    let expected = [
        ("0", Split),
        ("0.0", Planned),
        ("0.1", Planned),
        ("1", Planned),
        ("2", Planned),
    ];
    let expected = expected.map(|(label, state)| (label.to_owned(), state));
    assert_eq!(states(store, submission), expected);
    let counts = store.counts(submission).unwrap();
    assert_eq!((counts.chunks, counts.analyses), (4, 5));
    // They come after the chunks that were planned before them.
    let mut taken = vec![first];
    while let NextChunk::Send(next) = store
        .take_next(submission, taken.last().unwrap().row, &sending(0))
        .unwrap()
    {
        taken.push(next);
    }
    let labels = taken.iter().map(|taken| taken.chunk.label.as_str()).collect::<Vec<_>>();
    assert_eq!(labels, ["0", "1", "2", "0.0", "0.1"]);
}

fn rejected_chunks_are_planned_again_unless_they_are_replaced(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    reject_e(store, submission);
    store.plan_rejected_again(submission).unwrap();
    assert_eq!(states(store, submission)[2].1, ChunkState::Planned);
    let third = take(store, submission, i64::MIN, 1);
    assert_eq!(third.chunk.label, "2");
    store.record_rejected(&third, &rejection(), &[], at(1)).unwrap();
    let mut corrected = chunk(&naming("n"), "3", 5, &["e"]);
    corrected.rows[0].replaces = Some(4);
    store.add_chunks(submission, &[corrected]).unwrap();
    store.plan_rejected_again(submission).unwrap();
    let last = states(store, submission);
    assert_eq!((last[2].1, last[3].1), (ChunkState::Rejected, ChunkState::Planned));
}

fn a_key_expires_and_a_person_resolves_it(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    let resolve = |label: &str, batch, days| store.resolve(submission, label, batch, at(days)).unwrap();
    assert_eq!(resolve("9", None, 0), Resolution::NoSuchChunk);
    assert_eq!(resolve("1", None, 0), Resolution::NotNeeded(ChunkState::Planned));
    assert_eq!(resolve("0", None, 6), Resolution::KeyIsRemembered);
    assert!(store.expired(submission, at(6)).unwrap().is_none());
    let expired = store.expired(submission, at(7)).unwrap().expect("7 days have passed");
    assert_eq!(
        (expired.label.as_str(), expired.count, expired.sent_at),
        ("0", 2, at(0))
    );
    assert_eq!(expired.references, ("a".to_owned(), "b".to_owned()));
    assert!(matches!(
        store.take_next(submission, i64::MIN, &sending(7)).unwrap(),
        NextChunk::Expired(_)
    ));
    assert_eq!(resolve("0", None, 7), Resolution::Recorded);
    assert_eq!(states(store, submission)[0].1, ChunkState::Planned);

    let again = take(store, submission, i64::MIN, 7);
    let second = take(store, submission, again.row, 7);
    store.record_created(second.row, batch(2), at(7)).unwrap();
    assert_eq!(resolve("0", Some(batch(2)), 8), Resolution::OtherChunk("1".to_owned()));
    assert_eq!(resolve("0", Some(batch(1)), 8), Resolution::Recorded);
    assert_eq!(states(store, submission)[0].1, ChunkState::Created);
    assert_eq!(first.row, again.row);
}
