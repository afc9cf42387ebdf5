//! The journal: its contents, its failures, and pruning.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use ica_batch_sdk_ext::{Analysis, ChunkState, ErrorKind, Execution, Journal, OnRejection, Uuid};
use ica_simulator::{Family, Operation, Simulator};
use serde_json::Value;

use super::failing::Failing;
use super::fixture::{Fixture, folder, manifest};

async fn with_a_rejection() -> Fixture {
    let fixture = Fixture::rejecting(["b"]);
    let submission = fixture.submission("s").on_rejection(OnRejection::Isolate);
    submission.analyses(manifest(["a", "b", "c"])).run().await.unwrap();
    fixture
}

#[tokio::test]
async fn submissions_and_chunks_are_listed() {
    let fixture = with_a_rejection().await;
    fixture
        .submission("later")
        .analyses(manifest(["x"]))
        .plan()
        .await
        .unwrap();
    let entries = fixture.journal.submissions().unwrap();
    let listed = entries.iter().map(|entry| {
        let counts = entry.counts();
        (
            entry.name(),
            counts.analyses,
            counts.created,
            counts.rejected,
            counts.pending(),
        )
    });
    assert_eq!(listed.collect::<Vec<_>>(), [("s", 3, 2, 1, 0), ("later", 1, 0, 0, 1)]);
    assert_eq!(entries[0].project(), fixture.simulator.project_id());
    assert_eq!(entries[0].base_url(), fixture.simulator.base_url());
    assert!(entries.iter().all(|entry| entry.is_planned()));

    let chunks = fixture.journal.chunks(&entries[0]).unwrap();
    let listed = chunks
        .iter()
        .map(|chunk| (chunk.label.as_str(), chunk.first_position, chunk.analyses, chunk.state));
    use ChunkState::{Created, Rejected, Split};
    assert_eq!(
        listed.collect::<Vec<_>>(),
        [
            ("0", 0, 2, Split),
            ("0.0", 0, 1, Created),
            ("0.1", 1, 1, Rejected),
            ("1", 2, 1, Created)
        ]
    );
    assert_eq!(chunks[1].batch, Some(fixture.simulator.batches()[1].id));
    assert_eq!((chunks[2].status, chunks[2].batch), (Some(400), None));
    assert!(chunks[2].problem.as_ref().unwrap().parameters().contains_key("b"));
    assert_eq!(chunks.iter().map(|chunk| &chunk.key).collect::<BTreeSet<_>>().len(), 4);
}

#[tokio::test]
async fn an_export_has_a_line_per_analysis() {
    let fixture = with_a_rejection().await;
    let entry = fixture.entry();
    let mut out = Vec::new();
    fixture.journal.export(&entry, &mut out).unwrap();
    let lines = String::from_utf8(out).unwrap();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect::<Vec<Value>>();
    let states = lines
        .iter()
        .map(|line| (line["userReference"].as_str().unwrap(), line["state"].as_str().unwrap()));
    assert_eq!(
        states.collect::<Vec<_>>(),
        [("a", "created"), ("b", "rejected"), ("c", "created")]
    );
    let batch = &fixture.simulator.batches()[0];
    let item = &batch.items[0];
    let expected = serde_json::json!({
        "project": fixture.simulator.project_id(), "submission": "s", "position": 2, "userReference": "c",
        "kind": "nextflow", "state": "created", "chunk": "1", "idempotencyKey": batch.idempotency_key,
        "batch": batch.id, "item": item.id, "analysis": item.created_id, "creation": "SUCCEEDED",
        "attempt": 0, "run": "SUCCEEDED",
    });
    assert_eq!(lines[2], expected);
    assert_eq!(lines[1]["rejection"]["status"], 400);
    assert_eq!(lines[1]["rejection"]["code"], "ICA_API_001");

    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = fixture.journal.export(&entry, Full).unwrap_err();
    assert!(
        error.to_string().contains("could not export \"s\" of the journal "),
        "{error}"
    );
}

#[tokio::test]
async fn other_programs_can_read_the_documented_tables() {
    let fixture = with_a_rejection().await;
    let connection = fixture.connection();
    let sql = "SELECT user_reference, state, batch IS NOT NULL, analysis IS NOT NULL, problem LIKE '%ICA_API_001%' FROM outcome WHERE submission = 's' ORDER BY position";
    let mut select = connection.prepare(sql).unwrap();
    let rows = select.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    });
    let rows = rows
        .unwrap()
        .collect::<Result<Vec<(String, String, bool, bool, Option<bool>)>, _>>()
        .unwrap();
    let row =
        |name: &str, state: &str, created, problem| (name.to_owned(), state.to_owned(), created, created, problem);
    assert_eq!(
        rows,
        [
            row("a", "created", true, None),
            row("b", "rejected", false, Some(true)),
            row("c", "created", true, None)
        ]
    );
}

#[tokio::test]
async fn pruning_deletes_what_is_complete_and_old_and_nothing_else() {
    let fixture = with_a_rejection().await;
    fixture
        .submission("pending")
        .analyses(manifest(["x"]))
        .plan()
        .await
        .unwrap();
    let now: SystemTime = fixture.simulator.clock().now().into();
    let names = || {
        let entries = fixture.journal.submissions().unwrap();
        entries.iter().map(|entry| entry.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(fixture.journal.prune(now - Duration::from_secs(1)).unwrap(), 0);
    assert_eq!(names(), ["s", "pending"]);
    // A plan whose manifest never ends is left behind.
    let endless = || {
        fixture
            .submission("left")
            .analysis_stream(futures_util::stream::pending::<Analysis>())
    };
    let mut left = Box::pin(endless().plan());
    while names().len() < 3 {
        assert!(futures_util::FutureExt::now_or_never(&mut left).is_none());
        tokio::task::yield_now().await;
    }
    let later = now + Duration::from_secs(1);
    assert_eq!(fixture.journal.prune(later).unwrap(), 1);
    assert_eq!(names(), ["pending", "left"], "it is still being planned");
    drop(left);
    while fixture.journal.prune(later).unwrap() == 0 {
        // The last operation of the plan ends.
        tokio::task::yield_now().await;
    }
    assert_eq!(names(), ["pending"]);
    let connection = fixture.connection();
    let rows: i64 = connection
        .query_row("SELECT count(*) FROM analysis", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1, "the rows of deleted submissions are deleted");
}

#[tokio::test]
async fn a_body_that_does_not_match_its_digest_is_not_sent() {
    let fixture = Fixture::new();
    fixture
        .submission("s")
        .analyses(manifest(["a", "b"]))
        .plan()
        .await
        .unwrap();
    let connection = fixture.connection();
    connection
        .execute(
            "UPDATE body SET bytes = CAST(replace(bytes, 'reads', 'READS') AS BLOB)",
            [],
        )
        .unwrap();
    let error = fixture.submission("s").run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert!(
        error.to_string().contains("chunk 0 of submission \"s\" in project ")
            && error.to_string().contains("does not match its digest"),
        "{error}"
    );
    assert_eq!(fixture.creates(), 0);
    let chunk = &fixture.chunks()[0];
    assert_eq!((chunk.state, chunk.sent_at), (ChunkState::Planned, None));
}

#[tokio::test]
async fn a_response_that_cannot_be_recorded_is_an_error_that_loses_nothing() {
    let fixture = Fixture::new();
    let run = || fixture.submission("s").analyses(manifest(["a", "b"])).run();
    let failing = Failing::new(fixture.journal.path(), "chunk", "state = 'created'");
    let error = run().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Journal, Execution::Executed)
    );
    assert!(error.idempotency_key().is_some());
    drop(failing);
    run().await.unwrap();
    fixture.assert_created_once(["a", "b"]);
    let creates = (fixture.simulator.executed_creates(), fixture.creates());
    assert_eq!(creates, (1, 1), "its analyses were found");
}

#[tokio::test]
async fn a_chunk_that_cannot_be_recorded_is_not_sent() {
    for (table, condition) in [
        ("chunk", "state = 'planned'"),
        ("submission", "state = 'planned'"),
        ("chunk", "state = 'sent'"),
    ] {
        let fixture = Fixture::new();
        let run = || fixture.submission("s").analyses(manifest(["a", "b"])).run();
        let failing = Failing::new(fixture.journal.path(), table, condition);
        let error = run().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.execution()),
            (ErrorKind::Journal, Execution::NotExecuted),
            "{condition}"
        );
        assert_eq!(fixture.creates(), 0, "{condition}");
        drop(failing);
        run().await.unwrap();
        fixture.assert_created_once(["a", "b"]);
    }
}

#[tokio::test]
async fn a_second_batch_of_a_chunk_is_an_error_and_not_recorded() {
    let fixture = Fixture::new();
    fixture.submission("s").analyses(manifest(["a"])).plan().await.unwrap();
    let held = fixture.simulator.hold_creates();
    let run = tokio::spawn(fixture.submission("s").run());
    held.reached(1).await;
    let another = Uuid::from_u128(7).to_string();
    // Another program recorded another batch: the server broke its promise, or a week has passed.
    let connection = fixture.connection();
    connection
        .execute(
            "UPDATE chunk SET state = 'created', batch = ?1, answered_at = 0",
            [&another],
        )
        .unwrap();
    held.release();
    let error = run.await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Journal, Execution::Executed)
    );
    assert!(error.to_string().contains("its analyses may exist twice"), "{error}");
    let batch: String = connection
        .query_row("SELECT batch FROM chunk", [], |row| row.get(0))
        .unwrap();
    assert_eq!(batch, another);
}

#[tokio::test]
async fn a_batch_of_a_split_chunk_is_an_error() {
    let fixture = Fixture::new();
    fixture
        .submission("s")
        .analyses(manifest(["a", "b"]))
        .plan()
        .await
        .unwrap();
    let held = fixture.simulator.hold_creates();
    let run = tokio::spawn(fixture.submission("s").run());
    held.reached(1).await;
    let connection = fixture.connection();
    connection
        .execute("UPDATE chunk SET state = 'split', sent_at = NULL, answered_at = 0", [])
        .unwrap();
    held.release();
    let error = run.await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Journal, Execution::Executed)
    );
    let text = error.to_string();
    assert!(
        text.contains("its parts are sent in its place") && text.contains("its analyses may exist twice"),
        "{text}"
    );
}

#[tokio::test]
async fn a_row_that_another_program_changes_during_a_run_is_not_reported() {
    let fixture = Fixture::new();
    fixture
        .submission("s")
        .analyses(manifest(["a", "b", "c"]))
        .plan()
        .await
        .unwrap();
    let held = fixture.simulator.hold_creates();
    let run = tokio::spawn(fixture.submission("s").lookup_items(false).run());
    held.reached(1).await;
    let connection = fixture.connection();
    let sql = "UPDATE analysis SET user_reference = 'z' WHERE position = 0";
    connection.execute(sql, []).unwrap();
    held.release();
    let error = run.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert!(
        error.to_string().contains("are not those that were recorded"),
        "{error}"
    );
    assert_eq!(fixture.creates(), 2, "everything was sent and recorded");
    let report = fixture.submission("s").report().await.unwrap_err();
    assert_eq!(report.kind(), ErrorKind::Journal);
    let mut lines = Vec::new();
    assert!(fixture.journal.export(&fixture.entry(), &mut lines).is_err() && lines.is_empty());
}

#[tokio::test]
async fn the_file_contains_no_secret() {
    let fixture = Fixture::with(Simulator::builder().api_key("hush-hush-api-key"), |client| client);
    fixture.submission("s").analyses(manifest(["a"])).run().await.unwrap();
    assert!(fixture.simulator.count(Operation::CreateBatch(Family::Analysis)) > 0);
    for entry in std::fs::read_dir(fixture.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(9).any(|window| window == b"hush-hush"));
    }
}

/// The child runs as a user without rights, because root may write anything.
#[cfg(unix)]
#[test]
fn a_journal_without_write_permission_is_an_error() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    let folder = folder();
    let path = folder.path().join("journal.db");
    drop(Journal::open(&path).unwrap());
    let before = std::fs::read(&path).unwrap();
    let allow = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(&path, 0o444);
    allow(folder.path(), 0o555);
    let program = folder
        .path()
        .parent()
        .unwrap()
        .join(format!("submitter-{}", std::process::id()));
    std::fs::copy(env!("CARGO_BIN_EXE_submitter"), &program).unwrap();
    allow(&program, 0o755);
    let mut command = Command::new(&program);
    command
        .args(["http://127.0.0.1:1", "key", "project"])
        .arg(&path)
        .args(["s", "1", "1", "1", "1000"]);
    if std::fs::File::options().append(true).open(&path).is_ok() {
        // The test runs as root, so the child runs as the user `nobody`.
        std::os::unix::process::CommandExt::uid(&mut command, 65_534);
    }
    let result = command.output();
    std::fs::remove_file(&program).unwrap();
    allow(folder.path(), 0o755);
    let output = String::from_utf8(result.unwrap().stdout).unwrap();
    assert!(
        output.starts_with("failed: could not use the journal ")
            && output.contains("it cannot be written; allow writing"),
        "{output}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
