//! The check of the whole file.

use rusqlite::Connection;

use super::check;
use super::database::{DbError, DbResult};
use super::history;
use crate::journal::chunks::body_digest;
use crate::journal::verification::{LISTED, Verification};

/// Checks the pages, the schema's constraints, every submission, every body, and every history.
pub(super) fn verify(connection: &Connection) -> DbResult<Verification> {
    let mut verification = Verification::default();
    integrity(connection, &mut verification)?;
    let mut find = |result: DbResult<()>| match result {
        Err(DbError::Damaged(what)) => {
            verification.add(what);
            Ok(())
        }
        Err(DbError::Sqlite(error)) if is_damage(&error) => {
            verification.add(error.to_string());
            Ok(())
        }
        other => other,
    };
    find(check::submissions(connection))?;
    let (mut submissions, mut chunks, mut analyses, mut bodies) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut ids = Vec::new();
    find(read_ids(connection, &mut ids))?;
    for id in ids {
        submissions = submissions.saturating_add(1);
        find(check::rows(connection, id).map(|checked| {
            chunks = chunks.saturating_add(checked.chunks);
            analyses = analyses.saturating_add(checked.analyses);
        }))?;
        find(check_bodies(connection, id, &mut bodies))?;
        find(history::read(connection, id).map(drop))?;
    }
    Ok(Verification {
        submissions,
        chunks,
        analyses,
        bodies,
        ..verification
    })
}

fn is_damage(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt)
}

fn integrity(connection: &Connection, verification: &mut Verification) -> DbResult<()> {
    let mut check = connection.prepare(&format!("PRAGMA integrity_check({LISTED})"))?;
    let mut rows = check.query([])?;
    loop {
        match rows.next() {
            Ok(Some(row)) => match row.get::<_, String>(0)? {
                text if text == "ok" => {}
                text => verification.add(text),
            },
            Ok(None) => break,
            Err(error) if is_damage(&error) => {
                verification.add(error.to_string());
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let sql = "SELECT count(*) FROM pragma_foreign_key_check";
    let orphans: i64 = match connection.query_row(sql, [], |row| row.get(0)) {
        Err(error) if is_damage(&error) => return Ok(()),
        orphans => orphans?,
    };
    if orphans > 0 {
        verification.add(format!("{orphans} rows belong to no submission or chunk"));
    }
    Ok(())
}

/// Reads the ids of the submissions. The rows of one that is being deleted are not kept in order.
fn read_ids(connection: &Connection, ids: &mut Vec<i64>) -> DbResult<()> {
    let mut select =
        connection.prepare("SELECT id FROM submission NOT INDEXED WHERE state <> 'deleting' ORDER BY id")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        ids.push(row.get(0)?);
    }
    Ok(())
}

/// Compares each body with its digest. A created chunk needs no body.
fn check_bodies(connection: &Connection, submission: i64, bodies: &mut u64) -> DbResult<()> {
    let sql = "SELECT label, digest, bytes, state = 'created' FROM chunk LEFT JOIN body ON body.chunk = chunk.id
               WHERE submission = ?1 ORDER BY first, id";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([submission])?;
    while let Some(row) = rows.next()? {
        let (label, digest): (String, String) = (row.get(0)?, row.get(1)?);
        match row.get_ref(2)?.as_blob_or_null() {
            Ok(Some(body)) if body_digest(body) == digest => *bodies = bodies.saturating_add(1),
            Ok(None) if row.get(3)? => {}
            _ => {
                return Err(DbError::Damaged(format!(
                    "the body of chunk {label} does not match its digest"
                )));
            }
        }
    }
    Ok(())
}
