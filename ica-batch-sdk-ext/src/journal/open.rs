//! Opening a journal: only what is one, whole, and of a schema that this crate knows.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::fault::{Fault, Stored, journal_error};
use crate::error::Error;

/// Marks an SQLite file as a journal: "ICAB".
const APPLICATION_ID: i32 = 0x4943_4142;

/// The schema, as the steps that lead to it. A step is never changed; a new schema is a further step.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];

/// More than there are statements.
const STATEMENTS: usize = 64;

/// For how long another process's transaction is waited for.
const BUSY: Duration = Duration::from_secs(15);

pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    try_open(path, &MIGRATIONS).map_err(|fault| fault.of(path))
}

fn try_open(path: &Path, migrations: &[&str]) -> Stored<Connection> {
    // No URI: a path is a path, whatever it looks like.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // A file that is refused is left as it is, with what a crash has left beside it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Looked at before anything is set, for setting may write; and in one transaction, for another process may just be making it.
    let reading = connection.transaction()?;
    recognize(&reading, path, migrations.len())?;
    check(&reading, path)?;
    reading.commit()?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    write_ahead(&mut connection, path)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection, path, migrations)?;
    Ok(connection)
}

/// Puts the file into WAL mode, once and for all who open it.
fn write_ahead(connection: &mut Connection, path: &Path) -> Stored<()> {
    let begun = Instant::now();
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
        match mode {
            // SQLite does not wait here for another process that opens the file at the same time. So this waits for its transaction.
            Err(busy) if is_busy(&busy) && begun.elapsed() < BUSY => {
                connection
                    .transaction_with_behavior(TransactionBehavior::Immediate)?
                    .rollback()?;
            }
            result => match result?.as_str() {
                "wal" => return Ok(()),
                _ => {
                    let says = "cannot be kept in a file that several processes may use; name a file on a local disk";
                    return Err(journal_error(path, says).into());
                }
            },
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// A journal that no file has, for tests.
#[cfg(test)]
pub(super) fn in_memory() -> Connection {
    let connection = Connection::open_in_memory().expect("memory is there");
    connection.execute_batch(MIGRATIONS[0]).expect("the schema is right");
    connection
}

/// Refuses a file that is not a journal, or is newer than this crate.
fn recognize(connection: &Connection, path: &Path, known: usize) -> Stored<()> {
    let (application, version) = marks(connection)?;
    if application == APPLICATION_ID {
        if usize::try_from(version).is_ok_and(|version| version <= known) {
            return Ok(());
        }
        let says = format!(
            "has schema {version}, and this release knows up to {known}; use the release that wrote it, or a newer one"
        );
        return Err(journal_error(path, &says).into());
    }
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != 0 || version != 0 || objects != 0 {
        let says = "is an SQLite file of another program; nothing of it was changed, name another path";
        return Err(journal_error(path, says).into());
    }
    Ok(())
}

fn marks(connection: &Connection) -> Stored<(i32, i32)> {
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((application, version))
}

/// Takes the file to the present schema, all or nothing. Processes that open it at once do so one after the other.
fn migrate(connection: &mut Connection, path: &Path, migrations: &[&str]) -> Stored<()> {
    if marks(connection)? == (APPLICATION_ID, version_after(migrations.len())) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    recognize(&transaction, path, migrations.len())?;
    let (_, version) = marks(&transaction)?;
    for step in migrations.iter().skip(usize::try_from(version).unwrap_or_default()) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", version_after(migrations.len()))?;
    transaction.commit()?;
    Ok(())
}

fn version_after(steps: usize) -> i32 {
    i32::try_from(steps).expect("there are few steps")
}

/// Reads the whole file once: a journal that is damaged is not to be written to.
fn check(connection: &Connection, path: &Path) -> Stored<()> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    let says = format!(
        "is damaged ({found}); nothing was written, keep the file and its -wal, and restore a copy or recover it with `sqlite3 … .recover`"
    );
    Err(Fault::Found(journal_error(path, &says)))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use rusqlite::Connection;

    use super::{MIGRATIONS, marks, open, try_open};

    fn file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        (folder, path)
    }

    fn refused(path: &Path, says: &str) {
        let before = std::fs::read(path).unwrap();
        let error = open(path).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Journal);
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(std::fs::read(path).unwrap(), before, "the file is as it was");
    }

    #[test]
    fn a_new_file_becomes_a_journal_and_is_one_from_then_on() {
        let (_folder, path) = file();
        let connection = open(&path).unwrap();
        let mode: String = connection
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .unwrap();
        let synchronous: i64 = connection
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .unwrap();
        assert_eq!((mode.as_str(), synchronous), ("wal", 2));
        drop(connection);
        open(&path).unwrap();
    }

    #[test]
    fn an_older_schema_is_taken_on_and_a_newer_one_refused() {
        let (_folder, path) = file();
        drop(open(&path).unwrap());
        let next = [MIGRATIONS[0], "ALTER TABLE submission ADD COLUMN note TEXT;"];
        let connection = try_open(&path, &next).map_err(|fault| fault.of(&path)).unwrap();
        connection.execute("UPDATE submission SET note = 'kept'", []).unwrap();
        assert_eq!(marks(&connection).map_err(|fault| fault.of(&path)).unwrap().1, 2);
        drop(connection);
        refused(&path, "has schema 2, and this release knows up to 1");
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let (_folder, path) = file();
        drop(open(&path).unwrap());
        let next = [
            MIGRATIONS[0],
            "ALTER TABLE submission ADD COLUMN note TEXT; SELECT nothing;",
        ];
        assert!(try_open(&path, &next).is_err());
        drop(open(&path).unwrap());
    }

    #[test]
    fn what_is_not_a_journal_is_refused_and_left_alone() {
        let (_folder, path) = file();
        std::fs::write(&path, "sample,reads\n".repeat(1000)).unwrap();
        refused(&path, "is no SQLite file");

        std::fs::remove_file(&path).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE theirs (x);").unwrap();
        drop(other);
        refused(&path, "of another program");
    }

    #[test]
    fn a_damaged_journal_is_refused_and_left_alone() {
        let (_folder, path) = file();
        let connection = open(&path).unwrap();
        for name in 0..200 {
            connection
                .execute(
                    "INSERT INTO submission (endpoint, project, name, created_at) VALUES ('e', 'p', ?1, 0)",
                    [format!("{name}-{}", "x".repeat(100))],
                )
                .unwrap();
        }
        drop(connection);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 8192].fill(0xA5);
        std::fs::write(&path, bytes).unwrap();
        refused(&path, "is damaged");
    }

    #[test]
    fn what_a_crash_has_left_beside_a_refused_file_is_left_alone_too() {
        let (folder, path) = file();
        let other = Connection::open(&path).unwrap();
        other.pragma_update(None, "journal_mode", "wal").unwrap();
        other
            .execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);")
            .unwrap();
        // As a process leaves them that ends without closing its files.
        let crashed = folder.path().join("crashed.db");
        let beside = |path: &Path| path.with_extension("db-wal");
        std::fs::copy(&path, &crashed).unwrap();
        std::fs::copy(beside(&path), beside(&crashed)).unwrap();
        let before = std::fs::read(beside(&crashed)).unwrap();
        assert!(!before.is_empty());
        refused(&crashed, "of another program");
        assert_eq!(std::fs::read(beside(&crashed)).unwrap(), before);
    }

    #[test]
    fn what_is_no_file_is_no_journal() {
        for path in ["", ":memory:"] {
            let error = open(Path::new(path)).unwrap_err();
            assert!(error.to_string().contains("name a file on a local disk"), "{error}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let (folder, _) = file();
        let error = open(&folder.path().join("missing/journal.db")).unwrap_err();
        assert!(error.to_string().contains("check that its folder exists"), "{error}");
    }

    #[test]
    fn a_full_disk_is_said_and_loses_nothing() {
        let (_folder, path) = file();
        let connection = open(&path).unwrap();
        let pages: i64 = connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        connection.pragma_update(None, "max_page_count", pages + 1).unwrap();
        let error = connection
            .execute(
                "INSERT INTO submission (endpoint, project, name, created_at) VALUES ('e', 'p', ?1, 0)",
                ["x".repeat(100_000)],
            )
            .unwrap_err();
        let error = super::Fault::from(error).of(&path);
        assert!(error.to_string().contains("has no room on its disk"), "{error}");
        let rows: i64 = connection
            .query_row("SELECT count(*) FROM submission", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 0);
    }
}
