//! Recording the outcome of a chunk that was sent.
//!
//! Each function is one transaction, and durable when it returns.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use uuid::Uuid;

use super::chunks::{Chunk, insert_chunk};
use super::database::{DbError, DbResult, write_transaction};
use super::expiry::{Resend, resend};
use super::locks::LockedChunk;
use super::records::ChunkState;
use super::time::Millis;
use crate::error::{Execution, Problem};

/// Result of recording a chunk's batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CreatedResult {
    /// The batch is recorded.
    Recorded,
    /// This other batch is recorded for the chunk, so its analyses may exist twice.
    OtherBatch(String),
    /// The batch is recorded for this other chunk, so it cannot be the batch of this one. Nothing
    /// was recorded.
    OtherChunk {
        /// Name of the other chunk's submission.
        submission: String,
        label: String,
    },
    /// The chunk is recorded as split, so its analyses may exist twice.
    Split,
}

/// Records the batch of a chunk. A process records it also after its lock has expired.
pub(super) fn record_created(
    connection: &mut Connection,
    chunk: i64,
    batch: Uuid,
    now: Millis,
) -> DbResult<CreatedResult> {
    let transaction = write_transaction(connection)?;
    let sql = "SELECT state, batch FROM chunk WHERE id = ?1";
    let (state, known): (String, Option<String>) = transaction
        .prepare_cached(sql)?
        .query_row([chunk], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let batch = batch.to_string();
    match (ChunkState::from_text(&state), known) {
        (Some(ChunkState::Created), Some(known)) if known == batch => return Ok(CreatedResult::Recorded),
        (Some(ChunkState::Created), Some(known)) => return Ok(CreatedResult::OtherBatch(known)),
        (Some(ChunkState::Split), _) => return Ok(CreatedResult::Split),
        _ => {}
    }
    if let Some((submission, label)) = other_chunk(&transaction, chunk, &batch)? {
        return Ok(CreatedResult::OtherChunk { submission, label });
    }
    let sql =
        "UPDATE chunk SET state = 'created', batch = ?2, answered_at = ?3, sender = NULL, status = NULL, problem = NULL
               WHERE id = ?1";
    transaction.prepare_cached(sql)?.execute(params![chunk, batch, now])?;
    transaction.commit()?;
    Ok(CreatedResult::Recorded)
}

/// Query for another chunk of the same project with this batch. By the index of batches.
const OTHER_CHUNK: &str = "
    SELECT theirs.name, other.label
    FROM chunk AS other JOIN submission AS theirs ON theirs.id = other.submission
    WHERE other.batch = ?2 AND other.id <> ?1 AND EXISTS (
        SELECT 1 FROM chunk AS this JOIN submission AS ours ON ours.id = this.submission
        WHERE this.id = ?1 AND ours.endpoint = theirs.endpoint AND ours.project = theirs.project)
    LIMIT 1";

/// Searches for another chunk of the same project that has this batch. Returns the name of its
/// submission and its label.
fn other_chunk(transaction: &Transaction<'_>, chunk: i64, batch: &str) -> DbResult<Option<(String, String)>> {
    let mut select = transaction.prepare_cached(OTHER_CHUNK)?;
    let other = select.query_row(params![chunk, batch], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(other.optional()?)
}

/// Records that a chunk has no response, and unlocks it. If nothing was executed, now or before,
/// the chunk is planned again.
pub(super) fn record_failure(connection: &Connection, locked: &LockedChunk, execution: Execution) -> DbResult<()> {
    match (execution.may_have_executed(), locked.sent_before) {
        (true, _) => {
            // The time of the first request stays.
            let sql = "UPDATE chunk SET sender = NULL WHERE id = ?1 AND claim = ?2 AND state = 'sent'";
            connection
                .prepare_cached(sql)?
                .execute(params![locked.row, locked.lock])?;
            Ok(())
        }
        (false, None) => unlock(connection, locked, ChunkState::Planned, None),
        (false, before) => unlock(connection, locked, ChunkState::Sent, before),
    }
}

/// Records that nothing of a chunk exists, because ICA rejected it. The next run sends it again.
pub(super) fn record_not_executed(connection: &Connection, locked: &LockedChunk) -> DbResult<()> {
    unlock(connection, locked, ChunkState::Planned, None)
}

/// Unlocks a chunk in this state. Does nothing if the chunk was locked again, because the process
/// that locked it may have sent it.
fn unlock(connection: &Connection, locked: &LockedChunk, state: ChunkState, sent_at: Option<Millis>) -> DbResult<()> {
    let sql =
        "UPDATE chunk SET sender = NULL, state = ?3, sent_at = ?4 WHERE id = ?1 AND claim = ?2 AND state = 'sent'";
    connection
        .prepare_cached(sql)?
        .execute(params![locked.row, locked.lock, state.as_str(), sent_at])?;
    Ok(())
}

/// Rejection of a chunk: HTTP status and ICA's problem.
#[derive(Debug, Clone)]
pub(crate) struct Rejection {
    pub(crate) status: Option<u16>,
    pub(crate) problem: Option<Problem>,
}

/// State of the lock of a process on a chunk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// The process had the lock, and the outcome is recorded.
    Held,
    /// Another process has the lock, and nothing was recorded.
    Lost,
}

/// Records that ICA rejected a chunk. The halves, if there are any, replace it; their keys are
/// durable together with the split.
pub(super) fn record_rejected(
    connection: &mut Connection,
    submission: i64,
    locked: &LockedChunk,
    rejection: &Rejection,
    halves: &[Chunk],
    now: Millis,
) -> DbResult<Lock> {
    let transaction = write_transaction(connection)?;
    let state = match halves {
        [] => ChunkState::Rejected,
        _ => ChunkState::Split,
    };
    let problem = rejection.problem.as_ref().map(Problem::to_json);
    let sql = "UPDATE chunk SET state = ?3, sender = NULL, sent_at = NULL, answered_at = ?4, status = ?5, problem = ?6
               WHERE id = ?1 AND claim = ?2 AND state = 'sent'";
    let changed = transaction.prepare_cached(sql)?.execute(params![
        locked.row,
        locked.lock,
        state.as_str(),
        now,
        rejection.status,
        problem
    ])?;
    if changed == 0 {
        return Ok(Lock::Lost);
    }
    for half in halves {
        insert_chunk(&transaction, submission, half)?;
    }
    transaction.commit()?;
    Ok(Lock::Held)
}

/// Result of recording what a person found in ICA.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// The finding is recorded.
    Recorded,
    /// The submission has no such chunk.
    NoSuchChunk,
    /// The chunk is in this state, so its response is known or it was never sent.
    NotNeeded(ChunkState),
    /// ICA still remembers the chunk's key, so the next run determines whether the batch exists.
    KeyIsRemembered,
    /// The batch is recorded for the chunk with this label.
    OtherChunk(String),
}

/// Records what a person found in ICA about a chunk that cannot be sent again: its batch, or that
/// it was not created.
pub(super) fn resolve(
    connection: &mut Connection,
    submission: i64,
    label: &str,
    batch: Option<Uuid>,
    now: Millis,
) -> DbResult<Resolution> {
    let transaction = write_transaction(connection)?;
    let sql = "SELECT state, sent_at FROM chunk WHERE submission = ?1 AND label = ?2";
    let found: Option<(String, Option<Millis>)> = transaction
        .query_row(sql, params![submission, label], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((state, sent_at)) = found else {
        return Ok(Resolution::NoSuchChunk);
    };
    let state = ChunkState::from_text(&state)
        .ok_or_else(|| DbError::Damaged(format!("it has {state:?} as the state of chunk {label}")))?;
    let (ChunkState::Sent, Some(sent_at)) = (state, sent_at) else {
        return Ok(Resolution::NotNeeded(state));
    };
    match batch.map(|batch| batch.to_string()) {
        None if matches!(resend(Some(sent_at), now), Resend::Within(_)) => return Ok(Resolution::KeyIsRemembered),
        None => {
            let sql = "UPDATE chunk SET state = 'planned', sender = NULL, sent_at = NULL WHERE submission = ?1 AND label = ?2";
            transaction.execute(sql, params![submission, label])?;
        }
        Some(batch) => {
            let sql = "SELECT label FROM chunk WHERE batch = ?1";
            let other = transaction.query_row(sql, [&batch], |row| row.get(0)).optional()?;
            if let Some(other) = other {
                return Ok(Resolution::OtherChunk(other));
            }
            let sql = "UPDATE chunk SET state = 'created', sender = NULL, batch = ?3, answered_at = ?4 WHERE submission = ?1 AND label = ?2";
            transaction.execute(sql, params![submission, label, batch, now])?;
        }
    }
    transaction.commit()?;
    Ok(Resolution::Recorded)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rusqlite::params;
    use uuid::Uuid;

    use super::{CreatedResult, OTHER_CHUNK, record_created, record_failure};
    use crate::error::Execution;
    use crate::journal::locks::{LockedChunk, NextChunk, lock_next};
    use crate::journal::open;
    use crate::journal::sender::Sender;
    use crate::journal::test_support::ok;

    #[test]
    fn a_batch_is_recorded_for_one_chunk_of_a_project() {
        let mut connection = open::in_memory();
        let projects = [("e", "p", "n"), ("e", "p", "m"), ("e", "q", "n"), ("f", "p", "n")];
        for (endpoint, project, name) in projects {
            let sql = "INSERT INTO submission (endpoint, project, name, created_at) VALUES (?1, ?2, ?3, 0)";
            connection.execute(sql, [endpoint, project, name]).unwrap();
            let submission = connection.last_insert_rowid();
            let sql = "INSERT INTO chunk (submission, label, first, count, key, digest, body, state)
                       VALUES (?1, ?2, 0, 1, 'k', 'd', x'00', 'sent')";
            for label in ["0", "1"] {
                connection.execute(sql, params![submission, label]).unwrap();
            }
        }
        let mut record = |chunk| ok(record_created(&mut connection, chunk, Uuid::from_u128(7), 0));
        let refused = || CreatedResult::OtherChunk {
            submission: "n".to_owned(),
            label: "0".to_owned(),
        };
        assert_eq!(record(1), CreatedResult::Recorded);
        assert_eq!(record(1), CreatedResult::Recorded, "the same response again");
        assert_eq!([record(2), record(3)], [refused(), refused()]);
        assert_eq!(
            [record(5), record(7)],
            [CreatedResult::Recorded, CreatedResult::Recorded]
        );
        let sql = "SELECT count(*) FROM chunk WHERE state = 'created'";
        let created: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(created, 3);
    }

    #[test]
    fn a_batch_is_found_by_its_index() {
        let connection = open::in_memory();
        let queries = [OTHER_CHUNK, "SELECT label FROM chunk WHERE batch = ?2 AND ?1"];
        for sql in queries {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps = plan.query_map(params![1, "b"], |row| row.get::<_, String>(3)).unwrap();
            let steps = steps.map(Result::unwrap).collect::<Vec<_>>();
            assert!(steps.iter().any(|step| step.contains("chunk_batch")), "{steps:?}");
            assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{steps:?}");
        }
    }

    #[test]
    fn an_expired_lock_unlocks_nothing_even_after_its_sender_locked_the_chunk_again() {
        let mut connection = open::in_memory();
        connection
            .execute_batch(
                "INSERT INTO submission (id, endpoint, project, name, created_at) VALUES (1, 'e', 'p', 'n', 0);
                 INSERT INTO chunk (submission, label, first, count, key, digest, body) VALUES (1, '0', 0, 1, 'k', 'd', x'00');",
            )
            .unwrap();
        let [one, other] = [(); 2].map(|()| Sender::new(Duration::from_secs(30)));
        let mut lock_at = |sender: &Sender, now| -> LockedChunk {
            match ok(lock_next(&mut connection, 1, sender, now)) {
                NextChunk::Send(chunk) => chunk,
                other => panic!("{other:?}"),
            }
        };
        let first = lock_at(&one, 0);
        // The lease expires, another process sends the chunk, and the outcome is unknown.
        let second = lock_at(&other, 31_000);
        ok(record_failure(&connection, &second, Execution::Unknown));
        let NextChunk::Send(third) = ok(lock_next(&mut connection, 1, &one, 31_001)) else {
            panic!("the chunk is not locked");
        };
        // The first request ends only now, and was not executed.
        ok(record_failure(&connection, &first, Execution::NotExecuted));
        let state = || -> (String, Option<i64>) {
            let sql = "SELECT state, sent_at FROM chunk";
            connection
                .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap()
        };
        assert_eq!(state(), ("sent".to_owned(), Some(0)));
        ok(record_failure(&connection, &third, Execution::NotExecuted));
        assert_eq!(state(), ("sent".to_owned(), Some(0)), "the second may have executed");
    }
}
