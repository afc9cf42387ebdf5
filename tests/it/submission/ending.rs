//! Errors that end runs and waits: their reports, and what they leave in the journal.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::TryStreamExt;
use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::{AccessToken, Credentials, Error, ErrorKind, Journal, Submission, SubmissionEvent};
use ica_simulator::{Family, Fault, FaultKind, Lifecycle, Operation, Simulator, TokenOrigin};

use super::fixture::{Fixture, manifest};
use crate::setup::builder;

const LIST: Operation = Operation::GetItems(Family::Analysis);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Opens another journal of this name.
fn journal(fixture: &Fixture, name: &str) -> Journal {
    Journal::open(fixture.folder.path().join(name)).unwrap()
}

#[tokio::test]
async fn a_failure_that_ends_a_run_has_the_report_of_what_is_recorded() {
    let fixture = Fixture::without_retries();
    fixture.fail_create(2, FaultKind::refuse(503));
    fixture.fail_create(3, FaultKind::refuse(403));
    let submission = fixture.patient_submission("s").marks(false);
    let run = submission.analyses(manifest(["a", "b", "c", "d", "e"])).run();
    let error = run.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    let report = error.submission_report().expect("the journal can be read");
    let shown = report.analyses().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(shown[0].starts_with("a: created"), "{shown:?}");
    assert!(
        shown[2].starts_with("c: pending: server error (HTTP 503"),
        "the last failures are known: {shown:?}"
    );
    assert_eq!((report.created(), report.counts().pending()), (2, 3));
    assert!(error.submission_wait_report().is_none());
}

#[tokio::test]
async fn a_manifest_that_changed_and_a_missing_submission() {
    let fixture = Fixture::new();
    let first = fixture.submission("s").analyses(manifest(["a", "b"])).run();
    first.await.unwrap();
    let changed = fixture.submission("s").analyses(manifest(["a", "x"])).run();
    let error = changed.await.unwrap_err();
    assert!(error.manifest_changes().is_some(), "{error}");
    assert_eq!(error.submission_report().unwrap().created(), 2);
    let error = fixture
        .submission("s")
        .analyses(manifest(["a"]))
        .plan()
        .await
        .unwrap_err();
    assert_eq!(error.submission_report().unwrap().created(), 2, "{error}");
    let error = fixture.submission("other").run().await.unwrap_err();
    assert!(error.is_invalid_input() && error.submission_report().is_none());
}

#[tokio::test]
async fn a_failure_that_ends_a_wait_has_the_report_of_what_was_seen() {
    let fixture = Fixture::living(Lifecycle::instant().run(HOUR));
    let run = fixture.submission("s").analyses(manifest(["a", "b", "c"])).run();
    run.await.unwrap();
    fixture.simulator.clear_requests();
    let forbidden = Fault::new(FaultKind::refuse(403)).on(LIST).nth(5);
    fixture.simulator.faults().add(forbidden);
    let error = fixture.submission("s").wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    assert!(error.code().unwrap().starts_with("ICA_"), "{error:?}");
    let report = error.submission_wait_report().expect("the journal can be read");
    let counts = report.counts();
    assert_eq!((counts.analyses, counts.pending()), (3, 3));
    assert_eq!(counts.by_run_status.values().sum::<u64>(), 3, "{counts:?}");
    assert_eq!(error.submission_report().unwrap().created(), 3);
}

/// Returns a wait of another journal, which finds an analysis of the submission twice.
async fn with_duplicate(fixture: &Fixture, journal: &Journal) -> Submission {
    let names = ["a", "b", "c"];
    fixture.submission("s").analyses(manifest(names)).run().await.unwrap();
    fixture.send_last_create_again().await;
    let submission = fixture.project.submission("s", journal).chunk_size(2);
    submission.analyses(manifest(names))
}

fn assert_tells_duplicates(error: &Error) {
    let text = error.to_string();
    assert!(
        text.contains("; ICA has more analyses with the marks of ") && text.contains("for 1 user reference (c)"),
        "{text}"
    );
    assert_eq!(error.submission_report().unwrap().duplicates(), ["c"]);
}

#[tokio::test]
async fn an_error_of_the_wait_does_not_hide_analyses_that_exist_several_times() {
    let fixture = Fixture::living(Lifecycle::instant().run(HOUR));
    let second = journal(&fixture, "second.db");
    let submission = with_duplicate(&fixture, &second).await;
    let wait = submission.run_to_end().wait_deadline(60 * SECOND);
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout, "{error}");
    assert_tells_duplicates(&error);
    assert!(error.submission_wait_report().is_some());
}

#[tokio::test]
async fn an_error_of_the_run_does_not_hide_analyses_that_exist_several_times() {
    let fixture = Fixture::new();
    let second = journal(&fixture, "second.db");
    // One more row is left to be sent, and ICA refuses it.
    let submission = with_duplicate(&fixture, &second).await;
    let forbidden = Fault::new(FaultKind::refuse(403)).on(Operation::CreateBatch(Family::Analysis));
    fixture.simulator.faults().add(forbidden);
    let more = submission.analyses(manifest(["a", "b", "c", "d", "e"]));
    let error = more.run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    assert_tells_duplicates(&error);
}

#[tokio::test]
async fn a_refused_submission_is_not_left_as_work_that_is_pending() {
    let fixture = Fixture::new();
    let run = fixture.submission("s").analyses(manifest(["a", "b"])).run();
    run.await.unwrap();
    let other = journal(&fixture, "other.db");
    let submission = || fixture.project.submission("s", &other);
    let error = submission().analyses(manifest(["x"])).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ManifestChanged, "{error}");
    assert!(error.submission_report().is_none(), "nothing is recorded");
    assert!(other.submissions().unwrap().is_empty());
    // A submission that was planned before the run stays.
    submission().analyses(manifest(["x"])).plan().await.unwrap();
    let error = submission().run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ManifestChanged, "{error}");
    assert_eq!(error.submission_report().unwrap().counts().pending(), 1);
    let report = submission().allow_strangers().run().await.unwrap();
    assert_eq!(report.created(), 1);
}

#[tokio::test]
async fn a_refused_submission_keeps_what_an_earlier_run_sent() {
    let fixture = Fixture::new();
    fixture.fail_create(2, FaultKind::refuse(403));
    let submission = || fixture.submission("s").analyses(manifest(["a", "b", "c"]));
    submission().run().await.unwrap_err();
    fixture.simulator.faults().clear();
    fixture.simulator.faults().date_skew(TimeDelta::minutes(10));
    fixture.clock.advance(2 * HOUR);
    let error = submission().run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClockSkew, "{error}");
    assert!(error.to_string().contains("and nothing further was sent"), "{error}");
    assert_eq!(error.submission_report().unwrap().created(), 2);
    assert_eq!(fixture.entry().counts().pending(), 1);
}

/// Lets the first list fail once in another way, so that the failure of the settings follows a response.
fn pause_first_list(fixture: &Fixture) {
    let pause = Fault::new(FaultKind::refuse_for(429, 100)).on(Operation::SearchAnalyses);
    fixture.simulator.faults().add(pause);
}

/// Returns the kinds of the failures of the first list.
async fn failed_searches(submission: Submission) -> Vec<ErrorKind> {
    let mut run = submission.progress();
    let mut failures = Vec::new();
    while let Some(progress) = run.try_next().await.unwrap() {
        if let SubmissionEvent::SearchSetAside { failure, .. } = progress.event() {
            failures.push(failure.kind);
        }
    }
    failures
}

#[tokio::test]
async fn a_provider_that_fails_during_the_first_list_ends_no_run_after_a_response() {
    let tokens: Arc<Mutex<VecDeque<Option<AccessToken>>>> = Arc::default();
    let shared = Arc::clone(&tokens);
    let provider = move || {
        let next = shared.lock().unwrap().pop_front().flatten();
        async move { next.ok_or("the vault is sealed") }
    };
    let fixture = Fixture::with(Simulator::builder(), |client| {
        let never = ica_batch_sdk_ext::retry::RetryPolicy::never();
        client.credentials(Credentials::provider(provider)).retry(never)
    });
    let token = || AccessToken::new(fixture.simulator.issue_token(TokenOrigin::User, HOUR)).unwrap();
    let short = token().with_expiry(fixture.clock.now() + 90 * SECOND);
    // The second token is asked for after the pause, and the vault is sealed then.
    *tokens.lock().unwrap() = [Some(short), None, Some(token())].into();
    pause_first_list(&fixture);
    let failures = failed_searches(fixture.patient_submission("s").analyses(manifest(["a"]))).await;
    assert_eq!(failures, [ErrorKind::RateLimited, ErrorKind::Credentials]);
    fixture.assert_created_once(["a"]);
}

#[tokio::test]
async fn a_provider_that_fails_from_the_start_ends_a_wait() {
    let fixture = Fixture::new();
    let run = fixture.submission("s").analyses(manifest(["a"])).run();
    run.await.unwrap();
    let sealed = Credentials::provider(|| async { Err::<AccessToken, _>("the vault is sealed") });
    let client = builder(&fixture.simulator)
        .credentials(sealed)
        .clock(fixture.clock.clone());
    let project = client.build().unwrap().project(fixture.simulator.project_id()).unwrap();
    let started = fixture.clock.elapsed();
    let error = project.submission("s", &fixture.journal).wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    assert!(fixture.clock.elapsed() - started < 60 * SECOND);
    assert_eq!(error.submission_wait_report().unwrap().counts().analyses, 1);
}

#[tokio::test]
async fn a_redirect_ends_a_run_only_before_the_first_response() {
    let redirect = || FaultKind::RedirectTo("https://login.example/".to_owned());
    let fixture = Fixture::without_retries();
    fixture.simulator.faults().add(Fault::new(redirect()).every());
    let submission = || fixture.patient_submission("s").analyses(manifest(["a"]));
    let error = submission().run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirected, "{error}");
    assert!(fixture.clock.sleeps().is_empty());
    fixture.simulator.faults().clear();
    // ICA responds to the request that asks for its time.
    let once = Fault::new(redirect()).on(Operation::SearchAnalyses);
    fixture.simulator.faults().add(once);
    assert_eq!(failed_searches(submission()).await, [ErrorKind::Redirected]);
    fixture.assert_created_once(["a"]);
}
