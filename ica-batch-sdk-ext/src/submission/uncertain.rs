//! A marked chunk whose last request has an unknown outcome: ICA is searched before it is sent again.

use std::time::{Duration, SystemTime};

use super::chunk_sender::{ChunkOutcome, ChunkSender};
use super::matching::Matching;
use super::{chunker, errors};
use crate::error::{Execution, Result};
use crate::journal::{AdoptedRow, Adoption, Chunk, ChunkRow, FoundAnalysis, TakenChunk};

/// Pause after the first search. Each further pause is as long as the time since the request.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// State of an uncertain chunk after a search.
pub(super) enum Belief {
    /// All of its analyses exist, or some of them and the others never will.
    Settled(ChunkOutcome),
    /// Nothing of it exists, so it is sent again.
    Absent,
    /// ICA is searched again at this time. So many of its analyses were found.
    Unknown { until: SystemTime, found: usize },
}

impl ChunkSender {
    /// Searches ICA for the analyses of a chunk by its mark.
    pub(super) async fn search(&self, taken: &TakenChunk, body: &[u8]) -> Result<Belief> {
        // Before the search, so that a search at the end of the settling time comes after it.
        let now = self.clock.now();
        let found = self.api.marked(&self.mark(&taken.chunk), &self.overrides).await?;
        let rows = self.session.chunk_rows(taken.row).await?;
        self.judge(taken, body, &rows, found, now).await
    }

    /// Returns the mark of a chunk's analyses.
    pub(super) fn mark(&self, chunk: &Chunk) -> String {
        self.naming.chunk_mark(&chunk.label)
    }

    /// Decides about a chunk whose analyses were searched for at this time. `found` are those of these
    /// rows.
    pub(super) async fn judge(
        &self,
        taken: &TakenChunk,
        body: &[u8],
        rows: &[ChunkRow],
        found: Vec<FoundAnalysis>,
        now: SystemTime,
    ) -> Result<Belief> {
        let settled_at = self.settled_at(taken, now).await?;
        let matching = Matching::new(rows, found);
        if matching.is_complete() || (now >= settled_at && !matching.found.is_empty()) {
            return self.adopt(taken, body, rows, matching).await.map(Belief::Settled);
        }
        if now >= settled_at {
            return Ok(Belief::Absent);
        }
        let age = taken.last_sent().and_then(|last| now.duration_since(last).ok());
        let pause = age.unwrap_or_default().max(FIRST_PAUSE);
        let next = now.checked_add(pause).unwrap_or(now);
        Ok(Belief::Unknown {
            until: next.min(settled_at),
            found: matching.found.len(),
        })
    }

    /// Returns the end of the settling time of the chunk's last request.
    async fn settled_at(&self, taken: &TakenChunk, now: SystemTime) -> Result<SystemTime> {
        let mut last = taken.last_sent().unwrap_or(now);
        if last > now {
            // Its process has ended, so no request follows any more: this one owns the journal. Or
            // the clock was wrong when it was sent. The time starts now.
            self.session
                .record_failure(taken.clone(), Execution::Unknown, now)
                .await?;
            last = now;
        }
        Ok(last.checked_add(self.settling_time).unwrap_or(last))
    }

    /// Records the analyses that were found. Rows without one become chunks of their own.
    async fn adopt(
        &self,
        taken: &TakenChunk,
        body: &[u8],
        rows: &[ChunkRow],
        matching: Matching,
    ) -> Result<ChunkOutcome> {
        let adoption = adoption(&taken.chunk, body, rows, &matching, |whole, body, kinds, counts| {
            chunker::parts(&self.naming, whole, body, kinds, counts)
        });
        let adoption = adoption
            .ok_or_else(|| errors::damaged_chunk(&self.naming.id, self.session.journal(), &taken.chunk.label))?;
        let parts = adoption.parts.len();
        self.session
            .record_adopted(taken.row, adoption, self.clock.now())
            .await?;
        Ok(ChunkOutcome::Adopted {
            found: matching.found.len() as u64,
            parts: parts as u64,
            several: matching.several,
        })
    }
}

/// Returns what is recorded of a chunk whose analyses were found, at least one of them. None if the
/// body does not have its rows.
pub(super) fn adoption(
    chunk: &Chunk,
    body: &[u8],
    rows: &[ChunkRow],
    matching: &Matching,
    parts: impl FnOnce(&Chunk, &[u8], &[crate::journal::AnalysisKind], &[usize]) -> Option<Vec<Chunk>>,
) -> Option<Adoption> {
    let found = matching.found.iter().map(|(position, found)| AdoptedRow {
        position: *position,
        analysis: found.id,
        run: found.run.clone(),
    });
    let parts = if matching.is_complete() {
        Vec::new()
    } else {
        let (counts, are_found): (Vec<_>, Vec<_>) = matching.runs(chunk.first).into_iter().unzip();
        let own = rows.iter().filter(|row| row.is_own);
        let kinds = own.map(|row| row.kind).collect::<Vec<_>>();
        parts(chunk, body, &kinds, &counts)?
            .into_iter()
            .zip(are_found)
            .collect()
    };
    Some(Adoption {
        rows: found.collect(),
        parts,
    })
}
