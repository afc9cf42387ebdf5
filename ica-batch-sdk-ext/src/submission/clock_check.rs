//! Comparison of this machine's clock with ICA's, before anything is sent.
//!
//! A run measures the age of a key by the clock of the machine. A clock that is wrong by days when a
//! chunk is sent, and set right later, would make an old key look young.

use std::time::{Duration, SystemTime};

use chrono::SecondsFormat;

use super::run::Run;
use crate::call::ClockSkew;
use crate::error::{Error, ErrorKind, Result, counted};
use crate::journal::{SubmissionCounts, SubmissionId, rfc3339};

/// Largest difference between the clocks of this machine and of ICA with which a run sends: 5
/// minutes. Machines whose clocks are set by the network differ by less than a second.
pub(super) const LARGEST_SKEW: Duration = Duration::from_secs(5 * 60);

impl Run {
    /// Fails if this machine's clock differs from ICA's by more than [`LARGEST_SKEW`].
    ///
    /// Every response to the client shows the difference. If there was none lately, one small
    /// request is sent. If that shows nothing either, the clock is not checked.
    pub(super) async fn check_clock(&self, submission: i64, counts: SubmissionCounts) -> Result<()> {
        match self.api.clock_skew().await {
            Some(skew) if skew.amount() > LARGEST_SKEW => {
                let has_sent = counts.pending() < counts.analyses;
                let has_sent = has_sent || !self.session.sent_chunks(submission).await?.is_empty();
                Err(clock_skew(&self.id, skew, self.clock.now(), has_sent))
            }
            _ => Ok(()),
        }
    }
}

/// Returns the error of a clock that differs from ICA's. `has_sent` says that an earlier run has sent
/// chunks.
fn clock_skew(id: &SubmissionId, skew: ClockSkew, now: SystemTime, has_sent: bool) -> Error {
    let amount = exact(skew.amount());
    let further = if has_sent { "nothing further" } else { "nothing" };
    let direction = match skew {
        ClockSkew::Ahead(_) => "ahead of",
        ClockSkew::Behind(_) => "behind",
    };
    let what = format!(
        "could not send {id}: the clock of this machine says {} and is {amount} {direction} that of ICA, and {further} was sent; set the clock, because it measures how long ICA remembers what was sent",
        rfc3339(now, SecondsFormat::Secs)
    );
    Error::new(ErrorKind::ClockSkew, what)
}

/// Returns a duration in whole seconds, rounded up, so that it does not look shorter than a limit.
fn exact(duration: Duration) -> String {
    let seconds = duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0));
    let (days, seconds) = (seconds / 86_400, seconds % 86_400);
    let (hours, minutes, seconds) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    let parts = [(days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second")];
    let parts = { parts.iter() }.filter(|(count, _)| *count > 0);
    let parts = parts.map(|(count, unit)| counted(*count, unit));
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::exact;

    #[test]
    fn a_duration_is_exact_to_the_second() {
        let text = |millis| exact(Duration::from_millis(millis));
        assert_eq!(text(300_001), "5 minutes 1 second");
        assert_eq!(text(599_000), "9 minutes 59 seconds");
        assert_eq!(text(8 * 86_400_000 + 3_600_000), "8 days 1 hour");
    }
}
