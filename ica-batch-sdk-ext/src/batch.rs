//! A batch: the job that creates its analyses, and its items.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use ica_batch_sdk::types::AnalysisCreationBatch;
use uuid::Uuid;

use crate::client::Client;
use crate::error::Result;
use crate::items::{GetItem, Items};
use crate::options::{CallOverrides, call_setters};
use crate::version::V4;
use crate::wait::Wait;

/// A batch of analyses, by its id. Cheap to clone; made without a call.
#[derive(Clone)]
pub struct Batch {
    client: Client,
    project: String,
    id: Uuid,
}

impl Batch {
    pub(crate) fn new(client: Client, project: String, id: Uuid) -> Self {
        Self { client, project, id }
    }

    /// The batch's id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Reads the batch: above all the state of the job that creates its analyses.
    ///
    /// A job that has succeeded has created the analyses. Whether they have ended is told by the items.
    pub fn get(&self) -> GetBatch {
        GetBatch {
            batch: self.clone(),
            overrides: CallOverrides::default(),
        }
    }

    /// The items of the batch, in V4 unless another version is chosen.
    pub fn items(&self) -> Items<V4> {
        Items::new(self.client.clone(), self.project.clone(), self.id, V4)
    }

    /// One item of the batch by its id, in V4 unless another version is chosen.
    pub fn item(&self, id: Uuid) -> GetItem<V4> {
        GetItem::new(self.client.clone(), self.project.clone(), self.id, id)
    }

    /// Waits until the analyses of the batch have ended, or have been created.
    pub fn wait(&self) -> Wait {
        Wait::new(self.clone(), self.client.clone())
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client: _, project, id } = self;
        f.debug_struct("Batch")
            .field("project", project)
            .field("id", id)
            .finish_non_exhaustive()
    }
}

/// Reading a batch. Await it.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct GetBatch {
    batch: Batch,
    overrides: CallOverrides,
}

impl GetBatch {
    call_setters!();
}

impl IntoFuture for GetBatch {
    type Output = Result<AnalysisCreationBatch>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Batch { client, project, id } = self.batch;
        Box::pin(async move {
            let call = client.call("get_analysis_creation_batch", "reading the batch");
            let call = call.overrides(&self.overrides);
            call.run(|raw| {
                let project = &project;
                async move { Ok(raw.get_analysis_creation_batch(project, &id).await?.into_inner()) }
            })
            .await
        })
    }
}
