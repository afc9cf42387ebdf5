//! The comparison of a journal with ICA.

use ica_batch_sdk_ext::{AuditCounts, AuditProblem, OnChange};
use ica_simulator::{Family, Fate, FaultKind, Operation};

use super::fixture::{Fixture, manifest};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Creates the analyses of the last request again.
async fn create_again(fixture: &Fixture, change: impl Fn(String) -> String) {
    let requests = fixture.simulator.requests().into_iter().rev();
    let mut creates = requests.filter(|request| request.operation == Some(Operation::CreateBatch(Family::Analysis)));
    let body = String::from_utf8(creates.next().unwrap().body.to_vec()).unwrap();
    let body: ica_batch_sdk_ext::types::CreateAnalysisCreationBatch = serde_json::from_str(&change(body)).unwrap();
    fixture.project.create_batch(body).await.unwrap();
}

#[tokio::test]
async fn an_audit_finds_what_is_missing_and_what_is_too_many() {
    use AuditProblem::{Several, Stranger};
    let fixture = Fixture::new();
    fixture.submission("s").analyses(manifest(NAMES)).run().await.unwrap();
    let audit = fixture.submission("s").audit().await.unwrap();
    assert!(audit.is_clean() && audit.counts().once == 5, "{audit}");
    // The bytes of the last chunk again, and with another name.
    create_again(&fixture, |body| body).await;
    create_again(&fixture, |body| body.replace("\"e\"", "\"x\"")).await;
    let audit = fixture.submission("s").audit().await.unwrap();
    let found = audit.findings().iter();
    let found = found.map(|finding| (finding.user_reference.as_str(), finding.problem, finding.analyses.len()));
    assert_eq!(found.collect::<Vec<_>>(), [("e", Several, 2), ("x", Stranger, 1)]);
    let counts = audit.findings().iter().map(|finding| finding.count);
    assert_eq!(counts.collect::<Vec<_>>(), [2, 1], "the number of analyses");
    assert_eq!((audit.counts().findings, audit.counts().pending), (2, 0));
    let text = audit.to_string();
    assert!(
        text.ends_with("4 rows once, 0 missing, 1 several times (1 analysis too many), 0 not recorded, 1 unknown"),
        "{text}"
    );
    let unmarked = fixture.submission("t").marks(false).analyses(manifest(["y"]));
    unmarked.run().await.unwrap();
    let error = fixture.submission("t").audit().await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("have no marks"),
        "{error}"
    );
}

#[tokio::test]
async fn an_audit_finds_an_analysis_that_ica_does_not_have() {
    let fixture = Fixture::new();
    fixture.simulator.set_fate("b", Fate::FailCreation);
    // Without its item, the journal does not know that it was not created.
    let submission = fixture.submission("s").lookup_items(false);
    submission.analyses(manifest(NAMES)).run().await.unwrap();
    let audit = fixture.submission("s").audit().await.unwrap();
    assert_eq!((audit.counts().once, audit.counts().missing), (4, 1), "{audit}");
    assert_eq!(audit.findings()[0].to_string(), "b: missing in ICA");
}

/// A row without an analysis and a row with two do not make up for each other.
#[tokio::test]
async fn rows_with_one_user_reference_are_audited_one_by_one() {
    let fixture = Fixture::new();
    let submission = || {
        let submission = fixture.submission("s").allow_duplicate_references();
        submission.on_change(OnChange::AcceptAdditions).lookup_items(false)
    };
    let mut rows = manifest(["a", "a", "b"]);
    rows[1].pipeline_id = uuid::Uuid::from_u128(7).to_string();
    fixture.simulator.set_fate("a", Fate::FailCreation);
    submission().analyses(rows[..1].to_vec()).run().await.unwrap();
    fixture.simulator.set_fate("a", Fate::Succeed);
    submission().analyses(rows.clone()).run().await.unwrap();
    create_again(&fixture, |body| body).await;
    let audit = submission().audit().await.unwrap();
    let findings = audit.findings().iter();
    let findings = findings.map(|finding| (finding.problem, finding.position, finding.analyses.len()));
    let expected = [
        (AuditProblem::Missing, Some(0), 0),
        (AuditProblem::Several, Some(1), 2),
        (AuditProblem::Several, Some(2), 2),
    ];
    let mut findings = findings.collect::<Vec<_>>();
    findings.sort_by_key(|finding| finding.1);
    assert_eq!(findings, expected, "{:?}", audit.findings());
    let rows = |counts: AuditCounts| [counts.once, counts.missing, counts.several, counts.too_many];
    assert_eq!(rows(audit.counts()), [0, 1, 2, 2], "{audit}");
    // The journal learns the ids of the analyses, and that the first one was not created.
    submission().refresh().await.unwrap();
    let audit = submission().audit().await.unwrap();
    assert_eq!(rows(audit.counts()), [0, 0, 2, 2], "{audit}");
    let created = fixture.simulator.batches();
    assert_eq!(created.len(), 3);
    for finding in audit.findings() {
        assert_eq!((finding.analyses.len(), finding.count), (2, 2), "{finding}");
        assert_eq!(finding.recorded, finding.analyses[..1], "the recorded one comes first");
        let text = format!("analysis {} (recorded), {}", finding.analyses[0], finding.analyses[1]);
        assert!(finding.to_string().ends_with(&text), "{finding}");
    }
}

/// ICA may show an item without its analysis, such as after somebody deleted it. The journal keeps what
/// it has.
#[tokio::test]
async fn an_audit_names_the_recorded_analysis_that_was_deleted() {
    let fixture = Fixture::new();
    fixture.submission("s").analyses(manifest(NAMES)).run().await.unwrap();
    let before = fixture.submission("s").wait().await.unwrap();
    let lost = fixture.simulator.batches()[0].items[1].created_id.unwrap();
    assert!(fixture.simulator.delete_analysis(lost));
    for _ in 0..2 {
        let audit = fixture.submission("s").audit().await.unwrap();
        assert_eq!((audit.counts().once, audit.counts().missing), (4, 1), "{audit}");
        let finding = &audit.findings()[0];
        assert_eq!((&finding.recorded[..], &finding.analyses[..]), (&[lost][..], &[][..]));
        assert_eq!(
            finding.to_string(),
            format!("b: missing in ICA: recorded analysis {lost}")
        );
        // It reads the items of each batch.
        let after = fixture.submission("s").refresh().await.unwrap();
        assert_eq!(after.submission(), before.submission());
    }
}

#[tokio::test]
async fn an_audit_of_an_interrupted_submission_names_the_rows_that_are_not_created() {
    let fixture = Fixture::without_retries();
    fixture.fail_create(2, FaultKind::refuse(503));
    let run = fixture.submission("s").analyses(manifest(NAMES)).run();
    run.await.unwrap_err();
    let audit = fixture.submission("s").audit().await.unwrap();
    assert!(audit.is_clean() && audit.counts().pending == 3, "{audit}");
    let text = audit.to_string();
    let expected = "ICA has each of 2 created analyses once; the journal has 3 rows as not created yet";
    assert!(text.ends_with(expected), "{text}");
}
