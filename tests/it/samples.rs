//! Sample batches: the same operations as for analyses, in version 3.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::types::{JobStatus, SampleItemStatus, SampleStatus};
use ica_batch_sdk_ext::{
    Batch, BatchItem, Checkpoint, ErrorKind, Execution, IdempotencyKey, ItemOutcome, SampleCreation, WaitUntil,
};
use ica_simulator::{Family, Fate, Fault, FaultKind, Operation, SeedOptions, Simulator, SimulatorBuilder};

use crate::setup::{builder, linked_clock, project, request, sample_request};

fn seeded(samples: usize) -> (Simulator, Batch<SampleCreation>) {
    let simulator = Simulator::start();
    let options = SeedOptions::default().family(Family::Sample);
    let id = simulator.seed_batch(simulator.project_id(), samples, options);
    let batch = project(&simulator).sample_batch(id);
    (simulator, batch)
}

/// Returns a simulator whose time only sleeps advance, and a batch of these samples, just created.
async fn created(builder_of: SimulatorBuilder, names: &[&str]) -> (Simulator, ManualClock, Batch<SampleCreation>) {
    let simulator = builder_of.start().unwrap();
    let clock = linked_clock(&simulator);
    let client = builder(&simulator).clock(clock.clone()).jitter_seed(7).build().unwrap();
    let project = client.project(simulator.project_id()).unwrap();
    let created = project.create_sample_batch(sample_request(names)).await.unwrap();
    let batch = project.sample_batch(created.id());
    (simulator, clock, batch)
}

#[tokio::test]
async fn a_lost_response_creates_nothing_twice() {
    let simulator = Simulator::start();
    let client = builder(&simulator).clock(ManualClock::new());
    let project = client.build().unwrap().project(simulator.project_id()).unwrap();
    let fault = Fault::new(FaultKind::ExecuteThenReset);
    simulator.faults().add(fault.on(Operation::CreateBatch(Family::Sample)));

    let create = project.create_sample_batch(sample_request(&["a", "b"]));
    let key = create.key().clone();
    let first = create.await.unwrap();
    assert_eq!(first.idempotency_key(), Some(&key));
    assert_eq!(simulator.count(Operation::CreateBatch(Family::Sample)), 2, "one retry");

    let again = project.create_sample_batch(sample_request(&["a", "b"]));
    assert_eq!(again.idempotency_key(key.clone()).await.unwrap().id(), first.id());
    assert_eq!(simulator.created_by_name(Family::Sample).len(), 2);

    let other = project.create_sample_batch(sample_request(&["c"])).idempotency_key(key);
    assert_eq!(other.await.unwrap_err().kind(), ErrorKind::KeyMismatch);
}

#[tokio::test]
async fn a_key_of_one_family_is_free_in_the_other() {
    let simulator = Simulator::start();
    let project = project(&simulator);
    let key: IdempotencyKey = "one-key".parse().unwrap();
    let samples = project.create_sample_batch(sample_request(&["a"]));
    samples.idempotency_key(key.clone()).await.unwrap();
    let analyses = project.create_batch(request(&["a"]));
    analyses.idempotency_key(key).await.unwrap();
    assert_eq!(simulator.executed_creates(), 2);
}

#[tokio::test]
async fn a_request_without_samples_is_rejected_before_it_is_sent() {
    let simulator = Simulator::start();
    let create = project(&simulator).create_sample_batch(sample_request(&[]));
    let error = create.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let expected = "could not create the sample batch: the request has no items; add at least one";
    assert_eq!(error.to_string(), expected);
    assert!(simulator.requests().is_empty());
}

#[test]
fn a_name_that_is_too_long_is_rejected_in_words() {
    let long = "x".repeat(256);
    let result = ica_batch_sdk_ext::types::CreateSample::builder().name(&long);
    let error = result.map(drop).unwrap_err().to_string();
    assert!(error.contains("is not valid") && error.contains("255"), "{error}");
}

#[tokio::test]
async fn a_rejected_request_names_the_problem() {
    let simulator = Simulator::builder().fate("bad", Fate::RejectRequest).start().unwrap();
    let create = project(&simulator).create_sample_batch(sample_request(&["good", "bad"]));
    let error = create.await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)));
    assert_eq!(error.execution(), Execution::NotExecuted);
    assert!(!error.problem().unwrap().parameters().is_empty());
}

#[tokio::test]
async fn items_are_listed_by_cursor_and_by_offset_each_once() {
    let (_simulator, batch) = seeded(25);
    for size in [1, 7, 25, 1000] {
        let by_cursor = batch.items().page_size(size).stream();
        let ids = by_cursor
            .map_ok(|item| item.id)
            .try_collect::<BTreeSet<_>>()
            .await
            .unwrap();
        let by_offset = batch.items().page_size(size).offset(0).concurrency(3).stream();
        let rows = by_offset.map_ok(|item| item.id).try_collect::<Vec<_>>().await.unwrap();
        assert_eq!((ids.len(), rows.len()), (25, 25), "page size {size}");
        assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), ids, "page size {size}");
    }
    assert_eq!(batch.items().count().await.unwrap(), 25);
}

#[tokio::test]
async fn a_checkpoint_resumes_items_and_pages() {
    let (_simulator, batch) = seeded(9);
    let list = || batch.items().page_size(4);
    let mut items = list().stream();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(items.try_next().await.unwrap().unwrap().id);
    }
    let saved = serde_json::to_string(&items.checkpoint()).unwrap();
    let saved = || serde_json::from_str::<Checkpoint>(&saved).unwrap();

    let mut rest = list().resume_or_start(Some(saved())).unwrap();
    while let Some(item) = rest.try_next().await.unwrap() {
        ids.push(item.id);
    }
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 9);
    assert!(rest.checkpoint().is_end());

    let pages = list().resume(saved()).unwrap().pages();
    let sizes = pages.map_ok(|page| page.len()).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(sizes, [3, 1]);

    let of_other_size = batch.items().page_size(5).resume(saved()).unwrap_err();
    assert!(
        of_other_size.to_string().contains("page size 4, not 5"),
        "{of_other_size}"
    );
}

#[tokio::test]
async fn a_checkpoint_at_the_end_sends_nothing() {
    let (simulator, batch) = seeded(3);
    let mut items = batch.items().stream();
    assert!(!items.checkpoint().is_end());
    while items.try_next().await.unwrap().is_some() {}
    let end = items.checkpoint();
    assert!(end.is_end());
    simulator.clear_requests();
    assert!(batch.items().resume(end).unwrap().next().await.is_none());

    let by_offset = || batch.items().offset(0);
    let mut rows = by_offset().stream();
    while rows.try_next().await.unwrap().is_some() {}
    let (end, sent) = (rows.checkpoint(), simulator.requests().len());
    assert!(by_offset().resume(end).unwrap().next().await.is_none());
    assert_eq!(simulator.requests().len(), sent);
}

#[tokio::test]
async fn one_item_is_read_and_filtered_by_its_status() {
    let builder_of = Simulator::builder()
        .lifecycle(ica_simulator::Lifecycle::instant())
        .fate("partial", Fate::CreatePartially)
        .fate("failed", Fate::FailCreation);
    let (_simulator, clock, batch) = created(builder_of, &["complete", "partial", "failed"]).await;
    clock.advance(Duration::from_secs(3600));

    let partial = batch.items().creation_status([SampleItemStatus::PartiallySucceeded]);
    let partial = partial.stream().try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(partial.iter().map(BatchItem::name).collect::<Vec<_>>(), ["partial"]);

    let item = batch.item(partial[0].id).await.unwrap();
    assert_eq!(item.created_sample.as_ref().unwrap().status, SampleStatus::Partial);
    assert!(item.creation_message().is_some());
    assert!(item.is_terminal() && !item.is_success());
}

#[tokio::test]
async fn a_wait_reports_every_outcome_of_samples() {
    let builder_of = Simulator::builder()
        .fate("partial", Fate::CreatePartially)
        .fate("failed", Fate::FailCreation)
        .fate("stopped", Fate::StopCreation);
    let names = ["complete", "partial", "failed", "stopped"];
    let (simulator, _clock, batch) = created(builder_of, &names).await;
    let report = batch.wait().await.unwrap();

    let outcomes = report.failed().iter().map(|item| (item.name.as_str(), item.outcome));
    let expected = [
        ("failed", ItemOutcome::NotCreated),
        ("partial", ItemOutcome::PartiallyCreated),
        ("stopped", ItemOutcome::NotCreated),
    ];
    assert_eq!(outcomes.collect::<BTreeMap<_, _>>(), BTreeMap::from(expected));
    assert_eq!((report.items(), report.succeeded(), report.is_success()), (4, 1, false));
    assert_eq!(report.job(), Some(&JobStatus::PartiallySucceeded));
    assert!(report.progress().by_run_status().is_empty());

    // A batch that is finished takes the job and one list.
    simulator.clear_requests();
    assert_eq!(batch.wait().until(WaitUntil::Created).await.unwrap().polls(), 1);
    assert_eq!(simulator.count(Operation::GetItems(Family::Sample)), 1);
    assert_eq!(simulator.count(Operation::GetItem(Family::Sample)), 0);
}

#[tokio::test]
async fn a_stopped_job_ends_the_wait() {
    let (simulator, _clock, batch) = created(Simulator::builder(), &["a", "b"]).await;
    simulator.stop_job(batch.id());
    let report = batch.wait().await.unwrap();
    assert_eq!(report.job(), Some(&JobStatus::Stopped));
    assert!(
        report
            .failed()
            .iter()
            .all(|item| item.outcome == ItemOutcome::NotCreated)
    );
    assert_eq!(report.failed().len(), 2);
}

#[tokio::test]
async fn an_unknown_status_of_samples_is_reported_and_not_terminal() {
    let (simulator, _clock, batch) = created(Simulator::builder(), &["a"]).await;
    simulator.faults().add(Fault::new(FaultKind::UnknownEnumValues).every());
    let wait = batch.wait().deadline(Duration::from_secs(3600));
    let mut progress = wait.progress();
    let mut unknown = BTreeSet::new();
    let error = loop {
        match progress.next().await.unwrap() {
            Ok(now) => {
                assert!(!now.is_finished());
                unknown.extend(now.unknown_statuses().map(str::to_owned));
            }
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    assert!(unknown.contains("NEW_SUCCEEDED"), "{unknown:?}");

    simulator.faults().clear();
    assert!(batch.wait().await.unwrap().is_success());
}
