//! Analysis batches: ICA's analysisCreationBatch, in versions 3 and 4.

mod item;
mod status;

use ica_batch_sdk::types::{
    AnalysisCreationBatch, AnalysisCreationBatchItemSummary, AnalysisCreationBatchItemV3, AnalysisCreationBatchItemV4,
    AnalysisStatus, CreateAnalysisCreationBatch, IdempotencyKeyHeader, ItemStatus, Job, JobStatus,
};
use ica_batch_sdk::{self as raw};
use uuid::Uuid;

use crate::analyses::{run_state, scrub_v3, scrub_v4};
use crate::batch::{
    AnyVersion, CreationState, Family, ForeignTexts, ItemQuery, ItemSummaries, JobState, Operations, RunState, Summary,
    any_item_version, item_version, list_page,
};
use crate::call::RawResult;
use crate::idempotency::IdempotencyKey;
use crate::job::job_state;
use crate::paging::Page;
use crate::version::{V3, V4};

pub use item::AnalysisItem;

/// Family of batches that create analyses.
///
/// An item is finished when its run has ended, or when its analysis was not created.
///
/// ```
/// use ica_batch_sdk_ext::types::AnalysisStatus;
/// use ica_batch_sdk_ext::{AnalysisCreation, Family, RunState};
///
/// assert_eq!(AnalysisCreation::run_state(&AnalysisStatus::Aborted), RunState::Failed);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AnalysisCreation;

impl Family for AnalysisCreation {
    type Request = CreateAnalysisCreationBatch;
    type Batch = AnalysisCreationBatch;
    type Job = Job;
    type JobStatus = JobStatus;
    type ItemStatus = ItemStatus;
    type RunStatus = AnalysisStatus;
    type Key = IdempotencyKey;
    type DefaultVersion = V4;
    type WaitListing = Summary;
    type WaitReading = AnyVersion;

    const NAME: &'static str = "analysis batch";
    const HAS_RUNS: bool = true;

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
        let CreateAnalysisCreationBatch {
            cwl_items,
            nextflow_items,
            nextflow_json_items,
        } = request;
        cwl_items.len() + nextflow_items.len() + nextflow_json_items.len()
    }

    fn job_state(status: &JobStatus) -> JobState {
        job_state(status)
    }

    fn creation_state(status: &ItemStatus) -> CreationState {
        status::creation_state(status)
    }

    fn run_state(status: &AnalysisStatus) -> RunState {
        run_state(status)
    }
}

impl Operations for AnalysisCreation {
    const CREATE: &'static str = "create_analysis_creation_batch";
    const GET: &'static str = "get_analysis_creation_batch";

    async fn create(
        client: raw::Client,
        project: &str,
        key: Option<&IdempotencyKeyHeader>,
    ) -> RawResult<AnalysisCreationBatch> {
        let placeholder = CreateAnalysisCreationBatch::default();
        let response = client
            .create_analysis_creation_batch(project, key, &placeholder)
            .await?;
        Ok(response.into_inner())
    }

    async fn get(client: raw::Client, project: &str, batch: Uuid) -> RawResult<AnalysisCreationBatch> {
        Ok(client.get_analysis_creation_batch(project, &batch).await?.into_inner())
    }
}

item_version!(
    AnalysisCreation,
    V3,
    AnalysisCreationBatchItemV3,
    get_analysis_creation_batch_items_v3,
    get_analysis_creation_batch_item_v3,
    |item, texts| if let Some(analysis) = &mut item.created_analysis {
        scrub_v3(analysis, texts);
    }
);
item_version!(
    AnalysisCreation,
    V4,
    AnalysisCreationBatchItemV4,
    get_analysis_creation_batch_items_v4,
    get_analysis_creation_batch_item_v4,
    |item, texts| if let Some(analysis) = &mut item.created_analysis {
        scrub_v4(analysis, texts);
    }
);

any_item_version! {
    /// Item of an analysis batch in any version. [`BatchItem`](crate::BatchItem) and
    /// [`AnalysisItem`] read all versions alike.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use ica_batch_sdk_ext::{AnyAnalysisItem, ApiVersion, VersionPolicy};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let id = simulator.seed_batch(simulator.project_id(), 1, ica_simulator::SeedOptions::default());
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let batch = client.project(simulator.project_id())?.batch(id);
    /// let items = batch.items().any_version(VersionPolicy::exact(ApiVersion::V3));
    /// assert!(matches!(items.first().await?, Some(AnyAnalysisItem::V3(_))));
    /// # Ok(())
    /// # }
    /// ```
    pub enum AnyAnalysisItem of AnalysisCreation { V3, V4 }
    unsupported {}
}

impl ItemSummaries for AnalysisCreation {
    type Summary = AnalysisCreationBatchItemSummary;
    const LIST_SUMMARIES: &'static str = "get_analysis_creation_batch_items_summary";

    async fn list_summaries(
        client: raw::Client,
        project: &str,
        batch: Uuid,
        query: &ItemQuery<Self>,
    ) -> RawResult<Page<Self::Summary>> {
        list_page!(client, get_analysis_creation_batch_items_summary, project, batch, query)
    }

    fn scrub_summary(summary: &mut Self::Summary, texts: &mut ForeignTexts<'_>) {
        texts.message(&mut summary.processing.additional_status_information);
        texts.status(&mut summary.processing.status);
        if let Some(analysis) = &mut summary.created_analysis {
            texts.status(&mut analysis.status);
        }
    }
}
