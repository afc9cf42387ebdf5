//! `ica-batch settle`.

use std::time::{Duration, SystemTime};

use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
use ica_batch_sdk_ext::{Client, Credentials, Journal};
use ica_simulator::{Fault, FaultKind};

use super::cohort::{CREATE, assert_each_once, world};
use super::harness::World;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Sends two chunks without marks 8 days ago. Neither has a response, and one was created.
fn send_long_ago(world: &World) {
    let then = SystemTime::now() - 8 * DAY;
    world.simulator.clock().set(then.into());
    for kind in [FaultKind::ExecuteThenReset, FaultKind::ResetBeforeExecuting] {
        world.simulator.faults().add(Fault::new(kind).on(CREATE));
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = Client::builder()
            .base_url(world.simulator.base_url())
            .credentials(Credentials::api_key_direct(world.simulator.api_key()).unwrap())
            .clock(ManualClock::starting_at(then))
            .build()
            .unwrap();
        let manifest = (0..4).map(|sample| {
            CreateNextflowAnalysis::builder()
                .user_reference(format!("sample-{sample}"))
                .unwrap()
                .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
                .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
                .build()
        });
        std::fs::create_dir_all(world.path("state/ica-batch")).unwrap();
        let journal = Journal::open(world.path("state/ica-batch/journal.db")).unwrap();
        let project = client.project(world.simulator.project_id()).unwrap();
        let submission = project.submission("cohort", &journal).marks(false).chunk_size(2);
        let run = submission
            .retry(RetryPolicy::never())
            .stop_on_first_error()
            .analyses(manifest)
            .run();
        run.await.unwrap_err();
    });
    world.simulator.faults().clear();
    world.simulator.clock().set(SystemTime::now().into());
    assert_eq!(world.simulator.executed_creates(), 1);
}

#[test]
fn findings_of_a_person_settle_chunks_whose_key_has_expired() {
    let world = world();
    send_long_ago(&world);
    let ran = world.run(&["submit", "--name", "cohort"]).exits(5);
    assert!(ran.stderr.contains("next: ica-batch settle cohort"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("record the result with ica-batch settle"),
        "{}",
        ran.stderr
    );

    let ran = world.run(&["settle", "cohort", "--format", "jsonl"]).exits(0);
    assert!(
        ran.stderr.contains("2 chunks without a known response"),
        "{}",
        ran.stderr
    );
    let rows = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let rows = rows.collect::<Vec<_>>();
    assert!(rows.iter().all(|row| row["next"] == "record"), "{rows:?}");
    let batch = &world.simulator.batches()[0];
    let (created, other): (Vec<_>, Vec<_>) = rows
        .iter()
        .partition(|row| row["first"] == batch.items[0].name.as_str());
    let (created, other) = (
        created[0]["chunk"].as_str().unwrap(),
        other[0]["chunk"].as_str().unwrap(),
    );

    let wrong = world
        .run(&["settle", "cohort", "--created", &format!("{other}={}", batch.id)])
        .exits(3);
    assert!(wrong.stderr.contains("are not those of the chunk"), "{}", wrong.stderr);
    let finding = format!("{created}={}", batch.id);
    let ran = world
        .run(&["settle", "cohort", "--created", &finding, "--not-created", other])
        .exits(0);
    assert!(
        ran.stderr.contains("no chunk without a known response"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("next: ica-batch submit --name cohort"),
        "{}",
        ran.stderr
    );
    world.run(&["submit", "--name", "cohort"]).exits(0);
    assert_each_once(&world, 4);
}

#[test]
fn a_finding_that_is_not_valid_is_an_error() {
    let world = world();
    let ran = world.run(&["settle", "cohort", "--created", "7"]).exits(2);
    assert!(ran.stderr.contains("use CHUNK=BATCH"), "{}", ran.stderr);
    let ran = world.run(&["settle", "cohort"]).exits(3);
    assert!(ran.stderr.contains("there is no journal"), "{}", ran.stderr);
}
