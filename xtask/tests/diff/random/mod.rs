//! Properties of the comparison and of the update, with random descriptions and random changes.
//!
//! `ICA_BATCH_DESCRIPTIONS=N cargo test -p ica-batch-xtask --test diff random` takes N descriptions of
//! each kind in place of the few of an ordinary run. A failure names its seed.

mod describe;
mod mutate;

use fastrand::Rng;
use serde_json::Value;
use xtask::Source;
use xtask::diff::{Options, diff};

use self::mutate::{FACTS, FORMS};
use crate::edits::TEXT;
use crate::updated;

/// Returns how many descriptions a test takes.
fn count(ordinary: u64) -> u64 {
    let wanted = std::env::var("ICA_BATCH_DESCRIPTIONS").ok();
    wanted.map_or(ordinary, |wanted| {
        wanted.parse().expect("ICA_BATCH_DESCRIPTIONS is a number")
    })
}

fn changes(base: &str, published: &str) -> Vec<String> {
    let read = |name: &str, text: &str| Source::parse(name, text).unwrap_or_else(|error| panic!("{error}"));
    let changes = diff(&read("base", base), &read("published", published), Options::default()).changes;
    changes
        .into_iter()
        .map(|change| format!("{} {}", change.rule, change.place))
        .collect()
}

/// One fact changes in other places than another, so each description gets one change of each kind.
fn each_fact_is_found(seed: u64, base: &str, kinds: usize) {
    let value: Value = yaml_serde::from_str(base).unwrap();
    let mut rng = Rng::with_seed(seed);
    let mut applied = 0;
    for _ in 0..kinds {
        let (name, mutation) = FACTS[rng.usize(..FACTS.len())];
        let mut changed = value.clone();
        if !mutation(&mut changed, &mut rng) || changed == value {
            continue;
        }
        applied += 1;
        let found = changes(base, &changed.to_string());
        assert!(!found.is_empty(), "seed {seed}: {name} was not found");
    }
    assert!(applied > 0 || kinds < 5, "seed {seed}: no change was possible");
}

fn no_form_is_a_change(seed: u64, base: &str) {
    let mut changed: Value = yaml_serde::from_str(base).unwrap();
    let mut rng = Rng::with_seed(seed);
    for (_, mutation) in FORMS {
        mutation(&mut changed, &mut rng);
    }
    let published = changed.to_string();
    assert_eq!(changes(base, &published), [""; 0], "seed {seed}");
    let updated = updated::check(base, &published).unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
    assert_eq!(updated, base, "seed {seed}");
}

/// Changes several facts and forms, and takes them over. Returns the new text.
fn is_taken_over(seed: u64, base: &str) -> String {
    let mut changed: Value = yaml_serde::from_str(base).unwrap();
    let mut rng = Rng::with_seed(seed);
    let mut names = Vec::new();
    for _ in 0..rng.usize(1..6) {
        let (name, mutation) = match rng.u8(..4) {
            0 => FORMS[rng.usize(..FORMS.len())],
            _ => FACTS[rng.usize(..FACTS.len())],
        };
        if mutation(&mut changed, &mut rng) {
            names.push(name);
        }
    }
    let taken = updated::check(base, &changed.to_string());
    taken.unwrap_or_else(|failure| panic!("seed {seed}, {names:?}: {failure}"))
}

/// The generated source parses and has no duplicate item, or the error names a place.
fn generates(seed: u64, text: &str) {
    match xtask::generate(text) {
        Ok(generated) => {
            let file = syn::parse_file(&generated.source);
            file.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
        Err(error) => {
            let error = error.to_string();
            assert!(!error.contains("panicked") && error.len() < 600, "seed {seed}: {error}");
        }
    }
}

#[test]
fn facts_and_forms_of_made_up_descriptions() {
    for seed in 0..count(40) {
        let base = describe::description(seed);
        each_fact_is_found(seed, &base, 10);
        no_form_is_a_change(seed, &base);
    }
}

#[test]
fn made_up_descriptions_are_updated() {
    for seed in 0..count(80) {
        let base = describe::description(seed);
        let text = is_taken_over(seed, &base);
        if seed % 4 == 0 {
            generates(seed, &text);
        }
    }
}

#[test]
fn the_description_of_the_project_is_updated() {
    for seed in 0..count(12) {
        each_fact_is_found(seed, &TEXT, 3);
        no_form_is_a_change(seed, &TEXT);
        let text = is_taken_over(seed, &TEXT);
        if seed % 6 == 0 {
            generates(seed, &text);
        }
    }
}

/// A description that gives no client would make the tests above prove little.
#[test]
fn made_up_descriptions_give_clients() {
    let seeds = 0..20;
    let given = seeds.filter(|seed| xtask::generate(&describe::description(*seed)).is_ok());
    assert!(given.count() >= 18);
}
