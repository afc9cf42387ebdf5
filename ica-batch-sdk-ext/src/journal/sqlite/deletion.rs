//! Deletion in steps. Between two steps other submissions can be written.

use rusqlite::{Connection, params};

use super::database::DbResult;
use super::store::SqliteStore;
use crate::error::Result;
use crate::journal::records::SubmissionId;
use crate::journal::time::Millis;

/// Number of rows that one step deletes.
const STEP: usize = 2000;

/// Number of bodies that one step deletes. A body has up to a megabyte by default.
const BODIES: usize = 16;

/// Deletes a submission. It is not found from the first step on.
pub(super) fn delete(store: &SqliteStore, submission: i64) -> Result<()> {
    store.write(|changes| changes.set_state(submission, "deleting"))?;
    let steps = [
        (
            "DELETE FROM history WHERE submission = ?1 AND at <= (SELECT max(at) FROM (SELECT at FROM history WHERE submission = ?1 ORDER BY at LIMIT ?2))",
            STEP,
        ),
        (
            "DELETE FROM creation_failure WHERE submission = ?1 AND position IN (SELECT position FROM creation_failure WHERE submission = ?1 LIMIT ?2)",
            STEP,
        ),
        (
            "DELETE FROM body WHERE chunk IN (SELECT chunk.id FROM chunk JOIN body ON body.chunk = chunk.id WHERE submission = ?1 LIMIT ?2)",
            BODIES,
        ),
        (
            "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE submission = ?1 LIMIT ?2)",
            STEP,
        ),
        (
            "DELETE FROM analysis WHERE submission = ?1 AND position < (SELECT min(position) FROM analysis WHERE submission = ?1) + ?2",
            STEP,
        ),
    ];
    for (sql, step) in steps {
        // The checksum of a submission that is being deleted is not kept.
        while store.write(|changes| Ok(changes.prepare_cached(sql)?.execute(params![submission, step])?))? > 0 {
            store.make_way();
        }
    }
    store.write(|changes| changes.delete_submission(submission))?;
    store.shrink()
}

/// Returns submissions whose chunks all have a response from before this time, and unfinished
/// plans of that age.
pub(super) fn complete_before(connection: &Connection, before: Millis) -> DbResult<Vec<(i64, SubmissionId)>> {
    let sql = "SELECT id, endpoint, project, name FROM submission WHERE state = 'deleting' OR (created_at < ?1 AND NOT EXISTS (
                   SELECT 1 FROM chunk WHERE submission = submission.id AND submission.state = 'planned'
                       AND (state IN ('planned', 'sent') OR answered_at IS NULL OR answered_at >= ?1)))
               ORDER BY id";
    let mut select = connection.prepare_cached(sql)?;
    let ids = select.query_map([before], |row| {
        let id = SubmissionId {
            base_url: row.get(1)?,
            project: row.get(2)?,
            name: row.get(3)?,
        };
        Ok((row.get(0)?, id))
    })?;
    Ok(ids.collect::<std::result::Result<_, _>>()?)
}

/// Deletes the bodies of chunks that were created before this time. Returns their number.
pub(super) fn delete_bodies(store: &SqliteStore, before: Millis) -> Result<u64> {
    let sql = "DELETE FROM body WHERE chunk IN (
                   SELECT chunk.id FROM body JOIN chunk ON chunk.id = body.chunk
                   WHERE state = 'created' AND answered_at < ?1 AND body.chunk > ?2 ORDER BY body.chunk LIMIT ?3)
               RETURNING chunk";
    let (mut deleted, mut last) = (0_u64, i64::MIN);
    loop {
        let step = store.write(|changes| {
            let mut delete = changes.prepare_cached(sql)?;
            let chunks = delete.query_map(params![before, last, BODIES], |row| row.get::<_, i64>(0))?;
            Ok(chunks.collect::<std::result::Result<Vec<_>, _>>()?)
        })?;
        let Some(greatest) = step.iter().max() else { break };
        last = *greatest;
        deleted = deleted.saturating_add(step.len() as u64);
        store.make_way();
    }
    store.shrink()?;
    Ok(deleted)
}

#[cfg(test)]
mod tests {
    use crate::journal::chunks::{Chunk, PlannedChunk, Row};
    use crate::journal::kind::AnalysisKind;
    use crate::journal::naming::{KeyVersion, Naming};
    use crate::journal::records::{SubmissionId, Which};
    use crate::journal::sqlite::{Access, SqliteStore};
    use crate::journal::steps::{Begin, Finish};
    use crate::journal::store::Store;
    use crate::journal::time::from_millis;

    #[test]
    fn an_interrupted_deletion_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let access = Access {
            read_only: false,
            on_network: false,
        };
        SqliteStore::create(&path, access).unwrap();
        let store = SqliteStore::open(path, access).unwrap();
        let id = SubmissionId {
            base_url: "u".to_owned(),
            project: "p".to_owned(),
            name: "n".to_owned(),
        };
        let now = from_millis(1_800_000_000_000);
        let naming = Naming::new(KeyVersion::LATEST, &id);
        let plan = || {
            let Begin::Plan(submission) = store.begin(&id, false, now).unwrap() else {
                panic!("the submission is new");
            };
            let row = |number: u64| Row {
                kind: AnalysisKind::Cwl,
                user_reference: number.to_string(),
                digest: [0; 32],
                replaces: None,
                attempt: 0,
            };
            let chunk = Chunk::new(&naming, "0".to_owned(), 0, 3, vec![1; 10_000]);
            let rows = (0..3).map(row).collect();
            store.add_chunks(submission, &[PlannedChunk { chunk, rows }]).unwrap();
            assert_eq!(store.finish_plan(submission, false, None).unwrap(), Finish::Planned);
            submission
        };
        let interrupt = |submission: i64| {
            store
                .write(|changes| changes.set_state(submission, "deleting"))
                .unwrap();
            let sql = "DELETE FROM analysis WHERE position < 2";
            store.write(|changes| Ok(changes.execute(sql, [])?)).unwrap();
            assert!(store.submissions(Which::All).unwrap().is_empty());
            let verification = store.verify().unwrap();
            assert!(verification.is_intact(), "{verification}");
        };
        let count = |table: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM {table}");
            store
                .read(|connection| Ok(connection.query_row(&sql, [], |row| row.get(0))?))
                .unwrap()
        };
        // By the next plan of the same submission.
        interrupt(plan());
        let second = plan();
        store.check(second).unwrap();
        assert_eq!(
            (count("submission"), count("chunk"), count("body"), count("analysis")),
            (1, 1, 1, 3)
        );
        // By pruning.
        interrupt(second);
        let old = store.complete_before(from_millis(0)).unwrap();
        assert_eq!(old, [(second, id.clone())]);
        store.delete(second).unwrap();
        assert_eq!(
            (count("submission"), count("chunk"), count("body"), count("analysis")),
            (0, 0, 0, 0)
        );
        assert!(store.verify().unwrap().is_intact());
    }
}
