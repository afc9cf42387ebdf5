//! The schemas of the records.

use std::collections::BTreeSet;

use schemars::JsonSchema;

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
