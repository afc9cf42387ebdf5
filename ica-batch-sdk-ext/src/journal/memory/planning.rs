//! Planning in memory.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::comparison::{MemoryComparison, Recorded, duplicates};
use super::content::{Content, StoredRow, Submission};
use crate::error::Result;
use crate::journal::chunks::PlannedChunk;
use crate::journal::records::SubmissionId;
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

    pub(super) fn comparison(&self, submission: i64, from: u64) -> Result<Box<dyn Compare>> {
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
