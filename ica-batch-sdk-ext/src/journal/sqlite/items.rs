//! The item and analysis of ICA that belong to each row.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use super::changes::Changes;
use super::creation_failures;
use super::database::{DbError, DbResult};
use super::rows::{self, ANALYSIS, CHUNK, StoredChunk, chunk_by_label, chunk_by_row};
use crate::journal::checksum::{self, Checksum};
use crate::journal::chunks::{AnalysisRecord, ChunkRecord};
use crate::journal::found::{AdoptedRow, ChunkRow};
use crate::journal::kind::AnalysisKind;
use crate::journal::naming::{planned_label, row_mark};
use crate::journal::steps::{
    CREATED, FAILED, ItemsResult, ListedItem, StoredBody, UnlistedChunk, UnrequestedItem, creation_after, is_final,
    run_after,
};

/// Returns created chunks from this position on whose items are not all recorded and final.
pub(super) fn unlisted_chunks(
    connection: &Connection,
    submission: i64,
    from: u64,
    limit: usize,
) -> DbResult<Vec<UnlistedChunk>> {
    let sql = format!(
        "SELECT {CHUNK} FROM chunk WHERE submission = ?1 AND first >= ?2 AND state = 'created' AND listed = 0
         ORDER BY first LIMIT ?3"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params![submission, from, limit])?;
    let mut chunks = Vec::new();
    while let Some(row) = rows.next()? {
        let stored = rows::chunk(row)?;
        let record = stored.record;
        chunks.push(UnlistedChunk {
            row: stored.row,
            first: record.first,
            count: record.count,
            batch: record
                .batch
                .ok_or_else(|| DbError::Damaged(format!("it lacks the batch of chunk {}", record.label)))?,
            label: record.label,
        });
    }
    Ok(chunks)
}

/// Row of a chunk whose item is to be recorded.
struct Place {
    position: u64,
    reference: String,
    known: Option<String>,
    is_final: bool,
    record: OwnedRecord,
}

/// Fields of a row that only its checksum needs.
struct OwnedRecord {
    kind: AnalysisKind,
    digest: Vec<u8>,
    replaced: bool,
    attempt: u32,
    analysis: Option<String>,
    creation: Option<String>,
    run: Option<String>,
}

impl Place {
    fn read(record: &AnalysisRecord<'_>) -> Self {
        Self {
            position: record.position,
            reference: record.user_reference.to_owned(),
            known: record.item.map(str::to_owned),
            is_final: record.creation.is_some_and(is_final),
            record: OwnedRecord {
                kind: record.kind,
                digest: record.digest.to_owned(),
                replaced: record.replaced,
                attempt: record.attempt,
                analysis: record.analysis.map(str::to_owned),
                creation: record.creation.map(str::to_owned),
                run: record.run.map(str::to_owned),
            },
        }
    }

    fn checksum(
        &self,
        item: Option<&str>,
        analysis: Option<&str>,
        creation: Option<&str>,
        run: Option<&str>,
    ) -> Checksum {
        checksum::analysis(&AnalysisRecord {
            position: self.position,
            kind: self.record.kind,
            user_reference: &self.reference,
            digest: &self.record.digest,
            replaced: self.record.replaced,
            attempt: self.record.attempt,
            item,
            analysis,
            creation,
            run,
        })
    }
}

/// Records the items of a chunk's rows. Rows that share a user reference keep the item that was
/// recorded first. Nothing may be committed unless the result is `Recorded`.
pub(super) fn record_items(changes: &mut Changes<'_>, chunk: i64, items: &[ListedItem]) -> DbResult<ItemsResult> {
    let mut ids = HashSet::new();
    if let Some(repeated) = items.iter().find(|item| !ids.insert(item.item)) {
        return Ok(ItemsResult::Unrequested(UnrequestedItem::Repeated(repeated.item)));
    }
    let mut by_reference: HashMap<&str, Vec<&ListedItem>> = HashMap::new();
    for item in items.iter().rev() {
        by_reference.entry(&item.user_reference).or_default().push(item);
    }
    let stored = chunk_by_row(changes, chunk)?;
    let mut all_final = true;
    for place in places(changes, stored.submission, &stored.record)? {
        let candidates = by_reference.get_mut(place.reference.as_str());
        let found = candidates.and_then(|candidates| {
            let is_known = |item: &&ListedItem| place.known.as_deref() == Some(&item.item.to_string());
            match candidates.iter().position(is_known) {
                Some(index) => Some(candidates.remove(index)),
                None => candidates.pop(),
            }
        });
        match found {
            Some(item) => {
                all_final &= place.is_final || is_final(&item.creation_status);
                update(changes, stored.submission, &place, item)?;
            }
            None => all_final &= place.is_final,
        }
    }
    // In the order of the list, so that the error does not change from run to run.
    let is_left = |item: &&ListedItem| {
        let left = by_reference.get(item.user_reference.as_str());
        left.is_some_and(|left| left.iter().any(|left| left.item == item.item))
    };
    if let Some(left) = items.iter().find(is_left) {
        let unrequested = UnrequestedItem::Reference(left.user_reference.clone());
        return Ok(ItemsResult::Unrequested(unrequested));
    }
    let listed = ChunkRecord {
        listed: all_final,
        ..stored.record.clone()
    };
    changes.update_chunk(&stored, &listed)?;
    Ok(ItemsResult::Recorded)
}

/// Returns the rows of a chunk. Those with an item come first.
fn places(connection: &Connection, submission: i64, chunk: &ChunkRecord) -> DbResult<Vec<Place>> {
    let sql = format!(
        "SELECT {ANALYSIS} FROM analysis WHERE submission = ?1 AND position >= ?2 AND position < ?3
         ORDER BY item IS NULL, position"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params![submission, chunk.first, chunk.end()])?;
    let mut places = Vec::new();
    while let Some(row) = rows.next()? {
        places.push(Place::read(&rows::analysis(row, 0)?));
    }
    Ok(places)
}

fn update(changes: &mut Changes<'_>, submission: i64, place: &Place, item: &ListedItem) -> DbResult<()> {
    if let (FAILED, Some(message)) = (item.creation_status.as_str(), &item.message) {
        creation_failures::record(changes, submission, place.position, message)?;
    }
    let (id, listed) = (item.item.to_string(), item.analysis.map(|id| id.to_string()));
    let known = &place.record;
    let run = run_after(
        (known.analysis.as_deref(), known.run.as_deref()),
        (listed.as_deref(), item.run.as_deref()),
    );
    let analysis = listed.as_deref().or(known.analysis.as_deref());
    let creation = creation_after(known.creation.as_deref(), &item.creation_status);
    let old = place.checksum(
        place.known.as_deref(),
        known.analysis.as_deref(),
        known.creation.as_deref(),
        known.run.as_deref(),
    );
    let new = place.checksum(Some(&id), analysis, Some(creation), run);
    if old == new {
        return Ok(());
    }
    let sql = "UPDATE analysis SET item = ?3, analysis = ?4, creation = ?5, run = ?6
               WHERE submission = ?1 AND position = ?2";
    changes
        .prepare_cached(sql)?
        .execute(params![submission, place.position, id, analysis, creation, run])?;
    changes.removed(submission, old);
    changes.added(submission, new);
    Ok(())
}

/// Returns the user references of a chunk in alphabetical order. Empty for an unknown chunk.
pub(super) fn user_references(connection: &Connection, submission: i64, label: &str) -> DbResult<Vec<String>> {
    let Some(stored) = chunk_by_label(connection, submission, label)? else {
        return Ok(Vec::new());
    };
    let places = places(connection, submission, &stored.record)?;
    let mut references = places.into_iter().map(|place| place.reference).collect::<Vec<_>>();
    references.sort_unstable();
    Ok(references)
}

/// Returns the rows with the mark of a chunk, in order of position.
pub(super) fn chunk_rows(connection: &Connection, chunk: i64) -> DbResult<Vec<ChunkRow>> {
    let stored = chunk_by_row(connection, chunk)?;
    let label = planned_label(&stored.record.label);
    let planned = chunk_by_label(connection, stored.submission, label)?
        .ok_or_else(|| DbError::Damaged(format!("it lacks chunk {label}")))?;
    let created = created_ranges(connection, &planned)?;
    let mut places = places(connection, stored.submission, &planned.record)?;
    places.sort_by_key(|place| place.position);
    let row = |place: Place| -> DbResult<ChunkRow> {
        let analysis = place.record.analysis.as_deref();
        let digest = { place.record.digest.as_slice().try_into() }
            .map_err(|_| DbError::Damaged(format!("row {} has no SHA-256 as its digest", place.position)))?;
        Ok(ChunkRow {
            mark: row_mark(digest),
            is_again: place.record.attempt > 0,
            position: place.position,
            kind: place.record.kind,
            is_own: (stored.record.first..stored.record.end()).contains(&place.position),
            is_created: created.iter().any(|range| range.contains(&place.position)),
            analysis: match analysis {
                Some(id) => Some(
                    id.parse()
                        .map_err(|_| DbError::Damaged(format!("it has {id:?} as the id of an analysis")))?,
                ),
                None => None,
            },
            user_reference: place.reference,
        })
    };
    places.into_iter().map(row).collect()
}

/// Returns the positions of the created chunks that replace a planned one, or are it.
fn created_ranges(connection: &Connection, planned: &StoredChunk) -> DbResult<Vec<Range<u64>>> {
    let sql = format!(
        "SELECT {CHUNK} FROM chunk WHERE submission = ?1 AND first >= ?2 AND first < ?3 AND state = 'created'
         ORDER BY first, id"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params![planned.submission, planned.record.first, planned.record.end()])?;
    let mut ranges = Vec::new();
    while let Some(row) = rows.next()? {
        let record = rows::chunk(row)?.record;
        ranges.push(record.first..record.end());
    }
    Ok(ranges)
}

/// Returns the request of a chunk. None if there is no such chunk, or if its body was deleted.
pub(super) fn body(connection: &Connection, submission: i64, label: &str) -> DbResult<Option<StoredBody>> {
    let Some(stored) = chunk_by_label(connection, submission, label)? else {
        return Ok(None);
    };
    let mut select = connection.prepare_cached("SELECT bytes FROM body WHERE chunk = ?1")?;
    let bytes = select.query_row([stored.row], |row| row.get(0)).optional()?;
    let rows = chunk_rows(connection, stored.row)?;
    let kinds = rows.into_iter().filter(|row| row.is_own).map(|row| row.kind);
    Ok(bytes.map(|bytes| StoredBody {
        first: stored.record.first,
        kinds: kinds.collect(),
        bytes,
    }))
}

/// Records the analysis of a row that was found in ICA.
pub(super) fn adopt(changes: &mut Changes<'_>, submission: i64, row: &AdoptedRow) -> DbResult<()> {
    let analysis = row.analysis.to_string();
    let (old, new, run) = {
        let sql = format!("SELECT {ANALYSIS} FROM analysis WHERE submission = ?1 AND position = ?2");
        let mut select = changes.prepare_cached(&sql)?;
        let mut rows = select.query(params![submission, row.position])?;
        let found = rows
            .next()?
            .ok_or_else(|| DbError::Damaged(format!("it lacks row {}", row.position)))?;
        let old = rows::analysis(found, 0)?;
        let run = run_after((old.analysis, old.run), (Some(&analysis), Some(&row.run)));
        let new = AnalysisRecord {
            analysis: Some(&analysis),
            creation: Some(CREATED),
            run,
            ..old
        };
        (
            checksum::analysis(&old),
            checksum::analysis(&new),
            run.map(str::to_owned),
        )
    };
    let sql = "UPDATE analysis SET analysis = ?3, creation = ?4, run = ?5 WHERE submission = ?1 AND position = ?2";
    changes
        .prepare_cached(sql)?
        .execute(params![submission, row.position, analysis, CREATED, run])?;
    changes.removed(submission, old);
    changes.added(submission, new);
    Ok(())
}
