//! Credential of an attempt: a fixed one, or a cached token that is minted when none exists.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{Call, CallState, Core};
use crate::credentials::{AccessToken, CredentialKind, MintReason, Token};
use crate::error::{Error, ErrorKind, Result};
use crate::retry::RetryPolicy;
use crate::secret::Secret;

/// Time limit of renewing a token that is still valid.
const RENEWAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Credential that an attempt sends.
pub(super) enum Authorization {
    ApiKey(Secret),
    Bearer(Secret),
    Cached(Token),
}

impl Authorization {
    /// Returns the secret that is sent. No text from the server may show it.
    pub(super) fn secret(&self) -> &Secret {
        match self {
            Self::ApiKey(secret) | Self::Bearer(secret) => secret,
            Self::Cached(token) => &token.secret,
        }
    }
}

impl Call {
    /// Returns the credential of an attempt, within the time left.
    pub(super) async fn credential(&self, last: &mut Option<Error>, state: &CallState) -> Result<Authorization> {
        let Some(remaining) = self.remaining(state) else {
            return Err(self.deadline_exceeded(last.take(), state));
        };
        // In real time, like an attempt: it waits for a server or for another task.
        match tokio::time::timeout(remaining, self.authorize()).await {
            Ok(Ok(token)) => Ok(token),
            Ok(Err(error)) => Err(self.without_credential(error, state)),
            Err(_) => Err(self.deadline_exceeded(last.take(), state)),
        }
    }

    pub(super) async fn authorize(&self) -> Result<Authorization> {
        if let Some(key) = &self.api_key {
            return Ok(Authorization::ApiKey(key.clone()));
        }
        let clock = &**self.core.clock();
        match self.core.credentials().kind() {
            CredentialKind::ApiKeyDirect(key) => Ok(Authorization::ApiKey(key.clone())),
            CredentialKind::Bearer(token) => match token.expired(clock.now()) {
                Some(error) => Err(error.could_not(self.action.clone())),
                None => Ok(Authorization::Bearer(token.secret().clone())),
            },
            CredentialKind::ApiKey(key) => {
                let mint = |reason| mint(self.core.clone(), key.clone(), reason);
                Ok(Authorization::Cached(self.core.tokens().get(clock, mint).await?))
            }
            CredentialKind::Provider(provider) => {
                let request = |_| async {
                    let token = provider.token().await;
                    token.map_err(|error| {
                        let what = "could not get a token: the token provider failed; see the source of this error";
                        let scrubber = self.core.scrubber(None);
                        Error::new(ErrorKind::Credentials, what).with_foreign_source(&*error, &scrubber)
                    })
                };
                Ok(Authorization::Cached(self.core.tokens().get(clock, request).await?))
            }
        }
    }

    /// Drops a token that the server rejected. Returns false when no other token is available.
    pub(super) fn discard(&self, authorization: &Authorization) -> bool {
        match authorization {
            Authorization::Cached(token) => {
                self.core.tokens().invalidate(token.generation);
                true
            }
            Authorization::ApiKey(_) | Authorization::Bearer(_) => false,
        }
    }
}

/// Mints a token from the API key: an idempotent call with its own retries.
///
/// The future is boxed, because a call that needs a token makes this call.
fn mint(core: Core, key: Secret, reason: MintReason) -> Pin<Box<dyn Future<Output = Result<AccessToken>> + Send>> {
    Box::pin(async move {
        let mut call = Call {
            api_key: Some(key),
            is_idempotent: true,
            ..core.call("create_jwt_token", "mint a token")
        };
        if reason == MintReason::Renewal {
            // The old token still works, so the call that renews it does not wait for long.
            call.options.retry = RetryPolicy::never();
            call.options.deadline = RENEWAL_TIMEOUT;
        }
        let response = call
            .run(|raw| async move { Ok(raw.create_jwt_token(None).await?.into_inner()) })
            .await?;
        let Some(token) = response.token else {
            let what = "could not mint a token: the response contains no token; report it if it persists";
            return Err(Error::new(ErrorKind::Credentials, what));
        };
        AccessToken::of_server(token).map_err(|reason| {
            let what = format!(
                "could not mint a token: the server returned a token that is not valid: {reason}; check the base URL, \
                 and report it if it persists"
            );
            Error::new(ErrorKind::Credentials, what)
        })
    })
}
