//! Opening the file: it must be a journal of a schema that this crate knows, and nothing in it may
//! run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::database::{DbError, DbResult};
use super::migration;
use super::recognition::{APPLICATION_ID, SCHEMA, VERSION, insert_journal, known_version, require_schema};
use crate::error::Result;
use crate::journal::failures::journal_error;
use crate::journal::file;

/// Capacity of the statement cache, more than there are statements.
const STATEMENTS: usize = 64;

/// Longest wait for the transaction of another program.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

/// Length to which the write-ahead log is cut when it starts anew, in bytes.
const WAL_BYTES: i64 = 4 * 1024 * 1024;

/// How a file is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journal) struct Access {
    pub(in crate::journal) read_only: bool,
    /// Whether the file is on a network file system. WAL mode needs memory that processes share,
    /// so a rollback journal is used there.
    pub(in crate::journal) on_network: bool,
}

/// Opens a connection to an existing file, and checks what the file is.
pub(super) fn connect(path: &Path, access: Access) -> DbResult<Connection> {
    let mut connection = bare(path, access.read_only)?;
    // A file that is rejected stays as it is, together with the -wal that a crash may have left.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let transaction = connection.transaction()?;
    recognize(&transaction, path)?;
    transaction.commit()?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    if !access.read_only {
        set_mode(&mut connection, path, access)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    }
    Ok(connection)
}

/// Opens a further connection to a file that was checked. It reads the file, and writes temporary
/// tables only, so it needs no setting for transactions that write. The file itself says whether it
/// is in WAL mode.
pub(super) fn connect_again(path: &Path, access: Access) -> DbResult<Connection> {
    bare(path, access.read_only)
}

/// Opens a connection that runs nothing of the file: no view, trigger, or function of the schema
/// that SQLite does not consider harmless.
fn bare(path: &Path, read_only: bool) -> DbResult<Connection> {
    let mode = match read_only {
        true => OpenFlags::SQLITE_OPEN_READ_ONLY,
        false => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    // Without the URI flag a path that looks like a URI is still a path.
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        // A cached statement would else be prepared again for each new value of its parameters.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        connection.set_db_config(setting, value)?;
    }
    // Damage of a page is an error when the page is read.
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// Sets how transactions become durable.
fn set_mode(connection: &mut Connection, path: &Path, access: Access) -> DbResult<()> {
    let (mode, synchronous) = match access.on_network {
        true => ("delete", "extra"),
        false => ("wal", "full"),
    };
    let started = Instant::now();
    loop {
        let found = connection.pragma_update_and_check(None, "journal_mode", mode, |row| row.get::<_, String>(0));
        match found {
            // This pragma ignores the busy timeout. A transaction waits for the other program.
            Err(busy) if is_busy(&busy) && started.elapsed() < BUSY_TIMEOUT => {
                connection
                    .transaction_with_behavior(TransactionBehavior::Immediate)?
                    .rollback()?;
            }
            result => {
                if result? != mode {
                    let reason =
                        format!("SQLite cannot keep it in the mode {mode} there; choose a file on a local disk");
                    return Err(journal_error(path, &reason).into());
                }
                break;
            }
        }
    }
    connection.pragma_update(None, "synchronous", synchronous)?;
    Ok(())
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Fails unless the file is a journal of the present schema.
fn recognize(connection: &Connection, path: &Path) -> DbResult<()> {
    let version = known_version(connection, path)?;
    if version != VERSION {
        let reason = format!("it has schema {version}; open it for writing once, which migrates it");
        return Err(journal_error(path, &reason).into());
    }
    require_schema(connection, path, &[SCHEMA])
}

/// Creates a new journal. The file gets its name when it is complete, so a process that is killed
/// leaves no half of one. The caller owns the path.
pub(super) fn create(path: &Path, access: Access) -> Result<()> {
    let new = file::beside(path, "-new");
    let created = file::create_private(path, &new).map_err(DbError::from);
    let created = created.and_then(|()| write_new(&new, access));
    created.map_err(|error| error.at(path))?;
    file::publish(path, &new)
}

fn write_new(new: &Path, access: Access) -> DbResult<()> {
    let mut connection = bare(new, false)?;
    connection.pragma_update(None, "auto_vacuum", "incremental")?;
    set_mode(&mut connection, new, access)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    insert_journal(&transaction)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    // The last connection removes the -wal.
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Returns whether the file has an older schema that this release can migrate.
pub(super) fn needs_migration(path: &Path) -> DbResult<bool> {
    let connection = bare(path, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(known_version(&connection, path)? != VERSION)
}

/// Migrates the file to the present schema, in one transaction. The caller owns the path.
pub(super) fn migrate(path: &Path, access: Access) -> DbResult<()> {
    let mut connection = bare(path, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    migration::migrate(&mut connection, path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    set_mode(&mut connection, path, access)?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Path of a file, and how it is used: what a further connection needs.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) access: Access,
}
