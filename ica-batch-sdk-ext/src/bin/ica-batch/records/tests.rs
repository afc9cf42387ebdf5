//! The schemas of the records, and what a command saw last.

use std::collections::{BTreeMap, BTreeSet};
use std::time::UNIX_EPOCH;

use ica_batch_sdk_ext::types::AnalysisStatus;
use ica_batch_sdk_ext::{StatusCounts, StatusHistory};
use schemars::JsonSchema;

use super::counts::Counts;
use super::status::{Phase, Source};
use super::{
    AnalysisRow, BatchStatus, ChunkRow, DamageRow, EntryRow, FailedAbort, FindingRow, SubmissionStatus, schema,
};
use crate::output::Record;
use crate::summary::Summary;

/// Returns the names of columns that are no members of the JSON, and of members without a column.
fn differences<R: Record + JsonSchema>() -> Vec<String> {
    let schema = schema::<R>();
    let members = schema.get("properties").and_then(|members| members.as_object());
    let members = { members.into_iter().flatten() }.map(|(name, _)| name.as_str());
    let members = members.collect::<BTreeSet<_>>();
    let columns = R::COLUMNS.iter().map(|column| column.name).collect::<BTreeSet<_>>();
    members
        .symmetric_difference(&columns)
        .map(|name| (*name).to_owned())
        .collect()
}

#[test]
fn each_member_of_the_json_is_a_column() {
    let all = [
        differences::<AnalysisRow>(),
        differences::<BatchStatus>(),
        differences::<ChunkRow>(),
        differences::<DamageRow>(),
        differences::<EntryRow>(),
        differences::<FailedAbort>(),
        differences::<FindingRow>(),
        differences::<SubmissionStatus>(),
        differences::<Summary>(),
    ];
    assert_eq!(all.concat(), Vec::<String>::new());
}

#[test]
fn what_was_seen_last_is_shown_unless_the_journal_knows_more() {
    let status = |pending| SubmissionStatus {
        submission: "cohort".to_owned(),
        phase: Phase::Sending,
        counts: Counts {
            analyses: 10,
            pending,
            accepted: 10 - pending,
            ..Counts::default()
        },
        batches: 1,
        chunks: 1,
        runs: BTreeMap::new(),
        seen: BTreeMap::new(),
        seen_at: None,
        failures: Vec::new(),
        source: Source::Journal,
        project: String::new(),
        base_url: String::new(),
        created_at: String::new(),
        next: None,
    };
    let seen = |known, pending| {
        let mut counts = StatusCounts::new(UNIX_EPOCH);
        counts.pending = pending;
        counts.runs.insert(AnalysisStatus::InProgress, 10 - pending);
        let mut history = StatusHistory::default();
        history.record(&counts);
        status(known).with_seen(&history).seen_text()
    };
    let text = "last seen in ICA at 1970-01-01T00:00:00Z: 6 IN_PROGRESS, 4 pending";
    assert_eq!(seen(4, 4).as_deref(), Some(text));
    // A command that was killed recorded responses after that.
    assert_eq!(seen(2, 4), None);
}
