//! The common search: one list of the submission's analyses settles all uncertain chunks.
//!
//! A search by the mark of a chunk costs a request per chunk, again and again until its settling time
//! has passed. After an outage or a kill, thousands of chunks may be uncertain.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use super::chunk_sender::{ChunkOutcome, ChunkSender, SentChunk};
use super::search;
use super::stop::StopHandle;
use super::uncertain::Belief;
use crate::error::{Execution, Result};
use crate::journal::{NextChunk, Survey, TakenChunk};

/// Number of uncertain chunks up to which each is searched for by its own mark.
const FEW: usize = 4;

/// Number of analyses in a page of the list.
const PAGE: u64 = 1000;

/// Returns whether a list of the submission's analyses costs fewer requests than a search for each of
/// so many chunks. ICA has about so many analyses of the submission.
pub(super) fn is_cheaper(uncertain: usize, analyses: u64) -> bool {
    let pages = analyses.div_ceil(PAGE).max(1);
    uncertain > FEW && uncertain as u64 > pages
}

/// Common search that has ended.
pub(super) struct CommonSearch {
    /// Row ids of the chunks that it was about.
    pub(super) rows: HashSet<i64>,
    /// Outcomes of chunks. A chunk without one needs no further request: a person recorded its
    /// outcome in the meantime.
    pub(super) result: Result<Vec<SentChunk>>,
}

impl ChunkSender {
    /// Searches for the analyses of these chunks with one list of the submission's analyses.
    pub(super) async fn search_together(&self, submission: i64, rows: HashSet<i64>, stop: StopHandle) -> CommonSearch {
        // Before the list, as before the search for one chunk.
        let now = self.clock.now();
        let mark = self.naming.submission_mark();
        let listed = search::list(self.session.journal(), &self.api, &self.overrides, submission, &mark).await;
        let result = match listed {
            Ok(mut survey) => self.settle(submission, &rows, &mut survey, now, &stop).await,
            Err(error) => Err(error.could_not(format!("search for chunks of {}", self.naming.id))),
        };
        CommonSearch { rows, result }
    }

    /// Decides about uncertain chunks with the analyses of a list that began at this time. Removes the
    /// analyses of rows whose state is known.
    ///
    /// A row may have been created by another journal, in another chunk.
    pub(super) async fn settle(
        &self,
        submission: i64,
        rows: &HashSet<i64>,
        survey: &mut Survey,
        now: SystemTime,
        stop: &StopHandle,
    ) -> Result<Vec<SentChunk>> {
        if survey.has_found() {
            // Each chunk first gets the analyses with its own mark, also one in flight. Before those of
            // created rows are removed, because its response may be recorded in between.
            for (row, label) in self.session.sent_chunks(submission).await? {
                let rows = self.session.chunk_rows(row).await?;
                survey.claim(row, &rows, self.naming.chunk_mark(&label)).await?;
            }
            survey.remove_known(&self.naming).await?;
        }
        let mut in_order = rows.iter().copied().collect::<Vec<_>>();
        in_order.sort_unstable();
        let mut settled = Vec::new();
        for row in in_order.into_iter().take_while(|_| !stop.is_stopped()) {
            let NextChunk::Send(taken) = self.session.take(submission, row, self.sending()).await? else {
                continue;
            };
            settled.push(self.settle_one(taken, survey, now).await?);
        }
        Ok(settled)
    }

    async fn settle_one(&self, mut taken: TakenChunk, survey: &mut Survey, now: SystemTime) -> Result<SentChunk> {
        if !(taken.marked && taken.may_exist()) {
            // A person recorded in the meantime that it was not created.
            let given_back = taken.clone();
            let time = self.clock.now();
            self.session
                .record_failure(given_back, Execution::NotExecuted, time)
                .await?;
            return Ok(self.sent(taken, Ok(ChunkOutcome::Absent)));
        }
        let body = std::mem::take(&mut taken.chunk.body);
        let mut rows = self.session.chunk_rows(taken.row).await?;
        rows.retain(|row| row.is_own);
        let mark = self.mark(&taken.chunk);
        let found = survey.take(taken.row, &rows, mark.clone()).await?;
        if found.iter().any(|found| found.chunk_mark != mark) {
            self.has_foreign.store(true, Ordering::Relaxed);
        }
        let outcome = self.judge(&taken, &body, &rows, found, now).await;
        let outcome = outcome.map(|belief| match belief {
            Belief::Settled(outcome) => outcome,
            Belief::Unknown { until, found } => self.unknown(&taken, until, found),
            Belief::Absent => ChunkOutcome::Absent,
        });
        Ok(self.sent(taken, outcome))
    }
}
