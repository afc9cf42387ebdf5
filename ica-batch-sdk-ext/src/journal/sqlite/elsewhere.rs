//! Rows that another submission of the same project has created.

use rusqlite::{Connection, params};

use super::changes::StoredSubmission;
use super::database::DbResult;
use crate::journal::elsewhere::{CreatedElsewhere, RowElsewhere};
use crate::journal::steps::LISTED;

/// Rows of a submission that were not sent yet. A new attempt repeats a row of its own submission on
/// purpose.
pub(super) const PLANNED: &str = "
    SELECT analysis.digest, user_reference, position AS place
    FROM main.chunk CROSS JOIN main.analysis
    WHERE chunk.submission = ?1 AND state = 'planned' AND analysis.submission = ?1
      AND position >= first AND position < first + count AND replaced = 0 AND analysis.attempt = 0";

/// Chunks of other submissions that were created or may have been.
const OTHER: &str = "main.submission CROSS JOIN main.chunk
    WHERE submission.id <> ?1 AND endpoint = ?2 AND project = ?3 AND submission.state = 'planned'
      AND chunk.submission = submission.id AND chunk.state IN ('created', 'sent')";

/// Number of rows from which on sorting costs less.
const FEW: usize = 10_000;

/// Returns those of these rows that another submission of the project has created, or may have. The
/// statement `rows` selects the digest, the user reference and the place of each.
///
/// There is no index of digests, because it would cost each row of a plan. A digest covers the user
/// reference, so equal rows have the same one.
pub(super) fn created_elsewhere(
    connection: &Connection,
    submission: i64,
    rows: &str,
) -> DbResult<Option<CreatedElsewhere>> {
    // A few rows are looked for while the others are read. Many are sorted together with the others.
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM ({rows}) LIMIT {FEW}) WHERE ?1 IS NOT NULL");
    let count: usize = connection
        .prepare_cached(&sql)?
        .query_row([submission], |row| row.get(0))?;
    if count == 0 {
        return Ok(None);
    }
    let id = StoredSubmission::read(connection, submission)?.id;
    let values = params![submission, id.base_url, id.project];
    // Usually a journal has one submission.
    let sql = format!("SELECT 1 FROM {OTHER}");
    if !connection.prepare_cached(&sql)?.exists(values)? {
        return Ok(None);
    }
    let is_wanted = match count < FEW {
        true => format!("AND analysis.digest IN (SELECT digest FROM ({rows}))"),
        false => String::new(),
    };
    let other = OTHER.replace("main.chunk", "main.chunk CROSS JOIN main.analysis");
    let sql = format!(
        "SELECT user_reference, (SELECT name FROM main.submission WHERE id = other), sum(rows) OVER ()
         FROM (SELECT max(user_reference) AS user_reference, min(place) AS place, count(place) AS rows, max(other) AS other
               FROM (SELECT digest, user_reference, place, NULL AS other FROM ({rows})
                     UNION ALL
                     SELECT analysis.digest, NULL, NULL, submission.id FROM {other}
                        AND analysis.submission = submission.id AND position >= first AND position < first + count
                        AND creation IS NOT 'FAILED' {is_wanted})
               GROUP BY digest HAVING count(place) > 0 AND count(other) > 0)
         ORDER BY place LIMIT {LISTED}"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut found = select.query(values)?;
    let (mut first, mut count) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let (reference, name): (String, String) = (row.get(0)?, row.get(1)?);
        first.push(RowElsewhere::new(reference, name));
        count = row.get(2)?;
    }
    Ok((count > 0).then_some(CreatedElsewhere { count, first }))
}
