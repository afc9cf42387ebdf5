//! Tests of opening a file: what is a journal, and what is not.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::handle::Journal;

pub(super) fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    (folder, path)
}

fn assert_rejected(path: &Path, reason: &str) {
    let before = std::fs::read(path).unwrap();
    let error = Journal::open(path).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Journal);
    assert!(error.to_string().contains(reason), "{error}");
    assert_eq!(std::fs::read(path).unwrap(), before, "the file is unchanged");
}

pub(super) fn pragma(path: &Path, name: &str) -> String {
    let connection = Connection::open(path).unwrap();
    let value = connection.pragma_query_value(None, name, |row| row.get_ref(0).map(|value| format!("{value:?}")));
    value.unwrap()
}

#[test]
fn a_new_journal_is_in_wal_mode_and_can_be_opened_again() {
    let (folder, path) = file();
    drop(Journal::open(&path).unwrap());
    let names = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names = names.collect::<Vec<_>>();
    names.sort();
    assert_eq!(
        names,
        ["journal.db", "journal.db-lock"],
        "nothing is left of its creation"
    );
    assert_eq!(pragma(&path, "journal_mode"), r#"Text([119, 97, 108])"#, "wal");
    assert_eq!(pragma(&path, "user_version"), "Integer(6)");
    Journal::open(&path).unwrap();
}

#[test]
fn the_rest_of_an_interrupted_creation_is_replaced() {
    let (folder, path) = file();
    std::fs::write(folder.path().join("journal.db-new"), "half of a file").unwrap();
    assert!(Journal::open(&path).unwrap().verify().unwrap().is_intact());
    assert!(!folder.path().join("journal.db-new").exists());
}

#[test]
fn threads_that_create_a_journal_at_the_same_time_open_the_same_one() {
    let (_folder, path) = file();
    let ids = std::thread::scope(|scope| {
        let threads = [(); 8].map(|()| scope.spawn(|| Journal::open(&path).unwrap().store().stamp().unwrap().id));
        threads.map(|thread| thread.join().unwrap())
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_newer_schema_is_rejected() {
    let (_folder, path) = file();
    drop(Journal::open(&path).unwrap());
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 7)
        .unwrap();
    assert_rejected(&path, "it has schema 7, and this release knows schemas up to 6");
}

#[test]
fn the_schema_of_a_development_version_is_rejected() {
    for (change, object) in [
        (
            "ALTER TABLE submission ADD COLUMN searched INTEGER NOT NULL DEFAULT 1",
            "submission",
        ),
        (
            "ALTER TABLE chunk ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0",
            "chunk",
        ),
    ] {
        let (_folder, path) = file();
        drop(Journal::open(&path).unwrap());
        Connection::open(&path).unwrap().execute_batch(change).unwrap();
        assert_rejected(&path, &format!("table {object} of its schema was changed"));
    }
}

#[test]
fn another_file_is_rejected_and_stays_unchanged() {
    let (_folder, path) = file();
    std::fs::write(&path, "sample,reads\n".repeat(1000)).unwrap();
    assert_rejected(&path, "it is not an SQLite file");

    std::fs::remove_file(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE theirs (x);").unwrap();
    drop(other);
    assert_rejected(&path, "of another program");
}

#[test]
fn the_wal_of_a_rejected_file_stays_unchanged() {
    let (folder, path) = file();
    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "journal_mode", "wal").unwrap();
    other
        .execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);")
        .unwrap();
    // A process that is killed leaves its files like this.
    let crashed = folder.path().join("crashed.db");
    let beside = |path: &Path| path.with_extension("db-wal");
    std::fs::copy(&path, &crashed).unwrap();
    std::fs::copy(beside(&path), beside(&crashed)).unwrap();
    let before = std::fs::read(beside(&crashed)).unwrap();
    assert!(!before.is_empty());
    assert_rejected(&crashed, "of another program");
    assert_eq!(std::fs::read(beside(&crashed)).unwrap(), before);
}

#[test]
fn a_full_disk_is_reported_and_nothing_is_lost() {
    let (_folder, path) = file();
    drop(Journal::open(&path).unwrap());
    let mut connection = Connection::open(&path).unwrap();
    let pages: i64 = connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    connection.pragma_update(None, "max_page_count", pages + 1).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    let transaction = connection.transaction().unwrap();
    let error = transaction
        .execute("INSERT INTO body VALUES (1, zeroblob(100000))", [])
        .unwrap_err();
    let error = super::sqlite::DbError::from(error).at(&path);
    assert!(
        error.to_string().contains("its disk is full, and nothing is lost"),
        "{error}"
    );
    assert!(error.may_pass());
}
