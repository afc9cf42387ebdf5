//! Creating a batch.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use ica_batch_sdk::types::{self, AnalysisCreationBatch, CreateAnalysisCreationBatch, Job};
use uuid::Uuid;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::idempotency::IdempotencyKey;
use crate::options::{CallOverrides, call_setters};

const OPERATION: &str = "create_analysis_creation_batch";

/// Creating a batch of analyses. Await it.
///
/// It has an idempotency key from the start, random unless one is given, so that it can be written down before
/// anything is sent:
///
/// ```no_run
/// # async fn example(project: ica_batch_sdk_ext::Project, request: ica_batch_sdk_ext::types::CreateAnalysisCreationBatch)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// let create = project.create_batch(request);
/// std::fs::write("last-key", create.key().as_str())?;
/// let created = create.await?;
/// println!("batch {}", created.id());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct CreateBatch {
    client: Client,
    project: String,
    request: CreateAnalysisCreationBatch,
    key: IdempotencyKey,
    overrides: CallOverrides,
}

impl CreateBatch {
    pub(crate) fn new(client: Client, project: String, request: CreateAnalysisCreationBatch) -> Self {
        Self {
            client,
            project,
            request,
            key: IdempotencyKey::random(),
            overrides: CallOverrides::default(),
        }
    }

    /// Sends this key in place of a random one. The same key with the same request creates nothing twice for 7 days.
    pub fn idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.key = key;
        self
    }

    /// The key that will be sent.
    pub fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// Sends no key. A call whose answer is lost is then never sent again, and nothing but a look at the project tells
    /// whether the batch exists.
    pub fn without_idempotency_key(self) -> CreateBatchUnkeyed {
        let Self {
            client,
            project,
            request,
            key: _,
            overrides,
        } = self;
        CreateBatchUnkeyed {
            client,
            project,
            request,
            overrides,
        }
    }

    /// How long to wait for an earlier create with this key that still runs, in place of the client's setting.
    pub fn in_progress_patience(mut self, patience: Duration) -> Self {
        self.overrides.in_progress_patience = Some(patience);
        self
    }

    call_setters!();
}

/// Creating a batch without an idempotency key, never sent twice. Await it.
#[derive(Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct CreateBatchUnkeyed {
    client: Client,
    project: String,
    request: CreateAnalysisCreationBatch,
    overrides: CallOverrides,
}

impl CreateBatchUnkeyed {
    call_setters!();
}

async fn send(
    client: Client,
    project: String,
    request: CreateAnalysisCreationBatch,
    key: Option<IdempotencyKey>,
    overrides: CallOverrides,
) -> Result<CreatedBatch> {
    let body = body(&request).map_err(|error| error.with_key(key.clone()))?;
    let batch = send_bytes(&client, &project, body, key.as_ref(), &overrides).await?;
    Ok(CreatedBatch { batch, key })
}

/// Sends these bytes as the request, the same on every attempt.
pub(crate) async fn send_bytes(
    client: &Client,
    project: &str,
    body: Bytes,
    key: Option<&IdempotencyKey>,
    overrides: &CallOverrides,
) -> Result<AnalysisCreationBatch> {
    let header = key
        .map(header)
        .transpose()
        .map_err(|error| error.with_key(key.cloned()))?;
    let call = client.call(OPERATION, "creating the batch").overrides(overrides);
    call.body(body)
        .key(key.cloned())
        .run(|raw| {
            let header = header.as_ref();
            async move {
                // The body goes as the bytes that the call carries.
                let stand_in = CreateAnalysisCreationBatch::default();
                let answer = raw.create_analysis_creation_batch(project, header, &stand_in).await?;
                Ok(answer.into_inner())
            }
        })
        .await
}

/// The bytes of the request.
fn body(request: &CreateAnalysisCreationBatch) -> Result<Bytes> {
    let CreateAnalysisCreationBatch {
        cwl_items,
        nextflow_items,
        nextflow_json_items,
    } = request;
    if cwl_items.is_empty() && nextflow_items.is_empty() && nextflow_json_items.is_empty() {
        return Err(Error::invalid_input("the batch has no analyses; add at least one"));
    }
    let bytes = serde_json::to_vec(request)
        .map_err(|error| Error::invalid_input("the request cannot be written as JSON").with_source(error))?;
    Ok(bytes.into())
}

fn header(key: &IdempotencyKey) -> Result<types::IdempotencyKeyHeader> {
    key.as_str()
        .parse()
        .map_err(|error| Error::invalid_input("the idempotency key is not one that ICA accepts").with_source(error))
}

impl IntoFuture for CreateBatch {
    type Output = Result<CreatedBatch>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            project,
            request,
            key,
            overrides,
        } = self;
        Box::pin(send(client, project, request, Some(key), overrides))
    }
}

impl IntoFuture for CreateBatchUnkeyed {
    type Output = Result<CreatedBatch>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            project,
            request,
            overrides,
        } = self;
        Box::pin(send(client, project, request, None, overrides))
    }
}

impl fmt::Debug for CreateBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            project,
            request,
            key,
            overrides,
        } = self;
        f.debug_struct("CreateBatch")
            .field("project", project)
            .field("request", request)
            .field("key", key)
            .field("overrides", overrides)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CreateBatchUnkeyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            project,
            request,
            overrides,
        } = self;
        f.debug_struct("CreateBatchUnkeyed")
            .field("project", project)
            .field("request", request)
            .field("overrides", overrides)
            .finish_non_exhaustive()
    }
}

/// A batch that was created, and the key that it was created with.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CreatedBatch {
    batch: AnalysisCreationBatch,
    key: Option<IdempotencyKey>,
}

impl CreatedBatch {
    /// The batch's id.
    pub fn id(&self) -> Uuid {
        self.batch.id
    }

    /// The job that creates the analyses, where the answer names it.
    pub fn job(&self) -> Option<&Job> {
        self.batch.job.as_ref()
    }

    /// The key that the batch was created with, unless it was created without one.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.key.as_ref()
    }

    /// The answer itself.
    pub fn into_inner(self) -> AnalysisCreationBatch {
        self.batch
    }
}
