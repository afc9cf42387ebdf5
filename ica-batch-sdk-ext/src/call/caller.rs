//! User and token of a client.

use super::{CallState, Core};
use crate::credentials::{CallerIdentity, CredentialKind};
use crate::error::{Execution, Result};
use crate::secret::Secret;

impl Core {
    /// Returns the user that calls are sent as. It gets a token if none is cached.
    ///
    /// # Errors
    /// Those of getting a token.
    pub(crate) async fn caller(&self) -> Result<CallerIdentity> {
        let kind = self.credentials().kind();
        if let CredentialKind::ApiKeyDirect(_) = kind {
            return Ok(CallerIdentity::unknown());
        }
        let secret = self.token().await?;
        Ok(match kind {
            CredentialKind::Bearer(token) => CallerIdentity::of_token(&secret, token.expires_at(), false),
            _ => CallerIdentity::of_token(&secret, self.tokens().expires_at(), true),
        })
    }

    /// Returns the secret that calls send, within the deadline of a call.
    pub(super) async fn token(&self) -> Result<Secret> {
        let call = self.call("create_jwt_token", "get a token");
        match tokio::time::timeout(call.options.deadline, call.authorize()).await {
            Ok(Ok(authorization)) => Ok(authorization.secret().clone()),
            // Whether a token was minted does not matter.
            Ok(Err(error)) => Err(error.with_execution(Execution::NotExecuted)),
            Err(_) => Err(call.deadline_exceeded(None, &CallState::begin(&**self.clock(), self.pace().turn()))),
        }
    }
}
