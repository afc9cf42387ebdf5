//! Numbers of the analyses of a submission by status over time.

use std::collections::{BTreeMap, BTreeSet};

use ica_batch_sdk::types::AnalysisStatus;
use rusqlite::{Connection, params};

use super::changes::Changes;
use super::database::{DbError, DbResult};
use super::rows::{LARGEST, LAST_TIME};
use crate::error::{NAME, shown};
use crate::journal::history::{LONGEST, STATUSES, StatusCounts, StatusHistory};
use crate::journal::time::{Millis, from_millis, to_millis};

/// Number of rows of one time: states without a run, runs by status, and the other runs.
const ROWS: usize = 4 + STATUSES + 1;

/// Reads the history of a submission. No checksum has it, so each value is checked.
pub(super) fn read(connection: &Connection, submission: i64) -> DbResult<StatusHistory> {
    let sql = "SELECT at, status, count FROM history WHERE submission = ?1 ORDER BY at, status";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query([submission])?;
    let mut times: Vec<StatusCounts> = Vec::new();
    let mut length = 0;
    while let Some(row) = rows.next()? {
        let (at, status, count): (Millis, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if !(0..=LAST_TIME).contains(&at) {
            return Err(damaged(&format!("{at} as a time")));
        }
        if shown(&status, NAME) != status {
            return Err(damaged(&format!("{status:?} as a status")));
        }
        let count = u64::try_from(count)
            .ok()
            .filter(|count| (1..=LARGEST).contains(count))
            .ok_or_else(|| damaged(&format!("{count} as a number of analyses")))?;
        let at = from_millis(at);
        length = match times.last() {
            Some(last) if last.at == at => length + 1,
            _ => {
                times.push(StatusCounts::new(at));
                1
            }
        };
        if times.len() > LONGEST || length > ROWS {
            return Err(damaged("more rows than a submission can have"));
        }
        if let Some(last) = times.last_mut() {
            last.add(&status, count);
        }
    }
    Ok(StatusHistory::of(times))
}

fn damaged(what: &str) -> DbError {
    DbError::Damaged(format!("in the history of a submission, it has {what}"))
}

/// Adds the newest numbers to the history of a submission. Returns whether it changed.
pub(super) fn record(changes: &mut Changes<'_>, submission: i64, counts: &StatusCounts) -> DbResult<bool> {
    // A clock that is so wrong would make the history unreadable.
    if !(0..=LAST_TIME).contains(&to_millis(counts.at)) {
        return Ok(false);
    }
    let mut history = read(changes, submission)?;
    let before = times(&history);
    history.record(counts);
    let after = times(&history);
    for at in before.difference(&after) {
        let sql = "DELETE FROM history WHERE submission = ?1 AND at = ?2";
        changes.prepare_cached(sql)?.execute(params![submission, at])?;
    }
    for counts in history
        .times()
        .iter()
        .filter(|counts| !before.contains(&to_millis(counts.at)))
    {
        let sql = "INSERT INTO history (submission, at, status, count) VALUES (?1, ?2, ?3, ?4)";
        for (status, count) in counts.by_status() {
            let row = params![submission, to_millis(counts.at), status, count.min(LARGEST)];
            changes.prepare_cached(sql)?.execute(row)?;
        }
    }
    Ok(before != after)
}

fn times(history: &StatusHistory) -> BTreeSet<Millis> {
    history.times().iter().map(|counts| to_millis(counts.at)).collect()
}

/// Counts the runs of a submission by the status that was read last.
pub(super) fn run_statuses(connection: &Connection, submission: i64) -> DbResult<BTreeMap<AnalysisStatus, u64>> {
    let sql = "SELECT run, count(*) FROM analysis
               WHERE submission = ?1 AND replaced = 0 AND run IS NOT NULL GROUP BY run";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query([submission])?;
    let mut statuses = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (status, count): (String, u64) = (row.get(0)?, row.get(1)?);
        let sum: &mut u64 = statuses.entry(AnalysisStatus::from(status)).or_default();
        *sum = sum.saturating_add(count);
    }
    Ok(statuses)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use crate::journal::handle::Journal;
    use crate::journal::history::StatusCounts;
    use crate::journal::suite::{at, id, planned};

    /// The history is not a part of what is sent, and no checksum has it. What is wrong in it is an error
    /// when it is read, and stops neither a check of the submission nor what is recorded otherwise.
    #[test]
    fn a_damaged_history_is_found_and_stops_nothing_else() {
        for (sql, reason) in [
            ("UPDATE history SET count = -1", "-1 as a number of analyses"),
            ("UPDATE history SET at = -1", "-1 as a time"),
            ("UPDATE history SET status = char(27) || '[31m'", "as a status"),
            (
                "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
                 INSERT INTO history SELECT submission, n, 'pending', 1 FROM history, n",
                "more rows than",
            ),
            (
                "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 100)
                 INSERT INTO history SELECT submission, at, 'S' || n, 1 FROM history, n",
                "more rows than",
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal.db");
            let journal = Journal::open(&path).unwrap();
            let submission = planned(journal.store(), &id("u", "p", "n"));
            let mut counts = StatusCounts::new(at(0));
            counts.pending = 5;
            journal.store().record_statuses(submission, &counts).unwrap();
            let connection = Connection::open(&path).unwrap();
            connection
                .pragma_update(None, "ignore_check_constraints", true)
                .unwrap();
            connection.execute_batch(sql).unwrap();
            drop(connection);
            let entry = journal.last_submission().unwrap().unwrap();
            let error = journal.status_history(&entry).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Journal);
            assert!(error.to_string().contains(reason), "{reason}: {error}");
            let verification = journal.verify().unwrap();
            let is_found = verification.findings.iter().any(|finding| finding.contains(reason));
            assert!(is_found, "{:?}", verification.findings);
            journal.store().check(entry.row).unwrap();
            journal.store().delete(entry.row).unwrap();
            assert!(journal.verify().unwrap().is_intact());
        }
    }
}
