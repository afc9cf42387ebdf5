//! Processes that are killed while they submit, and processes that submit at the same time.

use std::path::Path;
use std::time::{Duration, Instant};

use ica_simulator::{Family, FaultKind, FaultPlan, Lifecycle, Operation, Simulator};
use rusqlite::Connection;

use super::child::{Job, Submitter};

/// Environment variable with the number of kills.
const KILLS: &str = "ICA_BATCH_KILLS";

/// Number of kills of one submission.
const KILLS_EACH: usize = 40;

const JOB: Job<'static> = Job {
    name: "cohort",
    analyses: 2000,
    chunk_size: 10,
    concurrency: 3,
    wait_ms: 0,
};
const CHUNKS: usize = JOB.analyses / JOB.chunk_size;

fn simulator() -> Simulator {
    let builder = Simulator::builder().lifecycle(Lifecycle::instant());
    builder.start().unwrap()
}

/// Moment when a process is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// After this many lines of output. With 0 the process still starts or plans.
    AfterLines(usize),
    /// A create is in flight, and ICA executes it only after the kill.
    Sent,
    /// ICA has responded, and the response cannot be committed.
    BetweenResponseAndCommit,
}

impl Moment {
    fn draw(random: &mut fastrand::Rng, executed: usize) -> Self {
        // If the last chunks were executed, there is no create to hold.
        let can_hold = executed + 5 * JOB.concurrency < CHUNKS;
        match random.usize(..8) {
            0 | 1 if can_hold => Self::Sent,
            2..=4 if can_hold => Self::BetweenResponseAndCommit,
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
        Moment::BetweenResponseAndCommit => {
            simulator.clear_requests();
            let held = simulator.hold_creates();
            let submitter = Submitter::start(simulator, journal, job);
            held.reached_blocking(1);
            let other = Connection::open(journal).unwrap();
            other.busy_timeout(Duration::from_secs(30)).unwrap();
            // No other process can commit while this transaction is open.
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            held.release();
            while simulator.executed_creates() == executed || !has_responded(simulator) {
                std::thread::yield_now();
            }
            // The response arrives within a moment.
            let responded = Instant::now();
            while responded.elapsed() < Duration::from_millis(3) {
                std::thread::yield_now();
            }
            submitter.kill();
            other.execute_batch("ROLLBACK").unwrap();
        }
    }
}

/// Returns whether the simulator has responded to every request.
fn has_responded(simulator: &Simulator) -> bool {
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
fn a_submission_that_is_killed_at_random_moments_creates_each_analysis_once() {
    let kills = match std::env::var(KILLS) {
        Ok(number) => number.parse().expect("a number of kills"),
        Err(_) => KILLS_EACH,
    };
    let folder = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::with_seed(5);
    for round in 0..kills.div_ceil(KILLS_EACH) {
        // A simulator per round keeps the number of batches small.
        let simulator = simulator();
        let journal = folder.path().join(format!("{round}.db"));
        let mut between = 0;
        for kill in 0..KILLS_EACH {
            let moment = Moment::draw(&mut random, simulator.executed_creates());
            between += usize::from(matches!(moment, Moment::BetweenResponseAndCommit));
            kill_at(moment, &simulator, &journal, JOB);
            assert!(
                simulator.executed_creates() < CHUNKS,
                "everything was sent before kill {kill} of round {round}"
            );
        }
        assert!(between >= 5, "{between} kills between response and commit");
        let last = Submitter::start(&simulator, &journal, JOB).finish();
        assert_finished(&last);
        assert_exactly_once(&simulator, 1);
        assert_recorded(&simulator, &journal);
    }
}

/// Checks that all analyses are created. Those that were found after a kill have no batch.
fn assert_finished(last: &str) {
    assert!(last.starts_with(&format!("finished {} ", JOB.analyses)), "{last}");
}

/// Checks that the journal has the ids of the batches, items and analyses that exist. Those that
/// were found after a kill have no batch and no item.
fn assert_recorded(simulator: &Simulator, journal: &Path) {
    let connection = Connection::open(journal).unwrap();
    let sql =
        "SELECT user_reference, analysis, batch, item FROM outcome WHERE state = 'created' ORDER BY user_reference";
    let mut select = connection.prepare(sql).unwrap();
    let rows = select.query_map([], |row| {
        let ids: [Option<String>; 2] = [row.get(2)?, row.get(3)?];
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, ids))
    });
    let recorded = rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let mut existing = Vec::new();
    for batch in simulator.batches() {
        for item in batch.items {
            let analysis = item.created_id.unwrap().to_string();
            existing.push((
                item.name,
                analysis,
                [batch.id.to_string(), item.id.to_string()].map(Some),
            ));
        }
    }
    existing.sort();
    assert_eq!(recorded.len(), existing.len());
    for (recorded, existing) in recorded.iter().zip(&existing) {
        assert_eq!((&recorded.0, &recorded.1), (&existing.0, &existing.1));
        assert!(recorded.2 == existing.2 || recorded.2 == [None, None], "{recorded:?}");
    }
}

#[test]
fn two_machines_with_the_same_manifest_and_no_shared_disk_create_the_same_batches_under_faults() {
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
    // So many faults exhaust the retry budget of a process, so each is run until it succeeds.
    let until_it_succeeds = |journal: &Path| {
        let mut runs = (0..100).map(|_| Submitter::start(&simulator, journal, JOB).end());
        let (_, last) = runs.find(|(is_success, _)| *is_success).expect("one run succeeds");
        assert_finished(&last);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| until_it_succeeds(&one));
        scope.spawn(|| until_it_succeeds(&other));
    });
    assert!(simulator.faults().applied() > CHUNKS / 4);
    assert_exactly_once(&simulator, 1);
    assert_recorded(&simulator, &one);
    assert_recorded(&simulator, &other);
}

#[test]
fn processes_with_one_journal_run_one_after_the_other() {
    let simulator = Simulator::builder().lifecycle(Lifecycle::instant()).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("shared.db");
    let job = Job { wait_ms: 60_000, ..JOB };
    let processes = [(); 3].map(|()| Submitter::start(&simulator, &journal, job));
    for last in processes.map(Submitter::finish) {
        assert_finished(&last);
    }
    assert_exactly_once(&simulator, 1);
    assert_eq!(
        simulator.count(Operation::CreateBatch(Family::Analysis)),
        CHUNKS,
        "no chunk was sent twice"
    );
    assert_recorded(&simulator, &journal);
}

#[test]
fn a_second_process_names_the_owner_and_the_next_one_after_a_kill_starts_at_once() {
    let simulator = Simulator::builder().lifecycle(Lifecycle::instant()).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("shared.db");
    let held = simulator.hold_creates();
    let owner = Submitter::start(&simulator, &journal, JOB);
    held.reached_blocking(1);
    let (is_success, last) = Submitter::start(&simulator, &journal, JOB).end();
    let names_it = last.contains(&format!("process {} on ", owner.id())) && last.contains(" has used it since ");
    assert!(!is_success && names_it, "{last}");
    // Reading needs no ownership.
    let reader = ica_batch_sdk_ext::Journal::open(&journal).unwrap();
    assert_eq!(reader.submissions().unwrap()[0].counts().analyses, JOB.analyses as u64);
    owner.kill();
    held.release();
    // This process does not wait at all.
    let last = Submitter::start(&simulator, &journal, JOB).finish();
    assert_finished(&last);
    assert_exactly_once(&simulator, 1);
}
