//! The content of a store in memory.

use std::collections::BTreeMap;
use std::time::SystemTime;

use uuid::Uuid;

use crate::error::{Problem, Scrubber};
use crate::journal::chunks::{Chunk, ChunkRecord, Row};
use crate::journal::expiry::Resend;
use crate::journal::found::AdoptedRow;
use crate::journal::history::StatusHistory;
use crate::journal::records::{ChunkState, SubmissionCounts, SubmissionId};
use crate::journal::steps::{ExpiredChunk, FAILED, Rules, run_after};
use crate::journal::time::from_millis;

#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) counter: u64,
    pub(super) last_row: i64,
    pub(super) submissions: BTreeMap<i64, Submission>,
}

#[derive(Debug)]
pub(super) struct Submission {
    pub(super) id: SubmissionId,
    pub(super) is_planned: bool,
    pub(super) created_at: SystemTime,
    pub(super) rules: Rules,
    pub(super) manifest_digest: Option<String>,
    /// By row id.
    pub(super) chunks: BTreeMap<i64, (ChunkRecord, Option<Vec<u8>>)>,
    pub(super) rows: Vec<StoredRow>,
    pub(super) history: StatusHistory,
}

#[derive(Debug, Clone)]
pub(super) struct StoredRow {
    pub(super) row: Row,
    pub(super) replaced: bool,
    pub(super) item: Option<Uuid>,
    pub(super) analysis: Option<Uuid>,
    pub(super) creation: Option<String>,
    /// Why ICA could not create the analysis.
    pub(super) message: Option<String>,
    pub(super) run: Option<String>,
}

impl StoredRow {
    /// Records the status of its run.
    pub(super) fn record_run(&mut self, shown: &AdoptedRow) {
        let known = (self.analysis, self.run.as_deref());
        let run = run_after(known, (Some(shown.analysis), Some(&shown.run)));
        self.run = run.map(str::to_owned);
    }
}

impl Content {
    pub(super) fn submission(&mut self, row: i64) -> &mut Submission {
        self.submissions.get_mut(&row).expect("the submission exists")
    }

    pub(super) fn next_row(&mut self) -> i64 {
        self.counter += 1;
        self.last_row += 1;
        self.last_row
    }

    /// Returns the row id of the submission with this chunk.
    pub(super) fn owner(&self, chunk: i64) -> i64 {
        let mut all = self.submissions.iter();
        *all.find(|(_, submission)| submission.chunks.contains_key(&chunk))
            .expect("the chunk exists")
            .0
    }

    pub(super) fn update(&mut self, chunk: i64, change: impl FnOnce(ChunkRecord) -> ChunkRecord) {
        self.counter += 1;
        let owner = self.owner(chunk);
        let (record, _) = self.submission(owner).chunks.get_mut(&chunk).expect("it was found");
        *record = change(record.clone());
    }

    pub(super) fn insert(&mut self, submission: i64, chunk: &Chunk) -> i64 {
        let row = self.next_row();
        let chunks = &mut self.submission(submission).chunks;
        chunks.insert(row, (ChunkRecord::planned(chunk), Some(chunk.body.clone())));
        row
    }

    pub(super) fn other_chunk(&self, chunk: i64, batch: Uuid) -> Option<(String, String)> {
        let base_url = &self.submissions[&self.owner(chunk)].id.base_url;
        let same = self.submissions.values().filter(|other| other.id.base_url == *base_url);
        let mut others = same.flat_map(|other| other.chunks.iter().map(move |(row, (record, _))| (other, row, record)));
        let (other, _, record) = others.find(|(_, row, record)| **row != chunk && record.batch == Some(batch))?;
        Some((other.id.name.clone(), record.label.clone()))
    }
}

impl Submission {
    /// Returns the chunks in order of position, a split chunk before its halves.
    pub(super) fn in_order(&self) -> Vec<(i64, &ChunkRecord)> {
        let mut chunks = self
            .chunks
            .iter()
            .map(|(row, (record, _))| (*row, record))
            .collect::<Vec<_>>();
        chunks.sort_by_key(|(row, record)| (record.first, *row));
        chunks
    }

    pub(super) fn rows(&self, chunk: &ChunkRecord) -> impl Iterator<Item = (usize, &StoredRow)> {
        let range = chunk.first as usize..chunk.end() as usize;
        range.clone().zip(&self.rows[range])
    }

    /// Returns the chunk that has this row and is not split.
    pub(super) fn chunk_of(&self, position: u64) -> Option<&ChunkRecord> {
        self.numbered_chunk_of(position).map(|(_, record)| record)
    }

    /// Returns the chunk of a row with its row id.
    pub(super) fn numbered_chunk_of(&self, position: u64) -> Option<(i64, &ChunkRecord)> {
        let mut chunks = self.chunks.iter().map(|(row, (record, _))| (*row, record));
        chunks.find(|(_, chunk)| chunk.state != ChunkState::Split && (chunk.first..chunk.end()).contains(&position))
    }

    pub(super) fn counts(&self) -> SubmissionCounts {
        let mut counts = SubmissionCounts::default();
        for (record, _) in self
            .chunks
            .values()
            .filter(|(record, _)| record.state != ChunkState::Split)
        {
            counts.chunks += 1;
            let rows = self.rows(record).filter(|(_, row)| !row.replaced).count() as u64;
            counts.analyses += rows;
            match record.state {
                ChunkState::Created => {
                    let failed = |row: &StoredRow| !row.replaced && row.creation.as_deref() == Some(FAILED);
                    let failed = self.rows(record).filter(|(_, row)| failed(row)).count() as u64;
                    counts.created += rows - failed;
                    counts.creation_failed += failed;
                }
                ChunkState::Rejected => counts.rejected += rows,
                _ => {}
            }
        }
        counts
    }
}

pub(super) fn describe(submission: &Submission, record: &ChunkRecord, resend: Resend) -> ExpiredChunk {
    let reference = |position: u64| submission.rows[position as usize].row.user_reference.clone();
    ExpiredChunk {
        label: record.label.clone(),
        key: record.key.clone(),
        sent_at: from_millis(record.sent_at.unwrap_or_default()),
        resend,
        references: (reference(record.first), reference(record.end() - 1)),
        count: record.count,
    }
}

pub(super) fn problem(record: &ChunkRecord) -> Option<Problem> {
    Problem::from_bytes(record.problem.as_deref()?.as_bytes(), &Scrubber::without_secrets())
}
