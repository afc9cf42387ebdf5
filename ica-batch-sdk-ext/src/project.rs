//! A project: the place where batches are created and analyses run.

use std::sync::Arc;

use ica_batch_sdk::types::{CreateAnalysisCreationBatch, CreateSampleCreationBatch};
use uuid::Uuid;

use crate::analyses::Analyses;
use crate::analysis_batch::AnalysisCreation;
use crate::batch::{Batch, CreateBatch};
use crate::call::Core;
use crate::data::DataHandle;
use crate::error::{Error, Result};
use crate::pipelines::{Pipelines, Storages};
use crate::sample_batch::SampleCreation;

/// Handle of a project of ICA, identified by its id. It is cheap to clone, and making one sends
/// nothing.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # let client = Client::builder().credentials(Credentials::api_key("key")?).build()?;
/// let project = client.project("7c1d0b1e-58b6-4b0e-9a3f-3f6b9d3f1c11")?;
/// assert_eq!(project.id(), "7c1d0b1e-58b6-4b0e-9a3f-3f6b9d3f1c11");
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Project {
    core: Core,
    id: Arc<str>,
    /// The id as it was given. Earlier releases recorded submissions under it.
    #[cfg(feature = "journal")]
    given_id: Arc<str>,
}

impl Project {
    /// Returns a project after checking its id: one segment of a URL path.
    pub(crate) fn new(core: Core, id: &str) -> Result<Self> {
        let id = id.trim();
        let invalid = |reason: &str| {
            Err(Error::invalid_input(format!(
                "project id {id:?} is not valid: it {reason}; copy it from the details page of the project"
            )))
        };
        if id.is_empty() {
            return invalid("is empty");
        }
        if id == "." || id == ".." {
            return invalid("is a relative path");
        }
        if let Some(bad) = id.chars().find(|c| c.is_control() || *c == '/' || *c == '\\') {
            return invalid(&format!("contains {bad:?}"));
        }
        // One project has one id, whatever the spelling: keys follow from it.
        let canonical = id.parse::<Uuid>().map(|id| id.hyphenated().to_string());
        Ok(Self {
            core,
            id: canonical.as_deref().unwrap_or(id).into(),
            #[cfg(feature = "journal")]
            given_id: id.into(),
        })
    }

    /// Returns the id of the project. A UUID is in lowercase with hyphens, whatever was given.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Creates a batch of analyses, under a random idempotency key unless you set one.
    ///
    /// Nothing is sent before the request is awaited. [`CreateBatch`] has an example.
    pub fn create_batch(&self, request: CreateAnalysisCreationBatch) -> CreateBatch<AnalysisCreation> {
        CreateBatch::new(self.core.clone(), Arc::clone(&self.id), request)
    }

    /// Returns a batch of analyses of this project, by its id. Sends nothing.
    pub fn batch(&self, id: Uuid) -> Batch<AnalysisCreation> {
        Batch::new(self.core.clone(), Arc::clone(&self.id), id)
    }

    /// Returns the analyses of this project: search, read, abort. Sends nothing.
    ///
    /// They are all analyses of the project, also those that no batch created. [`Analyses`] has an
    /// example.
    pub fn analyses(&self) -> Analyses {
        Analyses::new(self.core.clone(), Arc::clone(&self.id))
    }

    /// Returns the data of this project: list, read by id, ids of paths. Sends nothing.
    ///
    /// It has the files and folders of the project, and those that are linked to it.
    /// [`DataHandle`] has an example.
    pub fn data(&self) -> DataHandle {
        DataHandle::new(self.core.clone(), Arc::clone(&self.id))
    }

    /// Returns the pipelines that analyses of this project can run: list, find by code, id or URN.
    /// Sends nothing.
    ///
    /// [`Pipelines`] has an example.
    pub fn pipelines(&self) -> Pipelines {
        Pipelines::new(self.core.clone(), Arc::clone(&self.id))
    }

    /// Returns the storage sizes for the analyses of this project: list, find by name or id. Sends
    /// nothing.
    ///
    /// [`Storages`] has an example.
    pub fn storages(&self) -> Storages {
        Storages::new(self.core.clone(), Arc::clone(&self.id))
    }

    /// Creates a batch of samples, under a random idempotency key unless you set one.
    ///
    /// Nothing is sent before the request is awaited. [`SampleCreation`] has an example.
    pub fn create_sample_batch(&self, request: CreateSampleCreationBatch) -> CreateBatch<SampleCreation> {
        CreateBatch::new(self.core.clone(), Arc::clone(&self.id), request)
    }

    /// Returns a batch of samples of this project, by its id. Sends nothing.
    pub fn sample_batch(&self, id: Uuid) -> Batch<SampleCreation> {
        Batch::new(self.core.clone(), Arc::clone(&self.id), id)
    }

    /// Submits analyses under a name. Each is created exactly once, also after interruptions. See
    /// [`Submission`](crate::Submission).
    ///
    /// The name identifies the submission within the project, and its keys depend on it. Choose one
    /// name for each manifest, 1 to 200 characters long. White space around it is dropped, and equal
    /// characters are written alike (Unicode's form NFC), so that machines that write it differently
    /// send the same keys.
    #[cfg(feature = "journal")]
    pub fn submission(&self, name: impl Into<String>, journal: &crate::Journal) -> crate::Submission {
        let (id, given_id) = (Arc::clone(&self.id), Arc::clone(&self.given_id));
        crate::Submission::new(self.core.clone(), id, &given_id, name.into(), journal.clone())
    }

    /// Checks the rows of a manifest against this project, with requests that only read. Await it.
    ///
    /// [`Preflight`](crate::Preflight) and [`ManifestFile`](crate::ManifestFile) have examples.
    #[cfg(feature = "manifest")]
    pub fn preflight(&self, manifest: crate::ManifestFile) -> crate::Preflight {
        crate::Preflight::new(self.core.clone(), Arc::clone(&self.id), manifest)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Client, Credentials};

    #[test]
    fn a_uuid_has_one_spelling() {
        let credentials = Credentials::api_key("k").unwrap();
        let client = Client::builder().credentials(credentials).build().unwrap();
        let id = |given: &str| client.project(given).unwrap().id().to_owned();
        let canonical = "7c1d0b1e-58b6-4b0e-9a3f-3f6b9d3f1c11";
        for given in [
            canonical,
            " 7C1D0B1E-58B6-4B0E-9A3F-3F6B9D3F1C11\n",
            "7c1d0b1e58b64b0e9a3f3f6b9d3f1c11",
        ] {
            assert_eq!(id(given), canonical);
        }
        assert_eq!(id("My-Project"), "My-Project");
    }
}
