//! The three statuses over time.

use std::time::Duration;

use ica_simulator::{AnalysisStatus, Fate, Lifecycle, Simulator};
use serde_json::Value;

use crate::support::{Api, V3, V4, body};

const SECOND: Duration = Duration::from_secs(1);

/// Each phase lasts ten seconds, without jitter.
fn even() -> Lifecycle {
    let phases = [
        AnalysisStatus::Requested,
        AnalysisStatus::Queued,
        AnalysisStatus::Initializing,
        AnalysisStatus::PreparingInputs,
        AnalysisStatus::InProgress,
        AnalysisStatus::GeneratingOutputs,
    ];
    let start = Lifecycle::default()
        .job_start(10 * SECOND)
        .creation(10 * SECOND)
        .aborting(10 * SECOND)
        .jitter(0.0, 0);
    phases
        .into_iter()
        .fold(start, |lifecycle, phase| lifecycle.phase(phase, 10 * SECOND))
}

struct Watched {
    api: Api,
    path: String,
}

impl Watched {
    async fn start(lifecycle: Lifecycle, references: &[(&str, Fate)]) -> Self {
        let api = Api::with(Simulator::builder().lifecycle(lifecycle));
        for (reference, fate) in references {
            api.simulator.set_fate(reference, *fate);
        }
        let names: Vec<_> = references.iter().map(|(reference, _)| *reference).collect();
        let created = api.create(None, &body(&names)).await.json();
        let path = format!("{}/{}", api.batches_path(), created["id"].as_str().unwrap());
        Self { api, path }
    }

    async fn job(&self) -> Value {
        self.api.get(&self.path, V3).await.json()["job"].clone()
    }

    async fn items(&self, version: &str) -> Vec<Value> {
        let list = self.api.get(&format!("{}/items", self.path), version).await.json();
        list["items"].as_array().unwrap().clone()
    }

    /// Returns the status of the job, of the first item's creation, and of its run in V3 and V4.
    async fn statuses(&self) -> [String; 4] {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let (v3, v4) = (self.items(V3).await.remove(0), self.items(V4).await.remove(0));
        [
            text(&self.job().await["status"]),
            text(&v3["processing"]["status"]),
            text(&v3["createdAnalysis"]["status"]),
            text(&v4["createdAnalysis"]["status"]),
        ]
    }

    fn advance(&self, seconds: u64) {
        self.api.simulator.clock().advance(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn an_analysis_passes_through_every_status_in_both_spellings() {
    let watched = Watched::start(even(), &[("a", Fate::Ordinary)]).await;
    let expected = [
        ["INITIALIZED", "RUNNING", "-", "-"],
        ["RUNNING", "RUNNING", "-", "-"],
        ["SUCCEEDED", "SUCCEEDED", "REQUESTED", "REQUESTED"],
        ["SUCCEEDED", "SUCCEEDED", "REQUESTED", "QUEUED"],
        ["SUCCEEDED", "SUCCEEDED", "INPROGRESS", "INITIALIZING"],
        ["SUCCEEDED", "SUCCEEDED", "INPROGRESS", "PREPARING_INPUTS"],
        ["SUCCEEDED", "SUCCEEDED", "INPROGRESS", "IN_PROGRESS"],
        ["SUCCEEDED", "SUCCEEDED", "INPROGRESS", "GENERATING_OUTPUTS"],
        ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"],
    ];
    for statuses in expected {
        assert_eq!(watched.statuses().await, statuses);
        watched.advance(10);
    }
}

#[tokio::test]
async fn waiting_has_a_spelling_for_jobs_and_one_for_items() {
    let lifecycle = even().waiting_for_resources(20 * SECOND);
    let watched = Watched::start(lifecycle, &[("a", Fate::Ordinary)]).await;
    watched.advance(15);
    assert_eq!(
        watched.statuses().await,
        ["WAITING_FOR_RESOURCES", "WAITING_RESOURCES", "-", "-"]
    );
    watched.advance(20);
    assert_eq!(watched.statuses().await, ["RUNNING", "RUNNING", "-", "-"]);
}

#[tokio::test]
async fn the_job_ends_by_how_many_were_created() {
    for (fates, end) in [
        ([Fate::Succeed, Fate::FailRun], "SUCCEEDED"),
        ([Fate::Succeed, Fate::FailCreation], "PARTIALLY_SUCCEEDED"),
        ([Fate::FailCreation, Fate::FailCreation], "FAILED"),
    ] {
        let watched = Watched::start(even(), &[("a", fates[0]), ("b", fates[1])]).await;
        watched.advance(20);
        let job = watched.job().await;
        assert_eq!(job["status"], end);
        assert!(job["timeFinished"].is_string());
    }
}

#[tokio::test]
async fn runs_end_in_other_ways_too() {
    let fates = [
        ("a", Fate::FailRun),
        ("b", Fate::FailRunFinally),
        ("c", Fate::AwaitInput),
    ];
    let watched = Watched::start(even(), &fates).await;
    watched.advance(1000);
    let statuses = async |version| {
        let items = watched.items(version).await;
        items
            .iter()
            .map(|item| item["createdAnalysis"]["status"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(statuses(V3).await, ["FAILED", "FAILEDFINAL", "AWAITINGINPUT"]);
    assert_eq!(statuses(V4).await, ["FAILED", "FAILED_FINAL", "AWAITING_INPUT"]);
    assert!(watched.items(V4).await[0]["createdAnalysis"]["summary"].is_string());
}

#[tokio::test]
async fn a_run_can_be_aborted() {
    let watched = Watched::start(even(), &[("a", Fate::Ordinary)]).await;
    watched.advance(65);
    let analysis = watched.api.simulator.batches()[0].items[0].created_id.unwrap();
    assert!(watched.api.simulator.abort(analysis));
    assert_eq!(watched.statuses().await[2..], ["INPROGRESS", "ABORTING"]);
    watched.advance(10);
    assert_eq!(watched.statuses().await[2..], ["ABORTED", "ABORTED"]);
    assert!(!watched.api.simulator.abort(unknown_analysis()));
}

fn unknown_analysis() -> ica_simulator::BatchId {
    ica_simulator::BatchId::nil()
}

#[tokio::test]
async fn aborting_an_ended_run_changes_nothing() {
    let watched = Watched::start(even(), &[("a", Fate::Ordinary)]).await;
    watched.advance(500);
    let analysis = watched.api.simulator.batches()[0].items[0].created_id.unwrap();
    assert!(watched.api.simulator.abort(analysis));
    assert_eq!(watched.statuses().await[2..], ["SUCCEEDED", "SUCCEEDED"]);
}

#[tokio::test]
async fn a_stopped_job_creates_nothing() {
    let watched = Watched::start(even(), &[("a", Fate::Ordinary)]).await;
    watched.advance(12);
    let batch = watched.api.simulator.batches()[0].id;
    assert!(watched.api.simulator.stop_job(batch));
    watched.advance(100);
    assert_eq!(watched.statuses().await, ["STOPPED", "FAILED", "-", "-"]);
}

#[tokio::test]
async fn instant_takes_no_time() {
    let watched = Watched::start(Lifecycle::instant(), &[("a", Fate::Ordinary)]).await;
    assert_eq!(watched.statuses().await, ["SUCCEEDED"; 4]);
}
