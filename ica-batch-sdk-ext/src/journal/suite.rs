//! Tests that every store must pass. They run on the store in SQLite, also as on a network file
//! system, and on the one in memory.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use super::chunks::{Chunk, ManifestRow, PlannedChunk, Row};
use super::kind::AnalysisKind;
use super::memory::MemoryStore;
use super::records::{ChunkState, SubmissionId};
use super::sqlite::{Access, SqliteStore};
use super::steps::{
    Begin, CreatedResult, Finish, Found, ItemsResult, ListedItem, NextChunk, Rejection, Resolution, SameName,
    TakenChunk, UnrequestedItem,
};
use super::store::Store;
use crate::error::{Execution, Problem, Scrubber};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Store of a test. The file is deleted at the end.
pub(super) struct Subject {
    pub(super) store: Box<dyn Store>,
    pub(super) _folder: tempfile::TempDir,
}

/// Kind of store.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Sqlite,
    SqliteOnNetwork,
    Memory,
}

pub(super) fn subject(kind: Kind) -> Subject {
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let sqlite = |on_network| -> Box<dyn Store> {
        let path = folder.path().join("journal.db");
        let access = Access {
            read_only: false,
            on_network,
        };
        SqliteStore::create(&path, access).unwrap();
        Box::new(SqliteStore::open(path, access).unwrap())
    };
    let store = match kind {
        Kind::Sqlite => sqlite(false),
        Kind::SqliteOnNetwork => sqlite(true),
        Kind::Memory => Box::new(MemoryStore::default()),
    };
    Subject { store, _folder: folder }
}

/// Runs each of these tests on each kind of store.
macro_rules! on_every_store {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&*super::subject(super::Kind::Sqlite).store) })*
        }
        mod sqlite_on_network {
            $(#[test] fn $test() { super::$test(&*super::subject(super::Kind::SqliteOnNetwork).store) })*
        }
        mod memory {
            $(#[test] fn $test() { super::$test(&*super::subject(super::Kind::Memory).store) })*
        }
    };
}

on_every_store! {
    a_plan_is_found_when_it_is_finished
    a_submission_that_is_missing_is_compared_with_those_of_the_same_name
    an_unfinished_plan_is_replaced
    empty_plans_and_duplicates_are_not_planned
    each_open_chunk_is_taken_once_in_a_run
    a_failure_keeps_the_time_of_an_earlier_request
    a_batch_belongs_to_one_chunk_of_an_endpoint
    a_second_batch_of_a_chunk_is_not_recorded
    halves_replace_a_split_chunk
    rejected_chunks_are_planned_again_unless_they_are_replaced
    a_key_expires_and_a_person_resolves_it
    items_belong_to_the_rows_of_their_chunk
    a_manifest_is_compared_as_a_set
    corrected_rows_replace_rejected_ones
    a_report_is_read_in_pages
    chunks_are_read_in_pages
    bodies_of_created_chunks_can_go
    only_complete_and_old_submissions_are_pruned
}

fn at(days: u32) -> SystemTime {
    UNIX_EPOCH + 20_000 * DAY + days * DAY
}

fn id(base_url: &str, project: &str, name: &str) -> SubmissionId {
    let [base_url, project, name] = [base_url, project, name].map(str::to_owned);
    SubmissionId {
        base_url,
        project,
        name,
    }
}

fn row(reference: &str) -> Row {
    Row {
        kind: AnalysisKind::Nextflow,
        user_reference: reference.to_owned(),
        digest: [reference.bytes().next().unwrap_or_default(); 32],
        replaces: None,
    }
}

fn manifest_row(reference: &str, version: u8) -> ManifestRow {
    ManifestRow {
        row: Row {
            digest: [version; 32],
            ..row(reference)
        },
        json: vec![version; 10],
    }
}

fn chunk(name: &str, label: &str, first: u64, references: &[&str]) -> PlannedChunk {
    let body = references.concat().into_bytes();
    PlannedChunk {
        chunk: Chunk::new(name, label.to_owned(), first, references.len() as u64, body),
        rows: references.iter().map(|reference| row(reference)).collect(),
    }
}

/// Plans a submission of the chunks a+b, c+d and e.
fn planned(store: &dyn Store, id: &SubmissionId) -> i64 {
    let Begin::Plan(submission) = store.begin(id, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    let name = &id.name;
    let chunks = [chunk(name, "0", 0, &["a", "b"]), chunk(name, "1", 2, &["c", "d"])];
    store.add_chunks(submission, &chunks).unwrap();
    store.add_chunks(submission, &[chunk(name, "2", 4, &["e"])]).unwrap();
    assert_eq!(store.finish_plan(submission, false).unwrap(), Finish::Planned);
    store.check(submission).unwrap();
    submission
}

fn take(store: &dyn Store, submission: i64, after: i64, days: u32) -> TakenChunk {
    match store.take_next(submission, after, at(days)).unwrap() {
        NextChunk::Send(taken) => taken,
        other => panic!("{other:?}"),
    }
}

fn states(store: &dyn Store, submission: i64) -> Vec<(String, ChunkState)> {
    let chunks = store.chunks(submission, None, 100).unwrap().into_iter();
    store.check(submission).unwrap();
    chunks.map(|chunk| (chunk.label, chunk.state)).collect()
}

fn batch(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn rejection() -> Rejection {
    let problem = Problem::from_bytes(br#"{"title":"ICA_API_001"}"#, &Scrubber::without_secrets());
    Rejection {
        status: Some(400),
        problem,
    }
}

/// Takes the chunk "2", which is the row e, and records that ICA rejected it.
fn reject_e(store: &dyn Store, submission: i64) -> TakenChunk {
    let first = take(store, submission, i64::MIN, 0);
    let second = take(store, submission, first.row, 0);
    let third = take(store, submission, second.row, 0);
    for (taken, number) in [(&first, 1), (&second, 2)] {
        let recorded = store.record_created(taken.row, batch(number), at(0)).unwrap();
        assert_eq!(recorded, CreatedResult::Recorded);
    }
    store.record_rejected(&third, &rejection(), &[], at(0)).unwrap();
    third
}

fn a_plan_is_found_when_it_is_finished(store: &dyn Store) {
    let id = id("u", "p", "n");
    let Begin::Plan(submission) = store.begin(&id, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    assert_eq!(store.find(&id).unwrap(), Found::Unfinished);
    let before = store.stamp().unwrap();
    store.add_chunks(submission, &[chunk("n", "0", 0, &["a"])]).unwrap();
    let after = store.stamp().unwrap();
    assert!(after.counter > before.counter && after.id == before.id);
    assert_eq!(store.finish_plan(submission, false).unwrap(), Finish::Planned);
    assert_eq!(store.find(&id).unwrap(), Found::Planned(submission));
    assert_eq!(store.begin(&id, at(1)).unwrap(), Begin::Planned(submission));
    let entry = &store.submissions().unwrap()[0];
    assert_eq!(
        (entry.name(), entry.is_planned(), entry.created_at()),
        ("n", true, at(0))
    );
    assert_eq!((entry.counts().analyses, entry.counts().pending()), (1, 1));
    let taken = take(store, submission, i64::MIN, 0);
    assert_eq!(store.kinds(&taken).unwrap(), [AnalysisKind::Nextflow]);
    assert_eq!(store.user_references(submission, "0").unwrap(), ["a"]);
    assert_eq!(store.user_references(submission, "7").unwrap(), [""; 0]);
}

fn a_submission_that_is_missing_is_compared_with_those_of_the_same_name(store: &dyn Store) {
    for (base_url, project) in [("u1", "p1"), ("u2", "p1"), ("u1", "p2")] {
        planned(store, &id(base_url, project, "n"));
    }
    let missing = |base_urls: &[&str], projects: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Found::Missing(SameName {
            base_urls: owned(base_urls),
            projects: owned(projects),
        })
    };
    let find = |base_url, project| store.find(&id(base_url, project, "n")).unwrap();
    assert_eq!(find("u3", "p1"), missing(&["u1", "u2"], &[]));
    assert_eq!(find("u2", "p2"), missing(&["u1"], &["p1"]));
    assert_eq!(find("u3", "p3"), missing(&[], &[]));
}

fn an_unfinished_plan_is_replaced(store: &dyn Store) {
    let id = id("u", "p", "n");
    let Begin::Plan(first) = store.begin(&id, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    store.add_chunks(first, &[chunk("n", "0", 0, &["old"])]).unwrap();
    let second = planned(store, &id);
    assert_ne!(first, second);
    assert_eq!(store.counts(second).unwrap().analyses, 5);
    let verification = store.verify().unwrap();
    assert!(verification.is_intact(), "{verification}");
    assert_eq!((verification.submissions, verification.analyses), (1, 5));
}

fn empty_plans_and_duplicates_are_not_planned(store: &dyn Store) {
    let id = id("u", "p", "n");
    let Begin::Plan(submission) = store.begin(&id, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    assert_eq!(store.finish_plan(submission, false).unwrap(), Finish::Empty);
    let chunks = [
        chunk("n", "0", 0, &["a", "b", "a"]),
        chunk("n", "1", 3, &["b", "a", "c"]),
    ];
    store.add_chunks(submission, &chunks).unwrap();
    let Finish::Duplicates(duplicates) = store.finish_plan(submission, false).unwrap() else {
        panic!("two references occur more than once");
    };
    assert_eq!(
        (duplicates.count(), duplicates.user_references()),
        (2, &["a".to_owned(), "b".to_owned()][..])
    );
    assert_eq!(store.find(&id).unwrap(), Found::Unfinished);
    assert_eq!(store.finish_plan(submission, true).unwrap(), Finish::Planned);
    store.delete(submission).unwrap();
    assert!(matches!(store.find(&id).unwrap(), Found::Missing(_)));
    assert!(store.verify().unwrap().is_intact());
}

fn each_open_chunk_is_taken_once_in_a_run(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    assert_eq!((first.chunk.label.as_str(), &first.chunk.body[..]), ("0", &b"ab"[..]));
    assert!(!first.may_exist());
    let second = take(store, submission, first.row, 0);
    let third = take(store, submission, second.row, 0);
    assert!(matches!(
        store.take_next(submission, third.row, at(0)).unwrap(),
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

fn a_failure_keeps_the_time_of_an_earlier_request(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = |days| take(store, submission, i64::MIN, days);
    let sent_at = || store.chunks(submission, None, 1).unwrap()[0].sent_at;
    store.record_failure(&first(0), Execution::NotExecuted).unwrap();
    assert_eq!(
        (sent_at(), &states(store, submission)[0].1),
        (None, &ChunkState::Planned)
    );
    store.record_failure(&first(1), Execution::Unknown).unwrap();
    assert_eq!(sent_at(), Some(at(1)));
    store.record_failure(&first(2), Execution::NotExecuted).unwrap();
    assert_eq!(
        (sent_at(), &states(store, submission)[0].1),
        (Some(at(1)), &ChunkState::Sent)
    );
    store.record_not_executed(&first(3)).unwrap();
    assert_eq!(sent_at(), None);
    let taken = first(4);
    store.record_created(taken.row, batch(1), at(4)).unwrap();
    store.record_failure(&taken, Execution::NotExecuted).unwrap();
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
    assert_eq!(store.totals(here).unwrap().batches.len(), 1);
}

fn a_second_batch_of_a_chunk_is_not_recorded(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let first = take(store, submission, i64::MIN, 0);
    store.record_created(first.row, batch(1), at(0)).unwrap();
    let other = store.record_created(first.row, batch(2), at(0)).unwrap();
    assert_eq!(other, CreatedResult::OtherBatch(batch(1)));
    // A chunk that was split is created as a whole after all.
    let second = take(store, submission, first.row, 0);
    let halves = [("1.0", 2), ("1.1", 3)].map(|(label, first)| Chunk::new("n", label.to_owned(), first, 1, vec![]));
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
    let halves = [("0.0", 0), ("0.1", 1)].map(|(label, first)| Chunk::new("n", label.to_owned(), first, 1, vec![]));
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
    while let NextChunk::Send(next) = store.take_next(submission, taken.last().unwrap().row, at(0)).unwrap() {
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
    let mut corrected = chunk("n", "3", 5, &["e"]);
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
        store.take_next(submission, i64::MIN, at(7)).unwrap(),
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

fn item(reference: &str, number: u128, status: &str) -> ListedItem {
    ListedItem {
        user_reference: reference.to_owned(),
        item: Uuid::from_u128(number),
        analysis: Some(Uuid::from_u128(number + 100)),
        creation_status: status.to_owned(),
    }
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
    assert_eq!(store.unlisted_chunks(submission, 0, 10).unwrap(), []);
    let report = store.report(submission, 0, 2).unwrap();
    assert_eq!(report[1].item, Some(Uuid::from_u128(2)));
    assert_eq!(report[1].creation_status.as_deref(), Some("FAILED"));
    states(store, submission);
}

fn a_manifest_is_compared_as_a_set(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let differences = |rows: Vec<ManifestRow>, from| {
        let mut comparison = store.comparison(submission, from).unwrap();
        comparison.stage(rows).unwrap();
        comparison.differences().unwrap()
    };
    let same = |reference: &str| manifest_row(reference, reference.as_bytes()[0]);
    let reversed = differences(["e", "d", "c", "b", "a"].map(same).to_vec(), 0);
    assert!(reversed.changes.kinds().next().is_none());
    let after_prefix = differences(["e", "d", "c"].map(same).to_vec(), 2);
    assert!(after_prefix.changes.kinds().next().is_none());
    let rows = vec![same("a"), manifest_row("b", 1), same("c"), same("x"), same("e")];
    let found = differences(rows, 0);
    let names = |rows: &super::ChangedRows| rows.user_references().to_vec();
    let changes = &found.changes;
    assert_eq!(
        [changes.added(), changes.removed(), changes.changed()].map(names),
        [["x"], ["d"], ["b"]]
    );
    assert!(!found.can_be_accepted, "d is removed and pending");
    assert!(differences(["a", "b", "c", "d", "e", "x"].map(same).to_vec(), 0).can_be_accepted);
}

fn corrected_rows_replace_rejected_ones(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    reject_e(store, submission);
    let same = |reference: &str| manifest_row(reference, reference.as_bytes()[0]);
    let mut comparison = store.comparison(submission, 0).unwrap();
    comparison.stage(vec![same("x"), manifest_row("e", 9)]).unwrap();
    comparison.stage(["a", "b", "c", "d", "y"].map(same).to_vec()).unwrap();
    let found = comparison.differences().unwrap();
    assert!(found.can_be_accepted);
    assert_eq!(comparison.duplicates().unwrap(), None);
    let first = comparison.accepted(0, 1).unwrap();
    assert_eq!(first.len(), 1, "at least one");
    assert_eq!((first[0].ordinal, first[0].row.row.replaces), (0, None));
    let rest = comparison.accepted(1, 1000).unwrap();
    let rest = rest
        .iter()
        .map(|row| (row.row.row.user_reference.as_str(), row.row.row.replaces));
    assert_eq!(rest.collect::<Vec<_>>(), [("e", Some(4)), ("y", None)]);
    assert!(comparison.accepted(7, 1000).unwrap().is_empty());

    let point = store.insertion_point(submission).unwrap();
    assert_eq!((point.position, point.chunk), (5, 3));
    let mut corrected = chunk("n", "3", 5, &["x", "e"]);
    corrected.rows[1].replaces = Some(4);
    store.add_chunks(submission, &[corrected]).unwrap();
    let rows = store.recorded_rows(submission, 3, 10).unwrap();
    assert_eq!(
        rows.iter().map(|(position, _)| *position).collect::<Vec<_>>(),
        [3, 5, 6]
    );
    let counts = store.counts(submission).unwrap();
    assert_eq!(
        (counts.analyses, counts.created, counts.rejected, counts.pending()),
        (6, 4, 0, 2)
    );
    states(store, submission);

    let mut twice = store.comparison(submission, 0).unwrap();
    let more = ["a", "b", "c", "d", "x", "a", "q", "q"].map(same).to_vec();
    twice.stage(more).unwrap();
    twice.stage(vec![manifest_row("e", b'e')]).unwrap();
    twice.differences().unwrap();
    let duplicates = twice.duplicates().unwrap().expect("a and q occur twice");
    assert_eq!(duplicates.user_references(), ["a", "q"]);
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
    let halves = [("0.0", 0), ("0.1", 1)].map(|(label, first)| Chunk::new("n", label.to_owned(), first, 1, vec![1]));
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
    let Begin::Plan(unfinished) = store.begin(&id("u", "p", "unfinished"), at(0)).unwrap() else {
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
        .submissions()
        .unwrap()
        .into_iter()
        .map(|entry| entry.name().to_owned());
    assert_eq!(names.collect::<Vec<_>>(), ["pending", "unfinished"]);
    assert!(store.verify().unwrap().is_intact());
}
