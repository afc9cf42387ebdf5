//! The analyses of a project: searches, reads and aborts.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::types::{AnalysisStatus, CreateAnalysisCreationBatch};
use ica_batch_sdk_ext::{
    AnalysisDetails, AnyAnalysis, ApiVersion, Checkpoint, ErrorKind, Execution, RetryStopReason, SearchAnalyses, Uuid,
    V3, VersionPolicy,
};
use ica_simulator::{
    Family, Fate, Fault, FaultKind, Lifecycle, Operation, SeedOptions, Simulator, SimulatorBuilder, TagMatch, TextMatch,
};

use crate::setup::{analysis, builder, client, project};

const ANALYSES: usize = 25;

/// Starts a simulator with as many analyses as two batches have.
fn seeded() -> Simulator {
    let simulator = Simulator::start();
    for (number, prefix) in [(20, "first"), (ANALYSES - 20, "second")] {
        let options = SeedOptions::default().prefix(prefix);
        simulator.seed_batch(simulator.project_id(), number, options);
    }
    simulator
}

fn search(simulator: &Simulator) -> SearchAnalyses {
    project(simulator).analyses().search()
}

/// Returns the id of the first analysis.
fn first(simulator: &Simulator) -> Uuid {
    simulator.batches()[0].items[0].created_id.unwrap()
}

fn all(simulator: &Simulator) -> Vec<Uuid> {
    let batches = simulator.batches();
    let items = batches.iter().flat_map(|batch| &batch.items);
    items.map(|item| item.created_id.unwrap()).collect()
}

async fn names(search: SearchAnalyses) -> Vec<String> {
    let names = search.stream().map_ok(|found| found.user_reference);
    names.try_collect().await.unwrap()
}

/// Creates three analyses with tags at a server with these settings.
async fn tagged(builder: SimulatorBuilder) -> Simulator {
    let simulator = builder.lifecycle(Lifecycle::instant()).start().unwrap();
    let tagged = |name: &str, tags: &[&str]| {
        let mut analysis = analysis(name);
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        analysis.tags = serde_json::from_value(serde_json::json!({
            "technicalTags": tags, "userTags": [], "referenceTags": [],
        }))
        .unwrap();
        analysis
    };
    let analyses = [
        tagged("sample-1", &["cohort", "row-1"]),
        tagged("sample-10", &["cohort", "row-10"]),
        tagged("SAMPLE-1", &["cohort-2"]),
    ];
    let request = CreateAnalysisCreationBatch::builder()
        .nextflow_items(analyses.to_vec())
        .build();
    project(&simulator).create_batch(request).await.unwrap();
    simulator
}

#[tokio::test]
async fn a_search_lists_each_analysis_of_the_project_once() {
    let simulator = seeded();
    for size in [1, 7, 25, 1000] {
        let found = search(&simulator).page_size(size).stream();
        let found: Vec<_> = found.map_ok(|found| found.id).try_collect().await.unwrap();
        assert_eq!(found, all(&simulator), "page size {size}");
    }
    simulator.clear_requests();
    let mut pages = search(&simulator).page_size(10).pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        sizes.push(page.len());
    }
    assert_eq!(sizes, [10, 10, 5]);
    let bodies = simulator.requests();
    assert!(
        bodies.iter().all(|seen| seen.body == bodies[0].body),
        "each page has the same filters"
    );
    assert_eq!(simulator.count(Operation::SearchAnalyses), 3);

    simulator.clear_requests();
    assert_eq!(search(&simulator).count().await.unwrap(), ANALYSES as u64);
    assert_eq!(simulator.count(Operation::SearchAnalyses), 1);
    let found = search(&simulator).first().await.unwrap().unwrap();
    assert_eq!(found.id, all(&simulator)[0]);
}

#[tokio::test]
async fn resuming_yields_exactly_the_rest_of_a_filtered_search() {
    let builder = Simulator::builder().search_texts(TextMatch::PartIgnoringCase);
    let simulator = tagged(builder).await;
    for name in ["sample-1", "sample-10", "SAMPLE-1"] {
        for size in [1, 2, 3] {
            let list = || search(&simulator).user_reference(name).page_size(size);
            let mut stream = list().stream();
            let found = stream.try_next().await.unwrap().unwrap();
            assert_eq!(found.user_reference, name);
            let kept = serde_json::to_string(&stream.checkpoint()).unwrap();
            let checkpoint: Checkpoint = serde_json::from_str(&kept).unwrap();
            let rest: Vec<_> = list().resume(checkpoint).unwrap().try_collect().await.unwrap();
            assert!(rest.is_empty(), "{name}, page size {size}");
        }
    }
}

#[tokio::test]
async fn a_checkpoint_belongs_to_its_filters() {
    let simulator = seeded();
    let list = search(&simulator).user_tags(["seeded"]);
    let mut stream = list.clone().stream();
    stream.try_next().await.unwrap();
    let sent = simulator.requests().len();
    for (other, differs) in [
        (
            list.clone().user_tags(["seeded", "b"]),
            "filters [user tag \"seeded\"], not [user tag",
        ),
        (
            list.clone().status([AnalysisStatus::Failed]),
            "not [status FAILED, user tag",
        ),
        (list.clone().exact(false), "comparison exact, not by ICA"),
        (list.clone().page_size(9), "page size 1000, not 9"),
    ] {
        let error = other.resume(stream.checkpoint()).unwrap_err();
        assert!(
            error.is_invalid_input() && error.to_string().contains(differs),
            "{error}"
        );
    }
    let batch = simulator.batches()[0].id;
    let items = project(&simulator).batch(batch).items().resume(stream.checkpoint());
    assert!(items.unwrap_err().to_string().contains("analysis batch absent"));
    assert_eq!(simulator.requests().len(), sent);
}

#[tokio::test]
async fn results_are_exact_however_the_server_compares() {
    for texts in [TextMatch::Whole, TextMatch::PartIgnoringCase] {
        for tags in [TagMatch::All, TagMatch::Any] {
            let simulator = tagged(Simulator::builder().search_texts(texts).search_tags(tags)).await;
            let search = || search(&simulator);
            let named = search().user_reference("sample-1");
            assert_eq!(names(named.clone()).await, ["sample-1"]);
            assert_eq!(named.count().await.unwrap(), 1);
            assert_eq!(
                names(search().technical_tags(["cohort"])).await,
                ["sample-1", "sample-10"]
            );
            let row = search().technical_tags(["cohort", "row-10"]);
            assert_eq!(names(row.clone()).await, ["sample-10"]);
            assert_eq!(row.clone().count().await.unwrap(), 1);
            assert_eq!(row.first().await.unwrap().unwrap().user_reference, "sample-10");
            let reference = search().first().await.unwrap().unwrap().reference;
            assert_eq!(names(search().reference(reference)).await, ["sample-1"]);
            assert!(
                names(search().technical_tags(["cohort"]).user_tags(["u"]))
                    .await
                    .is_empty()
            );
        }
    }
    let lenient = Simulator::builder().search_texts(TextMatch::PartIgnoringCase);
    let simulator = tagged(lenient).await;
    let found = search(&simulator).user_reference("Sample-1").exact(false);
    assert_eq!(found.clone().count().await.unwrap(), 3);
    assert_eq!(names(found).await, ["sample-1", "sample-10", "SAMPLE-1"]);
    assert_eq!(
        search(&simulator).user_reference("Sample-1").first().await.unwrap(),
        None
    );
}

#[tokio::test]
async fn a_search_filters_by_status() {
    let simulator = Simulator::builder()
        .fate("sample-1", Fate::FailRunFinally)
        .fate("sample-2", Fate::AwaitInput)
        .start()
        .unwrap();
    simulator.seed_batch(simulator.project_id(), 4, SeedOptions::default());
    let with = |status: &[AnalysisStatus]| names(search(&simulator).status(status.to_vec()));
    assert_eq!(with(&[AnalysisStatus::FailedFinal]).await, ["sample-1"]);
    let open = [AnalysisStatus::AwaitingInput, AnalysisStatus::FailedFinal];
    assert_eq!(with(&open).await, ["sample-1", "sample-2"]);
    assert_eq!(with(&[]).await.len(), 4);
}

#[tokio::test]
async fn filters_that_no_analysis_can_meet_are_rejected_before_anything_is_sent() {
    let simulator = Simulator::start();
    let search = || search(&simulator);
    for (list, text) in [
        (search().user_reference(""), "the user reference to search for is empty"),
        (
            search().reference("x".repeat(256)),
            "has 256 characters, and no analysis has more than 255",
        ),
        (
            search().technical_tags(["a", ""]),
            "the technical tag to search for is empty",
        ),
        (search().page_size(0), "the page size is 0"),
    ] {
        let error = list.clone().stream().next().await.unwrap().unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(text), "{error}");
        assert!(
            error
                .to_string()
                .starts_with("could not search the analyses of project"),
            "{error}"
        );
        assert!(list.count().await.unwrap_err().is_invalid_input());
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_search_is_retried_and_its_error_says_that_nothing_was_executed() {
    let simulator = seeded();
    let retried = builder(&simulator).clock(ManualClock::new()).build().unwrap();
    let retried = retried.project(simulator.project_id()).unwrap().analyses();
    let fault = |kind| Fault::new(kind).on(Operation::SearchAnalyses);
    for kind in [
        FaultKind::ExecuteThenReset,
        FaultKind::refuse(503),
        FaultKind::TruncateBody,
        FaultKind::HtmlBadGateway,
    ] {
        simulator.faults().add(fault(kind).page(2));
        let found = retried.search().page_size(10).stream().map_ok(|found| found.id);
        assert_eq!(found.try_collect::<Vec<_>>().await.unwrap(), all(&simulator));
    }
    assert_eq!(simulator.faults().pending(), 0);
    simulator.faults().add(fault(FaultKind::ExecuteThenStatus(500)).every());
    let error = retried.search().stream().next().await.unwrap().unwrap_err();
    assert_eq!((error.attempts(), error.execution()), (5, Execution::NotExecuted));
    assert_eq!(error.retry_stop_reason(), Some(RetryStopReason::AttemptsExhausted));
}

#[tokio::test]
async fn a_search_has_a_deadline() {
    let simulator = seeded();
    let clock = ManualClock::new();
    let client = builder(&simulator).clock(clock.clone()).build().unwrap();
    let analyses = client.project(simulator.project_id()).unwrap().analyses();
    let list = || analyses.search().page_size(10).prefetch(false);
    let mut stream = list().list_deadline(Duration::from_secs(60)).stream();
    for _ in 0..10 {
        stream.try_next().await.unwrap().unwrap();
    }
    clock.advance(Duration::from_secs(61));
    let error = stream.try_next().await.unwrap_err();
    assert!(
        error.is_timeout() && error.to_string().contains("the deadline of the list"),
        "{error}"
    );
    assert!(stream.next().await.is_none());
    let rest: Vec<_> = list().resume(stream.checkpoint()).unwrap().try_collect().await.unwrap();
    assert_eq!(rest.len(), ANALYSES - 10);
}

#[tokio::test]
async fn an_analysis_is_read_in_the_version_that_the_policy_names() {
    let simulator = Simulator::builder()
        .versions([ica_simulator::ApiVersion::V3])
        .start()
        .unwrap();
    simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    let analyses = project(&simulator).analyses();
    let id = first(&simulator);
    let policy = VersionPolicy::newest_first();
    for _ in 0..2 {
        let read = analyses.get(id).any_version(policy).await.unwrap();
        assert!(matches!(read, AnyAnalysis::V3(_)));
        assert_eq!((read.id(), read.user_reference()), (id, "sample-0"));
    }
    assert_eq!(simulator.count(Operation::GetAnalysis), 3, "V4 is asked for once");
    let error = analyses.get(id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VersionNotSupported);
    let exact = VersionPolicy::exact(ApiVersion::V4);
    assert!(analyses.get(id).any_version(exact).await.is_err());
}

#[tokio::test]
async fn both_versions_have_the_same_details() {
    let simulator = Simulator::builder()
        .fate("sample-0", Fate::FailRunFinally)
        .start()
        .unwrap();
    simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    let analyses = project(&simulator).analyses();
    let (v3, v4) = (
        analyses.get(first(&simulator)).version::<V3>(),
        analyses.get(first(&simulator)),
    );
    let (v3, v4) = (AnyAnalysis::V3(v3.await.unwrap()), AnyAnalysis::V4(v4.await.unwrap()));
    assert_eq!(AnalysisDetails::status(&v3), AnalysisStatus::FailedFinal);
    assert_eq!(AnalysisDetails::status(&v4), AnalysisStatus::FailedFinal);
    assert_eq!((v3.reference(), v3.tags()), (v4.reference(), v4.tags()));
    assert_eq!((v3.started(), v3.ended()), (v4.started(), v4.ended()));
    assert_eq!((v3.owner_id(), v3.tenant_id()), (v4.owner_id(), v4.tenant_id()));
    assert_eq!((v3.summary(), v3.ended().is_some()), (v4.summary(), true));
    assert!(v3.summary().is_some());
}

#[tokio::test]
async fn an_unknown_analysis_is_not_found() {
    let simulator = Simulator::start();
    let analyses = project(&simulator).analyses();
    let id = Uuid::from_u128(7);
    for error in [
        analyses.get(id).await.unwrap_err(),
        analyses.abort(id).await.unwrap_err(),
        analyses.steps(id).await.unwrap_err(),
        analyses.outputs(id).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.execution(), Execution::NotExecuted);
        assert!(error.to_string().contains(&id.to_string()), "{error}");
    }
}

#[tokio::test]
async fn an_abort_whose_response_is_lost_is_retried() {
    let simulator = Simulator::start();
    let new = SeedOptions::default().age(Duration::from_secs(60));
    simulator.seed_batch(simulator.project_id(), 1, new);
    let retried = builder(&simulator).clock(ManualClock::new()).build().unwrap();
    let analyses = retried.project(simulator.project_id()).unwrap().analyses();
    let abort = Operation::AbortAnalysis;
    simulator
        .faults()
        .add(Fault::new(FaultKind::ExecuteThenReset).on(abort));
    analyses.abort(first(&simulator)).await.unwrap();
    assert_eq!(simulator.count(abort), 2);
    assert_eq!(simulator.batches()[0].items[0].created_status, Some("ABORTING"));

    // Such a response to an abort of an aborted run is possible: ICA does not publish what it sends.
    simulator
        .faults()
        .add(Fault::new(FaultKind::ExecuteThenStatus(500)).on(abort));
    simulator
        .faults()
        .add(Fault::new(FaultKind::refuse(400)).on(abort).nth(2));
    let error = analyses.abort(first(&simulator)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Rejected, 2));
    assert_eq!(
        error.execution(),
        Execution::Unknown,
        "the first attempt may have been executed"
    );
}

#[tokio::test]
async fn an_abort_can_be_made_without_retries() {
    let simulator = seeded();
    simulator.faults().add(Fault::new(FaultKind::refuse(503)).every());
    let error = client(&simulator).project(simulator.project_id()).unwrap().analyses();
    let error = error.abort(first(&simulator)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 1));
    assert_eq!(simulator.count(Operation::GetItems(Family::Analysis)), 0);
}
