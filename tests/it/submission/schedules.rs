//! Ten thousand schedules of faults: of the network, of ICA, of the journal, of the process, of time.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use ica_batch_sdk_ext::retry::{RetryBudget, RetryPolicy};
use ica_batch_sdk_ext::{Credentials, Error, ErrorKind, Execution, Journal, OnRejection, Submission, SubmissionReport};
use ica_simulator::{Family, Fate, FaultKind, FaultPlan, Simulator};
use rusqlite::Connection;

use super::bench::Bench;
use crate::setup::analysis;

const SCHEDULES: u64 = 10_000;
/// Schedules that share a simulator and a journal.
const TOGETHER: u64 = 125;
const THREADS: u64 = 4;
/// More runs than any schedule needs.
const MOST_RUNS: usize = 100;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Analyses of such names are rejected.
const BAD: &str = "-bad";

/// What the journal is made to fail at.
const TRIGGERS: [&str; 8] = [
    "BEFORE INSERT ON sender",
    "BEFORE INSERT ON chunk WHEN new.label NOT LIKE '%.%'",
    "BEFORE INSERT ON chunk WHEN new.label LIKE '%.1'",
    "BEFORE UPDATE ON submission",
    "BEFORE UPDATE ON chunk WHEN new.state = 'sent' AND old.state = 'planned'",
    "BEFORE UPDATE ON chunk WHEN new.state = 'created'",
    "BEFORE UPDATE ON chunk WHEN new.state IN ('split', 'rejected')",
    "BEFORE UPDATE ON analysis",
];

#[test]
fn no_schedule_of_faults_creates_an_analysis_twice_or_loses_one() {
    let totals = std::thread::scope(|scope| {
        let lanes = (0..THREADS).map(|thread| {
            scope.spawn(move || {
                let first_seeds = (0..SCHEDULES).step_by(TOGETHER as usize);
                let mine = first_seeds.filter(|seed| seed / TOGETHER % THREADS == thread);
                mine.map(lane).fold(BTreeMap::new(), add)
            })
        });
        // Spawned before any is waited for.
        let lanes = lanes.collect::<Vec<_>>();
        let ended = lanes.into_iter().map(|lane| lane.join().expect("no schedule failed"));
        ended.fold(BTreeMap::new(), add)
    });
    // Everything that can go wrong did, often.
    for seen in [
        "run",
        "broken off",
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
        let fates = |name: &str| match name.ends_with(BAD) {
            true => Fate::RejectRequest,
            false => Fate::Ordinary,
        };
        let simulator = Simulator::builder().record(false).gzip(false).fates(fates);
        let simulator = simulator.token_lifetime(100 * DAY).api_key("key");
        let bench = Bench::with(simulator, |client| {
            client
                .credentials(Credentials::api_key("key").unwrap())
                .retry_budget(RetryBudget::new(1_000_000_000))
        });
        let other = Journal::open(bench.folder.path().join("other.db")).unwrap();
        let mut expected = BTreeMap::new();
        for seed in first_seed..first_seed + TOGETHER {
            let schedule = Schedule::new(seed, &bench, &other);
            let good = schedule.names.iter().filter(|name| !name.ends_with(BAD));
            expected.extend(good.map(|name| (name.clone(), 1)));
            schedule.follow(&mut totals).await;
        }
        // What was created twice at any time shows at the end. The names say which schedule it was.
        let existing = bench.simulator.created_by_name(Family::Analysis);
        let wrong = existing
            .iter()
            .filter(|(name, count)| expected.get(*name) != Some(*count));
        assert_eq!(wrong.collect::<Vec<_>>(), []);
        assert_eq!(existing.len(), expected.len());
    });
    totals
}

/// One submission, and what goes wrong with it.
struct Schedule<'a> {
    bench: &'a Bench,
    journals: [&'a Journal; 2],
    random: fastrand::Rng,
    seed: u64,
    names: Vec<String>,
    chunk_size: usize,
    concurrency: usize,
    isolate: bool,
    looks_up: bool,
    has_two_journals: bool,
    has_days: bool,
}

impl<'a> Schedule<'a> {
    fn new(seed: u64, bench: &'a Bench, other: &'a Journal) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let name = |place, random: &mut fastrand::Rng| match random.u8(..20) {
            0 => format!("{seed}-{place}{BAD}"),
            _ => format!("{seed}-{place}"),
        };
        let names = (0..random.usize(1..7)).map(|place| name(place, &mut random)).collect();
        // Two machines converge within a week; so a schedule has one of the two.
        let has_days = random.u8(..4) == 0;
        Self {
            bench,
            journals: [&bench.journal, other],
            seed,
            names,
            chunk_size: random.usize(1..5),
            concurrency: random.usize(1..4),
            isolate: random.bool(),
            looks_up: random.u8(..3) == 0,
            has_two_journals: !has_days && random.u8(..4) == 0,
            has_days,
            random,
        }
    }

    async fn follow(mut self, totals: &mut Totals) {
        let mut count = |what: &str| *totals.entry(what.to_owned()).or_default() += 1;
        let rate = self.random.f64() * 0.4;
        self.bench.simulator.faults().seeded(self.seed, plan(rate));
        let mut broken = self.break_journal();
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
                None => count("broken off"),
                Some(Ok(report)) => {
                    mend_journal(&mut broken);
                    return self.check(&report);
                }
                Some(Err(error)) => {
                    count(&format!("{:?}", error.kind()));
                    if error.kind() == ErrorKind::KeyExpired {
                        mend_journal(&mut broken);
                    }
                    self.overcome(error, run).await;
                }
            }
            // What is wrong with a disk is mended sooner or later.
            if self.random.u8(..5) > 0 || run > 3 {
                mend_journal(&mut broken);
            }
            if self.has_days {
                self.bench.clock.advance(DAY.mul_f64(8.0 * self.random.f64()));
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
        self.bench
            .project
            .submission(format!("schedule-{}", self.seed), journal)
            .chunk_size(self.chunk_size)
            .concurrency(self.concurrency)
            .on_rejection(policy)
            .look_up_items(self.looks_up)
            .retry(RetryPolicy::default().max_attempts(self.random.u32(1..5)))
            .analyses(self.names.iter().map(|name| analysis(name)).collect::<Vec<_>>())
    }

    /// Lets the journal fail in some schedules.
    fn break_journal(&mut self) -> Option<Connection> {
        if self.random.u8(..4) > 0 {
            return None;
        }
        let trigger = TRIGGERS[self.random.usize(..TRIGGERS.len())];
        let connection = Connection::open(self.journals[0].path()).unwrap();
        let sql = format!("CREATE TRIGGER fails {trigger} BEGIN SELECT raise(ABORT, 'it was told to fail'); END");
        connection.execute_batch(&sql).unwrap();
        Some(connection)
    }

    /// Does what an operator would do about the error.
    async fn overcome(&mut self, error: Error, run: usize) {
        let passes = matches!(
            error.kind(),
            ErrorKind::Interrupted
                | ErrorKind::Server
                | ErrorKind::RateLimited
                | ErrorKind::InProgress
                | ErrorKind::Unreadable
                | ErrorKind::Unauthorized
                | ErrorKind::Journal
        );
        match error.kind() {
            // Of a list: only a create can be in progress.
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
            ErrorKind::KeyExpired => self.look_into_ica(&error).await,
            _ => assert!(passes, "schedule {}, run {run}: {error:?}", self.seed),
        }
    }

    /// Records what became of a chunk whose key has expired.
    async fn look_into_ica(&self, error: &Error) {
        let key = error.idempotency_key().unwrap();
        let journal = self.journals[0];
        let entries = journal.list().unwrap();
        let entry = entries
            .iter()
            .find(|entry| entry.name() == format!("schedule-{}", self.seed))
            .unwrap();
        let chunks = journal.inspect(entry).unwrap();
        let chunk = chunks.iter().find(|chunk| chunk.key == *key).unwrap();
        let batches = self.bench.simulator.batches();
        let found = batches
            .iter()
            .find(|batch| batch.idempotency_key.as_deref() == Some(key.as_str()));
        let submission = self.bench.project.submission(entry.name(), journal);
        let mut tries = 0;
        loop {
            let recorded = match found {
                Some(batch) => submission.record_batch(&chunk.label, batch.id).await,
                None => submission.record_absence(&chunk.label).await,
            };
            let Err(error) = recorded else { return };
            tries += 1;
            assert!(tries < MOST_RUNS && !error.is_invalid_input(), "{error:?}");
        }
    }

    fn check(&self, report: &SubmissionReport) {
        let bad = self.names.iter().filter(|name| name.ends_with(BAD)).count();
        assert_eq!(
            (report.rejected(), report.created()),
            (bad, self.names.len() - bad),
            "{report:?}"
        );
    }
}

fn mend_journal(broken: &mut Option<Connection>) {
    if let Some(connection) = broken.take() {
        connection.execute_batch("DROP TRIGGER fails").unwrap();
    }
}

/// Runs the submission to its end, or until so many events; None if it was broken off.
async fn advance(submission: Submission, events: usize) -> Option<Result<SubmissionReport, Error>> {
    let mut stream = submission.progress();
    for _ in 0..events {
        match stream.next().await.expect("it ends with a report or an error") {
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
