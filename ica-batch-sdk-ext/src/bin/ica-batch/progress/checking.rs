//! Progress of the check of a manifest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ica_batch_sdk_ext::PreflightProgress;

/// Numbers of a check, which the check sets and the display reads. Clones are the same numbers.
#[derive(Debug, Clone)]
pub(crate) struct Checking {
    text: String,
    numbers: Arc<Numbers>,
}

#[derive(Debug, Default)]
struct Numbers {
    rows: AtomicU64,
    percent: AtomicU64,
}

impl Checking {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            numbers: Arc::default(),
        }
    }

    /// Sets the numbers.
    pub(crate) fn set(&self, progress: PreflightProgress) {
        self.set_numbers(progress.rows, progress.bytes, progress.total_bytes);
    }

    fn set_numbers(&self, rows: u64, bytes: u64, total_bytes: u64) {
        let percent = bytes.saturating_mul(100).checked_div(total_bytes).unwrap_or_default();
        self.numbers.rows.store(rows, Ordering::Relaxed);
        self.numbers.percent.store(percent.min(100), Ordering::Relaxed);
    }

    /// Returns what is checked, and the numbers once there are some.
    pub(super) fn text(&self) -> String {
        let [rows, percent] = [&self.numbers.rows, &self.numbers.percent].map(|number| number.load(Ordering::Relaxed));
        match rows {
            0 => self.text.clone(),
            rows => format!("{}; {rows} rows checked, {percent} %", self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Checking;

    #[test]
    fn a_check_has_rows_and_percent() {
        let checking = Checking::new("checking a.csv");
        assert_eq!(checking.text(), "checking a.csv");
        checking.clone().set_numbers(10_000, 250, 1000);
        assert_eq!(checking.text(), "checking a.csv; 10000 rows checked, 25 %");
        checking.set_numbers(20_000, 1, 0);
        assert_eq!(checking.text(), "checking a.csv; 20000 rows checked, 0 %");
    }
}
