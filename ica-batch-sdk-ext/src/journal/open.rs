//! Opening a journal: the file must be a journal, undamaged, and of a schema that this crate knows.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::database::{DbError, DbResult, journal_error, write_transaction};
use crate::error::Error;

/// Application id that marks an SQLite file as a journal: "ICAB".
const APPLICATION_ID: i32 = 0x4943_4142;

/// Steps that lead to the present schema. A step is never changed; a new schema adds a step.
const MIGRATIONS: [&str; 2] = [
    include_str!("schema.sql"),
    // Each response is compared with the batches of all chunks.
    "CREATE INDEX chunk_batch ON chunk (batch) WHERE batch IS NOT NULL;",
];

/// Capacity of the statement cache, more than there are statements.
const STATEMENTS: usize = 64;

/// Longest wait for the transaction of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    open_with(path, &MIGRATIONS).map_err(|error| error.at(path))
}

fn open_with(path: &Path, migrations: &[&str]) -> DbResult<Connection> {
    // Without the URI flag a path that looks like a URI is still a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // A file that is rejected stays as it is, together with the -wal that a crash may have left.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Before any pragma that may write, and in one transaction: another process may be creating the
    // file.
    let transaction = connection.transaction()?;
    recognize(&transaction, path, migrations.len())?;
    check(&transaction, path)?;
    transaction.commit()?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    set_wal_mode(&mut connection, path)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection, path, migrations)?;
    Ok(connection)
}

/// Sets the WAL mode, which is stored in the file.
fn set_wal_mode(connection: &mut Connection, path: &Path) -> DbResult<()> {
    let started = Instant::now();
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
        match mode {
            // This pragma ignores the busy timeout. A transaction waits for the other process.
            Err(busy) if is_busy(&busy) && started.elapsed() < BUSY_TIMEOUT => {
                write_transaction(connection)?.rollback()?
            }
            result => match result?.as_str() {
                "wal" => return Ok(()),
                _ => {
                    let reason = "SQLite cannot keep it in WAL mode there; choose a file on a local disk";
                    return Err(journal_error(path, reason).into());
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

/// Opens a journal in memory, for tests.
#[cfg(test)]
pub(super) fn in_memory() -> Connection {
    let connection = Connection::open_in_memory().expect("memory needs no file");
    connection
        .execute_batch(&MIGRATIONS.concat())
        .expect("the schema is valid");
    connection
}

/// Fails unless the file is empty or a journal whose schema this release knows.
fn recognize(connection: &Connection, path: &Path, known: usize) -> DbResult<()> {
    let (application, version) = marks(connection)?;
    if application == APPLICATION_ID {
        if usize::try_from(version).is_ok_and(|version| version <= known) {
            return Ok(());
        }
        let reason = format!(
            "it has schema {version}, and this release knows schemas up to {known}; use the release that wrote it, or a newer one"
        );
        return Err(journal_error(path, &reason).into());
    }
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != 0 || version != 0 || objects != 0 {
        let reason = "it is an SQLite file of another program, and nothing was changed; choose another path";
        return Err(journal_error(path, reason).into());
    }
    Ok(())
}

fn marks(connection: &Connection) -> DbResult<(i32, i32)> {
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((application, version))
}

/// Migrates the file to the present schema in one transaction. Processes that open it at the same
/// time do so one after the other.
fn migrate(connection: &mut Connection, path: &Path, migrations: &[&str]) -> DbResult<()> {
    if marks(connection)? == (APPLICATION_ID, version_after(migrations.len())) {
        return Ok(());
    }
    let transaction = write_transaction(connection)?;
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

/// Reads the whole file and fails if it is damaged.
fn check(connection: &Connection, path: &Path) -> DbResult<()> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    let reason = format!(
        "the file is damaged ({found}), and nothing was written; keep the file and its -wal, and restore a copy or recover it with `sqlite3 … .recover`"
    );
    Err(DbError::Described(journal_error(path, &reason)))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use rusqlite::Connection;

    use super::{MIGRATIONS, marks, open, open_with};

    fn file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        (folder, path)
    }

    fn assert_rejected(path: &Path, reason: &str) {
        let before = std::fs::read(path).unwrap();
        let error = open(path).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Journal);
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(std::fs::read(path).unwrap(), before, "the file is unchanged");
    }

    #[test]
    fn a_new_file_becomes_a_journal_that_can_be_opened_again() {
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
    fn an_older_schema_is_migrated_and_a_newer_one_rejected() {
        let (_folder, path) = file();
        drop(open(&path).unwrap());
        let note = "ALTER TABLE submission ADD COLUMN note TEXT;";
        let next = [MIGRATIONS[0], MIGRATIONS[1], note];
        let connection = open_with(&path, &next).map_err(|error| error.at(&path)).unwrap();
        connection.execute("UPDATE submission SET note = 'kept'", []).unwrap();
        assert_eq!(marks(&connection).map_err(|error| error.at(&path)).unwrap().1, 3);
        drop(connection);
        assert_rejected(&path, "it has schema 3, and this release knows schemas up to 2");
    }

    #[test]
    fn a_journal_of_the_first_schema_gets_the_index_of_batches() {
        let (_folder, path) = file();
        drop(
            open_with(&path, &MIGRATIONS[..1])
                .map_err(|error| error.at(&path))
                .unwrap(),
        );
        let connection = open(&path).unwrap();
        assert_eq!(marks(&connection).map_err(|error| error.at(&path)).unwrap().1, 2);
        let sql = "SELECT tbl_name FROM sqlite_schema WHERE name = 'chunk_batch'";
        let table: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(table, "chunk");
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let (_folder, path) = file();
        drop(open(&path).unwrap());
        let next = [
            MIGRATIONS[0],
            MIGRATIONS[1],
            "ALTER TABLE submission ADD COLUMN note TEXT; SELECT nothing;",
        ];
        assert!(open_with(&path, &next).is_err());
        drop(open(&path).unwrap());
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
    fn a_damaged_journal_is_rejected_and_stays_unchanged() {
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
        assert_rejected(&path, "the file is damaged");
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
    fn a_path_that_means_no_file_is_rejected() {
        for path in ["", ":memory:"] {
            let error = open(Path::new(path)).unwrap_err();
            assert!(error.to_string().contains("choose a file on a local disk"), "{error}");
        }
    }

    #[test]
    fn a_missing_folder_is_reported() {
        let (folder, _) = file();
        let error = open(&folder.path().join("missing/journal.db")).unwrap_err();
        assert!(error.to_string().contains("check that its folder exists"), "{error}");
    }

    #[test]
    fn a_full_disk_is_reported_and_nothing_is_lost() {
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
        let error = super::DbError::from(error).at(&path);
        assert!(error.to_string().contains("its disk is full"), "{error}");
        let rows: i64 = connection
            .query_row("SELECT count(*) FROM submission", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 0);
    }
}
