//! Pauses of a command that cannot ask ICA, before it tries again.

use std::time::{Duration, SystemTime};

use ica_batch_sdk_ext::clock::{Clock, Sleep};
use ica_batch_sdk_ext::retry::Backoff;

/// Pause after a failure. It doubles with each further one.
const PAUSE: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// Pauses until a time limit.
#[derive(Debug)]
pub(crate) struct Patience<C> {
    clock: C,
    began: Duration,
    limit: Duration,
    failures: u32,
}

impl<C: Clock> Patience<C> {
    /// Begins the time limit now.
    pub(crate) fn new(clock: C, limit: Duration) -> Self {
        Self {
            began: clock.elapsed(),
            clock,
            limit,
            failures: 0,
        }
    }

    /// Returns the pause after a failure, and when it ends. None if the failure does not pass, or if the
    /// time is over by then.
    pub(crate) fn pause(&mut self, may_pass: bool) -> Option<(Sleep, SystemTime)> {
        let pause = PAUSE.wait(self.failures, 1.0);
        let end = self.clock.elapsed().saturating_sub(self.began).saturating_add(pause);
        if !may_pass || end >= self.limit {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        Some((self.clock.sleep(pause), self.clock.now() + pause))
    }
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk_ext::clock::ManualClock;

    use super::{Duration, Patience};

    #[tokio::test]
    async fn pauses_grow_and_end_at_the_limit() {
        let clock = ManualClock::new();
        let mut patience = Patience::new(clock.clone(), Duration::from_secs(200));
        while let Some((pause, _)) = patience.pause(true) {
            pause.await;
        }
        let seconds = [1, 2, 4, 8, 16, 32, 60, 60].map(Duration::from_secs);
        assert_eq!(clock.sleeps(), seconds);
    }

    #[test]
    fn what_does_not_pass_has_no_pause() {
        let patience = |limit| Patience::new(ManualClock::new(), Duration::from_secs(limit));
        assert!(patience(100).pause(false).is_none());
        assert!(patience(0).pause(true).is_none());
    }
}
