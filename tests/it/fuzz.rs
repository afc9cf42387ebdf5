//! The fuzz targets on their corpora and on seeded mutations of them.
//!
//! `ICA_BATCH_FUZZ_RUNS=100000 cargo test -p ica-batch-tests --test it fuzz::` runs more mutations.
//! A failure prints its seed. `tests/fuzz/README.md` says how to run the targets under libFuzzer.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fastrand::Rng;
use ica_batch_tests::fuzz_targets::{self, mutations};

use crate::setup::workspace;

/// Number of mutations of a target.
const RUNS: u64 = 500;

/// Reads the corpus of a target.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = workspace().join("tests/fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths = files.map(|file| file.unwrap().path()).collect::<Vec<_>>();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn run(name: &str) {
    let corpus = corpus(name);
    assert!(corpus.len() >= 3, "{name} has a corpus");
    for entry in &corpus {
        fuzz_targets::run(name, entry);
    }
    let runs = std::env::var("ICA_BATCH_FUZZ_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    for seed in 0..runs {
        let data = mutations::mutate(&corpus, &mut Rng::with_seed(seed));
        let run = catch_unwind(AssertUnwindSafe(|| fuzz_targets::run(name, &data)));
        assert!(
            run.is_ok(),
            "{name} fails with seed {seed}: {:?}",
            String::from_utf8_lossy(&data)
        );
    }
}

#[test]
fn every_target_has_a_test() {
    let names = fuzz_targets::TARGETS.iter().map(|target| target.name);
    assert!(names.eq([
        "responses",
        "heads",
        "texts",
        "files",
        "checkpoints",
        "descriptions",
        "manifests",
        "manifest_files"
    ]));
}

#[test]
fn responses() {
    run("responses");
}

#[test]
fn heads() {
    run("heads");
}

#[test]
fn texts() {
    run("texts");
}

#[test]
fn files() {
    run("files");
}

#[test]
fn checkpoints() {
    run("checkpoints");
}

#[test]
fn descriptions() {
    run("descriptions");
}

#[test]
fn manifests() {
    run("manifests");
}

#[test]
fn manifest_files() {
    run("manifest_files");
}
