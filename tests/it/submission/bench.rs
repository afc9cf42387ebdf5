//! What the tests of submissions stand on: a simulator, a project of it whose time only sleeps move, and a journal.

use std::path::PathBuf;

use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::types::CreateNextflowAnalysis;
use ica_batch_sdk_ext::{ClientBuilder, Journal, Project, Submission, SubmissionOutcome, SubmissionReport};
use ica_simulator::{Family, Lifecycle, Operation, Simulator, SimulatorBuilder};
use tempfile::TempDir;

use crate::setup::{analysis, builder, linked_clock};

pub(super) struct Bench {
    pub(super) simulator: Simulator,
    pub(super) clock: ManualClock,
    pub(super) project: Project,
    pub(super) journal: Journal,
    pub(super) folder: TempDir,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(Simulator::builder(), |client| client)
    }

    /// Makes each call once.
    pub(super) fn impatient() -> Self {
        Self::with(Simulator::builder(), |client| client.retry(RetryPolicy::never()))
    }

    pub(super) fn with(builder: SimulatorBuilder, client: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let simulator = builder.lifecycle(Lifecycle::instant()).start().unwrap();
        let clock = linked_clock(&simulator);
        let client = client(self::builder(&simulator).clock(clock.clone()).jitter_seed(7));
        let project = client.build().unwrap().project(simulator.project_id()).unwrap();
        let folder = folder();
        let journal = Journal::open(folder.path().join("journal.db")).unwrap();
        Self {
            simulator,
            clock,
            project,
            journal,
            folder,
        }
    }

    /// A submission in chunks of two, one after the other.
    pub(super) fn submission(&self, name: &str) -> Submission {
        let submission = self.project.submission(name, &self.journal);
        submission.chunk_size(2).concurrency(1)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.journal.path().to_owned()
    }

    /// How many creates were sent.
    pub(super) fn sent(&self) -> usize {
        self.simulator.count(Operation::CreateBatch(Family::Analysis))
    }

    /// Every analysis of these names exists once, and no other.
    pub(super) fn assert_exist<const N: usize>(&self, references: [&str; N]) {
        let counts = self.simulator.created_by_name(Family::Analysis);
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
        let mut references = references.map(str::to_owned).to_vec();
        references.sort();
        assert_eq!(counts.into_keys().collect::<Vec<_>>(), references);
    }
}

/// A folder on a file system that forgets, where there is one: that a disk is slow is not what is tested.
pub(super) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub(super) fn manifest<const N: usize>(references: [&str; N]) -> Vec<CreateNextflowAnalysis> {
    references.map(analysis).to_vec()
}

/// The user references, each with what became of it.
pub(super) fn outcomes(report: &SubmissionReport) -> Vec<(&str, &'static str)> {
    let outcome = |outcome: &SubmissionOutcome| match outcome {
        SubmissionOutcome::Created { .. } => "created",
        SubmissionOutcome::Rejected { .. } => "rejected",
        _ => "open",
    };
    let analyses = report.analyses().iter();
    analyses
        .map(|analysis| (analysis.user_reference.as_str(), outcome(&analysis.outcome)))
        .collect()
}
