//! Who sends a chunk: claims that are given up, that lapse, and that are kept alive.

use std::time::Duration;

use futures_util::stream;
use ica_simulator::{Family, Fault, FaultKind, Operation, StallFor};

use super::bench::{Bench, manifest};
use crate::setup::analysis;

fn now(bench: &Bench) -> i64 {
    bench.simulator.clock().now().timestamp_millis()
}

#[tokio::test]
async fn a_run_that_is_dropped_is_taken_up_at_once() {
    let bench = Bench::new();
    let run = || bench.submission("s").analyses(manifest(["a", "b", "c"])).run();
    let stalled = FaultKind::StallAfterExecuting(StallFor::UntilClosed);
    bench
        .simulator
        .faults()
        .add(Fault::new(stalled).on(Operation::CreateBatch(Family::Analysis)).nth(2));
    let broken_off = tokio::spawn(run());
    while bench.simulator.executed_creates() < 2 {
        tokio::task::yield_now().await;
    }
    broken_off.abort();
    assert!(broken_off.await.unwrap_err().is_cancelled());
    let before = bench.clock.sleeps().iter().sum::<Duration>();
    run().await.unwrap();
    bench.assert_exist(["a", "b", "c"]);
    let waited = bench.clock.sleeps().iter().sum::<Duration>() - before;
    assert!(
        waited < Duration::from_secs(30),
        "its claim was given up, not left to lapse: {waited:?}"
    );
}

#[tokio::test]
async fn the_claim_of_a_dead_process_lapses_with_its_lease() {
    let bench = Bench::new();
    bench.submission("s").analyses(manifest(["a"])).plan().await.unwrap();
    // What a process leaves behind that was killed while it sent.
    let sent_at = now(&bench);
    let connection = rusqlite::Connection::open(bench.path()).unwrap();
    connection
        .execute("INSERT INTO sender VALUES ('dead', 1, ?1, 30000)", [sent_at + 30_000])
        .unwrap();
    connection
        .execute(
            "UPDATE chunk SET state = 'sent', sender = 'dead', sent_at = ?1",
            [sent_at],
        )
        .unwrap();
    bench.submission("s").run().await.unwrap();
    bench.assert_exist(["a"]);
    let waited = bench.clock.sleeps().iter().sum::<Duration>();
    let expected = Duration::from_secs(30)..Duration::from_secs(32);
    assert!(expected.contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_claim_that_a_wrong_clock_set_far_ahead_does_not_hold() {
    let bench = Bench::new();
    bench.submission("s").analyses(manifest(["a"])).plan().await.unwrap();
    let far = now(&bench) + 10_000_000_000;
    let connection = rusqlite::Connection::open(bench.path()).unwrap();
    connection
        .execute("INSERT INTO sender VALUES ('wrong', 1, ?1, 30000)", [far])
        .unwrap();
    connection.execute("UPDATE chunk SET sender = 'wrong'", []).unwrap();
    bench.submission("s").run().await.unwrap();
    assert_eq!(bench.clock.sleeps(), [] as [Duration; 0]);
}

#[tokio::test]
async fn a_run_stays_alive_while_its_manifest_keeps_it_waiting() {
    let bench = Bench::new();
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    let rows = stream::once(async move {
        receive.await.unwrap();
        analysis("a")
    });
    let submission = bench.submission("s").claim_lease(Duration::from_millis(30));
    let run = tokio::spawn(submission.analysis_stream(rows).run());
    let connection = rusqlite::Connection::open(bench.path()).unwrap();
    let sql = "SELECT max(alive_until) FROM sender, submission WHERE planner = sender.id";
    let alive_until = || {
        connection
            .query_row(sql, [], |row| row.get::<_, Option<i64>>(0))
            .unwrap()
    };
    let begun = std::time::Instant::now();
    let wait_until = async |is_met: &dyn Fn(Option<i64>) -> bool| {
        while !is_met(alive_until()) {
            assert!(begun.elapsed() < Duration::from_secs(60), "it is not heard of");
            tokio::task::yield_now().await;
        }
    };
    wait_until(&|until| until.is_some()).await;
    bench.clock.advance(Duration::from_secs(3600));
    wait_until(&|until| until >= Some(now(&bench))).await;
    send.send(()).unwrap();
    run.await.unwrap().unwrap();
    bench.assert_exist(["a"]);
}
