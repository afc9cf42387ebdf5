//! Waits until the analyses are created, of submissions whose statuses a search could show.

use std::time::Duration;

use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::types::ItemStatus;
use ica_batch_sdk_ext::{Journal, WaitUntil};
use ica_simulator::{Family, Fate, Lifecycle, Operation};

use super::fixture::Fixture;
use super::waiting::{rows, running, send, submission};

const MINUTE: Duration = Duration::from_secs(60);
const LIST: Operation = Operation::GetItems(Family::Analysis);
const SEARCH: Operation = Operation::SearchAnalyses;

#[tokio::test]
async fn a_wait_for_the_creation_polls_and_a_wait_for_the_runs_then_searches() {
    let fixture = Fixture::living(running());
    for (name, fate) in [
        ("s-00003", Fate::FailRun),
        ("s-00017", Fate::FailCreation),
        ("s-00042", Fate::FailCreation),
    ] {
        fixture.simulator.set_fate(name, fate);
    }
    send(&fixture, 50, 4).await;
    let started = fixture.clock.elapsed();
    let wait = || submission(&fixture, 4).wait();
    let report = wait().until(WaitUntil::Created).await.unwrap();
    // A search shows runs, and not what could not be created.
    assert_eq!(fixture.simulator.count(SEARCH), 0);
    assert!(fixture.clock.elapsed() - started < 5 * MINUTE);
    let counts = report.counts();
    assert_eq!((report.succeeded(), counts.failed, counts.not_created), (198, 2, 2));
    assert_eq!((counts.finished_batches, counts.pending()), (50, 0));
    assert_eq!(counts.by_creation_status[&ItemStatus::Failed], 2);
    assert!(report.submission().has_all_items());
    assert_eq!(report.submission().creation_failed(), 2);

    // The same journal, and now the ends of the runs: a run that fails is a failure.
    fixture.simulator.clear_requests();
    let report = wait().await.unwrap();
    assert!(fixture.simulator.count(SEARCH) > 0);
    assert_eq!((report.succeeded(), report.counts().failed), (197, 3));

    // Once all runs have ended, each batch is polled once for the creation.
    fixture.simulator.clear_requests();
    let report = wait().until(WaitUntil::Created).await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (198, 2));
    let requests = (fixture.simulator.count(LIST), fixture.simulator.count(SEARCH));
    assert!(requests.0 <= 50 && requests.1 == 0, "{requests:?}");
}

#[tokio::test]
async fn analyses_that_were_found_are_created_at_once() {
    let fixture = Fixture::living(Lifecycle::instant().run(60 * MINUTE));
    let run = submission(&fixture, 4).analyses(rows(100)).run();
    run.await.unwrap();
    // The journal was lost: no batch is known.
    let second = Journal::open(fixture.folder.path().join("second.db")).unwrap();
    let again = || fixture.project.submission("s", &second).chunk_size(4);
    let started = fixture.clock.elapsed();
    let wait = again().analyses(rows(100)).run_to_end().until(WaitUntil::Created);
    let report = wait.await.unwrap();
    assert_eq!((report.succeeded(), report.counts().failed), (100, 0));
    assert!(fixture.clock.elapsed() - started < 30 * MINUTE, "no run has ended");
    assert_eq!(report.submission().batches().len(), 0);
    let text = report.submission().to_string();
    assert!(
        text.contains("100 of 100 analyses created in batches that are not known, 0 rejected"),
        "{text}"
    );
}
