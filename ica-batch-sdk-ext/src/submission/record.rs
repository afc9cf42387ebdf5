//! Recording the outcomes of tasks in the schedule and the progress of a run, with their events.

use std::time::Duration;

use super::chunk_sender::{ChunkOutcome, SentChunk};
use super::common_search::CommonSearch;
use super::errors;
use super::event::{ChunkRows, SubmissionEvent};
use super::last_failure::LastFailure;
use super::outcome::{SubmissionOutcome, SubmittedAnalysis, submitted};
use super::sending::{Ending, Sending, Waiting};
use super::set_aside::{SetAside, ends_first_step, ends_run};
use crate::error::Result;

impl Sending<'_> {
    /// Records the outcome of a chunk.
    pub(super) async fn record(&mut self, sent: SentChunk) -> Result<()> {
        self.progress.in_flight = self.in_flight();
        let now = self.run.clock.elapsed();
        let SentChunk {
            row,
            label: chunk,
            first,
            count,
            key,
            is_uncertain,
            result,
        } = sent;
        let counts = &mut self.progress.counts;
        let event = match result {
            Ok(ChunkOutcome::SetAside(set_aside)) => {
                self.set_uncertain(row, is_uncertain);
                let rows = (first, count, is_uncertain);
                return self.set_aside(row, chunk, rows, set_aside).await;
            }
            Ok(ChunkOutcome::Absent) => {
                self.set_absent(row);
                return Ok(());
            }
            Ok(ChunkOutcome::Created(batch)) => {
                counts.created = counts.created.saturating_add(count);
                self.responded(row, false, now);
                let rows = self.rows(first, count).await?;
                SubmissionEvent::Created {
                    chunk,
                    rows,
                    key,
                    batch,
                }
            }
            Ok(ChunkOutcome::Adopted { found, parts, several }) => {
                counts.created = counts.created.saturating_add(found);
                counts.chunks = counts.chunks.saturating_add(parts.saturating_sub(1));
                self.responded(row, parts > 0, now);
                self.several.extend(several.iter().cloned());
                let rows = self.rows(first, count).await?;
                SubmissionEvent::Adopted {
                    chunk,
                    rows,
                    found,
                    several,
                }
            }
            Ok(ChunkOutcome::Split(parts)) => {
                counts.chunks = counts.chunks.saturating_add(parts.saturating_sub(1));
                self.responded(row, true, now);
                let rows = self.rows(first, count).await?;
                SubmissionEvent::Split { chunk, rows }
            }
            Ok(ChunkOutcome::Rejected(error)) => {
                counts.rejected = counts.rejected.saturating_add(1);
                self.rejected = self.rejected.saturating_add(1);
                self.responded(row, false, now);
                let outcome = SubmissionOutcome::rejected(error.status(), error.problem().cloned());
                if self.rejected >= self.run.settings.rejection_limit {
                    let error = errors::too_many_rejections(&self.run.id, self.rejected, error);
                    self.ending.get_or_insert(Ending::Failed(error));
                }
                SubmissionEvent::Rejected(self.analysis(first, outcome).await?)
            }
            Err(error) => {
                self.fail(error);
                return Ok(());
            }
        };
        self.emit(event);
        Ok(())
    }

    /// Sets a chunk aside, or ends the run where that is asked for.
    async fn set_aside(
        &mut self,
        row: i64,
        label: String,
        (first, count, is_uncertain): (u64, u64, bool),
        set_aside: SetAside,
    ) -> Result<()> {
        let SetAside {
            until,
            is_failure,
            reason,
        } = set_aside;
        let ends = self.run.settings.stop_on_first_error || ends_first_step(&reason, self.run.api.has_response());
        if until.is_none() && ends {
            self.fail(reason);
            return Ok(());
        }
        let now = self.run.clock.elapsed();
        let due = match until {
            Some(until) if is_failure => self.schedule.failed_until(row, until, now, self.run.api.random()),
            Some(until) => self.schedule.postponed(row, until, now),
            None => {
                let random = self.run.api.random();
                self.schedule.failed(row, reason.retry_after(), now, random)
            }
        };
        let failure = LastFailure::of(&reason, self.schedule.failures(row));
        let waiting = Waiting {
            label: label.clone(),
            failure: failure.clone(),
            execution: reason.execution(),
        };
        self.waiting.insert(row, waiting);
        let rows = self.rows(first, count).await?;
        self.emit(SubmissionEvent::SetAside {
            chunk: label,
            rows,
            failure: failure.clone(),
            is_searched: is_uncertain,
            until: self.run.time(due),
        });
        if is_failure && self.schedule.is_outage() {
            let until = self.run.time(self.schedule.resume_at());
            self.emit(SubmissionEvent::Paused { failure, until });
        }
        Ok(())
    }

    /// Records the end of a common search.
    pub(super) async fn record_search(&mut self, search: CommonSearch) -> Result<()> {
        self.is_searching = false;
        let CommonSearch { mut rows, result } = search;
        let settled = match result {
            Ok(settled) => settled,
            Err(error) if ends_run(&error) || self.run.settings.stop_on_first_error => {
                self.fail(error);
                return Ok(());
            }
            Err(error) => {
                let (now, random) = (self.run.clock.elapsed(), self.run.api.random());
                let due = self.schedule.search_failed(rows, error.retry_after(), now, random);
                let failure = LastFailure::of(&error, self.schedule.failed_searches());
                let until = self.run.time(due);
                self.emit(SubmissionEvent::SearchSetAside { failure, until });
                return Ok(());
            }
        };
        self.schedule.search_succeeded();
        for sent in settled {
            rows.remove(&sent.row);
            self.record(sent).await?;
        }
        if !self.run.stop.is_stopped() {
            rows.into_iter().for_each(|row| self.settled(row));
        }
        Ok(())
    }

    fn responded(&mut self, row: i64, adds_new: bool, now: Duration) {
        self.waiting.remove(&row);
        self.set_uncertain(row, false);
        self.schedule.responded(row, adds_new, now);
    }

    /// Returns the rows from this position on, for an event. They are read only if something
    /// receives it.
    async fn rows(&self, first: u64, count: u64) -> Result<ChunkRows> {
        let mut rows = ChunkRows::new("", "", count);
        rows.first_position = first;
        if self.run.events.is_received() {
            let last = first.saturating_add(count).saturating_sub(1);
            let journal = self.run.session.journal();
            [rows.first, rows.last] = journal.references(self.submission, [first, last]).await?;
        }
        Ok(rows)
    }

    /// Returns the row at this position with its outcome, for an event.
    async fn analysis(&self, position: u64, outcome: SubmissionOutcome) -> Result<SubmittedAnalysis> {
        let journal = self.run.session.journal();
        let row = journal.report(self.submission, position, 1).await?.pop();
        let mut analysis = row.map_or_else(|| SubmittedAnalysis::new(position, "", outcome.clone()), submitted);
        analysis.outcome = outcome;
        Ok(analysis)
    }
}
