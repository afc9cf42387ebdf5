//! Planning in memory.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use super::comparison::{MemoryComparison, Recorded, created_elsewhere, duplicates};
use super::content::{Content, StoredRow, Submission};
use crate::error::Result;
use crate::journal::chunks::PlannedChunk;
use crate::journal::elsewhere::CreatedElsewhere;
use crate::journal::history::StatusHistory;
use crate::journal::records::{ChunkState, SubmissionId};
use crate::journal::steps::{Begin, FAILED, Finish, Found, InsertionPoint, Rules};
use crate::journal::store::Compare;

impl Content {
    pub(super) fn begin(&mut self, id: &SubmissionId, marked: bool, now: SystemTime) -> Result<Begin> {
        if let Found::Planned(row) = self.find(id)? {
            return Ok(Begin::Planned(row));
        }
        self.submissions.retain(|_, submission| submission.id != *id);
        let row = self.next_row();
        let submission = Submission {
            id: id.clone(),
            is_planned: false,
            created_at: now,
            rules: Rules::new(marked),
            manifest_digest: None,
            chunks: BTreeMap::new(),
            rows: Vec::new(),
            history: StatusHistory::default(),
        };
        self.submissions.insert(row, submission);
        Ok(Begin::Plan(row))
    }

    pub(super) fn add_chunks(&mut self, submission: i64, chunks: &[PlannedChunk]) -> Result<()> {
        for PlannedChunk { chunk, rows } in chunks {
            self.insert(submission, chunk);
            let stored = &mut self.submission(submission).rows;
            for row in rows {
                if let Some(replaced) = row.replaces {
                    stored[replaced as usize].replaced = true;
                }
                stored.push(StoredRow {
                    row: row.clone(),
                    replaced: false,
                    item: None,
                    analysis: None,
                    creation: None,
                    message: None,
                    run: None,
                });
            }
        }
        Ok(())
    }

    pub(super) fn finish_plan(
        &mut self,
        submission: i64,
        allow_duplicates: bool,
        manifest_digest: Option<&str>,
    ) -> Result<Finish> {
        self.counter += 1;
        let submission = self.submission(submission);
        if submission.rows.is_empty() {
            return Ok(Finish::Empty);
        }
        let references = submission.rows.iter().map(|row| row.row.user_reference.as_str());
        if !allow_duplicates && let Some(duplicates) = duplicates(references) {
            return Ok(Finish::Duplicates(duplicates));
        }
        submission.is_planned = true;
        submission.manifest_digest = manifest_digest.map(str::to_owned);
        Ok(Finish::Planned)
    }

    pub(super) fn recorded_rows(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<(u64, [u8; 32])>> {
        let rows = (0..).zip(&self.submissions[&submission].rows);
        let rows = rows.filter(|(position, row)| *position >= from && !row.replaced);
        Ok(rows
            .map(|(position, row)| (position, row.row.digest))
            .take(limit)
            .collect())
    }

    pub(super) fn planned_elsewhere(&self, submission: i64) -> Result<Option<CreatedElsewhere>> {
        let elsewhere = self.created_elsewhere(submission);
        let submission = &self.submissions[&submission];
        let planned = (0..).zip(&submission.rows).filter(|(position, row)| {
            let chunk = submission.chunk_of(*position).expect("each row has one");
            chunk.state == ChunkState::Planned && !row.replaced && row.row.attempt == 0
        });
        Ok(created_elsewhere(planned.map(|(_, row)| &row.row), &elsewhere))
    }

    /// Returns the names of the other submissions of the project that have created a row, or may
    /// have, by its digest.
    fn created_elsewhere(&self, submission: i64) -> HashMap<[u8; 32], String> {
        let id = &self.submissions[&submission].id;
        let others = self.submissions.values().filter(|other| {
            other.is_planned
                && other.id.name != id.name
                && (&other.id.base_url, &other.id.project) == (&id.base_url, &id.project)
        });
        let mut names = HashMap::new();
        for other in others {
            for (position, row) in (0..).zip(&other.rows) {
                let state = other.chunk_of(position).expect("each row has one").state;
                let is_created = matches!(state, ChunkState::Created | ChunkState::Sent);
                if is_created && row.creation.as_deref() != Some(FAILED) {
                    names.insert(row.row.digest, other.id.name.clone());
                }
            }
        }
        names
    }

    pub(super) fn comparison(&self, submission: i64, from: u64) -> Result<Box<dyn Compare>> {
        let elsewhere = self.created_elsewhere(submission);
        let submission = &self.submissions[&submission];
        let recorded = (0..).zip(&submission.rows).filter(|(_, row)| !row.replaced);
        let recorded = recorded.map(|(position, row)| Recorded {
            position,
            row: row.row.clone(),
            state: submission.chunk_of(position).expect("each row has one").state,
            creation_failed: row.creation.as_deref() == Some(FAILED),
        });
        Ok(Box::new(MemoryComparison {
            recorded: recorded.collect(),
            from,
            elsewhere,
            ..MemoryComparison::default()
        }))
    }

    pub(super) fn insertion_point(&self, submission: i64) -> Result<InsertionPoint> {
        let submission = &self.submissions[&submission];
        let planned = submission
            .chunks
            .values()
            .filter(|(record, _)| !record.label.contains('.'));
        Ok(InsertionPoint {
            chunk: planned.count() as u64,
            position: submission.rows.len() as u64,
        })
    }
}
