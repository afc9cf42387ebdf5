//! Progress of commands on standard error: bars on a terminal, lines elsewhere.
//!
//! - `rate` measures how fast something is counted.
//! - `words` says what events mean.
//! - `checking` has the numbers of a check, `sending` those of sending, and `life` those of analyses by status.
//! - `phase` is what a command is doing, with its numbers.
//! - `bar` and `bars` show it on a terminal, and `terminal` has its settings meanwhile.
//! - `events` chooses the events that get a line of their own.

mod bar;
mod bars;
mod checking;
mod events;
mod life;
mod phase;
mod rate;
mod sending;
mod terminal;
mod words;

use std::fmt;
use std::future::pending;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use chrono::{SecondsFormat, Utc};
use clap::Args;
use ica_batch_sdk_ext::{Error, StatusCounts, StatusHistory, SubmissionEvent, SubmissionProgress};
use tokio::time::{Interval, MissedTickBehavior, interval_at};

use self::bars::Bars;
use self::events::EventLines;
use self::phase::Phase;
use self::sending::Sending;
use crate::advice;
use crate::charts;
use crate::failure::Failure;
use crate::global::Global;
use crate::messages;
use crate::output::{check_file, with_extension};

pub(crate) use self::checking::Checking;
pub(crate) use self::life::{Life, Until};
pub(crate) use self::words::duration;

/// Time between two updates of the time left on a terminal.
const REDRAW: Duration = Duration::from_secs(1);

/// Options of commands that show progress.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Progress options")]
pub(crate) struct ProgressOptions {
    /// Time between two lines about the progress where standard error is not a terminal.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub(crate) progress_interval: Duration,
    /// File for a picture (SVG) of the statuses over time. It is written when the command ends. For a
    /// submission, it has what earlier commands recorded in the journal, too.
    #[arg(long, value_name = "FILE.svg", value_parser = with_extension(&["svg"]))]
    pub(crate) timeline: Option<PathBuf>,
}

impl ProgressOptions {
    /// Fails if the picture cannot be written. For the start of a command, before anything is sent.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        check_file(self.timeline.as_deref())
    }
}

/// Progress of a command.
#[derive(Debug)]
pub(crate) struct Progress {
    display: Display,
    until: Until,
    phase: Phase,
    events: EventLines,
    started: Instant,
    ticks: Option<Interval>,
    timeline: Option<(PathBuf, StatusHistory)>,
}

#[derive(Debug)]
enum Display {
    Quiet,
    Lines,
    Bars(Bars),
}

impl Progress {
    /// Starts to show the progress of a command. It is called in a runtime.
    pub(crate) fn new(global: &Global, options: &ProgressOptions) -> Self {
        let (display, period) = match (global.quiet, messages::is_terminal()) {
            (true, _) => (Display::Quiet, None),
            (false, true) => (Display::Bars(Bars::new()), Some(REDRAW)),
            (false, false) => (Display::Lines, Some(options.progress_interval)),
        };
        let ticks = period.filter(|period| !period.is_zero()).map(|period| {
            let first = tokio::time::Instant::now() + period;
            let mut ticks = interval_at(first, period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        Self {
            display,
            until: Until::default(),
            phase: Phase::default(),
            events: EventLines::default(),
            started: Instant::now(),
            ticks,
            timeline: options.timeline.clone().map(|path| (path, StatusHistory::default())),
        }
    }

    /// Sets what the command waits for.
    pub(crate) fn until(mut self, until: Until) -> Self {
        self.until = until;
        self
    }

    /// Shows what is read or checked.
    pub(crate) fn reading(&mut self, text: impl Into<String>) {
        let is_new = !matches!(self.phase, Phase::Reading(_));
        self.set(Phase::Reading(text.into()), is_new);
    }

    /// Shows the check of a manifest, whose numbers change.
    pub(crate) fn checking(&mut self, checking: Checking) {
        self.set(Phase::Checking(checking), true);
    }

    /// Shows an event of a run.
    pub(crate) fn event(&mut self, progress: &SubmissionProgress) {
        self.statuses(|now| progress.status_counts(now));
        match progress.event() {
            // What was found in ICA is counted at the end, where nothing was sent.
            SubmissionEvent::Finished(_) if matches!(self.phase, Phase::Sending(_)) => self.sending(progress),
            SubmissionEvent::WaitingForOwner { .. } | SubmissionEvent::Finished(_) | SubmissionEvent::Ended(_) => {}
            SubmissionEvent::Planning { rows } => self.reading(format!("recording the manifest; {rows} rows read")),
            SubmissionEvent::Waiting(numbers) => self.life(Life::of_submission(self.until, numbers)),
            SubmissionEvent::PollFailed { .. } => {}
            // Some events know no numbers, and nothing is sent after a wait has begun.
            _ if progress.counts().analyses == 0 || matches!(self.phase, Phase::Waiting(_)) => {}
            _ => self.sending(progress),
        }
        for line in self.events.of(progress.event()) {
            self.note(line);
        }
    }

    fn sending(&mut self, progress: &SubmissionProgress) {
        let is_new = !matches!(self.phase, Phase::Sending(_));
        let mut sending = match std::mem::take(&mut self.phase) {
            Phase::Sending(sending) => sending,
            _ => Sending::default(),
        };
        sending.update(progress, self.started.elapsed());
        if is_new && let Display::Lines = self.display {
            self.note(format_args!("{}{}", sending.numbers(), sending.left_to_send()));
        }
        self.set(Phase::Sending(sending), false);
    }

    /// Keeps the numbers by status for the picture, if one was asked for.
    pub(crate) fn statuses(&mut self, counts: impl FnOnce(SystemTime) -> Option<StatusCounts>) {
        if let Some((_, timeline)) = &mut self.timeline
            && let Some(counts) = counts(SystemTime::now())
        {
            timeline.record(&counts);
        }
    }

    /// Shows the numbers of analyses that are waited for.
    pub(crate) fn life(&mut self, life: Life) {
        let is_new = !matches!(self.phase, Phase::Waiting(_));
        if is_new && let Phase::Sending(sending) = &self.phase {
            let text = sending.numbers();
            match sending.took(self.started.elapsed()) {
                // A second at least, because 0s is not a time.
                Some(took) => self.note(format_args!(
                    "sent in {}: {text}",
                    duration(took.max(Duration::from_secs(1)))
                )),
                None if sending.has_found() => self.note(format_args!("{text}; nothing was sent")),
                None => self.note(format_args!("{text}; nothing was to be sent")),
            }
        }
        self.set(Phase::Waiting(life), is_new);
    }

    /// Shows analyses that failed. A limited number of them gets a line.
    pub(crate) fn failed(&mut self, analyses: impl Iterator<Item = String>) {
        for line in self.events.failed(analyses) {
            self.note(line);
        }
    }

    /// Shows that a batch could not be polled. A limited number of these gets a line.
    pub(crate) fn not_polled(&mut self, text: String) {
        if let Some(line) = self.events.not_polled(text) {
            self.note(line);
        }
    }

    /// Shows that a manifest could not be checked, because ICA could not be asked, and until when it is
    /// tried again. A limited number of these gets a line.
    pub(crate) fn not_checked(&mut self, error: &Error, until: SystemTime) {
        let error = advice::in_words_of_the_program(&advice::with_server(&error.to_string()));
        let until = words::time(until);
        let text = format!("the manifest could not be checked, and is checked again at {until}: {error}");
        if let Some(line) = self.events.not_checked(text) {
            self.note(line);
        }
    }

    /// Writes the picture of the statuses over time, if one was asked for. It has what a journal
    /// recorded, and what this process has seen.
    pub(crate) async fn write_timeline(
        &mut self,
        title: &str,
        recorded: impl Future<Output = Result<StatusHistory, Failure>>,
    ) -> Result<(), Failure> {
        match self.timeline.take() {
            Some((path, seen)) => {
                let mut history = recorded.await?;
                history.merge(seen);
                charts::write(&history, &path, title)
            }
            None => Ok(()),
        }
    }

    /// Writes a line about an event, with its time.
    pub(crate) fn note(&self, text: impl fmt::Display) {
        let time = Utc::now();
        match self.display {
            Display::Quiet => {}
            Display::Lines => {
                let time = time.to_rfc3339_opts(SecondsFormat::Secs, true);
                messages::line(format_args!("{time} {text}"));
            }
            Display::Bars(_) => messages::text(format_args!("{} {text}", time.format("%H:%M:%SZ"))),
        }
    }

    /// Waits until it is time to show the numbers again, and shows them. Safe to drop.
    pub(crate) async fn tick(&mut self) {
        match &mut self.ticks {
            Some(ticks) => ticks.tick().await,
            None => pending().await,
        };
        if let Phase::Sending(sending) = &mut self.phase {
            sending.pass(self.started.elapsed(), SystemTime::now());
        }
        match (&self.display, self.phase.text()) {
            (Display::Bars(bars), _) => bars.show(&self.phase),
            (Display::Lines, Some(text)) => self.note(text),
            _ => {}
        }
    }

    fn set(&mut self, phase: Phase, writes_line: bool) {
        self.phase = phase;
        match &self.display {
            Display::Bars(bars) => bars.show(&self.phase),
            Display::Lines if writes_line => {
                if let Some(text) = self.phase.text() {
                    self.note(text);
                }
            }
            _ => {}
        }
    }
}

/// Removes the bars from the terminal.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Display::Bars(bars) = &self.display {
            bars.finish();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use ica_batch_sdk_ext::{ErrorKind, LastFailure, SubmissionCounts, SubmissionEvent, SubmissionProgress};

    use super::{Progress, ProgressOptions};
    use crate::global::Global;

    #[tokio::test]
    async fn an_event_without_numbers_leaves_those_that_are_shown() {
        let global = Global {
            quiet: true,
            ..Global::default()
        };
        let options = ProgressOptions {
            progress_interval: Duration::from_secs(30),
            timeline: None,
        };
        let mut progress = Progress::new(&global, &options);
        let mut counts = SubmissionCounts::default();
        (counts.analyses, counts.created, counts.chunks) = (3, 1, 2);
        progress.event(&SubmissionProgress::new(SubmissionEvent::Planned, counts, 1));
        let paused = SubmissionEvent::Paused {
            failure: LastFailure::new(ErrorKind::Server, "server error (HTTP 503)"),
            until: SystemTime::UNIX_EPOCH,
        };
        progress.event(&SubmissionProgress::new(paused, SubmissionCounts::default(), 0));
        let text = progress.phase.text();
        assert_eq!(text.as_deref(), Some("1 of 3 analyses accepted, 1 chunk in flight"));
    }
}
