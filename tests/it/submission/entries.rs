//! Submissions that are looked up in a journal, and outcomes that are read without a client.

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{ErrorKind, Journal, OnRejection, SubmissionState};
use ica_simulator::Simulator;

use super::fixture::{Fixture, manifest};

#[tokio::test]
async fn a_submission_is_found_however_its_id_is_written() {
    let project = "7c1d0b1e-58b6-4b0e-9a3f-3f6b9d3f1c11";
    let fixture = Fixture::with(Simulator::builder().project(project), |client| client);
    fixture
        .submission("caf\u{e9}")
        .analyses(manifest(["a"]))
        .run()
        .await
        .unwrap();
    fixture
        .submission("later")
        .analyses(manifest(["b"]))
        .plan()
        .await
        .unwrap();

    let base_url = fixture.entry().base_url().to_owned();
    let find = |base_url: &str, project: &str, name: &str| {
        let entry = fixture.journal.submission(base_url, project, name).unwrap();
        entry.map(|entry| (entry.name().to_owned(), entry.state()))
    };
    let expected = Some(("caf\u{e9}".to_owned(), SubmissionState::Settled));
    for (base_url, project, name) in [
        (base_url.clone(), project.to_owned(), "caf\u{e9}"),
        (format!("{base_url}/"), project.to_uppercase(), " cafe\u{301}\n"),
        (format!(" {base_url}"), project.replace('-', ""), "caf\u{e9}"),
    ] {
        assert_eq!(find(&base_url, &project, name), expected, "{base_url} {project} {name}");
    }
    for (base_url, project, name) in [
        ("https://ica.illumina.com/ica/rest", project, "caf\u{e9}"),
        (&base_url, "another", "caf\u{e9}"),
        (&base_url, project, "Caf\u{e9}"),
        (&base_url, project, ""),
    ] {
        assert_eq!(find(base_url, project, name), None, "{base_url} {project} {name}");
    }
    let error = fixture
        .journal
        .submission("ica.illumina.com", project, "later")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);

    let entry = fixture.submission("later").entry().await.unwrap().unwrap();
    assert_eq!(Some(&entry), fixture.journal.last_submission().unwrap().as_ref());
    assert_eq!((entry.name(), entry.state()), ("later", SubmissionState::Pending));
    assert!(fixture.submission("none").entry().await.unwrap().is_none());
    let json = serde_json::to_value(&entry).unwrap();
    for member in [
        "baseUrl",
        "project",
        "name",
        "isPlanned",
        "state",
        "createdAt",
        "manifestDigest",
        "creationFailed",
    ] {
        assert!(json.get(member).is_some(), "{member} of {json}");
    }
}

#[tokio::test]
async fn outcomes_are_read_without_a_client() {
    let fixture = Fixture::rejecting(["b"]);
    let submission = fixture.submission("s").on_rejection(OnRejection::Isolate);
    submission.analyses(manifest(["a", "b", "c"])).run().await.unwrap();
    let journal = Journal::options().read_only(true).open(fixture.journal.path()).unwrap();
    let entry = journal.last_submission().unwrap().unwrap();
    let outcomes = journal.outcomes(&entry).try_collect::<Vec<_>>().await.unwrap();
    let same = fixture
        .submission("s")
        .outcomes()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    assert_eq!(outcomes, same);
    let failed = outcomes.iter().filter(|analysis| analysis.outcome.is_failure());
    assert_eq!(
        failed
            .map(|analysis| analysis.user_reference.as_str())
            .collect::<Vec<_>>(),
        ["b"]
    );
}
