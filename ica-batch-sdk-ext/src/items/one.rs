//! Reading one item.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use uuid::Uuid;

use super::GetAnyItem;
use crate::client::Client;
use crate::error::Result;
use crate::options::{CallOverrides, call_setters};
use crate::version::{Version, VersionPolicy};

/// Reading one item. Await it.
#[must_use = "nothing is sent before it is awaited"]
pub struct GetItem<V> {
    client: Client,
    project: String,
    batch: Uuid,
    id: Uuid,
    overrides: CallOverrides,
    version: PhantomData<fn() -> V>,
}

impl<V: Version> GetItem<V> {
    pub(crate) fn new(client: Client, project: String, batch: Uuid, id: Uuid) -> Self {
        Self {
            client,
            project,
            batch,
            id,
            overrides: CallOverrides::default(),
            version: PhantomData,
        }
    }

    /// Asks for the item in this version of the API.
    pub fn version<W: Version>(self) -> GetItem<W> {
        GetItem {
            client: self.client,
            project: self.project,
            batch: self.batch,
            id: self.id,
            overrides: self.overrides,
            version: PhantomData,
        }
    }

    /// Asks for the item in a version that is chosen while the program runs.
    pub fn any_version(self, policy: VersionPolicy) -> GetAnyItem {
        GetAnyItem::new(self.client, self.project, self.batch, self.id, self.overrides, policy)
    }

    call_setters!();
}

/// Reads an item.
pub(super) async fn item<V: Version>(
    client: &Client,
    overrides: &CallOverrides,
    project: &str,
    batch: Uuid,
    id: Uuid,
) -> Result<V::Item> {
    let call = client.call(V::GET_ITEM, "reading the item").overrides(overrides);
    call.run(|raw| V::get_item(raw, project.to_owned(), batch, id)).await
}

impl<V: Version> IntoFuture for GetItem<V> {
    type Output = Result<V::Item>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            project,
            batch,
            id,
            overrides,
            version: _,
        } = self;
        Box::pin(async move { item::<V>(&client, &overrides, &project, batch, id).await })
    }
}

impl<V: Version> fmt::Debug for GetItem<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client: _,
            project,
            batch,
            id,
            overrides,
            version: _,
        } = self;
        f.debug_struct("GetItem")
            .field("version", &V::VERSION)
            .field("project", project)
            .field("batch", batch)
            .field("id", id)
            .field("overrides", overrides)
            .finish_non_exhaustive()
    }
}
