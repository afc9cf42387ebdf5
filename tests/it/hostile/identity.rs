//! Responses about something else than what was asked for.

use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{
    AnalysisCreation, Batch, ChunkState, Error, ErrorKind, Execution, Journal, JournalChunk, Submission, Uuid,
    VersionPolicy,
};
use ica_simulator::{SeedOptions, Simulator};
use serde_json::Value;
use tempfile::TempDir;

use super::replies::{batch, item, page};
use super::server::{HostileServer, PROJECT, Reply};
use crate::setup;

const ASKED: Uuid = Uuid::from_u128(7);
const OTHER: Uuid = Uuid::from_u128(8);

fn asked(server: &HostileServer) -> Batch<AnalysisCreation> {
    // Such a failure is not transient, so a patient client makes one attempt, too.
    let client = server.client().retry(RetryPolicy::default()).build().unwrap();
    client.project(PROJECT).unwrap().batch(ASKED)
}

fn assert_names_both(error: &Error, asked: Uuid, other: Uuid) {
    assert_eq!(error.kind(), ErrorKind::Unreadable, "{error}");
    let text = format!("{other}, and {asked} was asked for");
    assert!(error.to_string().contains(&text), "{error}");
    assert_eq!(error.attempts(), 1, "{error}");
    assert!(matches!(error.status(), Some(200 | 201)), "{error}");
}

#[tokio::test]
async fn a_batch_with_another_id_is_refused() {
    let server = HostileServer::start(|_| batch(OTHER.as_u128())).await;
    let error = asked(&server).get().await.unwrap_err();
    assert_names_both(&error, ASKED, OTHER);
    assert_eq!(error.execution(), Execution::NotExecuted);
    assert!(error.to_string().starts_with(&format!(
        "could not read analysis batch {ASKED}: the response is about analysis batch {OTHER}"
    )));
    let error = asked(&server).wait().await.unwrap_err();
    assert_names_both(&error, ASKED, OTHER);

    let project = server.client().build().unwrap().project(PROJECT).unwrap();
    assert_names_both(&project.sample_batch(ASKED).get().await.unwrap_err(), ASKED, OTHER);
    assert_eq!(server.received().len(), 3, "no attempt was repeated");
}

#[tokio::test]
async fn an_item_with_another_id_is_refused() {
    let reply = Reply::json(200, item(OTHER.as_u128(), "a").to_string());
    let server = HostileServer::start(move |_| reply.clone()).await;
    let item = || asked(&server).item(ASKED);
    assert_names_both(&item().await.unwrap_err(), ASKED, OTHER);
    let newest = item().any_version(VersionPolicy::newest_first());
    assert_names_both(&newest.await.unwrap_err(), ASKED, OTHER);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_batch_in_another_project_is_refused_and_its_create_counts_as_executed() {
    let simulator = Simulator::builder().project(ASKED.to_string()).start().unwrap();
    let id = simulator.seed_batch(&ASKED.to_string(), 1, SeedOptions::default());
    let project = setup::client(&simulator).project(ASKED.to_string()).unwrap();
    let found = project.batch(id).get().await.unwrap();
    let reply = Reply::json(200, serde_json::to_string(&found).unwrap());

    let server = HostileServer::start(move |request| match request.method.as_str() {
        "POST" => reply.clone().status(201),
        _ => reply.clone(),
    })
    .await;
    let client = server.client().retry(RetryPolicy::default()).build().unwrap();
    assert_eq!(
        client
            .project(ASKED.to_string())
            .unwrap()
            .batch(id)
            .get()
            .await
            .unwrap()
            .id,
        id
    );
    // An id that is not a UUID cannot be compared.
    client.project(PROJECT).unwrap().batch(id).get().await.unwrap();

    let other = client.project(OTHER.to_string()).unwrap();
    assert_names_both(&other.batch(id).get().await.unwrap_err(), OTHER, ASKED);
    let error = other.create_batch(setup::request(&["a"])).await.unwrap_err();
    assert_names_both(&error, OTHER, ASKED);
    assert_eq!(error.execution(), Execution::Executed);
    assert!(error.idempotency_key().is_some());
    assert_eq!(server.received().len(), 4);
}

/// A submission to a hostile server, and its journal.
struct Fixture {
    server: HostileServer,
    journal: Journal,
    _folder: TempDir,
}

impl Fixture {
    /// Starts a server. It responds to the creates with these batches in turn, then with ever new
    /// ones. `items` responds to each list of items, by the number of lists before it.
    async fn new<const N: usize>(batches: [u128; N], items: impl Fn(u64) -> Reply + Send + 'static) -> Self {
        let mut batches = batches.into_iter();
        let (mut next, mut lists) = (1000, 0);
        let server = HostileServer::start(move |request| {
            if request.method == "POST" {
                next += 1;
                return batch(batches.next().unwrap_or(next)).status(201);
            }
            lists += 1;
            // So that a list without end fails.
            if lists > 1000 {
                return Reply::json(500, "{}");
            }
            items(lists - 1)
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().join("journal.db")).unwrap();
        Self {
            server,
            journal,
            _folder: folder,
        }
    }

    /// Returns a submission in chunks of two that are sent one after the other.
    fn submission(&self, name: &str) -> Submission {
        let project = self.server.client().build().unwrap().project(PROJECT).unwrap();
        let submission = project.submission(name, &self.journal);
        // The server has nothing to search.
        let submission = submission.marks(false);
        submission.chunk_size(2).concurrency(1).stop_on_first_error()
    }

    fn chunks(&self, submission: usize) -> Vec<JournalChunk> {
        let entry = self.journal.submissions().unwrap().remove(submission);
        self.journal.chunks(&entry).unwrap()
    }

    fn states(&self, submission: usize) -> Vec<(ChunkState, Option<u128>)> {
        let chunks = self.chunks(submission).into_iter();
        let batch = |chunk: &JournalChunk| chunk.batch.map(|batch| batch.as_u128());
        chunks.map(|chunk| (chunk.state, batch(&chunk))).collect()
    }

    fn creates(&self) -> usize {
        let received = self.server.received();
        received.iter().filter(|request| request.method == "POST").count()
    }
}

fn analyses(references: &[&str]) -> Vec<ica_batch_sdk_ext::types::CreateNextflowAnalysis> {
    references.iter().map(|reference| setup::analysis(reference)).collect()
}

fn items(references: &[&str]) -> Vec<Value> {
    (1..)
        .zip(references)
        .map(|(id, reference)| item(id, reference))
        .collect()
}

#[tokio::test]
async fn a_batch_that_another_chunk_has_is_not_recorded() {
    let fixture = Fixture::new([1, 1, 1], |_| page(&[], None)).await;
    let submission = |name| fixture.submission(name).lookup_items(false);
    let error = submission("first")
        .analyses(analyses(&["a", "b", "c"]))
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal, "{error}");
    assert_eq!(error.execution(), Execution::Executed);
    let key = fixture.chunks(0)[1].key.clone();
    assert_eq!(error.idempotency_key(), Some(&key));
    let text = error.to_string();
    let batch = Uuid::from_u128(1);
    assert!(
        text.starts_with(&format!(
            "could not record batch {batch} for chunk 1 of submission \"first\""
        )),
        "{text}"
    );
    assert!(text.contains("the response names the batch of chunk 0, and"), "{text}");
    assert!(text.contains("run the submission again"), "{text}");
    assert_eq!(
        fixture.states(0),
        [(ChunkState::Created, Some(1)), (ChunkState::Sent, None)]
    );

    // A chunk of another submission has the batch.
    let error = submission("second").analyses(analyses(&["d"])).run().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the batch of chunk 0 of submission \"first\", and"),
        "{error}"
    );
    assert_eq!(fixture.states(1), [(ChunkState::Sent, None)]);

    // The next run sends the same key, and records the batch of the chunk itself.
    let report = submission("first").run().await.unwrap();
    assert_eq!((report.created(), report.batches().len()), (3, 2));
    assert_eq!(fixture.creates(), 4);
    let received = fixture.server.received();
    let creates = received.iter().filter(|request| request.method == "POST");
    let creates = creates.collect::<Vec<_>>();
    for create in [1, 3] {
        assert!(creates[create].head.contains(key.as_str()), "create {create}");
    }
}

#[tokio::test]
async fn a_batch_of_another_project_is_refused() {
    let fixture = Fixture::new([1, 1], |_| page(&[], None)).await;
    fixture.submission("s").analyses(analyses(&["a"])).run().await.unwrap();
    let other = fixture.server.client().build().unwrap().project("other").unwrap();
    let report = other
        .submission("s", &fixture.journal)
        .marks(false)
        .stop_on_first_error()
        .analyses(analyses(&["a"]))
        .run()
        .await;
    let error = report.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal, "{error}");
}

#[tokio::test]
async fn items_that_a_chunk_did_not_request_are_not_recorded() {
    let long = "x".repeat(100_000);
    let foreign: [(&[&str], String); 4] = [
        (
            &["a", "foo"],
            "contains item \"foo\", which chunk 0 did not request".to_owned(),
        ),
        (
            &["a", "b", "c"],
            "contains item \"c\", which chunk 0 did not request".to_owned(),
        ),
        (
            &["a", "a"],
            "contains item \"a\", which chunk 0 did not request".to_owned(),
        ),
        (&["\u{202e}x\n", &long], "contains item \"x\", which chunk 0".to_owned()),
    ];
    for (listed, text) in foreign {
        let listed = items(listed);
        let fixture = Fixture::new([1], move |_| page(&listed, None)).await;
        let error = fixture
            .submission("s")
            .analyses(analyses(&["a", "b"]))
            .run()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable, "{error}");
        let batch = Uuid::from_u128(1);
        let shown = error.to_string();
        assert!(
            shown.starts_with("could not list the items of submission \"s\" in project hostile-project: "),
            "{shown}"
        );
        assert!(
            shown.contains(&format!("batch {batch} {text}")) && shown.len() < 600,
            "{shown}"
        );
        let report = fixture.submission("s").report().await.unwrap();
        let rows = report.analyses().iter().map(ToString::to_string).collect::<Vec<_>>();
        let created = ["a", "b"].map(|reference| format!("{reference}: created in batch {batch}"));
        assert_eq!(rows, created, "no item was recorded");
        assert_eq!(fixture.states(0), [(ChunkState::Created, Some(1))]);
    }
}

#[tokio::test]
async fn an_item_that_is_listed_twice_is_not_recorded() {
    let fixture = Fixture::new([1], |_| page(&[item(5, "a"), item(5, "b")], None)).await;
    let error = fixture
        .submission("s")
        .analyses(analyses(&["a", "b"]))
        .run()
        .await
        .unwrap_err();
    let twice = format!("contains item {} twice", Uuid::from_u128(5));
    assert!(error.to_string().contains(&twice), "{error}");
}

#[tokio::test]
async fn rows_without_an_item_and_rows_with_equal_references_are_accepted() {
    let fixture = Fixture::new([1], |list| match list {
        0 => page(&items(&["a"]), None),
        _ => page(&items(&["a", "a"]), None),
    })
    .await;
    let submission = || fixture.submission("s").allow_duplicate_references();
    submission().analyses(analyses(&["a", "a"])).run().await.unwrap();
    let report = submission().run().await.unwrap();
    assert_eq!((report.created(), fixture.creates()), (2, 1));
}

#[tokio::test]
async fn a_list_of_items_without_end_ends_the_run() {
    let fixture = Fixture::new([1], |list| {
        page(&[item(list.into(), "a")], Some(&format!("token-{list}")))
    })
    .await;
    let error = fixture
        .submission("s")
        .analyses(analyses(&["a", "b"]))
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable, "{error}");
    assert_eq!(
        fixture.server.received().len(),
        2 + 3,
        "the time, a create, and one item more than rows"
    );

    let fixture = Fixture::new([1], |list| page(&[], Some(&format!("token-{list}")))).await;
    let error = fixture
        .submission("s")
        .analyses(analyses(&["a", "b"]))
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging, "{error}");
    assert_eq!(fixture.server.received().len(), 2 + 100);
}

#[tokio::test]
async fn the_id_of_an_unusable_batch_of_another_project_is_not_used() {
    for (project, is_used) in [(ASKED, true), (OTHER, false)] {
        let body = serde_json::json!({ "id": Uuid::from_u128(9), "job": { "project": { "id": project } } });
        let reply = Reply::json(201, body.to_string());
        let server = HostileServer::start(move |_| reply.clone()).await;
        let project = server.client().build().unwrap().project(ASKED.to_string()).unwrap();
        let error = project.create_batch(setup::request(&["a"])).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.execution()),
            (ErrorKind::Unreadable, Execution::Executed)
        );
        assert_eq!(error.created_batch().is_some(), is_used, "{error}");
    }
}
