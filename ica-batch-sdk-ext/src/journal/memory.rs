//! A store in memory, for tests: the second implementation that passes `suite`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::SystemTime;

use uuid::Uuid;

use super::chunks::{Chunk, ChunkRecord, ManifestRow, PlannedChunk, Row};
use super::expiry::{Resend, resend};
use super::failures::damaged;
use super::kind::AnalysisKind;
use super::manifest_changes::{ChangedRows, DuplicateReferences, ManifestChanges};
use super::records::{ChunkState, JournalChunk, JournalEntry, SubmissionCounts, SubmissionId};
use super::steps::{
    AcceptedRow, Begin, CreatedResult, Differences, ExpiredChunk, Finish, Found, InsertionPoint, ItemsResult, LISTED,
    ListedItem, NextChunk, Rejection, ReportRow, ReportTotals, Resolution, SameName, Stamp, TakenChunk, UnlistedChunk,
    UnrequestedItem, is_final,
};
use super::store::{Compare, Store};
use super::time::{from_millis, to_millis};
use super::verification::Verification;
use crate::error::{Execution, Problem, Result, Scrubber};

/// Store in memory.
#[derive(Debug, Default)]
pub(super) struct MemoryStore(Mutex<Content>);

#[derive(Debug, Default)]
struct Content {
    counter: u64,
    last_row: i64,
    submissions: BTreeMap<i64, Submission>,
}

#[derive(Debug)]
struct Submission {
    id: SubmissionId,
    is_planned: bool,
    created_at: SystemTime,
    /// By row id.
    chunks: BTreeMap<i64, (ChunkRecord, Option<Vec<u8>>)>,
    rows: Vec<StoredRow>,
}

#[derive(Debug, Clone)]
struct StoredRow {
    row: Row,
    replaced: bool,
    item: Option<(Uuid, Option<Uuid>, String)>,
}

impl Content {
    fn submission(&mut self, row: i64) -> &mut Submission {
        self.submissions.get_mut(&row).expect("the submission exists")
    }

    fn next_row(&mut self) -> i64 {
        self.counter += 1;
        self.last_row += 1;
        self.last_row
    }

    /// Returns the row id of the submission with this chunk.
    fn owner(&self, chunk: i64) -> i64 {
        let mut all = self.submissions.iter();
        *all.find(|(_, submission)| submission.chunks.contains_key(&chunk))
            .expect("the chunk exists")
            .0
    }

    fn update(&mut self, chunk: i64, change: impl FnOnce(ChunkRecord) -> ChunkRecord) {
        self.counter += 1;
        let owner = self.owner(chunk);
        let (record, _) = self.submission(owner).chunks.get_mut(&chunk).expect("it was found");
        *record = change(record.clone());
    }

    fn insert(&mut self, submission: i64, chunk: &Chunk) {
        let row = self.next_row();
        let chunks = &mut self.submission(submission).chunks;
        chunks.insert(row, (ChunkRecord::planned(chunk), Some(chunk.body.clone())));
    }

    fn other_chunk(&self, chunk: i64, batch: Uuid) -> Option<(String, String)> {
        let base_url = &self.submissions[&self.owner(chunk)].id.base_url;
        let same = self.submissions.values().filter(|other| other.id.base_url == *base_url);
        let mut others = same.flat_map(|other| other.chunks.iter().map(move |(row, (record, _))| (other, row, record)));
        let (other, _, record) = others.find(|(_, row, record)| **row != chunk && record.batch == Some(batch))?;
        Some((other.id.name.clone(), record.label.clone()))
    }
}

impl Submission {
    /// Returns the chunks in order of position, a split chunk before its halves.
    fn in_order(&self) -> Vec<(i64, &ChunkRecord)> {
        let mut chunks = self
            .chunks
            .iter()
            .map(|(row, (record, _))| (*row, record))
            .collect::<Vec<_>>();
        chunks.sort_by_key(|(row, record)| (record.first, *row));
        chunks
    }

    fn rows(&self, chunk: &ChunkRecord) -> impl Iterator<Item = (usize, &StoredRow)> {
        let range = chunk.first as usize..chunk.end() as usize;
        range.clone().zip(&self.rows[range])
    }

    /// Returns the chunk that has this row and is not split.
    fn chunk_of(&self, position: u64) -> Option<&ChunkRecord> {
        let mut chunks = self.chunks.values().map(|(record, _)| record);
        chunks.find(|chunk| chunk.state != ChunkState::Split && (chunk.first..chunk.end()).contains(&position))
    }

    fn counts(&self) -> SubmissionCounts {
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
                ChunkState::Created => counts.created += rows,
                ChunkState::Rejected => counts.rejected += rows,
                _ => {}
            }
        }
        counts
    }
}

impl MemoryStore {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().expect("no test panics with it")
    }
}

fn problem(record: &ChunkRecord) -> Option<Problem> {
    Problem::from_bytes(record.problem.as_deref()?.as_bytes(), &Scrubber::without_secrets())
}

fn duplicates<'a>(references: impl Iterator<Item = &'a str>) -> Option<DuplicateReferences> {
    let mut counts = BTreeMap::<&str, u64>::new();
    for reference in references {
        *counts.entry(reference).or_default() += 1;
    }
    let several = counts.into_iter().filter(|(_, count)| *count > 1);
    let first = several.map(|(reference, _)| reference.to_owned()).collect::<Vec<_>>();
    (!first.is_empty()).then(|| DuplicateReferences {
        count: first.len() as u64,
        first: first.into_iter().take(LISTED).collect(),
    })
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

    fn begin(&self, id: &SubmissionId, now: SystemTime) -> Result<Begin> {
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
            chunks: BTreeMap::new(),
            rows: Vec::new(),
        };
        content.submissions.insert(row, submission);
        Ok(Begin::Plan(row))
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

    fn comparison(&self, submission: i64, from: u64) -> Result<Box<dyn Compare>> {
        let mut content = self.content();
        let submission = content.submission(submission);
        let recorded = (0..).zip(&submission.rows).filter(|(_, row)| !row.replaced);
        let recorded = recorded.map(|(position, row)| Recorded {
            position,
            row: row.row.clone(),
            state: submission.chunk_of(position).expect("each row has one").state,
        });
        Ok(Box::new(MemoryComparison {
            recorded: recorded.collect(),
            from,
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

    fn take_next(&self, submission: i64, after: i64, now: SystemTime) -> Result<NextChunk> {
        let mut content = self.content();
        let stored = content.submission(submission);
        let mut open = stored
            .chunks
            .iter()
            .filter(|(row, (record, _))| **row > after && record.is_open());
        let Some((row, (record, body))) = open.next() else {
            return Ok(NextChunk::Done);
        };
        let (row, sent_before) = (*row, record.sent_at);
        let window = match resend(sent_before, to_millis(now)) {
            Resend::Within(window) => window,
            decision => return Ok(NextChunk::Expired(describe(stored, record, decision))),
        };
        let taken = TakenChunk {
            row,
            chunk: Chunk {
                label: record.label.clone(),
                first: record.first,
                count: record.count,
                key: record.key.clone(),
                digest: record.digest.clone(),
                body: body.clone().expect("an open chunk has its body"),
            },
            sent_before,
            window,
        };
        content.update(row, |record| record.taken(to_millis(now)));
        Ok(NextChunk::Send(taken))
    }

    fn expired(&self, submission: i64, now: SystemTime) -> Result<Option<ExpiredChunk>> {
        let mut content = self.content();
        let submission = content.submission(submission);
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

    fn record_failure(&self, chunk: &TakenChunk, execution: Execution) -> Result<()> {
        self.content()
            .update(chunk.row, |record| record.failed(chunk.sent_before, execution));
        Ok(())
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

    fn kinds(&self, chunk: &TakenChunk) -> Result<Vec<AnalysisKind>> {
        let content = self.content();
        let submission = &content.submissions[&content.owner(chunk.row)];
        let record = &submission.chunks[&chunk.row].0;
        Ok(submission.rows(record).map(|(_, row)| row.row.kind).collect())
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
            let known = row.item.as_ref().map(|(item, ..)| *item);
            let is_same = |item: &&ListedItem| item.user_reference == row.row.user_reference;
            let index = left.iter().position(|item| is_same(item) && Some(item.item) == known);
            if let Some(index) = index.or_else(|| left.iter().position(is_same)) {
                let item = left.remove(index);
                row.item = Some((item.item, item.analysis, item.creation_status.clone()));
            }
        }
        if let Some(left) = left.first() {
            let reference = left.user_reference.clone();
            return Ok(ItemsResult::Unrequested(UnrequestedItem::Reference(reference)));
        }
        let listed = rows[range]
            .iter()
            .all(|row| row.item.as_ref().is_some_and(|(.., status)| is_final(status)));
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
            let (item, analysis, status) = match &row.item {
                Some((item, analysis, status)) => (Some(*item), *analysis, Some(status.clone())),
                None => (None, None, None),
            };
            ReportRow {
                position,
                user_reference: row.row.user_reference.clone(),
                kind: row.row.kind,
                state: chunk.state,
                chunk: chunk.label.clone(),
                key: chunk.key.clone(),
                batch: chunk.batch,
                item,
                analysis,
                creation_status: status,
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

fn describe(submission: &Submission, record: &ChunkRecord, resend: Resend) -> ExpiredChunk {
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

#[derive(Debug, Clone)]
struct Recorded {
    position: u64,
    row: Row,
    state: ChunkState,
}

#[derive(Debug, Default)]
struct MemoryComparison {
    recorded: Vec<Recorded>,
    from: u64,
    staged: Vec<ManifestRow>,
    /// Number of an accepted row, and the position that it replaces.
    accepted: Vec<(u64, Option<u64>)>,
}

impl Compare for MemoryComparison {
    fn stage(&mut self, rows: Vec<ManifestRow>) -> Result<()> {
        self.staged.extend(rows);
        Ok(())
    }

    fn differences(&mut self) -> Result<Differences> {
        let mut old = self
            .recorded
            .iter()
            .filter(|row| row.position >= self.from)
            .collect::<Vec<_>>();
        let mut new = Vec::new();
        for (ordinal, row) in (0..).zip(&self.staged) {
            let same = |known: &&Recorded| {
                (&known.row.user_reference, known.row.digest) == (&row.row.user_reference, row.row.digest)
            };
            match old.iter().position(same) {
                Some(index) => drop(old.remove(index)),
                None => new.push((ordinal, &row.row.user_reference)),
            }
        }
        let (mut added, mut changed) = (Vec::new(), Vec::new());
        let mut can_be_accepted = true;
        for (ordinal, reference) in new {
            let before = old.iter().position(|known| known.row.user_reference == *reference);
            match before.map(|index| old.remove(index)) {
                Some(known) => {
                    changed.push((known.position, reference.clone()));
                    can_be_accepted &= known.state == ChunkState::Rejected;
                    self.accepted.push((ordinal, Some(known.position)));
                }
                None => {
                    added.push(reference.clone());
                    self.accepted.push((ordinal, None));
                }
            }
        }
        changed.sort();
        can_be_accepted &= old
            .iter()
            .all(|known| matches!(known.state, ChunkState::Created | ChunkState::Rejected));
        let rows = |references: Vec<String>| ChangedRows {
            count: references.len() as u64,
            first: references.into_iter().take(LISTED).collect(),
        };
        Ok(Differences {
            changes: ManifestChanges {
                added: rows(added),
                removed: rows(old.iter().map(|known| known.row.user_reference.clone()).collect()),
                changed: rows(changed.into_iter().map(|(_, reference)| reference).collect()),
            },
            can_be_accepted,
        })
    }

    fn duplicates(&mut self) -> Result<Option<DuplicateReferences>> {
        let recorded = self.recorded.iter().map(|known| known.row.user_reference.as_str());
        let added = self.accepted.iter().filter(|(_, replaces)| replaces.is_none());
        let added = added.map(|(ordinal, _)| self.staged[*ordinal as usize].row.user_reference.as_str());
        Ok(duplicates(recorded.chain(added)))
    }

    fn accepted(&mut self, from: u64, bytes: usize) -> Result<Vec<AcceptedRow>> {
        let mut length = 0;
        let rows = self.accepted.iter().filter(|(ordinal, _)| *ordinal >= from);
        let rows = rows.map(|(ordinal, replaces)| {
            let mut row = self.staged[*ordinal as usize].clone();
            row.row.replaces = *replaces;
            AcceptedRow { ordinal: *ordinal, row }
        });
        let fits = |row: &AcceptedRow| {
            let is_first = length == 0;
            length += row.row.json.len();
            is_first || length <= bytes
        };
        Ok(rows.take_while(fits).collect())
    }
}
