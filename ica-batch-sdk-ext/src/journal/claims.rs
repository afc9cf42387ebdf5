//! Who sends a chunk, and what came of it.
//!
//! A chunk has one sender at a time. A sender is alive for the length of its lease, which it renews; the claims of one that is
//! not alive have lapsed. Each function is one transaction, durable when it returns.
//!
//! That no analysis is created twice does not rest on claims: two senders of one chunk send the same key and bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};
use uuid::Uuid;

use super::fault::Stored;
use super::planning::INSERT_CHUNK;
use super::records::ChunkState;
use super::time::{Millis, whole};
use super::writing;
use crate::error::{Error, ErrorKind, Execution, Problem};
use crate::submission::expiry::{Resend, resend};

/// Which senders are alive at `:now`. One whose lease ends much later than it can was set by a clock that ran ahead; a minute is for
/// clocks that differ, and for a `:now` that has waited for its transaction.
pub(super) const ALIVE: &str = "SELECT id FROM sender WHERE alive_until BETWEEN :now AND :now + lease + 60000";

/// How long to wait at most before looking again whether another sender is through.
const LOOK: Millis = 1000;

/// A process that sends, or plans.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) id: String,
    lease: Millis,
    has_left: Arc<AtomicBool>,
}

impl Sender {
    pub(crate) fn new(lease: Duration) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            lease: whole(lease).max(1),
            has_left: Arc::default(),
        }
    }

    /// Puts the sender into the journal, alive, and takes those out that ended long ago.
    pub(crate) fn enter(&self, connection: &mut Connection, now: Millis) -> Stored<()> {
        const DAY: Millis = 24 * 3600 * 1000;
        let transaction = writing(connection)?;
        transaction.execute("DELETE FROM sender WHERE alive_until < ?1", [now.saturating_sub(DAY)])?;
        self.renew(&transaction, now)?;
        transaction.commit()?;
        Ok(())
    }

    /// Stays alive, also after it was not heard of for so long that it was taken out. One that has left stays away.
    pub(crate) fn renew(&self, connection: &Connection, now: Millis) -> Stored<()> {
        if self.has_left.load(Ordering::Acquire) {
            return Ok(());
        }
        let sql = "INSERT INTO sender (id, process, alive_until, lease) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until";
        let until = now.saturating_add(self.lease);
        connection
            .prepare_cached(sql)?
            .execute(params![self.id, std::process::id(), until, self.lease])?;
        Ok(())
    }

    /// Ends the sender. What it had claimed can be claimed by others at once.
    pub(crate) fn leave(&self, connection: &mut Connection) -> Stored<()> {
        self.has_left.store(true, Ordering::Release);
        connection.execute("DELETE FROM sender WHERE id = ?1", [&self.id])?;
        Ok(())
    }
}

/// What there is to do.
#[derive(Debug)]
pub(crate) enum Claim {
    /// This chunk is to be sent. It is written down that it may have been.
    Chunk(Claimed),
    /// All that is open is claimed by others, or by this sender. Look again after this long.
    Wait(Duration),
    /// The next chunk cannot be sent.
    Refused(Refused),
    /// No chunk is open.
    Done,
}

/// A chunk that this sender is to send.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    pub(crate) id: i64,
    /// Which of the chunk's claims this is: a sender may come to have claimed it twice, when the first has lapsed.
    pub(crate) claim: i64,
    pub(crate) label: String,
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) key: String,
    pub(crate) digest: String,
    pub(crate) body: Vec<u8>,
    /// Since when it may have executed already.
    pub(crate) sent_before: Option<Millis>,
    /// For how long it may be sent.
    pub(crate) window: Duration,
}

/// A chunk that may have executed and cannot be sent again.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) label: String,
    pub(crate) key: String,
    pub(crate) sent_at: Millis,
    pub(crate) resend: Resend,
    /// The user references of its first and last analysis.
    pub(crate) references: (String, String),
    pub(crate) count: u64,
}

/// Claims the next open chunk for this sender.
pub(crate) fn claim(connection: &mut Connection, submission: i64, sender: &Sender, now: Millis) -> Stored<Claim> {
    let transaction = writing(connection)?;
    sender.renew(&transaction, now)?;
    let next = next_open(&transaction, submission, sender, now)?;
    let claim = match next {
        None => match next_lapse(&transaction, submission, now)? {
            None => Claim::Done,
            Some(lapse) => Claim::Wait(Duration::from_millis(lapse.unsigned_abs())),
        },
        Some(chunk) => match resend(chunk.sent_before, now) {
            Resend::Within(window) => {
                let sql = "UPDATE chunk SET state = 'sent', sender = ?2, claim = claim + 1, sent_at = coalesce(sent_at, ?3) WHERE id = ?1";
                transaction
                    .prepare_cached(sql)?
                    .execute(params![chunk.id, sender.id, now])?;
                Claim::Chunk(Claimed { window, ..chunk })
            }
            _ => match refused(&transaction, submission, now)? {
                Some(refused) => Claim::Refused(refused),
                None => Claim::Wait(Duration::from_millis(LOOK.unsigned_abs())),
            },
        },
    };
    transaction.commit()?;
    Ok(claim)
}

fn next_open(transaction: &Transaction<'_>, submission: i64, sender: &Sender, now: Millis) -> Stored<Option<Claimed>> {
    let sql = format!(
        "SELECT id, label, first, count, key, digest, body, sent_at, claim + 1 FROM chunk
         WHERE submission = :submission AND state IN ('planned', 'sent')
           AND (sender IS NULL OR (sender <> :sender AND sender NOT IN ({ALIVE})))
         ORDER BY id LIMIT 1"
    );
    let mut select = transaction.prepare_cached(&sql)?;
    let parameters = named_params! { ":submission": submission, ":sender": sender.id, ":now": now };
    let chunk = select.query_row(parameters, |row| {
        Ok(Claimed {
            id: row.get(0)?,
            label: row.get(1)?,
            first: row.get(2)?,
            count: row.get(3)?,
            key: row.get(4)?,
            digest: row.get(5)?,
            body: row.get(6)?,
            sent_before: row.get(7)?,
            claim: row.get(8)?,
            window: Duration::ZERO,
        })
    });
    Ok(chunk.optional()?)
}

/// How long until a claim of an open chunk lapses, or until another look is due; None when no chunk is open.
fn next_lapse(transaction: &Transaction<'_>, submission: i64, now: Millis) -> Stored<Option<Millis>> {
    let sql = "SELECT count(*), min(sender.alive_until) FROM chunk LEFT JOIN sender ON sender.id = chunk.sender
               WHERE chunk.submission = ?1 AND chunk.state IN ('planned', 'sent')";
    let mut select = transaction.prepare_cached(sql)?;
    let (open, lapse): (i64, Option<Millis>) = select.query_row([submission], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let until = lapse.unwrap_or(now).saturating_sub(now).saturating_add(1);
    Ok((open > 0).then(|| until.clamp(1, LOOK)))
}

/// A chunk whose answer is not known and whose key the server may have forgotten, if there is one.
pub(crate) fn refused(connection: &Connection, submission: i64, now: Millis) -> Stored<Option<Refused>> {
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
            return Ok(Some(Refused {
                label: row.get(0)?,
                key: row.get(1)?,
                sent_at,
                resend,
                count: row.get(3)?,
                references: (row.get(4)?, row.get(5)?),
            }));
        }
    }
    Ok(None)
}

/// The chunk's batch exists. Whoever learns it writes it down, whether or not its claim has lapsed.
pub(crate) fn record_created(connection: &mut Connection, chunk: i64, batch: Uuid, now: Millis) -> Stored<()> {
    let transaction = writing(connection)?;
    let sql = "SELECT label, state, batch FROM chunk WHERE id = ?1";
    let (label, state, known): (String, String, Option<String>) = transaction
        .prepare_cached(sql)?
        .query_row([chunk], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let batch = batch.to_string();
    match (ChunkState::from_text(&state), known) {
        (Some(ChunkState::Created), Some(known)) if known == batch => return Ok(()),
        (Some(ChunkState::Created), Some(known)) => {
            return Err(twice(&label, &format!("batch {batch} and batch {known} are both of it")).into());
        }
        (Some(ChunkState::Split), _) => {
            let what =
                format!("batch {batch} was created of it after ICA had rejected it, and its halves are sent too");
            return Err(twice(&label, &what).into());
        }
        _ => {}
    }
    let sql =
        "UPDATE chunk SET state = 'created', batch = ?2, answered_at = ?3, sender = NULL, status = NULL, problem = NULL
               WHERE id = ?1";
    transaction.prepare_cached(sql)?.execute(params![chunk, batch, now])?;
    transaction.commit()?;
    Ok(())
}

fn twice(label: &str, what: &str) -> Error {
    let what = format!("chunk {label} may have been created twice: {what}; look at both in ICA and abort one");
    Error::new(ErrorKind::Journal, what).with_execution(Execution::Executed)
}

/// The chunk was not answered. What did not execute is planned again, unless an earlier sending may have.
pub(crate) fn record_failure(connection: &mut Connection, chunk: &Claimed, executed: Execution) -> Stored<()> {
    match (executed.may_have_executed(), chunk.sent_before) {
        (true, _) => {
            // The time of the first sending stays.
            let sql = "UPDATE chunk SET sender = NULL WHERE id = ?1 AND claim = ?2 AND state = 'sent'";
            connection
                .prepare_cached(sql)?
                .execute(params![chunk.id, chunk.claim])?;
            Ok(())
        }
        (false, None) => give_back(connection, chunk, ChunkState::Planned, None),
        (false, before) => give_back(connection, chunk, ChunkState::Sent, before),
    }
}

/// ICA rejected the chunk, so nothing of it exists, and it is to be sent again as it is when the submission is run again.
pub(crate) fn record_not_executed(connection: &mut Connection, chunk: &Claimed) -> Stored<()> {
    give_back(connection, chunk, ChunkState::Planned, None)
}

/// Only while the claim is the latest: who has claimed the chunk since may have sent it.
fn give_back(connection: &Connection, chunk: &Claimed, state: ChunkState, sent_at: Option<Millis>) -> Stored<()> {
    let sql =
        "UPDATE chunk SET sender = NULL, state = ?3, sent_at = ?4 WHERE id = ?1 AND claim = ?2 AND state = 'sent'";
    connection
        .prepare_cached(sql)?
        .execute(params![chunk.id, chunk.claim, state.as_str(), sent_at])?;
    Ok(())
}

/// A rejection: its HTTP status, and what ICA says of it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: Option<u16>,
    pub(crate) problem: Option<Problem>,
}

/// A half of a chunk.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) label: String,
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) key: String,
    pub(crate) digest: String,
    pub(crate) body: Vec<u8>,
}

/// ICA rejected the chunk: it ends here, or goes on as these parts, whose keys are durable with the split. False if another has claimed it meanwhile.
pub(crate) fn record_rejected(
    connection: &mut Connection,
    submission: i64,
    chunk: &Claimed,
    refusal: &Refusal,
    parts: &[Part],
    now: Millis,
) -> Stored<bool> {
    let transaction = writing(connection)?;
    let state = match parts {
        [] => ChunkState::Rejected,
        _ => ChunkState::Split,
    };
    let problem = refusal.problem.as_ref().map(Problem::to_json);
    let sql = "UPDATE chunk SET state = ?3, sender = NULL, sent_at = NULL, answered_at = ?4, status = ?5, problem = ?6
               WHERE id = ?1 AND claim = ?2 AND state = 'sent'";
    let changed = transaction.prepare_cached(sql)?.execute(params![
        chunk.id,
        chunk.claim,
        state.as_str(),
        now,
        refusal.status,
        problem
    ])?;
    if changed == 0 {
        return Ok(false);
    }
    for part in parts {
        transaction.prepare_cached(INSERT_CHUNK)?.execute(params![
            submission,
            part.label,
            part.first,
            part.count,
            part.key,
            part.digest,
            part.body
        ])?;
    }
    transaction.commit()?;
    Ok(true)
}

/// Plans the rejected analyses again, those aside that a corrected row has replaced. How many they are.
pub(crate) fn plan_rejected_again(connection: &mut Connection, submission: i64) -> Stored<usize> {
    let sql = "UPDATE chunk SET state = 'planned', status = NULL, problem = NULL, answered_at = NULL
               WHERE submission = ?1 AND state = 'rejected'
                 AND (SELECT replaced FROM analysis WHERE analysis.submission = chunk.submission
                                                      AND position = chunk.first) = 0";
    Ok(connection.prepare_cached(sql)?.execute([submission])?)
}

/// What the recording of an operator's finding has led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SettleResult {
    /// It is recorded.
    Recorded,
    /// There is no such chunk whose answer is missing, or a run finds out by itself that it does not exist.
    NotNeeded,
    /// The batch is that of this chunk.
    Taken(String),
}

/// What the caller found out of a chunk that cannot be sent again: its batch, or that there is none.
pub(crate) fn settle(
    connection: &mut Connection,
    submission: i64,
    label: &str,
    batch: Option<Uuid>,
    now: Millis,
) -> Stored<SettleResult> {
    let transaction = writing(connection)?;
    let batch = batch.map(|batch| batch.to_string());
    let sql = "SELECT sent_at FROM chunk WHERE submission = ?1 AND label = ?2 AND state = 'sent'";
    let sent_at: Option<Millis> = transaction
        .query_row(sql, params![submission, label], |row| row.get(0))
        .optional()?;
    let Some(sent_at) = sent_at else {
        return Ok(SettleResult::NotNeeded);
    };
    let sql = match batch.as_deref() {
        None if matches!(resend(Some(sent_at), now), Resend::Within(_)) => return Ok(SettleResult::NotNeeded),
        None => {
            "UPDATE chunk SET state = 'planned', sender = NULL, sent_at = NULL WHERE submission = ?1 AND label = ?2"
        }
        Some(batch) => {
            let sql = "SELECT label FROM chunk WHERE batch = ?1";
            let taken = transaction.query_row(sql, [batch], |row| row.get(0)).optional()?;
            if let Some(taken) = taken {
                return Ok(SettleResult::Taken(taken));
            }
            "UPDATE chunk SET state = 'created', sender = NULL, batch = ?3, answered_at = ?4 WHERE submission = ?1 AND label = ?2"
        }
    };
    match batch {
        None => transaction.execute(sql, params![submission, label])?,
        Some(batch) => transaction.execute(sql, params![submission, label, batch, now])?,
    };
    transaction.commit()?;
    Ok(SettleResult::Recorded)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Claim, Claimed, Sender, claim, record_failure};
    use crate::error::Execution;
    use crate::journal::fault::Stored;
    use crate::journal::open;

    fn done<T>(stored: Stored<T>) -> T {
        stored.map_err(|fault| fault.of("a test".as_ref())).unwrap()
    }

    #[test]
    fn a_claim_that_has_lapsed_gives_nothing_back_also_when_its_sender_has_the_chunk_again() {
        let mut connection = open::in_memory();
        connection
            .execute_batch(
                "INSERT INTO submission (id, endpoint, project, name, created_at) VALUES (1, 'e', 'p', 'n', 0);
                 INSERT INTO chunk (submission, label, first, count, key, digest, body) VALUES (1, '0', 0, 1, 'k', 'd', x'00');",
            )
            .unwrap();
        let [one, other] = [(); 2].map(|()| Sender::new(Duration::from_secs(30)));
        let mut claim_at = |sender: &Sender, now| -> Claimed {
            match done(claim(&mut connection, 1, sender, now)) {
                Claim::Chunk(chunk) => chunk,
                nothing => panic!("{nothing:?}"),
            }
        };
        let first = claim_at(&one, 0);
        // Its lease lapses, another sends the chunk, and nobody knows what came of that.
        let second = claim_at(&other, 31_000);
        done(record_failure(&mut connection, &second, Execution::Unknown));
        let Claim::Chunk(third) = done(claim(&mut connection, 1, &one, 31_001)) else {
            panic!("it is open");
        };
        // Only now the first sending comes back, and it did not execute.
        done(record_failure(&mut connection, &first, Execution::NotExecuted));
        let state = |connection: &rusqlite::Connection| -> (String, Option<i64>) {
            let sql = "SELECT state, sent_at FROM chunk";
            connection
                .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap()
        };
        assert_eq!(state(&connection), ("sent".to_owned(), Some(0)));
        done(record_failure(&mut connection, &third, Execution::NotExecuted));
        assert_eq!(
            state(&connection),
            ("sent".to_owned(), Some(0)),
            "the second may have executed"
        );
    }
}
