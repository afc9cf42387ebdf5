//! One schedule: a submission, and the faults and events that it meets.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Error, ErrorKind, Journal, OnChange, OnRejection, Project, Submission, SubmissionReport};

use super::{DAY, FAILING, INVALID, LATE, Lane, Totals, UNCREATED, count};
use crate::setup::analysis;

/// Number of runs, more than any schedule needs.
pub(super) const MOST_RUNS: usize = 100;
pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// Rows that a run sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sends {
    /// Rows that are not settled.
    Open,
    /// Rejected rows, and those that ICA accepted and could not create, too.
    NotCreated,
    /// Rows whose runs failed, too.
    Failed,
}

/// Submission, and the events that it meets.
#[derive(Debug)]
pub(super) struct Schedule<'a> {
    pub(super) lane: &'a Lane,
    /// Journal of its own: a schedule that restores a copy has one.
    pub(super) own: Option<Journal>,
    /// Path of the journal of the last run.
    last: Option<std::path::PathBuf>,
    /// Copy of its own journal.
    copy: Option<std::path::PathBuf>,
    pub(super) random: fastrand::Rng,
    pub(super) seed: u64,
    pub(super) names: Vec<String>,
    /// Number of the names that the manifest has.
    pub(super) listed: usize,
    chunk_size: usize,
    /// Chunk size with the second journal.
    other_chunk_size: usize,
    concurrency: usize,
    /// Whether the analyses have marks. Without them, the key is all that prevents a copy, so the
    /// schedule has only what a key survives.
    pub(super) is_marked: bool,
    pub(super) isolate: bool,
    /// Whether a run goes on after a failure.
    is_patient: bool,
    pub(super) lookup: bool,
    has_two_journals: bool,
    pub(super) has_two_users: bool,
    has_days: bool,
    /// Whether the `Date` of responses differs from the clock by minutes.
    pub(super) is_skewed: bool,
    pub(super) retries: bool,
    pub(super) reruns: bool,
}

impl<'a> Schedule<'a> {
    pub(super) fn new(seed: u64, lane: &'a Lane) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let name = |number, random: &mut fastrand::Rng| match random.u8(..20) {
            0 => format!("{seed}-{number}{INVALID}"),
            1 => format!("{seed}-{number}{FAILING}"),
            2 => format!("{seed}-{number}{UNCREATED}"),
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
        let is_skewed = one_of(16);
        // Without marks, only the same chunks have the same keys.
        let has_other_chunks = has_two_journals && is_marked && one_of(2);
        let chunk_size = if has_many_chunks { 1 } else { random.usize(1..5) };
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
            chunk_size,
            other_chunk_size: if has_other_chunks {
                chunk_size % 4 + 1
            } else {
                chunk_size
            },
            concurrency: random.usize(1..4),
            is_marked,
            isolate,
            is_patient,
            lookup,
            has_two_journals,
            has_two_users,
            has_days,
            is_skewed,
            retries,
            reruns,
            random,
        }
    }

    pub(super) fn name(&self) -> String {
        format!("schedule-{}", self.seed)
    }

    /// Runs the submission until a run succeeds, and sends rows again. Returns how often each analysis
    /// must exist.
    pub(super) async fn execute(mut self, totals: &mut Totals) -> BTreeMap<String, usize> {
        self.begin_faults(totals);
        let journal = self.run_to_success(None, Sends::Open, totals).await;
        self.settle(&journal, totals).await
    }

    /// Runs the submission until a run succeeds that has the whole manifest. Returns the journal of that
    /// run. With a journal, each run has this one.
    pub(super) async fn run_to_success(
        &mut self,
        only: Option<&Journal>,
        sends: Sends,
        totals: &mut Totals,
    ) -> Journal {
        let fixture = &self.lane.fixture;
        let mut failing = self.break_journal();
        for run in 0..MOST_RUNS {
            count(totals, "run");
            let journal = match only {
                Some(journal) => journal.clone(),
                None => self.journal(totals),
            };
            let project = match self.has_two_users && self.random.bool() {
                true => {
                    count(totals, "second user");
                    &self.lane.of_other
                }
                false => &fixture.project,
            };
            let submission = self.submission(project, &journal, sends);
            let events = if self.random.u8(..5) == 0 {
                self.random.usize(..6)
            } else {
                usize::MAX
            };
            let executed = fixture.simulator.executed_creates();
            match advance(submission, events).await {
                None => count(totals, "dropped"),
                Some(Ok(report)) => {
                    drop(failing.take());
                    if sends == Sends::Open {
                        self.check(&report);
                    }
                    if self.listed == self.names.len() {
                        return journal;
                    }
                    count(totals, "added");
                    self.listed = self.names.len();
                }
                Some(Err(error)) => {
                    count(totals, &format!("{:?}", error.kind()));
                    if error.kind() == ErrorKind::KeyExpired {
                        drop(failing.take());
                    }
                    if error.kind() == ErrorKind::ClockSkew && run == 0 {
                        assert_eq!(fixture.simulator.executed_creates(), executed, "{error:?}");
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
            if sends != Sends::Open {
                continue;
            }
            if self.copy_or_restore() {
                count(totals, "restored");
            }
            if self.has_days {
                // No network holds a request for days.
                fixture.simulator.close_connections();
                fixture.clock.advance(DAY.mul_f64(8.0 * self.random.f64()));
            }
        }
        panic!("{self:?} did not end");
    }

    /// Returns the journal of the next run.
    fn journal(&mut self, totals: &mut Totals) -> Journal {
        let (fixture, other) = (&self.lane.fixture, &self.lane.other);
        let journal = match &self.own {
            Some(own) => own.clone(),
            None if self.has_two_journals && self.random.bool() => {
                count(totals, "second journal");
                if self.other_chunk_size != self.chunk_size {
                    count(totals, "other chunks");
                }
                other.clone()
            }
            None => fixture.journal.clone(),
        };
        let last = self.last.replace(journal.path().to_owned());
        if last.is_some() && last != self.last {
            // A search finds what the other journal sent, or the original of a copy, after a while.
            fixture.clock.advance(2 * LATE);
        }
        journal
    }

    fn submission(&mut self, project: &Project, journal: &Journal, sends: Sends) -> Submission {
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
        let submission = match sends {
            Sends::Open => submission,
            Sends::NotCreated => submission.retry_rejected().retry_failed_creation(),
            Sends::Failed => submission.rerun_failed(),
        };
        let is_other = journal.path() == self.lane.other.path();
        submission
            .chunk_size(if is_other {
                self.other_chunk_size
            } else {
                self.chunk_size
            })
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

    fn check(&self, report: &SubmissionReport) {
        let listed = &self.names[..self.listed];
        let number = |end: &str| listed.iter().filter(|name| name.ends_with(end)).count();
        let (invalid, uncreated) = (number(INVALID), number(UNCREATED));
        assert_eq!(
            (report.rejected(), report.created() + report.creation_failed()),
            (invalid, listed.len() - invalid),
            "schedule {}: {report:?}",
            self.seed
        );
        // Failed creations show when the items are listed.
        let is_listed = self.lookup && report.has_all_items();
        let shown = report.creation_failed();
        assert!(
            shown <= uncreated && (shown == uncreated || !is_listed),
            "schedule {}: {report:?}",
            self.seed
        );
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
