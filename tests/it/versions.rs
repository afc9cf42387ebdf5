//! Versions that are chosen at run time.

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{AnalysisStatus, ItemStatus};
use ica_batch_sdk_ext::{
    AnalysisItem, AnalysisStatusExt, AnyAnalysisItem, ApiVersion, BatchItem, ErrorKind, V3, VersionPolicy,
};
use ica_simulator::{Family, Fate, Operation, SeedOptions, Simulator};

use crate::setup::{project, request};

fn only_v3(status: u16) -> Simulator {
    let builder = Simulator::builder().versions([ica_simulator::ApiVersion::V3]);
    builder.wrong_accept_status(status).start().unwrap()
}

#[tokio::test]
async fn prefer_falls_back_once_and_remembers_the_version() {
    for status in [400, 406] {
        let simulator = only_v3(status);
        let batch = simulator.seed_batch(simulator.project_id(), 5, SeedOptions::default());
        let batch = project(&simulator).batch(batch);
        let prefer = VersionPolicy::prefer([ApiVersion::V4, ApiVersion::V3]);
        for _ in 0..2 {
            let items = batch.items().page_size(2).any_version(prefer).stream();
            let items = items.try_collect::<Vec<_>>().await.unwrap();
            assert!(items.iter().all(|item| matches!(item, AnyAnalysisItem::V3(_))));
            assert_eq!(items.len(), 5);
        }
        batch
            .item(simulator.batches()[0].items[0].id)
            .any_version(prefer)
            .await
            .unwrap();
        let rejected = simulator
            .requests()
            .iter()
            .filter(|seen| seen.status == Some(status))
            .count();
        assert_eq!(rejected, 1, "one rejection for all calls of the client");
    }
}

#[tokio::test]
async fn a_single_rejection_is_not_remembered() {
    let simulator = Simulator::start();
    let batch = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    let batch = project(&simulator).batch(batch);
    let prefer = VersionPolicy::prefer([ApiVersion::V4, ApiVersion::V3]);
    let refuse = ica_simulator::FaultKind::refuse(406);
    simulator.faults().add(ica_simulator::Fault::new(refuse).times(2));
    let list = || batch.items().any_version(prefer).stream().try_collect::<Vec<_>>();
    assert_eq!(list().await.unwrap_err().kind(), ErrorKind::VersionNotSupported);
    assert!(matches!(list().await.unwrap()[0], AnyAnalysisItem::V4(_)));
}

#[tokio::test]
async fn exact_asks_for_no_other_version() {
    let simulator = only_v3(400);
    let batch = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    let items = project(&simulator)
        .batch(batch)
        .items()
        .any_version(VersionPolicy::exact(ApiVersion::V4))
        .stream();
    let error = items.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::VersionNotSupported, Some("ICA_API_004"))
    );
    assert_eq!(simulator.count(Operation::GetItems(Family::Analysis)), 1);
}

#[tokio::test]
async fn prefer_returns_the_preferred_version_if_it_is_supported() {
    let simulator = Simulator::start();
    let batch = simulator.seed_batch(simulator.project_id(), 2, SeedOptions::default());
    let batch = project(&simulator).batch(batch);
    let v4 = batch
        .items()
        .any_version(VersionPolicy::prefer([ApiVersion::V4, ApiVersion::V3]))
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    let v3 = batch
        .items()
        .any_version(VersionPolicy::prefer([ApiVersion::V3, ApiVersion::V4]))
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    assert!(
        v4.iter().all(|item| matches!(item, AnyAnalysisItem::V4(_)))
            && v3.iter().all(|item| matches!(item, AnyAnalysisItem::V3(_)))
    );
}

#[tokio::test]
async fn the_methods_of_an_item_do_not_depend_on_its_version() {
    let simulator = Simulator::builder()
        .fate("bad", Fate::FailCreation)
        .fate("lost", Fate::FailRunFinally)
        .fate("waits", Fate::AwaitInput)
        .start()
        .unwrap();
    let project = project(&simulator);
    let created = project
        .create_batch(request(&["good", "bad", "lost", "waits"]))
        .await
        .unwrap();
    simulator.clock().advance(std::time::Duration::from_secs(24 * 3600));
    let batch = project.batch(created.id());
    let v3 = batch
        .items()
        .version::<V3>()
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    let v4 = batch.items().stream().try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(v3.len(), 4);
    for (old, new) in v3.iter().zip(&v4) {
        assert_eq!(text(old), text(new));
        assert_eq!(
            text(&AnyAnalysisItem::V3(old.clone())),
            text(&AnyAnalysisItem::V4(new.clone()))
        );
    }
    let ends = v3
        .iter()
        .map(|item| (item.user_reference(), item.is_terminal(), item.is_success()));
    let expected = [
        ("good", true, true),
        ("bad", true, false),
        ("lost", true, false),
        ("waits", false, false),
    ];
    assert_eq!(ends.collect::<Vec<_>>(), expected);
    let bad = &v4[1];
    assert_eq!((bad.creation_status(), bad.analysis_id()), (&ItemStatus::Failed, None));
    assert!(bad.creation_message().is_some());
}

/// Returns the results of all methods of the trait as text.
fn text(item: &dyn AnalysisItem) -> String {
    let analysis = (item.analysis_id(), item.reference(), item.analysis_status());
    let creation = (item.creation_status(), item.creation_message());
    let owner = (item.owner_id(), item.tenant_id());
    let end = (item.is_terminal(), item.is_success());
    format!(
        "{:?}",
        (item.id(), item.user_reference(), creation, analysis, owner, end)
    )
}

#[test]
fn an_unknown_status_is_not_terminal() {
    let status = AnalysisStatus::from("ARCHIVED");
    assert!(!status.is_terminal() && !status.is_success());
}
