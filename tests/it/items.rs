//! Lists of items, and single items.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk_ext::types::{AnalysisStatus, AnalysisStatusV3, ItemStatus};
use ica_batch_sdk_ext::{ErrorKind, V3};
use ica_simulator::{Family, Fate, Fault, FaultKind, Operation, SeedOptions, Simulator};

use crate::setup::{project, request};

#[tokio::test]
async fn every_item_is_listed_once_with_any_page_size() {
    let simulator = Simulator::start();
    let batch = simulator.seed_batch(simulator.project_id(), 25, SeedOptions::default());
    for size in [1, 4, 5, 24, 25, 26, 1000] {
        let items = project(&simulator).batch(batch).items().page_size(size).stream();
        let ids = items.map_ok(|item| item.id).try_collect::<Vec<_>>().await.unwrap();
        assert_eq!(ids.len(), 25, "page size {size}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 25, "page size {size}");
    }
}

#[tokio::test]
async fn an_empty_page_in_the_middle_is_not_the_end() {
    let simulator = Simulator::start();
    let batch = simulator.seed_batch(simulator.project_id(), 9, SeedOptions::default());
    simulator.faults().add(Fault::new(FaultKind::EmptyMiddlePage).page(2));
    let items = project(&simulator).batch(batch).items().page_size(3).stream();
    assert_eq!(items.try_collect::<Vec<_>>().await.unwrap().len(), 9);
    assert_eq!(simulator.faults().applied(), 1);
}

#[tokio::test]
async fn a_repeated_page_token_is_an_error_and_not_a_loop() {
    let simulator = Simulator::start();
    let batch = simulator.seed_batch(simulator.project_id(), 9, SeedOptions::default());
    simulator.faults().add(Fault::new(FaultKind::RepeatPageToken).every());
    let items = project(&simulator).batch(batch).items().page_size(3).stream();
    let seen = items.collect::<Vec<_>>().await;
    let (last, before) = seen.split_last().unwrap();
    let error = last.as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);
    let expected = format!("could not list the items of analysis batch {batch}: a page names an earlier page");
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert_eq!(before.iter().filter(|item| item.is_ok()).count(), 6);
}

#[tokio::test]
async fn after_an_error_the_stream_continues_at_the_same_page() {
    let simulator = Simulator::start();
    let batch = simulator.seed_batch(simulator.project_id(), 9, SeedOptions::default());
    simulator.faults().add(
        Fault::new(FaultKind::refuse(503))
            .on(Operation::GetItems(Family::Analysis))
            .page(2),
    );
    let mut items = project(&simulator).batch(batch).items().page_size(3).stream();
    let (mut ids, mut errors) = (BTreeSet::new(), 0);
    while let Some(item) = items.next().await {
        match item {
            Ok(item) => assert!(ids.insert(item.id), "an item was listed twice"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Server);
                errors += 1;
            }
        }
    }
    assert_eq!((ids.len(), errors), (9, 1));
}

#[tokio::test]
async fn the_status_filter_is_sent_once_per_status() {
    let simulator = Simulator::builder().fate("bad", Fate::FailCreation).start().unwrap();
    let project = project(&simulator);
    let created = project.create_batch(request(&["good", "bad"])).await.unwrap();
    simulator.clock().advance(std::time::Duration::from_secs(24 * 3600));

    let batch = project.batch(created.id());
    let failed = batch
        .items()
        .creation_status([ItemStatus::Failed])
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].request.user_reference, "bad");
    assert!(failed[0].created_analysis.is_none());

    let both = batch
        .items()
        .creation_status([ItemStatus::Failed, ItemStatus::Succeeded])
        .stream();
    assert_eq!(both.try_collect::<Vec<_>>().await.unwrap().len(), 2);
    let seen = simulator.requests().pop().unwrap();
    assert_eq!(seen.query_values("status").collect::<Vec<_>>(), ["FAILED", "SUCCEEDED"]);
}

#[tokio::test]
async fn v3_and_v4_list_the_same_items_in_their_own_spelling() {
    let simulator = Simulator::start();
    let project = project(&simulator);
    let created = project.create_batch(request(&["waits"])).await.unwrap();
    simulator.set_fate("waits", Fate::AwaitInput);
    simulator.clock().advance(std::time::Duration::from_secs(24 * 3600));
    let batch = project.batch(created.id());
    let v4 = batch.items().stream().try_collect::<Vec<_>>().await.unwrap().remove(0);
    let v3 = batch
        .items()
        .version::<V3>()
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap()
        .remove(0);
    assert_eq!(v3.id, v4.id);
    let (v3_run, v4_run) = (v3.created_analysis.unwrap(), v4.created_analysis.unwrap());
    assert_eq!(v3_run.owner_id, v4_run.owner.id);
    assert_eq!(AnalysisStatus::from(v3_run.status.as_str()), v4_run.status);
    assert!(AnalysisStatusV3::KNOWN.contains(&v3_run.status));

    assert_eq!(batch.item(v3.id).version::<V3>().await.unwrap().id, v4.id);
    assert_eq!(batch.item(v4.id).await.unwrap().id, v4.id);
}

#[tokio::test]
async fn a_page_size_of_zero_is_rejected_before_anything_is_sent() {
    let simulator = Simulator::start();
    let mut items = project(&simulator)
        .batch(uuid::Uuid::nil())
        .items()
        .page_size(0)
        .stream();
    assert!(items.next().await.unwrap().unwrap_err().is_invalid_input());
    assert_eq!(simulator.requests().len(), 0);
}
