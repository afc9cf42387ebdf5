//! Checks that a submission is what this crate recorded.
//!
//! The sum of the checksums of all rows shows that none was changed, lost or added. The rows are
//! read by the indexes that a run uses, so a damaged index is found, too. What the sum cannot show
//! is checked by itself: each row lies in exactly one chunk that is not split, and the keys are
//! those that follow from labels and digests.

use rusqlite::Connection;

use super::changes::{SUBMISSION, StoredSubmission};
use super::database::{DbError, DbResult};
use super::rows::{self, ANALYSIS, CHUNK};
use crate::journal::checksum::{self, Checksum};
use crate::journal::chunks::ChunkRecord;
use crate::journal::naming::Naming;
use crate::journal::records::ChunkState;

/// Numbers of a submission that was checked.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) chunks: u64,
    pub(super) analyses: u64,
}

/// Fails unless the submissions of the journal are those that were recorded.
pub(super) fn submissions(connection: &Connection) -> DbResult<()> {
    let sql = "SELECT checksum FROM journal WHERE only = 1";
    let recorded: Checksum = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    let sql = format!("SELECT {SUBMISSION} FROM submission NOT INDEXED");
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query([])?;
    let mut sum: Checksum = 0;
    while let Some(row) = rows.next()? {
        sum = sum.wrapping_add(StoredSubmission::of(row)?.checksum());
    }
    if sum != recorded {
        return Err(DbError::Damaged(
            "its submissions are not those that were recorded".to_owned(),
        ));
    }
    Ok(())
}

/// Fails unless the rows of the submission are those that were recorded.
pub(super) fn rows(connection: &Connection, submission: i64) -> DbResult<Checked> {
    let stored = StoredSubmission::read(connection, submission)?;
    let id = stored.id.to_string();
    let (checked, sum) = structure(connection, submission, &stored).map_err(|error| match error {
        DbError::Damaged(what) => DbError::Damaged(format!("in {id}, {what}")),
        other => other,
    })?;
    if sum != stored.rows {
        return Err(DbError::Damaged(format!(
            "the rows of {id} are not those that were recorded"
        )));
    }
    Ok(checked)
}

/// Checks the chunks and rows of a submission, and returns the sum of their checksums.
pub(super) fn structure(
    connection: &Connection,
    submission: i64,
    recorded: &StoredSubmission,
) -> DbResult<(Checked, Checksum)> {
    let naming = recorded.naming();
    let mut sum: Checksum = 0;
    let mut tree = Tree::default();
    let (mut open, mut unlisted, mut batches) = (Index::default(), Index::default(), 0_u64);
    let sql = format!("SELECT {CHUNK} FROM chunk WHERE submission = ?1 ORDER BY first, id");
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query([submission])?;
    let mut checked = Checked::default();
    while let Some(row) = rows.next()? {
        let stored = rows::chunk(row)?;
        let record = &stored.record;
        sum = sum.wrapping_add(checksum::chunk(record));
        checked.chunks = checked.chunks.saturating_add(1);
        chunk(record, &naming)?;
        tree.add(record)?;
        if record.is_open() {
            open.add(stored.row);
        }
        if record.state == ChunkState::Created && !record.listed {
            unlisted.add(stored.row);
        }
        batches = batches.saturating_add(u64::from(record.batch.is_some()));
    }
    let end = tree.finish()?;
    Index::of(connection, submission, "chunk_open", "state IN ('planned', 'sent')")?.same(&open, "open chunks")?;
    Index::of(
        connection,
        submission,
        "chunk_unlisted",
        "state = 'created' AND listed = 0",
    )?
    .same(&unlisted, "chunks without items")?;
    let indexed = "SELECT count(*) FROM chunk INDEXED BY chunk_batch WHERE batch IS NOT NULL AND submission = ?1";
    if batches
        != connection
            .prepare_cached(indexed)?
            .query_row([submission], |row| row.get::<_, u64>(0))?
    {
        return Err(DbError::Damaged("the index of batches is damaged".to_owned()));
    }
    let sql = format!("SELECT {ANALYSIS} FROM analysis WHERE submission = ?1 ORDER BY position");
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query([submission])?;
    while let Some(row) = rows.next()? {
        let record = rows::analysis(row, 0)?;
        if record.position != checked.analyses {
            return Err(DbError::Damaged(format!("row {} is missing", checked.analyses)));
        }
        if record.digest.len() != 32 {
            return Err(DbError::Damaged(format!("row {} has no digest", record.position)));
        }
        sum = sum.wrapping_add(checksum::analysis(&record));
        checked.analyses = checked.analyses.saturating_add(1);
    }
    if checked.analyses != end {
        return Err(DbError::Damaged(format!(
            "the chunks have {end} rows, and {} are recorded",
            checked.analyses
        )));
    }
    Ok((checked, sum))
}

/// Checks that the fields of a chunk agree.
fn chunk(chunk: &ChunkRecord, naming: &Naming) -> DbResult<()> {
    let is_consistent = match chunk.state {
        ChunkState::Planned => {
            chunk.sent_at.is_none() && chunk.sent_until.is_none() && chunk.identity.is_none() && chunk.batch.is_none()
        }
        ChunkState::Sent => chunk.sent_at.is_some() && chunk.batch.is_none(),
        ChunkState::Created => (chunk.batch.is_some() || chunk.adopted) && chunk.answered_at.is_some(),
        ChunkState::Rejected => chunk.count == 1 && chunk.batch.is_none() && chunk.sent_at.is_none(),
        ChunkState::Split => chunk.count > 1 && chunk.batch.is_none() && chunk.sent_at.is_none(),
    };
    if !is_consistent || (chunk.adopted && chunk.state != ChunkState::Created) {
        let what = format!(
            "the fields of chunk {} contradict its state {}",
            chunk.label, chunk.state
        );
        return Err(DbError::Damaged(what));
    }
    if naming.key(&chunk.label, &chunk.digest) != chunk.key {
        let what = format!(
            "the key of chunk {} does not follow from its label and digest",
            chunk.label
        );
        return Err(DbError::Damaged(what));
    }
    Ok(())
}

/// Rows of chunks as they were read: in order of position, a chunk before its parts.
#[derive(Debug, Default)]
struct Tree {
    /// Number of the next chunk of the plan.
    next: u64,
    /// Position after the last row of the chunks so far.
    end: u64,
    /// Split chunks whose parts are being read, the innermost one last.
    split: Vec<Split>,
}

/// Split chunk whose parts are being read.
#[derive(Debug)]
struct Split {
    label: String,
    /// Number of the next part.
    next: u64,
    /// Position of its first row, of the first row of the next part, and after its last row.
    first: u64,
    place: u64,
    end: u64,
}

impl Split {
    /// Returns whether a part has rows that it can have: at least one, and not all of them.
    fn takes(&self, count: u64) -> bool {
        let end = self.place.saturating_add(count);
        let is_whole = self.place == self.first && end >= self.end;
        count > 0 && end <= self.end && !is_whole
    }
}

impl Tree {
    fn add(&mut self, chunk: &ChunkRecord) -> DbResult<()> {
        let (label, first, fits) = match self.split.last_mut() {
            Some(split) => {
                let part = (
                    format!("{}.{}", split.label, split.next),
                    split.place,
                    split.takes(chunk.count),
                );
                split.next = split.next.saturating_add(1);
                split.place = split.place.saturating_add(chunk.count);
                part
            }
            None => {
                let number = self.next;
                self.next = number.saturating_add(1);
                (number.to_string(), self.end, true)
            }
        };
        if (chunk.label.as_str(), chunk.first, fits) != (label.as_str(), first, true) {
            return Err(DbError::Damaged(format!(
                "chunk {label} from position {first} is missing or has other rows"
            )));
        }
        if chunk.state == ChunkState::Split {
            self.split.push(Split {
                label,
                next: 0,
                first,
                place: first,
                end: chunk.end(),
            });
        } else {
            self.end = chunk.end();
            while self.split.last().is_some_and(|split| split.place == split.end) {
                self.split.pop();
            }
        }
        Ok(())
    }

    /// Returns the number of rows.
    fn finish(self) -> DbResult<u64> {
        match self.split.last() {
            Some(Split { label, next, .. }) => Err(DbError::Damaged(format!("chunk {label}.{next} is missing"))),
            None => Ok(self.end),
        }
    }
}

/// Number and sum of row ids that an index should have.
#[derive(Debug, Default, PartialEq)]
struct Index {
    count: u64,
    sum: i64,
}

impl Index {
    fn add(&mut self, row: i64) {
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.wrapping_add(row);
    }

    fn of(connection: &Connection, submission: i64, index: &str, condition: &str) -> DbResult<Self> {
        let sql = format!("SELECT id FROM chunk INDEXED BY {index} WHERE submission = ?1 AND {condition}");
        let mut select = connection.prepare_cached(&sql)?;
        let mut rows = select.query([submission])?;
        let mut found = Self::default();
        while let Some(row) = rows.next()? {
            found.add(row.get(0)?);
        }
        Ok(found)
    }

    fn same(&self, expected: &Self, what: &str) -> DbResult<()> {
        match self == expected {
            true => Ok(()),
            false => Err(DbError::Damaged(format!("the index of {what} is damaged"))),
        }
    }
}
