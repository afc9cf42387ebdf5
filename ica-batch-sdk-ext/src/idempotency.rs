//! Keys that make creating a batch safe to repeat.
//!
//! For an answer below 400 ICA keeps the answer for 7 days, per endpoint, key and user: the same body again gets
//! the kept answer and nothing is executed, another body is refused with 422, and the same body while the first
//! call still runs with 409. An answer of 400 or more is not kept, so the key may be sent again.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Error, Result};

/// The most characters that a key may have (from the API's description).
const MAX_LENGTH: usize = 255;

/// For how long a key is sent again. ICA remembers it for 7 days; an hour is for clocks and travel.
pub(crate) const KEY_LIFETIME: Duration = Duration::from_secs((7 * 24 - 1) * 3600);

/// What a derived key's digest begins with, and the key itself. Another way to derive has another version.
const DERIVATION: &str = "ica-batch-sdk/idempotency-key/1";
const DERIVED: &str = "k1-";

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

    /// The key of these parts: the same wherever and whenever it is derived, and another for any other parts.
    ///
    /// Derive a key from what makes the request what it is, its content included, and two programs that mean the same request
    /// send the same key without having met. For 7 days they then create one batch between them.
    ///
    /// The key is `k1-` and 64 lowercase hexadecimal digits: the SHA-256 of the text `ica-batch-sdk/idempotency-key/1` and then of
    /// each part, each of them preceded by its length in bytes as an unsigned 64-bit number, most significant byte first. The lengths
    /// keep `["ab", "c"]` and `["a", "bc"]` apart. This does not change; another way would begin with another prefix than `k1-`.
    ///
    /// In Python:
    ///
    /// ```text
    /// import hashlib
    /// def derive(*parts):
    ///     digest = hashlib.sha256()
    ///     for part in (b"ica-batch-sdk/idempotency-key/1", *parts):
    ///         digest.update(len(part).to_bytes(8, "big") + part)
    ///     return "k1-" + digest.hexdigest()
    /// ```
    ///
    /// ```
    /// use ica_batch_sdk_ext::IdempotencyKey;
    ///
    /// let key = IdempotencyKey::derive(["cohort-42", "sample-7"]);
    /// assert_eq!(key.as_str(), "k1-d98974c1dd6c27f144d5a8a86c5a236b3d515a321337b11a57ad92542db80659");
    /// ```
    pub fn derive<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut digest = Sha256::new();
        let mut add = |part: &[u8]| {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        };
        add(DERIVATION.as_bytes());
        for part in parts {
            add(part.as_ref());
        }
        Self(format!("{DERIVED}{}", hex(&digest.finalize())).into())
    }

    /// The key as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Bytes in lowercase hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
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
    fn a_derived_key_is_what_it_was_and_tells_its_parts_apart() {
        // From the program in the documentation.
        let known = [
            (
                IdempotencyKey::derive([] as [&str; 0]),
                "k1-6baa152e5b93cc6e1dc5e7dfc129ba234a267b66336d8cb26764da906d157ea9",
            ),
            (
                IdempotencyKey::derive([&b"\x00\xff"[..]]),
                "k1-b0fbab181d74dab36dec266d0ce681ff828624cf606851fd97283f8c00065a83",
            ),
        ];
        for (key, expected) in known {
            assert_eq!(key.as_str(), expected);
        }
        assert_ne!(IdempotencyKey::derive(["ab", "c"]), IdempotencyKey::derive(["a", "bc"]));
        assert_ne!(IdempotencyKey::derive(["a", ""]), IdempotencyKey::derive(["a"]));
        let key = IdempotencyKey::derive(["a"]);
        assert_eq!(key.as_str().parse::<IdempotencyKey>().unwrap(), key);
    }

    #[test]
    fn serde_keeps_the_rules() {
        let key: IdempotencyKey = serde_json::from_str("\"k-1\"").unwrap();
        assert_eq!(serde_json::to_string(&key).unwrap(), "\"k-1\"");
        assert!(serde_json::from_str::<IdempotencyKey>("\"\"").is_err());
    }
}
