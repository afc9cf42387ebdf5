//! Submissions and batches in a journal and a simulator, made with the library.

use std::path::PathBuf;
use std::time::Duration;

use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
use ica_batch_sdk_ext::{Client, Credentials, Journal, OnRejection, Project, Submission, SubmissionReport};
use ica_simulator::{Fate, Lifecycle, SeedOptions, Simulator};
use regex_lite::Regex;

use super::harness::{Ran, World};

/// Name of the submission.
pub(crate) const COHORT: &str = "cohort 42";

/// Path of the journal in the home directory, where the program looks for it.
const JOURNAL: &str = "state/ica-batch/journal.db";

/// Returns a world in which analyses end at once: `sample-1` is rejected, `sample-2` is not created,
/// and the run of `sample-3` fails.
pub(crate) fn world_of_ended() -> World {
    let simulator = Simulator::builder()
        .seed(42)
        .lifecycle(Lifecycle::instant())
        .fate("sample-1", Fate::RejectRequest)
        .fate("sample-2", Fate::FailCreation)
        .fate("sample-3", Fate::FailRun);
    World::with(simulator)
}

/// Returns a world in which analyses run for a day.
pub(crate) fn world_of_running() -> World {
    let lifecycle = Lifecycle::instant().run(Duration::from_secs(24 * 3600));
    World::with(Simulator::builder().seed(42).lifecycle(lifecycle))
}

pub(crate) fn journal_path(world: &World) -> PathBuf {
    world.path(JOURNAL)
}

pub(crate) fn journal(world: &World) -> Journal {
    std::fs::create_dir_all(journal_path(world).parent().unwrap()).unwrap();
    Journal::open(journal_path(world)).unwrap()
}

fn project(world: &World) -> Project {
    let client = Client::builder()
        .base_url(world.simulator.base_url())
        .credentials(Credentials::api_key(world.simulator.api_key()).unwrap());
    client.build().unwrap().project(world.simulator.project_id()).unwrap()
}

/// Returns a submission of `sample-0`, `sample-1` and so on.
pub(crate) fn submission(world: &World, name: &str, analyses: usize, journal: &Journal) -> Submission {
    let manifest = (0..analyses).map(|sample| {
        CreateNextflowAnalysis::builder()
            .user_reference(format!("sample-{sample}"))
            .unwrap()
            .pipeline_id(world.simulator.pipeline_id().to_string())
            .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
            .build()
    });
    project(world)
        .submission(name, journal)
        .chunk_size(5)
        .on_rejection(OnRejection::Isolate)
        .allow_created_elsewhere()
        .analyses(manifest.collect::<Vec<_>>())
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

/// Submits that many analyses, and forgets the requests.
pub(crate) fn submit(world: &World, name: &str, analyses: usize) -> SubmissionReport {
    let report = block_on(submission(world, name, analyses, &journal(world)).run()).unwrap();
    world.simulator.clear_requests();
    report
}

/// Plans that many analyses, and sends nothing.
pub(crate) fn plan(world: &World, name: &str, analyses: usize) {
    block_on(submission(world, name, analyses, &journal(world)).plan()).unwrap();
}

/// Makes a batch whose runs have ended, and returns its id.
pub(crate) fn batch(world: &World, analyses: usize) -> String {
    let project = world.simulator.project_id();
    let id = world.simulator.seed_batch(project, analyses, SeedOptions::default());
    id.to_string()
}

/// Returns what the program did as text for a snapshot, without ids.
pub(crate) fn shown(world: &World, ran: &Ran) -> String {
    let shown = world.shown(ran);
    let ids = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let keys = Regex::new("[0-9a-f]{64}").unwrap();
    let shown = ids.replace_all(&shown, "[id]");
    keys.replace_all(&shown, "[digest]").into_owned()
}
