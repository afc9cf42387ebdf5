//! Reading a journal, and pruning it.

use std::io::Write;
use std::time::SystemTime;

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::database::{DbResult, write_transaction};
use super::handle::Journal;
use super::items::{self, ReportRow};
use super::locks::parse_key;
use super::planning::counts;
use super::records::{ChunkState, JournalChunk, JournalEntry};
use super::time::{from_millis, to_millis};
use crate::error::{Error, ErrorKind, Problem, Result, Scrubber};

/// Methods that read a journal. [`JournalEntry`] and [`JournalChunk`] have examples.
impl Journal {
    /// Returns the submissions, in the order in which they were recorded.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read.
    pub fn submissions(&self) -> Result<Vec<JournalEntry>> {
        self.with_connection(|connection| {
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

    /// Returns the chunks of a submission, in order of position. A split chunk comes before its
    /// halves.
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read.
    pub fn chunks(&self, entry: &JournalEntry) -> Result<Vec<JournalChunk>> {
        self.with_connection(|connection| {
            let sql = "SELECT label, first, count, state, key, digest, length(body), sent_at, answered_at, batch, status, problem
                       FROM chunk WHERE submission = ?1 ORDER BY first, id";
            let mut select = connection.prepare(sql)?;
            let mut rows = select.query([entry.row])?;
            let mut chunks = Vec::new();
            while let Some(row) = rows.next()? {
                chunks.push(chunk(row)?);
            }
            Ok(chunks)
        })
    }

    /// Writes a submission as JSON lines, an object for each analysis, in order of position.
    ///
    /// The members are `project`, `submission`, `position`, `userReference`, `kind`, `state`,
    /// `chunk` and `idempotencyKey`. When they are known, `batch`, `item`, `analysis` and
    /// `creation` follow. A rejected analysis has `rejection` with `status`, `code` and `detail`.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let analysis = CreateNextflowAnalysis::builder()
    /// #     .user_reference("sample-7").expect("it is valid")
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #     .build();
    /// # client.project("my-project")?.submission("cohort-42", &journal).analyses([analysis]).plan().await?;
    /// for entry in journal.submissions()? {
    ///     let mut lines = Vec::new();
    ///     journal.export(&entry, &mut lines)?;
    ///     let line: serde_json::Value = serde_json::from_slice(&lines)?;
    ///     assert_eq!((&line["userReference"], &line["state"]), (&"sample-7".into(), &"planned".into()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read, or `to` cannot be written.
    pub fn export(&self, entry: &JournalEntry, mut to: impl Write) -> Result<()> {
        let not_written = |error: std::io::Error| {
            let what = format!(
                "could not export {:?} of the journal {}: writing failed; check the target's disk and permissions",
                entry.name,
                self.path().display()
            );
            Error::new(ErrorKind::Journal, what).with_source(error)
        };
        // A slow target must not keep the journal locked, so it is written to after the lock is
        // released.
        let mut lines = Vec::new();
        self.with_connection(|connection| {
            items::report(connection, entry.row, |row| {
                serde_json::to_writer(&mut lines, &Line::new(entry, &row))
                    .map_err(|error| not_written(error.into()))?;
                lines.push(b'\n');
                Ok(())
            })
        })?;
        to.write_all(&lines).and_then(|()| to.flush()).map_err(not_written)
    }

    /// Deletes old submissions, and returns their number.
    ///
    /// A submission is deleted if each of its chunks has a response and the last response is older
    /// than `before`. An unfinished plan of that age is deleted too.
    ///
    /// A deleted submission that is run again starts from nothing. It may create analyses that
    /// exist: see [`exactly_once`](crate::exactly_once). So choose a time such that no older
    /// submission will be run again.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// # use ica_batch_sdk_ext::Journal;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// let year = Duration::from_secs(365 * 24 * 3600);
    /// assert_eq!(journal.prune(SystemTime::now() - year)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be written.
    pub fn prune(&self, before: SystemTime) -> Result<usize> {
        self.with_connection(|connection| {
            let transaction = write_transaction(connection)?;
            let sql = "DELETE FROM submission WHERE created_at < ?1 AND CASE state
                           WHEN 'planned' THEN NOT EXISTS (
                               SELECT 1 FROM chunk WHERE submission = submission.id
                                   AND (state IN ('planned', 'sent') OR answered_at >= ?1))
                           ELSE planner NOT IN (SELECT id FROM sender WHERE alive_until >= ?1)
                       END";
            let deleted = transaction.execute(sql, [to_millis(before)])?;
            transaction.commit()?;
            Ok(deleted)
        })
    }
}

fn entry(connection: &Connection, row: &Row<'_>) -> DbResult<JournalEntry> {
    let id = row.get(0)?;
    Ok(JournalEntry {
        row: id,
        base_url: row.get(1)?,
        project: row.get(2)?,
        name: row.get(3)?,
        is_planned: row.get(4)?,
        created_at: from_millis(row.get(5)?),
        counts: counts(connection, id)?,
    })
}

fn chunk(row: &Row<'_>) -> DbResult<JournalChunk> {
    let (label, state, key): (String, String, String) = (row.get(0)?, row.get(3)?, row.get(4)?);
    let text = |column: usize| row.get::<_, Option<String>>(column);
    Ok(JournalChunk {
        key: parse_key(&label, &key)?,
        label,
        first_position: row.get(1)?,
        analyses: row.get(2)?,
        state: ChunkState::from_text(&state).unwrap_or(ChunkState::Sent),
        digest: row.get(5)?,
        bytes: row.get(6)?,
        sent_at: row.get::<_, Option<i64>>(7)?.map(from_millis),
        response_at: row.get::<_, Option<i64>>(8)?.map(from_millis),
        batch: text(9)?.and_then(|batch| batch.parse().ok()),
        status: row.get(10)?,
        problem: text(11)?.and_then(|json| Problem::from_bytes(json.as_bytes(), &Scrubber::without_secrets())),
    })
}

/// Line of an export.
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
    fn new(entry: &'a JournalEntry, row: &'a ReportRow) -> Self {
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
            creation: row.creation_status.as_deref(),
            rejection,
        }
    }
}
