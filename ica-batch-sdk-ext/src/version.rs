//! The versions of the API, as types and at run time.
//!
//! ICA versions an operation by the media type of its answer. Where an operation has two versions, a type
//! parameter says which is asked for, so that V3 and V4 answers cannot be mixed up.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU8, Ordering};

use ica_batch_sdk::types;
use serde::de::DeserializeOwned;

use crate::error::{ErrorKind, Result};
use crate::items::{BatchItem, Listing};

/// A version of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ApiVersion {
    /// Version 3, `application/vnd.illumina.v3+json`.
    V3,
    /// Version 4, `application/vnd.illumina.v4+json`.
    V4,
}

impl ApiVersion {
    /// The number in the media type.
    pub fn number(self) -> u8 {
        match self {
            Self::V3 => 3,
            Self::V4 => 4,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::V3 => Self::V4,
            Self::V4 => Self::V3,
        }
    }

    fn bit(self) -> u8 {
        1 << self.number()
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{}", self.number())
    }
}

/// Which version to ask for, where that is decided while the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionPolicy {
    /// This one, or an error.
    Exact(ApiVersion),
    /// This one, or the other where the server does not have it (400 with `ICA_API_004`, or 406). The client remembers what the
    /// server does not have, so it is found out once.
    Prefer(ApiVersion),
}

/// The versions that a server was found not to have.
#[derive(Debug, Default)]
pub(crate) struct VersionMemory(AtomicU8);

impl VersionMemory {
    fn lacks(&self, version: ApiVersion) -> bool {
        self.0.load(Ordering::Relaxed) & version.bit() != 0
    }

    fn remember_lack_of(&self, version: ApiVersion) {
        self.0.fetch_or(version.bit(), Ordering::Relaxed);
    }

    /// Asks in the version that the policy leads to, and in the other where the server turns out not to have it.
    pub(crate) async fn ask<T, Asked>(&self, policy: VersionPolicy, ask: impl Fn(ApiVersion) -> Asked) -> Result<T>
    where
        Asked: Future<Output = Result<T>>,
    {
        let preferred = match policy {
            VersionPolicy::Exact(version) => return ask(version).await,
            VersionPolicy::Prefer(version) => version,
        };
        if self.lacks(preferred) {
            return ask(preferred.other()).await;
        }
        match ask(preferred).await {
            Err(error) if error.kind() == ErrorKind::VersionNotSupported => {
                let result = ask(preferred.other()).await;
                // Something on the way may have refused either; then nothing is known of the server.
                if result.is_ok() {
                    self.remember_lack_of(preferred);
                }
                result
            }
            result => result,
        }
    }
}

/// A version of the API as a type: [`V3`] or [`V4`].
///
/// Sealed; a further version is added by this crate.
pub trait Version: sealed::Sealed + Listing<Row = <Self as Version>::Item> + Default {
    /// An item of a batch in this version.
    type Item: BatchItem + DeserializeOwned + Clone + fmt::Debug + Send + Sync + Unpin + 'static;

    /// The version at run time.
    const VERSION: ApiVersion;
}

/// Version 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct V3;

/// Version 4, the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct V4;

impl Version for V3 {
    type Item = types::AnalysisCreationBatchItemV3;

    const VERSION: ApiVersion = ApiVersion::V3;
}

impl Version for V4 {
    type Item = types::AnalysisCreationBatchItemV4;

    const VERSION: ApiVersion = ApiVersion::V4;
}

pub(crate) mod sealed {
    //! What each version does its own way: calling the operations that differ.

    use std::future::Future;

    use ica_batch_sdk as raw;
    use ica_batch_sdk::types;
    use uuid::Uuid;

    use super::Version;
    use crate::call::RawResult;
    use crate::items::{PageQuery, Paging};
    use crate::pagination::Page;

    /// Implemented by the versions of this crate alone.
    pub trait Sealed {
        /// The operation that lists items.
        const LIST_ITEMS: &'static str;
        /// The operation that reads one item.
        const GET_ITEM: &'static str;

        /// Fetches a page of items.
        fn list_items(
            client: raw::Client,
            query: PageQuery,
        ) -> impl Future<Output = RawResult<Page<<Self as Version>::Item>>> + Send
        where
            Self: Version;

        /// Reads one item.
        fn get_item(
            client: raw::Client,
            project: String,
            batch: Uuid,
            item: Uuid,
        ) -> impl Future<Output = RawResult<<Self as Version>::Item>> + Send
        where
            Self: Version;
    }

    macro_rules! implement {
        ($version:ty, $item:ty, $list:ident, $get:ident) => {
            impl Sealed for $version {
                const LIST_ITEMS: &'static str = stringify!($list);
                const GET_ITEM: &'static str = stringify!($get);

                async fn list_items(client: raw::Client, query: PageQuery) -> RawResult<Page<$item>> {
                    let Paging { offset, size, token } = query.paging();
                    let status = query.status.as_ref();
                    let list = client
                        .$list(&query.project, &query.batch, offset, size, token, status)
                        .await?
                        .into_inner();
                    Ok(Page {
                        items: list.items,
                        next: list.next_page_token,
                        total: list.total_item_count.and_then(|total| u64::try_from(total).ok()),
                    })
                }

                async fn get_item(client: raw::Client, project: String, batch: Uuid, item: Uuid) -> RawResult<$item> {
                    Ok(client.$get(&project, &batch, &item).await?.into_inner())
                }
            }
        };
    }

    implement!(
        super::V3,
        types::AnalysisCreationBatchItemV3,
        get_analysis_creation_batch_items_v3,
        get_analysis_creation_batch_item_v3
    );
    implement!(
        super::V4,
        types::AnalysisCreationBatchItemV4,
        get_analysis_creation_batch_items_v4,
        get_analysis_creation_batch_item_v4
    );
}
