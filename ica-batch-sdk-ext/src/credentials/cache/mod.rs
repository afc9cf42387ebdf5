//! The token of a client: kept, renewed in time, and got once however many calls need it.
//!
//! - A token that is not due is given without waiting.
//! - A token is **due** a while before it expires: a tenth of the lifetime that was left when it came, at least 10 seconds
//!   and at most 5 minutes, but never more than half of it. One caller then renews it; the others go on with the old one.
//!   A renewal that fails while the old token is valid is not reported; the next is tried when half of the time that is
//!   left has passed.
//! - With no valid token, one caller gets a new one and all others wait for what comes of it, be it a token or a failure.
//!   A caller who comes after the failure tries anew. When the caller who gets it is cancelled, one who waits takes over.
//! - A token without a known end is kept until it is [dropped](TokenCache::invalidate).
//! - A token that has expired on arrival is an error and not kept: getting the next would give the same, without end.
//!
//! A caller whose own time is limited must drop its [`TokenCache::get`] when that is over, rather than let the mint fail: a
//! failure is everyone's, a cancellation its own.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use super::{AccessToken, moment};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

const MIN_SKEW: Duration = Duration::from_secs(10);
const MAX_SKEW: Duration = Duration::from_secs(5 * 60);

/// A token to be sent, and which of the cache's tokens it is.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    pub(crate) generation: u64,
}

/// Keeps one token for all calls of a client.
#[derive(Debug, Default)]
pub(crate) struct TokenCache {
    state: RwLock<State>,
    /// Held by the one who mints.
    turn: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    kept: Option<Kept>,
    generation: u64,
    failures: u64,
    failure: Option<Error>,
}

#[derive(Debug)]
struct Kept {
    token: Token,
    life: Option<Life>,
}

#[derive(Debug)]
struct Life {
    due: SystemTime,
    end: SystemTime,
}

/// What a token is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// There is none, and calls wait for it.
    Token,
    /// The one there is still serves, but not for long. Not worth much waiting.
    Renewal,
}

/// What the cache holds at some moment.
enum Found {
    Fresh(Token),
    Due(Token),
    Nothing { failures: u64 },
}

impl TokenCache {
    /// A valid token: the kept one, or what `mint` gets.
    ///
    /// # Errors
    /// The error of `mint`, whichever caller's it was that ran; [`Credentials`](ErrorKind::Credentials) when it gave a token
    /// that had expired.
    pub(crate) async fn get<F, Fut>(&self, clock: &dyn Clock, mint: F) -> Result<Token>
    where
        F: FnOnce(Need) -> Fut,
        Fut: Future<Output = Result<AccessToken, Error>>,
    {
        let (_turn, seen) = match self.find(clock.now()) {
            Found::Fresh(token) => return Ok(token),
            Found::Due(token) => match self.turn.try_lock() {
                Ok(turn) => (turn, None),
                Err(_) => return Ok(token),
            },
            Found::Nothing { failures } => (self.turn.lock().await, Some(failures)),
        };
        // Another caller may have had the turn in between.
        let need = match (self.find(clock.now()), seen) {
            (Found::Fresh(token), _) | (Found::Due(token), Some(_)) => return Ok(token),
            (Found::Due(_), None) => Need::Renewal,
            (Found::Nothing { .. }, seen) => {
                if let Some(failure) = seen.and_then(|seen| self.failure_since(seen)) {
                    return Err(failure);
                }
                Need::Token
            }
        };
        let minted = mint(need).await;
        let now = clock.now();
        match minted.and_then(|token| refuse_expired(token, now)) {
            Ok(token) => Ok(self.keep(token, now)),
            Err(error) => self.fail(error, now),
        }
    }

    /// Drops the token of this generation. A newer one stays: of many calls that were refused with one token, the first
    /// drops it and the others find its successor.
    pub(crate) fn invalidate(&self, generation: u64) {
        self.write(|state| {
            state.kept.take_if(|kept| kept.token.generation == generation);
        });
    }

    fn find(&self, now: SystemTime) -> Found {
        self.state.read().unwrap_or_else(PoisonError::into_inner).find(now)
    }

    /// The last failure, if it came after this many.
    fn failure_since(&self, seen: u64) -> Option<Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let failure = state.failure.as_ref().filter(|_| state.failures > seen)?;
        Some(failure.share())
    }

    fn keep(&self, token: AccessToken, now: SystemTime) -> Token {
        self.write(|state| {
            state.generation += 1;
            state.failure = None;
            let life = token.expires_at().map(|end| Life::new(now, end));
            let token = Token {
                secret: token.into_secret(),
                generation: state.generation,
            };
            state.kept = Some(Kept {
                token: token.clone(),
                life,
            });
            token
        })
    }

    /// The old token where it is still valid, or the failure for all who wait.
    fn fail(&self, error: Error, now: SystemTime) -> Result<Token> {
        self.write(|state| match state.find(now) {
            Found::Fresh(token) | Found::Due(token) => {
                if let Some(life) = state.kept.as_mut().and_then(|kept| kept.life.as_mut()) {
                    life.postpone(now);
                }
                Ok(token)
            }
            Found::Nothing { .. } => {
                state.failures += 1;
                state.failure = Some(error.share());
                Err(error)
            }
        })
    }

    fn write<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn find(&self, now: SystemTime) -> Found {
        let nothing = Found::Nothing {
            failures: self.failures,
        };
        let Some(Kept { token, life }) = &self.kept else {
            return nothing;
        };
        match life {
            Some(life) if now >= life.end => nothing,
            Some(life) if now >= life.due => Found::Due(token.clone()),
            _ => Found::Fresh(token.clone()),
        }
    }
}

impl Life {
    fn new(now: SystemTime, end: SystemTime) -> Self {
        let left = end.duration_since(now).unwrap_or_default();
        let skew = (left / 10).clamp(MIN_SKEW, MAX_SKEW).min(left / 2);
        Self { due: end - skew, end }
    }

    /// Puts the next renewal to the middle of what is left.
    fn postpone(&mut self, now: SystemTime) {
        let left = self.end.duration_since(now).unwrap_or_default();
        self.due = self.end - left / 2;
    }
}

fn refuse_expired(token: AccessToken, now: SystemTime) -> Result<AccessToken> {
    match token.expires_at() {
        Some(end) if end <= now => Err(Error::new(
            ErrorKind::Credentials,
            format!(
                "the new token had expired when it came: it ends at {} and this machine's clock says {}; \
                 compare the machine's time with the true one, or check where the token comes from",
                moment::utc(end),
                moment::utc(now)
            ),
        )),
        _ => Ok(token),
    }
}
