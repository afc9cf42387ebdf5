//! The checked-in client is what the description gives.

use crate::setup;

#[test]
fn the_checked_in_client_is_fresh() {
    let fresh = xtask::generate(&setup::description()).unwrap();
    let path = setup::workspace().join("ica-batch-sdk/src/generated.rs");
    let checked_in = std::fs::read_to_string(path).unwrap();
    assert!(
        checked_in.lines().eq(fresh.source.lines()),
        "ica-batch-sdk/src/generated.rs is not what openapi/ica-batch.yaml gives; run `{}` and commit the result",
        xtask::GENERATE_COMMAND,
    );
    assert_eq!(fresh.skipped, [], "every operation of the fragment is generated");
}

/// The workspace's build generates the client anew, which only shows where it is not the checked-in one.
#[test]
fn the_workspace_is_built_from_the_description() {
    let fresh = xtask::lower::lower(xtask::description::parse(&setup::description()).unwrap()).unwrap();
    let lowered = xtask::lower::marks::media(&fresh.document);
    let compiled = ica_batch_sdk::OPERATIONS;
    assert_eq!(
        compiled.iter().map(|operation| operation.path).collect::<Vec<_>>(),
        lowered
            .iter()
            .map(|operation| operation.path.as_str())
            .collect::<Vec<_>>(),
    );
}

#[test]
fn the_generator_is_pure() {
    let (first, second) = (setup::description(), setup::description());
    assert_eq!(
        xtask::generate(&first).unwrap().source,
        xtask::generate(&second).unwrap().source
    );
}
