//! Functions of arbitrary bytes, one for each kind of foreign input.
//!
//! Each target feeds bytes to the public surface of the crate and panics where a promise is broken:
//! nothing panics, nothing runs without end, every error is short and shows no credential.
//!
//! `tests/it/fuzz.rs` runs each target on its corpus and on seeded [mutations] of it.
//! `tests/fuzz/` runs the same targets under libFuzzer, for hours.

mod checkpoints;
mod descriptions;
mod files;
mod fixture;
mod manifest_files;
mod manifests;
pub mod mutations;
mod responses;
mod texts;

/// A target, with the name of its corpus in `tests/fuzz/corpus`.
pub struct Target {
    /// Name of the target.
    pub name: &'static str,
    /// Function that panics where a promise is broken.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: [Target; 8] = [
    Target {
        name: "responses",
        run: responses::bodies,
    },
    Target {
        name: "heads",
        run: responses::heads,
    },
    Target {
        name: "texts",
        run: texts::run,
    },
    Target {
        name: "files",
        run: files::run,
    },
    Target {
        name: "checkpoints",
        run: checkpoints::run,
    },
    Target {
        name: "descriptions",
        run: descriptions::run,
    },
    Target {
        name: "manifests",
        run: manifests::run,
    },
    Target {
        name: "manifest_files",
        run: manifest_files::run,
    },
];

/// Runs the target with this name.
///
/// # Panics
/// When a promise is broken, or no target has the name.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("the name of a target").run)(data);
}
