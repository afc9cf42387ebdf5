//! Locks on chunks: released, expired, and renewed.

use std::time::Duration;

use futures_util::stream;
use ica_simulator::{FaultKind, StallFor};

use super::fixture::{Fixture, manifest};
use crate::setup::analysis;

fn now(fixture: &Fixture) -> i64 {
    fixture.simulator.clock().now().timestamp_millis()
}

fn slept(fixture: &Fixture) -> Duration {
    fixture.clock.sleeps().iter().sum()
}

#[tokio::test]
async fn a_run_that_is_dropped_releases_its_locks() {
    let fixture = Fixture::new();
    let run = || fixture.submission("s").analyses(manifest(["a", "b", "c"])).run();
    fixture.fail_create(2, FaultKind::StallAfterExecuting(StallFor::UntilClosed));
    let dropped = tokio::spawn(run());
    while fixture.simulator.executed_creates() < 2 {
        tokio::task::yield_now().await;
    }
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    let before = slept(&fixture);
    run().await.unwrap();
    fixture.assert_created_once(["a", "b", "c"]);
    let waited = slept(&fixture) - before;
    assert!(
        waited < Duration::from_secs(30),
        "the lock was released and did not have to expire: {waited:?}"
    );
}

#[tokio::test]
async fn the_locks_of_a_dead_process_expire() {
    let fixture = Fixture::new();
    let planned = fixture.submission("s").analyses(manifest(["a"])).plan();
    planned.await.unwrap();
    // A process that is killed while it sends leaves this.
    let sent_at = now(&fixture);
    let connection = fixture.connection();
    connection
        .execute("INSERT INTO sender VALUES ('dead', 1, ?1, 30000)", [sent_at + 30_000])
        .unwrap();
    connection
        .execute(
            "UPDATE chunk SET state = 'sent', sender = 'dead', sent_at = ?1",
            [sent_at],
        )
        .unwrap();
    fixture.submission("s").run().await.unwrap();
    fixture.assert_created_once(["a"]);
    let expected = Duration::from_secs(30)..Duration::from_secs(32);
    let waited = slept(&fixture);
    assert!(expected.contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_lease_that_a_wrong_clock_set_far_ahead_does_not_hold() {
    let fixture = Fixture::new();
    let planned = fixture.submission("s").analyses(manifest(["a"])).plan();
    planned.await.unwrap();
    let far = now(&fixture) + 10_000_000_000;
    let connection = fixture.connection();
    connection
        .execute("INSERT INTO sender VALUES ('wrong', 1, ?1, 30000)", [far])
        .unwrap();
    connection.execute("UPDATE chunk SET sender = 'wrong'", []).unwrap();
    fixture.submission("s").run().await.unwrap();
    assert_eq!(fixture.clock.sleeps(), [] as [Duration; 0]);
}

#[tokio::test]
async fn a_run_renews_its_locks_while_it_waits_for_its_manifest() {
    let fixture = Fixture::new();
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    let rows = stream::once(async move {
        receive.await.unwrap();
        analysis("a")
    });
    let submission = fixture.submission("s").lock_timeout(Duration::from_millis(30));
    let run = tokio::spawn(submission.analysis_stream(rows).run());
    let connection = fixture.connection();
    let sql = "SELECT max(alive_until) FROM sender, submission WHERE planner = sender.id";
    let alive_until = || {
        connection
            .query_row(sql, [], |row| row.get::<_, Option<i64>>(0))
            .unwrap()
    };
    let started = std::time::Instant::now();
    let wait_until = async |is_met: &dyn Fn(Option<i64>) -> bool| {
        while !is_met(alive_until()) {
            assert!(started.elapsed() < Duration::from_secs(60), "the lease is not renewed");
            tokio::task::yield_now().await;
        }
    };
    wait_until(&|until| until.is_some()).await;
    fixture.clock.advance(Duration::from_secs(3600));
    wait_until(&|until| until >= Some(now(&fixture))).await;
    send.send(()).unwrap();
    run.await.unwrap().unwrap();
    fixture.assert_created_once(["a"]);
}
