//! Keys that make creating a batch safe to repeat.
//!
//! For an answer below 400 ICA keeps the answer for 7 days, per endpoint, key and user: the same body again gets
//! the kept answer and nothing is executed, another body is refused with 422, and the same body while the first
//! call still runs with 409. An answer of 400 or more is not kept, so the key may be sent again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result};

/// The most characters that a key may have (from the API's description).
const MAX_LENGTH: usize = 255;

/// An idempotency key: 1 to 255 visible ASCII characters.
///
/// It is no secret. Keep it with what it was sent for: it is how a call whose answer was lost is repeated without
/// creating anything twice.
///
/// ```
/// use ica_batch_sdk_ext::IdempotencyKey;
///
/// let key: IdempotencyKey = "cohort-42/chunk-7".parse()?;
/// assert_eq!(key.as_str(), "cohort-42/chunk-7");
/// assert!("".parse::<IdempotencyKey>().is_err());
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey(Box<str>);

impl IdempotencyKey {
    /// A key that no other call has: a version 4 UUID.
    pub fn random() -> Self {
        Self(Uuid::new_v4().hyphenated().to_string().into())
    }

    /// The key as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let reason = if text.is_empty() {
            "is empty".to_owned()
        } else if let Some(bad) = text.chars().find(|c| !c.is_ascii_graphic()) {
            format!("holds {bad:?}")
        } else if text.len() > MAX_LENGTH {
            format!("has {} characters", text.len())
        } else {
            return Ok(Self(text.into()));
        };
        Err(Error::invalid_input(format!(
            "the idempotency key {reason}; it needs 1 to {MAX_LENGTH} visible ASCII characters"
        )))
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0.into()
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::IdempotencyKey;

    #[test]
    fn random_keys_are_valid_and_differ() {
        let (a, b) = (IdempotencyKey::random(), IdempotencyKey::random());
        assert_ne!(a, b);
        assert_eq!(a.as_str().parse::<IdempotencyKey>().unwrap(), a);
    }

    #[test]
    fn the_reason_stands_in_the_error() {
        let reason = |text: &str| text.parse::<IdempotencyKey>().unwrap_err().to_string();
        assert!(reason("").contains("is empty"));
        assert!(reason("a b").contains("holds ' '"));
        assert!(reason("né").contains("holds 'é'"));
        assert!(reason(&"x".repeat(256)).contains("has 256 characters"));
        assert!("x".repeat(255).parse::<IdempotencyKey>().is_ok());
    }

    #[test]
    fn serde_keeps_the_rules() {
        let key: IdempotencyKey = serde_json::from_str("\"k-1\"").unwrap();
        assert_eq!(serde_json::to_string(&key).unwrap(), "\"k-1\"");
        assert!(serde_json::from_str::<IdempotencyKey>("\"\"").is_err());
    }
}
