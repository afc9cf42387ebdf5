//! Finding the one pipeline that a text names.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use ica_batch_sdk::types::ProjectPipeline;

use super::Pipelines;
use super::matching::{Kind, Named};
use crate::call::{CallOverrides, call_setters};
use crate::error::{NAME, Result, shown};

/// Words of errors about pipelines.
const PIPELINE: Kind = Kind {
    one: "pipeline",
    names: "code, id or URN",
};

impl Pipelines {
    /// Finds a pipeline by its code, id or URN. Await the request.
    pub fn find(&self, pipeline: impl Into<String>) -> FindPipeline {
        FindPipeline {
            pipelines: self.clone(),
            text: pipeline.into(),
            overrides: CallOverrides::default(),
        }
    }

    /// Returns the index of the one pipeline of a list that a text names.
    pub(crate) fn choose(&self, text: &str, found: &[ProjectPipeline]) -> Result<usize> {
        let named = found.iter().map(|found| Named {
            id: found.pipeline.id,
            name: &found.pipeline.code,
            urn: found.pipeline.urn.as_deref(),
        });
        PIPELINE.check(text)?;
        PIPELINE.find(text, &named.collect::<Vec<_>>(), &self.core.scrubber(None))
    }
}

/// Request that finds the one pipeline with a code, id or URN. Await it.
///
/// The code is compared as a whole, with upper and lower case. Of a URN, the part after `#` is a
/// hint for people and is not compared. Drafts are found, too; the status of the pipeline tells them
/// apart.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_pipeline(simulator.project_id(), ica_simulator::SeedPipeline::new("Germline 4-3-6"));
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let pipeline = project.pipelines().find("Germline 4-3-6").await?.pipeline;
/// let urn = format!("urn:ilmn:ica:pipeline:{}", pipeline.id);
/// assert_eq!(project.pipelines().find(urn).await?.pipeline.id, pipeline.id);
///
/// let error = project.pipelines().find("Germlin 4-3-6").await.unwrap_err();
/// assert!(error.is_not_found());
/// assert!(error.to_string().contains("did you mean \"Germline 4-3-6\""));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`NotFound`](crate::ErrorKind::NotFound) without such a pipeline; the message has similar codes.
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) if several pipelines have the code; the message
/// has their ids. The errors of a request that lists pipelines.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct FindPipeline {
    pipelines: Pipelines,
    text: String,
    overrides: CallOverrides,
}

impl FindPipeline {
    async fn run(self) -> Result<ProjectPipeline> {
        let Self {
            pipelines,
            text,
            overrides,
        } = self;
        let action = format!(
            "find pipeline {:?} in project {}",
            shown(&text, NAME),
            pipelines.project
        );
        PIPELINE.check(&text).map_err(|error| error.could_not(action.clone()))?;
        let mut found = pipelines.read(action.clone(), &overrides).await?;
        let index = pipelines.choose(&text, &found);
        let index = index.map_err(|error| error.could_not(action))?;
        Ok(found.swap_remove(index))
    }

    call_setters!();
}

impl IntoFuture for FindPipeline {
    type Output = Result<ProjectPipeline>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
