//! A project: where batches are created.

use std::fmt;

use ica_batch_sdk::types::CreateAnalysisCreationBatch;
use uuid::Uuid;

use crate::batch::Batch;
use crate::client::Client;
use crate::create::CreateBatch;

/// A project of ICA, by its id. Cheap to clone; made without a call.
#[derive(Clone)]
pub struct Project {
    client: Client,
    id: String,
}

impl Project {
    pub(crate) fn new(client: Client, id: String) -> Self {
        Self { client, id }
    }

    /// The project's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Creates a batch of analyses, safely: under its own random idempotency key unless you give one.
    ///
    /// Nothing is sent before the returned request is awaited.
    pub fn create_batch(&self, request: CreateAnalysisCreationBatch) -> CreateBatch {
        CreateBatch::new(self.client.clone(), self.id.clone(), request)
    }

    /// Submits analyses under a name, so that each is created exactly once whatever is interrupted: see [`Submission`](crate::Submission).
    ///
    /// The name tells submissions of a project apart, and their keys: choose one for each manifest, 1 to 200 characters.
    #[cfg(feature = "journal")]
    pub fn submission(&self, name: impl Into<String>, journal: &crate::Journal) -> crate::Submission {
        crate::Submission::new(self.client.clone(), self.clone(), name.into(), journal.clone())
    }

    /// A batch of this project, by its id. Makes no call.
    pub fn batch(&self, id: Uuid) -> Batch {
        Batch::new(self.client.clone(), self.id.clone(), id)
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client: _, id } = self;
        f.debug_struct("Project").field("id", id).finish_non_exhaustive()
    }
}
