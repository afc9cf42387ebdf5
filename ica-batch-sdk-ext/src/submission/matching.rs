//! The rows of a chunk whose analyses were found in ICA by its mark.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use ica_batch_sdk::types::AnalysisStatus;

use crate::analyses::AnalysisStatusExt;
use crate::journal::{ChunkRow, FoundAnalysis};

/// Rows of a chunk, and the analyses that were found with its mark.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Matching {
    /// Analysis of each row of the chunk that has one, by position.
    pub(super) found: BTreeMap<u64, FoundAnalysis>,
    /// Number of rows of the chunk.
    pub(super) rows: usize,
    /// User references of analyses that are left over: more than there are rows with that reference and
    /// content. Aborted analyses do not count, nor those that no row asks for.
    pub(super) several: Vec<String>,
}

impl Matching {
    /// Gives each row one of the found analyses with its user reference. `rows` are all rows with the
    /// mark: analyses of created rows of other parts are theirs.
    pub(super) fn new(rows: &[ChunkRow], mut found: Vec<FoundAnalysis>) -> Self {
        let created = rows.iter().filter(|row| row.is_created);
        // Those of created rows, and those that the list has already returned.
        let mut known = created.filter_map(|row| row.analysis).collect::<HashSet<_>>();
        let mut by_reference = HashMap::<String, VecDeque<FoundAnalysis>>::new();
        // A new attempt probably follows a run that failed, so those are taken last.
        found.sort_by_key(has_failed);
        for found in found.into_iter().filter(|found| known.insert(found.id)) {
            by_reference
                .entry(found.user_reference.clone())
                .or_default()
                .push_back(found);
        }
        let mut take = |row: &ChunkRow| {
            let found = by_reference.get_mut(&row.user_reference)?;
            let place = found.iter().position(|found| found.has_content_of(&row.mark))?;
            found.remove(place)
        };
        for created in rows.iter().filter(|row| row.is_created && row.analysis.is_none()) {
            take(created);
        }
        let own = rows.iter().filter(|row| row.is_own);
        let found = own.clone().filter_map(|row| Some((row.position, take(row)?)));
        let found = found.collect();
        for other in rows.iter().filter(|row| !row.is_own && !row.is_created) {
            take(other);
        }
        // An analysis that no row asks for is of another manifest, or of another cut into chunks.
        let is_of_a_row = |found: &FoundAnalysis| {
            let mut rows = rows.iter();
            rows.any(|row| row.user_reference == found.user_reference && found.has_content_of(&row.mark))
        };
        let is_too_many = |found: &FoundAnalysis| !is_aborted(found) && is_of_a_row(found);
        let several = { by_reference.into_iter() }.filter(|(_, left)| left.iter().any(is_too_many));
        let mut several = several.map(|(reference, _)| reference).collect::<Vec<_>>();
        several.sort_unstable();
        Self {
            found,
            rows: own.count(),
            several,
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.found.len() == self.rows
    }

    /// Returns the numbers of successive rows from `first` on that were found, or were not found, and
    /// which of the two.
    pub(super) fn runs(&self, first: u64) -> Vec<(usize, bool)> {
        let mut runs = Vec::<(usize, bool)>::new();
        for position in (first..).take(self.rows) {
            let is_found = self.found.contains_key(&position);
            match runs.last_mut() {
                Some((count, of)) if *of == is_found => *count += 1,
                _ => runs.push((1, is_found)),
            }
        }
        runs
    }
}

/// Returns whether the run failed or is aborted.
fn has_failed(found: &FoundAnalysis) -> bool {
    AnalysisStatus::from(found.run.as_str()).is_failure() || is_aborted(found)
}

/// Returns whether the run is aborted. It is what a person does with one too many.
fn is_aborted(found: &FoundAnalysis) -> bool {
    let status = AnalysisStatus::from(found.run.as_str());
    matches!(status, AnalysisStatus::Aborted | AnalysisStatus::Aborting)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::Matching;
    use crate::journal::{AnalysisKind, ChunkRow, FoundAnalysis};

    fn row(position: u64, reference: &str) -> ChunkRow {
        ChunkRow {
            position,
            user_reference: reference.to_owned(),
            mark: "mark".to_owned(),
            is_again: false,
            kind: AnalysisKind::Nextflow,
            is_own: true,
            is_created: false,
            analysis: None,
        }
    }

    fn found(number: u128, reference: &str) -> FoundAnalysis {
        FoundAnalysis {
            id: Uuid::from_u128(number),
            user_reference: reference.to_owned(),
            chunk_mark: String::new(),
            row_mark: Some("mark".to_owned()),
            run: "QUEUED".to_owned(),
        }
    }

    fn ids(matching: &Matching) -> Vec<(u64, u128)> {
        let found = matching.found.iter();
        found.map(|(position, found)| (*position, found.id.as_u128())).collect()
    }

    #[test]
    fn each_row_has_one_analysis_of_its_reference() {
        let rows = [row(5, "a"), row(6, "b"), row(7, "a"), row(8, "c")];
        let matching = Matching::new(&rows, vec![found(1, "c"), found(2, "a"), found(3, "a")]);
        assert_eq!(ids(&matching), [(5, 2), (7, 3), (8, 1)]);
        assert!(!matching.is_complete() && matching.several.is_empty());
        assert_eq!(matching.runs(5), [(1, true), (1, false), (2, true)]);
        let matching = Matching::new(&rows, vec![]);
        assert_eq!(matching.runs(5), [(4, false)]);
        let twice = Matching::new(&rows, vec![found(2, "a"), found(2, "a")]);
        assert_eq!(ids(&twice), [(5, 2)], "a list may repeat an analysis");
    }

    #[test]
    fn a_run_that_failed_is_taken_last() {
        for failed in ["FAILED", "FAILED_FINAL", "ABORTED", "ABORTING"] {
            let first = FoundAnalysis {
                run: failed.to_owned(),
                ..found(1, "a")
            };
            let matching = Matching::new(&[row(0, "a")], vec![first, found(2, "a")]);
            assert_eq!(ids(&matching), [(0, 2)]);
            let is_aborted = failed.starts_with("ABORT");
            assert_eq!(matching.several.is_empty(), is_aborted, "{failed}");
        }
    }

    #[test]
    fn an_analysis_with_other_content_is_of_no_row() {
        let with = |number, mark: Option<&str>| FoundAnalysis {
            row_mark: mark.map(str::to_owned),
            ..found(number, "a")
        };
        let other = vec![with(1, Some("other")), with(2, Some("mark"))];
        let matching = Matching::new(&[row(0, "a")], other);
        assert_eq!((ids(&matching), matching.several.len()), (vec![(0, 2)], 0));
        let matching = Matching::new(&[row(0, "a")], vec![with(1, Some("other"))]);
        assert!(matching.found.is_empty() && matching.several.is_empty());
        let matching = Matching::new(&[row(0, "a")], vec![with(1, None)]);
        assert_eq!(ids(&matching), [(0, 1)], "of an earlier release");
    }

    #[test]
    fn more_analyses_than_rows_are_named() {
        let rows = [row(0, "a"), row(1, "b")];
        let more = vec![found(1, "a"), found(2, "a"), found(3, "b"), found(4, "x")];
        let matching = Matching::new(&rows, more);
        assert!(matching.is_complete());
        assert_eq!(matching.several, ["a"], "no row asks for x");
    }

    #[test]
    fn analyses_of_other_parts_are_not_taken() {
        let own = row(2, "a");
        let other = |position, reference: &str, is_created, analysis| ChunkRow {
            is_own: false,
            is_created,
            analysis,
            ..row(position, reference)
        };
        // One part is created, with and without the id of its analysis, and one is open.
        let known = other(0, "a", true, Some(Uuid::from_u128(9)));
        let listed_later = other(1, "a", true, None);
        let open = other(3, "b", false, None);
        let rows = [known, listed_later, own, open];
        let matching = Matching::new(&rows, vec![found(9, "a"), found(1, "a"), found(3, "b")]);
        assert_eq!((ids(&matching), matching.several.len()), (vec![], 0));
        let matching = Matching::new(&rows, vec![found(1, "a"), found(2, "a"), found(9, "a")]);
        assert_eq!((ids(&matching), matching.rows), (vec![(2, 2)], 1));
    }
}
