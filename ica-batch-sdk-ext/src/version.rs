//! Versions of the API, as types and at run time.
//!
//! ICA versions an operation by the media type of its response. Where an operation has several
//! versions, a type parameter names the version, so V3 and V4 responses cannot be mixed up.
//!
//! `api_versions!` below is the list of versions. A version that is added there makes the compiler
//! stop at every place that must decide about it.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use crate::error::{ErrorKind, Result};

/// Defines the versions, oldest first: [`ApiVersion`], and a type for each.
macro_rules! api_versions {
    ($($name:ident = $number:literal),+ $(,)?) => {
        /// Version of the API.
        ///
        /// ```
        /// use ica_batch_sdk_ext::ApiVersion;
        ///
        /// assert_eq!(ApiVersion::V4.number(), 4);
        /// assert!(ApiVersion::V3 < ApiVersion::V4);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ApiVersion {
            $(
                #[doc = concat!("Version ", $number, ", `application/vnd.illumina.v", $number, "+json`.")]
                $name,
            )+
        }

        impl ApiVersion {
            /// All versions that this crate knows, oldest first.
            pub const ALL: [Self; [$($number),+].len()] = [$(Self::$name),+];

            /// Returns the number in the media type.
            pub const fn number(self) -> u8 {
                match self {
                    $(Self::$name => $number,)+
                }
            }
        }

        $(
            #[doc = concat!("Version ", $number, " of the API, as a type.")]
            ///
            /// ```
            #[doc = concat!("use ica_batch_sdk_ext::{ApiVersion, ", stringify!($name), ", Version};")]
            ///
            #[doc = concat!("assert_eq!(", stringify!($name), "::VERSION, ApiVersion::", stringify!($name), ");")]
            /// ```
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
            pub struct $name;

            impl sealed::Sealed for $name {}

            impl Version for $name {
                const VERSION: ApiVersion = ApiVersion::$name;
            }
        )+
    };
}

api_versions! { V3 = 3, V4 = 4 }

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{}", self.number())
    }
}

/// Version of the API as a type, such as [`V3`] or [`V4`].
///
/// Sealed: only this crate adds versions.
///
/// ```
/// use ica_batch_sdk_ext::{V3, V4, Version};
///
/// fn media_type<V: Version>() -> String {
///     format!("application/vnd.illumina.v{}+json", V::VERSION.number())
/// }
///
/// assert_eq!(media_type::<V3>(), "application/vnd.illumina.v3+json");
/// assert_eq!(media_type::<V4>(), "application/vnd.illumina.v4+json");
/// ```
pub trait Version: sealed::Sealed + Default + Clone + Copy + fmt::Debug + Send + Sync + 'static {
    /// The version at run time.
    const VERSION: ApiVersion;
}

mod sealed {
    /// Trait that seals [`Version`](super::Version): only this crate implements it.
    pub trait Sealed {}
}

/// Versions to ask for, in order, where the program chooses while it runs.
///
/// ```
/// use ica_batch_sdk_ext::{ApiVersion, VersionPolicy};
///
/// let policy = VersionPolicy::prefer([ApiVersion::V4, ApiVersion::V3]);
/// assert_eq!(policy.to_string(), "V4, then V3");
/// assert_eq!(VersionPolicy::newest_first(), policy);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VersionPolicy {
    first: ApiVersion,
    /// The versions after the first, in order. None marks the end.
    then: [Option<ApiVersion>; ApiVersion::ALL.len()],
}

impl VersionPolicy {
    /// Asks for this version only. A server that does not support it is an error.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{ApiVersion, VersionPolicy};
    ///
    /// assert_eq!(VersionPolicy::exact(ApiVersion::V4).to_string(), "V4");
    /// ```
    pub const fn exact(version: ApiVersion) -> Self {
        Self {
            first: version,
            then: [None; ApiVersion::ALL.len()],
        }
    }

    /// Asks for these versions in order: the next one when the server does not support a version
    /// (400 with `ICA_API_004`, or 406).
    ///
    /// The client remembers what the server does not support, so it is asked once. A version that
    /// is named again is ignored. An empty list does not compile:
    ///
    /// ```compile_fail,E0080
    /// ica_batch_sdk_ext::VersionPolicy::prefer([]);
    /// ```
    pub fn prefer<const N: usize>(versions: [ApiVersion; N]) -> Self {
        const { assert!(N > 0, "name at least one version") };
        let mut policy = Self::exact(versions[0]);
        let mut position = 0;
        for version in versions {
            if policy.versions().all(|known| known != version) {
                policy.then[position] = Some(version);
                position += 1;
            }
        }
        policy
    }

    /// Asks for the newest version first, then for older ones.
    pub fn newest_first() -> Self {
        let mut versions = ApiVersion::ALL;
        versions.reverse();
        Self::prefer(versions)
    }

    /// Returns the versions in the order in which they are asked for.
    pub fn versions(&self) -> impl Iterator<Item = ApiVersion> + '_ {
        std::iter::once(self.first).chain(self.then.iter().flatten().copied())
    }
}

/// [`VersionPolicy::newest_first`].
impl Default for VersionPolicy {
    fn default() -> Self {
        Self::newest_first()
    }
}

impl fmt::Display for VersionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, version) in self.versions().enumerate() {
            let separator = if position == 0 { "" } else { ", then " };
            write!(f, "{separator}{version}")?;
        }
        Ok(())
    }
}

/// Versions that the server does not support, by the operations they belong to.
#[derive(Debug, Default)]
pub(crate) struct VersionMemory(Mutex<HashSet<(&'static str, ApiVersion)>>);

impl VersionMemory {
    fn with<T>(&self, act: impl FnOnce(&mut HashSet<(&'static str, ApiVersion)>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends a request in the versions of the policy, in order, until the server supports one.
    ///
    /// `operations` names the operations that have their versions in common.
    pub(crate) async fn send<T, Sent>(
        &self,
        operations: &'static str,
        policy: VersionPolicy,
        send: impl Fn(ApiVersion) -> Sent,
    ) -> Result<T>
    where
        Sent: Future<Output = Result<T>>,
    {
        let is_unsupported = |version| self.with(|unsupported| unsupported.contains(&(operations, version)));
        let mut versions = policy.versions().collect::<Vec<_>>();
        // Where none is known to be supported, all are tried again.
        if !versions.iter().all(|version| is_unsupported(*version)) {
            versions.retain(|version| !is_unsupported(*version));
        }
        let mut refused = Vec::new();
        let mut versions = versions.into_iter().peekable();
        loop {
            let version = versions.next().unwrap_or(policy.first);
            match send(version).await {
                Err(error) if error.kind() == ErrorKind::VersionNotSupported && versions.peek().is_some() => {
                    refused.push((operations, version));
                }
                result => {
                    // A proxy may have refused all of them, which says nothing about the server.
                    if result.is_ok() {
                        self.with(|unsupported| unsupported.extend(refused));
                    }
                    return result;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::{ApiVersion, VersionMemory, VersionPolicy};
    use crate::error::{Error, ErrorKind, Result};

    fn prefer_v4() -> VersionPolicy {
        VersionPolicy::prefer([ApiVersion::V4, ApiVersion::V3])
    }

    async fn sent(memory: &VersionMemory, policy: VersionPolicy, supported: &[ApiVersion]) -> (Vec<u8>, Result<u8>) {
        let asked = RefCell::new(Vec::new());
        let result = memory.send("items", policy, async |version| {
            asked.borrow_mut().push(version.number());
            match supported.contains(&version) {
                true => Ok(version.number()),
                false => Err(Error::new(ErrorKind::VersionNotSupported, "not supported (HTTP 400)")),
            }
        });
        let result = result.await;
        (asked.into_inner(), result)
    }

    #[tokio::test]
    async fn an_unsupported_version_is_asked_for_once() {
        let memory = VersionMemory::default();
        let (asked, result) = sent(&memory, prefer_v4(), &[ApiVersion::V3]).await;
        assert_eq!((asked, result.unwrap()), (vec![4, 3], 3));
        let (asked, _) = sent(&memory, prefer_v4(), &[ApiVersion::V3]).await;
        assert_eq!(asked, [3]);
    }

    #[tokio::test]
    async fn nothing_is_remembered_when_every_version_is_refused() {
        let memory = VersionMemory::default();
        let (asked, result) = sent(&memory, prefer_v4(), &[]).await;
        assert_eq!(asked, [4, 3]);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::VersionNotSupported);
        let (asked, _) = sent(&memory, prefer_v4(), &ApiVersion::ALL).await;
        assert_eq!(asked, [4]);
    }

    #[tokio::test]
    async fn an_exact_version_has_no_alternative() {
        let memory = VersionMemory::default();
        let (asked, result) = sent(&memory, VersionPolicy::exact(ApiVersion::V4), &[ApiVersion::V3]).await;
        assert_eq!((asked, result.is_err()), (vec![4], true));
    }

    #[test]
    fn a_version_that_is_named_twice_is_asked_for_once() {
        let policy = VersionPolicy::prefer([ApiVersion::V3, ApiVersion::V4, ApiVersion::V3]);
        assert_eq!(policy.versions().collect::<Vec<_>>(), [ApiVersion::V3, ApiVersion::V4]);
    }
}
