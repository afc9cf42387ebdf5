//! The model of chunks, and the times of the model.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::journal::records::ChunkState::{self, Created, Planned, Sent};
use crate::journal::time::Millis;

pub(super) const ANALYSES: u64 = 7;
const CHUNK: u64 = 3;
/// Positions of the analyses that ICA rejects.
pub(super) const INVALID: [u64; 2] = [2, 5];

pub(super) const SECOND: Millis = 1000;
pub(super) const HOUR: Millis = 3600 * SECOND;
pub(super) const DAY: Millis = 24 * HOUR;
pub(super) const WEEK: Millis = 7 * DAY;
/// Longest time for which a request may be in flight.
pub(super) const TRAVEL: Millis = HOUR - 1;
/// Time after the last request of a chunk from which on a search finds all that it created.
pub(super) const SETTLING: Millis = 2 * HOUR;
pub(super) const START: Millis = 1_000 * WEEK;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chunk {
    pub(super) label: String,
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) state: ChunkState,
    pub(super) sent_at: Option<Millis>,
    /// Time until which a request of it may have been sent.
    pub(super) sent_until: Option<Millis>,
    /// User who sent it.
    pub(super) user: Option<u8>,
    pub(super) batch: Option<u128>,
    pub(super) adopted: bool,
}

impl Chunk {
    fn planned(label: String, first: u64, count: u64) -> Self {
        Self {
            label,
            first,
            count,
            state: Planned,
            sent_at: None,
            sent_until: None,
            user: None,
            batch: None,
            adopted: false,
        }
    }

    /// Records that it may have been sent.
    pub(super) fn send(&mut self, user: u8, now: Millis) {
        self.state = Sent;
        self.sent_at.get_or_insert(now);
        let until = now + TRAVEL;
        self.sent_until = Some(self.sent_until.map_or(until, |earlier| earlier.max(until)));
        self.user = Some(user);
    }

    /// Records that nothing of it is in flight or exists.
    pub(super) fn forget(&mut self, state: ChunkState) {
        (self.state, self.sent_at, self.sent_until, self.user) = (state, None, None, None);
    }

    pub(super) fn adopt(&mut self) {
        (self.state, self.adopted) = (Created, true);
    }

    pub(super) fn positions(&self) -> Range<u64> {
        self.first..self.first + self.count
    }
}

/// Returns the chunks of the submission.
pub(super) fn planned_chunks() -> impl Iterator<Item = Chunk> {
    (0..ANALYSES.div_ceil(CHUNK)).map(|number| {
        let first = number * CHUNK;
        Chunk::planned(number.to_string(), first, CHUNK.min(ANALYSES - first))
    })
}

/// Returns the halves of a rejected chunk. A single analysis has none.
pub(super) fn split(label: &str, first: u64, count: u64) -> impl Iterator<Item = Chunk> + use<> {
    let half = count / 2;
    let halves = [(0, first, half), (1, first + half, count - half)]
        .map(|(number, first, count)| Chunk::planned(format!("{label}.{number}"), first, count));
    halves.into_iter().filter(move |_| count > 1)
}

/// Returns the parts of a chunk of which some analyses were found, and whether those of each part
/// were.
pub(super) fn parts(label: &str, positions: Range<u64>, found: &BTreeSet<u64>) -> Vec<(Chunk, bool)> {
    let mut parts: Vec<(Chunk, bool)> = Vec::new();
    for position in positions {
        let is_found = found.contains(&position);
        match parts.last_mut() {
            Some((part, found)) if *found == is_found => part.count += 1,
            _ => {
                let part = Chunk::planned(format!("{label}.{}", parts.len()), position, 1);
                parts.push((part, is_found));
            }
        }
    }
    parts
}
