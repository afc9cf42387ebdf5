//! Credentials of a client.
//!
//! [`Credentials`] say where the credential of a call comes from. The call layer sends it. ICA
//! accepts an API key or a JSON web token with each call. It recommends to exchange the key for a
//! token at `POST /api/tokens`. A token that was minted from a key cannot be refreshed, so a new
//! one is minted in its place.
//!
//! Text of a credential is trimmed and checked here, so that it is always valid in a header. No
//! `Debug`, `Display` or error contains a secret.

mod cache;
mod caller;
mod env;
mod flat_yaml;
#[cfg(feature = "journal")]
mod identity;
mod jwt;
mod provider;
mod session;
mod session_file;
mod time_text;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub(crate) use cache::{MintReason, Token, TokenCache};
pub use caller::CallerIdentity;
pub(crate) use env::{base_url_from_env, project_id_from_env};
#[cfg(feature = "journal")]
pub(crate) use identity::Identity;
pub use provider::{AccessToken, TokenFuture, TokenProvider};
pub use session::Icav2Session;
pub(crate) use time_text::utc;

use crate::error::{Error, Result};
use crate::secret::Secret;

/// Longest API key or token, in bytes: 16 KiB. A credential is sent in a header, and servers limit
/// all headers of a request together, most to 8 KiB and few to more than 64 KiB. Tokens of ICA have
/// 1 to 3 KB.
const MAX_SECRET: usize = 16 * 1024;

/// Credentials of a client. Cheap to clone.
///
/// | constructor | sent with each call | renewed |
/// |---|---|---|
/// | [`api_key`](Self::api_key) | a token that is minted from the key | yes |
/// | [`api_key_direct`](Self::api_key_direct) | the key itself | not needed |
/// | [`bearer`](Self::bearer) | the token | no |
/// | [`provider`](Self::provider) | a token from your code | yes, from your code |
/// | [`from_env`](Self::from_env) | as for `bearer` or `api_key` | as there |
/// | [`from_icav2_session`](Self::from_icav2_session) | as for `bearer` or `api_key` | as there |
///
/// Use `api_key` or `provider` for a program that runs longer than a token is valid. `Debug` shows
/// the kind of the credentials and never the secret. A key or token has at most 16 KiB.
///
/// # Secrets in memory
///
/// The client keeps one copy of each key and token, and overwrites it with zeros when the last
/// handle that uses it is dropped. So does the reader of a session file with what it read. Other
/// copies are not overwritten: the text that you pass in, the environment of the process, the header
/// of each request, the response with a minted token, and the buffers of JSON, HTTP and TLS.
/// Nothing protects the memory against swapping, core dumps or a debugger.
///
/// ```
/// use ica_batch_sdk_ext::{Client, Credentials};
///
/// let credentials = Credentials::api_key("my-api-key")?;
/// assert_eq!(format!("{credentials:?}"), "Credentials(ApiKey)");
/// let client = Client::builder().credentials(credentials).build()?;
/// assert!(!format!("{client:?}").contains("my-api-key"));
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Credentials(Arc<CredentialKind>);

/// Kind of credentials, with the secret or its source.
pub(crate) enum CredentialKind {
    /// A token that is not renewed.
    Bearer(AccessToken),
    /// A key that is sent with each call.
    ApiKeyDirect(Secret),
    /// A key from which tokens are minted.
    ApiKey(Secret),
    /// Tokens from the user's code.
    Provider(Arc<dyn TokenProvider>),
}

impl Credentials {
    /// Returns credentials that mint tokens from an API key. A token is kept, and renewed before it
    /// expires.
    ///
    /// The key is only sent to mint a token.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::{Client, Uuid};
    /// use ica_batch_sdk_ext::Credentials;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let my_api_key = simulator.api_key();
    /// let credentials = Credentials::api_key(my_api_key)?;
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
    /// # let batch = client.project(simulator.project_id())?.batch(Uuid::nil());
    /// # for _ in 0..2 {
    /// #     assert!(batch.get().await.unwrap_err().is_not_found());
    /// # }
    /// // After two calls of a client with these credentials:
    /// assert_eq!(simulator.minted_tokens(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the key is empty, longer than 16
    /// KiB, or contains characters that are not allowed in a header.
    pub fn api_key(key: impl AsRef<str>) -> Result<Self> {
        Ok(CredentialKind::ApiKey(parse_secret("API key", key.as_ref().to_owned())?).into())
    }

    /// Returns credentials that send an API key with every call.
    ///
    /// ```
    /// use ica_batch_sdk_ext::Credentials;
    ///
    /// // The end of the line is not a part of a key that was read from a file.
    /// let credentials = Credentials::api_key_direct("my-api-key\n")?;
    /// assert_eq!(format!("{credentials:?}"), "Credentials(ApiKeyDirect)");
    ///
    /// let error = Credentials::api_key_direct("my api key").unwrap_err();
    /// assert!(error.to_string().starts_with("the API key is not valid"));
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the key is empty, longer than 16
    /// KiB, or contains characters that are not allowed in a header.
    pub fn api_key_direct(key: impl AsRef<str>) -> Result<Self> {
        Ok(CredentialKind::ApiKeyDirect(parse_secret("API key", key.as_ref().to_owned())?).into())
    }

    /// Returns credentials that send a JSON web token with every call until it expires.
    ///
    /// The token is not renewed. After its expiry, calls fail as
    /// [`Unauthorized`](crate::ErrorKind::Unauthorized) without being sent, and the error names the
    /// time of the expiry.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use ica_batch_sdk_ext::clock::ManualClock;
    /// # use ica_batch_sdk_ext::{Client, Uuid};
    /// use ica_batch_sdk_ext::Credentials;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = ica_simulator::Simulator::start();
    /// # let my_token = simulator.issue_token(ica_simulator::TokenOrigin::User, Duration::from_secs(60));
    /// let credentials = Credentials::bearer(my_token)?;
    /// # let clock = ManualClock::new();
    /// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials)
    /// #     .clock(clock.clone()).build()?;
    /// # let batch = client.project(simulator.project_id())?.batch(Uuid::nil());
    /// # assert!(batch.get().await.unwrap_err().is_not_found());
    /// # clock.advance(Duration::from_secs(3600));
    /// // A call of a client with these credentials, after the expiry of the token:
    /// let error = batch.get().await.unwrap_err();
    /// assert!(error.is_unauthorized());
    /// assert_eq!(error.attempts(), 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the token is empty, longer than 16
    /// KiB, or contains characters that are not allowed in a header.
    pub fn bearer(token: impl AsRef<str>) -> Result<Self> {
        let secret = parse_secret("bearer token", token.as_ref().to_owned())?;
        Ok(CredentialKind::Bearer(AccessToken::from_secret(secret)).into())
    }

    /// Reads credentials from the environment.
    ///
    /// The token in `ICAV2_ACCESS_TOKEN` becomes a [`bearer`](Self::bearer). If it is not set, the
    /// key in `ICAV2_API_KEY` becomes an [`api_key`](Self::api_key). An empty variable counts as
    /// not set.
    ///
    /// The icav2 command line and the tools around it use the same names.
    ///
    /// ```
    /// use ica_batch_sdk_ext::Credentials;
    ///
    /// # // SAFETY: no other thread of this program reads or writes the environment.
    /// # unsafe {
    /// #     std::env::remove_var("ICAV2_ACCESS_TOKEN");
    /// #     std::env::set_var("ICAV2_API_KEY", "my-api-key");
    /// # }
    /// // After `export ICAV2_API_KEY=my-api-key`:
    /// let credentials = Credentials::from_env()?;
    /// assert_eq!(format!("{credentials:?}"), "Credentials(ApiKey)");
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when neither variable is set, or when the
    /// value contains characters that are not allowed in a header.
    pub fn from_env() -> Result<Self> {
        env::credentials(env::process)
    }

    /// Reads the login of the icav2 command line from `~/.icav2/.session.ica.yaml`. See
    /// [`Icav2Session`].
    ///
    /// ```
    /// use ica_batch_sdk_ext::Credentials;
    ///
    /// # let home = tempfile::tempdir()?;
    /// # let folder = home.path().join(".icav2");
    /// # std::fs::create_dir(&folder)?;
    /// # let name = if cfg!(windows) { ".session.ica" } else { ".session.ica.yaml" };
    /// # std::fs::write(folder.join(name), "access-token: my-token\n")?;
    /// # // SAFETY: no other thread of this program reads or writes the environment.
    /// # unsafe {
    /// #     std::env::set_var("HOME", home.path());
    /// #     std::env::set_var("USERPROFILE", home.path());
    /// # }
    /// // After a login with icav2:
    /// let credentials = Credentials::from_icav2_session()?;
    /// assert_eq!(format!("{credentials:?}"), "Credentials(Bearer)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Icav2Session::load`].
    pub fn from_icav2_session() -> Result<Self> {
        Ok(Icav2Session::load()?.credentials())
    }

    /// Reads the login of the icav2 command line from a session file at another path. See
    /// [`Icav2Session`].
    ///
    /// ```
    /// use ica_batch_sdk_ext::Credentials;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join(".session.ica.yaml");
    /// std::fs::write(&path, "access-token: my-token\n")?;
    /// let credentials = Credentials::from_icav2_session_at(&path)?;
    /// assert_eq!(format!("{credentials:?}"), "Credentials(Bearer)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Icav2Session::load_from`].
    pub fn from_icav2_session_at(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Icav2Session::load_from(path)?.credentials())
    }

    /// Returns credentials that take tokens from your code, such as a vault or a sign-in service.
    ///
    /// Tokens are kept and renewed like minted ones. So the provider is called when a token is
    /// needed, and not for each call. [`TokenProvider`] has a further example.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{AccessToken, Credentials};
    ///
    /// let credentials = Credentials::provider(|| async { AccessToken::new("token-of-a-vault") });
    /// assert_eq!(format!("{credentials:?}"), "Credentials(Provider)");
    /// ```
    pub fn provider(provider: impl TokenProvider) -> Self {
        CredentialKind::Provider(Arc::new(provider)).into()
    }

    pub(crate) fn kind(&self) -> &CredentialKind {
        &self.0
    }

    /// Returns the secret that the credentials consist of. None for a provider.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match self.kind() {
            CredentialKind::Bearer(token) => Some(token.secret()),
            CredentialKind::ApiKeyDirect(key) | CredentialKind::ApiKey(key) => Some(key),
            CredentialKind::Provider(_) => None,
        }
    }
}

impl From<CredentialKind> for Credentials {
    fn from(kind: CredentialKind) -> Self {
        Self(Arc::new(kind))
    }
}

/// Shows the kind only: the `Debug` of a provider may show a secret.
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

/// Checks the text of a secret of the user.
fn parse_secret(name: &str, text: String) -> Result<Secret> {
    check_secret(text).map_err(|reason| {
        Error::invalid_input(format!(
            "the {name} is not valid: {reason}; check the place that it is read from"
        ))
    })
}

/// Checks the text of a secret, or returns the reason why it is not valid. White space around it is
/// dropped: text from a file ends with a line end.
fn check_secret(text: String) -> Result<Secret, String> {
    let secret = Secret::new(text);
    let text = secret.expose();
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.len() > MAX_SECRET {
        return Err(format!(
            "it has {} bytes, and at most {MAX_SECRET} can be sent",
            text.len()
        ));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(
            "it contains a character that is not allowed in a header, so it may be encrypted or not cut \
                    correctly"
                .to_owned(),
        );
    }
    Ok(secret)
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
    fn an_invalid_credential_is_rejected_and_not_shown() {
        for invalid in ["", " \n", "two words", "k\u{1}ey", "schlüsselwords"] {
            let error = Credentials::bearer(invalid).unwrap_err();
            assert!(error.is_invalid_input());
            assert!(
                error.to_string().starts_with("the bearer token is not valid: it "),
                "{error}"
            );
            assert!(!error.to_string().contains("words"), "{error}");
            assert!(Credentials::api_key(invalid).is_err() && Credentials::api_key_direct(invalid).is_err());
        }
    }

    #[test]
    fn debug_shows_the_kind_and_hides_the_secret() {
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
        for (credentials, expected) in kinds {
            assert_eq!(format!("{credentials:?}"), expected);
        }
    }
}
