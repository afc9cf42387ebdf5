//! Recording a plan before any chunk of it is sent.
//!
//! A manifest is read once and written in transactions of a few megabytes. The submission is in the
//! state `planning` until its end is written, and no chunk is sent before that. The next run
//! deletes the unfinished plan of a process that ended.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};

use super::chunks::{self, PlannedChunk};
use super::database::{DbResult, write_transaction};
use super::manifest_changes::DuplicateReferences;
use super::records::{SubmissionCounts, SubmissionId};
use super::sender::{ALIVE, Sender};
use super::time::Millis;

/// Number of user references that a result lists.
pub(super) const LISTED: u32 = 100;

/// First step of a run of a submission.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// This process writes the plan of the submission with this row id.
    Plan(i64),
    /// The submission with this row id is planned.
    Planned(i64),
    /// Another process writes the plan. Ask again after this long.
    Wait(Duration),
}

/// Begins or finds a submission.
pub(super) fn begin(connection: &mut Connection, id: &SubmissionId, sender: &Sender, now: Millis) -> DbResult<Begin> {
    let transaction = write_transaction(connection)?;
    let sql = format!(
        "SELECT id, state = 'planned', planner IS NOT NULL AND planner <> :sender AND planner IN ({ALIVE})
         FROM submission WHERE endpoint = :endpoint AND project = :project AND name = :name"
    );
    let parameters = named_params! {
        ":sender": sender.id, ":now": now,
        ":endpoint": id.base_url, ":project": id.project, ":name": id.name,
    };
    let found: Option<(i64, bool, bool)> = transaction
        .query_row(&sql, parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match found {
        Some((row, true, _)) => return Ok(Begin::Planned(row)),
        Some((_, false, true)) => return Ok(Begin::Wait(Duration::from_secs(1))),
        // The new plan gets another row id, so the process that wrote the old one finds out.
        Some((row, false, false)) => drop(transaction.execute("DELETE FROM submission WHERE id = ?1", [row])?),
        None => {}
    }
    transaction.execute(
        "INSERT INTO submission (endpoint, project, name, planner, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id.base_url, id.project, id.name, sender.id, now],
    )?;
    let row = transaction.last_insert_rowid();
    transaction.commit()?;
    Ok(Begin::Plan(row))
}

/// Result of searching for a planned submission.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Row id of the submission.
    Planned(i64),
    /// The submission is recorded, and its manifest was not read to the end.
    Unfinished,
    /// The journal has no such submission. These have the same name.
    Missing(SameName),
}

/// Submissions of the same name that differ in one part of their identity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SameName {
    /// Base URLs of those in the same project.
    pub(crate) base_urls: Vec<String>,
    /// Projects of those at the same base URL.
    pub(crate) projects: Vec<String>,
}

/// Searches for a planned submission.
pub(super) fn find(connection: &Connection, id: &SubmissionId) -> DbResult<Found> {
    let sql = "SELECT id, endpoint, project, state = 'planned' FROM submission WHERE name = ?1 ORDER BY id";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query([&id.name])?;
    let (mut base_urls, mut projects) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let (base_url, project): (String, String) = (row.get(1)?, row.get(2)?);
        match (base_url == id.base_url, project == id.project) {
            (true, true) if row.get(3)? => return Ok(Found::Planned(row.get(0)?)),
            (true, true) => return Ok(Found::Unfinished),
            (true, false) => projects.push(project),
            (false, true) => base_urls.push(base_url),
            (false, false) => {}
        }
    }
    Ok(Found::Missing(SameName { base_urls, projects }))
}

/// State of the process that began a plan.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Planner {
    /// The process still writes the plan, and the change is recorded.
    Same,
    /// The lease of the process expired, another one writes the plan anew, and nothing was
    /// recorded.
    Replaced,
}

/// Adds chunks to the plan.
pub(super) fn add(
    connection: &mut Connection,
    submission: i64,
    sender: &Sender,
    planned: &[PlannedChunk],
    now: Millis,
) -> DbResult<Planner> {
    let transaction = write_transaction(connection)?;
    if !is_planner(&transaction, submission, sender)? {
        return Ok(Planner::Replaced);
    }
    sender.renew(&transaction, now)?;
    chunks::insert(&transaction, submission, planned)?;
    transaction.commit()?;
    Ok(Planner::Same)
}

fn is_planner(transaction: &Transaction<'_>, submission: i64, sender: &Sender) -> DbResult<bool> {
    let sql = "SELECT 1 FROM submission WHERE id = ?1 AND planner = ?2 AND state = 'planning'";
    let found = transaction.query_row(sql, params![submission, sender.id], |_| Ok(()));
    Ok(found.optional()?.is_some())
}

/// Result of reading a manifest to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The submission is planned.
    Planned,
    /// The manifest has no rows. The submission is deleted.
    Empty,
    /// User references occur more than once. The submission is deleted.
    Duplicates(DuplicateReferences),
    /// Another process writes the plan now.
    Replaced,
}

/// Ends the plan. Its chunks can be sent from now on.
pub(super) fn finish(
    connection: &mut Connection,
    submission: i64,
    sender: &Sender,
    allow_duplicates: bool,
) -> DbResult<Finish> {
    let transaction = write_transaction(connection)?;
    if !is_planner(&transaction, submission, sender)? {
        return Ok(Finish::Replaced);
    }
    let finish = if counts(&transaction, submission)?.analyses == 0 {
        Finish::Empty
    } else {
        match duplicates(&transaction, submission)? {
            Some(duplicates) if !allow_duplicates => Finish::Duplicates(duplicates),
            _ => Finish::Planned,
        }
    };
    let sql = match finish {
        Finish::Planned => "UPDATE submission SET state = 'planned', planner = NULL WHERE id = ?1",
        _ => "DELETE FROM submission WHERE id = ?1",
    };
    transaction.execute(sql, [submission])?;
    transaction.commit()?;
    Ok(finish)
}

/// Deletes the plan, because its manifest cannot be read.
pub(super) fn abandon(connection: &Connection, submission: i64, sender: &Sender) -> DbResult<()> {
    let sql = "DELETE FROM submission WHERE id = ?1 AND planner = ?2 AND state = 'planning'";
    connection
        .prepare_cached(sql)?
        .execute(params![submission, sender.id])?;
    Ok(())
}

/// Returns the user references that several analyses have.
pub(super) fn duplicates(connection: &Connection, submission: i64) -> DbResult<Option<DuplicateReferences>> {
    let sql = "SELECT user_reference, count(*) OVER () FROM analysis WHERE submission = ?1 AND replaced = 0
               GROUP BY user_reference HAVING count(*) > 1 ORDER BY user_reference LIMIT ?2";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query(params![submission, LISTED])?;
    let (mut first, mut count) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        first.push(row.get(0)?);
        count = row.get(1)?;
    }
    Ok((count > 0).then_some(DuplicateReferences { count, first }))
}

/// Counts the chunks and analyses of a submission, by state.
pub(super) fn counts(connection: &Connection, submission: i64) -> DbResult<SubmissionCounts> {
    let sql = "SELECT count(*), coalesce(sum(count), 0),
                      coalesce(sum(count) FILTER (WHERE state = 'created'), 0),
                      coalesce(sum(count) FILTER (WHERE state = 'rejected' AND NOT replaced), 0),
                      coalesce(sum(count) FILTER (WHERE replaced), 0)
               FROM (SELECT chunk.count, chunk.state, chunk.state = 'rejected' AND EXISTS (
                         SELECT 1 FROM analysis WHERE analysis.submission = chunk.submission
                                                  AND position = chunk.first AND replaced) AS replaced
                     FROM chunk WHERE submission = ?1 AND state <> 'split')";
    let mut select = connection.prepare_cached(sql)?;
    let counts = select.query_row([submission], |row| {
        let (all, replaced): (u64, u64) = (row.get(1)?, row.get(4)?);
        Ok(SubmissionCounts {
            chunks: row.get(0)?,
            analyses: all.saturating_sub(replaced),
            created: row.get(2)?,
            rejected: row.get(3)?,
        })
    })?;
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Begin, Finish, Found, Planner, SameName, add, begin, find, finish};
    use crate::journal::open;
    use crate::journal::records::SubmissionId;
    use crate::journal::sender::Sender;
    use crate::journal::test_support::ok;

    fn id(base_url: &str, project: &str, name: &str) -> SubmissionId {
        let [base_url, project, name] = [base_url, project, name].map(str::to_owned);
        SubmissionId {
            base_url,
            project,
            name,
        }
    }

    #[test]
    fn a_process_whose_lease_expired_while_planning_writes_nothing_into_the_plan_of_its_successor() {
        let mut connection = open::in_memory();
        let id = id("e", "p", "n");
        let [slow, other] = [(); 2].map(|()| Sender::new(Duration::from_secs(30)));
        ok(slow.enter(&mut connection, 0));
        let Begin::Plan(first) = ok(begin(&mut connection, &id, &slow, 0)) else {
            panic!("the submission is new");
        };
        ok(other.enter(&mut connection, 1000));
        let wait = Begin::Wait(Duration::from_secs(1));
        assert_eq!(
            ok(begin(&mut connection, &id, &other, 1000)),
            wait,
            "the first is alive"
        );
        assert_eq!(ok(add(&mut connection, first, &slow, &[], 29_000)), Planner::Same);
        let early = ok(begin(&mut connection, &id, &other, 58_000));
        assert_eq!(early, wait, "writing renews the lease");

        let late = ok(begin(&mut connection, &id, &other, 60_000));
        assert!(matches!(late, Begin::Plan(_)));
        assert_eq!(ok(add(&mut connection, first, &slow, &[], 60_000)), Planner::Replaced);
        assert_eq!(ok(finish(&mut connection, first, &slow, false)), Finish::Replaced);
    }

    #[test]
    fn a_submission_that_is_missing_is_compared_with_those_of_the_same_name() {
        let connection = open::in_memory();
        let insert = "INSERT INTO submission (endpoint, project, name, state, created_at) VALUES (?1, ?2, ?3, ?4, 0)";
        for row in [
            ["u1", "p1", "n", "planned"],
            ["u2", "p1", "n", "planned"],
            ["u1", "p2", "n", "planned"],
            ["u1", "p1", "m", "planning"],
        ] {
            connection.execute(insert, row).unwrap();
        }
        assert_eq!(ok(find(&connection, &id("u2", "p1", "n"))), Found::Planned(2));
        assert_eq!(ok(find(&connection, &id("u1", "p1", "m"))), Found::Unfinished);
        let missing = |base_urls: &[&str], projects: &[&str]| {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            Found::Missing(SameName {
                base_urls: owned(base_urls),
                projects: owned(projects),
            })
        };
        assert_eq!(ok(find(&connection, &id("u3", "p1", "n"))), missing(&["u1", "u2"], &[]));
        assert_eq!(ok(find(&connection, &id("u2", "p2", "n"))), missing(&["u1"], &["p1"]));
        assert_eq!(ok(find(&connection, &id("u3", "p3", "n"))), missing(&[], &[]));
    }
}
