//! A run, and power failures at many moments of it.

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
use ica_batch_sdk_ext::{ChunkState, Client, Credentials, Journal, OnRejection, Project, SubmissionEvent};
use ica_simulator::{Family, Fate, Lifecycle, Simulator};

use crate::disk::{Survival, install, power_failure};

const ROWS: usize = 150;

fn analysis(number: usize) -> CreateNextflowAnalysis {
    CreateNextflowAnalysis::builder()
        .user_reference(format!("sample-{number}"))
        .expect("it is valid")
        .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
        .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
        .build()
}

/// States of the chunks of the journal in this folder, by key.
fn states(folder: &Path) -> BTreeMap<String, ChunkState> {
    let journal = Journal::open(folder.join("journal.db")).expect("the journal can be opened");
    let verification = journal.verify().expect("it can be read");
    assert!(verification.is_intact(), "{verification}");
    let entries = journal.submissions().expect("it can be read");
    let chunks = entries
        .iter()
        .flat_map(|entry| journal.chunks(entry).expect("it can be read"));
    chunks.map(|chunk| (chunk.key.to_string(), chunk.state)).collect()
}

#[tokio::test]
async fn what_was_sent_or_reported_survives_a_power_failure() {
    install();
    let simulator = Simulator::builder()
        .lifecycle(Lifecycle::instant())
        .fate("sample-33", Fate::RejectRequest)
        .start()
        .unwrap();
    let credentials = Credentials::api_key(simulator.api_key()).unwrap();
    let client = Client::builder()
        .base_url(simulator.base_url())
        .credentials(credentials)
        .build()
        .unwrap();
    let project = client.project(simulator.project_id()).unwrap();
    let run = |project: &Project, journal: &Journal| {
        let submission = project.submission("s", journal).chunk_size(5).concurrency(3);
        let submission = submission.on_rejection(OnRejection::Isolate);
        submission.analyses((0..ROWS).map(analysis)).progress()
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let journal = Journal::open(root.join("journal.db")).unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    let (mut events, mut failures) = (run(&project, &journal), 0);
    let mut created = Vec::new();
    let mut last = None;
    while let Some(progress) = events.try_next().await.unwrap() {
        match progress.event() {
            SubmissionEvent::Created { key, .. } => created.push(key.to_string()),
            SubmissionEvent::Finished(report) => assert_eq!(report.created(), ROWS - 1),
            _ => {}
        }
        let after = tempfile::tempdir().unwrap();
        power_failure(&root, after.path(), |_| match random.bool() {
            true => Survival::Synchronized,
            false => Survival::Everything,
        });
        failures += 1;
        let states = states(after.path());
        for request in simulator.requests() {
            let Some(key) = request.idempotency_key() else { continue };
            let state = states.get(key).copied();
            assert!(
                state.is_some_and(|state| state != ChunkState::Planned),
                "a chunk was sent before that was durable: {key}, {state:?}"
            );
        }
        for key in &created {
            let state = states.get(key);
            assert_eq!(
                state,
                Some(&ChunkState::Created),
                "a batch was reported before it was durable"
            );
        }
        last = Some(after);
    }
    assert!(failures > ROWS / 5, "{failures}");
    // A run with what survived of the last failure but one finishes the rest.
    let after = last.expect("there were failures");
    let survived = Journal::open(after.path().join("journal.db")).unwrap();
    run(&project, &survived).try_collect::<Vec<_>>().await.unwrap();
    let counts = simulator.created_by_name(Family::Analysis);
    assert!(
        counts.len() == ROWS - 1 && counts.values().all(|count| *count == 1),
        "{counts:?}"
    );
}
