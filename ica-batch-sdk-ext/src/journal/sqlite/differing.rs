//! Rows of a submission whose analyses in ICA are not those that the journal has, for an audit.
//!
//! Rows are compared by the id of their analysis, if the journal has it, and else by user reference and
//! content. Rows with the same user reference and content form a group, because nothing tells their
//! analyses apart.

use rusqlite::{Connection, params};

use super::database::DbResult;
use super::found::{IS_ABORTED, IS_OF_ROW, analysis_id};
use crate::journal::found::{Differing, SeenAnalysis};

/// Removes the groups of a comparison.
pub(super) const CLEAR: &str = "DROP TABLE IF EXISTS temp.differing";

/// Mark of a row.
const MARK: &str = "'ica-batch-r-' || lower(hex(substr(digest, 1, 16)))";

/// Marks the analyses that the journal recorded for a row with their user reference and content.
fn mark_recorded() -> String {
    format!(
        "UPDATE temp.found SET recorded = 1 FROM main.analysis
         WHERE analysis.submission = ?1 AND found.id = analysis.analysis
           AND found.user_reference = analysis.user_reference AND coalesce(found.row_mark = {MARK}, TRUE)"
    )
}

/// Returns the statement that writes the groups that differ, with their numbers, into a table. Each row
/// lies in one chunk that is not split, and the chunks are read in order, so that nothing is searched
/// for. The grouping sorts. A row whose creation failed has no analysis.
///
/// Analyses without the mark of a row are those of an earlier release. Of their user references all rows
/// form a group, without a mark.
fn write_differing() -> String {
    let group = "CASE WHEN user_reference IN (SELECT user_reference FROM temp.found WHERE row_mark IS NULL)
                 THEN NULL ELSE mark END";
    format!(
        "CREATE TEMP TABLE differing AS
         WITH seen AS MATERIALIZED (
             SELECT user_reference, row_mark, {IS_ABORTED} AS is_aborted, {IS_OF_ROW} AS is_of_row
             FROM temp.found WHERE NOT recorded)
         SELECT user_reference, {group} AS row_mark, min(position) AS position, min(lost) AS lost_analysis,
                count(lost) AS lost, sum(kept) AS kept, sum(created) AS created, sum(other) AS other, sum(found) AS found,
                sum(aborted) AS aborted, sum(stranger) AS strangers
         FROM (
             SELECT user_reference, {MARK} AS mark, position,
                    CASE WHEN created AND NOT is_found THEN analysis END AS lost, created AND is_found AS kept,
                    created AND analysis IS NULL AS created, NOT created AS other,
                    0 AS found, 0 AS aborted, 0 AS stranger
             FROM (
                 SELECT analysis.user_reference, analysis.digest, position, replaced, analysis.analysis AS analysis,
                        state = 'created' AND (creation IS NOT 'FAILED' OR analysis.analysis IS NOT NULL) AS created,
                        EXISTS (SELECT 1 FROM temp.found WHERE id = analysis.analysis AND recorded) AS is_found
                 FROM main.chunk CROSS JOIN main.analysis
                 WHERE chunk.submission = ?1 AND state <> 'split' AND analysis.submission = ?1
                   AND position >= first AND position < first + count)
             WHERE replaced = 0 OR created
             UNION ALL
             SELECT user_reference, row_mark, NULL, NULL, 0, 0, 0, is_of_row AND NOT is_aborted,
                    is_of_row AND is_aborted, NOT is_of_row AND NOT is_aborted
             FROM seen)
         GROUP BY 1, 2
         HAVING count(lost) > 0 OR sum(stranger) > 0
             OR sum(found) + min(sum(aborted), max(sum(created) - sum(found), 0)) <> sum(created)
         ORDER BY 1, 2"
    )
}

/// Returns groups that differ from this number on. They are computed when the first is read.
pub(super) fn read(connection: &Connection, submission: i64, from: u64, limit: usize) -> DbResult<Vec<Differing>> {
    if from == 0 {
        // A run may record analyses meanwhile.
        let transaction = connection.unchecked_transaction()?;
        transaction.execute(&mark_recorded(), [submission])?;
        transaction.execute(CLEAR, [])?;
        transaction.execute(&write_differing(), [submission])?;
        transaction.commit()?;
    }
    // The rows of a new table have the numbers from 1 on.
    let sql = "SELECT user_reference, row_mark, position, lost_analysis, lost, created, other, found, aborted,
               strangers, kept FROM temp.differing WHERE rowid > ?1 ORDER BY rowid LIMIT ?2";
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query(params![from, limit])?;
    let mut differing = Vec::new();
    while let Some(row) = rows.next()? {
        let lost: Option<String> = row.get(3)?;
        differing.push(Differing {
            user_reference: row.get(0)?,
            row_mark: row.get(1)?,
            position: row.get(2)?,
            lost_analysis: lost.as_deref().map(analysis_id).transpose()?,
            lost: row.get(4)?,
            created: row.get(5)?,
            other_rows: row.get(6)?,
            found: row.get(7)?,
            aborted: row.get(8)?,
            strangers: row.get(9)?,
            kept: row.get(10)?,
        });
    }
    Ok(differing)
}

/// Returns analyses that were found of a group: first one that the journal recorded, and then those that
/// it did not.
pub(super) fn analyses(
    connection: &Connection,
    user_reference: &str,
    row_mark: Option<&str>,
    limit: usize,
) -> DbResult<Vec<SeenAnalysis>> {
    let of_row = match row_mark {
        Some(_) => "row_mark = ?2",
        None => "?2 IS NULL",
    };
    // An audit claims nothing, and the index has those that nothing claimed.
    let sql = format!(
        "SELECT id, recorded FROM temp.found WHERE claimed IS NULL AND user_reference = ?1 AND {of_row}
         ORDER BY recorded AND row_number() OVER (PARTITION BY recorded ORDER BY id) > 1, recorded DESC, id LIMIT ?3"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params![user_reference, row_mark, limit])?;
    let mut analyses = Vec::new();
    while let Some(row) = rows.next()? {
        analyses.push(SeenAnalysis {
            id: analysis_id(&row.get::<_, String>(0)?)?,
            is_recorded: row.get(1)?,
        });
    }
    Ok(analyses)
}
