//! The journal: what it shows, what it keeps, and what it refuses.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use ica_batch_sdk_ext::{ChunkState, ErrorKind, Execution, Journal, OnRejection};
use ica_simulator::{Family, Fate, Operation, Simulator};
use rusqlite::Connection;
use serde_json::Value;

use super::bench::{Bench, folder, manifest};

async fn with_a_rejection() -> Bench {
    let bench = Bench::with(Simulator::builder().fate("b", Fate::RejectRequest), |client| client);
    let submission = bench.submission("s").on_rejection(OnRejection::Isolate);
    submission.analyses(manifest(["a", "b", "c"])).run().await.unwrap();
    bench
}

#[tokio::test]
async fn it_lists_and_shows_what_it_has() {
    let bench = with_a_rejection().await;
    bench
        .submission("later")
        .analyses(manifest(["x"]))
        .plan()
        .await
        .unwrap();
    let entries = bench.journal.list().unwrap();
    let told = entries.iter().map(|entry| {
        (
            entry.name(),
            entry.analyses(),
            entry.created(),
            entry.rejected(),
            entry.pending(),
        )
    });
    assert_eq!(told.collect::<Vec<_>>(), [("s", 3, 2, 1, 0), ("later", 1, 0, 0, 1)]);
    assert_eq!(entries[0].project(), bench.simulator.project_id());
    assert_eq!(entries[0].endpoint(), bench.simulator.base_url());
    assert!(entries.iter().all(|entry| entry.is_planned()));

    let chunks = bench.journal.inspect(&entries[0]).unwrap();
    let told = chunks
        .iter()
        .map(|chunk| (chunk.label.as_str(), chunk.first, chunk.analyses, chunk.state));
    use ChunkState::{Created, Rejected, Split};
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("0", 0, 2, Split),
            ("0.0", 0, 1, Created),
            ("0.1", 1, 1, Rejected),
            ("1", 2, 1, Created)
        ]
    );
    assert_eq!(chunks[1].batch, Some(bench.simulator.batches()[1].id));
    assert_eq!((chunks[2].status, chunks[2].batch), (Some(400), None));
    assert!(chunks[2].problem.as_ref().unwrap().parameters().contains_key("b"));
    assert_eq!(chunks.iter().map(|chunk| &chunk.key).collect::<BTreeSet<_>>().len(), 4);
}

#[tokio::test]
async fn an_export_has_a_line_for_each_analysis() {
    let bench = with_a_rejection().await;
    let entry = bench.journal.list().unwrap().remove(0);
    let mut out = Vec::new();
    bench.journal.export(&entry, &mut out).unwrap();
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
    let batch = &bench.simulator.batches()[0];
    let item = &batch.items[0];
    let expected = serde_json::json!({
        "project": bench.simulator.project_id(), "submission": "s", "position": 2, "userReference": "c",
        "kind": "nextflow", "state": "created", "chunk": "1", "idempotencyKey": batch.idempotency_key,
        "batch": batch.id, "item": item.id, "analysis": item.created_id, "creation": "SUCCEEDED",
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
    let error = bench.journal.export(&entry, Full).unwrap_err();
    assert!(error.to_string().contains("the export cannot be written"), "{error}");
}

#[tokio::test]
async fn the_documented_tables_are_there_for_any_program() {
    let bench = with_a_rejection().await;
    let connection = Connection::open(bench.path()).unwrap();
    let sql = "SELECT user_reference, state, batch IS NOT NULL, analysis IS NOT NULL, problem LIKE '%ICA_API_001%' FROM outcome ORDER BY position";
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
    let senders: i64 = connection
        .query_row("SELECT count(*) FROM sender", [], |row| row.get(0))
        .unwrap();
    assert_eq!(senders, 0, "who is through has left");
}

#[tokio::test]
async fn pruning_takes_out_what_is_done_and_old_enough_and_nothing_else() {
    let bench = with_a_rejection().await;
    bench.submission("open").analyses(manifest(["x"])).plan().await.unwrap();
    let now: SystemTime = bench.simulator.clock().now().into();
    let names = || {
        let entries = bench.journal.list().unwrap();
        entries.iter().map(|entry| entry.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(bench.journal.prune(now - Duration::from_secs(1)).unwrap(), 0);
    assert_eq!(names(), ["s", "open"]);
    let connection = Connection::open(bench.path()).unwrap();
    connection
        .execute(
            "INSERT INTO submission (endpoint, project, name, planner, created_at) VALUES ('e', 'p', 'left', 'x', 0)",
            [],
        )
        .unwrap();
    assert_eq!(bench.journal.prune(now + Duration::from_secs(1)).unwrap(), 2);
    assert_eq!(names(), ["open"]);
    let rows: i64 = connection
        .query_row("SELECT count(*) FROM analysis", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1, "its rows are gone too");
}

#[tokio::test]
async fn what_a_dead_process_planned_in_part_is_planned_anew() {
    let bench = Bench::new();
    let connection = Connection::open(bench.path()).unwrap();
    let insert =
        "INSERT INTO submission (endpoint, project, name, planner, created_at) VALUES (?1, ?2, 's', 'dead', 0)";
    connection
        .execute(insert, [&bench.simulator.base_url(), bench.simulator.project_id()])
        .unwrap();
    connection
        .execute("INSERT INTO analysis (submission, position, kind, user_reference, digest) VALUES (1, 0, 'cwl', 'old', x'00')", [])
        .unwrap();
    bench
        .submission("s")
        .analyses(manifest(["a", "b"]))
        .run()
        .await
        .unwrap();
    bench.assert_exist(["a", "b"]);
    assert_eq!(bench.journal.list().unwrap()[0].analyses(), 2);
}

#[tokio::test]
async fn bytes_that_are_not_what_was_planned_are_not_sent() {
    let bench = Bench::new();
    bench
        .submission("s")
        .analyses(manifest(["a", "b"]))
        .plan()
        .await
        .unwrap();
    let connection = Connection::open(bench.path()).unwrap();
    connection
        .execute(
            "UPDATE chunk SET body = CAST(replace(body, 'reads', 'READS') AS BLOB)",
            [],
        )
        .unwrap();
    let error = bench.submission("s").run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    assert!(
        error.to_string().contains("does not hold what was planned for chunk 0"),
        "{error}"
    );
    assert_eq!(bench.sent(), 0);
    let entry = bench.journal.list().unwrap().remove(0);
    let chunk = &bench.journal.inspect(&entry).unwrap()[0];
    assert_eq!((chunk.state, chunk.sent_at), (ChunkState::Planned, None));
}

/// Lets the journal fail at what this trigger says, until it is dropped.
fn failing(bench: &Bench, trigger: &str) -> Connection {
    let connection = Connection::open(bench.path()).unwrap();
    connection
        .execute_batch(&format!(
            "CREATE TRIGGER fails {trigger} BEGIN SELECT raise(ABORT, 'it was told to fail'); END"
        ))
        .unwrap();
    connection
}

#[tokio::test]
async fn an_answer_that_cannot_be_written_down_is_an_error_that_loses_nothing() {
    let bench = Bench::new();
    let run = || bench.submission("s").analyses(manifest(["a", "b"])).run();
    let connection = failing(&bench, "BEFORE UPDATE ON chunk WHEN new.state = 'created'");
    let error = run().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Journal, Execution::Executed)
    );
    assert!(error.idempotency_key().is_some());
    connection.execute_batch("DROP TRIGGER fails").unwrap();
    run().await.unwrap();
    bench.assert_exist(["a", "b"]);
    assert_eq!((bench.simulator.executed_creates(), bench.sent()), (1, 2));
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_sent() {
    for trigger in [
        "BEFORE INSERT ON chunk",
        "BEFORE UPDATE ON submission",
        "BEFORE UPDATE ON chunk WHEN new.state = 'sent'",
    ] {
        let bench = Bench::new();
        let run = || bench.submission("s").analyses(manifest(["a", "b"])).run();
        let connection = failing(&bench, trigger);
        let error = run().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.execution()),
            (ErrorKind::Journal, Execution::NotExecuted),
            "{trigger}"
        );
        assert_eq!(bench.sent(), 0, "{trigger}");
        connection.execute_batch("DROP TRIGGER fails").unwrap();
        run().await.unwrap();
        bench.assert_exist(["a", "b"]);
    }
}

#[tokio::test]
async fn two_answers_for_one_chunk_are_said_and_not_written_over() {
    let bench = Bench::new();
    bench.submission("s").analyses(manifest(["a"])).plan().await.unwrap();
    let held = bench.simulator.hold_creates();
    let run = tokio::spawn(bench.submission("s").run());
    held.reached(1).await;
    // Another process got another answer: the server broke its promise, or a week has passed.
    let connection = Connection::open(bench.path()).unwrap();
    connection
        .execute("UPDATE chunk SET state = 'created', batch = 'another'", [])
        .unwrap();
    held.release();
    let error = run.await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Journal, Execution::Executed)
    );
    assert!(error.to_string().contains("may have been created twice"), "{error}");
    let batch: String = connection
        .query_row("SELECT batch FROM chunk", [], |row| row.get(0))
        .unwrap();
    assert_eq!(batch, "another");
}

#[tokio::test]
async fn nothing_that_is_secret_is_in_the_file() {
    let bench = Bench::with(Simulator::builder().api_key("hush-hush-api-key"), |client| client);
    bench.submission("s").analyses(manifest(["a"])).run().await.unwrap();
    assert!(bench.simulator.count(Operation::CreateBatch(Family::Analysis)) > 0);
    for entry in std::fs::read_dir(bench.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(9).any(|window| window == b"hush-hush"));
    }
}

/// As a user without rights, for root may write anything.
#[cfg(unix)]
#[test]
fn a_journal_that_may_not_be_written_is_an_error_that_says_so() {
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
        // This is root; the child is nobody.
        std::os::unix::process::CommandExt::uid(&mut command, 65_534);
    }
    let output = command.output();
    std::fs::remove_file(&program).unwrap();
    allow(folder.path(), 0o755);
    let said = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(
        said.starts_with("failed: the journal ") && said.contains("cannot be written; allow writing"),
        "{said}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
