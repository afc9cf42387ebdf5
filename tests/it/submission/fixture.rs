//! The set-up of the tests of submissions: a simulator, a project of it, a journal, and a shared
//! clock.

use std::time::Duration;

use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::types::{CreateAnalysisCreationBatch, CreateNextflowAnalysis};
use ica_batch_sdk_ext::{
    ClientBuilder, Credentials, Journal, JournalChunk, JournalEntry, Project, Submission, SubmissionOutcome,
    SubmissionReport,
};
use ica_simulator::{Family, Fate, Fault, FaultKind, Lifecycle, Operation, Simulator, SimulatorBuilder};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::setup::{analysis, builder, linked_clock};

pub(super) struct Fixture {
    pub(super) simulator: Simulator,
    pub(super) clock: ManualClock,
    pub(super) project: Project,
    pub(super) journal: Journal,
    pub(super) folder: TempDir,
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self::with(Simulator::builder(), |client| client)
    }

    /// Returns a fixture whose client makes one attempt per call.
    pub(super) fn without_retries() -> Self {
        Self::with(Simulator::builder(), |client| client.retry(RetryPolicy::never()))
    }

    /// Returns a fixture in which ICA rejects requests with the analyses of these names.
    pub(super) fn rejecting<const N: usize>(references: [&str; N]) -> Self {
        let builder = references.into_iter().fold(Simulator::builder(), |builder, reference| {
            builder.fate(reference, Fate::RejectRequest)
        });
        Self::with(builder, |client| client)
    }

    pub(super) fn with(builder: SimulatorBuilder, client: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        Self::started(builder.lifecycle(Lifecycle::instant()), client)
    }

    /// Returns a fixture whose analyses have this lifecycle.
    pub(super) fn living(lifecycle: Lifecycle) -> Self {
        Self::started(Simulator::builder().lifecycle(lifecycle), |client| client)
    }

    /// Returns a fixture in which a search finds a new analysis after this time.
    pub(super) fn found_after(time: Duration) -> Self {
        let lifecycle = Lifecycle::instant().analyses_found_after(time);
        let builder = Simulator::builder()
            .lifecycle(lifecycle)
            .api_key_of("one", "first-key")
            .api_key_of("two", "other-key");
        // A minted token names its user, and a key does not.
        let credentials = Credentials::api_key("first-key").unwrap();
        Self::started(builder, |client| client.credentials(credentials))
    }

    pub(super) fn started(builder: SimulatorBuilder, client: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let simulator = builder.start().unwrap();
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

    /// Returns a submission in chunks of two that are sent one after the other, until one fails.
    pub(super) fn submission(&self, name: &str) -> Submission {
        self.patient_submission(name).stop_on_first_error()
    }

    /// Returns a submission in chunks of two that are sent one after the other. It goes on after
    /// failures.
    pub(super) fn patient_submission(&self, name: &str) -> Submission {
        let submission = self.project.submission(name, &self.journal);
        submission.chunk_size(2).concurrency(1)
    }

    /// Injects a fault into the create with this number, counted from 1 and from now on.
    pub(super) fn fail_create(&self, number: u64, kind: FaultKind) {
        let fault = Fault::new(kind)
            .on(Operation::CreateBatch(Family::Analysis))
            .nth(number);
        self.simulator.faults().add(fault);
    }

    /// Opens the journal's file as any other program.
    pub(super) fn connection(&self) -> Connection {
        Connection::open(self.journal.path()).unwrap()
    }

    /// Returns the first submission in the journal.
    pub(super) fn entry(&self) -> JournalEntry {
        self.journal.submissions().unwrap().remove(0)
    }

    /// Returns the chunks of the first submission in the journal.
    pub(super) fn chunks(&self) -> Vec<JournalChunk> {
        self.journal.chunks(&self.entry()).unwrap()
    }

    /// Returns the number of creates that were sent.
    pub(super) fn creates(&self) -> usize {
        self.simulator.count(Operation::CreateBatch(Family::Analysis))
    }

    /// Sends the bytes of the last create once more, with another key, as another program could.
    pub(super) async fn send_last_create_again(&self) {
        let create = Some(Operation::CreateBatch(Family::Analysis));
        let mut requests = self.simulator.requests().into_iter();
        let last = requests.rfind(|request| request.operation == create).unwrap();
        let body: CreateAnalysisCreationBatch = serde_json::from_slice(&last.body).unwrap();
        self.project.create_batch(body).await.unwrap();
    }

    /// Checks that each analysis of these names exists once, and no other exists.
    pub(super) fn assert_created_once<const N: usize>(&self, references: [&str; N]) {
        let counts = self.simulator.created_by_name(Family::Analysis);
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
        let mut references = references.map(str::to_owned).to_vec();
        references.sort();
        assert_eq!(counts.into_keys().collect::<Vec<_>>(), references);
    }
}

/// Returns a folder in memory where the system has one, because the tests are not about slow disks.
pub(super) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

pub(super) fn manifest<const N: usize>(references: [&str; N]) -> Vec<CreateNextflowAnalysis> {
    references.map(analysis).to_vec()
}

/// Returns the user references with their outcomes.
pub(super) fn outcomes(report: &SubmissionReport) -> Vec<(&str, &'static str)> {
    let outcome = |outcome: &SubmissionOutcome| match outcome {
        SubmissionOutcome::Created { .. } => "created",
        SubmissionOutcome::Rejected { .. } => "rejected",
        _ => "pending",
    };
    let analyses = report.analyses().iter();
    analyses
        .map(|analysis| (analysis.user_reference.as_str(), outcome(&analysis.outcome)))
        .collect()
}
