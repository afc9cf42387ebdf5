//! Outcomes and items in memory.

use std::collections::BTreeSet;
use std::time::SystemTime;

use uuid::Uuid;

use super::content::Content;
use crate::error::{Execution, Problem, Result};
use crate::journal::chunks::{Chunk, ChunkRecord};
use crate::journal::expiry::{Resend, resend};
use crate::journal::found::Adoption;
use crate::journal::records::ChunkState;
use crate::journal::steps::{
    CREATED, CreatedResult, FAILED, ItemsResult, ListedItem, Rejection, Resolution, TakenChunk, UnlistedChunk,
    UnrequestedItem, creation_after, is_final, run_after,
};
use crate::journal::time::to_millis;

impl Content {
    pub(super) fn record_created(&mut self, chunk: i64, batch: Uuid, now: SystemTime) -> Result<CreatedResult> {
        let record = &self.submissions[&self.owner(chunk)].chunks[&chunk].0;
        match (record.state, record.batch) {
            (ChunkState::Created, Some(known)) if known == batch => return Ok(CreatedResult::Recorded),
            (ChunkState::Created, Some(known)) => return Ok(CreatedResult::OtherBatch(known)),
            (ChunkState::Split, _) => return Ok(CreatedResult::Split),
            _ => {}
        }
        if let Some((submission, label)) = self.other_chunk(chunk, batch) {
            return Ok(CreatedResult::OtherChunk { submission, label });
        }
        self.update(chunk, |record| record.created(batch, to_millis(now)));
        Ok(CreatedResult::Recorded)
    }

    pub(super) fn record_failure(&mut self, chunk: &TakenChunk, execution: Execution, now: SystemTime) -> Result<()> {
        self.update(chunk.row, |record| {
            record.failed(chunk.sent_before, execution, to_millis(now))
        });
        Ok(())
    }

    pub(super) fn record_adopted(&mut self, chunk: i64, adoption: &Adoption, now: SystemTime) -> Result<bool> {
        let owner = self.owner(chunk);
        if !self.submission(owner).chunks[&chunk].0.is_open() {
            return Ok(false);
        }
        for row in &adoption.rows {
            let stored = &mut self.submission(owner).rows[row.position as usize];
            stored.record_run(row);
            stored.analysis = Some(row.analysis);
            stored.creation = Some(CREATED.to_owned());
        }
        let now = to_millis(now);
        match adoption.parts.is_empty() {
            true => self.update(chunk, |record| record.adopted(now)),
            false => self.update(chunk, |record| record.divided(now)),
        }
        for (part, is_found) in &adoption.parts {
            let row = self.insert(owner, part);
            if *is_found {
                self.update(row, |record| record.adopted(now));
            }
        }
        Ok(true)
    }

    pub(super) fn record_not_executed(&mut self, chunk: &TakenChunk) -> Result<()> {
        self.update(chunk.row, |record| match record.state {
            ChunkState::Sent => record.not_executed(),
            _ => record,
        });
        Ok(())
    }

    pub(super) fn record_rejected(
        &mut self,
        chunk: &TakenChunk,
        rejection: &Rejection,
        halves: &[Chunk],
        now: SystemTime,
    ) -> Result<()> {
        let owner = self.owner(chunk.row);
        if self.submission(owner).chunks[&chunk.row].0.state != ChunkState::Sent {
            return Ok(());
        }
        let problem = rejection.problem.as_ref().map(Problem::to_json);
        self.update(chunk.row, |record| {
            record.rejected(!halves.is_empty(), rejection.status, problem, to_millis(now))
        });
        for half in halves {
            self.insert(owner, half);
        }
        Ok(())
    }

    pub(super) fn resolve(
        &mut self,
        submission: i64,
        label: &str,
        batch: Option<Uuid>,
        now: SystemTime,
    ) -> Result<Resolution> {
        let mut chunks = self.submission(submission).chunks.iter();
        let Some((row, (record, _))) = chunks.find(|(_, (record, _))| record.label == label) else {
            return Ok(Resolution::NoSuchChunk);
        };
        let (row, state, sent_at, now) = (*row, record.state, record.sent_at, to_millis(now));
        if state != ChunkState::Sent {
            return Ok(Resolution::NotNeeded(state));
        }
        match batch {
            None if matches!(resend(sent_at, now), Resend::Within(_)) => return Ok(Resolution::KeyIsRemembered),
            None => self.update(row, ChunkRecord::not_executed),
            Some(batch) => match self.other_chunk(row, batch) {
                Some((_, other)) => return Ok(Resolution::OtherChunk(other)),
                None => self.update(row, |record| record.created(batch, now)),
            },
        }
        Ok(Resolution::Recorded)
    }

    pub(super) fn record_items(&mut self, chunk: &UnlistedChunk, items: &[ListedItem]) -> Result<ItemsResult> {
        let mut ids = BTreeSet::new();
        if let Some(repeated) = items.iter().find(|item| !ids.insert(item.item)) {
            return Ok(ItemsResult::Unrequested(UnrequestedItem::Repeated(repeated.item)));
        }
        let owner = self.owner(chunk.row);
        let submission = self.submission(owner);
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
                let run = run_after((row.analysis, row.run.as_deref()), (item.analysis, item.run.as_deref()));
                row.run = run.map(str::to_owned);
                row.analysis = item.analysis.or(row.analysis);
                let creation = creation_after(row.creation.as_deref(), &item.creation_status);
                row.creation = Some(creation.to_owned());
                let is_failed = item.creation_status == FAILED;
                row.message = { item.message.clone() }.filter(|_| is_failed).or(row.message.take());
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
        self.update(chunk.row, |record| ChunkRecord { listed, ..record });
        Ok(ItemsResult::Recorded)
    }
}
