//! Recording the outcome of a chunk that was sent.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::changes::Changes;
use super::database::DbResult;
use super::items;
use super::rows::{self, chunk_by_row};
use crate::error::{Execution, Problem};
use crate::journal::chunks::Chunk;
use crate::journal::expiry::{Resend, resend};
use crate::journal::found::Adoption;
use crate::journal::records::ChunkState;
use crate::journal::steps::{CreatedResult, Rejection, Resolution, TakenChunk};
use crate::journal::time::Millis;

/// Records the batch of a chunk.
pub(super) fn record_created(
    changes: &mut Changes<'_>,
    chunk: i64,
    batch: Uuid,
    now: Millis,
) -> DbResult<CreatedResult> {
    let stored = chunk_by_row(changes, chunk)?;
    match (stored.record.state, stored.record.batch) {
        (ChunkState::Created, Some(known)) if known == batch => return Ok(CreatedResult::Recorded),
        (ChunkState::Created, Some(known)) => return Ok(CreatedResult::OtherBatch(known)),
        (ChunkState::Split, _) => return Ok(CreatedResult::Split),
        _ => {}
    }
    if let Some((submission, label)) = other_chunk(changes, chunk, batch)? {
        return Ok(CreatedResult::OtherChunk { submission, label });
    }
    changes.update_chunk(&stored, &stored.record.clone().created(batch, now))?;
    Ok(CreatedResult::Recorded)
}

/// Query for another chunk of the same endpoint with this batch. By the index of batches.
const OTHER_CHUNK: &str = "
    SELECT theirs.name, other.label
    FROM chunk AS other JOIN submission AS theirs ON theirs.id = other.submission
    WHERE other.batch = ?2 AND other.id <> ?1 AND EXISTS (
        SELECT 1 FROM chunk AS this JOIN submission AS ours ON ours.id = this.submission
        WHERE this.id = ?1 AND ours.endpoint = theirs.endpoint)
    LIMIT 1";

/// Searches for another chunk of the same endpoint that has this batch. Returns the name of its
/// submission and its label.
fn other_chunk(connection: &Connection, chunk: i64, batch: Uuid) -> DbResult<Option<(String, String)>> {
    let mut select = connection.prepare_cached(OTHER_CHUNK)?;
    let other = select.query_row(params![chunk, batch.to_string()], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(other.optional()?)
}

/// Records that a chunk has no response.
pub(super) fn record_failure(
    changes: &mut Changes<'_>,
    taken: &TakenChunk,
    execution: Execution,
    now: Millis,
) -> DbResult<()> {
    let stored = chunk_by_row(changes, taken.row)?;
    let new = stored.record.clone().failed(taken.sent_before, execution, now);
    changes.update_chunk(&stored, &new)
}

/// Records which analyses of an open chunk were found in ICA. Returns whether the chunk was open.
pub(super) fn record_adopted(
    changes: &mut Changes<'_>,
    chunk: i64,
    adoption: &Adoption,
    now: Millis,
) -> DbResult<bool> {
    let stored = chunk_by_row(changes, chunk)?;
    if !stored.record.is_open() {
        return Ok(false);
    }
    for row in &adoption.rows {
        items::adopt(changes, stored.submission, row)?;
    }
    let record = stored.record.clone();
    let new = match adoption.parts.is_empty() {
        true => record.adopted(now),
        false => record.divided(now),
    };
    changes.update_chunk(&stored, &new)?;
    for (part, is_found) in &adoption.parts {
        let row = changes.insert_chunk(stored.submission, part)?;
        if *is_found {
            let part = chunk_by_row(changes, row)?;
            changes.update_chunk(&part, &part.record.clone().adopted(now))?;
        }
    }
    Ok(true)
}

/// Records that nothing of a chunk exists.
pub(super) fn record_not_executed(changes: &mut Changes<'_>, taken: &TakenChunk) -> DbResult<()> {
    let stored = chunk_by_row(changes, taken.row)?;
    match stored.record.state {
        ChunkState::Sent => changes.update_chunk(&stored, &stored.record.clone().not_executed()),
        _ => Ok(()),
    }
}

/// Records that ICA rejected a chunk.
pub(super) fn record_rejected(
    changes: &mut Changes<'_>,
    taken: &TakenChunk,
    rejection: &Rejection,
    halves: &[Chunk],
    now: Millis,
) -> DbResult<()> {
    let stored = chunk_by_row(changes, taken.row)?;
    if stored.record.state != ChunkState::Sent {
        // A person recorded its outcome in the meantime.
        return Ok(());
    }
    let problem = rejection.problem.as_ref().map(Problem::to_json);
    let new = stored.record.clone();
    let new = new.rejected(!halves.is_empty(), rejection.status, problem, now);
    changes.update_chunk(&stored, &new)?;
    for half in halves {
        changes.insert_chunk(stored.submission, half)?;
    }
    Ok(())
}

/// Records what a person found in ICA about a chunk that cannot be sent again: its batch, or that
/// it was not created.
pub(super) fn resolve(
    changes: &mut Changes<'_>,
    submission: i64,
    label: &str,
    batch: Option<Uuid>,
    now: Millis,
) -> DbResult<Resolution> {
    let Some(stored) = rows::chunk_by_label(changes, submission, label)? else {
        return Ok(Resolution::NoSuchChunk);
    };
    let record = &stored.record;
    let (ChunkState::Sent, Some(sent_at)) = (record.state, record.sent_at) else {
        return Ok(Resolution::NotNeeded(record.state));
    };
    let new = match batch {
        None if matches!(resend(Some(sent_at), now), Resend::Within(_)) => return Ok(Resolution::KeyIsRemembered),
        None => record.clone().not_executed(),
        Some(batch) => {
            if let Some((_, other)) = other_chunk(changes, stored.row, batch)? {
                return Ok(Resolution::OtherChunk(other));
            }
            record.clone().created(batch, now)
        }
    };
    changes.update_chunk(&stored, &new)?;
    Ok(Resolution::Recorded)
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, params};

    use super::OTHER_CHUNK;
    use crate::journal::sqlite::recognition::SCHEMA;

    #[test]
    fn a_batch_is_found_by_its_index() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        let mut plan = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {OTHER_CHUNK}"))
            .unwrap();
        let steps = plan.query_map(params![1, "b"], |row| row.get::<_, String>(3)).unwrap();
        let steps = steps.map(Result::unwrap).collect::<Vec<_>>();
        assert!(steps.iter().any(|step| step.contains("chunk_batch")), "{steps:?}");
        assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{steps:?}");
    }
}
