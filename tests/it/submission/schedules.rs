//! Ten thousand schedules of faults of the network, of ICA, of the journal, of the process, and of
//! time.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use ica_batch_sdk_ext::retry::{RetryBudget, RetryPolicy};
use ica_batch_sdk_ext::{Credentials, Error, ErrorKind, Execution, Journal, OnRejection, Submission, SubmissionReport};
use ica_simulator::{Family, Fate, FaultKind, FaultPlan, Simulator};

use super::failing::Failing;
use super::fixture::Fixture;
use crate::setup::analysis;

const SCHEDULES: u64 = 10_000;
/// Number of schedules that share a simulator and a journal.
const SHARING: u64 = 125;
const THREADS: u64 = 4;
/// Number of runs, more than any schedule needs.
const MOST_RUNS: usize = 100;
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// End of the names of analyses that ICA rejects.
const INVALID: &str = "-invalid";

/// Rows of the journal that are made to fail: table and condition.
const FAILURES: [(&str, &str); 8] = [
    ("submission", "state = 'planning'"),
    ("chunk", "label NOT LIKE '%.%' AND state = 'planned'"),
    ("chunk", "label LIKE '%.1' AND state = 'planned'"),
    ("submission", "state = 'planned'"),
    ("chunk", "state = 'sent'"),
    ("chunk", "state = 'created'"),
    ("chunk", "state IN ('split', 'rejected')"),
    ("analysis", "item IS NOT NULL"),
];

#[test]
fn no_schedule_of_faults_creates_an_analysis_twice_or_loses_one() {
    let totals = std::thread::scope(|scope| {
        let lanes = (0..THREADS).map(|thread| {
            scope.spawn(move || {
                let first_seeds = (0..SCHEDULES).step_by(SHARING as usize);
                let mine = first_seeds.filter(|seed| seed / SHARING % THREADS == thread);
                mine.map(lane).fold(BTreeMap::new(), add)
            })
        });
        // All are spawned before the first is joined.
        let lanes = lanes.collect::<Vec<_>>();
        let ended = lanes.into_iter().map(|lane| lane.join().expect("no schedule fails"));
        ended.fold(BTreeMap::new(), add)
    });
    // Every kind of failure occurred, often.
    for seen in [
        "run",
        "dropped",
        "second journal",
        "Interrupted",
        "Server",
        "RateLimited",
        "Unreadable",
        "Unauthorized",
        "Rejected",
        "KeyExpired",
        "Journal",
    ] {
        assert!(totals.get(seen).is_some_and(|count| *count >= 20), "{seen}: {totals:?}");
    }
}

type Totals = BTreeMap<String, usize>;

fn add(mut totals: Totals, more: Totals) -> Totals {
    for (what, count) in more {
        *totals.entry(what).or_default() += count;
    }
    totals
}

fn lane(first_seed: u64) -> Totals {
    let mut totals = Totals::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let fates = |name: &str| match name.ends_with(INVALID) {
            true => Fate::RejectRequest,
            false => Fate::Ordinary,
        };
        let simulator = Simulator::builder().record(false).gzip(false).fates(fates);
        let simulator = simulator.token_lifetime(100 * DAY).api_key("key");
        let fixture = Fixture::with(simulator, |client| {
            client
                .credentials(Credentials::api_key("key").unwrap())
                .retry_budget(RetryBudget::new(1_000_000_000))
        });
        let other = Journal::open(fixture.folder.path().join("other.db")).unwrap();
        let mut expected = BTreeMap::new();
        for seed in first_seed..first_seed + SHARING {
            let schedule = Schedule::new(seed, &fixture, &other);
            let valid = schedule.names.iter().filter(|name| !name.ends_with(INVALID));
            expected.extend(valid.map(|name| (name.clone(), 1)));
            schedule.execute(&mut totals).await;
        }
        // The names say which schedule created an analysis twice.
        let existing = fixture.simulator.created_by_name(Family::Analysis);
        let wrong = existing
            .iter()
            .filter(|(name, count)| expected.get(*name) != Some(*count));
        assert_eq!(wrong.collect::<Vec<_>>(), []);
        assert_eq!(existing.len(), expected.len());
    });
    totals
}

/// Submission, and the faults that it meets.
struct Schedule<'a> {
    fixture: &'a Fixture,
    journals: [&'a Journal; 2],
    random: fastrand::Rng,
    seed: u64,
    names: Vec<String>,
    chunk_size: usize,
    concurrency: usize,
    isolate: bool,
    /// Whether a run goes on after a failure.
    is_patient: bool,
    lookup: bool,
    has_two_journals: bool,
    has_days: bool,
}

impl<'a> Schedule<'a> {
    fn new(seed: u64, fixture: &'a Fixture, other: &'a Journal) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let name = |number, random: &mut fastrand::Rng| match random.u8(..20) {
            0 => format!("{seed}-{number}{INVALID}"),
            _ => format!("{seed}-{number}"),
        };
        let names = (0..random.usize(1..7))
            .map(|number| name(number, &mut random))
            .collect();
        // Two journals create the same batches only within 7 days, so a schedule has days or two
        // journals.
        let has_days = random.u8(..4) == 0;
        Self {
            fixture,
            journals: [&fixture.journal, other],
            seed,
            names,
            chunk_size: random.usize(1..5),
            concurrency: random.usize(1..4),
            isolate: random.bool(),
            is_patient: random.bool(),
            lookup: random.u8(..3) == 0,
            has_two_journals: !has_days && random.u8(..4) == 0,
            has_days,
            random,
        }
    }

    async fn execute(mut self, totals: &mut Totals) {
        let mut count = |what: &str| *totals.entry(what.to_owned()).or_default() += 1;
        let rate = self.random.f64() * 0.4;
        self.fixture.simulator.faults().seeded(self.seed, plan(rate));
        let mut failing = self.break_journal();
        for run in 0..MOST_RUNS {
            count("run");
            let journal = match self.has_two_journals && self.random.bool() {
                true => {
                    count("second journal");
                    self.journals[1]
                }
                false => self.journals[0],
            };
            let submission = self.submission(journal);
            let events = if self.random.u8(..5) == 0 {
                self.random.usize(..4)
            } else {
                usize::MAX
            };
            let ended = advance(submission, events).await;
            match ended {
                None => count("dropped"),
                Some(Ok(report)) => {
                    drop(failing.take());
                    return self.check(&report);
                }
                Some(Err(error)) => {
                    count(&format!("{:?}", error.kind()));
                    if error.kind() == ErrorKind::KeyExpired {
                        drop(failing.take());
                    }
                    self.handle(error, run).await;
                }
            }
            // A broken disk is repaired at some time.
            if self.random.u8(..5) > 0 || run > 3 {
                drop(failing.take());
            }
            if self.has_days {
                // No network holds a request for days.
                self.fixture.simulator.close_connections();
                self.fixture.clock.advance(DAY.mul_f64(8.0 * self.random.f64()));
            }
        }
        panic!("schedule {} did not end", self.seed);
    }

    fn submission(&mut self, journal: &Journal) -> Submission {
        let policy = if self.isolate {
            OnRejection::Isolate
        } else {
            OnRejection::Stop
        };
        let submission = self
            .fixture
            .project
            .submission(format!("schedule-{}", self.seed), journal);
        let submission = match self.is_patient {
            true => submission.deadline(HOUR),
            false => submission.stop_on_first_error(),
        };
        submission
            // Without marks, keys expire.
            .marks(self.seed % 4 != 0)
            .chunk_size(self.chunk_size)
            .concurrency(self.concurrency)
            .on_rejection(policy)
            .lookup_items(self.lookup)
            .retry(RetryPolicy::default().max_attempts(self.random.u32(1..5)))
            .analyses(self.names.iter().map(|name| analysis(name)).collect::<Vec<_>>())
    }

    /// Lets the first journal fail, in some schedules.
    fn break_journal(&mut self) -> Option<Failing> {
        if self.random.u8(..4) > 0 {
            return None;
        }
        let (table, condition) = FAILURES[self.random.usize(..FAILURES.len())];
        Some(Failing::new(self.journals[0].path(), table, condition))
    }

    /// Reacts to the error as a user would.
    async fn handle(&mut self, error: Error, run: usize) {
        let may_pass = matches!(
            error.kind(),
            ErrorKind::Interrupted
                | ErrorKind::Server
                | ErrorKind::RateLimited
                | ErrorKind::InProgress
                | ErrorKind::Unreadable
                | ErrorKind::Unauthorized
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
            ErrorKind::KeyExpired => self.record_finding(&error).await,
            _ => assert!(may_pass, "schedule {}, run {run}: {error:?}", self.seed),
        }
    }

    /// Searches for a chunk whose key has expired, and records the finding.
    async fn record_finding(&self, error: &Error) {
        let key = error.idempotency_key().unwrap();
        let journal = self.journals[0];
        let entries = journal.submissions().unwrap();
        let entry = entries
            .iter()
            .find(|entry| entry.name() == format!("schedule-{}", self.seed))
            .unwrap();
        let chunks = journal.chunks(entry).unwrap();
        let chunk = chunks.iter().find(|chunk| chunk.key == *key).unwrap();
        let batches = self.fixture.simulator.batches();
        let found = batches
            .iter()
            .find(|batch| batch.idempotency_key.as_deref() == Some(key.as_str()));
        let submission = self.fixture.project.submission(entry.name(), journal);
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
        let invalid = self.names.iter().filter(|name| name.ends_with(INVALID)).count();
        assert_eq!(
            (report.rejected(), report.created()),
            (invalid, self.names.len() - invalid),
            "{report:?}"
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

fn plan(rate: f64) -> FaultPlan {
    let kinds = [
        FaultKind::ExecuteThenReset,
        FaultKind::ExecuteThenStatus(500),
        FaultKind::ExecuteThenStatus(503),
        FaultKind::ResetBeforeExecuting,
        FaultKind::TruncateBody,
        FaultKind::MalformedJson,
        FaultKind::refuse(409),
        FaultKind::refuse_for(429, 30),
        FaultKind::refuse(503),
        FaultKind::HtmlBadGateway,
        FaultKind::ExpireToken,
        FaultKind::ExpireToken,
    ];
    let each = rate / kinds.len() as f64;
    kinds
        .into_iter()
        .fold(FaultPlan::new(), |plan, kind| plan.with(each, kind))
}
