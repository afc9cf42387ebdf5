//! Numbers of analyses by status, while their runs are waited for.

use std::time::SystemTime;

use ica_batch_sdk_ext::types::{AnalysisStatus, ItemStatus};
use ica_batch_sdk_ext::{
    AnalysisCreation, AnalysisStatusExt as _, CreationState, Family as _, Progress as BatchProgress, StatusCounts,
    SubmissionWaitProgress,
};

/// Status of analyses that have no run yet.
const CREATING: &str = "being created";

/// State that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Until {
    /// Each analysis exists, or could not be created.
    Created,
    /// The run of each analysis has ended.
    #[default]
    Finished,
}

/// Numbers of analyses by status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) until: Until,
    pub(crate) total: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    /// Analyses that have a run which has not ended.
    pub(crate) running: u64,
    /// Analyses that have not ended, by status.
    pub(crate) by_status: Vec<(String, u64)>,
}

impl Life {
    /// Returns the numbers of a wait for a submission.
    pub(crate) fn of_submission(until: Until, progress: &SubmissionWaitProgress) -> Self {
        let mut life = Self {
            until,
            total: progress.analyses,
            succeeded: progress.succeeded,
            failed: progress.failed,
            ..Self::default()
        };
        life.add_runs(progress.by_run_status.iter().map(|(status, count)| (status, *count)));
        life.finish(
            progress
                .by_creation_status
                .iter()
                .map(|(status, count)| (status, *count)),
        );
        life
    }

    /// Returns the numbers of a wait for batches.
    pub(crate) fn of_batches<'a>(
        until: Until,
        batches: impl Iterator<Item = &'a BatchProgress<AnalysisCreation>> + Clone,
    ) -> Self {
        let mut life = Self {
            until,
            ..Self::default()
        };
        for batch in batches.clone() {
            life.total += batch.items() as u64;
            life.succeeded += batch.succeeded() as u64;
            life.failed += batch.failed() as u64;
            life.add_runs(
                batch
                    .by_run_status()
                    .iter()
                    .map(|(status, count)| (status, *count as u64)),
            );
        }
        let creations = batches.flat_map(|batch| batch.by_creation_status());
        life.finish(creations.map(|(status, count)| (status, *count as u64)));
        life
    }

    fn add_runs<'a>(&mut self, runs: impl Iterator<Item = (&'a AnalysisStatus, u64)>) {
        for (status, count) in runs.filter(|(status, count)| !status.is_terminal() && *count > 0) {
            self.running += count;
            match self.by_status.iter_mut().find(|(known, _)| known == status.as_str()) {
                Some((_, sum)) => *sum += count,
                None => self.by_status.push((status.as_str().to_owned(), count)),
            }
        }
    }

    fn finish<'a>(&mut self, creations: impl Iterator<Item = (&'a ItemStatus, u64)>) {
        self.by_status.sort_by(|(_, a), (_, b)| b.cmp(a));
        let pending = creations
            .filter(|(status, _)| !is_created(status))
            .map(|(_, count)| count);
        let pending = pending.sum::<u64>();
        if pending > 0 {
            self.by_status.push((CREATING.to_owned(), pending));
        }
    }

    /// Returns the number of analyses with each status at this time.
    pub(crate) fn status_counts(&self, at: SystemTime) -> StatusCounts {
        let done = match self.until {
            Until::Created => AnalysisStatus::from("CREATED"),
            Until::Finished => AnalysisStatus::Succeeded,
        };
        let mut counts = StatusCounts::new(at);
        counts.accepted = self.waiting();
        let running = { self.by_status.iter() }.filter(|(status, _)| status != CREATING);
        counts.runs = running
            .map(|(status, count)| (AnalysisStatus::from(status.as_str()), *count))
            .chain([(done, self.succeeded), (AnalysisStatus::Failed, self.failed)])
            .collect();
        counts
    }

    /// Returns the number of analyses that have ended.
    pub(crate) fn ended(&self) -> u64 {
        self.succeeded.saturating_add(self.failed)
    }

    /// Returns the number of analyses that are neither running nor ended.
    pub(crate) fn waiting(&self) -> u64 {
        self.total.saturating_sub(self.ended().saturating_add(self.running))
    }

    /// Returns the numbers in words, with those of the statuses.
    pub(crate) fn text(&self) -> String {
        let done = match self.until {
            Until::Created => "created",
            Until::Finished => "ended",
        };
        let mut text = match self.until {
            Until::Created => format!("{} of {} analyses {done}", self.succeeded, self.total),
            Until::Finished => format!("{} of {} analyses {done}", self.ended(), self.total),
        };
        if self.failed > 0 {
            text.push_str(&format!(", {} failed", self.failed));
        }
        let statuses = self.statuses();
        if !statuses.is_empty() {
            text.push_str(&format!("; {statuses}"));
        }
        text
    }

    /// Returns the numbers of analyses that have not ended, by status.
    pub(crate) fn statuses(&self) -> String {
        let statuses = { self.by_status.iter() }.map(|(status, count)| format!("{count} {status}"));
        statuses.collect::<Vec<_>>().join(", ")
    }
}

fn is_created(status: &ItemStatus) -> bool {
    !matches!(
        AnalysisCreation::creation_state(status),
        CreationState::Pending | CreationState::Unknown
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use ica_batch_sdk_ext::SubmissionWaitProgress;
    use ica_batch_sdk_ext::types::{AnalysisStatus, ItemStatus};

    use super::{Life, Until};

    fn progress() -> SubmissionWaitProgress {
        let mut progress = SubmissionWaitProgress::default();
        (progress.analyses, progress.succeeded, progress.failed) = (10, 3, 2);
        progress.by_run_status = [
            (AnalysisStatus::Succeeded, 3),
            (AnalysisStatus::Failed, 1),
            (AnalysisStatus::Queued, 1),
            (AnalysisStatus::InProgress, 3),
        ]
        .into();
        progress.by_creation_status = [
            (ItemStatus::Succeeded, 8),
            (ItemStatus::Failed, 1),
            (ItemStatus::from("INITIALIZED"), 1),
        ]
        .into();
        progress
    }

    #[test]
    fn statuses_that_have_not_ended_are_named_the_most_frequent_first() {
        let life = Life::of_submission(Until::Finished, &progress());
        assert_eq!(
            life.text(),
            "5 of 10 analyses ended, 2 failed; 3 IN_PROGRESS, 1 QUEUED, 1 being created"
        );
        assert_eq!((life.running, life.waiting()), (4, 1));
        let counts = life.status_counts(SystemTime::UNIX_EPOCH);
        let statuses = [
            ("accepted", 1),
            ("FAILED", 2),
            ("IN_PROGRESS", 3),
            ("QUEUED", 1),
            ("SUCCEEDED", 3),
        ];
        let mut shown = counts.by_status();
        shown.sort_unstable();
        let mut statuses = statuses.to_vec();
        statuses.sort_unstable();
        assert_eq!(shown, statuses);
    }

    #[test]
    fn a_wait_for_the_creation_counts_what_is_created() {
        let mut progress = progress();
        (progress.succeeded, progress.failed) = (8, 1);
        progress.by_run_status.clear();
        let life = Life::of_submission(Until::Created, &progress);
        assert_eq!(life.text(), "8 of 10 analyses created, 1 failed; 1 being created");
    }
}
