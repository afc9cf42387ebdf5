//! One schedule: a submission, and the faults and events that it meets.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{
    Error, ErrorKind, Execution, Journal, OnChange, OnRejection, Project, Submission, SubmissionReport,
};
use ica_simulator::{Fate, Outage, OutageKind, RetryAfter};

use super::faults::{FAILURES, plan};
use super::{DAY, FAILING, INVALID, LATE, Lane, Totals};
use crate::setup::analysis;
use crate::submission::failing::Failing;

/// Number of runs, more than any schedule needs.
const MOST_RUNS: usize = 100;
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Submission, and the events that it meets.
#[derive(Debug)]
pub(super) struct Schedule<'a> {
    lane: &'a Lane,
    /// Journal of its own: a schedule that restores a copy has one.
    own: Option<Journal>,
    /// Path of the journal of the last run.
    last: Option<std::path::PathBuf>,
    /// Copy of its own journal.
    copy: Option<std::path::PathBuf>,
    random: fastrand::Rng,
    seed: u64,
    names: Vec<String>,
    /// Number of the names that the manifest has.
    listed: usize,
    chunk_size: usize,
    concurrency: usize,
    /// Whether the analyses have marks. Without them, the key is all that prevents a copy, so the
    /// schedule has only what a key survives.
    is_marked: bool,
    isolate: bool,
    /// Whether a run goes on after a failure.
    is_patient: bool,
    lookup: bool,
    has_two_journals: bool,
    has_two_users: bool,
    has_days: bool,
    retries: bool,
    reruns: bool,
}

impl<'a> Schedule<'a> {
    pub(super) fn new(seed: u64, lane: &'a Lane) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let name = |number, random: &mut fastrand::Rng| match random.u8(..20) {
            0 => format!("{seed}-{number}{INVALID}"),
            1 => format!("{seed}-{number}{FAILING}"),
            _ => format!("{seed}-{number}"),
        };
        // Some have so many chunks that a common search settles those of unknown outcome.
        let has_many_chunks = seed.is_multiple_of(16);
        let most = if has_many_chunks { 16 } else { 7 };
        let names = (0..random.usize(1..most))
            .map(|number| name(number, &mut random))
            .collect::<Vec<_>>();
        let mut one_of = |number: u8| random.u8(..number) == 0;
        let is_marked = !one_of(8);
        let (isolate, is_patient, lookup, has_days) = (one_of(2), one_of(2), one_of(3), one_of(4));
        let (restores, has_two_users) = (is_marked && one_of(6), is_marked && one_of(5));
        // ICA keeps keys per user, so two users share a journal.
        let has_two_journals = one_of(4) && !has_two_users && (is_marked || !has_days);
        // A second journal has the chunks of accepted rows only if it saw the same manifests.
        let (adds, reruns) = (one_of(4) && !has_two_journals, one_of(4) && !has_two_journals);
        // Without its journal, ICA does not know an attempt.
        let (restores, retries) = (restores && !adds && !reruns, one_of(4) && !has_two_journals);
        let own = restores.then(|| {
            let path = lane.fixture.folder.path().join(format!("own-{seed}.db"));
            Journal::open(path).unwrap()
        });
        Self {
            lane,
            own,
            last: None,
            copy: None,
            seed,
            listed: if adds {
                random.usize(1..=names.len())
            } else {
                names.len()
            },
            names,
            chunk_size: if has_many_chunks { 1 } else { random.usize(1..5) },
            concurrency: random.usize(1..4),
            is_marked,
            isolate,
            is_patient,
            lookup,
            has_two_journals,
            has_two_users,
            has_days,
            retries,
            reruns,
            random,
        }
    }

    fn name(&self) -> String {
        format!("schedule-{}", self.seed)
    }

    /// Runs the submission until a run succeeds. Returns how often each analysis must exist.
    pub(super) async fn execute(mut self, totals: &mut Totals) -> BTreeMap<String, usize> {
        let mut count = |what: &str| *totals.entry(what.to_owned()).or_default() += 1;
        let fixture = &self.lane.fixture;
        fixture.simulator.faults().clear();
        let rate = self.random.f64() * 0.4;
        fixture.simulator.faults().seeded(self.seed, plan(rate, self.is_marked));
        if self.random.u8(..8) == 0 {
            count("outage");
            self.begin_outage();
        }
        let mut failing = self.break_journal();
        for run in 0..MOST_RUNS {
            count("run");
            let journal = self.journal();
            let last = self.last.replace(journal.path().to_owned());
            if last.is_some() && last != self.last {
                // A search finds what the other journal sent, or the original of a copy, after a while.
                fixture.clock.advance(2 * LATE);
            }
            if journal.path() == self.lane.other.path() {
                count("second journal");
            }
            let project = match self.has_two_users && self.random.bool() {
                true => {
                    count("second user");
                    &self.lane.of_other
                }
                false => &fixture.project,
            };
            let submission = self.submission(project, &journal);
            let events = if self.random.u8(..5) == 0 {
                self.random.usize(..6)
            } else {
                usize::MAX
            };
            match advance(submission, events).await {
                None => count("dropped"),
                Some(Ok(report)) => {
                    drop(failing.take());
                    self.check(&report);
                    if self.listed == self.names.len() {
                        return self.settle(&journal, &mut count).await;
                    }
                    count("added");
                    self.listed = self.names.len();
                }
                Some(Err(error)) => {
                    count(&format!("{:?}", error.kind()));
                    if error.kind() == ErrorKind::KeyExpired {
                        drop(failing.take());
                    }
                    self.handle(&error, run).await;
                    // A person needs a while.
                    fixture.clock.advance(20 * SECOND);
                }
            }
            if self.is_marked {
                // A request reaches ICA before a search must show what it created. Simulated time passes
                // in no real time, so a request in flight would reach it much later.
                fixture.simulator.close_connections();
            }
            // A broken disk is repaired at some time.
            if self.random.u8(..5) > 0 || run > 3 {
                drop(failing.take());
            }
            if self.copy_or_restore() {
                count("restored");
            }
            if self.has_days {
                // No network holds a request for days.
                fixture.simulator.close_connections();
                fixture.clock.advance(DAY.mul_f64(8.0 * self.random.f64()));
            }
        }
        panic!("{self:?} did not end");
    }

    fn journal(&mut self) -> Journal {
        if let Some(own) = &self.own {
            return own.clone();
        }
        match self.has_two_journals && self.random.bool() {
            true => self.lane.other.clone(),
            false => self.lane.fixture.journal.clone(),
        }
    }

    fn submission(&mut self, project: &Project, journal: &Journal) -> Submission {
        let policy = if self.isolate {
            OnRejection::Isolate
        } else {
            OnRejection::Stop
        };
        let submission = project.submission(self.name(), journal);
        let submission = match self.is_patient {
            // A short deadline often ends before an outage does.
            true => submission.deadline(if self.random.bool() { HOUR } else { 60 * SECOND }),
            false => submission.stop_on_first_error(),
        };
        submission
            .chunk_size(self.chunk_size)
            .concurrency(self.concurrency)
            .on_rejection(policy)
            .on_change(OnChange::AcceptAdditions)
            .lookup_items(self.lookup)
            .marks(self.is_marked)
            .allow_other_user()
            .retry(RetryPolicy::default().max_attempts(self.random.u32(1..5)))
            .analyses(
                self.names[..self.listed]
                    .iter()
                    .map(|name| analysis(name))
                    .collect::<Vec<_>>(),
            )
    }

    /// Lets a journal that is shared fail, in some schedules.
    fn break_journal(&mut self) -> Option<Failing> {
        if self.random.u8(..4) > 0 {
            return None;
        }
        let (table, condition) = FAILURES[self.random.usize(..FAILURES.len())];
        Some(Failing::new(self.lane.fixture.journal.path(), table, condition))
    }

    fn begin_outage(&mut self) {
        let now = self.lane.fixture.simulator.clock().now();
        let kind = match self.random.bool() {
            true => OutageKind::Unavailable(RetryAfter::Absent),
            false => OutageKind::ConnectionsReset,
        };
        let length = SECOND * self.random.u32(1..1800);
        self.lane
            .fixture
            .simulator
            .faults()
            .outage(Outage::new(now..now + length, kind));
    }

    /// Copies a journal of its own, or continues with the copy. Returns whether it was restored.
    fn copy_or_restore(&mut self) -> bool {
        let Some(own) = &self.own else { return false };
        match self.copy.take() {
            None => {
                let path = self.lane.fixture.folder.path().join(format!("copy-{}.db", self.seed));
                if !path.exists() {
                    own.backup(&path).unwrap();
                    self.copy = Some(path);
                }
                false
            }
            Some(path) => {
                self.own = Some(Journal::open(path).unwrap());
                true
            }
        }
    }

    /// Reacts to the error as a user would.
    async fn handle(&mut self, error: &Error, run: usize) {
        let may_pass = matches!(
            error.kind(),
            ErrorKind::Interrupted
                | ErrorKind::Server
                | ErrorKind::RateLimited
                | ErrorKind::InProgress
                | ErrorKind::Unreadable
                | ErrorKind::Unauthorized
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::Journal
                | ErrorKind::Unfinished
        );
        match error.kind() {
            // The response to a list. Only a create can be in progress.
            ErrorKind::Rejected if error.status() == Some(409) => {}
            ErrorKind::Rejected => {
                let is_clear = error.execution() == Execution::NotExecuted && error.problem().is_some();
                assert!(
                    !(self.isolate && is_clear),
                    "schedule {}, run {run}: {error:?}",
                    self.seed
                );
                self.isolate = true;
            }
            ErrorKind::KeyExpired if !self.is_marked => self.record_finding(error).await,
            _ => assert!(may_pass, "schedule {}, run {run}: {error:?}", self.seed),
        }
    }

    /// Searches for a chunk whose key has expired, and records the finding.
    async fn record_finding(&self, error: &Error) {
        let key = error.idempotency_key().unwrap();
        let fixture = &self.lane.fixture;
        let entries = fixture.journal.submissions().unwrap();
        let entry = entries.iter().find(|entry| entry.name() == self.name()).unwrap();
        let chunks = fixture.journal.chunks(entry).unwrap();
        let chunk = chunks.iter().find(|chunk| chunk.key == *key).unwrap();
        let batches = fixture.simulator.batches();
        let found = batches
            .iter()
            .find(|batch| batch.idempotency_key.as_deref() == Some(key.as_str()));
        let submission = fixture.project.submission(entry.name(), &fixture.journal);
        let mut attempts = 0;
        loop {
            let recorded = match found {
                Some(batch) => submission.record_created(&chunk.label, batch.id).await,
                None => submission.record_not_created(&chunk.label).await,
            };
            let Err(error) = recorded else { return };
            attempts += 1;
            assert!(attempts < MOST_RUNS && !error.is_invalid_input(), "{error:?}");
        }
    }

    fn check(&self, report: &SubmissionReport) {
        let listed = &self.names[..self.listed];
        let invalid = listed.iter().filter(|name| name.ends_with(INVALID)).count();
        assert_eq!(
            (report.rejected(), report.created()),
            (invalid, listed.len() - invalid),
            "schedule {}: {report:?}",
            self.seed
        );
    }

    /// Ends the faults, sends rejected and failed rows again, and audits. Returns how often each
    /// analysis must exist.
    async fn settle(&mut self, journal: &Journal, count: &mut impl FnMut(&str)) -> BTreeMap<String, usize> {
        let fixture = &self.lane.fixture;
        fixture.simulator.faults().clear();
        fixture.clock.advance(HOUR);
        let submission = || fixture.project.submission(self.name(), journal).allow_other_user();
        let has = |end: &str| self.names.iter().any(|name| name.ends_with(end));
        let (mut expected, mut invalid, mut failing) = (BTreeMap::new(), 0, 1);
        if self.retries && has(INVALID) {
            count("retried");
            let invalid_names = self.names.iter().filter(|name| name.ends_with(INVALID));
            invalid_names.for_each(|name| fixture.simulator.set_fate(name, Fate::Succeed));
            submission().retry_rejected().run().await.unwrap();
            invalid = 1;
        }
        if self.reruns && has(FAILING) {
            count("rerun");
            submission().wait().await.unwrap();
            submission().rerun_failed().run().await.unwrap();
            failing = 2;
        }
        for name in &self.names {
            let times = match name {
                name if name.ends_with(INVALID) => invalid,
                name if name.ends_with(FAILING) => failing,
                _ => 1,
            };
            if times > 0 {
                expected.insert(name.clone(), times);
            }
        }
        if !self.is_marked {
            return expected;
        }
        fixture.clock.advance(HOUR);
        let audit = submission().audit().await.unwrap();
        assert!(audit.is_clean(), "{self:?}: {audit} {:?}", audit.findings());
        expected
    }
}

/// Runs the submission to its end or until so many events. Returns None if it was dropped before
/// its end.
async fn advance(submission: Submission, events: usize) -> Option<Result<SubmissionReport, Error>> {
    let mut stream = submission.progress();
    for _ in 0..events {
        match stream.next().await.expect("the stream ends with a report or an error") {
            Err(error) => return Some(Err(error)),
            Ok(progress) => {
                if let Some(report) = progress.report() {
                    return Some(Ok(report.clone()));
                }
            }
        }
    }
    None
}
