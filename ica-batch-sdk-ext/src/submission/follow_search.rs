//! The search that shows the statuses of all analyses of a submission.

use std::time::Duration;

use super::event::SubmissionEvent;
use super::follow::Follow;
use super::follow_state::State;
use super::followed::Followed;
use super::last_failure::LastFailure;
use super::progress::SubmissionProgress;
use super::set_aside::ends_run;
use super::status_search::StatusSearch;
use super::statuses::Statuses;
use crate::batch::WaitUntil;
use crate::error::Result;
use crate::journal::{KeyVersion, Naming, SubmissionCounts};

/// Pause after a search that no waiting can fix: the credential may list batches only.
const REFUSED: Duration = Duration::from_secs(3600);

impl Follow {
    /// Returns the state before the first search. Only runs are searched for, and not by a wait that
    /// polls each batch once.
    pub(super) async fn status_search(&self, submission: i64, counts: SubmissionCounts) -> Result<StatusSearch> {
        let waits_for_runs = self.settings.until == WaitUntil::Finished && !self.settings.polls_once;
        let is_marked = self.journal.rules(submission).await?.marked;
        let mark = (is_marked && waits_for_runs).then(|| Naming::new(KeyVersion::LATEST, &self.id).submission_mark());
        Ok(StatusSearch::new(mark, counts.created))
    }

    /// Searches for the analyses of the submission, if that is due, and records their statuses.
    /// Returns whether something was recorded. After a failure, batches are polled.
    pub(super) async fn search(&self, state: &mut State, until: Duration) -> bool {
        let clock = self.api.clock();
        let now = clock.elapsed();
        let Some(mark) = state.search.mark_if_due(now) else {
            return false;
        };
        let marks = state.batches.iter().filter_map(Followed::searchable);
        let mut statuses = Statuses::with_marks(marks.map(str::to_owned));
        let left = until.saturating_sub(now);
        let ways = (&self.overrides, &self.stop);
        let found = self.api.statuses(mark, &mut statuses, left, ways).await;
        let now = clock.elapsed();
        let interval = |unchanged, pages| self.bounded(unchanged, pages, pages.into());
        let error = match found {
            // It was stopped.
            Ok(None) => return false,
            Ok(Some(pages)) => {
                state.failed_in_a_row = 0;
                state.progress.requests = state.progress.requests.saturating_add(pages.into());
                let found = (&statuses, pages);
                state.search.record(&mut state.batches, found, now, interval);
                return true;
            }
            Err(error) => error,
        };
        state.progress.requests = state.progress.requests.saturating_add(1);
        let is_refused = ends_run(&error);
        let pause = match is_refused {
            true => REFUSED,
            false => self.bounded(state.search.failures(), 1, 1),
        };
        state.search.record_failure(is_refused, now.saturating_add(pause));
        let event = SubmissionEvent::SearchSetAside {
            failure: LastFailure::of(&error, state.search.failures()),
            until: clock.now() + pause,
        };
        self.events.emit(&SubmissionProgress::new(event, state.counts, 0));
        if !is_refused {
            state.failed_in_a_row = state.failed_in_a_row.saturating_add(1);
            state.last = Some(error);
        }
        false
    }

    /// Decides whether the next round searches.
    pub(super) fn plan_search(&self, state: &mut State) {
        let interval = |unchanged, pages| self.bounded(unchanged, pages, pages.into());
        state.search.plan(&state.batches, self.api.clock().elapsed(), interval);
    }
}
