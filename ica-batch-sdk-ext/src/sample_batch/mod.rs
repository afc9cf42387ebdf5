//! Sample batches: ICA's sampleCreationBatch, in version 3.

use ica_batch_sdk::types::{
    CreateSampleCreationBatch, IdempotencyKeyHeader, Job, JobStatus, SampleCreationBatch,
    SampleCreationBatchSampleItem, SampleItemStatus,
};
use ica_batch_sdk::{self as raw};
use uuid::Uuid;

use crate::batch::{
    BatchItem, CreationState, Family, ForeignTexts, JobState, NoRun, Operations, RunState, item_version,
};
use crate::call::RawResult;
use crate::idempotency::IdempotencyKey;
use crate::job::job_state;
use crate::version::V3;

/// Family of batches that create samples.
///
/// An item is finished when its sample was created or not: samples have no run. A sample that was
/// created without a part of the request, for example without its data, is
/// [partially created](CreationState::PartiallyCreated).
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::types::{CreateSample, CreateSampleCreationBatch, CreateSampleCreationBatchSampleItem};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::builder()
/// #     .lifecycle(ica_simulator::Lifecycle::instant())
/// #     .start()?;
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let sample = CreateSampleCreationBatchSampleItem::builder()
///     .sample_to_create(CreateSample::builder().name("NA12878")?.build())
///     .complete_sample(true)
///     .build();
/// let request = CreateSampleCreationBatch::builder().items(vec![sample]).build();
/// let created = project.create_sample_batch(request).await?;
///
/// let report = project.sample_batch(created.id()).wait().await?;
/// assert!(report.is_success());
/// assert_eq!(report.succeeded(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SampleCreation;

impl Family for SampleCreation {
    type Request = CreateSampleCreationBatch;
    type Batch = SampleCreationBatch;
    type Job = Job;
    type JobStatus = JobStatus;
    type ItemStatus = SampleItemStatus;
    type RunStatus = NoRun;
    type Key = IdempotencyKey;
    type DefaultVersion = V3;
    type WaitListing = V3;
    type WaitReading = V3;

    const NAME: &'static str = "sample batch";
    const HAS_RUNS: bool = false;

    fn batch_id(batch: &Self::Batch) -> Uuid {
        batch.id
    }

    fn job(batch: &Self::Batch) -> Option<&Job> {
        batch.job.as_ref()
    }

    fn batch_project(batch: &Self::Batch) -> Option<Uuid> {
        Some(batch.job.as_ref()?.project.as_ref()?.id)
    }

    fn job_status(job: &Job) -> &JobStatus {
        &job.status
    }

    fn scrub_batch(batch: &mut Self::Batch, texts: &mut ForeignTexts<'_>) {
        if let Some(job) = &mut batch.job {
            texts.message(&mut job.additional_status_information);
            texts.status(&mut job.status);
        }
    }

    fn request_items(request: &Self::Request) -> usize {
        request.items.len()
    }

    fn job_state(status: &JobStatus) -> JobState {
        job_state(status)
    }

    fn creation_state(status: &SampleItemStatus) -> CreationState {
        match status {
            SampleItemStatus::Initialized | SampleItemStatus::WaitingResources | SampleItemStatus::Running => {
                CreationState::Pending
            }
            SampleItemStatus::Succeeded => CreationState::Created,
            SampleItemStatus::PartiallySucceeded => CreationState::PartiallyCreated,
            SampleItemStatus::Failed | SampleItemStatus::Stopped => CreationState::NotCreated,
            _ => CreationState::Unknown,
        }
    }

    fn run_state(status: &NoRun) -> RunState {
        match *status {}
    }
}

impl Operations for SampleCreation {
    const CREATE: &'static str = "create_sample_creation_batch";
    const GET: &'static str = "get_sample_creation_batch";

    async fn create(
        client: raw::Client,
        project: &str,
        key: Option<&IdempotencyKeyHeader>,
    ) -> RawResult<SampleCreationBatch> {
        let placeholder = CreateSampleCreationBatch { items: Vec::new() };
        let response = client.create_sample_creation_batch(project, key, &placeholder).await?;
        Ok(response.into_inner())
    }

    async fn get(client: raw::Client, project: &str, batch: Uuid) -> RawResult<SampleCreationBatch> {
        Ok(client.get_sample_creation_batch(project, &batch).await?.into_inner())
    }
}

item_version!(
    SampleCreation,
    V3,
    SampleCreationBatchSampleItem,
    get_sample_creation_batch_items,
    get_sample_creation_batch_item,
    |item, texts| {}
);

impl BatchItem for SampleCreationBatchSampleItem {
    type Family = SampleCreation;

    fn id(&self) -> Uuid {
        self.id
    }

    fn name(&self) -> &str {
        &self.request.sample_to_create.name
    }

    fn creation_status(&self) -> &SampleItemStatus {
        &self.processing.status
    }

    fn creation_message(&self) -> Option<&str> {
        self.processing.additional_status_information.as_deref()
    }

    fn created_id(&self) -> Option<Uuid> {
        self.created_sample.as_ref().map(|sample| sample.id)
    }

    fn run_status(&self) -> Option<NoRun> {
        None
    }
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk::types::SampleItemStatus;

    use super::SampleCreation;
    use crate::batch::{CreationState, Family};

    /// A value that ICA adds must be given a meaning: as `Unknown`, it would never end a wait.
    #[test]
    fn every_known_status_has_a_meaning() {
        for status in SampleItemStatus::KNOWN {
            let state = SampleCreation::creation_state(status);
            assert_ne!(
                state,
                CreationState::Unknown,
                "{status}: decide in creation_state whether its item is pending, created or not created; as Unknown it never ends a wait"
            );
        }
    }
}
