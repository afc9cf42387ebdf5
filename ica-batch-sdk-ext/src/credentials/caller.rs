//! User of a credential, for people.

use std::time::SystemTime;

use super::jwt::{self, Subject};
use crate::secret::Secret;

/// User that the calls of a client are sent as, and the time until which its token is valid.
///
/// [`Client::caller_identity`](crate::Client::caller_identity) returns it. It contains no secret.
///
/// ```
/// # use std::time::Duration;
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let my_token = simulator.issue_token(ica_simulator::TokenOrigin::User, Duration::from_secs(60));
/// // A token is not renewed, so calls fail after its expiry.
/// let credentials = Credentials::bearer(my_token)?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// let caller = client.caller_identity().await?;
/// assert!(!caller.is_renewed());
/// println!("{:?} until {:?}", caller.user(), caller.expires_at());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    user: Option<String>,
    issuer: Option<String>,
    expires_at: Option<SystemTime>,
    is_renewed: bool,
}

impl CallerIdentity {
    /// Returns the identity of a credential that is not a token. Nothing is known about its user.
    pub(crate) fn unknown() -> Self {
        Self {
            user: None,
            issuer: None,
            expires_at: None,
            is_renewed: false,
        }
    }

    /// Returns the user that a token names.
    pub(crate) fn of_token(token: &Secret, expires_at: Option<SystemTime>, is_renewed: bool) -> Self {
        let (user, issuer) = match jwt::subject(token.expose()) {
            Some(Subject { sub, iss }) => (Some(sub), iss),
            None => (None, None),
        };
        let shown = |text: &String| jwt::is_shown(text, token.expose());
        Self {
            user: user.filter(shown),
            issuer: issuer.filter(shown),
            expires_at,
            is_renewed,
        }
    }

    /// Returns the subject of the token (the claim `sub`). None if the token names none, if it is
    /// longer than 100 bytes or not printable ASCII, and for a key that is sent with each call.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Returns the issuer of the token (the claim `iss`), within the same limits as
    /// [`user`](Self::user).
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Returns the time until which the current token is valid, if it is known.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Returns whether the client gets another token before this one expires.
    pub fn is_renewed(&self) -> bool {
        self.is_renewed
    }
}

#[cfg(test)]
mod tests {
    use super::CallerIdentity;
    use crate::credentials::jwt::tests::token;
    use crate::secret::Secret;

    fn of(claims: &str) -> CallerIdentity {
        CallerIdentity::of_token(&Secret::new(token(claims)), None, false)
    }

    #[test]
    fn the_user_and_the_issuer_of_a_token_are_shown() {
        let caller = of(r#"{"sub":"u-1","iss":"illumina"}"#);
        assert_eq!((caller.user(), caller.issuer()), (Some("u-1"), Some("illumina")));
        assert_eq!(of(r#"{"exp":7}"#), CallerIdentity::unknown());
    }

    #[test]
    fn a_text_that_may_be_a_secret_or_is_not_printable_is_not_shown() {
        // The first is the signature of the token of these tests.
        for user in ["c2lnbmF0dXJl", "\\u001b[31m", &"u".repeat(101)] {
            let caller = of(&format!(r#"{{"sub":"{user}","iss":"illumina"}}"#));
            assert_eq!((caller.user(), caller.issuer()), (None, Some("illumina")), "{user}");
        }
    }
}
