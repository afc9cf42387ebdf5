//! Batches of a submission that is waited for, from the journal.

use std::sync::Arc;

use super::follow::Follow;
use super::followed::{AdoptedPlace, Followed, Source};
use crate::analysis_batch::AnalysisCreation;
use crate::batch::{CreationState, Family};
use crate::error::Result;
use crate::journal::{ChunkState, JournalChunk, KeyVersion, Naming, ReportRow, SubmissionCounts, UnlistedChunk};

/// Number of chunks that are read from the journal at a time.
const CHUNKS: usize = 1000;

impl Follow {
    /// Reads the batches from the journal. With their analyses, if these are searched for.
    pub(super) async fn batches(
        &self,
        submission: i64,
        counts: SubmissionCounts,
        is_searched: bool,
    ) -> Result<Vec<Followed>> {
        let (mut batches, mut last) = (Vec::new(), None);
        let rows = self.journal.rows(submission).await?;
        let has_replaced = rows > counts.analyses;
        loop {
            let chunks = self.journal.chunks_after(submission, last, CHUNKS).await?;
            for chunk in &chunks {
                if chunk.state == ChunkState::Created {
                    let how = (is_searched, has_replaced);
                    batches.extend(self.followed(submission, chunk, how).await?);
                }
            }
            last = chunks.into_iter().next_back();
            if last.is_none() {
                return Ok(batches);
            }
        }
    }

    /// Returns a chunk as a batch that is waited for. None if each row was replaced.
    async fn followed(
        &self,
        submission: i64,
        chunk: &JournalChunk,
        (is_searched, has_replaced): (bool, bool),
    ) -> Result<Option<Followed>> {
        let label = chunk.label.clone();
        // A new attempt has a chunk with a label of its own.
        let mark = Naming::new(KeyVersion::LATEST, &self.id).chunk_mark(&label);
        let names = |is_searched: bool| (label.clone(), is_searched.then(|| mark.clone()));
        let batch = UnlistedChunk::of(chunk);
        if let (Some(batch), false, false) = (batch.clone(), is_searched, has_replaced) {
            let source = Source::Batch(batch, None);
            return Ok(Some(Followed::new(source, names(false), chunk.analyses)));
        }
        let limit = usize::try_from(chunk.analyses).unwrap_or(usize::MAX);
        let mut rows = self.journal.report(submission, chunk.first_position, limit).await?;
        rows.retain(|row| row.chunk == label);
        let count = rows.len() as u64;
        let created = rows.iter().filter(|row| batch.is_none() || is_created(row));
        let created = created.filter_map(|row| row.analysis).collect::<Vec<_>>();
        // Its mark shows the replaced rows, too.
        let is_part = count < chunk.analyses;
        let names = names(is_searched && !is_part);
        let source = match batch {
            Some(batch) => {
                let only = is_part.then(|| rows.into_iter().map(|row| row.user_reference).collect());
                Source::Batch(batch, only)
            }
            None => {
                let label: Arc<str> = label.into();
                let place = |position| AdoptedPlace {
                    position,
                    chunk: Arc::clone(&label),
                };
                let rows = rows.into_iter();
                let analyses = rows.filter_map(|row| Some((row.analysis?, place(row.position))));
                Source::Mark(mark, analyses.collect())
            }
        };
        let mut followed = Followed::new(source, names, count);
        followed.set_recorded(created);
        Ok((count > 0).then_some(followed))
    }
}

fn is_created(row: &ReportRow) -> bool {
    let status = row.creation_status.as_deref().map(Into::into);
    status.is_some_and(|status| AnalysisCreation::creation_state(&status) == CreationState::Created)
}
