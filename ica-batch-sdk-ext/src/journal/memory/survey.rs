//! Comparison with found analyses in memory.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::error::Result;
use crate::journal::found::{ChunkRow, Differing, FoundAnalysis, SeenAnalysis, Stranger, SurveyTotals};
use crate::journal::naming::Naming;
use crate::journal::records::ChunkState;
use crate::journal::store::Survey;

#[derive(Debug)]
pub(super) struct SurveyRow {
    pub(super) position: u64,
    /// Row id of its chunk.
    pub(super) chunk: i64,
    /// Label of its chunk.
    pub(super) label: String,
    pub(super) user_reference: String,
    /// Mark of the row.
    pub(super) mark: String,
    pub(super) analysis: Option<Uuid>,
    pub(super) state: ChunkState,
    pub(super) replaced: bool,
    /// Status of its run.
    pub(super) run: Option<String>,
    /// Whether ICA accepted the row and could not create its analysis.
    pub(super) creation_failed: bool,
}

impl SurveyRow {
    fn is_created(&self) -> bool {
        self.state == ChunkState::Created && !(self.creation_failed && self.analysis.is_none())
    }
}

#[derive(Debug)]
pub(super) struct MemorySurvey {
    rows: Vec<SurveyRow>,
    found: BTreeMap<Uuid, FoundAnalysis>,
    /// Chunks that the analyses are kept for.
    claimed: BTreeMap<Uuid, i64>,
    /// Analyses that are recorded for a row.
    recorded: BTreeSet<Uuid>,
}

impl MemorySurvey {
    pub(super) fn new(rows: Vec<SurveyRow>) -> Self {
        Self {
            rows,
            found: BTreeMap::new(),
            claimed: BTreeMap::new(),
            recorded: BTreeSet::new(),
        }
    }

    /// Returns whether an analysis is that of a row.
    fn is_of_row(&self, found: &FoundAnalysis) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| row.user_reference == found.user_reference && found.has_content_of(&row.mark))
    }
}

fn is_aborted(found: &FoundAnalysis) -> bool {
    found.run == "ABORTED" || found.run == "ABORTING"
}

fn has_failed(found: &FoundAnalysis) -> bool {
    is_failure(&found.run)
}

/// Returns the order of analyses that are equally good for a row.
fn order(found: &FoundAnalysis) -> (bool, &str, Uuid) {
    (found.row_mark.is_none(), &found.chunk_mark, found.id)
}

fn is_failure(run: &str) -> bool {
    matches!(run, "FAILED" | "FAILED_FINAL" | "ABORTED" | "ABORTING")
}

/// Groups of rows, by user reference and mark.
type Groups = BTreeMap<(String, Option<String>), Differing>;

fn group<'a>(all: &'a mut Groups, user_reference: &str, row_mark: Option<String>) -> &'a mut Differing {
    let key = (user_reference.to_owned(), row_mark.clone());
    all.entry(key).or_insert_with(|| Differing {
        user_reference: user_reference.to_owned(),
        row_mark,
        ..Differing::default()
    })
}

impl Survey for MemorySurvey {
    fn add(&mut self, found: Vec<FoundAnalysis>) -> Result<()> {
        for found in found {
            self.found.entry(found.id).or_insert(found);
        }
        Ok(())
    }

    fn remove_known(&mut self, naming: &Naming) -> Result<()> {
        let created = || self.rows.iter().filter(|row| row.is_created());
        for id in created().filter_map(|row| row.analysis) {
            self.found.remove(&id);
        }
        for row in created().filter(|row| row.analysis.is_none()) {
            let mark = naming.chunk_mark(&row.label);
            let same = { self.found.values() }
                .filter(|found| found.user_reference == row.user_reference && found.has_content_of(&row.mark));
            let best = same.min_by_key(|found| {
                let claimed = match self.claimed.get(&found.id) {
                    Some(chunk) if *chunk == row.chunk => 0,
                    None => 1,
                    Some(_) => 2,
                };
                (found.chunk_mark != mark, has_failed(found), claimed, order(found))
            });
            let id = best.map(|found| found.id);
            id.and_then(|id| self.found.remove(&id));
        }
        Ok(())
    }

    fn claim(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> Result<()> {
        let free = { self.found.values() }.filter(|found| {
            found.user_reference == row.user_reference
                && found.has_content_of(&row.mark)
                && found.chunk_mark == chunk_mark
                && !self.claimed.contains_key(&found.id)
                && !has_failed(found)
        });
        let best = free.min_by_key(|found| order(found));
        if let Some(id) = best.map(|found| found.id) {
            self.claimed.insert(id, chunk);
        }
        Ok(())
    }

    fn take(&mut self, row: &ChunkRow, chunk_mark: &str, chunk: i64) -> Result<Option<FoundAnalysis>> {
        let same = { self.found.values() }
            .filter(|found| found.user_reference == row.user_reference && found.has_content_of(&row.mark))
            .filter(|found| self.claimed.get(&found.id).is_none_or(|of| *of == chunk))
            .filter(|found| !(row.is_again && has_failed(found) && found.chunk_mark != chunk_mark));
        let best = same.min_by_key(|found| {
            (
                !self.claimed.contains_key(&found.id),
                has_failed(found),
                found.chunk_mark != chunk_mark,
                order(found),
            )
        });
        let id = best.map(|found| found.id);
        Ok(id.and_then(|id| self.found.remove(&id)))
    }

    fn left(&mut self, limit: usize) -> Result<Vec<String>> {
        let failed = { self.rows.iter() }.filter(|row| row.run.as_deref().is_some_and(is_failure));
        let failed = failed.map(|row| &row.user_reference).collect::<BTreeSet<_>>();
        let left = { self.found.values() }
            .filter(|found| !has_failed(found) && self.is_of_row(found) && !failed.contains(&found.user_reference));
        let left = left.map(|found| found.user_reference.clone()).collect::<BTreeSet<_>>();
        Ok(left.into_iter().take(limit).collect())
    }

    fn strangers(&mut self, limit: usize) -> Result<Vec<Stranger>> {
        let strangers = { self.found.values() }.filter(|found| !is_aborted(found) && !self.is_of_row(found));
        let references = strangers.map(|found| &found.user_reference).collect::<BTreeSet<_>>();
        let strangers = references.into_iter().map(|reference| Stranger {
            user_reference: reference.clone(),
            is_of_row: self.rows.iter().any(|row| row.user_reference == *reference),
        });
        Ok(strangers.take(limit).collect())
    }

    fn totals(&mut self) -> Result<SurveyTotals> {
        Ok(SurveyTotals {
            found: self.found.len() as u64,
            created: self.rows.iter().filter(|row| row.is_created()).count() as u64,
        })
    }

    fn differing(&mut self, from: u64, limit: usize) -> Result<Vec<Differing>> {
        let recorded = |row: &SurveyRow| {
            let found = row.analysis.and_then(|id| self.found.get(&id))?;
            (found.user_reference == row.user_reference && found.has_content_of(&row.mark)).then_some(found.id)
        };
        self.recorded = self.rows.iter().filter_map(recorded).collect();
        let unmarked = { self.found.values() }.filter(|found| found.row_mark.is_none());
        let unmarked = unmarked.map(|found| &found.user_reference).collect::<BTreeSet<_>>();
        let mark_of = |reference: &String, mark: Option<&String>| {
            let mark = mark.filter(|_| !unmarked.contains(reference));
            mark.cloned()
        };
        let mut all = Groups::new();
        for row in &self.rows {
            let is_created = row.is_created();
            if row.replaced && !is_created {
                continue;
            }
            let mark = mark_of(&row.user_reference, Some(&row.mark));
            let entry = group(&mut all, &row.user_reference, mark);
            entry.position = entry.position.or(Some(row.position)).min(Some(row.position));
            match row.analysis {
                _ if !is_created => entry.other_rows += 1,
                None => entry.created += 1,
                Some(id) if self.recorded.contains(&id) => entry.kept += 1,
                Some(id) => {
                    entry.lost += 1;
                    entry.lost_analysis = entry.lost_analysis.or(Some(id)).min(Some(id));
                }
            }
        }
        for found in self.found.values().filter(|found| !self.recorded.contains(&found.id)) {
            let mark = mark_of(&found.user_reference, found.row_mark.as_ref());
            let entry = group(&mut all, &found.user_reference, mark);
            match (self.is_of_row(found), is_aborted(found)) {
                (true, true) => entry.aborted += 1,
                (true, false) => entry.found += 1,
                (false, true) => {}
                (false, false) => entry.strangers += 1,
            }
        }
        let differs = |entry: &Differing| {
            let aborted = entry.aborted.min(entry.created.saturating_sub(entry.found));
            entry.lost > 0 || entry.strangers > 0 || entry.found + aborted != entry.created
        };
        let differing = all.into_values().filter(differs);
        Ok(differing
            .skip(usize::try_from(from).unwrap_or(usize::MAX))
            .take(limit)
            .collect())
    }

    fn analyses(&mut self, user_reference: &str, row_mark: Option<&str>, limit: usize) -> Result<Vec<SeenAnalysis>> {
        let same = self.found.values().filter(|found| {
            found.user_reference == user_reference && (row_mark.is_none() || found.row_mark.as_deref() == row_mark)
        });
        let mut same = same
            .map(|found| SeenAnalysis {
                id: found.id,
                is_recorded: self.recorded.contains(&found.id),
            })
            .collect::<Vec<_>>();
        let recorded = same.iter().filter(|seen| seen.is_recorded);
        let first = recorded.map(|seen| seen.id).min();
        same.sort_by_key(|seen| (seen.is_recorded && Some(seen.id) != first, !seen.is_recorded, seen.id));
        same.truncate(limit);
        Ok(same)
    }
}
