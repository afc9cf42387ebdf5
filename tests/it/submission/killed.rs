//! A process that is killed while it submits, again and again, and processes that submit at once.

use std::path::Path;
use std::time::{Duration, Instant};

use ica_simulator::{Family, FaultKind, FaultPlan, Lifecycle, Operation, Simulator};
use rusqlite::Connection;

use super::child::{Job, Submitter};

/// How often it is killed, unless this variable says otherwise.
const KILLS: &str = "ICA_BATCH_KILLS";

/// So many kills are spread over one submission.
const KILLS_EACH: usize = 40;

const JOB: Job<'static> = Job {
    name: "cohort",
    analyses: 2000,
    chunk_size: 10,
    concurrency: 3,
    lease_ms: 300,
};
const CHUNKS: usize = JOB.analyses / JOB.chunk_size;

fn simulator() -> Simulator {
    let builder = Simulator::builder().lifecycle(Lifecycle::instant());
    builder.start().unwrap()
}

/// Where in its life it is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// When it has said so many lines; at once if none, while it starts or plans.
    AfterLines(usize),
    /// A create is on its way, and ICA has not executed it. ICA goes on with it.
    Sent,
    /// ICA has created and answered, and nothing of that can be committed.
    BetweenAnswerAndCommit,
}

impl Moment {
    fn draw(random: &mut fastrand::Rng, executed: usize) -> Self {
        // The last chunks may all have executed, and then there is nothing to hold.
        let can_hold = executed + 5 * JOB.concurrency < CHUNKS;
        match random.usize(..8) {
            0 | 1 if can_hold => Self::Sent,
            2..=4 if can_hold => Self::BetweenAnswerAndCommit,
            _ => Self::AfterLines(random.usize(..5)),
        }
    }
}

fn kill_at(moment: Moment, simulator: &Simulator, journal: &Path, job: Job<'_>) {
    let executed = simulator.executed_creates();
    match moment {
        Moment::AfterLines(lines) => {
            let mut submitter = Submitter::start(simulator, journal, job);
            for _ in 0..lines {
                submitter.next_line();
            }
            submitter.kill();
        }
        Moment::Sent => {
            let held = simulator.hold_creates();
            let submitter = Submitter::start(simulator, journal, job);
            held.reached_blocking(1);
            submitter.kill();
            held.release();
        }
        Moment::BetweenAnswerAndCommit => {
            simulator.clear_requests();
            let held = simulator.hold_creates();
            let submitter = Submitter::start(simulator, journal, job);
            held.reached_blocking(1);
            let other = Connection::open(journal).unwrap();
            other.busy_timeout(Duration::from_secs(30)).unwrap();
            // Whoever holds this lock lets nobody commit.
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            held.release();
            while simulator.executed_creates() == executed || !is_answered(simulator) {
                std::thread::yield_now();
            }
            // It has the answer, or will have it in a moment.
            let answered = Instant::now();
            while answered.elapsed() < Duration::from_millis(3) {
                std::thread::yield_now();
            }
            submitter.kill();
            other.execute_batch("ROLLBACK").unwrap();
        }
    }
}

/// Whether every create that has arrived has its answer.
fn is_answered(simulator: &Simulator) -> bool {
    simulator.requests().iter().all(|request| request.status.is_some())
}

fn assert_exactly_once(simulator: &Simulator, submissions: usize) {
    let counts = simulator.created_by_name(Family::Analysis);
    assert_eq!(counts.len(), JOB.analyses);
    let wrong = counts
        .iter()
        .filter(|(_, count)| **count != submissions)
        .collect::<Vec<_>>();
    assert!(wrong.is_empty(), "not exactly once: {wrong:?}");
    assert_eq!(simulator.executed_creates(), submissions * CHUNKS);
}

#[test]
fn a_submission_that_is_killed_at_any_moment_creates_each_analysis_once() {
    let kills = match std::env::var(KILLS) {
        Ok(number) => number.parse().expect("a number of kills"),
        Err(_) => KILLS_EACH,
    };
    let folder = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(5);
    for round in 0..kills.div_ceil(KILLS_EACH) {
        // A simulator each, so that what exists stays small.
        let simulator = simulator();
        let journal = folder.path().join(format!("{round}.db"));
        let mut between = 0;
        for kill in 0..KILLS_EACH {
            let moment = Moment::draw(&mut random, simulator.executed_creates());
            between += usize::from(matches!(moment, Moment::BetweenAnswerAndCommit));
            kill_at(moment, &simulator, &journal, JOB);
            assert!(
                simulator.executed_creates() < CHUNKS,
                "all was sent before kill {kill} of round {round}"
            );
        }
        assert!(between >= 5, "{between} kills between answer and commit");
        let said = Submitter::start(&simulator, &journal, JOB).finish();
        assert_eq!(said, format!("finished {} {CHUNKS}", JOB.analyses));
        assert_exactly_once(&simulator, 1);
        check_report(&simulator, &journal);
    }
}

/// What the journal says is what exists.
fn check_report(simulator: &Simulator, journal: &Path) {
    let connection = Connection::open(journal).unwrap();
    let sql =
        "SELECT user_reference, batch, item, analysis FROM outcome WHERE state = 'created' ORDER BY user_reference";
    let mut select = connection.prepare(sql).unwrap();
    let rows = select.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]));
    let told = rows.unwrap().collect::<Result<Vec<[String; 4]>, _>>().unwrap();
    let mut exist = Vec::new();
    for batch in simulator.batches() {
        for item in batch.items {
            let analysis = item.created_id.unwrap().to_string();
            exist.push([item.name, batch.id.to_string(), item.id.to_string(), analysis]);
        }
    }
    exist.sort();
    assert_eq!(told, exist);
}

#[test]
fn two_machines_with_one_manifest_and_no_shared_disk_converge_under_faults() {
    let simulator = simulator();
    let plan = FaultPlan::new()
        .with(0.04, FaultKind::refuse(503))
        .with(0.04, FaultKind::refuse(429))
        .with(0.05, FaultKind::ResetBeforeExecuting)
        .with(0.05, FaultKind::ExecuteThenReset)
        .with(0.05, FaultKind::ExecuteThenStatus(500))
        .with(0.05, FaultKind::TruncateBody)
        .with(0.02, FaultKind::MalformedJson)
        .with(0.02, FaultKind::ExpireToken);
    simulator.faults().seeded(11, plan);
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one.db", "other.db"].map(|name| folder.path().join(name));
    // Each is run until it succeeds: so many faults use up the retry budget of a process.
    let until_it_succeeds = |journal: &Path| {
        let mut runs = (0..100).map(|_| Submitter::start(&simulator, journal, JOB).end());
        let (_, said) = runs
            .find(|(has_succeeded, _)| *has_succeeded)
            .expect("it succeeds in the end");
        assert_eq!(said, format!("finished {} {CHUNKS}", JOB.analyses));
    };
    std::thread::scope(|scope| {
        scope.spawn(|| until_it_succeeds(&one));
        scope.spawn(|| until_it_succeeds(&other));
    });
    assert!(simulator.faults().applied() > CHUNKS / 4);
    assert_exactly_once(&simulator, 1);
    check_report(&simulator, &one);
    check_report(&simulator, &other);
}

#[test]
fn processes_on_one_journal_share_the_work() {
    let simulator = Simulator::builder().lifecycle(Lifecycle::instant()).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("shared.db");
    // Long enough that no claim lapses, so each chunk has one sender.
    let job = Job {
        lease_ms: 60_000,
        ..JOB
    };
    let processes = [(); 3].map(|()| Submitter::start(&simulator, &journal, job));
    for said in processes.map(Submitter::finish) {
        assert_eq!(said, format!("finished {} {CHUNKS}", JOB.analyses));
    }
    assert_exactly_once(&simulator, 1);
    assert_eq!(
        simulator.count(Operation::CreateBatch(Family::Analysis)),
        CHUNKS,
        "no chunk was sent by two"
    );
    check_report(&simulator, &journal);
}
