//! `--timeline` of commands that wait.

use std::fs;

use ica_simulator::SeedOptions;

use super::harness::World;

#[test]
fn a_wait_draws_the_statuses_over_time() {
    let world = World::new();
    let project = world.simulator.project_id();
    let batch = world
        .simulator
        .seed_batch(project, 3, SeedOptions::default())
        .to_string();
    world.run(&["wait", &batch, "--timeline", "chart.svg"]).exits(0);
    let svg = fs::read_to_string(world.path("chart.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
    for text in [&format!("batch {batch}"), "SUCCEEDED", "analyses"] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
}

#[test]
fn a_folder_that_does_not_exist_is_an_error_before_anything_is_sent() {
    let world = World::new();
    let ran = world.run(&["wait", "--timeline", "none/chart.svg"]).exits(2);
    assert!(ran.stderr.contains("the folder none does not exist"), "{}", ran.stderr);
    assert_eq!(world.simulator.requests().len(), 0);
}
