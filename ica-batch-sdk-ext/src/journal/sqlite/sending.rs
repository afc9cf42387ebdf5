//! Taking the next chunk, and chunks that can no longer be sent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::changes::{Changes, StoredSubmission};
use super::database::{DbError, DbResult};
use super::rows::{self, CHUNK, StoredChunk};
use crate::idempotency::KEY_LIFETIME;
use crate::journal::chunks::{Chunk, Sending};
use crate::journal::expiry::{Resend, resend};
use crate::journal::found::OpenChunk;
use crate::journal::records::ChunkState;
use crate::journal::steps::{ExpiredChunk, NextChunk, TakenChunk};
use crate::journal::time::{Millis, from_millis, to_millis};

/// Takes the first open chunk whose row id is greater than `after`.
pub(super) fn take_next(
    changes: &mut Changes<'_>,
    submission: i64,
    after: i64,
    sending: &Sending,
) -> DbResult<NextChunk> {
    match next_open(changes, submission, after)? {
        Some(stored) => take_stored(changes, &stored, sending),
        None => Ok(NextChunk::Done),
    }
}

/// Takes this chunk, if it is open.
pub(super) fn take(changes: &mut Changes<'_>, submission: i64, chunk: i64, sending: &Sending) -> DbResult<NextChunk> {
    let stored = rows::chunk_by_row(changes, chunk)?;
    if stored.submission != submission || !stored.record.is_open() {
        return Ok(NextChunk::Done);
    }
    take_stored(changes, &stored, sending)
}

fn take_stored(changes: &mut Changes<'_>, stored: &StoredChunk, sending: &Sending) -> DbResult<NextChunk> {
    let (record, submission) = (&stored.record, stored.submission);
    let recorded = StoredSubmission::read(changes, submission)?;
    if recorded.naming().key(&record.label, &record.digest) != record.key {
        let what = format!(
            "chunk {} of {} has another key than follows from its label and digest",
            record.label, recorded.id
        );
        return Err(DbError::Damaged(what));
    }
    let marked = recorded.rules.marked;
    if marked && record.sent_at.is_some() {
        return Ok(NextChunk::Send(taken(changes, stored, marked, KEY_LIFETIME)?));
    }
    let now = to_millis(sending.now);
    let Resend::Within(window) = resend(record.sent_at, now) else {
        return Ok(NextChunk::Expired(describe(
            changes,
            stored,
            resend(record.sent_at, now),
        )?));
    };
    let taken = taken(changes, stored, marked, window)?;
    changes.update_chunk(stored, &stored.record.clone().taken(sending))?;
    Ok(NextChunk::Send(taken))
}

/// Records that nothing of a chunk exists, and that it is sent from now on.
pub(super) fn record_resent(changes: &mut Changes<'_>, taken: &TakenChunk, sending: &Sending) -> DbResult<()> {
    let stored = rows::chunk_by_row(changes, taken.row)?;
    match stored.record.state {
        ChunkState::Sent => changes.update_chunk(&stored, &stored.record.clone().resent(sending)),
        _ => Ok(()),
    }
}

/// Returns the row ids of chunks that may have been sent and have no known response, in order.
pub(super) fn sent_chunks(connection: &Connection, submission: i64) -> DbResult<BTreeMap<i64, String>> {
    let sql = "SELECT id, label FROM chunk WHERE submission = ?1 AND state IN ('planned', 'sent') AND state = 'sent' ORDER BY id";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map([submission], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the users whose credentials sent chunks without a known response.
pub(super) fn open_identities(connection: &Connection, submission: i64) -> DbResult<BTreeSet<String>> {
    let sql = "SELECT DISTINCT identity FROM chunk WHERE submission = ?1 AND state IN ('planned', 'sent')
                   AND state = 'sent' AND identity IS NOT NULL";
    let mut select = connection.prepare_cached(sql)?;
    let identities = select.query_map([submission], |row| row.get(0))?;
    Ok(identities.collect::<Result<_, _>>()?)
}

fn next_open(connection: &Connection, submission: i64, after: i64) -> DbResult<Option<StoredChunk>> {
    let sql = format!(
        "SELECT {CHUNK} FROM chunk WHERE submission = ?1 AND state IN ('planned', 'sent') AND id > ?2 ORDER BY id LIMIT 1"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params![submission, after])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let stored = rows::chunk(row)?;
    if !stored.record.is_open() || stored.submission != submission || stored.row <= after {
        let what = format!(
            "its index of open chunks leads to chunk {}, which is not one",
            stored.record.label
        );
        return Err(DbError::Damaged(what));
    }
    Ok(Some(stored))
}

fn taken(connection: &Connection, stored: &StoredChunk, marked: bool, window: Duration) -> DbResult<TakenChunk> {
    Ok(TakenChunk {
        row: stored.row,
        chunk: with_body(connection, stored)?,
        marked,
        sent_before: stored.record.sent_at,
        sent_until: stored.record.sent_until,
        window,
    })
}

fn with_body(connection: &Connection, stored: &StoredChunk) -> DbResult<Chunk> {
    let mut select = connection.prepare_cached("SELECT bytes FROM body WHERE chunk = ?1")?;
    let body = select.query_row([stored.row], |row| row.get(0)).optional()?;
    let body = body.ok_or_else(|| DbError::Damaged(format!("it lacks the body of chunk {}", stored.record.label)))?;
    Ok(stored.record.chunk(body))
}

/// Returns the first open chunk whose row id is greater than `after`, without taking it.
pub(super) fn open_chunk(connection: &Connection, submission: i64, after: i64) -> DbResult<Option<OpenChunk>> {
    let Some(stored) = next_open(connection, submission, after)? else {
        return Ok(None);
    };
    Ok(Some(OpenChunk {
        row: stored.row,
        is_sent: stored.record.state == ChunkState::Sent,
        chunk: with_body(connection, &stored)?,
    }))
}

/// Returns an unmarked chunk whose response is not known and whose key ICA may have forgotten.
pub(super) fn expired(connection: &Connection, submission: i64, now: Millis) -> DbResult<Option<ExpiredChunk>> {
    if StoredSubmission::read(connection, submission)?.rules.marked {
        return Ok(None);
    }
    let sql = format!(
        "SELECT {CHUNK} FROM chunk WHERE submission = ?1 AND state IN ('planned', 'sent') AND state = 'sent' ORDER BY id"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query([submission])?;
    while let Some(row) = rows.next()? {
        let stored = rows::chunk(row)?;
        let decision = resend(stored.record.sent_at, now);
        if !matches!(decision, Resend::Within(_)) {
            return Ok(Some(describe(connection, &stored, decision)?));
        }
    }
    Ok(None)
}

fn describe(connection: &Connection, stored: &StoredChunk, decision: Resend) -> DbResult<ExpiredChunk> {
    let record = &stored.record;
    let reference = |position: u64| -> DbResult<String> {
        rows::user_reference(connection, stored.submission, position)?
            .ok_or_else(|| DbError::Damaged(format!("it lacks row {position} of chunk {}", record.label)))
    };
    Ok(ExpiredChunk {
        label: record.label.clone(),
        key: record.key.clone(),
        sent_at: from_millis(record.sent_at.unwrap_or_default()),
        resend: decision,
        references: (reference(record.first)?, reference(record.end().saturating_sub(1))?),
        count: record.count,
    })
}

/// Plans the rejected chunks again, except for rows that a corrected row has replaced.
pub(super) fn plan_rejected_again(changes: &mut Changes<'_>, submission: i64) -> DbResult<()> {
    let sql = format!(
        "SELECT {CHUNK} FROM chunk WHERE submission = ?1 AND state = 'rejected' AND id > ?2
             AND (SELECT replaced FROM analysis WHERE analysis.submission = chunk.submission AND position = chunk.first) = 0
         ORDER BY id LIMIT 1000"
    );
    let mut after = i64::MIN;
    loop {
        let page = {
            let mut select = changes.prepare_cached(&sql)?;
            let mut rows = select.query(params![submission, after])?;
            let mut page = Vec::new();
            while let Some(row) = rows.next()? {
                page.push(rows::chunk(row)?);
            }
            page
        };
        let Some(last) = page.last() else { return Ok(()) };
        after = last.row;
        for stored in page.iter().filter(|stored| stored.record.state == ChunkState::Rejected) {
            changes.update_chunk(stored, &stored.record.clone().planned_again())?;
        }
    }
}
