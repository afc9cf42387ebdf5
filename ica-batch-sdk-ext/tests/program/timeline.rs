//! `--timeline` of commands that wait.

use std::fs;

use ica_simulator::SeedOptions;

use super::cohort::{Running, SUBMIT, manifest, submit, world};
use super::harness::World;

/// Returns a chart that the program wrote, and checks that it is complete.
#[track_caller]
fn chart(world: &World, name: &str) -> String {
    let svg = fs::read_to_string(world.path(name)).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
    svg
}

/// Returns the width of the widest area in pixels.
fn widest(svg: &str) -> f64 {
    let widths = svg.split("<polygon").skip(1).map(|area| {
        let (_, points) = area.split_once("points=\"").unwrap();
        let (points, _) = points.split_once('"').unwrap();
        let x = points
            .split_whitespace()
            .map(|point| point.split(',').next().unwrap().parse::<f64>().unwrap());
        let x = x.collect::<Vec<_>>();
        x.iter().copied().fold(0.0, f64::max) - x.iter().copied().fold(f64::MAX, f64::min)
    });
    widths.fold(0.0, f64::max)
}

#[test]
fn a_wait_draws_the_statuses_over_time() {
    let world = World::new();
    let project = world.simulator.project_id();
    let batch = world
        .simulator
        .seed_batch(project, 3, SeedOptions::default())
        .to_string();
    world.run(&["wait", &batch, "--timeline", "chart.svg"]).exits(0);
    let svg = chart(&world, "chart.svg");
    for text in [&format!("batch {batch}"), "SUCCEEDED", "analyses"] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    assert!(widest(&svg) > 500.0, "one look fills the chart: {svg}");
}

#[test]
fn a_wait_that_is_run_again_draws_the_submission_from_its_first_chunk() {
    let world = world();
    world.write("cohort.csv", manifest(30));
    world.run(&submit(&["--quiet", "--timeline", "sending.svg"])).exits(0);
    let sending = chart(&world, "sending.svg");
    assert!(sending.contains("pending"), "{sending}");
    for name in ["first.svg", "second.svg"] {
        world.run(&["wait", "cohort", "--timeline", name]).exits(0);
        let svg = chart(&world, name);
        for text in ["cohort", "pending", "SUCCEEDED", "since 20"] {
            assert!(svg.contains(text), "{text} is missing in {name}: {svg}");
        }
    }
}

/// The other process records the statuses of its own submission only.
#[test]
fn a_wait_beside_another_process_draws_what_it_has_seen() {
    let world = world();
    world.write("cohort.csv", manifest(3));
    world.run(&SUBMIT).exits(0);
    world.write("other.csv", manifest(2).replace("sample", "other"));
    let held = world.simulator.hold_creates();
    let mut other = SUBMIT;
    other[1] = "other.csv";
    let mut running = Running::start(world.command(&other));
    running.read_until("0 of 2 analyses accepted; 2 are to be sent in 1 chunk");
    world.run(&["wait", "cohort", "--timeline", "chart.svg"]).exits(0);
    held.release();
    running.end().exits(0);
    let svg = chart(&world, "chart.svg");
    for text in ["pending", "SUCCEEDED"] {
        assert!(svg.contains(text), "{text} is missing: {svg}");
    }
}

#[test]
fn a_folder_that_does_not_exist_is_an_error_before_anything_is_sent() {
    let world = World::new();
    let ran = world.run(&["wait", "--timeline", "none/chart.svg"]).exits(2);
    assert!(ran.stderr.contains("the folder none does not exist"), "{}", ran.stderr);
    assert_eq!(world.simulator.requests().len(), 0);
}
