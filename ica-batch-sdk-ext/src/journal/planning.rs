//! Writing down what a submission will send, before any of it is sent.
//!
//! A manifest is read once and written in transactions of a few megabytes. Until its end is written the submission is `planning`, and
//! nothing of it is sent: what a process leaves behind that ended meanwhile is thrown away by the next.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};

use super::claims::{ALIVE, Sender};
use super::fault::Stored;
use super::records::Counts;
use super::time::Millis;
use super::writing;
use crate::error::{Error, ErrorKind};
use crate::submission::analysis::AnalysisKind;

/// How many names a finding lists.
pub(crate) const LISTED: u32 = 100;

/// Writes a chunk down.
pub(super) const INSERT_CHUNK: &str =
    "INSERT INTO chunk (submission, label, first, count, key, digest, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// A chunk that is to be written down.
#[derive(Debug)]
pub(crate) struct PlannedChunk {
    pub(crate) label: String,
    /// The position of its first analysis.
    pub(crate) first: u64,
    pub(crate) rows: Vec<PlannedRow>,
    pub(crate) key: String,
    pub(crate) digest: String,
    pub(crate) body: Vec<u8>,
}

/// A row of a manifest.
#[derive(Debug)]
pub(crate) struct PlannedRow {
    pub(crate) kind: AnalysisKind,
    pub(crate) user_reference: String,
    pub(crate) digest: [u8; 32],
}

/// How a submission begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// This sender is to plan it.
    Plan(i64),
    /// It was planned before.
    Planned(i64),
    /// Another plans it. Look again after this long.
    Wait(Duration),
}

/// Begins the submission of this name, or finds it.
pub(crate) fn begin(connection: &mut Connection, place: &Place, sender: &Sender, now: Millis) -> Stored<Begin> {
    let transaction = writing(connection)?;
    let sql = format!(
        "SELECT id, state = 'planned', planner IS NOT NULL AND planner <> :sender AND planner IN ({ALIVE})
         FROM submission WHERE endpoint = :endpoint AND project = :project AND name = :name"
    );
    let parameters = named_params! {
        ":sender": sender.id, ":now": now,
        ":endpoint": place.endpoint, ":project": place.project, ":name": place.name,
    };
    let found: Option<(i64, bool, bool)> = transaction
        .query_row(&sql, parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match found {
        Some((id, true, _)) => return Ok(Begin::Planned(id)),
        Some((_, false, true)) => return Ok(Begin::Wait(Duration::from_secs(1))),
        // By id, so that the one who planned it before finds out that it is gone.
        Some((id, false, false)) => drop(transaction.execute("DELETE FROM submission WHERE id = ?1", [id])?),
        None => {}
    }
    transaction.execute(
        "INSERT INTO submission (endpoint, project, name, planner, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![place.endpoint, place.project, place.name, sender.id, now],
    )?;
    let id = transaction.last_insert_rowid();
    transaction.commit()?;
    Ok(Begin::Plan(id))
}

/// The submission of this name, once it is planned.
pub(crate) fn find(connection: &Connection, place: &Place) -> Stored<Option<i64>> {
    let sql = "SELECT id FROM submission WHERE endpoint = ?1 AND project = ?2 AND name = ?3 AND state = 'planned'";
    let found = connection.query_row(sql, params![place.endpoint, place.project, place.name], |row| {
        row.get(0)
    });
    Ok(found.optional()?)
}

/// Where a submission goes to, and what it is called.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) endpoint: String,
    pub(crate) project: String,
    pub(crate) name: String,
}

/// Writes some of the plan down.
pub(crate) fn add(
    connection: &mut Connection,
    submission: i64,
    sender: &Sender,
    chunks: &[PlannedChunk],
    now: Millis,
) -> Stored<()> {
    let transaction = writing(connection)?;
    check_planner(&transaction, submission, sender)?;
    sender.renew(&transaction, now)?;
    insert(&transaction, submission, chunks)?;
    transaction.commit()?;
    Ok(())
}

pub(super) fn insert(transaction: &Transaction<'_>, submission: i64, chunks: &[PlannedChunk]) -> Stored<()> {
    let mut insert_chunk = transaction.prepare_cached(INSERT_CHUNK)?;
    let sql = "INSERT INTO analysis (submission, position, kind, user_reference, digest) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert_row = transaction.prepare_cached(sql)?;
    for chunk in chunks {
        insert_chunk.execute(params![
            submission,
            chunk.label,
            chunk.first,
            chunk.rows.len(),
            chunk.key,
            chunk.digest,
            chunk.body
        ])?;
        for (position, row) in (chunk.first..).zip(&chunk.rows) {
            let kind = row.kind.as_str();
            insert_row.execute(params![submission, position, kind, row.user_reference, row.digest])?;
        }
    }
    Ok(())
}

fn check_planner(transaction: &Transaction<'_>, submission: i64, sender: &Sender) -> Stored<()> {
    let sql = "SELECT 1 FROM submission WHERE id = ?1 AND planner = ?2 AND state = 'planning'";
    let is_mine = transaction
        .query_row(sql, params![submission, sender.id], |_| Ok(()))
        .optional()?;
    if is_mine.is_some() {
        return Ok(());
    }
    let what = "another process has begun to plan this submission, because this one was not heard of for longer than its lease; nothing was sent, run it again";
    Err(Error::new(ErrorKind::Journal, what).into())
}

/// What the end of a manifest leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The submission is planned.
    Planned,
    /// The manifest has no analysis; the submission is gone.
    Empty,
    /// These user references stand more than once in it, this many in all; the submission is gone.
    Duplicates(Vec<String>, u64),
}

/// Ends the plan: from now on it can be sent.
pub(crate) fn finish(
    connection: &mut Connection,
    submission: i64,
    sender: &Sender,
    allow_duplicates: bool,
) -> Stored<Finish> {
    let transaction = writing(connection)?;
    check_planner(&transaction, submission, sender)?;
    let finish = if counts(&transaction, submission)?.analyses == 0 {
        Finish::Empty
    } else {
        match duplicates(&transaction, submission)? {
            Some((names, all)) if !allow_duplicates => Finish::Duplicates(names, all),
            _ => Finish::Planned,
        }
    };
    match finish {
        Finish::Planned => transaction.execute(
            "UPDATE submission SET state = 'planned', planner = NULL WHERE id = ?1",
            [submission],
        )?,
        _ => transaction.execute("DELETE FROM submission WHERE id = ?1", [submission])?,
    };
    transaction.commit()?;
    Ok(finish)
}

/// Throws away what was planned, because its manifest cannot be read.
pub(crate) fn abandon(connection: &mut Connection, submission: i64, sender: &Sender) -> Stored<()> {
    let sql = "DELETE FROM submission WHERE id = ?1 AND planner = ?2 AND state = 'planning'";
    connection
        .prepare_cached(sql)?
        .execute(params![submission, sender.id])?;
    Ok(())
}

/// The user references that more than one analysis has, the first of them by name, and how many there are.
pub(super) fn duplicates(connection: &Connection, submission: i64) -> Stored<Option<(Vec<String>, u64)>> {
    let sql = "SELECT user_reference, count(*) OVER () FROM analysis WHERE submission = ?1 AND replaced = 0
               GROUP BY user_reference HAVING count(*) > 1 ORDER BY user_reference LIMIT ?2";
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query(params![submission, LISTED])?;
    let (mut names, mut all) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        names.push(row.get(0)?);
        all = row.get(1)?;
    }
    Ok((all > 0).then_some((names, all)))
}

/// How far a submission is.
pub(crate) fn counts(connection: &Connection, submission: i64) -> Stored<Counts> {
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
        Ok(Counts {
            chunks: row.get(0)?,
            analyses: all - replaced,
            created: row.get(2)?,
            rejected: row.get(3)?,
        })
    })?;
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Begin, Place, add, begin, finish};
    use crate::error::ErrorKind;
    use crate::journal::claims::Sender;
    use crate::journal::fault::{Fault, Stored};
    use crate::journal::open;

    fn done<T>(stored: Stored<T>) -> T {
        stored.map_err(|fault| fault.of("a test".as_ref())).unwrap()
    }

    #[test]
    fn who_was_not_heard_of_while_planning_writes_nothing_into_the_plan_of_its_successor() {
        let mut connection = open::in_memory();
        let place = Place {
            endpoint: "e".to_owned(),
            project: "p".to_owned(),
            name: "n".to_owned(),
        };
        let [slow, other] = [(); 2].map(|()| Sender::new(Duration::from_secs(30)));
        done(slow.enter(&mut connection, 0));
        let Begin::Plan(first) = done(begin(&mut connection, &place, &slow, 0)) else {
            panic!("it is new");
        };
        done(other.enter(&mut connection, 1000));
        let early = done(begin(&mut connection, &place, &other, 1000));
        assert_eq!(early, Begin::Wait(Duration::from_secs(1)), "the first is alive");
        done(add(&mut connection, first, &slow, &[], 29_000));
        let early = done(begin(&mut connection, &place, &other, 58_000));
        assert_eq!(early, Begin::Wait(Duration::from_secs(1)), "writing keeps it alive");

        assert!(matches!(
            done(begin(&mut connection, &place, &other, 60_000)),
            Begin::Plan(_)
        ));
        let late = [
            add(&mut connection, first, &slow, &[], 60_000),
            finish(&mut connection, first, &slow, false).map(drop),
        ];
        for result in late {
            let Err(Fault::Found(error)) = result else {
                panic!("it is not its plan any more");
            };
            assert_eq!(error.kind(), ErrorKind::Journal);
        }
    }
}
