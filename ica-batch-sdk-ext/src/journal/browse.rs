//! Looking into a journal, and taking out what is done.

use std::io::Write;
use std::time::SystemTime;

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::fault::Stored;
use super::items::{self, ReportRow};
use super::planning::counts;
use super::records::{ChunkState, JournalChunk, JournalEntry};
use super::time::{millis, moment};
use super::{Journal, writing};
use crate::error::{Error, ErrorKind, Problem, Result};

impl Journal {
    /// The submissions, in the order in which they were begun.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read.
    pub fn list(&self) -> Result<Vec<JournalEntry>> {
        self.act(|connection| {
            let sql = "SELECT id, endpoint, project, name, state = 'planned', created_at FROM submission ORDER BY id";
            let mut select = connection.prepare(sql)?;
            let mut rows = select.query([])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                entries.push(entry(connection, row)?);
            }
            Ok(entries)
        })
    }

    /// The chunks of a submission, in the order of the manifest; a split one before its halves.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read.
    pub fn inspect(&self, entry: &JournalEntry) -> Result<Vec<JournalChunk>> {
        self.act(|connection| {
            let sql = "SELECT label, first, count, state, key, digest, length(body), sent_at, answered_at, batch, status, problem
                       FROM chunk WHERE submission = ?1 ORDER BY first, id";
            let mut select = connection.prepare(sql)?;
            let mut rows = select.query([entry.id])?;
            let mut chunks = Vec::new();
            while let Some(row) = rows.next()? {
                chunks.push(chunk(row)?);
            }
            Ok(chunks)
        })
    }

    /// Writes a submission as JSON lines: an object for each analysis, in the order of the manifest.
    ///
    /// Its members are `project`, `submission`, `position`, `userReference`, `kind`, `state`, `chunk`, `idempotencyKey`, and where they are known
    /// `batch`, `item`, `analysis`, `creation`, and `rejection` with `status`, `code` and `detail`.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read, or `to` cannot be written.
    pub fn export(&self, entry: &JournalEntry, mut to: impl Write) -> Result<()> {
        let unwritten = |error: std::io::Error| {
            let what = "the export cannot be written where it should go; check its disk and permissions";
            Error::new(ErrorKind::Journal, what).with_source(error)
        };
        // Written when the journal is free again, for however long that takes.
        let mut lines = Vec::new();
        self.act(|connection| {
            items::report(connection, entry.id, |row| {
                serde_json::to_writer(&mut lines, &Line::of(entry, &row)).map_err(|error| unwritten(error.into()))?;
                lines.push(b'\n');
                Ok(())
            })
        })?;
        to.write_all(&lines).and_then(|()| to.flush()).map_err(unwritten)
    }

    /// Takes out the submissions in which everything is answered, the last of it before this moment, and plans of that age that were
    /// never finished. How many they were.
    ///
    /// Run under its name again, a submission that was taken out begins anew, and may create again what exists: see
    /// [`exactly_once`](crate::exactly_once). So give a moment before which nobody will run one again.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be written.
    pub fn prune(&self, before: SystemTime) -> Result<usize> {
        self.act(|connection| {
            let transaction = writing(connection)?;
            let sql = "DELETE FROM submission WHERE created_at < ?1 AND CASE state
                           WHEN 'planned' THEN NOT EXISTS (
                               SELECT 1 FROM chunk WHERE submission = submission.id
                                   AND (state IN ('planned', 'sent') OR answered_at >= ?1))
                           ELSE planner NOT IN (SELECT id FROM sender WHERE alive_until >= ?1)
                       END";
            let pruned = transaction.execute(sql, [millis(before)])?;
            transaction.commit()?;
            Ok(pruned)
        })
    }
}

fn entry(connection: &Connection, row: &Row<'_>) -> Stored<JournalEntry> {
    let id = row.get(0)?;
    Ok(JournalEntry {
        id,
        endpoint: row.get(1)?,
        project: row.get(2)?,
        name: row.get(3)?,
        is_planned: row.get(4)?,
        created_at: moment(row.get(5)?),
        counts: counts(connection, id)?,
    })
}

fn chunk(row: &Row<'_>) -> Stored<JournalChunk> {
    let (state, key): (String, String) = (row.get(3)?, row.get(4)?);
    let text = |column: usize| row.get::<_, Option<String>>(column);
    Ok(JournalChunk {
        label: row.get(0)?,
        first: row.get(1)?,
        analyses: row.get(2)?,
        state: ChunkState::from_text(&state).unwrap_or(ChunkState::Sent),
        key: key.parse().map_err(Error::from)?,
        digest: row.get(5)?,
        bytes: row.get(6)?,
        sent_at: row.get::<_, Option<i64>>(7)?.map(moment),
        answered_at: row.get::<_, Option<i64>>(8)?.map(moment),
        batch: text(9)?.and_then(|batch| batch.parse().ok()),
        status: row.get(10)?,
        problem: text(11)?.and_then(|json| Problem::from_bytes(json.as_bytes())),
    })
}

/// A line of an export.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    project: &'a str,
    submission: &'a str,
    position: u64,
    user_reference: &'a str,
    kind: &'static str,
    state: &'static str,
    chunk: &'a str,
    idempotency_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    analysis: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<LineRejection<'a>>,
}

#[derive(Serialize)]
struct LineRejection<'a> {
    status: Option<u16>,
    code: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(entry: &'a JournalEntry, row: &'a ReportRow) -> Self {
        let rejection = (row.state == ChunkState::Rejected).then(|| LineRejection {
            status: row.status,
            code: row.problem.as_ref().and_then(Problem::code),
            detail: row.problem.as_ref().and_then(Problem::detail),
        });
        Self {
            project: &entry.project,
            submission: &entry.name,
            position: row.position,
            user_reference: &row.user_reference,
            kind: row.kind.as_str(),
            state: row.state.as_str(),
            chunk: &row.chunk,
            idempotency_key: &row.key,
            batch: row.batch,
            item: row.item,
            analysis: row.analysis,
            creation: row.creation.as_deref(),
            rejection,
        }
    }
}
