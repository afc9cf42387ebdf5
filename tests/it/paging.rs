//! Lists by cursor and by offset, resumed, and against faults on their pages.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::retry::RetryBudget;
use ica_batch_sdk_ext::types::ItemStatus;
use ica_batch_sdk_ext::{
    AnalysisCreation, AnalysisItem, Batch, BatchItem, Checkpoint, Client, Credentials, ErrorKind, Uuid,
};
use ica_simulator::{Family, Fault, FaultKind, FaultPlan, Operation, SeedOptions, Simulator, StallFor};

use crate::setup::{builder, project};

const ITEMS: usize = 25;

/// Longer than the sleeps of all lists together, which share a clock.
const YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

fn seeded(items: usize) -> (Simulator, Batch<AnalysisCreation>) {
    let simulator = Simulator::start();
    let id = simulator.seed_batch(simulator.project_id(), items, SeedOptions::default());
    let batch = project(&simulator).batch(id);
    (simulator, batch)
}

fn all(simulator: &Simulator) -> Vec<Uuid> {
    simulator.batches()[0].items.iter().map(|item| item.id).collect()
}

#[tokio::test]
async fn resuming_yields_exactly_the_rest_for_any_page_size_and_cut() {
    let (simulator, batch) = seeded(ITEMS);
    let whole = all(&simulator);
    for size in [1, 2, 7, 24, 25, 26] {
        for cut in 0..=ITEMS {
            let list = batch.items().page_size(size);
            let mut stream = list.clone().stream();
            let mut before = Vec::new();
            for _ in 0..cut {
                before.push(stream.try_next().await.unwrap().unwrap().id);
            }
            let kept = serde_json::to_string(&stream.checkpoint()).unwrap();
            drop(stream);
            let checkpoint: Checkpoint = serde_json::from_str(&kept).unwrap();
            let rest = list.resume(checkpoint).unwrap().map_ok(|item| item.id);
            before.extend(rest.try_collect::<Vec<_>>().await.unwrap());
            assert_eq!(before, whole, "page size {size}, cut after {cut}");
        }
    }
}

#[tokio::test]
async fn resuming_by_offset_yields_exactly_the_rest() {
    let (simulator, batch) = seeded(ITEMS);
    let whole = all(&simulator);
    for (size, concurrency) in [(1, 3), (4, 1), (7, 4), (30, 2)] {
        for cut in [0, 1, 6, 7, 8, 24, 25] {
            let list = batch.items().page_size(size).offset(0).concurrency(concurrency);
            let mut stream = list.clone().stream();
            let mut before = Vec::new();
            for _ in 0..cut {
                before.push(stream.try_next().await.unwrap().unwrap().id);
            }
            let rest = list.resume(stream.checkpoint()).unwrap().map_ok(|item| item.id);
            before.extend(rest.try_collect::<Vec<_>>().await.unwrap());
            assert_eq!(before, whole, "page size {size}, cut after {cut}");
        }
    }
}

#[tokio::test]
async fn a_checkpoint_between_pages_follows_the_last_page() {
    let (simulator, batch) = seeded(ITEMS);
    let list = batch.items().page_size(10);
    let mut pages = list.clone().pages();
    let mut seen = pages.try_next().await.unwrap().unwrap();
    assert_eq!(seen.len(), 10);
    seen.extend(
        list.resume(pages.checkpoint())
            .unwrap()
            .try_collect::<Vec<_>>()
            .await
            .unwrap(),
    );
    assert_eq!(seen.iter().map(BatchItem::id).collect::<Vec<_>>(), all(&simulator));
}

#[tokio::test]
async fn a_checkpoint_of_another_list_is_refused_with_what_differs() {
    let (simulator, batch) = seeded(3);
    let mut stream = batch.items().page_size(2).stream();
    stream.try_next().await.unwrap();
    let checkpoint = || stream.checkpoint();
    let other = project(&simulator).batch(Uuid::nil());
    let list = || batch.items().page_size(2);
    let refused = [
        (list().page_size(3).resume(checkpoint()).map(drop), "page size 2, not 3"),
        (
            other.items().page_size(2).resume(checkpoint()).map(drop),
            "analysis batch ",
        ),
        (
            list()
                .creation_status([ItemStatus::Failed])
                .resume(checkpoint())
                .map(drop),
            "status filter [], not [FAILED]",
        ),
        (
            list().summaries().resume(checkpoint()).map(drop),
            "item type V4, not summaries",
        ),
        (
            list().offset(0).resume(checkpoint()).map(drop),
            "paging by cursor, not offset",
        ),
    ];
    for (result, differs) in refused {
        let error = result.unwrap_err();
        assert!(
            error.is_invalid_input() && error.to_string().contains(differs),
            "{error}"
        );
    }
}

#[tokio::test]
async fn by_offset_every_row_is_returned_once_and_in_order() {
    let (simulator, batch) = seeded(ITEMS);
    let whole = all(&simulator);
    for (start, size, concurrency) in [(0, 4, 1), (0, 4, 8), (3, 5, 2), (25, 5, 2), (99, 5, 2), (0, 100, 8)] {
        let stream = batch
            .items()
            .page_size(size)
            .offset(start)
            .concurrency(concurrency)
            .stream();
        let rows = stream.map_ok(|item| item.id).try_collect::<Vec<_>>().await.unwrap();
        assert_eq!(
            rows,
            whole[(start as usize).min(ITEMS)..],
            "{start} {size} {concurrency}"
        );
    }
}

#[tokio::test]
async fn rows_that_repeat_are_dropped_and_counted() {
    let simulator = Simulator::builder().unstable_offsets(true).start().unwrap();
    let id = simulator.seed_batch(simulator.project_id(), 40, SeedOptions::default());
    let batch = project(&simulator).batch(id);
    let mut stream = batch.items().page_size(5).offset(0).concurrency(3).stream();
    let mut rows = Vec::new();
    while let Some(item) = stream.try_next().await.unwrap() {
        rows.push(item.id);
    }
    assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len());
    assert!(stream.duplicates() > 0, "the simulator repeats rows");
}

#[tokio::test]
async fn an_offset_beyond_the_limit_is_rejected_before_anything_is_sent() {
    let (simulator, batch) = seeded(3);
    let mut stream = batch.items().offset(200_000).stream();
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("use the cursor"),
        "{error}"
    );
    assert_eq!(simulator.requests().len(), 0);
}

#[tokio::test]
async fn a_total_that_changes_between_pages_is_followed() {
    for change in [-2, 7] {
        let (simulator, batch) = seeded(ITEMS);
        simulator
            .faults()
            .add(Fault::new(FaultKind::TotalChanges(change)).nth(2).times(2));
        let stream = batch.items().page_size(4).offset(0).concurrency(2).stream();
        let rows = stream.map_ok(|item| item.id).try_collect::<Vec<_>>().await.unwrap();
        assert_eq!(rows, all(&simulator), "{change}");
    }
}

#[tokio::test]
async fn first_and_count_cost_one_request_each() {
    let (simulator, batch) = seeded(ITEMS);
    assert_eq!(batch.items().first().await.unwrap().unwrap().id, all(&simulator)[0]);
    assert_eq!(batch.items().count().await.unwrap(), ITEMS as u64);
    assert_eq!(
        batch
            .items()
            .creation_status([ItemStatus::Failed])
            .first()
            .await
            .unwrap()
            .map(|item| item.id),
        None
    );
    assert_eq!(
        batch
            .items()
            .creation_status([ItemStatus::Failed])
            .count()
            .await
            .unwrap(),
        0
    );
    assert_eq!(simulator.requests().len(), 4);
    assert_eq!(
        simulator.requests()[0].query_values("pageSize").collect::<Vec<_>>(),
        ["1"]
    );
}

#[tokio::test]
async fn summaries_of_an_item_are_equal_in_either_version() {
    let v3 = Simulator::builder()
        .versions([ica_simulator::ApiVersion::V3])
        .start()
        .unwrap();
    let both = Simulator::start();
    for simulator in [&v3, &both] {
        let id = simulator.seed_batch(simulator.project_id(), 5, SeedOptions::default());
        let batch = project(simulator).batch(id);
        let prefer = ica_batch_sdk_ext::VersionPolicy::prefer([
            ica_batch_sdk_ext::ApiVersion::V4,
            ica_batch_sdk_ext::ApiVersion::V3,
        ]);
        let whole = batch
            .items()
            .any_version(prefer)
            .stream()
            .try_collect::<Vec<_>>()
            .await
            .unwrap();
        let lean = batch
            .items()
            .summaries()
            .stream()
            .try_collect::<Vec<_>>()
            .await
            .unwrap();
        let view = |item: &dyn AnalysisItem| {
            let analysis = (
                item.analysis_id(),
                item.reference().map(str::to_owned),
                item.analysis_status(),
            );
            (
                item.id(),
                item.user_reference().to_owned(),
                item.creation_status().clone(),
                analysis,
            )
        };
        assert_eq!(
            lean.iter().map(|item| view(item)).collect::<Vec<_>>(),
            whole.iter().map(|item| view(item)).collect::<Vec<_>>()
        );
        assert!(lean.iter().all(|item| item.is_terminal() && item.owner_id().is_none()));
    }
}

#[tokio::test]
async fn the_next_page_is_fetched_while_the_caller_works_unless_prefetch_is_off() {
    for prefetch in [true, false] {
        let (simulator, batch) = seeded(9);
        let mut pages = batch.items().page_size(3).prefetch(prefetch).pages();
        pages.try_next().await.unwrap();
        // Two other calls give the task of the prefetch time to send its request.
        batch.get().await.unwrap();
        batch.get().await.unwrap();
        let asked = simulator.count(Operation::GetItems(Family::Analysis));
        assert_eq!(asked, if prefetch { 2 } else { 1 });
    }
}

#[tokio::test]
async fn dropping_a_stream_cancels_the_page_in_flight() {
    let (simulator, batch) = seeded(9);
    simulator.faults().add(
        Fault::new(FaultKind::StallBeforeExecuting(StallFor::UntilClosed))
            .page(2)
            .on(Operation::GetItems(Family::Analysis)),
    );
    let mut pages = batch.items().page_size(3).pages();
    pages.try_next().await.unwrap();
    while simulator.count(Operation::GetItems(Family::Analysis)) < 2 {
        tokio::task::yield_now().await;
    }
    drop(pages);
    // If the connection were still open, the simulator would not stop.
    drop(simulator);
}

fn patient(simulator: &Simulator) -> Client {
    builder(simulator)
        .credentials(Credentials::api_key(simulator.api_key()).unwrap())
        .clock(ManualClock::new())
        .retry_budget(RetryBudget::new(1_000_000))
        .deadline(YEARS)
        .build()
        .unwrap()
}

/// Ten thousand lists, each with other faults on its pages. Each list returns every item exactly
/// once. After a typed error it continues.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_schedule_of_faults_loses_or_repeats_an_item() {
    const SCHEDULES: usize = 10_000;
    const AT_ONCE: usize = 16;
    let simulator = Arc::new(
        Simulator::builder()
            .record(false)
            .gzip(false)
            .token_lifetime(YEARS)
            .start()
            .unwrap(),
    );
    let id = simulator.seed_batch(simulator.project_id(), 9, SeedOptions::default());
    let whole = all(&simulator).into_iter().collect::<BTreeSet<_>>();
    let client = patient(&simulator);
    let plan = FaultPlan::new()
        .with(0.05, FaultKind::refuse_for(429, 1))
        .with(0.05, FaultKind::refuse(503))
        .with(0.04, FaultKind::ResetBeforeExecuting)
        .with(0.04, FaultKind::TruncateBody)
        .with(0.02, FaultKind::ExpireToken)
        .with(0.03, FaultKind::RepeatPageToken)
        .with(0.05, FaultKind::EmptyMiddlePage)
        .with(0.02, FaultKind::MalformedJson)
        .max_consecutive(3);
    simulator.faults().seeded(42, plan);

    let lists = (0..AT_ONCE).map(|list| {
        let batch = client.project(simulator.project_id()).unwrap().batch(id);
        let whole = whole.clone();
        tokio::spawn(async move {
            let mut loops = 0;
            for schedule in 0..SCHEDULES / AT_ONCE {
                loops += usize::from(list_all(&batch, &whole, (schedule + list) % 4).await);
            }
            loops
        })
    });
    let loops = join_all(lists).await.into_iter().map(Result::unwrap).sum::<usize>();
    assert!(
        simulator.faults().applied() > SCHEDULES / 4,
        "{} faults",
        simulator.faults().applied()
    );
    assert!(
        loops > 0 && loops < SCHEDULES / 4,
        "{loops} lists repeated a page token"
    );
}

/// Reads the list to its end, also after errors. Returns whether a page token was repeated, which
/// ends the list.
async fn list_all(batch: &Batch<AnalysisCreation>, whole: &BTreeSet<Uuid>, size: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut stream = batch.items().summaries().page_size([2, 3, 4, 9][size]).stream();
    let mut errors = 0;
    while let Some(item) = stream.next().await {
        match item {
            Ok(item) => assert!(seen.insert(item.id), "an item came twice"),
            Err(error) if error.kind() == ErrorKind::Paging => {
                assert!(seen.is_subset(whole));
                assert!(stream.next().await.is_none());
                return true;
            }
            Err(error) => {
                errors += 1;
                assert!(errors < 100, "{error:?}");
            }
        }
    }
    assert_eq!(&seen, whole);
    false
}
