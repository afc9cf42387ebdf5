//! Recognition of a journal: a schema that this crate knows, and nothing else in the file.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;
use uuid::Uuid;

use super::database::DbResult;
use crate::error::{NAME, shown};
use crate::journal::failures::journal_error;

/// Application id that marks an SQLite file as a journal: "ICAB".
pub(super) const APPLICATION_ID: i32 = 0x4943_4142;

/// Number of the present schema.
pub(super) const VERSION: i32 = 6;

/// The present schema. A new schema gets a file of its own, and `migration` leads to it.
pub(super) const SCHEMA: &str = include_str!("schema.sql");

/// Returns the schema's number. Fails unless the file is a journal of a schema that this release
/// knows.
pub(super) fn known_version(connection: &Connection, path: &Path) -> DbResult<i32> {
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let reason = match (application, version) {
        (APPLICATION_ID, 1..=VERSION) => return Ok(version),
        (APPLICATION_ID, _) => format!(
            "it has schema {version}, and this release knows schemas up to {VERSION}; use the release that wrote it, or a newer one"
        ),
        _ => "it is an SQLite file of another program, and nothing was changed; choose another path".to_owned(),
    };
    Err(journal_error(path, &reason).into())
}

/// Fails unless the file has exactly the tables, indexes and views that these statements create.
/// Anything else may have been added to run code, or to let transactions fail.
pub(super) fn require_schema(connection: &Connection, path: &Path, statements: &[&str]) -> DbResult<()> {
    let fresh = Connection::open_in_memory()?;
    fresh.execute_batch(&statements.concat())?;
    let (expected, found) = (objects(&fresh)?, objects(connection)?);
    let Some((object, ..)) = expected.symmetric_difference(&found).next() else {
        return Ok(());
    };
    let (name, how) = match (
        found.iter().any(|known| known.0 == *object),
        expected.iter().any(|known| known.0 == *object),
    ) {
        (true, true) => (object, "was changed"),
        (true, false) => (object, "was added"),
        (false, _) => (object, "is missing"),
    };
    let reason = format!(
        "{} of its schema {how}, so another program changed it, and nothing was changed or run; remove the difference, or restore a copy",
        shown(name, NAME)
    );
    Err(journal_error(path, &reason).into())
}

/// Adds what the present schema has and this one lacks. A view that differs is replaced.
pub(super) fn add_missing(connection: &Connection, schema: &str) -> DbResult<()> {
    let [old, new] = [schema, SCHEMA].map(|statements| -> DbResult<BTreeSet<Object>> {
        let fresh = Connection::open_in_memory()?;
        fresh.execute_batch(statements)?;
        objects(&fresh)
    });
    connection.execute_batch("DROP VIEW outcome")?;
    for (.., statement) in new?.difference(&old?) {
        if let Some(statement) = statement {
            connection.execute_batch(statement)?;
        }
    }
    Ok(())
}

type Object = (String, String, Option<String>);

/// Returns the objects of a schema: name, type with table, and statement.
fn objects(connection: &Connection) -> DbResult<BTreeSet<Object>> {
    let mut select = connection.prepare("SELECT type || ' ' || name, tbl_name, sql FROM sqlite_schema")?;
    let objects = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(objects.collect::<std::result::Result<_, _>>()?)
}

/// Inserts the row of the journal itself.
pub(super) fn insert_journal(connection: &Connection) -> DbResult<()> {
    let sql = "INSERT INTO journal (only, id, counter, checksum) VALUES (1, ?1, 0, 0)";
    connection.execute(sql, [Uuid::new_v4().to_string()])?;
    Ok(())
}
