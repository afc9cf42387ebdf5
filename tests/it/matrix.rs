//! Every fault against every call: what came of it, how often it was sent, what the server did, and what the error says.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{AnalysisCreation, Batch, Credentials, Error, Execution, Project};
use ica_simulator::{Family, Fault, FaultKind, Operation, RetryAfter, SeedOptions, Simulator, StallFor};

use crate::setup::{NOBODY, builder, request};

/// How long an attempt may take where the server stalls: long enough for an ordinary answer on a busy machine. Real time, for
/// it bounds a real connection.
const STALLED: Duration = Duration::from_secs(1);
const ORDINARY: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Create,
    CreateUnkeyed,
    Get,
    List,
    Item,
    Mint,
}

const CALLS: [Call; 6] = [
    Call::Create,
    Call::CreateUnkeyed,
    Call::Get,
    Call::List,
    Call::Item,
    Call::Mint,
];

impl Call {
    fn operation(self) -> Operation {
        match self {
            Self::Create | Self::CreateUnkeyed => Operation::CreateBatch(Family::Analysis),
            Self::Get => Operation::GetBatch(Family::Analysis),
            Self::List => Operation::GetItems(Family::Analysis),
            Self::Item => Operation::GetItem(Family::Analysis),
            Self::Mint => Operation::CreateToken,
        }
    }
}

/// A fault by its name in the matrix; None is a port that nobody listens on.
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
    // Cells in which the server stalls wait most of their time, so all of them wait at once, after the others.
    let (mut busy, mut stalled) = (Vec::new(), Vec::new());
    for (name, kind) in faults(&elsewhere.base_url()) {
        let cells = if name.starts_with("stalled") {
            &mut stalled
        } else {
            &mut busy
        };
        for call in CALLS {
            cells.push(line(name, kind.clone(), call));
        }
    }
    let mut lines = stream::iter(busy).buffered(8).collect::<Vec<_>>().await;
    lines.extend(join_all(stalled).await);
    let mut table = String::new();
    for line in lines {
        writeln!(table, "{}", line.trim_end()).unwrap();
    }
    assert_eq!(elsewhere.requests().len(), 0, "no redirect is followed");
    insta::assert_snapshot!(table);
}

/// The call against the fault that shows once, and against the fault that stays.
async fn line(name: &str, kind: Option<FaultKind>, call: Call) -> String {
    let once = match &kind {
        Some(kind) => cell(call, Some(Fault::new(kind.clone()))).await,
        None => "-".to_owned(),
    };
    let always = cell(call, kind.map(|kind| Fault::new(kind).every())).await;
    format!(
        "{name:<23} {:<13} once: {once:<78} always: {always}",
        format!("{call:?}")
    )
}

/// Makes the call against the fault, or against a port that nobody listens on, and says what came of it.
async fn cell(call: Call, fault: Option<Fault>) -> String {
    let simulator = Simulator::start();
    let batch = simulator.seed_batch(simulator.project_id(), 3, SeedOptions::default());
    let item = simulator.batches()[0].items[0].id;
    let stalls = fault
        .as_ref()
        .is_some_and(|fault| format!("{fault:?}").contains("Stall"));
    // Without a listener the connection is to be refused for the call itself, on no connection that was open before.
    let is_fresh = fault.is_none() && call != Call::Mint;
    let credentials = match is_fresh {
        true => Credentials::api_key_direct(simulator.api_key()).unwrap(),
        false => Credentials::api_key(simulator.api_key()).unwrap(),
    };
    let mut client = builder(&simulator);
    if fault.is_none() {
        client = client.base_url(NOBODY);
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
    let batch = project.batch(batch);
    if call != Call::Mint && !is_fresh {
        batch.get().attempt_timeout(ORDINARY).await.unwrap();
    }
    simulator.clear_requests();
    if let Some(fault) = fault {
        simulator.faults().add(fault.on(call.operation()));
    }
    let result = make(call, &project, &batch, item).await;
    let is_create = matches!(call, Call::Create | Call::CreateUnkeyed);
    // A stalled request may still be on its way to the record of what was executed, but never to being executed twice.
    let (sent, executed) = (simulator.count(call.operation()), simulator.executed_creates());
    if call == Call::Create {
        assert!(executed <= 1, "{call:?} executed {executed} times");
    }
    if let Err(error) = &result
        && error.execution() == Execution::NotExecuted
    {
        assert_eq!(executed, 0, "{error:?}");
    }
    describe(&result, sent, is_create.then_some(executed))
}

async fn make(
    call: Call,
    project: &Project,
    batch: &Batch<AnalysisCreation>,
    item: ica_batch_sdk_ext::Uuid,
) -> Result<(), Error> {
    match call {
        Call::Create => project.create_batch(request(&["a"])).await.map(drop),
        Call::CreateUnkeyed => project
            .create_batch(request(&["a"]))
            .without_idempotency_key()
            .await
            .map(drop),
        Call::Get | Call::Mint => batch.get().await.map(drop),
        Call::List => batch.items().stream().next().await.unwrap().map(drop),
        Call::Item => batch.item(item).await.map(drop),
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
                Some(reason) => format!(", gave up: {}", format!("{reason:?}").split(' ').next().unwrap()),
                None => String::new(),
            };
            let (attempts, says) = (error.attempts(), error.execution());
            format!("{kind}, attempts {attempts}, sent {sent}{executed}, says {says:?}{retry_stop_reason}")
        }
    }
}
