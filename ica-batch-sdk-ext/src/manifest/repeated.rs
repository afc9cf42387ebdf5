//! Rows with the user reference of an earlier row.

use std::collections::BTreeMap;
use std::io;

use super::columns::USER_REFERENCE;
use super::default_problems::problem;
use super::file::ManifestFile;
use super::hashes::Hashes;
use super::problem::{ManifestProblem, ManifestProblems};
use super::row::ManifestRow;

/// Adds a problem for each row of a manifest with the user reference of an earlier row.
///
/// # Errors
/// A temporary file cannot be read.
pub(super) fn add_repeated(
    manifest: &ManifestFile,
    references: Hashes,
    problems: &mut ManifestProblems,
) -> io::Result<()> {
    let repeated = references.repeated(problems.limit())?;
    let mut lines = repeated.first.into_iter().collect::<BTreeMap<_, _>>();
    let mut first = Vec::new();
    // The hashes have no texts, so the rows are read again. Rows with other problems have none here.
    let mut rows = manifest.rows().flatten();
    while !lines.is_empty()
        && let Some(row) = rows.next()
    {
        if let Some(line) = lines.remove(&row.line().unwrap_or_default()) {
            first.push(of_row(&row, line));
        }
    }
    problems.add_in_order(first, repeated.count);
    Ok(())
}

fn of_row(row: &ManifestRow, line: u64) -> ManifestProblem {
    let reason = format!("the user reference is also that of line {line}; give each analysis its own");
    problem(row, reason).column(USER_REFERENCE)
}
