//! Locks on chunks: each chunk is sent by one process at a time.
//!
//! The promise that no analysis is created twice does not depend on these locks: two processes that
//! send the same chunk send the same key and bytes. The locks only save requests.

use std::time::{Duration, SystemTime};

use rusqlite::{Connection, Transaction, named_params, params};

use super::chunks::Chunk;
use super::database::{DbError, DbResult, write_transaction};
use super::expiry::{Resend, resend};
use super::sender::{ALIVE, Sender};
use super::time::{Millis, from_millis};
use crate::idempotency::IdempotencyKey;

/// Longest wait before the locks of other processes are read again.
const POLL_INTERVAL: Millis = 1000;

/// Next step of a process that sends.
#[derive(Debug)]
pub(crate) enum NextChunk {
    /// The process sends this chunk. The journal records that it may have been sent.
    Send(LockedChunk),
    /// All chunks that are left are locked. Ask again after this long.
    Wait(Duration),
    /// The next chunk cannot be sent.
    Expired(ExpiredChunk),
    /// No chunk is left.
    Done,
}

/// Chunk that this process has locked.
#[derive(Debug, Clone)]
pub(crate) struct LockedChunk {
    pub(crate) row: i64,
    /// Number of the lock. A process can lock a chunk twice, if its first lock expired.
    pub(super) lock: i64,
    pub(crate) chunk: Chunk,
    /// Time since when an earlier request may have been executed.
    pub(super) sent_before: Option<Millis>,
    /// Time for which the chunk may be sent.
    pub(crate) window: Duration,
}

impl LockedChunk {
    /// Returns whether an earlier request may have been executed.
    pub(crate) fn may_exist(&self) -> bool {
        self.sent_before.is_some()
    }
}

/// Chunk that may have been executed and cannot be sent again.
#[derive(Debug, Clone)]
pub(crate) struct ExpiredChunk {
    pub(crate) label: String,
    pub(crate) key: IdempotencyKey,
    pub(crate) sent_at: SystemTime,
    pub(crate) resend: Resend,
    /// User references of its first and last row.
    pub(crate) references: (String, String),
    pub(crate) count: u64,
}

/// Locks the next chunk for this sender.
pub(super) fn lock_next(
    connection: &mut Connection,
    submission: i64,
    sender: &Sender,
    now: Millis,
) -> DbResult<NextChunk> {
    let transaction = write_transaction(connection)?;
    sender.renew(&transaction, now)?;
    let next = match next_unlocked(&transaction, submission, sender, now)? {
        None => match next_expiry(&transaction, submission, now)? {
            None => NextChunk::Done,
            Some(wait) => NextChunk::Wait(Duration::from_millis(wait.unsigned_abs())),
        },
        Some(chunk) => match resend(chunk.sent_before, now) {
            Resend::Within(window) => {
                let sql = "UPDATE chunk SET state = 'sent', sender = ?2, claim = claim + 1, sent_at = coalesce(sent_at, ?3) WHERE id = ?1";
                transaction
                    .prepare_cached(sql)?
                    .execute(params![chunk.row, sender.id, now])?;
                NextChunk::Send(LockedChunk { window, ..chunk })
            }
            _ => match expired(&transaction, submission, now)? {
                Some(expired) => NextChunk::Expired(expired),
                None => NextChunk::Wait(Duration::from_millis(POLL_INTERVAL.unsigned_abs())),
            },
        },
    };
    transaction.commit()?;
    Ok(next)
}

fn next_unlocked(
    transaction: &Transaction<'_>,
    submission: i64,
    sender: &Sender,
    now: Millis,
) -> DbResult<Option<LockedChunk>> {
    let sql = format!(
        "SELECT id, label, first, count, key, digest, body, sent_at, claim + 1 FROM chunk
         WHERE submission = :submission AND state IN ('planned', 'sent')
           AND (sender IS NULL OR (sender <> :sender AND sender NOT IN ({ALIVE})))
         ORDER BY id LIMIT 1"
    );
    let mut select = transaction.prepare_cached(&sql)?;
    let mut rows = select.query(named_params! { ":submission": submission, ":sender": sender.id, ":now": now })?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let label: String = row.get(1)?;
    Ok(Some(LockedChunk {
        row: row.get(0)?,
        lock: row.get(8)?,
        chunk: Chunk {
            key: parse_key(&label, &row.get::<_, String>(4)?)?,
            label,
            first: row.get(2)?,
            count: row.get(3)?,
            digest: row.get(5)?,
            body: row.get(6)?,
        },
        sent_before: row.get(7)?,
        window: Duration::ZERO,
    }))
}

/// Parses the key of a chunk.
pub(super) fn parse_key(label: &str, key: &str) -> DbResult<IdempotencyKey> {
    key.parse()
        .map_err(|_| DbError::Damaged(format!("it has {key:?} as the idempotency key of chunk {label}")))
}

/// Returns the time until a lock expires or another poll is due. None if no chunk is left.
fn next_expiry(transaction: &Transaction<'_>, submission: i64, now: Millis) -> DbResult<Option<Millis>> {
    let sql = "SELECT count(*), min(sender.alive_until) FROM chunk LEFT JOIN sender ON sender.id = chunk.sender
               WHERE chunk.submission = ?1 AND chunk.state IN ('planned', 'sent')";
    let mut select = transaction.prepare_cached(sql)?;
    let (left, expiry): (i64, Option<Millis>) = select.query_row([submission], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let until = expiry.unwrap_or(now).saturating_sub(now).saturating_add(1);
    Ok((left > 0).then(|| until.clamp(1, POLL_INTERVAL)))
}

/// Returns a chunk whose response is not known and whose key ICA may have forgotten.
pub(super) fn expired(connection: &Connection, submission: i64, now: Millis) -> DbResult<Option<ExpiredChunk>> {
    let sql = "SELECT chunk.label, chunk.key, chunk.sent_at, chunk.count, head.user_reference, tail.user_reference
               FROM chunk
               JOIN analysis AS head ON head.submission = chunk.submission AND head.position = chunk.first
               JOIN analysis AS tail ON tail.submission = chunk.submission
                                    AND tail.position = chunk.first + chunk.count - 1
               WHERE chunk.submission = ?1 AND chunk.state = 'sent' ORDER BY chunk.id";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query([submission])?;
    while let Some(row) = rows.next()? {
        let sent_at = row.get(2)?;
        let resend = resend(Some(sent_at), now);
        if !matches!(resend, Resend::Within(_)) {
            let label: String = row.get(0)?;
            return Ok(Some(ExpiredChunk {
                key: parse_key(&label, &row.get::<_, String>(1)?)?,
                label,
                sent_at: from_millis(sent_at),
                resend,
                count: row.get(3)?,
                references: (row.get(4)?, row.get(5)?),
            }));
        }
    }
    Ok(None)
}

/// Plans the rejected chunks again, except for rows that a corrected row has replaced.
pub(super) fn plan_rejected_again(connection: &Connection, submission: i64) -> DbResult<()> {
    let sql = "UPDATE chunk SET state = 'planned', status = NULL, problem = NULL, answered_at = NULL
               WHERE submission = ?1 AND state = 'rejected'
                 AND (SELECT replaced FROM analysis WHERE analysis.submission = chunk.submission
                                                      AND position = chunk.first) = 0";
    connection.prepare_cached(sql)?.execute([submission])?;
    Ok(())
}
