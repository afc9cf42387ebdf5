//! Seeded numbers, and durations that they lengthen.

use std::time::Duration;

use chrono::TimeDelta;

/// Spreads a number over all 64 bits: the finaliser of SplitMix64.
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Returns the duration as a signed one; at most 100 years.
pub(crate) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(36_500))
}

/// Random lengthening of durations, the same for the same seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Jitter {
    /// The largest share by which a duration is lengthened.
    pub(crate) most: f64,
    pub(crate) seed: u64,
}

impl Default for Jitter {
    fn default() -> Self {
        Self { most: 0.25, seed: 0 }
    }
}

impl Jitter {
    /// Returns a number from 0 up to 1 that belongs to the seed, the item's `salt` and the step.
    pub(crate) fn unit(self, salt: u64, step: u64) -> f64 {
        let mixed = mix(mix(self.seed ^ salt).wrapping_add(step));
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns `base`, lengthened for one step of one item.
    pub(crate) fn lengthened(self, base: TimeDelta, salt: u64, step: u64) -> TimeDelta {
        if base.is_zero() {
            base
        } else {
            scaled(base, 1.0 + self.most * self.unit(salt, step))
        }
    }

    /// Returns the longest time that `base` can become.
    pub(crate) fn longest(self, base: TimeDelta) -> TimeDelta {
        scaled(base, 1.0 + self.most)
    }
}

fn scaled(base: TimeDelta, by: f64) -> TimeDelta {
    TimeDelta::microseconds((base.num_microseconds().unwrap_or(i64::MAX) as f64 * by) as i64)
}
