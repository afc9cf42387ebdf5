//! Expiry and user of a JSON web token. Nothing else of the token is read.
//!
//! Neither the signature nor the issuer is verified. The server does that on every call. The expiry
//! only decides when to get the next token, and whether to send this one at all. A token that was
//! tampered with is renewed at another time, and the server rejects it as before. The user is only
//! compared with the user of earlier requests.
//!
//! Each tenant sets the lifetime of its tokens, and only `exp` contains it (RFC 7519, section
//! 4.1.4: seconds since 1970, with or without a fraction). A token that is not a JSON web token, or
//! has no `exp`, has no known expiry.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD_INDIFFERENT as BASE64URL;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Expiry {
    exp: f64,
}

/// Longest subject and issuer that are shown, in bytes.
const SHOWN: usize = 100;

/// User of a token, as its issuer names it.
#[derive(Deserialize)]
pub(super) struct Subject {
    /// Unique within the issuer (RFC 7519, section 4.1.2).
    pub(super) sub: String,
    #[serde(default)]
    pub(super) iss: Option<String>,
}

/// Returns the expiry in a token, if it contains one.
pub(super) fn expiry(token: &str) -> Option<SystemTime> {
    let Expiry { exp } = claims(token)?;
    UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(exp).ok()?)
}

/// Returns whether a text of a token may be shown: it is printable, not long, and could not be the
/// secret itself.
pub(super) fn is_shown(text: &str, token: &str) -> bool {
    text.len() <= SHOWN && text.bytes().all(|byte| byte.is_ascii_graphic()) && !token.contains(text)
}

/// Returns the user in a token, if it contains one.
pub(super) fn subject(token: &str) -> Option<Subject> {
    claims(token).filter(|subject: &Subject| !subject.sub.trim().is_empty())
}

fn claims<T: DeserializeOwned>(token: &str) -> Option<T> {
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = BASE64URL.decode(payload).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use base64::Engine;
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};

    use super::expiry;

    /// Returns an unsigned token with these claims.
    pub(in crate::credentials) fn token(claims: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2lnbmF0dXJl", encode(r#"{"alg":"RS256"}"#), encode(claims))
    }

    /// Returns an unsigned token that expires at this time.
    pub(in crate::credentials) fn token_until(expires_at: SystemTime) -> String {
        let seconds = expires_at.duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        token(&format!(r#"{{"exp":{seconds}}}"#))
    }

    fn at(seconds: f64) -> Option<SystemTime> {
        Some(UNIX_EPOCH + Duration::from_secs_f64(seconds))
    }

    #[test]
    fn seconds_with_and_without_a_fraction_are_read() {
        assert_eq!(expiry(&token(r#"{"sub":"u","exp":1795464900}"#)), at(1_795_464_900.0));
        assert_eq!(expiry(&token(r#"{"exp":1795464900.5}"#)), at(1_795_464_900.5));
        assert_eq!(expiry(&token(r#"{"exp":1.7954649e9}"#)), at(1_795_464_900.0));
    }

    #[test]
    fn padding_is_accepted() {
        for claims in [r#"{"exp":1}"#, r#"{"exp":12}"#, r#"{"exp":123}"#] {
            let padded = format!("e30.{}.x", URL_SAFE.encode(claims));
            assert_eq!(expiry(&padded), expiry(&token(claims)));
            assert!(expiry(&padded).is_some());
        }
    }

    #[test]
    fn characters_of_base64url_are_read() {
        let claims = r#"{"name":"ÿþ?~ÿ>","exp":1}"#;
        assert!(token(claims).contains(['-', '_']), "{}", token(claims));
        assert_eq!(expiry(&token(claims)), at(1.0));
    }

    #[test]
    fn a_token_without_a_valid_exp_has_no_expiry() {
        let opaque = ["", "opaque", "a.b", "a.b.c.d", "a.!!.c", "..", "e30.e30.x"];
        for text in opaque {
            assert_eq!(expiry(text), None, "{text}");
        }
        for claims in [
            r#"{"exp":"soon"}"#,
            r#"{"exp":null}"#,
            r#"{"exp":-5}"#,
            r#"{"exp":1e300}"#,
            "[]",
            "not json",
        ] {
            assert_eq!(expiry(&token(claims)), None, "{claims}");
        }
    }
}
