//! The credential of an attempt: fixed, or a cached token that is minted when there is none.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Call;
use crate::client::Core;
use crate::credentials::{AccessToken, Need, Source, Token};
use crate::error::{Error, ErrorKind, Result};
use crate::retry::RetryPolicy;
use crate::secret::Secret;

const RENEWAL_PATIENCE: Duration = Duration::from_secs(10);

/// What an attempt sends to prove who calls.
pub(super) enum Authorization {
    ApiKey(Secret),
    Bearer(Secret),
    Cached(Token),
}

impl Authorization {
    /// What is sent, which nothing that the server echoes may show.
    pub(super) fn secret(&self) -> &Secret {
        match self {
            Self::ApiKey(secret) | Self::Bearer(secret) => secret,
            Self::Cached(token) => &token.secret,
        }
    }
}

impl Call {
    pub(super) async fn authorize(&self) -> Result<Authorization> {
        if let Some(key) = &self.api_key {
            return Ok(Authorization::ApiKey(key.clone()));
        }
        let clock = self.core.clock();
        match self.core.credentials().source() {
            Source::ApiKeyDirect(key) => Ok(Authorization::ApiKey(key.clone())),
            Source::Bearer(token) => match token.expired(clock.now()) {
                Some(error) => Err(error.during(self.action)),
                None => Ok(Authorization::Bearer(token.secret().clone())),
            },
            Source::ApiKey(key) => {
                let mint = |need| mint(Arc::clone(&self.core), key.clone(), need);
                Ok(Authorization::Cached(self.core.tokens().get(clock, mint).await?))
            }
            Source::Provider(provider) => {
                let ask = |_| async {
                    provider.token().await.map_err(|error| {
                        let what = "getting a token failed: the token provider reports an error; see its source";
                        Error::new(ErrorKind::Credentials, what).with_source(error)
                    })
                };
                Ok(Authorization::Cached(self.core.tokens().get(clock, ask).await?))
            }
        }
    }

    /// Drops a token that was refused; false where there is no other to be had.
    pub(super) fn forget(&self, authorization: &Authorization) -> bool {
        match authorization {
            Authorization::Cached(token) => {
                self.core.tokens().invalidate(token.generation);
                true
            }
            Authorization::ApiKey(_) | Authorization::Bearer(_) => false,
        }
    }
}

/// Trades the API key for a token: a call like any other, with its own retries, and safe to repeat.
///
/// Boxed, because a call that needs a token makes this call.
fn mint(core: Arc<Core>, key: Secret, need: Need) -> Pin<Box<dyn Future<Output = Result<AccessToken>> + Send>> {
    Box::pin(async move {
        let mut call = Call {
            api_key: Some(key),
            is_repeatable: true,
            ..Call::new(core, "create_jwt_token", "minting a token")
        };
        if need == Need::Renewal {
            // The call that renews has a token that serves: it does not wait for a better one for long.
            call.options.retry = RetryPolicy::never();
            call.options.deadline = RENEWAL_PATIENCE;
        }
        let answer = call
            .run(|raw| async move { Ok(raw.create_jwt_token(None).await?.into_inner()) })
            .await?;
        let Some(token) = answer.token else {
            let what = "minting a token failed: the answer holds no token; report it if it persists";
            return Err(Error::new(ErrorKind::Credentials, what));
        };
        AccessToken::new(token).map_err(|error| {
            let what = "minting a token failed: what the answer holds is no token; report it if it persists";
            Error::new(ErrorKind::Credentials, what).with_source(error)
        })
    })
}
