//! Transactions that write. Each keeps the checksums up to date and raises the journal's counter.

use std::collections::BTreeMap;
use std::ops::Deref;

use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use super::database::{DbError, DbResult};
use super::rows::{StoredChunk, flag};
use crate::journal::checksum::{self, Checksum};
use crate::journal::chunks::{Chunk, ChunkRecord};
use crate::journal::naming::{KeyVersion, Naming};
use crate::journal::records::SubmissionId;
use crate::journal::steps::{Rules, Stamp};
use crate::journal::time::Millis;

/// Transaction that writes. Unless it is [committed](Self::commit), nothing happens.
pub(super) struct Changes<'a> {
    transaction: Transaction<'a>,
    /// Changes of the checksum of each submission's rows.
    rows: BTreeMap<i64, Checksum>,
    /// Change of the checksum of all submissions.
    submissions: Checksum,
}

impl Deref for Changes<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.transaction
    }
}

impl<'a> Changes<'a> {
    /// Begins the transaction. It holds the file's lock from the start, so the rows it reads do not
    /// change before it commits.
    pub(super) fn begin(connection: &'a mut Connection) -> DbResult<Self> {
        Ok(Self {
            transaction: connection.transaction_with_behavior(TransactionBehavior::Immediate)?,
            rows: BTreeMap::new(),
            submissions: 0,
        })
    }

    /// Counts a row that was added.
    pub(super) fn added(&mut self, submission: i64, checksum: Checksum) {
        let sum = self.rows.entry(submission).or_default();
        *sum = sum.wrapping_add(checksum);
    }

    /// Counts a row that was deleted.
    pub(super) fn removed(&mut self, submission: i64, checksum: Checksum) {
        self.added(submission, checksum.wrapping_neg());
    }

    /// Inserts a chunk in the state `planned`. Returns its row id.
    pub(super) fn insert_chunk(&mut self, submission: i64, chunk: &Chunk) -> DbResult<i64> {
        let record = ChunkRecord::planned(chunk);
        let sql = "INSERT INTO chunk (submission, label, first, count, state, key, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.prepare_cached(sql)?.execute(params![
            submission,
            record.label,
            record.first,
            record.count,
            record.state.as_str(),
            record.key.as_str(),
            record.digest
        ])?;
        let row = self.last_insert_rowid();
        let sql = "INSERT INTO body (chunk, bytes) VALUES (?1, ?2)";
        self.prepare_cached(sql)?.execute(params![row, chunk.body])?;
        self.added(submission, checksum::chunk(&record));
        Ok(row)
    }

    /// Writes what changed of a chunk. Its identity stays.
    pub(super) fn update_chunk(&mut self, stored: &StoredChunk, new: &ChunkRecord) -> DbResult<()> {
        if stored.record == *new {
            return Ok(());
        }
        let sql = "UPDATE chunk SET state = ?2, sent_at = ?3, batch = ?4, listed = ?5, answered_at = ?6, status = ?7, problem = ?8,
                   sent_until = ?9, identity = ?10, adopted = ?11 WHERE id = ?1";
        self.prepare_cached(sql)?.execute(params![
            stored.row,
            new.state.as_str(),
            new.sent_at,
            new.batch.map(|batch| batch.to_string()),
            new.listed,
            new.answered_at,
            new.status,
            new.problem,
            new.sent_until,
            new.identity,
            new.adopted
        ])?;
        self.removed(stored.submission, checksum::chunk(&stored.record));
        self.added(stored.submission, checksum::chunk(new));
        Ok(())
    }

    /// Inserts a submission whose manifest is being read. Returns its row id.
    pub(super) fn insert_submission(&mut self, id: &SubmissionId, rules: Rules, now: Millis) -> DbResult<i64> {
        let sql = "INSERT INTO submission (endpoint, project, name, state, created_at, marked, keys, checksum)
                   VALUES (?1, ?2, ?3, 'planning', ?4, ?5, ?6, 0)";
        let values = params![id.base_url, id.project, id.name, now, rules.marked, rules.keys.number()];
        self.prepare_cached(sql)?.execute(values)?;
        let sum = checksum::submission(id, "planning", now, rules, None, 0);
        self.submissions = self.submissions.wrapping_add(sum);
        Ok(self.last_insert_rowid())
    }

    /// Ends the plan of a submission, which was made from a manifest with this digest.
    pub(super) fn set_planned(&mut self, submission: i64, manifest_digest: Option<&str>) -> DbResult<()> {
        self.set_state(submission, "planned")?;
        self.set_manifest_digest(submission, manifest_digest)
    }

    /// Sets the digest of the manifest that the rows of a submission are from.
    pub(super) fn set_manifest_digest(&mut self, submission: i64, digest: Option<&str>) -> DbResult<()> {
        let stored = StoredSubmission::read(self, submission)?;
        let sql = "UPDATE submission SET manifest_digest = ?2 WHERE id = ?1";
        self.prepare_cached(sql)?.execute(params![submission, digest])?;
        self.replaced(&stored, |new| new.manifest_digest = digest.map(str::to_owned));
        Ok(())
    }

    /// Sets the state of a submission.
    pub(super) fn set_state(&mut self, submission: i64, state: &str) -> DbResult<()> {
        let stored = StoredSubmission::read(self, submission)?;
        let sql = "UPDATE submission SET state = ?2 WHERE id = ?1";
        self.prepare_cached(sql)?.execute(params![submission, state])?;
        self.replaced(&stored, |new| new.state = state.to_owned());
        Ok(())
    }

    /// Deletes a submission, whose rows were deleted before.
    pub(super) fn delete_submission(&mut self, submission: i64) -> DbResult<()> {
        // Its rows are gone, so their sum does not matter.
        self.rows.remove(&submission);
        let stored = StoredSubmission::read(self, submission)?;
        let sql = "DELETE FROM submission WHERE id = ?1";
        self.prepare_cached(sql)?.execute([submission])?;
        self.submissions = self.submissions.wrapping_sub(stored.checksum());
        Ok(())
    }

    fn replaced(&mut self, old: &StoredSubmission, change: impl FnOnce(&mut StoredSubmission)) {
        let mut new = old.clone();
        change(&mut new);
        self.submissions = self
            .submissions
            .wrapping_sub(old.checksum())
            .wrapping_add(new.checksum());
    }

    /// Commits, and returns the stamp of the journal.
    pub(super) fn commit(mut self) -> DbResult<Stamp> {
        for (submission, change) in std::mem::take(&mut self.rows) {
            let stored = StoredSubmission::read(&self, submission)?;
            let rows = stored.rows.wrapping_add(change);
            let sql = "UPDATE submission SET checksum = ?2 WHERE id = ?1";
            self.prepare_cached(sql)?.execute(params![submission, rows])?;
            self.replaced(&stored, |new| new.rows = rows);
        }
        let sql = "SELECT id, counter, checksum FROM journal WHERE only = 1";
        let (id, counter, sum): (String, i64, Checksum) = self
            .prepare_cached(sql)?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let counter = counter
            .checked_add(1)
            .ok_or_else(|| DbError::Damaged("its counter is at its end".to_owned()))?;
        let sql = "UPDATE journal SET counter = ?1, checksum = ?2 WHERE only = 1";
        self.prepare_cached(sql)?
            .execute(params![counter, sum.wrapping_add(self.submissions)])?;
        let stamp = Stamp {
            id,
            counter: u64::try_from(counter).map_err(|_| DbError::Damaged("its counter is negative".to_owned()))?,
        };
        self.transaction.commit()?;
        Ok(stamp)
    }
}

/// Submission as the journal has it.
#[derive(Debug, Clone)]
pub(super) struct StoredSubmission {
    pub(super) id: SubmissionId,
    pub(super) state: String,
    pub(super) created_at: Millis,
    pub(super) rules: Rules,
    pub(super) manifest_digest: Option<String>,
    /// Checksum of its rows.
    pub(super) rows: Checksum,
}

/// Columns of a submission in the order that [`StoredSubmission::of`] reads.
pub(super) const SUBMISSION: &str =
    "endpoint, project, name, state, created_at, checksum, marked, keys, manifest_digest";

impl StoredSubmission {
    pub(super) fn read(connection: &Connection, submission: i64) -> DbResult<Self> {
        let sql = format!("SELECT {SUBMISSION} FROM submission WHERE id = ?1");
        let mut select = connection.prepare_cached(&sql)?;
        let mut rows = select.query([submission])?;
        match rows.next()? {
            Some(row) => Self::of(row),
            None => Err(DbError::Damaged(
                "it lacks the submission that is being used".to_owned(),
            )),
        }
    }

    pub(super) fn of(row: &Row<'_>) -> DbResult<Self> {
        let keys: i64 = row.get(7)?;
        Ok(Self {
            id: SubmissionId {
                base_url: row.get(0)?,
                project: row.get(1)?,
                name: row.get(2)?,
            },
            state: row.get(3)?,
            created_at: row.get(4)?,
            rules: Rules {
                marked: flag(row.get(6)?)?,
                keys: KeyVersion::from_number(keys)
                    .ok_or_else(|| DbError::Damaged(format!("it has {keys} as the derivation of keys")))?,
            },
            manifest_digest: row.get(8)?,
            rows: row.get(5)?,
        })
    }

    pub(super) fn naming(&self) -> Naming {
        Naming::new(self.rules.keys, &self.id)
    }

    pub(super) fn checksum(&self) -> Checksum {
        let Self {
            id,
            state,
            created_at,
            rules,
            manifest_digest,
            rows,
        } = self;
        checksum::submission(id, state, *created_at, *rules, manifest_digest.as_deref(), *rows)
    }
}
