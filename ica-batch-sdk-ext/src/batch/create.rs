//! Creating a batch.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ica_batch_sdk::types::IdempotencyKeyHeader;
use uuid::Uuid;

use super::family::Family;
use super::foreign::ForeignTexts;
use super::identity::check_project;
use super::key::{CreateKey, NoKey};
use crate::call::{Call, CallOverrides, Core, call_setters};
use crate::error::{Error, Result};
use crate::idempotency::IdempotencyKey;

/// Request that creates a batch. Await it.
///
/// The request has an idempotency key from the start, random unless you set one. So you can store
/// the key before anything is sent:
///
/// ```
/// # use ica_batch_sdk_ext::types::{CreateAnalysisCreationBatch, CreateNextflowAnalysis, NextflowAnalysisInput};
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// # let analysis = CreateNextflowAnalysis::builder().user_reference("sample-1")?
/// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
/// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build()).build();
/// # let request = CreateAnalysisCreationBatch::builder().nextflow_items(vec![analysis]).build();
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("last-key");
/// let create = project.create_batch(request.clone());
/// std::fs::write(&path, create.key().as_str())?;
/// let created = create.await?;
///
/// // The same key and request again: the response is the same batch.
/// let key = std::fs::read_to_string(&path)?.parse()?;
/// let again = project.create_batch(request).idempotency_key(key).await?;
/// assert_eq!(again.id(), created.id());
/// assert_eq!(simulator.executed_creates(), 1);
/// # Ok(())
/// # }
/// ```
///
/// # How far the key goes
/// ICA keeps the response to a key for 7 days, but no response of 400 or more. An error that ICA
/// sends after it has executed the create leaves no key behind, so a retry of such a 5xx creates the
/// batch again. By default a create is [retried](crate::retry) nevertheless, because most servers
/// that fail have executed nothing. Where a second batch is worse than an error, use
/// [`at_most_once`](Self::at_most_once), or a [submission](crate::Project::submission), which
/// searches ICA before it sends anything again.
///
/// `join_all` and `tokio::spawn` need a future: call
/// [`into_future`](std::future::IntoFuture::into_future) for them.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct CreateBatch<F: Family, K = <F as Family>::Key> {
    core: Core,
    project: Arc<str>,
    request: F::Request,
    key: K,
    /// Whether no retry follows an attempt that may have been executed.
    at_most_once: bool,
    overrides: CallOverrides,
}

impl<F: Family> CreateBatch<F, F::Key> {
    pub(crate) fn new(core: Core, project: Arc<str>, request: F::Request) -> Self {
        Self {
            core,
            project,
            request,
            key: F::Key::fresh(),
            at_most_once: false,
            overrides: CallOverrides::default(),
        }
    }
}

impl<F: Family> CreateBatch<F, IdempotencyKey> {
    /// Sets the key. The same key with the same request creates nothing twice for 7 days, unless ICA
    /// [executed](#how-far-the-key-goes) an earlier request and responded with an error.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let analysis = ica_batch_sdk_ext::types::CreateNextflowAnalysis::builder().user_reference("sample-1")?
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(ica_batch_sdk_ext::types::NextflowAnalysisInput::builder().inputs(vec![]).build()).build();
    /// # let request = ica_batch_sdk_ext::types::CreateAnalysisCreationBatch::builder().nextflow_items(vec![analysis]).build();
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// let create = project.create_batch(request).idempotency_key("run-7/chunk-1".parse()?);
    /// assert_eq!(create.key().as_str(), "run-7/chunk-1");
    /// let created = create.clone().await?;
    /// assert_eq!(create.await?.id(), created.id()); // the same batch
    /// # assert_eq!(simulator.executed_creates(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.key = key;
        self
    }

    /// Returns the key that will be sent.
    pub fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// Sends no further attempt after one that may have been executed: after a 5xx, a lost response,
    /// or a refusal by a proxy.
    ///
    /// Attempts that were not executed are still retried: without a connection, and after a 429 of
    /// ICA. The error of the others says that the create
    /// [may have been executed](crate::Error::execution). Then search the project for its analyses
    /// before you send it again.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateAnalysisCreationBatch, CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use ica_batch_sdk_ext::{Execution, RetryStopReason};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # simulator.faults().add(ica_simulator::FaultKind::ExecuteThenForgetKey(500));
    /// # let credentials = Credentials::api_key_direct(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// # let analysis = CreateNextflowAnalysis::builder().user_reference("sample-1")?
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build()).build();
    /// # let request = CreateAnalysisCreationBatch::builder().nextflow_items(vec![analysis]).build();
    /// // ICA creates the batch, responds with HTTP 500, and forgets the key.
    /// let error = project.create_batch(request).at_most_once().await.unwrap_err();
    /// assert_eq!(error.execution(), Execution::Unknown);
    /// assert_eq!(error.retry_stop_reason(), Some(RetryStopReason::MayHaveExecuted));
    /// assert_eq!(simulator.executed_creates(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn at_most_once(mut self) -> Self {
        self.at_most_once = true;
        self
    }

    /// Sends no key. A create whose response is lost is then never retried, and you must check in
    /// the project whether the batch exists.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Credentials};
    /// use ica_batch_sdk_ext::{Execution, RetryStopReason};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let analysis = ica_batch_sdk_ext::types::CreateNextflowAnalysis::builder().user_reference("sample-1")?
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(ica_batch_sdk_ext::types::NextflowAnalysisInput::builder().inputs(vec![]).build()).build();
    /// # let request = ica_batch_sdk_ext::types::CreateAnalysisCreationBatch::builder().nextflow_items(vec![analysis]).build();
    /// # let create = ica_simulator::Operation::CreateBatch(ica_simulator::Family::Analysis);
    /// # let fault = ica_simulator::Fault::new(ica_simulator::FaultKind::ExecuteThenReset);
    /// # simulator.faults().add(fault.on(create));
    /// # let credentials = Credentials::api_key(simulator.api_key())?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let project = client.project(simulator.project_id())?;
    /// // The connection is reset after ICA has created the batch:
    /// let error = project.create_batch(request).without_idempotency_key().await.unwrap_err();
    /// assert_eq!(error.execution(), Execution::Unknown);
    /// assert_eq!(error.retry_stop_reason(), Some(RetryStopReason::NotIdempotent));
    /// # Ok(())
    /// # }
    /// ```
    pub fn without_idempotency_key(self) -> CreateBatch<F, NoKey> {
        CreateBatch {
            core: self.core,
            project: self.project,
            request: self.request,
            key: NoKey,
            at_most_once: true,
            overrides: self.overrides,
        }
    }

    /// Sets how long the create waits while an earlier request with the same key is in progress
    /// (HTTP 409), in place of the client's setting.
    pub fn in_progress_timeout(mut self, timeout: Duration) -> Self {
        self.overrides.in_progress_timeout = Some(timeout);
        self
    }
}

impl<F: Family, K: CreateKey> CreateBatch<F, K> {
    call_setters!();
}

impl<F: Family, K: CreateKey> IntoFuture for CreateBatch<F, K> {
    type Output = Result<CreatedBatch<F>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self {
                core,
                project,
                request,
                key,
                at_most_once,
                overrides,
            } = self;
            let key = key.get().cloned();
            let body = body::<F>(&request).map_err(|error| error.with_key(key.clone()))?;
            let header = key
                .as_ref()
                .map(header)
                .transpose()
                .map_err(|error| error.with_key(key.clone()))?;
            let call = call::<F>(&core, &project, body, key.as_ref(), &overrides);
            let call = call.once(at_most_once && key.is_some());
            let mut batch = send::<F>(&call, &project, header.as_ref()).await?;
            F::scrub_batch(&mut batch, &mut ForeignTexts::new(&core));
            Ok(CreatedBatch { batch, key })
        })
    }
}

/// Sends these bytes as the request, the same on every attempt, and returns the id of the batch. The
/// key must follow from the bytes.
///
/// Only the id of the response is needed, so the rest of it may be of any form. Without trust in the
/// key, no retry follows an attempt that may have been executed.
#[cfg(feature = "journal")]
pub(crate) async fn send_for_id<F: Family>(
    core: &Core,
    project: &str,
    body: Bytes,
    key: &IdempotencyKey,
    trust_key: bool,
    overrides: &CallOverrides,
) -> Result<Uuid> {
    let header = header(key).map_err(|error| error.with_key(Some(key.clone())))?;
    let call = call::<F>(core, project, body, Some(key), overrides)
        .key_of_content()
        .once(!trust_key);
    match send::<F>(&call, project, Some(&header)).await {
        Ok(batch) => Ok(F::batch_id(&batch)),
        Err(error) => error.created_batch().ok_or(error),
    }
}

fn call<F: Family>(
    core: &Core,
    project: &str,
    body: Bytes,
    key: Option<&IdempotencyKey>,
    overrides: &CallOverrides,
) -> Call {
    let call = core.call(F::CREATE, format!("create the {} in project {project}", F::NAME));
    call.overrides(overrides).body(body).key(key.cloned()).creates()
}

async fn send<F: Family>(call: &Call, project: &str, header: Option<&IdempotencyKeyHeader>) -> Result<F::Batch> {
    let created = call.run_checked(
        |raw| F::create(raw, project, header),
        |batch| check_project(project, F::batch_project(batch)),
    );
    created.await.map_err(|error| {
        let received = error.created().and_then(|created| created.project);
        match check_project(project, received) {
            Ok(()) => error,
            // It is not the batch of this request.
            Err(_) => error.with_created(None).with_advice("report it"),
        }
    })
}

/// Returns the bytes of the request.
fn body<F: Family>(request: &F::Request) -> Result<Bytes> {
    if F::request_items(request) == 0 {
        return Err(Error::invalid_input(format!(
            "could not create the {}: the request has no items; add at least one",
            F::NAME
        )));
    }
    let bytes = serde_json::to_vec(request).map_err(|error| {
        Error::invalid_input(format!(
            "could not create the {}: the request cannot be written as JSON; see the source of this error",
            F::NAME
        ))
        .with_source(error)
    })?;
    Ok(bytes.into())
}

fn header(key: &IdempotencyKey) -> Result<IdempotencyKeyHeader> {
    key.as_str().parse().map_err(|error| {
        Error::invalid_input(format!(
            "idempotency key {:?} is not valid: ICA does not accept it; see the source of this error",
            key.as_str()
        ))
        .with_source(error)
    })
}

/// A batch that was created, and the key that it was created with.
///
/// ```
/// use ica_batch_sdk_ext::types::AnalysisCreationBatch;
/// use ica_batch_sdk_ext::{AnalysisCreation, CreatedBatch, IdempotencyKey};
///
/// // In a test of your own, without a server:
/// let batch: AnalysisCreationBatch =
///     serde_json::from_str(r#"{"id": "00000000-0000-0000-0000-000000000001"}"#)?;
/// let key = IdempotencyKey::random();
/// let created = CreatedBatch::<AnalysisCreation>::new(batch, Some(key.clone()));
/// assert_eq!(created.id().as_u128(), 1);
/// assert_eq!(created.idempotency_key(), Some(&key));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CreatedBatch<F: Family> {
    batch: F::Batch,
    key: Option<IdempotencyKey>,
}

impl<F: Family> CreatedBatch<F> {
    /// Returns a created batch, for tests of your own.
    pub fn new(batch: F::Batch, key: Option<IdempotencyKey>) -> Self {
        Self { batch, key }
    }

    /// Returns the id of the batch.
    pub fn id(&self) -> Uuid {
        F::batch_id(&self.batch)
    }

    /// Returns the job that creates the items, where the response contains it.
    pub fn job(&self) -> Option<&F::Job> {
        F::job(&self.batch)
    }

    /// Returns the key that the batch was created with, if it had one.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.key.as_ref()
    }

    /// Returns the response itself.
    pub fn into_inner(self) -> F::Batch {
        self.batch
    }
}
