//! Creates a batch of samples and waits until they exist.
//!
//! `cargo run --example samples` uses a simulator in the same process. One of its samples fails.

#![allow(clippy::print_stdout)]

use ica_batch_sdk_ext::types::{CreateSample, CreateSampleCreationBatch, CreateSampleCreationBatchSampleItem};
use ica_batch_sdk_ext::{Client, Credentials, InvalidText};
use ica_simulator::{Fate, Simulator};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let simulator = Simulator::builder()
        .lifecycle(ica_simulator::Lifecycle::instant())
        .fate("NA12892", Fate::FailCreation)
        .start()?;
    let client = Client::builder()
        .base_url(simulator.base_url())
        .credentials(Credentials::api_key(simulator.api_key())?)
        .build()?;
    let project = client.project(simulator.project_id())?;

    let samples = ["NA12878", "NA12891", "NA12892"].map(sample);
    let samples = samples.into_iter().collect::<Result<Vec<_>, _>>()?;
    let create = project.create_sample_batch(CreateSampleCreationBatch::builder().items(samples).build());
    println!("idempotency key {}", create.key());
    let created = create.await?;
    println!("batch {}", created.id());

    let report = project.sample_batch(created.id()).wait().await?;
    println!("{} of {} samples were created", report.succeeded(), report.items());
    for item in report.failed() {
        println!("{item}");
    }
    Ok(())
}

fn sample(name: &str) -> Result<CreateSampleCreationBatchSampleItem, InvalidText> {
    Ok(CreateSampleCreationBatchSampleItem::builder()
        .sample_to_create(CreateSample::builder().name(name)?.build())
        .complete_sample(true)
        .build())
}
