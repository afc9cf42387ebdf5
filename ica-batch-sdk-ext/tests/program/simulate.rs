//! `ica-batch simulate`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Child;

use super::harness::{Ran, World};

/// A running simulator; it is killed at the end of a test.
struct Running {
    child: Child,
    settings: Vec<(String, String)>,
}

impl Running {
    fn start(world: &World, arguments: &[&str]) -> Self {
        let arguments = [&["simulate"], arguments].concat();
        let mut child = world.bare(&arguments).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let lines = lines.map(Result::unwrap).take_while(|line| !line.starts_with("unset "));
        let settings = lines.map(|line| {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        });
        let settings = settings.collect();
        Self { child, settings }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The program may have ended.
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

#[test]
fn the_printed_settings_lead_other_commands_to_the_simulator() {
    let world = World::new();
    let running = Running::start(&world, &["--rows", "3"]);
    let mut login = world.bare(&["login", "--format", "tsv"]);
    login.envs(running.settings.iter().map(|(name, value)| (name, value)));
    let ran = Ran::from(login.output().unwrap()).exits(0);
    let base_url = &running.settings[0].1;
    assert!(
        ran.stdout.contains(&format!("server\t{base_url}\tICAV2_BASE_URL")),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("pipelines\t1\tproject"), "{ran:?}");
}

#[test]
fn a_signal_ends_it_with_the_code_0() {
    let world = World::new();
    let mut running = Running::start(&world, &["--rows", "1"]);
    let pid = running.child.id().to_string();
    let killed = std::process::Command::new("kill").arg(&pid).status().unwrap();
    assert!(killed.success());
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_example_manifest_has_a_row_for_each_sample_and_other_files_are_kept() {
    let world = World::new();
    let arguments = [
        "simulate",
        "--exit-after",
        "0",
        "--rows",
        "2",
        "--example-manifest",
        "example.csv",
    ];
    let ran = world.run(&arguments).exits(0);
    assert!(
        ran.stdout
            .ends_with("#   ica-batch login\n#   ica-batch submit example.csv --wait\n"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stderr, "", "a pipe has all lines in their order");
    insta::assert_snapshot!(fs::read_to_string(world.path("example.csv")).unwrap());
    world.run(&arguments).exits(0);
    world.write("example.csv", "mine\n");
    let ran = world.run(&arguments).exits(3);
    assert!(ran.stderr.contains("exists with other content"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    assert_eq!(fs::read_to_string(world.path("example.csv")).unwrap(), "mine\n");
}

#[test]
fn a_port_in_use_is_an_error_that_names_the_option() {
    let world = World::new();
    let port = world.simulator.address().port().to_string();
    let ran = world.run(&["simulate", "--port", &port]).exits(5);
    assert!(ran.stderr.contains("select another with --port"), "{}", ran.stderr);
}
