//! Samples of the statuses of analyses over time.

use std::collections::BTreeMap;
use std::time::Duration;

/// Number of samples that are kept. A chart has fewer columns of pixels.
const MAX_SAMPLES: usize = 2000;

/// Counts of statuses at times, as a wait sees them.
///
/// The memory is bounded: with many samples, every second one is dropped.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timeline {
    samples: Vec<Sample>,
    /// Shortest time between two samples that are kept.
    resolution: Duration,
}

/// Counts at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) elapsed: Duration,
    pub(super) counts: BTreeMap<String, u64>,
}

impl Timeline {
    /// Adds the counts by status at a time since the start of the wait.
    pub(crate) fn record(&mut self, elapsed: Duration, counts: impl IntoIterator<Item = (impl Into<String>, u64)>) {
        let counts = counts.into_iter().map(|(status, count)| (status.into(), count));
        let sample = Sample {
            elapsed,
            counts: counts.filter(|(_, count)| *count > 0).collect(),
        };
        // The last sample is always the newest one, so that the chart ends with the present.
        if let [.., before, last] = self.samples.as_slice()
            && last.elapsed.saturating_sub(before.elapsed) < self.resolution
        {
            self.samples.pop();
        }
        self.samples.push(sample);
        if self.samples.len() > MAX_SAMPLES {
            self.thin();
        }
    }

    /// Drops every second sample, but not the first and the last one.
    fn thin(&mut self) {
        let last = self.samples.len() - 1;
        let mut index = 0;
        self.samples.retain(|_| {
            let keep = index % 2 == 0 || index == last;
            index += 1;
            keep
        });
        let whole = self.samples.last().map_or(Duration::ZERO, |sample| sample.elapsed);
        self.resolution = whole / (MAX_SAMPLES as u32 / 2);
    }

    pub(super) fn samples(&self) -> &[Sample] {
        &self.samples
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{MAX_SAMPLES, Timeline};

    fn seconds(timeline: &Timeline) -> Vec<u64> {
        let samples = timeline.samples().iter();
        samples.map(|sample| sample.elapsed.as_secs()).collect()
    }

    #[test]
    fn samples_keep_their_order_and_statuses_without_analyses_are_left_out() {
        let mut timeline = Timeline::default();
        timeline.record(Duration::from_secs(1), [("QUEUED", 3), ("FAILED", 0)]);
        timeline.record(Duration::from_secs(2), [("QUEUED", 1), ("SUCCEEDED", 2)]);
        assert_eq!(seconds(&timeline), [1, 2]);
        assert_eq!(timeline.samples()[0].counts.len(), 1);
        assert_eq!(timeline.samples()[1].counts["SUCCEEDED"], 2);
    }

    #[test]
    fn memory_is_bounded_and_the_first_and_the_last_sample_are_kept() {
        let mut timeline = Timeline::default();
        for second in 0..1_000_000 {
            timeline.record(Duration::from_secs(second), [("IN_PROGRESS", second + 1)]);
            assert!(timeline.samples().len() <= MAX_SAMPLES);
        }
        let kept = seconds(&timeline);
        assert_eq!((kept[0], kept[kept.len() - 1]), (0, 999_999));
        assert!(kept.len() > MAX_SAMPLES / 4, "{}", kept.len());
        assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
        // No part of the time is left out.
        let widest = kept.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(widest < 1_000_000 / 100, "{widest}");
    }
}
