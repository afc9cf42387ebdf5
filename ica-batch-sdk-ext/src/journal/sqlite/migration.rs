//! Migration of older schemas to the present one.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior, params};

use super::changes::StoredSubmission;
use super::check;
use super::database::{DbError, DbResult};
use super::recognition::{SCHEMA, VERSION, add_missing, insert_journal, known_version, require_schema};
use crate::error::{Problem, Scrubber};
use crate::journal::checksum::Checksum;

/// Length above which a stored problem is cut, in bytes. Older releases stored any length.
const PROBLEM_BYTES: usize = 8 * 1024;

/// The schemas of earlier releases. Schema 2 added an index.
const SCHEMA_1: &str = include_str!("schema-2.sql");
const SCHEMA_2: &str = "CREATE INDEX chunk_batch ON chunk (batch) WHERE batch IS NOT NULL;";
const SCHEMA_3: &str = include_str!("schema-3.sql");
const SCHEMA_4: &str = include_str!("schema-4.sql");
const SCHEMA_5: &str = include_str!("schema-5.sql");

/// Moves the tables of schema 1 and 2 out of the way.
const MOVE_2: &str = "
    DROP VIEW outcome;
    DROP INDEX chunk_place;
    DROP INDEX chunk_open;
    DROP INDEX IF EXISTS chunk_batch;
    ALTER TABLE submission RENAME TO old_submission;
    ALTER TABLE chunk RENAME TO old_chunk;
    ALTER TABLE analysis RENAME TO old_analysis;";

/// Moves the tables of schema 3 out of the way.
const MOVE_3: &str = "
    DROP VIEW outcome;
    DROP INDEX chunk_place;
    DROP INDEX chunk_open;
    DROP INDEX chunk_unlisted;
    DROP INDEX chunk_batch;
    ALTER TABLE journal RENAME TO old_journal;
    ALTER TABLE submission RENAME TO old_submission;
    ALTER TABLE chunk RENAME TO old_chunk;
    ALTER TABLE body RENAME TO old_body;
    ALTER TABLE analysis RENAME TO old_analysis;";

/// Copies what the present schema keeps of schema 1 and 2. Unfinished plans were never sent.
const COPY_2: &str = "
    INSERT INTO submission (id, endpoint, project, name, state, created_at, marked, keys, checksum)
        SELECT id, endpoint, project, name, 'planned', created_at, 0, 1, 0 FROM old_submission WHERE state = 'planned';
    INSERT INTO chunk (id, submission, label, first, count, state, sent_at, batch, listed, answered_at, status, problem, key, digest)
        SELECT id, submission, label, first, count, state, CASE WHEN state IN ('sent', 'created') THEN sent_at END, batch,
               state = 'created' AND NOT EXISTS (
                   SELECT 1 FROM old_analysis AS row WHERE row.submission = old_chunk.submission
                       AND position >= first AND position < first + count
                       AND (creation IS NULL OR creation NOT IN ('SUCCEEDED', 'FAILED'))),
               answered_at, status, problem, key, digest
        FROM old_chunk WHERE submission IN (SELECT id FROM submission) ORDER BY id;
    INSERT INTO body (chunk, bytes)
        SELECT id, body FROM old_chunk WHERE submission IN (SELECT id FROM submission) ORDER BY id;
    INSERT INTO analysis (submission, position, kind, user_reference, digest, replaced, item, analysis, creation)
        SELECT submission, position, kind, user_reference, digest, replaced, item, analysis, creation
        FROM old_analysis WHERE submission IN (SELECT id FROM submission) ORDER BY submission, position;
    DROP TABLE old_analysis;
    DROP TABLE old_chunk;
    DROP TABLE old_submission;
    DROP TABLE sender;";

/// Copies schema 3. Its submissions have no marks and the first derivation of keys, and their
/// checksums stay the same.
const COPY_3: &str = "
    INSERT INTO journal (only, id, counter, checksum) SELECT only, id, counter, checksum FROM old_journal;
    INSERT INTO submission (id, endpoint, project, name, state, created_at, marked, keys, checksum)
        SELECT id, endpoint, project, name, state, created_at, 0, 1, checksum FROM old_submission ORDER BY id;
    INSERT INTO chunk (id, submission, label, first, count, state, sent_at, batch, listed, answered_at, status, problem, key, digest)
        SELECT id, submission, label, first, count, state, sent_at, batch, listed, answered_at, status, problem, key, digest
        FROM old_chunk ORDER BY id;
    INSERT INTO body (chunk, bytes) SELECT chunk, bytes FROM old_body ORDER BY chunk;
    INSERT INTO analysis (submission, position, kind, user_reference, digest, replaced, item, analysis, creation)
        SELECT submission, position, kind, user_reference, digest, replaced, item, analysis, creation
        FROM old_analysis ORDER BY submission, position;
    DROP TABLE old_analysis;
    DROP TABLE old_body;
    DROP TABLE old_chunk;
    DROP TABLE old_submission;
    DROP TABLE old_journal;";

/// Migrates a journal of an older schema in one transaction. A damaged one stays as it is.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> DbResult<()> {
    // References of other tables keep their names.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, true)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = known_version(&transaction, path)?;
    match version {
        1 => require_schema(&transaction, path, &[SCHEMA_1])?,
        2 => require_schema(&transaction, path, &[SCHEMA_1, SCHEMA_2])?,
        3 => require_schema(&transaction, path, &[SCHEMA_3])?,
        4 => require_schema(&transaction, path, &[SCHEMA_4])?,
        5 => require_schema(&transaction, path, &[SCHEMA_5])?,
        _ => return Ok(()),
    }
    let found: String = transaction.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(DbError::Damaged(format!(
            "it is damaged ({found}) and was not migrated"
        )));
    }
    match version {
        // Their tables stay as they are.
        5 => add_missing(&transaction, SCHEMA_5)?,
        4 => add_missing(&transaction, SCHEMA_4)?,
        3 => replace_tables(&transaction, MOVE_3, COPY_3)?,
        _ => replace_tables(&transaction, MOVE_2, COPY_2)?,
    }
    if version >= 3 {
        require_recorded(&transaction)?;
    } else {
        insert_journal(&transaction)?;
        cut_problems(&transaction)?;
        add_checksums(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// Replaces the tables by those of the present schema.
fn replace_tables(connection: &Connection, away: &str, copy: &str) -> DbResult<()> {
    for step in [away, SCHEMA, copy] {
        connection.execute_batch(step)?;
    }
    Ok(())
}

/// Fails unless the rows are those that were recorded. A migration must not hide damage.
fn require_recorded(connection: &Connection) -> DbResult<()> {
    check::submissions(connection)?;
    // The rows of a submission that is being deleted are not kept in order.
    let mut select = connection.prepare("SELECT id FROM submission WHERE state = 'planned' ORDER BY id")?;
    let ids = select.query_map([], |row| row.get::<_, i64>(0))?;
    for id in ids.collect::<Result<Vec<_>, _>>()? {
        check::rows(connection, id)?;
    }
    Ok(())
}

/// Cuts long problems as they are cut when a response is read.
fn cut_problems(connection: &Connection) -> DbResult<()> {
    let sql = "SELECT id, problem FROM chunk WHERE length(problem) > ?1";
    let mut select = connection.prepare(sql)?;
    let long = select.query_map([PROBLEM_BYTES], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    })?;
    for row in long.collect::<Result<Vec<_>, _>>()? {
        let (id, problem) = row;
        let problem = Problem::from_bytes(problem.as_bytes(), &Scrubber::without_secrets());
        let problem = problem.as_ref().map(Problem::to_json);
        connection.execute("UPDATE chunk SET problem = ?2 WHERE id = ?1", params![id, problem])?;
    }
    Ok(())
}

/// Checks each submission, and computes the checksums.
fn add_checksums(connection: &Connection) -> DbResult<()> {
    let mut select = connection.prepare("SELECT id FROM submission ORDER BY id")?;
    let ids = select.query_map([], |row| row.get::<_, i64>(0))?;
    let mut sum: Checksum = 0;
    for id in ids.collect::<Result<Vec<_>, _>>()? {
        let stored = StoredSubmission::read(connection, id)?;
        let (_, rows) = check::structure(connection, id, &stored)?;
        connection.execute("UPDATE submission SET checksum = ?2 WHERE id = ?1", params![id, rows])?;
        sum = sum.wrapping_add(StoredSubmission { rows, ..stored }.checksum());
    }
    connection.execute("UPDATE journal SET checksum = ?1", [sum])?;
    Ok(())
}
