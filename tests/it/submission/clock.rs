//! Clocks that differ from ICA's.

use std::time::Duration;

use chrono::TimeDelta;
use ica_batch_sdk_ext::{ChunkState, ErrorKind, Execution};
use ica_simulator::{Family, Operation, Simulator};

use super::fixture::{Fixture, manifest};

#[tokio::test]
async fn a_clock_that_differs_by_minutes_is_an_error_before_anything_is_sent() {
    for (minutes, text) in [
        (-10, "minutes ahead of that of ICA"),
        (10, "minutes behind that of ICA"),
    ] {
        let fixture = Fixture::new();
        fixture.simulator.faults().date_skew(TimeDelta::minutes(minutes));
        let run = fixture.submission("s").analyses(manifest(["a"])).run();
        let error = run.await.unwrap_err();
        assert_eq!(
            (error.kind(), error.execution()),
            (ErrorKind::ClockSkew, Execution::NotExecuted)
        );
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(fixture.creates(), 0);
        assert_eq!(fixture.chunks()[0].state, ChunkState::Planned);
        // An hour later the clock is right, and the difference that was seen is too old.
        fixture.simulator.faults().date_skew(TimeDelta::zero());
        fixture.clock.advance(Duration::from_secs(3600));
        fixture.submission("s").run().await.unwrap();
        fixture.assert_created_once(["a"]);
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
