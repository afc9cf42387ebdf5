//! Reading submissions, chunks and rows in memory.

use std::time::SystemTime;

use super::content::{Content, problem};
use super::survey::{MemorySurvey, SurveyRow};
use crate::error::Result;
use crate::journal::found::ChunkRow;
use crate::journal::naming::{planned_label, row_mark};
use crate::journal::records::{ChunkState, JournalChunk, JournalEntry, SubmissionId, SubmissionState, Which};
use crate::journal::steps::{FAILED, Found, ReportRow, SameName, StoredBody, UnlistedChunk};
use crate::journal::store::Survey;
use crate::journal::time::{from_millis, to_millis};

impl Content {
    pub(super) fn submissions(&self, which: Which<'_>) -> Result<Vec<JournalEntry>> {
        let last = self.submissions.last_key_value().map(|(row, _)| *row);
        let wanted = self.submissions.iter().filter(|(row, submission)| match which {
            Which::All => true,
            Which::Id(id) => submission.id == *id,
            Which::Last => Some(**row) == last,
        });
        let entries = wanted.map(|(row, submission)| JournalEntry {
            row: *row,
            base_url: submission.id.base_url.clone(),
            project: submission.id.project.clone(),
            name: submission.id.name.clone(),
            is_planned: submission.is_planned,
            state: SubmissionState::new(submission.is_planned, submission.counts()),
            created_at: submission.created_at,
            manifest_digest: submission.manifest_digest.clone(),
            counts: submission.counts(),
        });
        Ok(entries.collect())
    }

    pub(super) fn find(&self, id: &SubmissionId) -> Result<Found> {
        let mut missing = SameName {
            base_urls: Vec::new(),
            projects: Vec::new(),
        };
        for (row, submission) in self.submissions.iter().filter(|(_, known)| known.id.name == id.name) {
            let known = &submission.id;
            match (known.base_url == id.base_url, known.project == id.project) {
                (true, true) if submission.is_planned => return Ok(Found::Planned(*row)),
                (true, true) => return Ok(Found::Unfinished),
                (true, false) => missing.projects.push(known.project.clone()),
                (false, true) => missing.base_urls.push(known.base_url.clone()),
                (false, false) => {}
            }
        }
        Ok(Found::Missing(missing))
    }

    pub(super) fn body(&self, submission: i64, label: &str) -> Result<Option<StoredBody>> {
        let submission = &self.submissions[&submission];
        let mut chunks = submission.chunks.values();
        let Some((record, Some(bytes))) = chunks.find(|(record, _)| record.label == label) else {
            return Ok(None);
        };
        Ok(Some(StoredBody {
            first: record.first,
            kinds: submission.rows(record).map(|(_, row)| row.row.kind).collect(),
            bytes: bytes.clone(),
        }))
    }

    pub(super) fn chunk_rows(&self, chunk: i64) -> Result<Vec<ChunkRow>> {
        let submission = &self.submissions[&self.owner(chunk)];
        let record = &submission.chunks[&chunk].0;
        let label = planned_label(&record.label);
        let mut chunks = submission.chunks.values();
        let (planned, _) = chunks.find(|(known, _)| known.label == label).expect("it was planned");
        let rows = submission.rows(planned).map(|(position, row)| ChunkRow {
            position: position as u64,
            user_reference: row.row.user_reference.clone(),
            mark: row_mark(&row.row.digest),
            is_again: row.row.attempt > 0,
            kind: row.row.kind,
            is_own: (record.first..record.end()).contains(&(position as u64)),
            is_created: submission.chunk_of(position as u64).expect("each row has one").state == ChunkState::Created,
            analysis: row.analysis,
        });
        Ok(rows.collect())
    }

    pub(super) fn survey(&self, submission: i64) -> Result<Box<dyn Survey>> {
        let submission = &self.submissions[&submission];
        let rows = (0..).zip(&submission.rows).map(|(position, row)| {
            let (number, chunk) = submission.numbered_chunk_of(position).expect("each row has one");
            SurveyRow {
                position,
                chunk: number,
                label: chunk.label.clone(),
                user_reference: row.row.user_reference.clone(),
                mark: row_mark(&row.row.digest),
                analysis: row.analysis,
                state: chunk.state,
                replaced: row.replaced,
                run: row.run.clone(),
                creation_failed: row.creation.as_deref() == Some(FAILED),
            }
        });
        Ok(Box::new(MemorySurvey::new(rows.collect())))
    }

    pub(super) fn user_references(&self, submission: i64, label: &str) -> Result<Vec<String>> {
        let submission = &self.submissions[&submission];
        let mut chunks = submission.chunks.values();
        let Some((record, _)) = chunks.find(|(record, _)| record.label == label) else {
            return Ok(Vec::new());
        };
        let mut references = submission
            .rows(record)
            .map(|(_, row)| row.row.user_reference.clone())
            .collect::<Vec<_>>();
        references.sort();
        Ok(references)
    }

    pub(super) fn unlisted_chunks(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<UnlistedChunk>> {
        let chunks = self.submissions[&submission].in_order().into_iter();
        let chunks = chunks.filter(|(_, record)| record.first >= from && !record.listed);
        let unlisted = chunks.filter_map(|(row, record)| {
            Some(UnlistedChunk {
                row,
                label: record.label.clone(),
                first: record.first,
                count: record.count,
                batch: record.batch?,
            })
        });
        Ok(unlisted.take(limit).collect())
    }

    pub(super) fn report(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<ReportRow>> {
        let submission = &self.submissions[&submission];
        let rows = (0..)
            .zip(&submission.rows)
            .filter(|(position, row)| *position >= from && !row.replaced);
        let report = rows.map(|(position, row)| {
            let chunk = submission.chunk_of(position).expect("each row has one");
            ReportRow {
                position,
                user_reference: row.row.user_reference.clone(),
                kind: row.row.kind,
                state: chunk.state,
                chunk: chunk.label.clone(),
                key: chunk.key.clone(),
                batch: chunk.batch,
                item: row.item,
                analysis: row.analysis,
                creation_status: row.creation.clone(),
                message: row.message.clone().filter(|_| row.creation.as_deref() == Some(FAILED)),
                run: row.run.clone(),
                attempt: row.row.attempt,
                status: chunk.status,
                problem: problem(chunk),
            }
        });
        Ok(report.take(limit).collect())
    }

    pub(super) fn chunks(
        &self,
        submission: i64,
        after: Option<&JournalChunk>,
        limit: usize,
    ) -> Result<Vec<JournalChunk>> {
        let submission = &self.submissions[&submission];
        let chunks = submission.in_order().into_iter().map(|(row, record)| JournalChunk {
            row,
            label: record.label.clone(),
            first_position: record.first,
            analyses: record.count,
            state: record.state,
            key: record.key.clone(),
            digest: record.digest.clone(),
            bytes: submission.chunks[&row].1.as_ref().map(|body| body.len() as u64),
            sent_at: record.sent_at.map(from_millis),
            response_at: record.answered_at.map(from_millis),
            batch: record.batch,
            adopted: record.adopted,
            status: record.status,
            problem: problem(record),
        });
        let place = |chunk: &JournalChunk| (chunk.first_position, chunk.row);
        let chunks = chunks.filter(|chunk| after.is_none_or(|after| place(chunk) > place(after)));
        Ok(chunks.take(limit).collect())
    }

    pub(super) fn complete_before(&self, before: SystemTime) -> Result<Vec<(i64, SubmissionId)>> {
        let old = self
            .submissions
            .iter()
            .filter(|(_, submission)| submission.created_at < before);
        let complete = old.filter(|(_, submission)| {
            let mut chunks = submission.chunks.values();
            !submission.is_planned
                || chunks
                    .all(|(record, _)| !record.is_open() && record.answered_at.is_some_and(|at| at < to_millis(before)))
        });
        Ok(complete
            .map(|(row, submission)| (*row, submission.id.clone()))
            .collect())
    }
}
