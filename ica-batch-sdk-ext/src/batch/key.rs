//! Kinds of idempotency keys of a create.

use std::fmt;

use crate::idempotency::IdempotencyKey;

/// Idempotency key of a create: an [`IdempotencyKey`], or [`NoKey`].
///
/// Sealed: only this crate implements it.
///
/// ```
/// use ica_batch_sdk_ext::{CreateKey, IdempotencyKey, NoKey};
///
/// assert!(IdempotencyKey::fresh().get().is_some());
/// assert_eq!(NoKey::fresh().get(), None);
/// ```
pub trait CreateKey: sealed::Sealed + Clone + fmt::Debug + Send + Sync + 'static {
    /// Returns the key of a new request.
    fn fresh() -> Self;

    /// Returns the key, if there is one.
    fn get(&self) -> Option<&IdempotencyKey>;
}

mod sealed {
    /// Trait that seals [`CreateKey`](super::CreateKey): only this crate implements it.
    pub trait Sealed {}

    impl Sealed for crate::idempotency::IdempotencyKey {}
    impl Sealed for super::NoKey {}
}

impl CreateKey for IdempotencyKey {
    fn fresh() -> Self {
        Self::random()
    }

    fn get(&self) -> Option<&IdempotencyKey> {
        Some(self)
    }
}

/// Absence of an idempotency key: the create is never retried.
///
/// ```
/// use ica_batch_sdk_ext::{CreateKey, NoKey};
///
/// assert!(NoKey.get().is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoKey;

impl CreateKey for NoKey {
    fn fresh() -> Self {
        Self
    }

    fn get(&self) -> Option<&IdempotencyKey> {
        None
    }
}
