//! State of a submission or of a batch.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use ica_batch_sdk_ext::types::JobStatus;
use ica_batch_sdk_ext::{JournalEntry, StatusHistory, Uuid};
use schemars::JsonSchema;
use serde::Serialize;

use super::cells::{list, optional, time};
use super::counts::{Counts, Tally};
use crate::command_line;
use crate::output::{Column, Record};
use crate::summary::{FailureGroup, Stage, rerun};

/// How far a submission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// The manifest was not read to its end. Nothing was sent.
    Planning,
    /// Analyses have no response yet.
    Sending,
    /// Each analysis has a response, and runs have not ended, as far as is known.
    Running,
    /// Nothing changes any more.
    Finished,
}

impl Phase {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Sending => "sending",
            Self::Running => "running",
            Self::Finished => "finished",
        }
    }

    fn of(counts: &Counts) -> Self {
        match counts {
            counts if counts.pending > 0 => Self::Sending,
            counts if counts.accepted > 0 || counts.running > 0 => Self::Running,
            _ => Self::Finished,
        }
    }
}

/// Where statuses were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// In the journal: as the last run or wait recorded them.
    Journal,
    /// In ICA.
    Ica,
}

impl Source {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Ica => "ica",
        }
    }
}

/// State of a submission.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "submission-status", inline)]
pub(crate) struct SubmissionStatus {
    /// Name of the submission.
    pub(crate) submission: String,
    /// How far the submission is.
    pub(crate) phase: Phase,
    /// Numbers of analyses by outcome.
    #[serde(flatten)]
    pub(crate) counts: Counts,
    /// Number of batches.
    pub(crate) batches: u64,
    /// Number of chunks.
    pub(crate) chunks: u64,
    /// Number of runs by status, as far as it is known.
    pub(crate) runs: BTreeMap<String, u64>,
    /// Numbers of analyses by status that a command saw last in ICA, if they say more than those of the
    /// analyses in the journal: a wait records the status of an analysis when its run ends.
    pub(crate) seen: BTreeMap<String, u64>,
    /// Time when a command saw them, in UTC.
    #[schemars(extend("format" = "date-time"))]
    pub(crate) seen_at: Option<String>,
    /// Failures by reason, the most frequent first.
    pub(crate) failures: Vec<FailureGroup>,
    /// Where the statuses were read.
    pub(crate) source: Source,
    /// Id of the project.
    pub(crate) project: String,
    /// Base URL of the API.
    pub(crate) base_url: String,
    /// Time when the submission was recorded, in UTC.
    #[schemars(extend("format" = "date-time"))]
    pub(crate) created_at: String,
    /// Next command, if something is left to do.
    pub(crate) next: Option<String>,
}

impl SubmissionStatus {
    pub(crate) fn new(entry: &JournalEntry, batches: usize, tally: &Tally, source: Source) -> Self {
        let mut status = Self {
            submission: entry.name().to_owned(),
            phase: match entry.is_planned() {
                true => Phase::of(&tally.counts),
                false => Phase::Planning,
            },
            counts: tally.counts.clone(),
            batches: batches as u64,
            chunks: entry.counts().chunks,
            runs: tally.runs.clone(),
            seen: BTreeMap::new(),
            seen_at: None,
            failures: tally.failures(),
            source,
            project: entry.project().to_owned(),
            base_url: entry.base_url().to_owned(),
            created_at: time(entry.created_at()),
            next: None,
        };
        status.next = status.next();
        status
    }

    /// Returns what a command saw last in ICA, for people.
    pub(crate) fn seen_text(&self) -> Option<String> {
        let at = self.seen_at.as_ref()?;
        let seen = self.seen.iter().map(|(status, count)| format!("{count} {status}"));
        Some(format!(
            "last seen in ICA at {at}: {}",
            seen.collect::<Vec<_>>().join(", ")
        ))
    }

    /// Returns where the statuses were read, and what the journal lacks, for people.
    pub(crate) fn source_text(&self) -> String {
        let mut text = self.source.as_str().to_owned();
        if let Some(seen) = self.seen_text() {
            text.push_str(&format!("; {seen}"));
        }
        if self.lacks_reasons() {
            text.push_str("; the journal lacks reasons of not_created, and --refresh reads them");
        }
        text
    }

    /// Returns whether the journal lacks why ICA could not create an analysis: an earlier release did not
    /// record it.
    pub(crate) fn lacks_reasons(&self) -> bool {
        let mut groups = self.failures.iter();
        self.source == Source::Journal
            && groups.any(|group| group.stage == Stage::NotCreated && group.reason == "not created")
    }

    /// Adds the numbers that a command saw last, if they say more than the analyses in the journal.
    pub(crate) fn with_seen(mut self, history: &StatusHistory) -> Self {
        let Some(last) = history.times().last() else {
            return self;
        };
        let numbers = last.by_status().into_iter();
        let numbers = numbers.map(|(status, count)| (status.to_owned(), count));
        let numbers = numbers.collect::<BTreeMap<_, _>>();
        let count = |name: &str| numbers.get(name).copied().unwrap_or_default();
        let is_same = self.counts.pending == count("pending")
            && self.counts.accepted == count("accepted")
            && self.runs.iter().all(|(status, known)| count(status) == *known)
            && last.runs.values().sum::<u64>() == self.runs.values().sum::<u64>();
        // A command that was killed recorded what it did later, and not the numbers by status.
        let is_older = count("pending") > self.counts.pending;
        if !is_same && !is_older && last.analyses() == self.counts.analyses {
            self.seen = numbers;
            self.seen_at = Some(time(last.at));
        }
        self
    }

    /// Returns what a user does next.
    fn next(&self) -> Option<String> {
        let name = self.submission.as_str();
        let words = match self.phase {
            Phase::Planning => vec!["submit", "MANIFEST", "--name", name],
            Phase::Sending => vec!["submit", "--name", name],
            Phase::Running => vec!["wait", name],
            Phase::Finished => rerun(name, self.failures.iter().map(|group| group.stage))?,
        };
        Some(command_line::next(&words))
    }
}

impl Record for SubmissionStatus {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("submission", |row, cell| cell.write_str(&row.submission)),
        Column::new("phase", |row, cell| cell.write_str(row.phase.as_str())),
        Column::new("analyses", |row, cell| write!(cell, "{}", row.counts.analyses)),
        Column::new("pending", |row, cell| write!(cell, "{}", row.counts.pending)),
        Column::new("rejected", |row, cell| write!(cell, "{}", row.counts.rejected)),
        Column::new("accepted", |row, cell| write!(cell, "{}", row.counts.accepted)),
        Column::new("not_created", |row, cell| write!(cell, "{}", row.counts.not_created)),
        Column::new("running", |row, cell| write!(cell, "{}", row.counts.running)),
        Column::new("succeeded", |row, cell| write!(cell, "{}", row.counts.succeeded)),
        Column::new("failed", |row, cell| write!(cell, "{}", row.counts.failed)),
        Column::new("batches", |row, cell| write!(cell, "{}", row.batches)),
        Column::further("chunks", |row, cell| write!(cell, "{}", row.chunks)),
        Column::new("runs", |row, cell| runs(cell, &row.runs)),
        Column::further("seen", |row, cell| runs(cell, &row.seen)),
        Column::further("seen_at", |row, cell| optional(cell, row.seen_at.as_ref())),
        Column::further("failures", |row, cell| failures(cell, &row.failures)),
        Column::further("source", |row, cell| cell.write_str(row.source.as_str())),
        Column::further("project", |row, cell| cell.write_str(&row.project)),
        Column::further("base_url", |row, cell| cell.write_str(&row.base_url)),
        Column::new("created_at", |row, cell| cell.write_str(&row.created_at)),
        Column::further("next", |row, cell| optional(cell, row.next.as_ref())),
    ];
}

/// State of a batch.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "batch-status", inline)]
pub(crate) struct BatchStatus {
    /// Id of the batch.
    pub(crate) batch: Uuid,
    /// Status of the job that creates the analyses, as ICA names it. ICA may leave it out.
    pub(crate) job: Option<String>,
    /// How far the batch is.
    pub(crate) phase: Phase,
    /// Numbers of analyses by outcome. None is pending or rejected.
    #[serde(flatten)]
    pub(crate) counts: Counts,
    /// Number of runs by status.
    pub(crate) runs: BTreeMap<String, u64>,
    /// Failures by reason, the most frequent first.
    pub(crate) failures: Vec<FailureGroup>,
}

impl BatchStatus {
    pub(crate) fn new(batch: Uuid, job: Option<&JobStatus>, job_goes_on: bool, tally: &Tally) -> Self {
        Self {
            batch,
            job: job.map(ToString::to_string),
            phase: match job_goes_on {
                true => Phase::Running,
                false => Phase::of(&tally.counts),
            },
            counts: tally.counts.clone(),
            runs: tally.runs.clone(),
            failures: tally.failures(),
        }
    }
}

impl Record for BatchStatus {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("batch", |row, cell| write!(cell, "{}", row.batch)),
        Column::new("job", |row, cell| optional(cell, row.job.as_ref())),
        Column::further("phase", |row, cell| cell.write_str(row.phase.as_str())),
        Column::new("analyses", |row, cell| write!(cell, "{}", row.counts.analyses)),
        Column::further("pending", |row, cell| write!(cell, "{}", row.counts.pending)),
        Column::further("rejected", |row, cell| write!(cell, "{}", row.counts.rejected)),
        Column::new("accepted", |row, cell| write!(cell, "{}", row.counts.accepted)),
        Column::new("not_created", |row, cell| write!(cell, "{}", row.counts.not_created)),
        Column::new("running", |row, cell| write!(cell, "{}", row.counts.running)),
        Column::new("succeeded", |row, cell| write!(cell, "{}", row.counts.succeeded)),
        Column::new("failed", |row, cell| write!(cell, "{}", row.counts.failed)),
        Column::further("runs", |row, cell| runs(cell, &row.runs)),
        Column::further("failures", |row, cell| failures(cell, &row.failures)),
    ];
}

fn runs(cell: &mut String, runs: &BTreeMap<String, u64>) -> fmt::Result {
    list(cell, runs.iter().map(|(status, count)| format!("{count} {status}")))
}

fn failures(cell: &mut String, failures: &[FailureGroup]) -> fmt::Result {
    list(
        cell,
        failures.iter().map(|group| format!("{} {}", group.count, group.reason)),
    )
}
