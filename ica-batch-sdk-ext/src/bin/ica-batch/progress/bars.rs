//! Bars on a terminal.

use std::time::{Duration, SystemTime};

use indicatif::{ProgressBar, ProgressStyle};

use super::bar::{Segment, bar};
use super::life::Life;
use super::phase::Phase;
use super::sending::Sending;
use super::terminal::Calm;
use crate::messages;

/// Signs of a bar.
const WIDTH: usize = 30;

/// Time between two positions of the spinner, which shows that the program works.
const SPIN: Duration = Duration::from_millis(120);

/// Two lines at the bottom of the terminal: the bar, and the numbers by status.
#[derive(Debug)]
pub(super) struct Bars {
    first: ProgressBar,
    second: ProgressBar,
    has_colors: bool,
    _calm: Calm,
}

impl Bars {
    pub(super) fn new() -> Self {
        let bars = messages::bars();
        let line = |template| {
            let style = ProgressStyle::with_template(template);
            let bar = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bars.add(bar)
        };
        let first = line("{spinner} {wide_msg}");
        first.enable_steady_tick(SPIN);
        Self {
            first,
            second: line("  {wide_msg}"),
            has_colors: messages::has_colors(),
            _calm: Calm::new(),
        }
    }

    pub(super) fn show(&self, phase: &Phase) {
        let (first, second) = match phase {
            Phase::Starting => (String::new(), String::new()),
            Phase::Reading(text) => (text.clone(), String::new()),
            Phase::Checking(checking) => (checking.text(), String::new()),
            Phase::Sending(sending) => {
                let now = SystemTime::now();
                (self.sending(sending, now), sending.hold(now).unwrap_or_default())
            }
            Phase::Waiting(life) => (self.life(life), life.statuses()),
        };
        self.second.set_message(second);
        self.first.set_message(first);
    }

    fn sending(&self, sending: &Sending, now: SystemTime) -> String {
        let counts = sending.counts;
        let segments = [
            (Segment::Succeeded, counts.created),
            (Segment::Failed, counts.rejected.saturating_add(counts.creation_failed)),
            (Segment::Rest, counts.pending()),
        ];
        let bar = bar(WIDTH, &segments, self.has_colors);
        format!(
            "sending {bar} {}/{}{}",
            sending.settled(),
            counts.analyses,
            sending.rest(now)
        )
    }

    fn life(&self, life: &Life) -> String {
        let segments = [
            (Segment::Succeeded, life.succeeded),
            (Segment::Failed, life.failed),
            (Segment::Running, life.running),
            (Segment::Rest, life.waiting()),
        ];
        let bar = bar(WIDTH, &segments, self.has_colors);
        let (ended, total) = (life.ended(), life.total);
        format!(
            "waiting {bar} {ended}/{total}, {} succeeded, {} failed",
            life.succeeded, life.failed
        )
    }

    /// Removes the bars from the terminal.
    pub(super) fn finish(&self) {
        self.first.finish_and_clear();
        self.second.finish_and_clear();
    }
}
