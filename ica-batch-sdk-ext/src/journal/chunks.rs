//! Chunks and rows, as a plan adds them to the journal, and the changes of a chunk's state.

use std::time::SystemTime;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::kind::AnalysisKind;
use super::naming::Naming;
use super::records::ChunkState;
use super::time::{Millis, to_millis};
use crate::error::Execution;
use crate::idempotency::{IdempotencyKey, hex};

/// Row of a manifest, without its JSON.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) kind: AnalysisKind,
    pub(crate) user_reference: String,
    /// SHA-256 of the kind, a zero byte and the JSON.
    pub(crate) digest: [u8; 32],
    /// Position of the row that it replaces.
    pub(crate) replaces: Option<u64>,
    /// Number of earlier attempts to run it.
    pub(crate) attempt: u32,
}

/// Row of a manifest with its JSON.
#[derive(Debug, Clone)]
pub(crate) struct ManifestRow {
    pub(crate) row: Row,
    pub(crate) json: Vec<u8>,
}

/// Rows that one request creates.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    pub(crate) label: String,
    /// Position of the first row.
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) key: IdempotencyKey,
    /// SHA-256 of the body, in lowercase hexadecimal digits.
    pub(crate) digest: String,
    /// Exact bytes of the request.
    pub(crate) body: Vec<u8>,
}

impl Chunk {
    /// Creates a chunk. Its key follows from the submission, the label and the body.
    pub(crate) fn new(naming: &Naming, label: String, first: u64, count: u64, body: Vec<u8>) -> Self {
        let digest = body_digest(&body);
        Self {
            key: naming.key(&label, &digest),
            label,
            first,
            count,
            digest,
            body,
        }
    }
}

/// Returns the SHA-256 of a body in lowercase hexadecimal digits.
pub(crate) fn body_digest(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// Chunk of a plan, with its rows.
#[derive(Debug, Clone)]
pub(crate) struct PlannedChunk {
    pub(crate) chunk: Chunk,
    pub(crate) rows: Vec<Row>,
}

/// Request of a chunk that is about to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Sending {
    pub(crate) now: SystemTime,
    /// Time until which attempts of the request may be made.
    pub(crate) until: SystemTime,
    /// User whose credential sends it.
    pub(crate) identity: Option<String>,
}

/// Chunk as the journal has it, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChunkRecord {
    pub(super) label: String,
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) key: IdempotencyKey,
    pub(super) digest: String,
    pub(super) state: ChunkState,
    /// Time since when it may have been executed without a known response.
    pub(super) sent_at: Option<Millis>,
    /// Time until which a request of it may have been sent.
    pub(super) sent_until: Option<Millis>,
    /// User whose credential sent it.
    pub(super) identity: Option<String>,
    pub(super) batch: Option<Uuid>,
    /// Whether its analyses were found in ICA by their marks.
    pub(super) adopted: bool,
    /// Whether the items of its rows are recorded and final.
    pub(super) listed: bool,
    pub(super) answered_at: Option<Millis>,
    pub(super) status: Option<u16>,
    /// Problem that ICA reported, as JSON.
    pub(super) problem: Option<String>,
}

impl ChunkRecord {
    /// Returns the record of a chunk that was not sent.
    pub(super) fn planned(chunk: &Chunk) -> Self {
        Self {
            label: chunk.label.clone(),
            first: chunk.first,
            count: chunk.count,
            key: chunk.key.clone(),
            digest: chunk.digest.clone(),
            state: ChunkState::Planned,
            sent_at: None,
            sent_until: None,
            identity: None,
            batch: None,
            adopted: false,
            listed: false,
            answered_at: None,
            status: None,
            problem: None,
        }
    }

    /// Returns the chunk with its body.
    pub(super) fn chunk(&self, body: Vec<u8>) -> Chunk {
        Chunk {
            label: self.label.clone(),
            first: self.first,
            count: self.count,
            key: self.key.clone(),
            digest: self.digest.clone(),
            body,
        }
    }

    /// Returns whether the chunk has no known response.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, ChunkState::Planned | ChunkState::Sent)
    }

    /// Returns the position after its last row.
    pub(super) fn end(&self) -> u64 {
        self.first.saturating_add(self.count)
    }

    /// Returns the chunk after it was taken: it may have been sent from now on. The time of an
    /// earlier request stays.
    pub(super) fn taken(self, sending: &Sending) -> Self {
        let until = to_millis(sending.until);
        Self {
            state: ChunkState::Sent,
            sent_at: self.sent_at.or(Some(to_millis(sending.now))),
            sent_until: Some(self.sent_until.map_or(until, |earlier| earlier.max(until))),
            identity: sending.identity.clone().or(self.identity),
            ..self
        }
    }

    /// Returns a chunk of which nothing exists, and which is sent from now on.
    pub(super) fn resent(self, sending: &Sending) -> Self {
        self.not_executed().taken(sending)
    }

    /// Returns a chunk whose analyses were all found in ICA.
    pub(super) fn adopted(self, now: Millis) -> Self {
        Self {
            state: ChunkState::Created,
            adopted: true,
            listed: true,
            answered_at: Some(now),
            status: None,
            problem: None,
            ..self
        }
    }

    /// Returns a chunk of whose analyses some were found in ICA, so that other chunks replace it.
    pub(super) fn divided(self, now: Millis) -> Self {
        self.rejected(true, None, None, now)
    }

    /// Returns the chunk with its batch.
    pub(super) fn created(self, batch: Uuid, now: Millis) -> Self {
        Self {
            state: ChunkState::Created,
            batch: Some(batch),
            answered_at: Some(now),
            status: None,
            problem: None,
            ..self
        }
    }

    /// Returns the chunk after a request without a response, which ended now. `sent_before` is the
    /// time of an earlier request that may have been executed. If nothing was executed, now or
    /// before, the chunk is planned again.
    pub(super) fn failed(self, sent_before: Option<Millis>, execution: Execution, now: Millis) -> Self {
        if self.state != ChunkState::Sent {
            return self;
        }
        if execution.may_have_executed() {
            return Self {
                sent_until: Some(now),
                ..self
            };
        }
        match sent_before {
            Some(_) => Self {
                sent_at: sent_before,
                sent_until: Some(now),
                ..self
            },
            None => self.not_executed(),
        }
    }

    /// Returns the chunk when nothing of it exists.
    pub(super) fn not_executed(self) -> Self {
        Self {
            state: ChunkState::Planned,
            sent_at: None,
            sent_until: None,
            identity: None,
            ..self
        }
    }

    /// Returns the chunk after ICA rejected it.
    pub(super) fn rejected(self, is_split: bool, status: Option<u16>, problem: Option<String>, now: Millis) -> Self {
        let state = if is_split {
            ChunkState::Split
        } else {
            ChunkState::Rejected
        };
        Self {
            state,
            sent_at: None,
            sent_until: None,
            identity: None,
            answered_at: Some(now),
            status,
            problem,
            ..self
        }
    }

    /// Returns a rejected chunk, planned again.
    pub(super) fn planned_again(self) -> Self {
        Self {
            state: ChunkState::Planned,
            answered_at: None,
            status: None,
            problem: None,
            ..self
        }
    }
}

/// Row of a manifest as the journal has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnalysisRecord<'a> {
    pub(super) position: u64,
    pub(super) kind: AnalysisKind,
    pub(super) user_reference: &'a str,
    pub(super) digest: &'a [u8],
    pub(super) replaced: bool,
    pub(super) attempt: u32,
    pub(super) item: Option<&'a str>,
    pub(super) analysis: Option<&'a str>,
    pub(super) creation: Option<&'a str>,
    /// Status of the analysis when it was read last.
    pub(super) run: Option<&'a str>,
}

impl<'a> AnalysisRecord<'a> {
    /// Returns the record of a row without an item.
    pub(super) fn new(position: u64, row: &'a Row) -> Self {
        Self {
            position,
            kind: row.kind,
            user_reference: &row.user_reference,
            digest: &row.digest,
            replaced: false,
            attempt: row.attempt,
            item: None,
            analysis: None,
            creation: None,
            run: None,
        }
    }
}
