//! Who calls: what is sent to prove it.

use crate::error::{Error, Result};
use crate::secret::Secret;

/// What authenticates the calls of a client.
///
/// `Debug` names the kind and never the secret.
#[derive(Debug, Clone)]
pub struct Credentials(Kind);

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Bearer(Secret),
    ApiKey(Secret),
}

impl Credentials {
    /// A JSON web token, sent as it is with every call until it expires.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the token is empty or holds what no header can.
    pub fn bearer(token: impl AsRef<str>) -> Result<Self> {
        Ok(Self(Kind::Bearer(checked("bearer token", token.as_ref())?)))
    }

    /// An API key, sent as it is with every call.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the key is empty or holds what no header can.
    pub fn api_key_direct(key: impl AsRef<str>) -> Result<Self> {
        Ok(Self(Kind::ApiKey(checked("API key", key.as_ref())?)))
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0
    }
}

/// The secret without the line end that reading it from a file leaves.
fn checked(what: &str, text: &str) -> Result<Secret> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid_input(format!(
            "the {what} is empty; check where it is read from"
        )));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid_input(format!(
            "the {what} holds a character that no credential has; it may be encrypted or cut wrongly"
        )));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Kind};

    #[test]
    fn a_line_end_is_not_part_of_a_key() {
        let credentials = Credentials::api_key_direct("k-1\n").unwrap();
        assert!(matches!(credentials.kind(), Kind::ApiKey(key) if key.expose() == "k-1"));
    }

    #[test]
    fn what_cannot_be_a_credential_is_refused_without_being_shown() {
        for bad in ["", " \n", "two words", "k\u{1}ey"] {
            let error = Credentials::bearer(bad).unwrap_err();
            assert!(error.to_string().contains("bearer token"), "{error}");
            assert!(!error.to_string().contains("words"), "{error}");
        }
    }

    #[test]
    fn debug_names_the_kind_and_hides_the_secret() {
        assert_eq!(
            format!("{:?}", Credentials::bearer("hush").unwrap()),
            "Credentials(Bearer(Secret))"
        );
    }
}
