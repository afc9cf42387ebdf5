//! Finding the submission or the batches that a command is about.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::Args;
use ica_batch_sdk_ext::{Journal, JournalEntry, Uuid};

use crate::context::Context;
use crate::failure::Failure;
use crate::signals::blocking;
use crate::suggestion::did_you_mean;

/// Arguments of commands about one submission.
#[derive(Debug, Clone, Args)]
pub(crate) struct OneSubmission {
    /// Name of the submission; `-1` is the last one of the journal, `-2` the one before it.
    #[arg(value_name = "SUBMISSION", allow_negative_numbers = true, default_value = "-1")]
    pub(crate) name: String,
}

/// Arguments of commands about a submission or batches.
#[derive(Debug, Clone, Args)]
pub(crate) struct SubmissionOrBatches {
    /// Name of a submission, `-1` for the last one of the journal, or ids of batches. The last
    /// submission by default.
    #[arg(value_name = "SUBMISSION|BATCH", allow_negative_numbers = true)]
    pub(crate) targets: Vec<String>,
    /// File with ids of batches, one in each line; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "targets")]
    pub(crate) batches_from: Option<PathBuf>,
}

/// Submission or batches that a command is about.
#[derive(Debug)]
pub(crate) enum Target {
    Submission(JournalEntry),
    Batches(Vec<Uuid>),
}

impl OneSubmission {
    /// Finds the submission in the journal.
    pub(crate) fn find(&self, context: &Context, journal: &Journal) -> Result<JournalEntry, Failure> {
        find(&self.name, context, journal)
    }
}

impl SubmissionOrBatches {
    /// Returns the batches, or finds the submission in the journal.
    pub(crate) async fn find(&self, context: &Context) -> Result<Target, Failure> {
        if let Some(path) = self.batches_from.clone() {
            let ids = blocking(move || read_ids(&path)).await?;
            return Ok(Target::Batches(distinct(ids)));
        }
        let ids = self.targets.iter().map(|text| Uuid::parse_str(text));
        match ids.collect::<Result<Vec<_>, _>>() {
            Ok(ids) if !ids.is_empty() => Ok(Target::Batches(distinct(ids))),
            _ if self.targets.len() > 1 => {
                let name = self.targets.iter().find(|text| Uuid::parse_str(text).is_err());
                Err(Failure::usage(format!(
                    "{:?} is not the id of a batch; give one submission, or ids of batches only",
                    name.map_or("", String::as_str)
                )))
            }
            _ => {
                let name = self.targets.first().map_or("-1", String::as_str);
                find(name, context, &context.journal_to_read()?).map(Target::Submission)
            }
        }
    }
}

/// Fails if no other command could name the submission.
pub(crate) fn check_new_name(name: &str) -> Result<(), Failure> {
    let reason = match name {
        _ if name.starts_with('-') => "begins with '-' like an option",
        _ if Uuid::parse_str(name).is_ok() => "looks like the id of a batch",
        _ => return Ok(()),
    };
    Err(Failure::rejected(format!("the name {name:?} {reason}")).next("choose another name with --name"))
}

/// Finds a submission by its name, or by its place from the end of the journal.
fn find(name: &str, context: &Context, journal: &Journal) -> Result<JournalEntry, Failure> {
    let entries = journal.submissions()?;
    let path = journal.path().display();
    let wanted = |entry: &JournalEntry| {
        context
            .base_url()
            .is_none_or(|url| url.trim_end_matches('/') == entry.base_url())
            && context.project_id().is_none_or(|id| id == entry.project())
    };
    if let Some(back) = name.strip_prefix('-').and_then(|number| number.parse::<usize>().ok()) {
        if back == 0 {
            return Err(Failure::usage(format!(
                "{name} is not a submission: -1 is the last one, -2 the one before it"
            )));
        }
        let ours = entries.iter().filter(|entry| wanted(entry)).collect::<Vec<_>>();
        let found = ours.len().checked_sub(back).and_then(|index| ours.get(index));
        return found.map(|entry| (*entry).clone()).ok_or_else(|| {
            Failure::rejected(format!(
                "the journal {path} has {} of this project; {name} is not among them",
                match ours.len() {
                    0 => "no submission".to_owned(),
                    1 => "1 submission".to_owned(),
                    number => format!("{number} submissions"),
                }
            ))
            .next("see them with: ica-batch journal list")
        });
    }
    let named = entries.iter().filter(|entry| entry.name() == name).collect::<Vec<_>>();
    let ours = named.iter().filter(|entry| wanted(entry)).collect::<Vec<_>>();
    match ours.as_slice() {
        [entry] => Ok((**entry).clone()),
        [] => {
            let elsewhere = named.first().map_or_else(String::new, |entry| {
                format!("; it is one of project {} at {}", entry.project(), entry.base_url())
            });
            let names = entries.iter().map(JournalEntry::name);
            Err(Failure::rejected(format!(
                "the journal {path} has no submission {name:?} of this project{elsewhere}{}",
                did_you_mean(name, names)
            ))
            .next("see all with: ica-batch journal list"))
        }
        _ => Err(Failure::rejected(format!(
            "the journal {path} has {} submissions {name:?} of different projects",
            ours.len()
        ))
        .next("choose one with --project")),
    }
}

/// Returns the ids in their order, each once.
fn distinct(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(*id));
    ids
}

fn read_ids(path: &PathBuf) -> Result<Vec<Uuid>, Failure> {
    let is_input = path.as_os_str() == "-";
    let name = if is_input {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let mut text = String::new();
    let read = match is_input {
        true => io::stdin().lock().read_to_string(&mut text),
        false => fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(|error| Failure::rejected(format!("could not read ids from {name}: {error}")))?;
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let ids = lines.map(|(number, line)| {
        Uuid::parse_str(line.trim()).map_err(|_| {
            Failure::rejected(format!(
                "{name}, line {}: {:?} is not the id of a batch; write one id in each line",
                number + 1,
                line.trim()
            ))
        })
    });
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    if ids.is_empty() {
        return Err(Failure::rejected(format!(
            "{name} has no ids of batches; write one in each line"
        )));
    }
    Ok(ids)
}
