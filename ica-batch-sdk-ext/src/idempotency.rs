//! Idempotency keys, which make it safe to repeat a create.
//!
//! ICA keeps a response below 400 for 7 days, per endpoint, key and user. The same body with the
//! same key then gets the stored response, and nothing is executed. Another body is rejected with
//! 422. The same body gets 409 while the first request is still in progress. ICA does not keep a
//! response of 400 or more, so the same key may be sent again.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Maximum length of a key in characters (from the API's description).
const MAX_LENGTH: usize = 255;

/// Time for which a key is sent again. ICA keeps it for 7 days; one hour is left for clock skew and
/// time in flight.
pub(crate) const KEY_LIFETIME: Duration = Duration::from_secs((7 * 24 - 1) * 3600);

/// Prefixes of the digest of a derived key and of the key itself. They change with the derivation.
const DERIVATION: &str = "ica-batch-sdk/idempotency-key/1";
const DERIVED: &str = "k1-";

/// Idempotency key: 1 to 255 visible ASCII characters.
///
/// A key is not a secret. Keep it together with the request: with it, a create whose response was
/// lost can be sent again, and nothing is created twice.
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
    /// Returns a key that no other request has: a version 4 UUID.
    ///
    /// ```
    /// use ica_batch_sdk_ext::IdempotencyKey;
    ///
    /// assert_ne!(IdempotencyKey::random(), IdempotencyKey::random());
    /// ```
    pub fn random() -> Self {
        Self(Uuid::new_v4().hyphenated().to_string().into())
    }

    /// Derives a key from parts: the same parts give the same key everywhere, and other parts give
    /// another key.
    ///
    /// Derive a key from everything that identifies the request, including its content. Two
    /// programs that send the same request then send the same key, and within 7 days ICA creates
    /// one batch.
    ///
    /// The key is `k1-` and 64 lowercase hexadecimal digits: the SHA-256 of the text
    /// `ica-batch-sdk/idempotency-key/1` and of each part. Each of them is preceded by its length
    /// in bytes as an unsigned 64-bit number, most significant byte first. The lengths distinguish
    /// `["ab", "c"]` from `["a", "bc"]`. This derivation does not change; another one would have
    /// another prefix than `k1-`.
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
        Self(format!("{DERIVED}{}", digest_of(DERIVATION, parts)).into())
    }

    /// Returns the key as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns the SHA-256 of a purpose and of parts, each preceded by its length, in lowercase
/// hexadecimal digits.
pub(crate) fn digest_of<P: AsRef<[u8]>>(purpose: &str, parts: impl IntoIterator<Item = P>) -> String {
    let mut digest = Sha256::new();
    let mut add = |part: &[u8]| {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    };
    add(purpose.as_bytes());
    for part in parts {
        add(part.as_ref());
    }
    hex(&digest.finalize())
}

/// Returns bytes as lowercase hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Error of text that is not a valid [`IdempotencyKey`]. Converts into [`Error`](crate::Error).
///
/// ```
/// use ica_batch_sdk_ext::IdempotencyKey;
///
/// let error = "a b".parse::<IdempotencyKey>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the idempotency key is not valid: it contains ' '; use 1 to 255 visible ASCII characters"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidIdempotencyKey {
    reason: String,
}

impl fmt::Display for InvalidIdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason } = self;
        write!(
            f,
            "the idempotency key is not valid: it {reason}; use 1 to {MAX_LENGTH} visible ASCII characters"
        )
    }
}

impl std::error::Error for InvalidIdempotencyKey {}

impl FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    fn from_str(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let reason = if text.is_empty() {
            "is empty".to_owned()
        } else if let Some(bad) = text.chars().find(|c| !c.is_ascii_graphic()) {
            format!("contains {bad:?}")
        } else if text.len() > MAX_LENGTH {
            format!("has {} characters", text.len())
        } else {
            return Ok(Self(text.into()));
        };
        Err(InvalidIdempotencyKey { reason })
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = InvalidIdempotencyKey;

    fn try_from(text: String) -> Result<Self, InvalidIdempotencyKey> {
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
    fn the_error_names_the_reason() {
        let reason = |text: &str| text.parse::<IdempotencyKey>().unwrap_err().to_string();
        assert!(reason("").contains("is empty"));
        assert!(reason("a b").contains("contains ' '"));
        assert!(reason("né").contains("contains 'é'"));
        assert!(reason(&"x".repeat(256)).contains("has 256 characters"));
        assert!("x".repeat(255).parse::<IdempotencyKey>().is_ok());
    }

    #[test]
    fn a_derived_key_is_stable_and_distinguishes_its_parts() {
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
