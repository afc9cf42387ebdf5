//! Many callers and one token. Only `advance` moves the clock, and the tasks share one thread, so
//! each run of a test is the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::{Token, TokenCache};
use crate::clock::{Clock, ManualClock};
use crate::credentials::AccessToken;
use crate::error::{Error, ErrorKind, Result};

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

/// Cache, clock, and a counter of mints. Clones share them.
#[derive(Clone, Default)]
struct Setup {
    cache: Arc<TokenCache>,
    clock: ManualClock,
    mints: Arc<AtomicUsize>,
}

impl Setup {
    /// Returns a token of this lifetime, after other tasks have run.
    async fn get(&self, lifetime: Duration) -> Result<Token> {
        self.get_with(async |setup, n| Ok(setup.token(n, lifetime))).await
    }

    async fn get_failing(&self) -> Result<Token> {
        self.get_with(async |_, n| Err(Error::new(ErrorKind::RateLimited, format!("mint {n} failed"))))
            .await
    }

    /// Returns a token after the gate is opened.
    async fn get_after_gate(&self, gate: &Notify, lifetime: Duration) -> Result<Token> {
        self.get_with(async |setup, n| {
            gate.notified().await;
            Ok(setup.token(n, lifetime))
        })
        .await
    }

    async fn get_with(&self, mint: impl AsyncFnOnce(&Self, usize) -> Result<AccessToken>) -> Result<Token> {
        let mint = |_| async {
            let n = self.mints.fetch_add(1, Ordering::Relaxed) + 1;
            yield_now().await;
            mint(self, n).await
        };
        self.cache.get(&self.clock, mint).await
    }

    fn token(&self, n: usize, lifetime: Duration) -> AccessToken {
        let token = AccessToken::new(format!("t-{n}")).unwrap();
        token.with_expiry(self.clock.now() + lifetime)
    }

    fn mints(&self) -> usize {
        self.mints.load(Ordering::Relaxed)
    }
}

fn text(token: &Token) -> &str {
    token.secret.expose()
}

#[tokio::test]
async fn a_thousand_callers_with_an_expired_token_mint_once() {
    let setup = Setup::default();
    setup.get(HOUR).await.unwrap();
    setup.clock.advance(HOUR);
    let tasks = (0..1000).map(|_| {
        let setup = setup.clone();
        tokio::spawn(async move { setup.get(HOUR).await })
    });
    for token in join_all(tasks).await {
        assert_eq!(text(&token.unwrap().unwrap()), "t-2");
    }
    assert_eq!(setup.mints(), 2);
}

#[tokio::test]
async fn a_thousand_callers_share_one_failure_and_the_next_mints_again() {
    let setup = Setup::default();
    let tasks = (0..1000).map(|_| {
        let setup = setup.clone();
        tokio::spawn(async move { setup.get_failing().await })
    });
    for result in join_all(tasks).await {
        let error = result.unwrap().unwrap_err();
        assert!(error.is_rate_limited());
        assert!(error.to_string().starts_with("mint 1 failed"), "{error}");
    }
    assert_eq!(setup.mints(), 1);

    assert!(
        setup
            .get_failing()
            .await
            .unwrap_err()
            .to_string()
            .starts_with("mint 2 failed")
    );
    assert_eq!(text(&setup.get(HOUR).await.unwrap()), "t-3");
}

#[tokio::test]
async fn a_caller_after_a_failure_does_not_get_that_failure() {
    let setup = Setup::default();
    let mut failing = Box::pin(setup.get_failing());
    assert!(failing.as_mut().now_or_never().is_none());
    let mut waiting = Box::pin(setup.get(HOUR));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert!(failing.await.is_err());
    // The lock has gone to the caller that waits. This caller is next in the queue.
    let late = setup.get(HOUR);
    let (waited, late) = tokio::join!(waiting, late);
    assert!(waited.unwrap_err().to_string().starts_with("mint 1 failed"));
    assert_eq!(text(&late.unwrap()), "t-2");
}

#[tokio::test]
async fn a_valid_token_is_returned_without_waiting() {
    let setup = Setup::default();
    let first = setup.get(HOUR).await.unwrap();
    setup.clock.advance(HOUR - 6 * MINUTE);
    let again = setup.get(HOUR).now_or_never().unwrap().unwrap();
    assert_eq!((text(&again), again.generation), (text(&first), first.generation));
}

#[tokio::test]
async fn renewal_is_due_a_tenth_before_the_expiry_within_limits() {
    for (lifetime, lead) in [(24 * 3600, 300), (1800, 180), (60, 10), (12, 6)] {
        let (lifetime, lead) = (Duration::from_secs(lifetime), Duration::from_secs(lead));
        let setup = Setup::default();
        setup.get(lifetime).await.unwrap();
        setup.clock.advance(lifetime - lead - Duration::from_secs(1));
        setup.get(lifetime).await.unwrap();
        assert_eq!(setup.mints(), 1, "{lifetime:?}");
        setup.clock.advance(Duration::from_secs(1));
        assert_eq!(text(&setup.get(lifetime).await.unwrap()), "t-2", "{lifetime:?}");
    }
}

#[tokio::test]
async fn only_the_renewing_caller_waits() {
    let (setup, gate) = (Setup::default(), Notify::new());
    setup.get(HOUR).await.unwrap();
    setup.clock.advance(HOUR - MINUTE);
    let mut renewing = Box::pin(setup.get_after_gate(&gate, HOUR));
    assert!(renewing.as_mut().now_or_never().is_none());
    for _ in 0..1000 {
        let token = setup
            .get(HOUR)
            .now_or_never()
            .expect("the old token is returned at once")
            .unwrap();
        assert_eq!(text(&token), "t-1");
    }
    yield_now().await;
    gate.notify_one();
    assert_eq!(text(&renewing.await.unwrap()), "t-2");
    assert_eq!(text(&setup.get(HOUR).await.unwrap()), "t-2");
    assert_eq!(setup.mints(), 2);
}

#[tokio::test]
async fn a_failed_renewal_keeps_the_old_token_and_is_not_repeated_at_once() {
    let setup = Setup::default();
    setup.get(HOUR).await.unwrap();
    setup.clock.advance(HOUR - 4 * MINUTE);
    assert_eq!(text(&setup.get_failing().await.unwrap()), "t-1");
    assert_eq!(text(&setup.get_failing().await.unwrap()), "t-1");
    assert_eq!(setup.mints(), 2);
    setup.clock.advance(2 * MINUTE);
    assert_eq!(text(&setup.get_failing().await.unwrap()), "t-1");
    assert_eq!(setup.mints(), 3);
    setup.clock.advance(2 * MINUTE);
    assert!(setup.get_failing().await.unwrap_err().is_rate_limited());
}

#[tokio::test]
async fn a_renewal_that_fails_after_the_expiry_is_reported_to_all_waiting_callers() {
    let setup = Setup::default();
    setup.get(HOUR).await.unwrap();
    setup.clock.advance(HOUR - MINUTE);
    let mut renewing = Box::pin(setup.get_failing());
    assert!(renewing.as_mut().now_or_never().is_none());
    setup.clock.advance(MINUTE);
    let (waited, renewed) = tokio::join!(setup.get(HOUR), renewing);
    assert!(renewed.unwrap_err().to_string().starts_with("mint 2 failed"));
    assert!(waited.unwrap_err().to_string().starts_with("mint 2 failed"));
}

#[tokio::test]
async fn only_the_token_of_the_given_generation_is_dropped() {
    let setup = Setup::default();
    let rejected = setup.get(HOUR).await.unwrap();
    let calls = (0..1000).map(|_| async {
        setup.cache.invalidate(rejected.generation);
        setup.get(HOUR).await
    });
    for token in join_all(calls).await {
        assert_eq!(text(&token.unwrap()), "t-2");
    }
    setup.cache.invalidate(rejected.generation);
    assert_eq!(text(&setup.get(HOUR).await.unwrap()), "t-2");
    assert_eq!(setup.mints(), 2);
}

#[tokio::test]
async fn a_rejected_token_is_not_used_when_its_renewal_fails() {
    let setup = Setup::default();
    let rejected = setup.get(HOUR).await.unwrap();
    setup.clock.advance(HOUR - MINUTE);
    let mut renewing = Box::pin(setup.get_failing());
    assert!(renewing.as_mut().now_or_never().is_none());
    setup.cache.invalidate(rejected.generation);
    assert!(renewing.await.unwrap_err().is_rate_limited());
}

#[tokio::test]
async fn a_waiting_caller_takes_over_from_a_cancelled_one() {
    let (setup, gate) = (Setup::default(), Notify::new());
    let mut cancelled = Box::pin(setup.get_after_gate(&gate, HOUR));
    assert!(cancelled.as_mut().now_or_never().is_none());
    let mut waiting: Vec<_> = (0..10).map(|_| Box::pin(setup.get(HOUR))).collect();
    for caller in &mut waiting {
        assert!(caller.as_mut().now_or_never().is_none());
    }
    drop(cancelled);
    for token in join_all(waiting).await {
        assert_eq!(text(&token.unwrap()), "t-2");
    }
    assert_eq!(setup.mints(), 2);
}

#[tokio::test]
async fn a_token_that_has_expired_on_arrival_is_an_error_with_both_times() {
    let setup = Setup::default();
    let tasks = (0..100).map(|_| setup.get(Duration::ZERO));
    for result in join_all(tasks).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        let now = super::time_text::utc(setup.clock.now());
        assert_eq!(error.to_string().matches(&now).count(), 2, "{error}");
        assert!(!error.to_string().contains("t-1"), "{error}");
    }
    assert_eq!(setup.mints(), 1);
}

#[tokio::test]
async fn a_token_without_an_expiry_is_kept_until_it_is_invalidated() {
    let setup = Setup::default();
    let without_expiry = async |_: &Setup, n| AccessToken::new(format!("t-{n}"));
    let token = setup.get_with(without_expiry).await.unwrap();
    setup.clock.advance(10_000 * HOUR);
    assert_eq!(text(&setup.get_with(without_expiry).await.unwrap()), "t-1");
    setup.cache.invalidate(token.generation);
    assert_eq!(text(&setup.get_with(without_expiry).await.unwrap()), "t-2");
}

#[test]
fn debug_hides_the_token() {
    let setup = Setup::default();
    setup.get(HOUR).now_or_never();
    let token = setup.cache.store(AccessToken::new("hush").unwrap(), setup.clock.now());
    assert!(!format!("{token:?} {:?}", setup.cache).contains("hush"));
}
