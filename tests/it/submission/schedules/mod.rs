//! Ten thousand schedules of faults of the network, of ICA, of the journal, of the process, of users,
//! and of time.

mod faults;
mod person;
mod schedule;
mod settle;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ica_batch_sdk_ext::retry::RetryBudget;
use ica_batch_sdk_ext::{Client, Credentials, Journal, Project};
use ica_simulator::{Family, Fate, Lifecycle, Simulator};

use self::schedule::Schedule;
use super::fixture::Fixture;
use crate::setup::builder;

const SCHEDULES: u64 = 10_000;
/// Number of schedules that share a simulator and a journal. Checks read all submissions of a journal,
/// and searches all analyses of a simulator, so more would cost more than they show.
const SHARING: u64 = 25;
/// Number of threads for each core. A thread often waits for the one that reads the journal.
const THREADS: usize = 2;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Longest time after which ICA shows an item, and after which a search finds an analysis.
const LATE: Duration = Duration::from_secs(40);
/// End of the names of analyses that ICA rejects.
const INVALID: &str = "-invalid";
/// End of the names of analyses whose runs fail.
const FAILING: &str = "-failing";
/// End of the names of analyses that ICA accepts and then cannot create.
const UNCREATED: &str = "-uncreated";

#[test]
fn no_schedule_of_faults_creates_an_analysis_twice_or_loses_one() {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    // Each thread takes the next lane, so that no core is idle until the last one.
    let next = AtomicU64::new(0);
    let take = || Some(next.fetch_add(SHARING, Ordering::Relaxed)).filter(|seed| *seed < SCHEDULES);
    let totals = std::thread::scope(|scope| {
        let lanes = (0..cores * THREADS).map(|_| {
            scope.spawn(|| {
                let mine = std::iter::from_fn(take);
                mine.map(lane).fold(BTreeMap::new(), add)
            })
        });
        // All are spawned before the first is joined.
        let lanes = lanes.collect::<Vec<_>>();
        let ended = lanes.into_iter().map(|lane| lane.join().expect("no schedule fails"));
        ended.fold(BTreeMap::new(), add)
    });
    // Every kind of event occurred.
    for seen in [
        "run",
        "dropped",
        "second journal",
        "second user",
        "restored",
        "added",
        "retried",
        "created again",
        "rerun",
        "outage",
        "rate limit",
        "other chunks",
        "ClockSkew",
        "Interrupted",
        "Server",
        "RateLimited",
        "Unreadable",
        "Unauthorized",
        "Rejected",
        "Journal",
        "Unfinished",
        "KeyExpired",
    ] {
        assert!(totals.get(seen).is_some_and(|count| *count >= 5), "{seen}: {totals:?}");
    }
}

type Totals = BTreeMap<String, usize>;

fn count(totals: &mut Totals, what: &str) {
    *totals.entry(what.to_owned()).or_default() += 1;
}

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
        let lane = Lane::new(first_seed);
        let mut expected = BTreeMap::new();
        for seed in first_seed..first_seed + SHARING {
            let schedule = Schedule::new(seed, &lane);
            expected.extend(schedule.execute(&mut totals).await);
        }
        // The names say which schedule created an analysis twice.
        let existing = lane.fixture.simulator.created_by_name(Family::Analysis);
        let wrong = existing
            .iter()
            .filter(|(name, count)| expected.get(*name) != Some(*count));
        assert_eq!(wrong.collect::<Vec<_>>(), []);
        assert_eq!(existing.len(), expected.len());
    });
    totals
}

/// State that the schedules of a lane share.
struct Lane {
    fixture: Fixture,
    /// The same project for another user.
    of_other: Project,
    other: Journal,
}

impl Lane {
    fn new(seed: u64) -> Self {
        let fates = |name: &str| match name {
            _ if name.ends_with(INVALID) => Fate::RejectRequest,
            _ if name.ends_with(FAILING) => Fate::FailRun,
            _ if name.ends_with(UNCREATED) => Fate::FailCreation,
            _ => Fate::Succeed,
        };
        let lifecycle = Lifecycle::instant()
            .items_listed_after(LATE / 2)
            .analyses_found_after(LATE / 2);
        let simulator = Simulator::builder().record(false).gzip(false).fates(fates);
        let simulator = simulator
            .token_lifetime(100 * DAY)
            .api_key("key")
            .api_key_of("other", "other-key");
        let client = |client: ica_batch_sdk_ext::ClientBuilder, key: &str| {
            client
                .credentials(Credentials::api_key(key).unwrap())
                .retry_budget(RetryBudget::new(1_000_000_000))
        };
        let fixture = Fixture::started(simulator.lifecycle(lifecycle.jitter(1.0, seed)), |builder| {
            client(builder, "key")
        });
        let of_other = client(
            builder(&fixture.simulator).clock(fixture.clock.clone()).jitter_seed(8),
            "other-key",
        );
        let of_other: Client = of_other.build().unwrap();
        Self {
            of_other: of_other.project(fixture.simulator.project_id()).unwrap(),
            other: Journal::open(fixture.folder.path().join("other.db")).unwrap(),
            fixture,
        }
    }
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lane")
    }
}
