//! Search for an analysis of a row among those that were found.

use rusqlite::{Connection, params};

use super::database::DbResult;
use super::found::{FOUND, read};
use crate::journal::found::FoundAnalysis;

/// Which of the analyses that were found a search is about. Each has an index, with the columns in the
/// order of the search: many analyses may have one user reference, and the first one is found without
/// reading the others.
#[derive(Debug, Clone, Copy)]
pub(super) enum Among {
    /// Those that no chunk claimed.
    Free,
    /// Those that this chunk claimed.
    ClaimedBy(i64),
    /// Those that some chunk claimed.
    Claimed,
}

/// Search for an analysis of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) user_reference: &'a str,
    pub(super) row_mark: &'a str,
}

/// Returns the statement of a [`Search`].
fn search_sql(among: Among, is_of_chunk: bool) -> String {
    let claimed = match among {
        Among::Free => "claimed IS NULL AND ?4 IS NULL",
        Among::ClaimedBy(_) => "claimed = ?4",
        Among::Claimed => "claimed IS NOT NULL AND ?4 IS NULL",
    };
    let (of_chunk, order) = match (is_of_chunk, among) {
        (true, _) => ("chunk_mark = ?5", "id"),
        (false, Among::ClaimedBy(_)) => ("?5 IS NULL", "id"),
        (false, _) => ("?5 IS NULL", "chunk_mark, id"),
    };
    format!(
        "SELECT {FOUND} FROM temp.found WHERE {claimed} AND user_reference = ?1 AND row_mark IS ?2 AND failed = ?3
           AND {of_chunk} ORDER BY {order} LIMIT 1"
    )
}

impl Search<'_> {
    /// Returns the first analysis of the row: one with the mark of the row before one without any.
    pub(super) fn first(
        self,
        connection: &Connection,
        among: Among,
        has_failed: bool,
        chunk_mark: Option<&str>,
    ) -> DbResult<Option<FoundAnalysis>> {
        let (chunk, chunk_mark) = match among {
            // A chunk claims those with its own mark.
            Among::ClaimedBy(chunk) => (Some(chunk), None),
            Among::Free | Among::Claimed => (None, chunk_mark),
        };
        let sql = search_sql(among, chunk_mark.is_some());
        let mut select = connection.prepare_cached(&sql)?;
        for row_mark in [Some(self.row_mark), None] {
            let values = params![self.user_reference, row_mark, has_failed, chunk, chunk_mark];
            if let Some(row) = select.query(values)?.next()? {
                return read(row).map(Some);
            }
        }
        Ok(None)
    }
}

/// Returns the analysis of a created row of which the journal does not have the id.
pub(super) fn of_created(
    connection: &Connection,
    row: Search<'_>,
    chunk: i64,
    chunk_mark: &str,
) -> DbResult<Option<FoundAnalysis>> {
    for chunk_mark in [Some(chunk_mark), None] {
        for has_failed in [false, true] {
            for among in [Among::ClaimedBy(chunk), Among::Free, Among::Claimed] {
                if let Some(found) = row.first(connection, among, has_failed, chunk_mark)? {
                    return Ok(Some(found));
                }
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, StatementStatus, params};

    use super::super::found::TABLES;
    use super::{Among, Search, of_created, search_sql};

    /// Many analyses of one user reference, half of them claimed.
    fn with_equal(rows: u32, row_mark: impl Fn(u32) -> Option<String>) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        let sql = "INSERT INTO temp.found (id, user_reference, chunk_mark, row_mark, run, failed, claimed)
                   VALUES (?1, 'same', ?2, ?3, 'QUEUED', 0, ?4)";
        let mut insert = connection.prepare(sql).unwrap();
        for number in 0..rows {
            let id = uuid::Uuid::from_u128(u128::from(number)).to_string();
            let claimed = (number % 2 == 0).then_some(number / 100);
            insert
                .execute(params![
                    id,
                    format!("chunk-{}", number / 100),
                    row_mark(number),
                    claimed
                ])
                .unwrap();
        }
        drop(insert);
        connection
    }

    /// Returns the largest number of steps of SQLite's machine that a search took.
    fn steps(connection: &Connection, mark: &str) -> i32 {
        let search = Search {
            user_reference: "same",
            row_mark: mark,
        };
        let mut most = 0;
        for among in [Among::Free, Among::ClaimedBy(7), Among::Claimed] {
            for chunk_mark in [Some("chunk-7"), Some("chunk-none"), None] {
                assert!(search.first(connection, among, false, chunk_mark).is_ok());
                let is_of_chunk = chunk_mark.is_some() && !matches!(among, Among::ClaimedBy(_));
                let sql = search_sql(among, is_of_chunk);
                let statement = connection.prepare_cached(&sql).unwrap();
                most = most.max(statement.reset_status(StatementStatus::VmStep));
            }
        }
        assert!(of_created(connection, search, 7, "chunk-7").is_ok());
        most
    }

    /// A search that read all of them would make a comparison of many equal rows take hours.
    #[test]
    fn a_search_among_many_equal_references_reads_one() {
        let equal = with_equal(4000, |_| Some("r".to_owned()));
        assert!(steps(&equal, "r") < 200);
        assert!(steps(&equal, "other") < 200);
        let distinct = with_equal(4000, |number| Some(format!("r-{number}")));
        assert!(steps(&distinct, "r-3999") < 200);
        let unmarked = with_equal(4000, |_| None);
        assert!(steps(&unmarked, "r") < 200);
    }
}
