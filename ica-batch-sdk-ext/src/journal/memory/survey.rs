//! Comparison with found analyses in memory.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::error::Result;
use crate::journal::found::{ChunkRow, Differing, FoundAnalysis, Stranger, SurveyTotals};
use crate::journal::naming::Naming;
use crate::journal::records::ChunkState;
use crate::journal::store::Survey;

#[derive(Debug)]
pub(super) struct SurveyRow {
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
}

impl MemorySurvey {
    pub(super) fn new(rows: Vec<SurveyRow>) -> Self {
        Self {
            rows,
            found: BTreeMap::new(),
            claimed: BTreeMap::new(),
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

fn is_failure(run: &str) -> bool {
    matches!(run, "FAILED" | "FAILED_FINAL" | "ABORTED" | "ABORTING")
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
            let best = same.min_by_key(|found| (found.chunk_mark != mark, has_failed(found), found.id));
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
        let best = free.min_by_key(|found| found.id);
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
                found.id,
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

    fn differing(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<Differing>> {
        let mut all = BTreeMap::<&str, Differing>::new();
        let mut count = |reference, add: fn(&mut Differing)| {
            let entry = all.entry(reference).or_insert_with(|| Differing {
                user_reference: str::to_owned(reference),
                created: 0,
                other_rows: 0,
                found: 0,
                aborted: 0,
                strangers: 0,
            });
            add(entry);
        };
        for row in &self.rows {
            match row.is_created() {
                true => count(&row.user_reference, |entry| entry.created += 1),
                false if row.replaced => {}
                false => count(&row.user_reference, |entry| entry.other_rows += 1),
            }
        }
        for found in self.found.values() {
            match (self.is_of_row(found), is_aborted(found)) {
                (true, true) => count(&found.user_reference, |entry| entry.aborted += 1),
                (true, false) => count(&found.user_reference, |entry| entry.found += 1),
                (false, true) => {}
                (false, false) => count(&found.user_reference, |entry| entry.strangers += 1),
            }
        }
        let differs = |entry: &Differing| {
            entry.found + entry.aborted.min(entry.created.saturating_sub(entry.found)) != entry.created
                || entry.strangers > 0
        };
        let differing = all.into_values().filter(differs);
        let differing = differing.filter(|entry| after.is_none_or(|after| entry.user_reference.as_str() > after));
        Ok(differing.take(limit).collect())
    }

    fn analyses(&mut self, user_reference: &str, limit: usize) -> Result<Vec<FoundAnalysis>> {
        let same = self
            .found
            .values()
            .filter(|found| found.user_reference == user_reference);
        Ok(same.take(limit).cloned().collect())
    }
}
