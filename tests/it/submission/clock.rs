//! Clocks that differ from ICA's.

use std::time::{Duration, SystemTime};

use chrono::TimeDelta;
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{ChunkState, Credentials, ErrorKind, Execution};
use ica_simulator::{Family, Operation, Simulator};

use super::fixture::{Fixture, manifest};
use crate::setup::builder;

#[tokio::test]
async fn a_clock_that_differs_by_minutes_is_an_error_before_anything_is_sent() {
    for (seconds, text) in [
        (-600, "10 minutes ahead of that of ICA"),
        (600, "10 minutes behind that of ICA"),
        (-302, "5 minutes 2 seconds ahead of that of ICA"),
    ] {
        let fixture = Fixture::new();
        fixture.simulator.faults().date_skew(TimeDelta::seconds(seconds));
        let run = fixture.submission("s").analyses(manifest(["a"])).run();
        let error = run.await.unwrap_err();
        assert_eq!(
            (error.kind(), error.execution()),
            (ErrorKind::ClockSkew, Execution::NotExecuted)
        );
        let shown = error.to_string();
        assert!(shown.contains(text), "{shown}");
        assert!(
            shown.contains("nothing was sent") && shown.contains("set the clock, because"),
            "it says what to do: {shown}"
        );
        // Apart from a token, one request asks for the time.
        let requests = fixture.simulator.requests().into_iter();
        let sent = requests.filter_map(|request| request.operation);
        let sent = sent.filter(|operation| *operation != Operation::CreateToken);
        assert_eq!(sent.collect::<Vec<_>>(), [Operation::GetBatch(Family::Analysis)]);
        assert!(
            fixture.journal.submissions().unwrap().is_empty(),
            "nothing is left to do"
        );
        // An hour later the clock is right, and the difference that was seen is too old.
        fixture.simulator.faults().date_skew(TimeDelta::zero());
        fixture.clock.advance(Duration::from_secs(3600));
        fixture.submission("s").analyses(manifest(["a"])).run().await.unwrap();
        fixture.assert_created_once(["a"]);
    }
}

/// The cause: a request that a wrong clock dates into the past looks young for too long, and one that it
/// dates into the future looks young for ever.
#[tokio::test]
async fn a_machine_whose_clock_is_wrong_sends_nothing_until_it_is_set() {
    for wrong_by in [Duration::from_secs(8 * 24 * 3600), Duration::from_secs(6 * 60)] {
        let fixture = Fixture::new();
        let wrong = ManualClock::starting_at(SystemTime::from(fixture.simulator.clock().now()) + wrong_by);
        let credentials = Credentials::api_key_direct(fixture.simulator.api_key()).unwrap();
        let client = builder(&fixture.simulator).credentials(credentials).clock(wrong);
        let client = client.build().unwrap();
        let project = client.project(fixture.simulator.project_id()).unwrap();
        let submission = || project.submission("s", &fixture.journal);
        let rows = manifest(["a", "b"]);
        submission().marks(false).analyses(rows).plan().await.unwrap();
        for _ in 0..2 {
            let run = submission().marks(false).analyses(manifest(["a", "b"])).run();
            let error = run.await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ClockSkew, "{error}");
            assert_eq!(fixture.creates(), 0);
        }
        let chunk = &fixture.chunks()[0];
        assert_eq!(
            (chunk.state, chunk.sent_at),
            (ChunkState::Planned, None),
            "no wrong time is recorded"
        );
        // The same machine with the right clock.
        let report = fixture.submission("s").run().await.unwrap();
        assert_eq!(report.created(), 2);
        fixture.assert_created_once(["a", "b"]);
    }
}

#[tokio::test]
async fn a_small_difference_is_allowed() {
    for seconds in [-300, 299] {
        let fixture = Fixture::new();
        fixture.simulator.faults().date_skew(TimeDelta::seconds(seconds));
        fixture.submission("s").analyses(manifest(["a"])).run().await.unwrap();
        fixture.assert_created_once(["a"]);
    }
}

#[tokio::test]
async fn the_clock_is_compared_with_one_small_request_if_there_was_no_response() {
    let fixture = Fixture::with(Simulator::builder(), |client| client);
    let asked = || fixture.simulator.count(Operation::GetBatch(Family::Analysis));
    fixture
        .submission("s")
        .analyses(manifest(["a", "b", "c"]))
        .run()
        .await
        .unwrap();
    assert_eq!(asked(), 1);
    let others = fixture.submission("t").analyses(manifest(["d"])).run();
    others.await.unwrap();
    assert_eq!(asked(), 1, "the responses of the first run show the time");
    let sent = fixture.simulator.requests().len();
    fixture.clock.advance(Duration::from_secs(7200));
    fixture.submission("s").run().await.unwrap();
    assert_eq!(fixture.simulator.requests().len(), sent, "nothing is to be sent");
}

#[tokio::test]
async fn a_clock_that_cannot_be_compared_is_not_an_error() {
    let fixture = Fixture::new();
    let kind = ica_simulator::FaultKind::HtmlBadGateway;
    let fault = ica_simulator::Fault::new(kind).on(Operation::GetBatch(Family::Analysis));
    fixture.simulator.faults().date_skew(TimeDelta::minutes(10)).add(fault);
    let run = fixture.submission("s").analyses(manifest(["a"])).run();
    run.await.unwrap();
    fixture.assert_created_once(["a"]);
}
