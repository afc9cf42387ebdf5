//! Tokens from the user's code: the trait of a provider, and the token that it returns.
//!
//! A provider is called when a token is needed, and by one call of the client at a time. Its token
//! is kept until it expires or the server rejects it. The provider is never printed: its `Debug`
//! may show a secret.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use super::{check_secret, jwt, parse_secret, time_text};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// Future of [`TokenProvider::token`].
///
/// ```
/// use ica_batch_sdk_ext::{AccessToken, TokenFuture};
///
/// fn token_of_a_vault() -> TokenFuture<'static> {
///     Box::pin(async { Ok(AccessToken::new("a-token")?) })
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert!(token_of_a_vault().await.is_ok());
/// # }
/// ```
pub type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<AccessToken, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// Provider of tokens that this crate does not mint: a vault, a sign-in service, another process.
///
/// A token is kept until shortly before it expires, or until the server rejects it. Then the
/// provider is called again, once for all calls that wait. If it fails, these calls fail as
/// [`Credentials`](crate::ErrorKind::Credentials), with the text of the provider's error as their
/// source. Keep secrets out of that error: this crate can replace only those that it knows.
///
/// Return tokens of the same user always. ICA keeps idempotency keys per user, so a create that is
/// sent again as another user creates a second batch.
///
/// Functions without arguments that return a future are providers:
///
/// ```
/// use ica_batch_sdk_ext::{AccessToken, Credentials};
///
/// let credentials = Credentials::provider(|| async {
///     let text = "a-token"; // Ask the vault here.
///     AccessToken::new(text)
/// });
/// assert_eq!(format!("{credentials:?}"), "Credentials(Provider)");
/// ```
///
/// A type of your own implements [`token`](Self::token):
///
/// ```
/// use ica_batch_sdk_ext::{AccessToken, Credentials, TokenFuture, TokenProvider};
///
/// struct TokenFile(std::path::PathBuf);
///
/// impl TokenProvider for TokenFile {
///     fn token(&self) -> TokenFuture<'_> {
///         Box::pin(async {
///             let text = std::fs::read_to_string(&self.0)?;
///             Ok(AccessToken::new(text)?)
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("ica-token");
/// let file = TokenFile(path.clone());
/// assert!(file.token().await.is_err(), "there is no file");
/// std::fs::write(&path, "a-token\n")?;
/// assert!(file.token().await.is_ok());
///
/// let credentials = Credentials::provider(file);
/// # Ok(())
/// # }
/// ```
pub trait TokenProvider: Send + Sync + 'static {
    /// Returns a token that is valid now.
    fn token(&self) -> TokenFuture<'_>;
}

impl<F, Fut, E> TokenProvider for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<AccessToken, E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn token(&self) -> TokenFuture<'_> {
        let token = self();
        Box::pin(async { token.await.map_err(Into::into) })
    }
}

/// Token of a call, and the time of its expiry. `Debug` shows the expiry only.
///
/// ```
/// use ica_batch_sdk_ext::AccessToken;
///
/// let token = AccessToken::new("hush")?;
/// assert_eq!(format!("{token:?}"), "AccessToken { expires_at: None, .. }");
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Clone)]
pub struct AccessToken {
    secret: Secret,
    expires_at: Option<SystemTime>,
}

impl AccessToken {
    /// Returns a token from its text. White space around it is dropped.
    ///
    /// The expiry is read from the token, if it is a JSON web token with an `exp`. A token without
    /// an expiry is used until the server rejects it.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use ica_batch_sdk_ext::AccessToken;
    ///
    /// // The payload of this JSON web token is {"exp":1795464900}.
    /// let token = AccessToken::new("eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTU0NjQ5MDB9.")?;
    /// let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_464_900);
    /// assert_eq!(token.expires_at(), Some(expected));
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the text is empty, longer than 16
    /// KiB, or contains characters that are not allowed in a header.
    pub fn new(text: impl AsRef<str>) -> Result<Self> {
        Ok(Self::from_secret(parse_secret(
            "access token",
            text.as_ref().to_owned(),
        )?))
    }

    /// Sets the time of the expiry, in place of the one in the token.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use ica_batch_sdk_ext::AccessToken;
    ///
    /// // This is not a JSON web token, so only the vault knows when it expires.
    /// let token = AccessToken::new("opaque-token")?;
    /// assert_eq!(token.expires_at(), None);
    /// let expires_at = SystemTime::now() + Duration::from_secs(900);
    /// assert_eq!(token.with_expiry(expires_at).expires_at(), Some(expires_at));
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    pub fn with_expiry(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Returns the time of the expiry, if it is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Returns a token of the server, or the reason why it is not valid.
    pub(crate) fn of_server(text: String) -> Result<Self, String> {
        Ok(Self::from_secret(check_secret(text)?))
    }

    pub(super) fn from_secret(secret: Secret) -> Self {
        let expires_at = jwt::expiry(secret.expose());
        Self { secret, expires_at }
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(super) fn into_secret(self) -> Secret {
        self.secret
    }

    /// Returns the error of a token that has expired and is not renewed, or None before the expiry.
    pub(crate) fn expired(&self, now: SystemTime) -> Option<Error> {
        let expires_at = self.expires_at?;
        let ago = now.duration_since(expires_at).ok()?;
        let what = format!(
            "the bearer token expired at {}, {} ago by the clock of this machine; get a new token, or use an API key \
             so that tokens are renewed",
            time_text::utc(expires_at),
            time_text::in_largest_unit(ago)
        );
        Some(Error::new(ErrorKind::Unauthorized, what))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires_at", &self.expires_at.map(time_text::utc))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{AccessToken, TokenFuture, TokenProvider};
    use crate::credentials::jwt::tests::token_until;
    use crate::error::ErrorKind;

    #[test]
    fn the_expiry_is_read_from_the_token_unless_it_is_set() {
        let expires_at = UNIX_EPOCH + Duration::from_secs(1_795_464_900);
        let token = AccessToken::new(token_until(expires_at)).unwrap();
        assert_eq!(token.expires_at(), Some(expires_at));
        let earlier = expires_at - Duration::from_secs(60);
        assert_eq!(token.with_expiry(earlier).expires_at(), Some(earlier));
        assert_eq!(AccessToken::new("opaque").unwrap().expires_at(), None);
    }

    #[test]
    fn an_invalid_token_is_rejected_and_debug_hides_the_text() {
        assert!(AccessToken::new("hush hush").unwrap_err().is_invalid_input());
        let expires_at = UNIX_EPOCH + Duration::from_secs(1_795_464_900);
        let token = AccessToken::new(" hush\n").unwrap();
        assert_eq!(token.secret().expose(), "hush");
        assert_eq!(format!("{token:?}"), "AccessToken { expires_at: None, .. }");
        let token = token.with_expiry(expires_at);
        assert_eq!(
            format!("{token:?}"),
            r#"AccessToken { expires_at: Some("2026-11-23T20:15:00Z"), .. }"#
        );
    }

    #[test]
    fn the_error_of_an_expired_token_names_its_expiry_and_what_to_do() {
        let expires_at = UNIX_EPOCH + Duration::from_secs(1_795_464_900);
        let token = AccessToken::new(token_until(expires_at)).unwrap();
        assert!(token.expired(expires_at - Duration::from_secs(1)).is_none());
        assert!(token.expired(expires_at).is_some());
        let error = token.expired(expires_at + Duration::from_secs(7300)).unwrap();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        let expected = "the bearer token expired at 2026-11-23T20:15:00Z, 2 hours ago by the clock of this machine; \
                        get a new token, or use an API key so that tokens are renewed";
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(AccessToken::new("opaque").unwrap().expired(expires_at).is_none());
    }

    struct Sealed;

    impl TokenProvider for Sealed {
        fn token(&self) -> TokenFuture<'_> {
            Box::pin(async { Err("the vault is sealed".into()) })
        }
    }

    #[tokio::test]
    async fn functions_and_types_of_the_user_are_providers() {
        let function = || async { AccessToken::new("t-1") };
        assert_eq!(function.token().await.unwrap().secret().expose(), "t-1");
        assert_eq!(Sealed.token().await.unwrap_err().to_string(), "the vault is sealed");
    }
}
