//! Macros that implement the versions of a family from the methods of the raw client.

/// Implements [`ItemVersion`](super::ItemVersion): the items of a family in one version.
///
/// `$list` and `$get` are methods of the raw client. All list operations of ICA's batches have the
/// same parameters. `$item_name` and `$texts` name the arguments of a block that scrubs the rest of
/// an item, beside its processing.
macro_rules! item_version {
    ($family:ty, $version:ty, $item:ty, $list:ident, $get:ident, |$item_name:ident, $texts:ident| $scrub:expr) => {
        impl $crate::batch::ItemVersion<$version> for $family {
            type Item = $item;
            const LIST: &'static str = stringify!($list);
            const GET_ITEM: &'static str = stringify!($get);

            async fn list(
                client: ::ica_batch_sdk::Client,
                project: &str,
                batch: ::uuid::Uuid,
                query: &$crate::batch::ItemQuery<Self>,
            ) -> $crate::call::RawResult<$crate::paging::Page<$item>> {
                $crate::batch::list_page!(client, $list, project, batch, query)
            }

            async fn get_item(
                client: ::ica_batch_sdk::Client,
                project: &str,
                batch: ::uuid::Uuid,
                item: ::uuid::Uuid,
            ) -> $crate::call::RawResult<$item> {
                Ok(client.$get(project, &batch, &item).await?.into_inner())
            }

            fn scrub($item_name: &mut $item, $texts: &mut $crate::batch::ForeignTexts<'_>) {
                let processing = &mut $item_name.processing;
                $texts.message(&mut processing.additional_status_information);
                $texts.status(&mut processing.status);
                $scrub
            }
        }
    };
}

/// Calls a list operation of the raw client and converts its response into a page.
macro_rules! list_page {
    ($client:ident, $list:ident, $project:ident, $batch:ident, $query:ident) => {{
        let parameters = $query.parameters();
        let list = $client
            .$list(
                $project,
                &$batch,
                parameters.offset,
                parameters.size,
                parameters.token,
                $query.filter.as_ref(),
            )
            .await?
            .into_inner();
        Ok($crate::paging::Page {
            items: list.items,
            next: list.next_page_token,
            total: list.total_item_count.and_then(|total| u64::try_from(total).ok()),
            bytes: $client.context().response_bytes().unwrap_or_default(),
        })
    }};
}

/// Defines an enum of the items of a family in any version, and implements
/// [`AnyItemVersion`](super::AnyItemVersion).
///
/// Every version of [`ApiVersion`](crate::ApiVersion) must be in one of the two lists, or the macro
/// does not compile.
macro_rules! any_item_version {
    (
        $(#[$meta:meta])*
        pub enum $any:ident of $family:ty {
            $($version:ident),+ $(,)?
        }
        unsupported { $($unsupported:ident),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum $any {
            $(
                #[doc = concat!("An item in ", stringify!($version), ".")]
                $version(<$family as $crate::batch::ItemVersion<$crate::version::$version>>::Item),
            )+
        }

        impl $crate::batch::AnyItemVersion for $family {
            type AnyItem = $any;

            fn list_any(
                request: $crate::batch::ItemRequest,
                version: $crate::version::ApiVersion,
                query: $crate::batch::ItemQuery<Self>,
            ) -> Option<$crate::paging::BoxedPage<$any>> {
                match version {
                    $(
                        $crate::version::ApiVersion::$version => Some(Box::pin(async move {
                            let page = $crate::batch::list::<$family, $crate::version::$version>(&request, &query).await?;
                            Ok(page.map($any::$version))
                        })),
                    )+
                    $($crate::version::ApiVersion::$unsupported => None,)*
                }
            }

            fn get_any(
                request: $crate::batch::ItemRequest,
                version: $crate::version::ApiVersion,
                item: ::uuid::Uuid,
            ) -> Option<$crate::batch::BoxedResult<$any>> {
                match version {
                    $(
                        $crate::version::ApiVersion::$version => Some(Box::pin(async move {
                            let item = $crate::batch::get::<$family, $crate::version::$version>(&request, item).await?;
                            Ok($any::$version(item))
                        })),
                    )+
                    $($crate::version::ApiVersion::$unsupported => None,)*
                }
            }
        }

        impl $crate::batch::BatchItem for $any {
            type Family = $family;

            fn id(&self) -> ::uuid::Uuid {
                match self {
                    $(Self::$version(item) => item.id(),)+
                }
            }

            fn name(&self) -> &str {
                match self {
                    $(Self::$version(item) => item.name(),)+
                }
            }

            fn creation_status(&self) -> &<$family as $crate::batch::Family>::ItemStatus {
                match self {
                    $(Self::$version(item) => item.creation_status(),)+
                }
            }

            fn creation_message(&self) -> Option<&str> {
                match self {
                    $(Self::$version(item) => item.creation_message(),)+
                }
            }

            fn created_id(&self) -> Option<::uuid::Uuid> {
                match self {
                    $(Self::$version(item) => item.created_id(),)+
                }
            }

            fn run_status(&self) -> Option<<$family as $crate::batch::Family>::RunStatus> {
                match self {
                    $(Self::$version(item) => item.run_status(),)+
                }
            }
        }
    };
}

pub(crate) use {any_item_version, item_version, list_page};
