//! Tokens that come from elsewhere: the trait for vaults, and the token that they give.
//!
//! A provider is asked when a token is needed, and one call at a time; what it gives is kept until it expires or the server
//! refuses it. It is never printed: its `Debug`, if it has one, is not ours to trust.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use super::{checked, jwt, moment};
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// A token that is on its way from a [`TokenProvider`].
pub type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<AccessToken, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// Where tokens come from when this crate is not to mint them: a vault, a sign-in service, another process.
///
/// What it gives is kept until shortly before it expires, or until the server refuses it; then the provider is asked again,
/// once for all calls that wait. When it fails, the calls fail with [`Credentials`](crate::ErrorKind::Credentials) and the
/// provider's error as their source; keep secrets out of that error.
///
/// It must always give tokens of the same user. ICA keeps idempotency keys per user: a create that is sent again as somebody
/// else is a create of its own.
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
/// ```
///
/// A type of your own is one by [`token`](Self::token):
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
/// let credentials = Credentials::provider(TokenFile("/run/secrets/ica-token".into()));
/// ```
pub trait TokenProvider: Send + Sync + 'static {
    /// Gets a token that is valid now.
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

/// A token with which calls are made, and when it expires.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use ica_batch_sdk_ext::AccessToken;
///
/// // This one is no JWT, so that only the vault knows when it ends.
/// let token = AccessToken::new("opaque-token")?;
/// assert_eq!(token.expires_at(), None);
/// let token = token.with_expiry(SystemTime::now() + Duration::from_secs(900));
/// assert!(token.expires_at().is_some());
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Clone)]
pub struct AccessToken {
    secret: Secret,
    expires_at: Option<SystemTime>,
}

impl AccessToken {
    /// A token from its text. White space around it is dropped. Its expiry is what the token itself says, if it is a JSON
    /// web token with an `exp`; without one it is used until the server refuses it.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the text is empty or holds what no header can.
    pub fn new(text: impl AsRef<str>) -> Result<Self> {
        Ok(Self::of(checked("access token", text.as_ref())?))
    }

    /// Sets when the token expires, in place of what it says itself.
    pub fn with_expiry(mut self, moment: SystemTime) -> Self {
        self.expires_at = Some(moment);
        self
    }

    /// When the token expires, if that is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    pub(super) fn of(secret: Secret) -> Self {
        let expires_at = jwt::expiry(secret.expose());
        Self { secret, expires_at }
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(super) fn into_secret(self) -> Secret {
        self.secret
    }

    /// The error of sending the token at this time, for one that nothing renews.
    pub(crate) fn expired(&self, now: SystemTime) -> Option<Error> {
        let end = self.expires_at?;
        let ago = now.duration_since(end).ok()?;
        let what = format!(
            "the bearer token expired at {}, {} ago by this machine's clock; get a new token, or use an API key so that tokens are renewed",
            moment::utc(end),
            moment::rough(ago)
        );
        Some(Error::new(ErrorKind::Unauthorized, what))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires_at", &self.expires_at.map(moment::utc))
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
        let end = UNIX_EPOCH + Duration::from_secs(1_795_464_900);
        let token = AccessToken::new(token_until(end)).unwrap();
        assert_eq!(token.expires_at(), Some(end));
        let earlier = end - Duration::from_secs(60);
        assert_eq!(token.with_expiry(earlier).expires_at(), Some(earlier));
        assert_eq!(AccessToken::new("opaque").unwrap().expires_at(), None);
    }

    #[test]
    fn text_that_is_no_token_is_refused_and_debug_hides_the_rest() {
        assert!(AccessToken::new("hush hush").unwrap_err().is_invalid_input());
        let end = UNIX_EPOCH + Duration::from_secs(1_795_464_900);
        let token = AccessToken::new(" hush\n").unwrap();
        assert_eq!(token.secret().expose(), "hush");
        assert_eq!(format!("{token:?}"), "AccessToken { expires_at: None, .. }");
        let token = token.with_expiry(end);
        assert_eq!(
            format!("{token:?}"),
            r#"AccessToken { expires_at: Some("2026-11-23T20:15:00Z"), .. }"#
        );
    }

    #[test]
    fn an_expired_token_says_since_when_and_what_to_do() {
        let end = UNIX_EPOCH + Duration::from_secs(1_795_464_900);
        let token = AccessToken::new(token_until(end)).unwrap();
        assert!(token.expired(end - Duration::from_secs(1)).is_none());
        assert!(token.expired(end).is_some());
        let error = token.expired(end + Duration::from_secs(7300)).unwrap();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        let expected = "the bearer token expired at 2026-11-23T20:15:00Z, 2 hours ago by this machine's clock; \
                        get a new token, or use an API key so that tokens are renewed";
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(AccessToken::new("opaque").unwrap().expired(end).is_none());
    }

    struct Sealed;

    impl TokenProvider for Sealed {
        fn token(&self) -> TokenFuture<'_> {
            Box::pin(async { Err("the vault is sealed".into()) })
        }
    }

    #[tokio::test]
    async fn functions_and_own_types_are_providers() {
        let function = || async { AccessToken::new("t-1") };
        assert_eq!(function.token().await.unwrap().secret().expose(), "t-1");
        assert_eq!(Sealed.token().await.unwrap_err().to_string(), "the vault is sealed");
    }
}
