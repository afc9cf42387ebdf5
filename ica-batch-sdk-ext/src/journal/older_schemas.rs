//! Tests of opening journals of older schemas.

use std::path::Path;

use rusqlite::Connection;

use super::chunks::Sending;
use super::handle::Journal;
use super::naming::KeyVersion;
use super::opening::{file, pragma};
use super::records::ChunkState;
use super::steps::{NextChunk, ReportRow};
use super::time::from_millis;

/// Journal of schema 2, made by the release that had it. It has a submission with chunks in every
/// state and a replaced row, a planned one, one with a chunk in flight, and an unfinished plan.
const SCHEMA_2: &[u8] = include_bytes!("sqlite/schema-2.db");

/// Journal of schema 3 of the same content, made by the release that had it.
const SCHEMA_3: &[u8] = include_bytes!("sqlite/schema-3.db");

/// Journal of schema 4 of the same content, and with a submission with marks, made by the release
/// that had it.
const SCHEMA_4: &[u8] = include_bytes!("sqlite/schema-4.db");

/// When the last chunk in flight of the two was sent.
const SENT_AT: i64 = 1_795_892_847_479;

fn rows(journal: &Journal, submission: i64) -> Vec<ReportRow> {
    journal.store().check(submission).unwrap();
    journal.store().report(submission, 0, 100).unwrap()
}

fn assert_migrated(path: &Path) {
    let journal = Journal::open(path).unwrap();
    let verification = journal.verify().unwrap();
    assert!(verification.is_intact(), "{verification}");
    let entries = journal.submissions().unwrap();
    let entries = entries
        .into_iter()
        .filter(|entry| entry.is_planned() && entry.name() != "marked")
        .collect::<Vec<_>>();
    assert_eq!(entries.len(), 3, "an unfinished plan was never sent");
    let shown = entries.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (shown, expected) in shown.iter().zip([
        "submission \"done\" in project ",
        "submission \"planned\" in project ",
        "submission \"sent\" in project ",
    ]) {
        assert!(shown.starts_with(expected), "{shown}");
    }
    let counts = entries.iter().map(|entry| entry.counts());
    let counts = counts.map(|counts| (counts.analyses, counts.created, counts.rejected));
    assert_eq!(counts.collect::<Vec<_>>(), [(7, 6, 1), (3, 0, 0), (3, 2, 0)]);

    let rules = journal.store().rules(1).unwrap();
    assert_eq!(
        (rules.marked, rules.keys),
        (false, KeyVersion::V1),
        "its requests stay the same"
    );

    let done = rows(&journal, 1);
    let references = done.iter().map(|row| (row.user_reference.as_str(), row.state));
    use ChunkState::{Created, Rejected};
    let expected = [
        ("a", Created),
        ("c", Created),
        ("d", Created),
        ("e", Created),
        ("f", Rejected),
        ("b", Created),
        ("g", Created),
    ];
    assert_eq!(references.collect::<Vec<_>>(), expected);
    assert!(done.iter().all(|row| row.item.is_some() == (row.state == Created)));
    assert_eq!(
        journal.store().unlisted_chunks(1, 0, 10).unwrap(),
        [],
        "all items were final"
    );
    assert_eq!(journal.store().unlisted_chunks(3, 0, 10).unwrap().len(), 1);

    let now = from_millis(SENT_AT + 1000);
    let sending = Sending {
        now,
        until: now,
        identity: None,
    };
    let NextChunk::Send(planned) = journal.store().take_next(2, i64::MIN, &sending).unwrap() else {
        panic!("the submission was planned");
    };
    assert!(!planned.may_exist() && planned.chunk.body.starts_with(b"{\"nextflowItems\":["));
    let NextChunk::Send(sent) = journal.store().take_next(3, i64::MIN, &sending).unwrap() else {
        panic!("the submission has a chunk in flight");
    };
    assert!(sent.may_exist());
    assert_eq!(sent.chunk.label, "1");
}

#[test]
fn a_journal_of_schema_2_is_migrated() {
    let (_folder, path) = file();
    std::fs::write(&path, SCHEMA_2).unwrap();
    let read_only = Journal::options().read_only(true).open(&path).unwrap_err();
    assert!(
        read_only.to_string().contains("open it for writing once"),
        "{read_only}"
    );
    assert_migrated(&path);
    assert_migrated_only_once(&path);
}

#[test]
fn a_journal_of_schema_3_is_migrated_and_keeps_its_id() {
    let (_folder, path) = file();
    std::fs::write(&path, SCHEMA_3).unwrap();
    let connection = Connection::open(&path).unwrap();
    let id: String = connection
        .query_row("SELECT id FROM journal", [], |row| row.get(0))
        .unwrap();
    drop(connection);
    assert_migrated(&path);
    assert_eq!(Journal::open(&path).unwrap().store().stamp().unwrap().id, id);
}

#[test]
fn a_journal_of_schema_4_is_migrated_and_keeps_its_rows() {
    let (_folder, path) = file();
    std::fs::write(&path, SCHEMA_4).unwrap();
    let content = |path: &Path| {
        let connection = Connection::open(path).unwrap();
        let mut content = Vec::new();
        for table in ["journal", "submission", "chunk", "body", "analysis"] {
            let mut select = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = select.column_count();
            let mut rows = select.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values = (0..columns).map(|column| row.get::<_, rusqlite::types::Value>(column).unwrap());
                content.push((table, values.collect::<Vec<_>>()));
            }
        }
        content
    };
    let before = content(&path);
    let journal = Journal::open(&path).unwrap();
    assert_eq!(content(&path), before);
    let entry = journal.last_submission().unwrap().unwrap();
    assert_eq!(entry.name(), "marked");
    assert!(journal.status_history(&entry).unwrap().times().is_empty());
    journal.store().check(entry.row).unwrap();
    drop(journal);
    assert_migrated(&path);
}

#[test]
fn a_journal_of_schema_5_is_migrated_and_keeps_its_rows() {
    let (_folder, path) = file();
    std::fs::write(&path, SCHEMA_4).unwrap();
    drop(Journal::open(&path).unwrap());
    let (_, view) = include_str!("sqlite/schema-5.sql")
        .split_once("CREATE VIEW outcome")
        .unwrap();
    let back = "DROP VIEW outcome; DROP TABLE creation_failure; PRAGMA user_version = 5; CREATE VIEW outcome";
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(&[back, view].concat()).unwrap();
    drop(connection);
    assert_migrated(&path);
    let connection = Connection::open(&path).unwrap();
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0)).unwrap();
    assert!(count("SELECT count(*) FROM outcome WHERE message IS NULL") > 0);
    assert_eq!(count("SELECT count(*) FROM creation_failure"), 0);
}

#[test]
fn a_damaged_journal_of_schema_4_is_not_migrated() {
    for (sql, reason) in [
        (
            "UPDATE analysis SET run = 'SUCCEEDED' WHERE run = 'FAILED'",
            "are not those that were recorded",
        ),
        ("CREATE TABLE history (x)", "table history of its schema was added"),
    ] {
        let (_folder, path) = file();
        std::fs::write(&path, SCHEMA_4).unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let error = Journal::open(&path).unwrap_err().to_string();
        assert!(error.contains(reason), "{reason}: {error}");
        assert_eq!(pragma(&path, "user_version"), "Integer(4)");
    }
}

#[test]
fn a_damaged_journal_of_schema_3_is_not_migrated() {
    for (sql, reason) in [
        (
            "UPDATE chunk SET sent_at = 1 WHERE state = 'sent'",
            "are not those that were recorded",
        ),
        (
            "DELETE FROM analysis WHERE submission = 1 AND position = 3",
            "row 3 is missing",
        ),
        (
            "UPDATE submission SET created_at = 1 WHERE id = 1",
            "its submissions are not those",
        ),
        ("CREATE VIEW extra AS SELECT 1", "view extra of its schema was added"),
    ] {
        let (_folder, path) = file();
        std::fs::write(&path, SCHEMA_3).unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let error = Journal::open(&path).unwrap_err().to_string();
        assert!(error.contains(reason), "{reason}: {error}");
        assert_eq!(pragma(&path, "user_version"), "Integer(3)");
    }
}

fn assert_migrated_only_once(path: &Path) {
    let id = || Journal::open(path).unwrap().store().stamp().unwrap().id;
    assert_eq!(id(), id());
}

#[cfg(unix)]
#[test]
fn a_migrated_journal_can_be_read_by_its_user_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = file();
    std::fs::write(&path, SCHEMA_2).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(Journal::open(&path).unwrap());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_journal_of_schema_1_is_migrated() {
    let (_folder, path) = file();
    std::fs::write(&path, SCHEMA_2).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("DROP INDEX chunk_batch; PRAGMA user_version = 1")
        .unwrap();
    drop(connection);
    assert_migrated(&path);
}

#[test]
fn a_damaged_journal_of_schema_2_is_not_migrated() {
    for (sql, reason) in [
        (
            "DELETE FROM chunk WHERE label = '0.1'",
            "chunk 0.1 from position 2 is missing",
        ),
        (
            "UPDATE chunk SET key = 'other' WHERE id = 4",
            "the key of chunk 0.1 does not follow",
        ),
        (
            "DELETE FROM analysis WHERE submission = 1 AND position = 3",
            "row 3 is missing",
        ),
        (
            "UPDATE chunk SET sent_at = 9000000000000000 WHERE id = 13",
            "as the time of sending of chunk 1",
        ),
        (
            "CREATE TRIGGER extra AFTER DELETE ON sender BEGIN SELECT 1; END",
            "trigger extra of its schema was added",
        ),
    ] {
        let (_folder, path) = file();
        std::fs::write(&path, SCHEMA_2).unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let before = pragma(&path, "user_version");
        let error = Journal::open(&path).unwrap_err().to_string();
        assert!(error.contains(reason), "{reason}: {error}");
        assert_eq!(pragma(&path, "user_version"), before);
    }
}

#[test]
fn long_problems_are_cut_by_the_migration() {
    let (_folder, path) = file();
    std::fs::write(&path, SCHEMA_2).unwrap();
    let sql = "UPDATE chunk SET problem = printf('{\"title\":\"ICA_API_001\",\"detail\":\"%.*c\"}', 1000000, 'x') WHERE id = 6";
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    drop(Journal::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    let length: i64 = connection
        .query_row("SELECT max(length(problem)) FROM chunk", [], |row| row.get(0))
        .unwrap();
    assert!((100..8192).contains(&length), "{length}");
}
