//! A store in memory, for tests: the second implementation that passes `suite`.

mod comparison;
mod content;
mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::SystemTime;

use uuid::Uuid;

use self::comparison::{MemoryComparison, Recorded, created_elsewhere, duplicates};
use self::content::{Content, StoredRow, Submission, describe, problem};
use self::survey::{MemorySurvey, SurveyRow};
use super::chunks::{Chunk, ChunkRecord, PlannedChunk};
use super::elsewhere::CreatedElsewhere;
use super::expiry::{Resend, resend};
use super::failures::damaged;
use super::naming::planned_label;
use super::records::{ChunkState, JournalChunk, JournalEntry, SubmissionCounts, SubmissionId};
use super::steps::{
    AdoptedRow, Adoption, Begin, CREATED, ChunkRow, CreatedResult, ExpiredChunk, FAILED, Finish, Found, InsertionPoint,
    ItemsResult, ListedItem, NextChunk, OpenChunk, Rejection, ReportRow, ReportTotals, Resolution, Rules, SameName,
    Sending, Stamp, StoredBody, TakenChunk, UnlistedChunk, UnrequestedItem, is_final,
};
use super::store::{Compare, Store, Survey};
use super::time::{from_millis, to_millis};
use super::verification::Verification;
use crate::error::{Execution, Problem, Result};

/// Store in memory.
#[derive(Debug, Default)]
pub(super) struct MemoryStore(Mutex<Content>);

impl MemoryStore {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().expect("no test panics with it")
    }
}

impl Store for MemoryStore {
    fn stamp(&self) -> Result<Stamp> {
        Ok(Stamp {
            id: "memory".to_owned(),
            counter: self.content().counter,
        })
    }

    fn submissions(&self) -> Result<Vec<JournalEntry>> {
        let content = self.content();
        let entries = content.submissions.iter().map(|(row, submission)| JournalEntry {
            row: *row,
            base_url: submission.id.base_url.clone(),
            project: submission.id.project.clone(),
            name: submission.id.name.clone(),
            is_planned: submission.is_planned,
            created_at: submission.created_at,
            counts: submission.counts(),
        });
        Ok(entries.collect())
    }

    fn find(&self, id: &SubmissionId) -> Result<Found> {
        let content = self.content();
        let mut missing = SameName {
            base_urls: Vec::new(),
            projects: Vec::new(),
        };
        for (row, submission) in content.submissions.iter().filter(|(_, known)| known.id.name == id.name) {
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

    fn begin(&self, id: &SubmissionId, marked: bool, now: SystemTime) -> Result<Begin> {
        if let Found::Planned(row) = self.find(id)? {
            return Ok(Begin::Planned(row));
        }
        let mut content = self.content();
        content.submissions.retain(|_, submission| submission.id != *id);
        let row = content.next_row();
        let submission = Submission {
            id: id.clone(),
            is_planned: false,
            created_at: now,
            rules: Rules::new(marked),
            chunks: BTreeMap::new(),
            rows: Vec::new(),
        };
        content.submissions.insert(row, submission);
        Ok(Begin::Plan(row))
    }

    fn rules(&self, submission: i64) -> Result<Rules> {
        Ok(self.content().submission(submission).rules)
    }

    fn record_runs(&self, submission: i64, rows: &[AdoptedRow]) -> Result<()> {
        let mut content = self.content();
        content.counter += 1;
        for row in rows {
            content.submission(submission).rows[row.position as usize].run = Some(row.run.clone());
        }
        Ok(())
    }

    fn set_searched(&self, submission: i64, searched: bool) -> Result<()> {
        let mut content = self.content();
        content.counter += 1;
        content.submission(submission).rules.searched = searched;
        Ok(())
    }

    fn distrust(&self) -> Result<()> {
        let mut content = self.content();
        content.counter += 1;
        let rules = content.submissions.values_mut().map(|submission| &mut submission.rules);
        rules
            .filter(|rules| rules.marked)
            .for_each(|rules| rules.searched = false);
        Ok(())
    }

    fn add_chunks(&self, submission: i64, chunks: &[PlannedChunk]) -> Result<()> {
        let mut content = self.content();
        for PlannedChunk { chunk, rows } in chunks {
            content.insert(submission, chunk);
            let stored = &mut content.submission(submission).rows;
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

    fn finish_plan(&self, submission: i64, allow_duplicates: bool) -> Result<Finish> {
        let mut content = self.content();
        content.counter += 1;
        let submission = content.submission(submission);
        if submission.rows.is_empty() {
            return Ok(Finish::Empty);
        }
        let references = submission.rows.iter().map(|row| row.row.user_reference.as_str());
        if !allow_duplicates && let Some(duplicates) = duplicates(references) {
            return Ok(Finish::Duplicates(duplicates));
        }
        submission.is_planned = true;
        Ok(Finish::Planned)
    }

    fn delete(&self, submission: i64) -> Result<()> {
        let mut content = self.content();
        content.counter += 1;
        content.submissions.remove(&submission);
        Ok(())
    }

    fn recorded_rows(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<(u64, [u8; 32])>> {
        let mut content = self.content();
        let rows = (0..).zip(&content.submission(submission).rows);
        let rows = rows.filter(|(position, row)| *position >= from && !row.replaced);
        Ok(rows
            .map(|(position, row)| (position, row.row.digest))
            .take(limit)
            .collect())
    }

    fn created_elsewhere(&self, submission: i64) -> Result<Option<CreatedElsewhere>> {
        let mut content = self.content();
        let elsewhere = content.created_elsewhere(submission);
        let submission = content.submission(submission);
        let planned = (0..).zip(&submission.rows).filter(|(position, row)| {
            let chunk = submission.chunk_of(*position).expect("each row has one");
            chunk.state == ChunkState::Planned && !row.replaced && row.row.attempt == 0
        });
        Ok(created_elsewhere(planned.map(|(_, row)| &row.row), &elsewhere))
    }

    fn comparison(&self, submission: i64, from: u64) -> Result<Box<dyn Compare>> {
        let mut content = self.content();
        let elsewhere = content.created_elsewhere(submission);
        let submission = content.submission(submission);
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

    fn insertion_point(&self, submission: i64) -> Result<InsertionPoint> {
        let mut content = self.content();
        let submission = content.submission(submission);
        let planned = submission
            .chunks
            .values()
            .filter(|(record, _)| !record.label.contains('.'));
        Ok(InsertionPoint {
            chunk: planned.count() as u64,
            position: submission.rows.len() as u64,
        })
    }

    fn take_next(&self, submission: i64, after: i64, sending: &Sending) -> Result<NextChunk> {
        let mut content = self.content();
        let mut chunks = content.submission(submission).chunks.iter();
        let open = chunks.find(|(row, (record, _))| **row > after && record.is_open());
        match open.map(|(row, _)| *row) {
            Some(row) => Ok(content.take(submission, row, sending)),
            None => Ok(NextChunk::Done),
        }
    }

    fn take(&self, submission: i64, chunk: i64, sending: &Sending) -> Result<NextChunk> {
        let mut content = self.content();
        let chunks = &content.submission(submission).chunks;
        match chunks.get(&chunk).is_some_and(|(record, _)| record.is_open()) {
            true => Ok(content.take(submission, chunk, sending)),
            false => Ok(NextChunk::Done),
        }
    }

    fn record_resent(&self, chunk: &TakenChunk, sending: &Sending) -> Result<()> {
        self.content().update(chunk.row, |record| match record.state {
            ChunkState::Sent => record.resent(sending),
            _ => record,
        });
        Ok(())
    }

    fn sent_chunks(&self, submission: i64) -> Result<Vec<i64>> {
        let mut content = self.content();
        let chunks = content.submission(submission).chunks.iter();
        let sent = chunks.filter(|(_, (record, _))| record.state == ChunkState::Sent);
        Ok(sent.map(|(row, _)| *row).collect())
    }

    fn open_identities(&self, submission: i64) -> Result<BTreeSet<String>> {
        let mut content = self.content();
        let chunks = content.submission(submission).chunks.values();
        let sent = chunks.filter(|(record, _)| record.state == ChunkState::Sent);
        Ok(sent.filter_map(|(record, _)| record.identity.clone()).collect())
    }

    fn expired(&self, submission: i64, now: SystemTime) -> Result<Option<ExpiredChunk>> {
        let mut content = self.content();
        let submission = content.submission(submission);
        if submission.rules.marked {
            return Ok(None);
        }
        let sent = submission
            .chunks
            .values()
            .filter(|(record, _)| record.state == ChunkState::Sent);
        let mut decided = sent.map(|(record, _)| (record, resend(record.sent_at, to_millis(now))));
        let expired = decided.find(|(_, decision)| !matches!(decision, Resend::Within(_)));
        Ok(expired.map(|(record, decision)| describe(submission, record, decision)))
    }

    fn plan_rejected_again(&self, submission: i64) -> Result<()> {
        let mut content = self.content();
        let stored = content.submission(submission);
        let rejected = stored.chunks.iter().filter(|(_, (record, _))| {
            record.state == ChunkState::Rejected && !stored.rows[record.first as usize].replaced
        });
        for row in rejected.map(|(row, _)| *row).collect::<Vec<_>>() {
            content.update(row, ChunkRecord::planned_again);
        }
        Ok(())
    }

    fn record_created(&self, chunk: i64, batch: Uuid, now: SystemTime) -> Result<CreatedResult> {
        let mut content = self.content();
        let record = &content.submissions[&content.owner(chunk)].chunks[&chunk].0;
        match (record.state, record.batch) {
            (ChunkState::Created, Some(known)) if known == batch => return Ok(CreatedResult::Recorded),
            (ChunkState::Created, Some(known)) => return Ok(CreatedResult::OtherBatch(known)),
            (ChunkState::Split, _) => return Ok(CreatedResult::Split),
            _ => {}
        }
        if let Some((submission, label)) = content.other_chunk(chunk, batch) {
            return Ok(CreatedResult::OtherChunk { submission, label });
        }
        content.update(chunk, |record| record.created(batch, to_millis(now)));
        Ok(CreatedResult::Recorded)
    }

    fn record_failure(&self, chunk: &TakenChunk, execution: Execution, now: SystemTime) -> Result<()> {
        self.content().update(chunk.row, |record| {
            record.failed(chunk.sent_before, execution, to_millis(now))
        });
        Ok(())
    }

    fn record_adopted(&self, chunk: i64, adoption: &Adoption, now: SystemTime) -> Result<bool> {
        let mut content = self.content();
        let owner = content.owner(chunk);
        if !content.submission(owner).chunks[&chunk].0.is_open() {
            return Ok(false);
        }
        for row in &adoption.rows {
            let stored = &mut content.submission(owner).rows[row.position as usize];
            stored.analysis = Some(row.analysis);
            stored.creation = Some(CREATED.to_owned());
            stored.run = Some(row.run.clone());
        }
        let now = to_millis(now);
        match adoption.parts.is_empty() {
            true => content.update(chunk, |record| record.adopted(now)),
            false => content.update(chunk, |record| record.divided(now)),
        }
        for (part, is_found) in &adoption.parts {
            let row = content.insert(owner, part);
            if *is_found {
                content.update(row, |record| record.adopted(now));
            }
        }
        Ok(true)
    }

    fn body(&self, submission: i64, label: &str) -> Result<Option<StoredBody>> {
        let mut content = self.content();
        let submission = content.submission(submission);
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

    fn chunk_rows(&self, chunk: i64) -> Result<Vec<ChunkRow>> {
        let content = self.content();
        let submission = &content.submissions[&content.owner(chunk)];
        let record = &submission.chunks[&chunk].0;
        let label = planned_label(&record.label);
        let mut chunks = submission.chunks.values();
        let (planned, _) = chunks.find(|(known, _)| known.label == label).expect("it was planned");
        let rows = submission.rows(planned).map(|(position, row)| ChunkRow {
            position: position as u64,
            user_reference: row.row.user_reference.clone(),
            kind: row.row.kind,
            is_own: (record.first..record.end()).contains(&(position as u64)),
            is_created: submission.chunk_of(position as u64).expect("each row has one").state == ChunkState::Created,
            analysis: row.analysis,
        });
        Ok(rows.collect())
    }

    fn open_chunk(&self, submission: i64, after: i64) -> Result<Option<OpenChunk>> {
        let mut content = self.content();
        let mut chunks = content.submission(submission).chunks.iter();
        let open = chunks.find(|(row, (record, _))| **row > after && record.is_open());
        Ok(open.map(|(row, (record, body))| OpenChunk {
            row: *row,
            is_sent: record.state == ChunkState::Sent,
            chunk: record.chunk(body.clone().expect("an open chunk has its body")),
        }))
    }

    fn survey(&self, submission: i64) -> Result<Box<dyn Survey>> {
        let mut content = self.content();
        let submission = content.submission(submission);
        let rows = (0..).zip(&submission.rows).map(|(position, row)| {
            let chunk = submission.chunk_of(position).expect("each row has one");
            SurveyRow {
                label: chunk.label.clone(),
                user_reference: row.row.user_reference.clone(),
                analysis: row.analysis,
                state: chunk.state,
                replaced: row.replaced,
                run: row.run.clone(),
                creation_failed: row.creation.as_deref() == Some(FAILED),
            }
        });
        Ok(Box::new(MemorySurvey::new(rows.collect())))
    }

    fn record_not_executed(&self, chunk: &TakenChunk) -> Result<()> {
        self.content().update(chunk.row, |record| match record.state {
            ChunkState::Sent => record.not_executed(),
            _ => record,
        });
        Ok(())
    }

    fn record_rejected(
        &self,
        chunk: &TakenChunk,
        rejection: &Rejection,
        halves: &[Chunk],
        now: SystemTime,
    ) -> Result<()> {
        let mut content = self.content();
        let owner = content.owner(chunk.row);
        if content.submission(owner).chunks[&chunk.row].0.state != ChunkState::Sent {
            return Ok(());
        }
        let problem = rejection.problem.as_ref().map(Problem::to_json);
        content.update(chunk.row, |record| {
            record.rejected(!halves.is_empty(), rejection.status, problem, to_millis(now))
        });
        for half in halves {
            content.insert(owner, half);
        }
        Ok(())
    }

    fn resolve(&self, submission: i64, label: &str, batch: Option<Uuid>, now: SystemTime) -> Result<Resolution> {
        let mut content = self.content();
        let mut chunks = content.submission(submission).chunks.iter();
        let Some((row, (record, _))) = chunks.find(|(_, (record, _))| record.label == label) else {
            return Ok(Resolution::NoSuchChunk);
        };
        let (row, state, sent_at, now) = (*row, record.state, record.sent_at, to_millis(now));
        if state != ChunkState::Sent {
            return Ok(Resolution::NotNeeded(state));
        }
        match batch {
            None if matches!(resend(sent_at, now), Resend::Within(_)) => return Ok(Resolution::KeyIsRemembered),
            None => content.update(row, ChunkRecord::not_executed),
            Some(batch) => match content.other_chunk(row, batch) {
                Some((_, other)) => return Ok(Resolution::OtherChunk(other)),
                None => content.update(row, |record| record.created(batch, now)),
            },
        }
        Ok(Resolution::Recorded)
    }

    fn user_references(&self, submission: i64, label: &str) -> Result<Vec<String>> {
        let mut content = self.content();
        let submission = content.submission(submission);
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

    fn unlisted_chunks(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<UnlistedChunk>> {
        let mut content = self.content();
        let chunks = content.submission(submission).in_order().into_iter();
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

    fn record_items(&self, chunk: &UnlistedChunk, items: &[ListedItem]) -> Result<ItemsResult> {
        let mut ids = BTreeSet::new();
        if let Some(repeated) = items.iter().find(|item| !ids.insert(item.item)) {
            return Ok(ItemsResult::Unrequested(UnrequestedItem::Repeated(repeated.item)));
        }
        let mut content = self.content();
        let owner = content.owner(chunk.row);
        let submission = content.submission(owner);
        let mut rows = submission.rows.clone();
        let range = chunk.first as usize..(chunk.first + chunk.count) as usize;
        let mut left = items.iter().collect::<Vec<_>>();
        let mut places = range.clone().collect::<Vec<_>>();
        places.sort_by_key(|place| (rows[*place].item.is_none(), *place));
        for place in places {
            let row = &mut rows[place];
            let known = row.item;
            let is_same = |item: &&ListedItem| item.user_reference == row.row.user_reference;
            let index = left.iter().position(|item| is_same(item) && Some(item.item) == known);
            if let Some(index) = index.or_else(|| left.iter().position(is_same)) {
                let item = left.remove(index);
                row.item = Some(item.item);
                row.analysis = item.analysis;
                row.creation = Some(item.creation_status.clone());
                row.run = item.run.clone().or(row.run.take());
            }
        }
        if let Some(left) = left.first() {
            let reference = left.user_reference.clone();
            return Ok(ItemsResult::Unrequested(UnrequestedItem::Reference(reference)));
        }
        let listed = rows[range]
            .iter()
            .all(|row| row.creation.as_deref().is_some_and(is_final));
        submission.rows = rows;
        content.update(chunk.row, |record| ChunkRecord { listed, ..record });
        Ok(ItemsResult::Recorded)
    }

    fn counts(&self, submission: i64) -> Result<SubmissionCounts> {
        Ok(self.content().submission(submission).counts())
    }

    fn totals(&self, submission: i64) -> Result<ReportTotals> {
        let mut content = self.content();
        let submission = content.submission(submission);
        Ok(ReportTotals {
            counts: submission.counts(),
            batches: submission
                .chunks
                .values()
                .filter_map(|(record, _)| record.batch)
                .collect(),
        })
    }

    fn report(&self, submission: i64, from: u64, limit: usize) -> Result<Vec<ReportRow>> {
        let mut content = self.content();
        let submission = content.submission(submission);
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
                run: row.run.clone(),
                attempt: row.row.attempt,
                status: chunk.status,
                problem: problem(chunk),
            }
        });
        Ok(report.take(limit).collect())
    }

    fn chunks(&self, submission: i64, after: Option<&JournalChunk>, limit: usize) -> Result<Vec<JournalChunk>> {
        let mut content = self.content();
        let submission = content.submission(submission);
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

    fn check(&self, submission: i64) -> Result<()> {
        let content = self.content();
        let known = content.submissions.contains_key(&submission);
        known
            .then_some(())
            .ok_or_else(|| damaged(Path::new("memory"), "it lacks a submission"))
    }

    fn verify(&self) -> Result<Verification> {
        let content = self.content();
        let all = content.submissions.values();
        Ok(Verification {
            submissions: content.submissions.len() as u64,
            chunks: all.clone().map(|submission| submission.chunks.len() as u64).sum(),
            analyses: all.map(|submission| submission.rows.len() as u64).sum(),
            ..Verification::default()
        })
    }

    fn complete_before(&self, before: SystemTime) -> Result<Vec<(i64, SubmissionId)>> {
        let content = self.content();
        let old = content
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

    fn delete_bodies(&self, before: SystemTime) -> Result<u64> {
        let mut content = self.content();
        let chunks = content
            .submissions
            .values_mut()
            .flat_map(|submission| submission.chunks.values_mut());
        let mut deleted = 0;
        for (record, body) in chunks {
            let is_old = record.answered_at.is_some_and(|at| at < to_millis(before));
            if record.state == ChunkState::Created && is_old && body.take().is_some() {
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    fn backup(&self, _: &Path) -> Result<()> {
        Err(damaged(Path::new("memory"), "it has no file"))
    }
}
