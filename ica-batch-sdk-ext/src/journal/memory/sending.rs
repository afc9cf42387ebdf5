//! Taking chunks in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use super::content::{Content, describe};
use crate::error::Result;
use crate::idempotency::KEY_LIFETIME;
use crate::journal::chunks::{ChunkRecord, Sending};
use crate::journal::expiry::{Resend, resend};
use crate::journal::found::OpenChunk;
use crate::journal::records::ChunkState;
use crate::journal::steps::{ExpiredChunk, NextChunk, TakenChunk};
use crate::journal::time::to_millis;

impl Content {
    pub(super) fn take_next(&mut self, submission: i64, after: i64, sending: &Sending) -> Result<NextChunk> {
        let mut chunks = self.submission(submission).chunks.iter();
        let open = chunks.find(|(row, (record, _))| **row > after && record.is_open());
        match open.map(|(row, _)| *row) {
            Some(row) => Ok(self.take(submission, row, sending)),
            None => Ok(NextChunk::Done),
        }
    }

    pub(super) fn take_by_row(&mut self, submission: i64, chunk: i64, sending: &Sending) -> Result<NextChunk> {
        let chunks = &self.submission(submission).chunks;
        match chunks.get(&chunk).is_some_and(|(record, _)| record.is_open()) {
            true => Ok(self.take(submission, chunk, sending)),
            false => Ok(NextChunk::Done),
        }
    }

    /// Takes an open chunk.
    fn take(&mut self, submission: i64, row: i64, sending: &Sending) -> NextChunk {
        let stored = self.submission(submission);
        let (record, body) = &stored.chunks[&row];
        let (sent_before, marked) = (record.sent_at, stored.rules.marked);
        let is_uncertain = marked && sent_before.is_some();
        let window = match resend(sent_before, to_millis(sending.now)) {
            _ if is_uncertain => KEY_LIFETIME,
            Resend::Within(window) => window,
            decision => return NextChunk::Expired(describe(stored, record, decision)),
        };
        let taken = TakenChunk {
            row,
            chunk: record.chunk(body.clone().expect("an open chunk has its body")),
            marked,
            sent_before,
            sent_until: record.sent_until,
            window,
        };
        if !is_uncertain {
            self.update(row, |record| record.taken(sending));
        }
        NextChunk::Send(taken)
    }

    pub(super) fn record_resent(&mut self, chunk: &TakenChunk, sending: &Sending) -> Result<()> {
        self.update(chunk.row, |record| match record.state {
            ChunkState::Sent => record.resent(sending),
            _ => record,
        });
        Ok(())
    }

    pub(super) fn sent_chunks(&self, submission: i64) -> Result<BTreeMap<i64, String>> {
        let chunks = self.submissions[&submission].chunks.iter();
        let sent = chunks.filter(|(_, (record, _))| record.state == ChunkState::Sent);
        Ok(sent.map(|(row, (record, _))| (*row, record.label.clone())).collect())
    }

    pub(super) fn open_identities(&self, submission: i64) -> Result<BTreeSet<String>> {
        let chunks = self.submissions[&submission].chunks.values();
        let sent = chunks.filter(|(record, _)| record.state == ChunkState::Sent);
        Ok(sent.filter_map(|(record, _)| record.identity.clone()).collect())
    }

    pub(super) fn expired(&self, submission: i64, now: SystemTime) -> Result<Option<ExpiredChunk>> {
        let submission = &self.submissions[&submission];
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

    pub(super) fn plan_rejected_again(&mut self, submission: i64) -> Result<()> {
        let stored = self.submission(submission);
        let rejected = stored.chunks.iter().filter(|(_, (record, _))| {
            record.state == ChunkState::Rejected && !stored.rows[record.first as usize].replaced
        });
        for row in rejected.map(|(row, _)| *row).collect::<Vec<_>>() {
            self.update(row, ChunkRecord::planned_again);
        }
        Ok(())
    }

    pub(super) fn open_chunk(&self, submission: i64, after: i64) -> Result<Option<OpenChunk>> {
        let mut chunks = self.submissions[&submission].chunks.iter();
        let open = chunks.find(|(row, (record, _))| **row > after && record.is_open());
        Ok(open.map(|(row, (record, body))| OpenChunk {
            row: *row,
            is_sent: record.state == ChunkState::Sent,
            chunk: record.chunk(body.clone().expect("an open chunk has its body")),
        }))
    }
}
