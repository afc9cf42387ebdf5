//! Tests of items, of reading, and of deletion.

use super::*;

on_every_store! {
    items_belong_to_the_rows_of_their_chunk
    the_reason_of_a_failed_creation_is_recorded
    a_list_with_less_erases_nothing
    a_report_is_read_in_pages
    chunks_are_read_in_pages
    bodies_of_created_chunks_can_go
    only_complete_and_old_submissions_are_pruned
    a_submission_is_found_by_its_id_and_as_the_last_one
}

fn the_reason_of_a_failed_creation_is_recorded(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    let unlisted = store.unlisted_chunks(submission, 0, 10).unwrap().remove(0);
    let with = |status: &str, message: Option<&str>| ListedItem {
        message: message.map(str::to_owned),
        ..item("b", 2, status)
    };
    let messages = |items: [ListedItem; 2]| {
        assert_eq!(store.record_items(&unlisted, &items).unwrap(), ItemsResult::Recorded);
        store.check(submission).unwrap();
        let rows = store.report(submission, 0, 2).unwrap();
        rows.into_iter().map(|row| row.message).collect::<Vec<_>>()
    };
    let a = || item("a", 1, "SUCCEEDED");
    assert_eq!(messages([a(), with("PENDING", Some("it waits"))]), [None, None]);
    assert_eq!(messages([a(), with("FAILED", None)]), [None, None]);
    // A journal of an earlier release lacks it, and a refresh adds it.
    let known = |text: &str| [None, Some(text.to_owned())];
    assert_eq!(messages([a(), with("FAILED", Some("no data"))]), known("no data"));
    assert_eq!(messages([a(), with("FAILED", None)]), known("no data"));
    assert_eq!(messages([a(), with("FAILED", Some("no quota"))]), known("no quota"));
}

/// ICA may not show an analysis that somebody deleted, and a list may be old.
fn a_list_with_less_erases_nothing(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    let unlisted = store.unlisted_chunks(submission, 0, 10).unwrap().remove(0);
    let listed = |analysis: Option<u128>, status: &str, run: Option<&str>| ListedItem {
        analysis: analysis.map(Uuid::from_u128),
        run: run.map(str::to_owned),
        ..item("a", 1, status)
    };
    let known = || {
        store.check(submission).unwrap();
        let row = store.report(submission, 0, 1).unwrap().remove(0);
        let analysis = row.analysis.map(|id| id.as_u128());
        (analysis, row.creation_status.unwrap(), row.run.unwrap_or_default())
    };
    let after = |item: ListedItem| {
        let items = [item, super::item("b", 2, "SUCCEEDED")];
        assert_eq!(store.record_items(&unlisted, &items).unwrap(), ItemsResult::Recorded);
        known()
    };
    let row = |analysis, status: &str, run: &str| (Some(analysis), status.to_owned(), run.to_owned());
    let created = |run| row(101, "SUCCEEDED", run);
    assert_eq!(after(listed(Some(101), "SUCCEEDED", Some("QUEUED"))), created("QUEUED"));
    assert_eq!(after(listed(None, "SUCCEEDED", None)), created("QUEUED"));
    assert_eq!(after(listed(Some(101), "SUCCEEDED", Some("FAILED"))), created("FAILED"));
    assert_eq!(after(listed(None, "RUNNING", Some("INPROGRESS"))), created("FAILED"));
    assert_eq!(
        store.unlisted_chunks(submission, 0, 10).unwrap(),
        [],
        "an old list opens nothing"
    );
    let last = listed(Some(101), "SUCCEEDED", Some("FAILED_FINAL"));
    assert_eq!(after(last), created("FAILED_FINAL"));
    let found = |analysis, run: &str| {
        let analysis = Uuid::from_u128(analysis);
        let run = run.to_owned();
        let position = 0;
        store
            .record_runs(
                submission,
                &[AdoptedRow {
                    position,
                    analysis,
                    run,
                }],
            )
            .unwrap();
        known()
    };
    assert_eq!(found(101, "QUEUED"), created("FAILED_FINAL"));
    assert_eq!(found(101, "SUCCEEDED"), created("SUCCEEDED"));
    // The recorded status is not that of another analysis.
    assert_eq!(
        after(listed(Some(102), "SUCCEEDED", Some("QUEUED"))),
        row(102, "SUCCEEDED", "QUEUED")
    );
}

fn items_belong_to_the_rows_of_their_chunk(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    assert_eq!(store.unlisted_chunks(submission, 0, 10).unwrap(), []);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    let unlisted = store.unlisted_chunks(submission, 0, 10).unwrap().remove(0);
    assert_eq!(
        (unlisted.label.as_str(), unlisted.count, unlisted.batch),
        ("0", 2, batch(1))
    );
    let record = |items: &[ListedItem]| store.record_items(&unlisted, items).unwrap();
    let twice = [item("a", 1, "SUCCEEDED"), item("b", 1, "SUCCEEDED")];
    let repeated = ItemsResult::Unrequested(UnrequestedItem::Repeated(Uuid::from_u128(1)));
    assert_eq!(record(&twice), repeated);
    let foreign = [item("a", 1, "SUCCEEDED"), item("z", 2, "SUCCEEDED")];
    let unrequested = ItemsResult::Unrequested(UnrequestedItem::Reference("z".to_owned()));
    assert_eq!(record(&foreign), unrequested);
    assert_eq!(
        store.report(submission, 0, 1).unwrap()[0].item,
        None,
        "nothing was recorded"
    );

    assert_eq!(record(&[item("a", 1, "SUCCEEDED")]), ItemsResult::Recorded);
    assert_eq!(
        store.unlisted_chunks(submission, 0, 10).unwrap().len(),
        1,
        "b is missing"
    );
    let all = [item("b", 2, "PENDING"), item("a", 1, "SUCCEEDED")];
    assert_eq!(record(&all), ItemsResult::Recorded);
    assert_eq!(
        store.unlisted_chunks(submission, 0, 10).unwrap().len(),
        1,
        "b is pending"
    );
    let all = [item("b", 2, "FAILED"), item("a", 1, "SUCCEEDED")];
    assert_eq!(record(&all), ItemsResult::Recorded);
    let counts = store.counts(submission).unwrap();
    assert_eq!((counts.created, counts.creation_failed), (1, 1));
    let mut running = item("a", 1, "SUCCEEDED");
    running.run = Some("INPROGRESS".to_owned());
    assert_eq!(record(&[running, item("b", 2, "FAILED")]), ItemsResult::Recorded);
    assert_eq!(record(&all), ItemsResult::Recorded);
    let rows = store.report(submission, 0, 2).unwrap();
    let runs = rows.iter().map(|row| row.run.as_deref()).collect::<Vec<_>>();
    assert_eq!(runs, [Some("INPROGRESS"), None], "a list without a status keeps it");
    store.check(submission).unwrap();
    assert_eq!(store.unlisted_chunks(submission, 0, 10).unwrap(), []);
    let report = store.report(submission, 0, 2).unwrap();
    assert_eq!(report[1].item, Some(Uuid::from_u128(2)));
    assert_eq!(report[1].creation_status.as_deref(), Some("FAILED"));
    states(store, submission);
}

fn a_report_is_read_in_pages(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    reject_e(store, submission);
    let all = store.report(submission, 0, 100).unwrap();
    let shown = all
        .iter()
        .map(|row| (row.position, row.user_reference.as_str(), row.chunk.as_str(), row.state));
    use ChunkState::{Created, Rejected};
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            (0, "a", "0", Created),
            (1, "b", "0", Created),
            (2, "c", "1", Created),
            (3, "d", "1", Created),
            (4, "e", "2", Rejected)
        ]
    );
    assert_eq!(
        (all[0].batch, all[4].batch, all[4].status),
        (Some(batch(1)), None, Some(400))
    );
    assert_eq!(all[4].problem.as_ref().and_then(Problem::code), Some("ICA_API_001"));
    let mut paged = Vec::new();
    while let page @ [_, ..] = &store.report(submission, paged.len() as u64, 2).unwrap()[..] {
        assert!(page.len() <= 2);
        paged.extend(page.to_vec());
    }
    assert_eq!(paged, all);
}

fn chunks_are_read_in_pages(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    let halves =
        [("0.0", 0), ("0.1", 1)].map(|(label, first)| Chunk::new(&naming("n"), label.to_owned(), first, 1, vec![1]));
    store.record_rejected(&first, &rejection(), &halves, at(0)).unwrap();
    let mut paged = Vec::new();
    loop {
        let page = store.chunks(submission, paged.last(), 2).unwrap();
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, store.chunks(submission, None, 100).unwrap());
    let listed = paged
        .iter()
        .map(|chunk| (chunk.label.as_str(), chunk.first_position, chunk.bytes));
    assert_eq!(
        listed.collect::<Vec<_>>(),
        [
            ("0", 0, Some(2)),
            ("0.0", 0, Some(1)),
            ("0.1", 1, Some(1)),
            ("1", 2, Some(2)),
            ("2", 4, Some(1))
        ]
    );
}

fn bodies_of_created_chunks_can_go(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    reject_e(store, submission);
    let bodies = || {
        let chunks = store.chunks(submission, None, 10).unwrap().into_iter();
        chunks.map(|chunk| chunk.bytes.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(store.delete_bodies(at(0)).unwrap(), 0, "not older");
    assert_eq!(bodies(), [true, true, true]);
    assert_eq!(store.delete_bodies(at(1)).unwrap(), 2);
    assert_eq!(bodies(), [false, false, true], "the rejected one may be sent again");
    assert_eq!(store.delete_bodies(at(1)).unwrap(), 0);
    store.check(submission).unwrap();
    assert!(store.verify().unwrap().is_intact());
}

fn only_complete_and_old_submissions_are_pruned(store: &dyn Store) {
    let complete = planned(store, &id("u", "p", "complete"));
    reject_e(store, complete);
    planned(store, &id("u", "p", "pending"));
    let Begin::Plan(unfinished) = store.begin(&id("u", "p", "unfinished"), false, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    let old = |days| {
        let ids = store.complete_before(at(days)).unwrap().into_iter();
        ids.map(|(row, _)| row).collect::<Vec<_>>()
    };
    assert_eq!(old(0), [0; 0]);
    assert_eq!(old(1), [complete, unfinished]);
    store.delete(complete).unwrap();
    assert_eq!(old(1), [unfinished]);
    let names = store
        .submissions(Which::All)
        .unwrap()
        .into_iter()
        .map(|entry| entry.name().to_owned());
    assert_eq!(names.collect::<Vec<_>>(), ["pending", "unfinished"]);
    assert!(store.verify().unwrap().is_intact());
}

fn a_submission_is_found_by_its_id_and_as_the_last_one(store: &dyn Store) {
    let names = |which: Which<'_>| {
        let entries = store.submissions(which).unwrap().into_iter();
        entries
            .map(|entry| (entry.project().to_owned(), entry.name().to_owned()))
            .collect::<Vec<_>>()
    };
    assert!(names(Which::Last).is_empty());
    let (first, second) = (id("u", "p", "n"), id("u", "q", "n"));
    let submission = planned(store, &first);
    planned(store, &second);
    let pairs = |projects: &[&str]| {
        let pairs = projects.iter().map(|project| ((*project).to_owned(), "n".to_owned()));
        pairs.collect::<Vec<_>>()
    };
    assert_eq!(names(Which::All), pairs(&["p", "q"]));
    assert_eq!(names(Which::Id(&first)), pairs(&["p"]));
    assert_eq!(names(Which::Last), pairs(&["q"]));
    for missing in [id("v", "p", "n"), id("u", "r", "n"), id("u", "p", "m")] {
        assert!(names(Which::Id(&missing)).is_empty(), "{missing}");
    }
    let state = || store.submissions(Which::Id(&first)).unwrap()[0].state();
    assert_eq!(state(), SubmissionState::Pending);
    reject_e(store, submission);
    assert_eq!(state(), SubmissionState::Settled);
    // One that is planned again is the last one.
    store.delete(submission).unwrap();
    store.begin(&first, false, at(0)).unwrap();
    assert_eq!(names(Which::Last), pairs(&["p"]));
    assert_eq!(state(), SubmissionState::Planning);
}
