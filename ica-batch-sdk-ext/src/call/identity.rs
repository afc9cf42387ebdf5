//! Identity of the user of a client's credential.

use super::Core;
use crate::credentials::{CredentialKind, Identity};
use crate::error::Result;

impl Core {
    /// Returns the identity of the user that calls are sent as, or None if nothing is known about
    /// it. It may need a token, and mints one then.
    ///
    /// A token that was minted from a key gives its subject, so that another key of the same user is
    /// the same identity. A provider of tokens that name no user gives none, because each token
    /// would have another fingerprint. `salt` makes fingerprints of several journals incomparable.
    ///
    /// # Errors
    /// Those of getting a token.
    #[cfg_attr(not(test), allow(dead_code, reason = "the journal does not record it yet"))]
    pub(crate) async fn identity(&self, salt: &str) -> Result<Option<Identity>> {
        Ok(match self.credentials().kind() {
            CredentialKind::ApiKeyDirect(key) => Some(Identity::of_secret(key, salt)),
            CredentialKind::Bearer(token) => {
                let secret = token.secret();
                Identity::of_token(secret, salt).or_else(|| Some(Identity::of_secret(secret, salt)))
            }
            CredentialKind::ApiKey(key) => {
                let token = self.token().await?;
                Identity::of_token(&token, salt).or_else(|| Some(Identity::of_secret(key, salt)))
            }
            CredentialKind::Provider(_) => Identity::of_token(&self.token().await?, salt),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use ica_simulator::{Fault, FaultKind, Simulator, TokenOrigin};

    use crate::{AccessToken, Client, Credentials, ErrorKind};

    fn simulator() -> Simulator {
        let keys = [("a", "first-key"), ("a", "second-key"), ("b", "other-key")];
        let builder = keys.into_iter().fold(Simulator::builder(), |builder, (user, key)| {
            builder.api_key_of(user, key)
        });
        builder.start().unwrap()
    }

    async fn identity(simulator: &Simulator, credentials: Credentials) -> Option<String> {
        let builder = Client::builder()
            .base_url(simulator.base_url())
            .credentials(credentials);
        let identity = builder.build().unwrap().core().identity("journal-1").await.unwrap();
        identity.map(|identity| identity.as_str().to_owned())
    }

    #[tokio::test]
    async fn two_keys_of_one_user_are_one_identity() {
        let simulator = simulator();
        let by_key = async |key| identity(&simulator, Credentials::api_key(key).unwrap()).await.unwrap();
        let first = by_key("first-key").await;
        assert!(first.ends_with(r#"of "ica-simulator""#), "{first}");
        assert_eq!(by_key("second-key").await, first);
        assert_ne!(by_key("other-key").await, first);
    }

    #[tokio::test]
    async fn a_key_without_a_token_that_names_its_user_is_a_fingerprint() {
        let simulator = simulator();
        let direct = identity(&simulator, Credentials::api_key_direct("first-key").unwrap()).await;
        let direct = direct.unwrap();
        assert!(
            direct.starts_with("credential ") && !direct.contains("first-key"),
            "{direct}"
        );
        assert_eq!(simulator.minted_tokens(), 0);
        simulator.faults().add(Fault::new(FaultKind::TokenOpaque).every());
        for _ in 0..2 {
            let minted = identity(&simulator, Credentials::api_key("first-key").unwrap()).await;
            assert_eq!(minted.unwrap(), direct);
        }
    }

    #[tokio::test]
    async fn the_subject_of_a_bearer_token_counts_also_after_its_expiry() {
        let simulator = simulator();
        let issue = |seconds| simulator.issue_token(TokenOrigin::User, Duration::from_secs(seconds));
        let [one, other] = [issue(60), issue(0)].map(|token| Credentials::bearer(token).unwrap());
        let one = identity(&simulator, one).await;
        assert!(one.as_ref().unwrap().starts_with("user "));
        assert_eq!(identity(&simulator, other).await, one);
        let opaque = identity(&simulator, Credentials::bearer("opaque").unwrap()).await;
        assert!(opaque.unwrap().starts_with("credential "));
    }

    #[tokio::test]
    async fn a_provider_of_tokens_that_name_no_user_has_no_identity() {
        let simulator = simulator();
        let token = simulator.issue_token(TokenOrigin::User, Duration::from_secs(60));
        let vault = move || std::future::ready(AccessToken::new(&token));
        let named = identity(&simulator, Credentials::provider(vault)).await;
        assert!(named.unwrap().starts_with("user "));
        let opaque = || std::future::ready(AccessToken::new("opaque"));
        assert_eq!(identity(&simulator, Credentials::provider(opaque)).await, None);
    }

    #[tokio::test]
    async fn a_token_is_fetched_within_the_deadline_and_kept() {
        static TOKENS: AtomicUsize = AtomicUsize::new(0);
        let counting = || {
            TOKENS.fetch_add(1, Ordering::Relaxed);
            std::future::ready(AccessToken::new("opaque"))
        };
        let client = |credentials| {
            let builder = Client::builder()
                .base_url("http://127.0.0.1:1")
                .credentials(credentials);
            builder.deadline(Duration::from_millis(50)).build().unwrap()
        };
        let counted = client(Credentials::provider(counting));
        for _ in 0..2 {
            assert_eq!(counted.core().identity("s").await.unwrap(), None);
        }
        assert_eq!(TOKENS.load(Ordering::Relaxed), 1);
        let stalled = client(Credentials::provider(
            std::future::pending::<crate::Result<AccessToken>>,
        ));
        let error = stalled.core().identity("s").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(
            error
                .to_string()
                .starts_with("could not get a token: the deadline passed"),
            "{error}"
        );
    }
}
