//! Every fault against every call: the result, the number of requests, what the server executed,
//! and the text of the error.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{Credentials, Error, Execution, Project, Uuid};
use ica_simulator::{
    Family, Fault, FaultKind, Operation, RetryAfter, SeedData, SeedOptions, SeedPipeline, Simulator, StallFor,
};

use crate::setup::{UNREACHABLE, builder, request, sample_request};

/// Time limit of an attempt where the server stalls: long enough for an ordinary response on a busy
/// machine. Real time, because it limits a real connection.
const STALLED: Duration = Duration::from_secs(1);
const ORDINARY: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Create,
    CreateAtMostOnce,
    CreateUnkeyed,
    Get,
    List,
    Item,
    Mint,
    CreateSamples,
    GetSamples,
    ListSamples,
    ItemOfSamples,
    Search,
    GetAnalysis,
    Abort,
    Steps,
    Outputs,
    Data,
    Pipelines,
    Storages,
}

const CALLS: [Call; 19] = [
    Call::Create,
    Call::CreateAtMostOnce,
    Call::CreateUnkeyed,
    Call::Get,
    Call::List,
    Call::Item,
    Call::Mint,
    Call::CreateSamples,
    Call::GetSamples,
    Call::ListSamples,
    Call::ItemOfSamples,
    Call::Search,
    Call::GetAnalysis,
    Call::Abort,
    Call::Steps,
    Call::Outputs,
    Call::Data,
    Call::Pipelines,
    Call::Storages,
];

impl Call {
    fn operation(self) -> Operation {
        let family = self.family();
        match self {
            Self::Create | Self::CreateAtMostOnce | Self::CreateUnkeyed | Self::CreateSamples => {
                Operation::CreateBatch(family)
            }
            Self::Get | Self::GetSamples => Operation::GetBatch(family),
            Self::List | Self::ListSamples => Operation::GetItems(family),
            Self::Item | Self::ItemOfSamples => Operation::GetItem(family),
            Self::Search => Operation::SearchAnalyses,
            Self::GetAnalysis => Operation::GetAnalysis,
            Self::Abort => Operation::AbortAnalysis,
            Self::Steps => Operation::GetAnalysisSteps,
            Self::Outputs => Operation::GetAnalysisOutputs,
            Self::Data => Operation::ListData,
            Self::Pipelines => Operation::ListPipelines,
            Self::Storages => Operation::ListStorages,
            Self::Mint => Operation::CreateToken,
        }
    }

    fn family(self) -> Family {
        match self {
            Self::CreateSamples | Self::GetSamples | Self::ListSamples | Self::ItemOfSamples => Family::Sample,
            _ => Family::Analysis,
        }
    }

    fn is_create(self) -> bool {
        matches!(
            self,
            Self::Create | Self::CreateAtMostOnce | Self::CreateUnkeyed | Self::CreateSamples
        )
    }
}

/// ICA executes a create and forgets its key. Each request with the key creates again.
const FORGOTTEN: &str = "executed, key forgotten";

/// Returns each fault with its name in the matrix. None is a port without a listener.
fn faults(elsewhere: &str) -> Vec<(&'static str, Option<FaultKind>)> {
    let refuse = |status, retry_after| FaultKind::Refuse {
        status,
        title: None,
        retry_after,
    };
    vec![
        ("connection refused", None),
        ("reset before executing", Some(FaultKind::ResetBeforeExecuting)),
        ("executed, then reset", Some(FaultKind::ExecuteThenReset)),
        ("executed, then 500", Some(FaultKind::ExecuteThenStatus(500))),
        (FORGOTTEN, Some(FaultKind::ExecuteThenForgetKey(500))),
        ("executed, proxy: 401", Some(FaultKind::ExecuteThenHtml(401))),
        ("executed, proxy: 404", Some(FaultKind::ExecuteThenHtml(404))),
        ("executed, proxy: 422", Some(FaultKind::ExecuteThenHtml(422))),
        ("executed, proxy: 429", Some(FaultKind::ExecuteThenHtml(429))),
        (
            "stalled, not executed",
            Some(FaultKind::StallBeforeExecuting(StallFor::UntilClosed)),
        ),
        (
            "stalled, executed",
            Some(FaultKind::StallAfterExecuting(StallFor::UntilClosed)),
        ),
        ("truncated body", Some(FaultKind::TruncateBody)),
        ("malformed JSON", Some(FaultKind::MalformedJson)),
        ("HTML 502", Some(FaultKind::HtmlBadGateway)),
        ("429, in 2 s", Some(refuse(429, RetryAfter::Seconds(2)))),
        (
            "429, at a date",
            Some(refuse(429, RetryAfter::HttpDate(Duration::from_secs(2)))),
        ),
        ("429, in an hour", Some(refuse(429, RetryAfter::Seconds(3600)))),
        ("503", Some(FaultKind::refuse(503))),
        ("409", Some(FaultKind::refuse(409))),
        ("422", Some(FaultKind::refuse(422))),
        ("401 expired", Some(FaultKind::refuse(401))),
        ("400 problem", Some(FaultKind::refuse(400))),
        ("303 elsewhere", Some(refuse(303, RetryAfter::Absent))),
        ("redirect elsewhere", Some(FaultKind::RedirectTo(elsewhere.to_owned()))),
        ("other version", Some(FaultKind::OtherVersion { honest: true })),
        ("oversized body", Some(FaultKind::OversizedBody(2_000_000))),
    ]
}

#[tokio::test]
async fn every_fault_against_every_call() {
    let elsewhere = Arc::new(Simulator::start());
    // Cells in which the server stalls wait most of their time, so all of them wait at once, after
    // the others.
    let (mut busy, mut stalled) = (Vec::new(), Vec::new());
    for (name, kind) in faults(&elsewhere.base_url()) {
        let cells = if name.starts_with("stalled") {
            &mut stalled
        } else {
            &mut busy
        };
        let calls = CALLS.into_iter().filter(|call| name != FORGOTTEN || call.is_create());
        for call in calls {
            cells.push(line(name, kind.clone(), call));
        }
    }
    let mut lines = stream::iter(busy).buffered(8).collect::<Vec<_>>().await;
    lines.extend(join_all(stalled).await);
    let mut table = String::new();
    for line in &lines {
        writeln!(table, "{}", line.row).unwrap();
    }
    // Each text once, for the first fault that leads to it.
    let mut seen = BTreeSet::new();
    for line in lines {
        if let Some(text) = line.text
            && seen.insert(text.clone())
        {
            write!(table, "\n{}, {:?}:\n  {text}\n", line.fault, line.call).unwrap();
        }
    }
    assert_eq!(elsewhere.requests().len(), 0, "no redirect is followed");
    let settings = ids_replaced(&elsewhere);
    settings.bind(|| insta::assert_snapshot!(table));
}

/// Replaces ids and addresses, which differ from run to run, in the snapshot.
fn ids_replaced(elsewhere: &Simulator) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"(project) [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "$1 {project}");
    settings.add_filter(r"(analysis) [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "$1 {analysis}");
    settings.add_filter(r"(item) [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "$1 {item}");
    settings.add_filter(r"(batch) [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "$1 {batch}");
    let origin = elsewhere.base_url().replace("/ica/rest", "");
    settings.add_filter(&origin.replace('.', r"\."), "{elsewhere}");
    settings
}

/// A row of the matrix, and the text of the error of the fault that stays.
struct Line {
    fault: String,
    call: Call,
    row: String,
    text: Option<String>,
}

/// Makes the call against the fault that occurs once, and against the fault that stays.
async fn line(name: &str, kind: Option<FaultKind>, call: Call) -> Line {
    let once = match &kind {
        Some(kind) => cell(call, Some(Fault::new(kind.clone()))).await.0,
        None => "-".to_owned(),
    };
    let (always, text) = cell(call, kind.map(|kind| Fault::new(kind).every())).await;
    let row = format!(
        "{name:<23} {:<13} once: {once:<88} always: {always}",
        format!("{call:?}")
    );
    Line {
        fault: name.to_owned(),
        call,
        row: row.trim_end().to_owned(),
        text,
    }
}

/// Makes the call against the fault, or against a port without a listener. Returns the cell of the
/// matrix and the text of the error.
async fn cell(call: Call, fault: Option<Fault>) -> (String, Option<String>) {
    let simulator = Simulator::start();
    let mut seed = SeedOptions::default().family(call.family());
    if call == Call::Abort {
        seed = seed.age(Duration::from_secs(60)); // so that the run has not ended
    }
    let id = simulator.seed_batch(simulator.project_id(), 3, seed);
    simulator.seed_data(simulator.project_id(), [SeedData::file("/a.txt")]);
    simulator.seed_pipeline(simulator.project_id(), SeedPipeline::new("a"));
    let item = simulator.batches()[0].items[0].id;
    let analysis = simulator.batches()[0].items[0].created_id.unwrap();
    let stalls = fault
        .as_ref()
        .is_some_and(|fault| format!("{fault:?}").contains("Stall"));
    // Without a listener the connection is to be refused for the call itself, on no connection that
    // was open before.
    let forgets = format!("{fault:?}").contains("ForgetKey");
    let is_fresh = fault.is_none() && call != Call::Mint;
    let credentials = match is_fresh {
        true => Credentials::api_key_direct(simulator.api_key()).unwrap(),
        false => Credentials::api_key(simulator.api_key()).unwrap(),
    };
    let mut client = builder(&simulator);
    if fault.is_none() {
        client = client.base_url(UNREACHABLE);
    }
    let client = client
        .credentials(credentials)
        .clock(ManualClock::new())
        .jitter_seed(7)
        .attempt_timeout(if stalls { STALLED } else { ORDINARY })
        .response_limit(1_000_000)
        .build()
        .unwrap();
    let project = client.project(simulator.project_id()).unwrap();
    if call != Call::Mint && !is_fresh {
        let get = match call.family() {
            Family::Analysis => project.batch(id).get().attempt_timeout(ORDINARY).await.map(drop),
            _ => project.sample_batch(id).get().attempt_timeout(ORDINARY).await.map(drop),
        };
        get.unwrap();
    }
    simulator.clear_requests();
    if let Some(fault) = fault {
        simulator.faults().add(fault.on(call.operation()));
    }
    let result = make(call, &project, id, item, analysis).await;
    // The simulator may record a stalled request later, but it never executes it twice.
    let (sent, executed) = (simulator.count(call.operation()), simulator.executed_creates());
    let is_once = matches!(call, Call::CreateAtMostOnce | Call::CreateUnkeyed);
    if call.is_create() && (is_once || !forgets) {
        assert!(executed <= 1, "{call:?} executed {executed} times");
    }
    if let Err(error) = &result
        && error.execution() == Execution::NotExecuted
    {
        assert_eq!(executed, 0, "{error:?}");
        let status = simulator.batches()[0].items[0].created_status;
        assert_ne!(status, Some("ABORTING"), "{error:?}");
    }
    let text = result.as_ref().err().map(Error::to_string);
    (describe(&result, sent, call.is_create().then_some(executed)), text)
}

async fn make(call: Call, project: &Project, id: Uuid, item: Uuid, analysis: Uuid) -> Result<(), Error> {
    let analyses = project.analyses();
    let (batch, samples) = (project.batch(id), project.sample_batch(id));
    match call {
        Call::Create => project.create_batch(request(&["a"])).await.map(drop),
        Call::CreateAtMostOnce => project.create_batch(request(&["a"])).at_most_once().await.map(drop),
        Call::CreateUnkeyed => {
            let create = project.create_batch(request(&["a"]));
            create.without_idempotency_key().await.map(drop)
        }
        Call::Get | Call::Mint => batch.get().await.map(drop),
        Call::List => batch.items().stream().next().await.unwrap().map(drop),
        Call::Item => batch.item(item).await.map(drop),
        Call::CreateSamples => project.create_sample_batch(sample_request(&["a"])).await.map(drop),
        Call::GetSamples => samples.get().await.map(drop),
        Call::ListSamples => samples.items().stream().next().await.unwrap().map(drop),
        Call::ItemOfSamples => samples.item(item).await.map(drop),
        Call::Search => analyses.search().stream().next().await.unwrap().map(drop),
        Call::GetAnalysis => analyses.get(analysis).await.map(drop),
        Call::Abort => analyses.abort(analysis).await,
        Call::Steps => analyses.steps(analysis).await.map(drop),
        Call::Outputs => analyses.outputs(analysis).await.map(drop),
        Call::Data => project.data().resolve(["/a.txt"]).await?.into_result().map(drop),
        Call::Pipelines => project.pipelines().find("a").await.map(drop),
        Call::Storages => project.storages().find("Small").await.map(drop),
    }
}

fn describe(result: &Result<(), Error>, sent: usize, executed: Option<usize>) -> String {
    let executed = executed
        .map(|executed| format!(", executed {executed}"))
        .unwrap_or_default();
    match result {
        Ok(()) => format!("ok, sent {sent}{executed}"),
        Err(error) => {
            let kind = format!("{:?}", error.kind());
            let retry_stop_reason = match error.retry_stop_reason() {
                Some(reason) => format!(", stopped: {}", format!("{reason:?}").split(' ').next().unwrap()),
                None => String::new(),
            };
            let (attempts, says) = (error.attempts(), error.execution());
            format!("{kind}, attempts {attempts}, sent {sent}{executed}, says {says:?}{retry_stop_reason}")
        }
    }
}
