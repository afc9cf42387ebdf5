//! Many callers and one token. The clock stands still but for what it is told, and tasks take turns on one thread, so that
//! each run is the same.

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

/// A cache, a clock and a mint that counts. Clones are the same.
#[derive(Clone, Default)]
struct Bench {
    cache: Arc<TokenCache>,
    clock: ManualClock,
    mints: Arc<AtomicUsize>,
}

impl Bench {
    /// A token of this lifetime, after others had their turn.
    async fn get(&self, lifetime: Duration) -> Result<Token> {
        self.get_by(async |bench, n| Ok(bench.token(n, lifetime))).await
    }

    async fn get_failing(&self) -> Result<Token> {
        self.get_by(async |_, n| Err(Error::new(ErrorKind::RateLimited, format!("mint {n} failed"))))
            .await
    }

    /// A token once the gate opens.
    async fn get_gated(&self, gate: &Notify, lifetime: Duration) -> Result<Token> {
        self.get_by(async |bench, n| {
            gate.notified().await;
            Ok(bench.token(n, lifetime))
        })
        .await
    }

    async fn get_by(&self, mint: impl AsyncFnOnce(&Self, usize) -> Result<AccessToken>) -> Result<Token> {
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
    let bench = Bench::default();
    bench.get(HOUR).await.unwrap();
    bench.clock.advance(HOUR);
    let tasks = (0..1000).map(|_| {
        let bench = bench.clone();
        tokio::spawn(async move { bench.get(HOUR).await })
    });
    for token in join_all(tasks).await {
        assert_eq!(text(&token.unwrap().unwrap()), "t-2");
    }
    assert_eq!(bench.mints(), 2);
}

#[tokio::test]
async fn a_thousand_callers_share_one_failure_and_the_next_tries_anew() {
    let bench = Bench::default();
    let tasks = (0..1000).map(|_| {
        let bench = bench.clone();
        tokio::spawn(async move { bench.get_failing().await })
    });
    for result in join_all(tasks).await {
        let error = result.unwrap().unwrap_err();
        assert!(error.is_rate_limited());
        assert!(error.to_string().starts_with("mint 1 failed"), "{error}");
    }
    assert_eq!(bench.mints(), 1);

    assert!(
        bench
            .get_failing()
            .await
            .unwrap_err()
            .to_string()
            .starts_with("mint 2 failed")
    );
    assert_eq!(text(&bench.get(HOUR).await.unwrap()), "t-3");
}

#[tokio::test]
async fn one_who_comes_after_a_failure_does_not_get_it_even_from_the_queue() {
    let bench = Bench::default();
    let mut failing = Box::pin(bench.get_failing());
    assert!(failing.as_mut().now_or_never().is_none());
    let mut waiting = Box::pin(bench.get(HOUR));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert!(failing.await.is_err());
    // The turn has gone to the one who waits; this one queues behind it.
    let late = bench.get(HOUR);
    let (waited, late) = tokio::join!(waiting, late);
    assert!(waited.unwrap_err().to_string().starts_with("mint 1 failed"));
    assert_eq!(text(&late.unwrap()), "t-2");
}

#[tokio::test]
async fn a_valid_token_is_given_without_waiting() {
    let bench = Bench::default();
    let first = bench.get(HOUR).await.unwrap();
    bench.clock.advance(HOUR - 6 * MINUTE);
    let again = bench.get(HOUR).now_or_never().unwrap().unwrap();
    assert_eq!((text(&again), again.generation), (text(&first), first.generation));
}

#[tokio::test]
async fn renewal_begins_a_tenth_before_the_end_within_bounds() {
    for (lifetime, skew) in [(24 * 3600, 300), (1800, 180), (60, 10), (12, 6)] {
        let (lifetime, skew) = (Duration::from_secs(lifetime), Duration::from_secs(skew));
        let bench = Bench::default();
        bench.get(lifetime).await.unwrap();
        bench.clock.advance(lifetime - skew - Duration::from_secs(1));
        bench.get(lifetime).await.unwrap();
        assert_eq!(bench.mints(), 1, "{lifetime:?}");
        bench.clock.advance(Duration::from_secs(1));
        assert_eq!(text(&bench.get(lifetime).await.unwrap()), "t-2", "{lifetime:?}");
    }
}

#[tokio::test]
async fn a_renewal_keeps_none_but_its_caller_waiting() {
    let (bench, gate) = (Bench::default(), Notify::new());
    bench.get(HOUR).await.unwrap();
    bench.clock.advance(HOUR - MINUTE);
    let mut renewing = Box::pin(bench.get_gated(&gate, HOUR));
    assert!(renewing.as_mut().now_or_never().is_none());
    for _ in 0..1000 {
        let token = bench
            .get(HOUR)
            .now_or_never()
            .expect("the old token is at hand")
            .unwrap();
        assert_eq!(text(&token), "t-1");
    }
    yield_now().await;
    gate.notify_one();
    assert_eq!(text(&renewing.await.unwrap()), "t-2");
    assert_eq!(text(&bench.get(HOUR).await.unwrap()), "t-2");
    assert_eq!(bench.mints(), 2);
}

#[tokio::test]
async fn a_renewal_that_fails_keeps_the_old_token_and_is_not_tried_at_once_again() {
    let bench = Bench::default();
    bench.get(HOUR).await.unwrap();
    bench.clock.advance(HOUR - 4 * MINUTE);
    assert_eq!(text(&bench.get_failing().await.unwrap()), "t-1");
    assert_eq!(text(&bench.get_failing().await.unwrap()), "t-1");
    assert_eq!(bench.mints(), 2);
    bench.clock.advance(2 * MINUTE);
    assert_eq!(text(&bench.get_failing().await.unwrap()), "t-1");
    assert_eq!(bench.mints(), 3);
    bench.clock.advance(2 * MINUTE);
    assert!(bench.get_failing().await.unwrap_err().is_rate_limited());
}

#[tokio::test]
async fn a_renewal_that_fails_after_the_end_is_reported_to_all_who_wait() {
    let bench = Bench::default();
    bench.get(HOUR).await.unwrap();
    bench.clock.advance(HOUR - MINUTE);
    let mut renewing = Box::pin(bench.get_failing());
    assert!(renewing.as_mut().now_or_never().is_none());
    bench.clock.advance(MINUTE);
    let (waited, renewed) = tokio::join!(bench.get(HOUR), renewing);
    assert!(renewed.unwrap_err().to_string().starts_with("mint 2 failed"));
    assert!(waited.unwrap_err().to_string().starts_with("mint 2 failed"));
}

#[tokio::test]
async fn a_token_is_dropped_by_its_generation_only() {
    let bench = Bench::default();
    let refused = bench.get(HOUR).await.unwrap();
    let calls = (0..1000).map(|_| async {
        bench.cache.invalidate(refused.generation);
        bench.get(HOUR).await
    });
    for token in join_all(calls).await {
        assert_eq!(text(&token.unwrap()), "t-2");
    }
    bench.cache.invalidate(refused.generation);
    assert_eq!(text(&bench.get(HOUR).await.unwrap()), "t-2");
    assert_eq!(bench.mints(), 2);
}

#[tokio::test]
async fn a_token_that_was_refused_is_not_used_when_its_renewal_fails() {
    let bench = Bench::default();
    let refused = bench.get(HOUR).await.unwrap();
    bench.clock.advance(HOUR - MINUTE);
    let mut renewing = Box::pin(bench.get_failing());
    assert!(renewing.as_mut().now_or_never().is_none());
    bench.cache.invalidate(refused.generation);
    assert!(renewing.await.unwrap_err().is_rate_limited());
}

#[tokio::test]
async fn another_takes_over_from_one_who_is_cancelled() {
    let (bench, gate) = (Bench::default(), Notify::new());
    let mut cancelled = Box::pin(bench.get_gated(&gate, HOUR));
    assert!(cancelled.as_mut().now_or_never().is_none());
    let mut waiting: Vec<_> = (0..10).map(|_| Box::pin(bench.get(HOUR))).collect();
    for caller in &mut waiting {
        assert!(caller.as_mut().now_or_never().is_none());
    }
    drop(cancelled);
    for token in join_all(waiting).await {
        assert_eq!(text(&token.unwrap()), "t-2");
    }
    assert_eq!(bench.mints(), 2);
}

#[tokio::test]
async fn a_token_that_comes_expired_is_an_error_that_tells_both_times() {
    let bench = Bench::default();
    let tasks = (0..100).map(|_| bench.get(Duration::ZERO));
    for result in join_all(tasks).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        let now = super::moment::utc(bench.clock.now());
        assert_eq!(error.to_string().matches(&now).count(), 2, "{error}");
        assert!(!error.to_string().contains("t-1"), "{error}");
    }
    assert_eq!(bench.mints(), 1);
}

#[tokio::test]
async fn a_token_without_an_end_is_kept_until_it_is_dropped() {
    let bench = Bench::default();
    let endless = async |_: &Bench, n| AccessToken::new(format!("t-{n}"));
    let token = bench.get_by(endless).await.unwrap();
    bench.clock.advance(10_000 * HOUR);
    assert_eq!(text(&bench.get_by(endless).await.unwrap()), "t-1");
    bench.cache.invalidate(token.generation);
    assert_eq!(text(&bench.get_by(endless).await.unwrap()), "t-2");
}

#[test]
fn debug_hides_the_token() {
    let bench = Bench::default();
    bench.get(HOUR).now_or_never();
    let token = bench.cache.keep(AccessToken::new("hush").unwrap(), bench.clock.now());
    assert!(!format!("{token:?} {:?}", bench.cache).contains("hush"));
}
