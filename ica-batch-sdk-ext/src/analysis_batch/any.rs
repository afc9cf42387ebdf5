//! Items in a version that is chosen while the program runs.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use ica_batch_sdk::types::{AnalysisCreationBatchItemV3, AnalysisCreationBatchItemV4};
use uuid::Uuid;

use super::one::item;
use crate::client::Client;
use crate::error::Result;
use crate::options::{CallOverrides, call_setters};
use crate::version::{ApiVersion, V3, V4, VersionPolicy};

/// An item of either version. [`BatchItem`](super::BatchItem) shows what both have.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AnyItem {
    /// An item in V3.
    V3(AnalysisCreationBatchItemV3),
    /// An item in V4.
    V4(AnalysisCreationBatchItemV4),
}

/// Reading one item in a version that a [`VersionPolicy`] leads to. Await it.
#[derive(Clone)]
#[must_use = "nothing is sent before it is awaited"]
pub struct GetAnyItem {
    client: Client,
    project: String,
    batch: Uuid,
    id: Uuid,
    overrides: CallOverrides,
    policy: VersionPolicy,
}

impl GetAnyItem {
    pub(super) fn new(
        client: Client,
        project: String,
        batch: Uuid,
        id: Uuid,
        overrides: CallOverrides,
        policy: VersionPolicy,
    ) -> Self {
        Self {
            client,
            project,
            batch,
            id,
            overrides,
            policy,
        }
    }

    call_setters!();
}

impl IntoFuture for GetAnyItem {
    type Output = Result<AnyItem>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            project,
            batch,
            id,
            overrides,
            policy,
        } = self;
        Box::pin(async move {
            let ask = async |version| {
                Ok(match version {
                    ApiVersion::V3 => AnyItem::V3(item::<V3>(&client, &overrides, &project, batch, id).await?),
                    ApiVersion::V4 => AnyItem::V4(item::<V4>(&client, &overrides, &project, batch, id).await?),
                })
            };
            client.versions().ask(policy, ask).await
        })
    }
}

impl fmt::Debug for GetAnyItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            project,
            batch,
            id,
            overrides,
            policy,
        } = self;
        f.debug_struct("GetAnyItem")
            .field("policy", policy)
            .field("project", project)
            .field("batch", batch)
            .field("id", id)
            .field("overrides", overrides)
            .finish_non_exhaustive()
    }
}
