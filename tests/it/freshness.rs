//! The generated client of the repository is up to date.

use crate::setup;

#[test]
fn the_generated_client_is_up_to_date() {
    let fresh = xtask::generate(&setup::description()).unwrap();
    let path = setup::workspace().join("ica-batch-sdk/src/generated.rs");
    let checked_in = std::fs::read_to_string(path).unwrap();
    assert!(
        checked_in.lines().eq(fresh.source.lines()),
        "ica-batch-sdk/src/generated.rs is not up to date with openapi/ica-batch.yaml; run `{}` and commit the result",
        xtask::GENERATE_COMMAND,
    );
    assert_eq!(fresh.skipped, [], "every operation of the description is in the client");
}

/// The summaries and descriptions become the documentation of the client.
#[test]
fn every_node_of_the_description_has_prose() {
    let source = xtask::Source::parse("ica-batch.yaml", &setup::description()).unwrap();
    let missing = xtask::update::update(&source, &source, &Default::default())
        .unwrap()
        .missing_prose;
    let missing = missing.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(missing.is_empty(), "without prose:\n{}", missing.join("\n"));
}

/// A new value in one of two places, or a new enum with the values of another one, waits here for a
/// decision.
#[test]
fn the_enums_of_the_description_are_decided() {
    let spec = std::env::var_os("ICA_BATCH_SPEC").map(std::path::PathBuf::from);
    let text = spec.map_or_else(setup::description, |path| std::fs::read_to_string(path).unwrap());
    let remarks = xtask::generate(&text).unwrap().remarks;
    let remarks = remarks.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(remarks.is_empty(), "to decide:\n{}", remarks.join("\n"));
}

/// The compiled client matches the description that the build used: `ICA_BATCH_SPEC`, or that of
/// the repository.
///
/// `.ci/run` repeats this test with a changed description, which only a build that regenerates
/// matches.
#[test]
fn the_build_follows_the_description() {
    let spec = std::env::var_os("ICA_BATCH_SPEC").map(std::path::PathBuf::from);
    let text = spec.map_or_else(setup::description, |path| std::fs::read_to_string(path).unwrap());
    let lowered = xtask::lower(xtask::description::parse(&text).unwrap()).unwrap();
    let components = lowered.document.components.unwrap();
    let Some(openapiv3::ReferenceOr::Item(status)) = components.schemas.get("ItemStatus") else {
        panic!("the description has no ItemStatus");
    };
    let openapiv3::SchemaKind::Type(openapiv3::Type::String(described)) = &status.schema_kind else {
        panic!("ItemStatus is not a string");
    };
    let described = described
        .enumeration
        .iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>();
    let compiled = ica_batch_sdk::types::ItemStatus::KNOWN
        .iter()
        .map(|status| status.as_str())
        .collect::<Vec<_>>();
    assert_eq!(compiled, described);
}

#[test]
fn the_generator_gives_the_same_source_in_twenty_runs() {
    let description = setup::description();
    let first = xtask::generate(&description).unwrap().source;
    for _ in 1..20 {
        assert_eq!(xtask::generate(&description).unwrap().source, first);
    }
}
