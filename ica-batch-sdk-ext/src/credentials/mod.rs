//! Who calls: what is sent to prove it, and where it comes from.
//!
//! [`Credentials`] say which proof to use; the call decides how to send it. ICA takes an API key with each call as well as
//! a JSON web token, and advises to trade the key for a token at `POST /api/tokens`. A token that came from a key cannot be
//! refreshed: a new one is minted in its place.
//!
//! What is taken as a credential is trimmed and checked here, so that nothing is sent that no header can hold. No secret
//! is in any `Debug`, `Display` or error.

mod cache;
mod env;
mod flat_yaml;
mod jwt;
mod moment;
mod provider;
mod session;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub(crate) use cache::{Need, Token, TokenCache};
pub(crate) use env::{base_url_from_env, project_id_from_env};
pub use provider::{AccessToken, TokenFuture, TokenProvider};
pub use session::Icav2Session;

use crate::error::{Error, Result};
use crate::secret::Secret;

/// What authenticates the calls of a client. Cheap to clone.
///
/// | from | what is sent | renewed |
/// |---|---|---|
/// | [`api_key`](Self::api_key) | a token that is minted from the key | yes |
/// | [`api_key_direct`](Self::api_key_direct) | the key itself | needs none |
/// | [`bearer`](Self::bearer) | the token | no |
/// | [`provider`](Self::provider) | a token that your code gets | yes, by asking again |
/// | [`from_env`](Self::from_env) | as with `bearer` or `api_key` | as there |
/// | [`from_icav2_session`](Self::from_icav2_session) | as with `bearer` or `api_key` | as there |
///
/// For whatever runs longer than a token lives, use `api_key` or `provider`. `Debug` names the kind and never the secret.
#[derive(Debug, Clone)]
pub struct Credentials(Arc<CredentialKind>);

/// Where the proof of a call comes from.
pub(crate) enum CredentialKind {
    /// A token that is not renewed.
    Bearer(AccessToken),
    /// A key that is sent with each call.
    ApiKeyDirect(Secret),
    /// A key that is traded for tokens.
    ApiKey(Secret),
    /// Tokens from elsewhere.
    Provider(Arc<dyn TokenProvider>),
}

impl Credentials {
    /// An API key that is traded for a token, which is kept, and renewed before it expires.
    ///
    /// The key is sent to mint a token and with no other call.
    ///
    /// ```
    /// use ica_batch_sdk_ext::Credentials;
    ///
    /// let credentials = Credentials::api_key("my-api-key")?;
    /// assert_eq!(format!("{credentials:?}"), "Credentials(ApiKey)");
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the key is empty or holds what no header can.
    pub fn api_key(key: impl AsRef<str>) -> Result<Self> {
        Ok(CredentialKind::ApiKey(checked("API key", key.as_ref())?).into())
    }

    /// An API key, sent as it is with every call.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the key is empty or holds what no header can.
    pub fn api_key_direct(key: impl AsRef<str>) -> Result<Self> {
        Ok(CredentialKind::ApiKeyDirect(checked("API key", key.as_ref())?).into())
    }

    /// A JSON web token, sent as it is with every call until it expires. It is not renewed: once it has expired, calls
    /// fail as [`Unauthorized`](crate::ErrorKind::Unauthorized) without being sent, and say since when.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the token is empty or holds what no header can.
    pub fn bearer(token: impl AsRef<str>) -> Result<Self> {
        let secret = checked("bearer token", token.as_ref())?;
        Ok(CredentialKind::Bearer(AccessToken::of(secret)).into())
    }

    /// What the environment gives: the token in `ICAV2_ACCESS_TOKEN` as a [`bearer`](Self::bearer), or else the key in
    /// `ICAV2_API_KEY` as an [`api_key`](Self::api_key). A variable that is empty counts as not set.
    ///
    /// The names are those that the icav2 command line and the tools around it use.
    ///
    /// ```no_run
    /// use ica_batch_sdk_ext::{Client, Credentials};
    ///
    /// let client = Client::builder().credentials(Credentials::from_env()?).build()?;
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when neither is set, or what is set holds what no header can.
    pub fn from_env() -> Result<Self> {
        env::credentials(env::process)
    }

    /// The login of the icav2 command line, from `~/.icav2/.session.ica.yaml`; see [`Icav2Session`].
    ///
    /// # Errors
    /// As [`Icav2Session::load`].
    pub fn from_icav2_session() -> Result<Self> {
        Ok(Icav2Session::load()?.credentials())
    }

    /// The login of the icav2 command line from a session file elsewhere; see [`Icav2Session`].
    ///
    /// # Errors
    /// As [`Icav2Session::load_from`].
    pub fn from_icav2_session_at(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Icav2Session::load_from(path)?.credentials())
    }

    /// Tokens that your code gets, from a vault or a sign-in service. They are kept and renewed as minted ones are: the
    /// provider is asked when a token is needed, and not for each call. See [`TokenProvider`] for an example.
    pub fn provider(provider: impl TokenProvider) -> Self {
        CredentialKind::Provider(Arc::new(provider)).into()
    }

    pub(crate) fn kind(&self) -> &CredentialKind {
        &self.0
    }
}

impl From<CredentialKind> for Credentials {
    fn from(source: CredentialKind) -> Self {
        Self(Arc::new(source))
    }
}

/// The kind alone: a provider's own `Debug` may show what it should not.
impl fmt::Debug for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Bearer",
            Self::ApiKeyDirect(_) => "ApiKeyDirect",
            Self::ApiKey(_) => "ApiKey",
            Self::Provider(_) => "Provider",
        })
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
            "the {what} holds a character that no credential has and may be encrypted or cut wrongly; check where it is read from"
        )));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::{AccessToken, CredentialKind, Credentials};

    #[test]
    fn a_line_end_is_not_part_of_a_key() {
        let credentials = Credentials::api_key_direct("k-1\n").unwrap();
        assert!(matches!(credentials.kind(), CredentialKind::ApiKeyDirect(key) if key.expose() == "k-1"));
        let credentials = Credentials::api_key(" k-2\r\n").unwrap();
        assert!(matches!(credentials.kind(), CredentialKind::ApiKey(key) if key.expose() == "k-2"));
        let credentials = Credentials::bearer("t-1\n").unwrap();
        assert!(matches!(credentials.kind(), CredentialKind::Bearer(token) if token.secret().expose() == "t-1"));
    }

    #[test]
    fn what_cannot_be_a_credential_is_refused_without_being_shown() {
        for bad in ["", " \n", "two words", "k\u{1}ey", "schlüsselwords"] {
            let error = Credentials::bearer(bad).unwrap_err();
            assert!(error.is_invalid_input());
            assert!(error.to_string().contains("bearer token"), "{error}");
            assert!(!error.to_string().contains("words"), "{error}");
            assert!(Credentials::api_key(bad).is_err() && Credentials::api_key_direct(bad).is_err());
        }
    }

    #[test]
    fn debug_names_the_kind_and_hides_the_secret() {
        let provider = || async { AccessToken::new("hush") };
        let kinds = [
            (Credentials::bearer("hush").unwrap(), "Credentials(Bearer)"),
            (Credentials::api_key("hush").unwrap(), "Credentials(ApiKey)"),
            (
                Credentials::api_key_direct("hush").unwrap(),
                "Credentials(ApiKeyDirect)",
            ),
            (Credentials::provider(provider), "Credentials(Provider)"),
        ];
        for (credentials, shown) in kinds {
            assert_eq!(format!("{credentials:?}"), shown);
        }
    }
}
