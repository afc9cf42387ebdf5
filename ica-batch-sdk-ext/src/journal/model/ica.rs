//! The model of ICA: which requests it executes, which keys it remembers, and what a search finds.

use std::collections::BTreeMap;

use super::chunks::{Chunk, HOUR, INVALID, WEEK};
use crate::journal::time::Millis;

/// Time after which a search finds a new analysis.
const FOUND: Millis = HOUR / 2;

/// Response to a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Response {
    Created(u128),
    Rejected,
}

/// State of ICA.
#[derive(Debug, Clone, Default)]
pub(super) struct Ica {
    /// Time and batch of the execution of each key that is remembered, by user and chunk.
    memory: BTreeMap<(u8, String), (Millis, u128)>,
    /// Number of times that each analysis was created.
    pub(super) executed: BTreeMap<u64, u32>,
    /// Time when each analysis was created last.
    created_at: BTreeMap<u64, Millis>,
    /// Batch of each chunk whose request succeeded.
    pub(super) batches: BTreeMap<String, u128>,
}

impl Ica {
    /// Receives the request of a chunk, and responds.
    pub(super) fn receive(&mut self, user: u8, chunk: &Chunk, now: Millis) -> Response {
        let key = (user, chunk.label.clone());
        if let Some((at, batch)) = self.memory.get(&key)
            && now - at < WEEK
        {
            return Response::Created(*batch);
        }
        if !is_valid(chunk) {
            return Response::Rejected;
        }
        let batch = self.executed.values().map(|times| u128::from(*times)).sum::<u128>() + 1;
        self.create(chunk, chunk.count, now);
        self.memory.insert(key, (now, batch));
        self.batches.insert(chunk.label.clone(), batch);
        Response::Created(batch)
    }

    /// Creates the first analyses of a chunk, and then fails. It remembers nothing of that.
    pub(super) fn create(&mut self, chunk: &Chunk, count: u64, now: Millis) {
        for position in chunk.first..chunk.first + count {
            *self.executed.entry(position).or_default() += 1;
            self.created_at.insert(position, now);
        }
    }

    /// Returns the positions of the analyses that a search finds.
    pub(super) fn found(&self, now: Millis) -> impl Iterator<Item = u64> + '_ {
        let found = self.created_at.iter().filter(move |(_, at)| now - **at >= FOUND);
        found.map(|(position, _)| *position)
    }
}

/// Returns whether ICA accepts the analyses of a chunk.
pub(super) fn is_valid(chunk: &Chunk) -> bool {
    let positions = chunk.first..chunk.first + chunk.count;
    !INVALID.iter().any(|invalid| positions.contains(invalid))
}
