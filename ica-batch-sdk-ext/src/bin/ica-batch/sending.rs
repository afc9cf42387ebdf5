//! Sending a submission, waiting for it, and saying how it ended. For several commands.

use std::time::Duration;

use clap::{Args, ValueEnum};
use ica_batch_sdk_ext::{
    Error, ErrorKind, Journal, OnRejection, PollInterval, Project, StatusHistory, Submission, SubmissionWait, WaitUntil,
};

use crate::advice;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::follow::{End, Followed, Unlisted, follow};
use crate::messages;
use crate::output::OutputOptions;
use crate::progress::{Progress, Until};
use crate::signals::Signals;
use crate::summary::Summary;

/// Reaction to a chunk that ICA rejects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnReject {
    /// End with exit code 4. The same command sends the chunk again.
    Stop,
    /// Halve the chunk again and again, until each rejected analysis is alone. All others are
    /// created, and the command ends with exit code 1.
    #[default]
    Isolate,
}

/// Options of commands that send.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sending options")]
pub(crate) struct SendOptions {
    /// Number of requests that create analyses at the same time.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = number(1, 1000))]
    concurrency: u64,
    /// Reaction when ICA rejects a request as invalid.
    #[arg(long, value_name = "REACTION", value_enum, default_value_t)]
    on_reject: OnReject,
    /// Number of rejected analyses that ends the command: so many have a common cause.
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    rejection_limit: u64,
    /// Time limit of sending, and of the check before it. What fails because of the network or ICA is
    /// tried again until then.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = humantime::parse_duration)]
    pub(crate) deadline: Duration,
    /// Time to wait while another process uses the journal, such as 1h. Not at all by default.
    #[arg(long, value_name = "TIME", default_value = "0s", hide_default_value = true, value_parser = humantime::parse_duration)]
    wait_for_owner: Duration,
    /// Go on with the credential of another user than the one who sent chunks without a response.
    #[arg(long)]
    allow_other_user: bool,
    /// Send analyses that another submission of the journal has created in the project, too. Without
    /// it, nothing is sent.
    #[arg(long)]
    allow_created_elsewhere: bool,
    /// Send the manifest although ICA has other analyses under the name of the submission, and the
    /// journal has sent nothing of it. Without it, nothing is sent.
    #[arg(long)]
    allow_strangers: bool,
    /// Time after which a search of ICA shows each analysis. A request without a known response, such
    /// as one at a kill, is sent again only if ICA does not show its analyses after this time.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = humantime::parse_duration)]
    settling_time: Duration,
    /// Wait after sending: until all analyses are created, or until their runs have ended, which is
    /// the default of --wait.
    #[arg(long, value_name = "UNTIL", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "finished")]
    pub(crate) wait: Option<Until>,
    #[command(flatten)]
    waiting: WaitOptions,
}

/// Options of commands that wait.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Waiting options")]
pub(crate) struct WaitOptions {
    /// Time limit of waiting. The analyses go on in ICA.
    #[arg(long, value_name = "TIME", default_value = "48h", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,
    /// Shortest time between two requests for the state of a batch. It grows up to 2 minutes while
    /// nothing changes.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = humantime::parse_duration)]
    poll_interval: Duration,
}

impl WaitOptions {
    /// Returns the interval between two polls of a batch.
    pub(crate) fn interval(&self) -> PollInterval {
        let longest = PollInterval::default().max();
        PollInterval::new(self.poll_interval, longest)
    }

    /// Applies the options to a wait for a submission.
    pub(crate) fn apply(&self, wait: SubmissionWait, until: Until) -> SubmissionWait {
        let wait = wait.until(until.into()).wait_deadline(self.timeout);
        wait.poll_interval(self.interval())
    }
}

impl From<Until> for WaitUntil {
    fn from(until: Until) -> Self {
        match until {
            Until::Created => Self::Created,
            Until::Finished => Self::Finished,
        }
    }
}

/// Parser of a number in a range.
pub(crate) fn number(least: u64, most: u64) -> clap::builder::RangedU64ValueParser<u64> {
    clap::value_parser!(u64).range(least..=most)
}

/// Progress, signals and output of a command.
pub(crate) struct Shown<'a> {
    pub(crate) context: &'a Context,
    pub(crate) progress: Progress,
    pub(crate) signals: Signals,
    pub(crate) output: &'a OutputOptions,
}

/// Submission of a command.
pub(crate) struct Target<'a> {
    pub(crate) project: &'a Project,
    pub(crate) journal: &'a Journal,
    pub(crate) name: &'a str,
}

impl Target<'_> {
    /// Returns the numbers by status over time that the journal has.
    async fn status_history(&self) -> Result<StatusHistory, Failure> {
        match self.project.submission(self.name, self.journal).entry().await? {
            Some(entry) => Ok(self.journal.status_history(&entry)?),
            None => Ok(StatusHistory::default()),
        }
    }
}

impl SendOptions {
    /// Sends a submission, waits for it if that was asked for, and shows how it ended.
    pub(crate) async fn run(
        &self,
        target: Target<'_>,
        submission: Submission,
        mut shown: Shown<'_>,
    ) -> Result<Exit, Failure> {
        let submission = self.apply(submission);
        let end = End {
            stop: submission.stop_handle(),
            sends: true,
        };
        let stream = match self.wait {
            None => submission.progress(),
            Some(until) => self.waiting.apply(submission.run_to_end(), until).progress(),
        };
        if let Some(until) = self.wait {
            shown.progress = shown.progress.until(until);
        }
        let followed = follow(stream, &end, &mut shown.progress, &mut shown.signals).await?;
        conclude(target, followed, self.wait, shown).await
    }

    /// Applies the options to a submission.
    pub(crate) fn apply(&self, submission: Submission) -> Submission {
        let reaction = match self.on_reject {
            OnReject::Stop => OnRejection::Stop,
            OnReject::Isolate => OnRejection::Isolate,
        };
        let submission = submission
            .concurrency(usize::try_from(self.concurrency).unwrap_or(usize::MAX))
            .on_rejection(reaction)
            .rejection_limit(self.rejection_limit)
            .deadline(self.deadline)
            .wait_for_owner(self.wait_for_owner)
            .settling_time(self.settling_time);
        let submission = match self.allow_other_user {
            true => submission.allow_other_user(),
            false => submission,
        };
        let submission = match self.allow_strangers {
            true => submission.allow_strangers(),
            false => submission,
        };
        match self.allow_created_elsewhere {
            true => submission.allow_created_elsewhere(),
            false => submission,
        }
    }
}

/// Shows how a run or a wait ended, and writes its summary if data was asked for.
pub(crate) async fn conclude(
    target: Target<'_>,
    followed: Followed,
    until: Option<Until>,
    shown: Shown<'_>,
) -> Result<Exit, Failure> {
    let Shown {
        context,
        mut progress,
        signals,
        output,
    } = shown;
    let timeline = progress.write_timeline(target.name, target.status_history()).await;
    drop(progress);
    // Standard output may be a pipe that nobody reads.
    drop(signals);
    let is_quiet = context.global.quiet;
    let wait = { followed.seen_wait() }.zip(until).map(|(wait, until)| (until, wait));
    let summary =
        { followed.submission() }.map(|report| Summary::new(target.project.id(), target.journal, report, wait));
    if let Some(summary) = &summary {
        match followed.error {
            // The failure names the next command.
            None if followed.wait.is_some() => summary.show(is_quiet),
            None if !followed.is_interrupted && followed.unlisted.is_none() => summary.show(is_quiet),
            _ if is_quiet => {}
            _ => summary.lines().iter().for_each(messages::text),
        }
    } else if let (Some(counts), false) = (followed.counts, is_quiet) {
        messages::text(format_args!("submission {:?}: {counts}", target.name));
    }
    let data = match &summary {
        Some(summary) if output.is_asked() => output.write_one(summary),
        _ => Ok(()),
    };
    match followed.error {
        Some(error) if followed.is_interrupted && error.kind() == ErrorKind::Unfinished => {
            let pending = summary.as_ref().map_or(0, |summary| summary.pending);
            // A wait sends nothing, also where something is left to be sent.
            Err(interrupted(
                if followed.wait.is_some() { 0 } else { pending },
                target.name,
            ))
        }
        Some(error) => Err(failure(error, target.name)),
        None if followed.wait.is_none() && followed.unlisted.is_some() => {
            let unlisted = followed.unlisted.unwrap_or_default();
            Err(not_listed(&unlisted, followed.is_interrupted))
        }
        None if followed.is_interrupted && followed.wait.is_none() && until.is_some() => {
            Err(interrupted(summary.map_or(0, |summary| summary.pending), target.name))
        }
        None => {
            let exit = summary.map_or(Exit::Done, |summary| summary.exit());
            timeline.and(data).or_else(Failure::unless_closed_pipe)?;
            Ok(exit)
        }
    }
}

/// Returns the failure of a run or a wait that a signal ended, with this number of analyses to be sent.
fn interrupted(pending: u64, name: &str) -> Failure {
    match pending {
        // The same command could be a rerun, which has nothing to send any more.
        0 => Failure::new(Exit::Resumable, "interrupted: the analyses go on in ICA").next_command(&["wait", name]),
        pending => {
            let analyses = match pending {
                1 => "1 analysis has".to_owned(),
                pending => format!("{pending} analyses have"),
            };
            let what = format!("interrupted: {analyses} no response yet, and nothing is lost");
            Failure::new(Exit::Resumable, what).next_is_the_same()
        }
    }
}

/// Returns the failure of a run that ended when each analysis had an outcome, while the analyses of
/// batches were listed.
fn not_listed(unlisted: &Unlisted, is_interrupted: bool) -> Failure {
    let why = if is_interrupted { "interrupted" } else { "out of time" };
    let because = match &unlisted.failure {
        Some(failure) if !is_interrupted => format!(": {}", advice::in_words_of_the_program(&failure.to_string())),
        _ => String::new(),
    };
    let what = format!("{why}: all analyses are sent, and the ids of some are not recorded yet{because}");
    Failure::new(Exit::Resumable, what).next_is_the_same()
}

/// Returns the error of a run or a wait, with the command that helps.
pub(crate) fn failure(error: Error, name: &str) -> Failure {
    let changes = error.manifest_changes().map(ToString::to_string);
    let duplicates = error.duplicate_references().map(ToString::to_string);
    let kind = error.kind();
    let failure = Failure::from(error).with_lines(changes.or(duplicates));
    match kind {
        // A journal that cannot be used: the message has the advice.
        ErrorKind::Journal if failure.exit() == Exit::Usage => failure,
        ErrorKind::WaitTimeout => failure.next_command(&["wait", name]),
        ErrorKind::KeyExpired => failure.next_command(&["settle", name]),
        ErrorKind::DuplicateAnalyses => failure.next_command(&["audit", name]),
        ErrorKind::Rejected => {
            failure.next("correct what ICA names, or set --on-reject isolate, and run the command again")
        }
        ErrorKind::ClockSkew
        | ErrorKind::CreatedElsewhere
        | ErrorKind::DuplicateReferences
        | ErrorKind::InvalidInput
        | ErrorKind::JournalInUse
        | ErrorKind::ManifestChanged => failure,
        _ => failure.next_is_the_same(),
    }
}
