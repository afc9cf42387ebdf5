//! Identity of the user of a credential, to recognize later whether the same user sends again.
//!
//! ICA keeps idempotency keys per user. The identity goes into a journal and into errors, so it
//! shows no secret.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::jwt::{self, Subject};
use crate::idempotency::hex;
use crate::secret::Secret;

/// First part of a fingerprint. It changes with what the fingerprint is made of.
const PURPOSE: &str = "ica-batch-sdk/identity/1";

/// Bytes of a fingerprint that are kept.
const FINGERPRINT: usize = 16;

/// Start of the text of an identity that is the subject of a token.
const USER: &str = "user ";

/// Identity of the user of a credential. Equal identities are of the same user.
///
/// | text | what is known | other identity |
/// |---|---|---|
/// | `user "…" of "…"`, `user "…"` | subject of a token, and its issuer | another user |
/// | `user f…` | the same, too long or not printable | another user |
/// | `credential f…` | a salted fingerprint of a key, or of a token that names no user | perhaps another user |
///
/// `f…` is 32 hexadecimal digits, which depend on the salt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Identity(String);

#[cfg_attr(not(test), allow(dead_code, reason = "the journal does not record it yet"))]
impl Identity {
    /// Returns the identity that a journal has recorded.
    pub(crate) fn recorded(text: String) -> Self {
        Self(text)
    }

    /// Returns the user that a token names.
    pub(crate) fn of_token(token: &Secret, salt: &str) -> Option<Self> {
        let Subject { sub, iss } = jwt::subject(token.expose())?;
        let is_shown = |text: &String| jwt::is_shown(text, token.expose());
        Some(Self(match &iss {
            None if is_shown(&sub) => format!("{USER}{sub:?}"),
            Some(iss) if is_shown(&sub) && is_shown(iss) => format!("{USER}{sub:?} of {iss:?}"),
            None => format!("{USER}{}", fingerprint(salt, &["subject", &sub])),
            Some(iss) => format!("{USER}{}", fingerprint(salt, &["subject", &sub, iss])),
        }))
    }

    /// Returns the fingerprint of a key, or of a token that names no user.
    pub(crate) fn of_secret(secret: &Secret, salt: &str) -> Self {
        Self(format!(
            "credential {}",
            fingerprint(salt, &["secret", secret.expose()])
        ))
    }

    /// Returns whether another identity is another user for certain. Two fingerprints may be of two
    /// keys of one user.
    pub(crate) fn is_another_user(&self, other: &Self) -> bool {
        self != other && self.0.starts_with(USER) && other.0.starts_with(USER)
    }

    /// Returns the text of the identity. It shows no secret.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the start of the SHA-256 of these parts, each preceded by its length.
fn fingerprint(salt: &str, parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in [PURPOSE, salt].iter().chain(parts) {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hex(digest.finalize().get(..FINGERPRINT).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::Identity;
    use crate::credentials::jwt::tests::token;
    use crate::secret::Secret;

    fn of_token(claims: &str) -> Option<String> {
        let identity = Identity::of_token(&Secret::new(token(claims)), "journal-1")?;
        Some(identity.as_str().to_owned())
    }

    #[test]
    fn the_user_of_a_token_is_its_subject_of_its_issuer() {
        assert_eq!(
            of_token(r#"{"iss":"illumina","sub":"u-1","exp":7}"#).as_deref(),
            Some(r#"user "u-1" of "illumina""#)
        );
        assert_eq!(of_token(r#"{"sub":"u-1"}"#).as_deref(), Some(r#"user "u-1""#));
        let texts = [
            r#"{"sub":"u-1","iss":"a"}"#,
            r#"{"sub":"u-1","iss":"b"}"#,
            r#"{"sub":"u-2","iss":"a"}"#,
            r#"{"sub":"u-1"}"#,
            r#"{"sub":"u-1\" of \"a"}"#,
        ];
        let all = texts.map(|claims| of_token(claims).unwrap());
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{one}");
        }
    }

    #[test]
    fn a_token_without_a_subject_names_no_user() {
        for claims in [r#"{"exp":7}"#, r#"{"sub":""}"#, r#"{"sub":" "}"#, r#"{"sub":7}"#, "[]"] {
            assert_eq!(of_token(claims), None, "{claims}");
        }
        assert_eq!(Identity::of_token(&Secret::new("opaque".to_owned()), "s"), None);
    }

    #[test]
    fn a_subject_that_is_not_printable_becomes_a_fingerprint() {
        let long = format!(r#"{{"sub":"{}"}}"#, "u".repeat(101));
        for claims in [
            long.as_str(),
            r#"{"sub":"u\u0000"}"#,
            r#"{"sub":"ü"}"#,
            r#"{"sub":"u","iss":"a b"}"#,
        ] {
            let text = of_token(claims).unwrap();
            let digits = text.strip_prefix("user ").unwrap();
            assert!(
                digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_subject_that_is_a_part_of_the_secret_is_not_shown() {
        // The signature of the token of these tests.
        let text = of_token(r#"{"sub":"c2lnbmF0dXJl"}"#).unwrap();
        assert!(text.starts_with("user ") && !text.contains("c2lnbmF0dXJl"), "{text}");
    }

    #[test]
    fn a_fingerprint_depends_on_the_secret_and_the_salt_and_shows_neither() {
        let of_key = |key: &str, salt| Identity::of_secret(&Secret::new(key.to_owned()), salt);
        let identity = of_key("hush-hush", "journal-1");
        assert_eq!(identity, of_key(" hush-hush\n", "journal-1"));
        assert_ne!(identity, of_key("hush-hush", "journal-2"));
        assert_ne!(identity, of_key("hush-hus", "hjournal-1"));
        assert_ne!(identity, of_key("hush", "journal-1"));
        // Computed by the program that the documentation of `IdempotencyKey::derive` shows.
        assert_eq!(identity.as_str(), "credential 8050f4dc79a74e4d6729fa5f99027d1c");
        let shown = format!("{identity} {identity:?} {identity:#?}");
        assert!(!shown.contains("hush") && !shown.contains("journal"), "{shown}");
    }

    #[test]
    fn two_keys_may_be_of_one_user_and_two_subjects_are_not() {
        let key = |key: &str| Identity::of_secret(&Secret::new(key.to_owned()), "s");
        let user = |sub: &str| {
            let token = Secret::new(token(&format!(r#"{{"sub":"{sub}"}}"#)));
            Identity::of_token(&token, "s").unwrap()
        };
        assert!(user("a").is_another_user(&user("b")));
        assert!(!user("a").is_another_user(&user("a")));
        assert!(!key("a").is_another_user(&key("b")));
        assert!(!key("a").is_another_user(&user("a")));
        let recorded = Identity::recorded(user("a").as_str().to_owned());
        assert_eq!(recorded, user("a"));
    }
}
