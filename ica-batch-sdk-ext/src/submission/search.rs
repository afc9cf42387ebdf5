//! Searching ICA for what it has of a whole submission, before anything is sent.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::TryStreamExt;

use super::api::Api;
use super::chunk_sender::{ChunkOutcome, ChunkSender, SentChunk};
use super::errors;
use super::event::SubmissionEvent;
use super::last_failure::LastFailure;
use super::matching::Matching;
use super::progress::SubmissionProgress;
use super::run::Run;
use super::search_errors::{self, REFERENCES};
use super::set_aside::{ends_first_step, ends_run};
use super::{chunker, uncertain};
use crate::call::CallOverrides;
use crate::credentials::Identity;
use crate::error::Result;
use crate::journal::{Journal, Naming, SubmissionCounts, Survey};

/// Number of found analyses that are added to a survey at a time.
const PAGE: usize = 1000;

/// Pauses after failures of the search.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Result of the search before anything is sent.
pub(super) struct Prepared {
    pub(super) sender: ChunkSender,
    /// Chunks that an earlier run sent, with what the search shows about them.
    pub(super) settled: Vec<SentChunk>,
    /// User references of analyses that exist several times.
    pub(super) several: Vec<String>,
}

/// Result of comparing the open chunks with the analyses that were found.
#[derive(Default)]
struct Compared {
    /// Whether an analysis was found of a chunk that this journal did not send.
    has_foreign: bool,
    /// Number of open chunks of whose analyses some were found, or that may be in flight elsewhere.
    open: u64,
}

impl Run {
    /// Searches ICA for analyses of the submission that the journal does not have, and records them.
    /// Goes on after failures, as sending does. None if the run is to end before that is done.
    pub(super) async fn prepare(&self, submission: i64, progress: &mut SubmissionProgress) -> Result<Option<Prepared>> {
        let mut pause = FIRST_PAUSE;
        let (mut settled, mut failures) = (Vec::new(), 0_u32);
        loop {
            let error = match self.try_prepare(submission, &mut settled, progress).await {
                Ok((sender, several)) => {
                    return Ok(Some(Prepared {
                        sender,
                        settled,
                        several,
                    }));
                }
                Err(error) => error,
            };
            if self.settings.stop_on_first_error || ends_run(&error) || ends_first_step(&error, self.api.has_response())
            {
                return Err(error);
            }
            failures = failures.saturating_add(1);
            let until = self
                .clock
                .elapsed()
                .saturating_add(pause.max(error.retry_after().unwrap_or_default()));
            progress.event = SubmissionEvent::SearchSetAside {
                failure: LastFailure::of(&error, failures),
                until: self.time(until),
            };
            self.events.emit(progress);
            self.woken(Some(until), false).await;
            if self.is_over() {
                return Ok(None);
            }
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    async fn try_prepare(
        &self,
        submission: i64,
        settled: &mut Vec<SentChunk>,
        progress: &mut SubmissionProgress,
    ) -> Result<(ChunkSender, Vec<String>)> {
        let identity = self.identity(submission, progress.counts).await?;
        let sender = self.sender(submission, identity).await?;
        let several = self.search(submission, &sender, settled, progress).await?;
        Ok((sender, several))
    }

    /// Returns the user of the credential, if it is known, for chunks that are sent now.
    ///
    /// # Errors
    /// If another user sent chunks that have no response, and that is not allowed.
    async fn identity(&self, submission: i64, counts: SubmissionCounts) -> Result<Option<String>> {
        if counts.pending() == 0 {
            return Ok(None);
        }
        let salt = self.session.journal().id().await?;
        let Some(present) = self.api.identity(&salt).await? else {
            return Ok(None);
        };
        let marked = self.session.rules(submission).await?.marked;
        if !(marked && self.settings.allow_other_user) {
            for other in self.session.open_identities(submission).await? {
                if Identity::recorded(other.clone()).is_another_user(&present) {
                    return Err(search_errors::other_user(&self.id, &other, present.as_str(), marked));
                }
            }
        }
        Ok(Some(present.as_str().to_owned()))
    }

    /// Searches ICA for analyses of the submission that the journal does not have, and records them.
    /// Returns the user references of those that exist several times.
    ///
    /// The journal may be new or restored from a copy, and the same manifest may have been sent from
    /// another machine, by another user or more than 7 days ago. Only a list of all its analyses shows
    /// that.
    async fn search(
        &self,
        submission: i64,
        sender: &ChunkSender,
        settled: &mut Vec<SentChunk>,
        progress: &mut SubmissionProgress,
    ) -> Result<Vec<String>> {
        let rules = self.session.rules(submission).await?;
        if !rules.marked || progress.counts.pending() == 0 {
            return Ok(Vec::new());
        }
        let Some(several) = self.adopt_all(submission, sender, settled, progress).await? else {
            return Ok(Vec::new());
        };
        progress.counts = self.session.counts(submission).await?;
        Ok(several)
    }

    /// Lists all analyses of the submission, and records those of open chunks. None if the run is to
    /// end before that is done.
    async fn adopt_all(
        &self,
        submission: i64,
        sender: &ChunkSender,
        settled: &mut Vec<SentChunk>,
        progress: &mut SubmissionProgress,
    ) -> Result<Option<Vec<String>>> {
        let naming = &sender.naming;
        let now = self.clock.now();
        let mut survey = self.list(submission, naming).await?;
        // The same list shows what became of the chunks that an earlier run sent.
        let sent = self
            .session
            .sent_chunks(submission)
            .await?
            .into_keys()
            .collect::<HashSet<_>>();
        let sent_nothing = sent.is_empty() && progress.counts.pending() == progress.counts.analyses;
        settled.retain(|earlier| matches!(earlier.result, Ok(ChunkOutcome::Adopted { .. })));
        settled.extend(sender.settle(submission, &sent, &mut survey, now, &self.stop).await?);
        if !survey.has_found() {
            return Ok(Some(Vec::new()));
        }
        let found = survey.totals().await?.found;
        if found == 0 {
            return Ok(Some(Vec::new()));
        }
        if sent_nothing && !self.settings.allow_strangers {
            let strangers = survey.strangers(REFERENCES).await?;
            if !strangers.is_empty() {
                let has_rows = !survey.left(1).await?.is_empty();
                return Err(search_errors::other_rows(&self.id, strangers, has_rows));
            }
        }
        progress.event = SubmissionEvent::FoundUnrecorded { analyses: found };
        self.events.emit(progress);
        let Compared { has_foreign, open } = self.compare(submission, naming, &mut survey, false).await?;
        sender.has_foreign.fetch_or(has_foreign, Ordering::Relaxed);
        if has_foreign && open > 0 {
            // Another program may have sent the rest a moment ago.
            let until = self.clock.elapsed().saturating_add(self.settings.settling_time);
            self.woken(Some(until), false).await;
            if self.is_over() {
                return Ok(None);
            }
            survey = self.list(submission, naming).await?;
            survey.remove_known(naming).await?;
            self.compare(submission, naming, &mut survey, true).await?;
        }
        // The others belong to no open chunk: the journal has a row of that name as created, too.
        Ok(Some(survey.left(REFERENCES).await?))
    }

    /// Lists the analyses of the submission.
    async fn list(&self, submission: i64, naming: &Naming) -> Result<Survey> {
        let (journal, mark) = (self.session.journal(), naming.submission_mark());
        list(journal, &self.api, &self.overrides, submission, &mark).await
    }

    /// Records the analyses of open chunks that were found: of chunks of which all were found, and
    /// of the others if nothing can follow any more. Chunks that may have been sent by this journal
    /// are settled by their sender.
    async fn compare(
        &self,
        submission: i64,
        naming: &Naming,
        survey: &mut Survey,
        is_settled: bool,
    ) -> Result<Compared> {
        let mut compared = Compared::default();
        let has_found = survey.totals().await?.found > 0;
        // Rows of several chunks may have one user reference. Each first gets the analyses with its own mark.
        let mut after = i64::MIN;
        while has_found && let Some(open) = self.session.open_chunk(submission, after).await? {
            after = open.row;
            let rows = self.session.chunk_rows(open.row).await?;
            let mark = naming.chunk_mark(&open.chunk.label);
            survey.claim(open.row, &rows, mark).await?;
        }
        let mut after = i64::MIN;
        while has_found && let Some(open) = self.session.open_chunk(submission, after).await? {
            after = open.row;
            let rows = self.session.chunk_rows(open.row).await?;
            let own = rows.iter().filter(|row| row.is_own).cloned().collect::<Vec<_>>();
            let mark = naming.chunk_mark(&open.chunk.label);
            let found = survey.take(open.row, &own, mark).await?;
            let matching = Matching::new(&own, found.clone());
            compared.has_foreign |= !open.is_sent && !matching.found.is_empty();
            let is_incomplete = !matching.is_complete() && (!is_settled || matching.found.is_empty());
            let is_left = open.is_sent || is_incomplete;
            if is_left {
                compared.open = compared.open.saturating_add(u64::from(!open.is_sent));
                continue;
            }
            let adoption = uncertain::adoption(
                &open.chunk,
                &open.chunk.body,
                &own,
                &matching,
                |whole, body, kinds, counts| chunker::parts(naming, whole, body, kinds, counts),
            );
            let damaged = || errors::damaged_chunk(&self.id, self.session.journal(), &open.chunk.label);
            let adoption = adoption.ok_or_else(damaged)?;
            self.session
                .record_adopted(open.row, adoption, self.clock.now())
                .await?;
        }
        Ok(compared)
    }
}

/// Lists the analyses with the mark of a submission, beside its rows.
pub(super) async fn list(
    journal: &Journal,
    api: &Api,
    overrides: &CallOverrides,
    submission: i64,
    mark: &str,
) -> Result<Survey> {
    let mut survey = journal.survey(submission);
    let mut pages = api.search(mark, overrides).try_chunks(PAGE);
    while let Some(page) = pages.try_next().await.map_err(|error| error.1)? {
        survey.add(page).await?;
    }
    Ok(survey)
}
