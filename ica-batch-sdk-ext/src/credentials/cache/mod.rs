//! Cached token of a client. It is renewed in time, and minted once for all calls that need it.
//!
//! - A token is returned without waiting until its renewal is due.
//! - Renewal is due a while before the expiry: a tenth of the token's lifetime on arrival, at least
//!   10 seconds and at most 5 minutes, but never more than half of that lifetime. One caller then
//!   renews the token, and the others continue with the old one. A renewal that fails while the old
//!   token is valid is not reported. The next one is due when half of the remaining time has
//!   passed.
//! - Without a valid token, one caller mints one, and all others wait for its result: a token or an
//!   error. A caller that comes after the error mints again. When the minting caller is cancelled,
//!   a waiting one takes over.
//! - A token without a known expiry is kept until it is [invalidated](TokenCache::invalidate).
//! - A token that has expired on arrival is an error and is not kept: the next one would be the
//!   same, without end.
//!
//! A caller with a time limit must drop its [`TokenCache::get`] when that has passed. It must not
//! let the mint fail, because all callers share a failure. A cancellation concerns only one.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use super::{AccessToken, time_text};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;

/// Limits of the time between the renewal and the expiry.
const MIN_LEAD: Duration = Duration::from_secs(10);
const MAX_LEAD: Duration = Duration::from_secs(5 * 60);

/// Number of earlier tokens that are kept, to remove them from texts.
const EARLIER: usize = 4;

/// Token of the cache.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    /// Number of the token in its cache, from 1.
    pub(crate) generation: u64,
}

/// Cache of one token for all calls of a client.
#[derive(Debug, Default)]
pub(crate) struct TokenCache {
    state: RwLock<State>,
    /// Lock of the caller that mints.
    mint_lock: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    entry: Option<Entry>,
    /// Generation of the last token.
    generation: u64,
    /// The last tokens before this one, and those that could not be used. A server may still send
    /// one back.
    earlier: VecDeque<Secret>,
    /// Number of failures so far, and the last one. A token clears the last one.
    failures: u64,
    last_failure: Option<Error>,
}

#[derive(Debug)]
struct Entry {
    token: Token,
    /// None for a token without a known expiry.
    schedule: Option<Schedule>,
}

/// Times at which a token is renewed and expires.
#[derive(Debug)]
struct Schedule {
    renew_at: SystemTime,
    expires_at: SystemTime,
}

/// Reason why a token is minted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MintReason {
    /// There is no valid token, and calls wait for one.
    NoToken,
    /// The token is still valid, so the renewal should not take long.
    Renewal,
}

/// Content of the cache at a time.
enum Lookup {
    /// A valid token.
    Valid(Token),
    /// A valid token whose renewal is due.
    RenewalDue(Token),
    /// No valid token.
    Missing { failures: u64 },
}

impl TokenCache {
    /// Returns the expiry of the current token, if there is one and its expiry is known.
    pub(crate) fn expires_at(&self) -> Option<SystemTime> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Some(state.entry.as_ref()?.schedule.as_ref()?.expires_at)
    }

    /// Returns a valid token: the cached one, or the one that `mint` returns.
    ///
    /// # Errors
    /// The error of the `mint` that ran, which may be another caller's.
    /// [`Credentials`](ErrorKind::Credentials) when it returned a token that had expired.
    pub(crate) async fn get<F, Fut>(&self, clock: &dyn Clock, mint: F) -> Result<Token>
    where
        F: FnOnce(MintReason) -> Fut,
        Fut: Future<Output = Result<AccessToken, Error>>,
    {
        let (_mint_lock, failures_before) = match self.lookup(clock.now()) {
            Lookup::Valid(token) => return Ok(token),
            Lookup::RenewalDue(token) => match self.mint_lock.try_lock() {
                Ok(guard) => (guard, None),
                Err(_) => return Ok(token),
            },
            Lookup::Missing { failures } => (self.mint_lock.lock().await, Some(failures)),
        };
        // Another caller may have held the lock in between.
        let reason = match (self.lookup(clock.now()), failures_before) {
            (Lookup::Valid(token), _) | (Lookup::RenewalDue(token), Some(_)) => return Ok(token),
            (Lookup::RenewalDue(_), None) => MintReason::Renewal,
            (Lookup::Missing { .. }, failures_before) => {
                if let Some(failure) = failures_before.and_then(|count| self.failure_after(count)) {
                    return Err(failure);
                }
                MintReason::NoToken
            }
        };
        let minted = mint(reason).await;
        let now = clock.now();
        let error = match minted {
            Ok(token) => match expired_on_arrival(&token, now) {
                None => return Ok(self.store(token, now)),
                Some(error) => {
                    self.write(|state| state.keep_earlier(Some(token.into_secret())));
                    error
                }
            },
            Err(error) => error,
        };
        self.record_failure(error, now)
    }

    /// Returns the secrets of the cache: its token and earlier ones.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let token = state.entry.iter().map(|entry| &entry.token.secret);
        token.chain(&state.earlier).cloned().collect()
    }

    /// Drops the token of this generation. A newer token stays: when many calls were rejected with
    /// one token, the first drops it, and the others find the next token.
    pub(crate) fn invalidate(&self, generation: u64) {
        self.write(|state| {
            let rejected = state.entry.take_if(|entry| entry.token.generation == generation);
            state.keep_earlier(rejected.map(|entry| entry.token.secret));
        });
    }

    fn lookup(&self, now: SystemTime) -> Lookup {
        self.state.read().unwrap_or_else(PoisonError::into_inner).lookup(now)
    }

    /// Returns the last failure, if there were more than `count`.
    fn failure_after(&self, count: u64) -> Option<Error> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let failure = state.last_failure.as_ref().filter(|_| state.failures > count)?;
        Some(failure.share())
    }

    fn store(&self, token: AccessToken, now: SystemTime) -> Token {
        self.write(|state| {
            state.generation += 1;
            state.last_failure = None;
            let schedule = token.expires_at().map(|expires_at| Schedule::new(now, expires_at));
            let token = Token {
                secret: token.into_secret(),
                generation: state.generation,
            };
            let entry = Entry {
                token: token.clone(),
                schedule,
            };
            let before = state.entry.replace(entry);
            state.keep_earlier(before.map(|entry| entry.token.secret));
            token
        })
    }

    /// Returns the old token if it is still valid. Otherwise records the failure for all waiting
    /// callers.
    fn record_failure(&self, error: Error, now: SystemTime) -> Result<Token> {
        self.write(|state| match state.lookup(now) {
            Lookup::Valid(token) | Lookup::RenewalDue(token) => {
                if let Some(schedule) = state.entry.as_mut().and_then(|entry| entry.schedule.as_mut()) {
                    schedule.postpone(now);
                }
                Ok(token)
            }
            Lookup::Missing { .. } => {
                state.failures += 1;
                state.last_failure = Some(error.share());
                Err(error)
            }
        })
    }

    fn write<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// Keeps a token that is not used any more.
    fn keep_earlier(&mut self, token: Option<Secret>) {
        self.earlier.extend(token);
        while self.earlier.len() > EARLIER {
            self.earlier.pop_front();
        }
    }

    fn lookup(&self, now: SystemTime) -> Lookup {
        let missing = Lookup::Missing {
            failures: self.failures,
        };
        let Some(Entry { token, schedule }) = &self.entry else {
            return missing;
        };
        match schedule {
            Some(schedule) if now >= schedule.expires_at => missing,
            Some(schedule) if now >= schedule.renew_at => Lookup::RenewalDue(token.clone()),
            _ => Lookup::Valid(token.clone()),
        }
    }
}

impl Schedule {
    fn new(now: SystemTime, expires_at: SystemTime) -> Self {
        let lifetime = expires_at.duration_since(now).unwrap_or_default();
        let lead = (lifetime / 10).clamp(MIN_LEAD, MAX_LEAD).min(lifetime / 2);
        Self {
            // A clock that cannot express the time renews at the expiry.
            renew_at: expires_at.checked_sub(lead).unwrap_or(expires_at),
            expires_at,
        }
    }

    /// Sets the next renewal to the middle of the remaining time.
    fn postpone(&mut self, now: SystemTime) {
        let remaining = self.expires_at.duration_since(now).unwrap_or_default();
        self.renew_at = self.expires_at.checked_sub(remaining / 2).unwrap_or(self.expires_at);
    }
}

/// Returns the error of a new token that has expired, or None before the expiry.
fn expired_on_arrival(token: &AccessToken, now: SystemTime) -> Option<Error> {
    let expires_at = token.expires_at().filter(|expires_at| *expires_at <= now)?;
    let what = format!(
        "the new token is not valid: it expired at {}, and the clock of this machine says {}; \
         compare that clock with the true time, or check the source of the token",
        time_text::utc(expires_at),
        time_text::utc(now)
    );
    Some(Error::new(ErrorKind::Credentials, what))
}
