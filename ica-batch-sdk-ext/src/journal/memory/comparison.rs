//! Comparison of a manifest in memory.

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::journal::chunks::{ManifestRow, Row};
use crate::journal::elsewhere::{CreatedElsewhere, RowElsewhere};
use crate::journal::manifest_changes::{ChangedRows, DuplicateReferences, ManifestChanges};
use crate::journal::records::ChunkState;
use crate::journal::steps::{AcceptedRow, Differences, LISTED};
use crate::journal::store::Compare;

/// Returns the references that occur more than once.
pub(super) fn duplicates<'a>(references: impl Iterator<Item = &'a str>) -> Option<DuplicateReferences> {
    let mut counts = BTreeMap::<&str, u64>::new();
    for reference in references {
        *counts.entry(reference).or_default() += 1;
    }
    let several = counts.into_iter().filter(|(_, count)| *count > 1);
    let first = several.map(|(reference, _)| reference.to_owned()).collect::<Vec<_>>();
    (!first.is_empty()).then(|| DuplicateReferences {
        count: first.len() as u64,
        first: first.into_iter().take(LISTED).collect(),
    })
}

/// Returns the rows whose digest another submission has, with the name of that one.
pub(super) fn created_elsewhere<'a>(
    rows: impl Iterator<Item = &'a Row>,
    elsewhere: &HashMap<[u8; 32], String>,
) -> Option<CreatedElsewhere> {
    let found = rows.filter_map(|row| {
        let name = elsewhere.get(&row.digest)?;
        Some(RowElsewhere::new(&row.user_reference, name))
    });
    let mut found = CreatedElsewhere::new(found);
    found.first.truncate(LISTED);
    (found.count > 0).then_some(found)
}

#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) position: u64,
    pub(super) row: Row,
    pub(super) state: ChunkState,
    pub(super) creation_failed: bool,
}

#[derive(Debug, Default)]
pub(super) struct MemoryComparison {
    pub(super) recorded: Vec<Recorded>,
    pub(super) from: u64,
    pub(super) staged: Vec<ManifestRow>,
    /// Number of an accepted row, and the position that it replaces.
    pub(super) accepted: Vec<(u64, Option<u64>)>,
    /// Names of the other submissions that have created a row, by its digest.
    pub(super) elsewhere: HashMap<[u8; 32], String>,
}

impl Compare for MemoryComparison {
    fn stage(&mut self, rows: Vec<ManifestRow>) -> Result<()> {
        self.staged.extend(rows);
        Ok(())
    }

    fn differences(&mut self) -> Result<Differences> {
        let mut old = self
            .recorded
            .iter()
            .filter(|row| row.position >= self.from)
            .collect::<Vec<_>>();
        let mut new = Vec::new();
        for (ordinal, row) in (0..).zip(&self.staged) {
            let same = |known: &&Recorded| {
                (&known.row.user_reference, known.row.digest) == (&row.row.user_reference, row.row.digest)
            };
            match old.iter().position(same) {
                Some(index) => drop(old.remove(index)),
                None => new.push((ordinal, &row.row.user_reference)),
            }
        }
        let (mut added, mut changed) = (Vec::new(), Vec::new());
        let mut can_be_accepted = true;
        for (ordinal, reference) in new {
            let before = old.iter().position(|known| known.row.user_reference == *reference);
            match before.map(|index| old.remove(index)) {
                Some(known) => {
                    changed.push((known.position, reference.clone()));
                    can_be_accepted &= known.state == ChunkState::Rejected || known.creation_failed;
                    self.accepted.push((ordinal, Some(known.position)));
                }
                None => {
                    added.push(reference.clone());
                    self.accepted.push((ordinal, None));
                }
            }
        }
        changed.sort();
        can_be_accepted &= old
            .iter()
            .all(|known| matches!(known.state, ChunkState::Created | ChunkState::Rejected));
        let rows = |references: Vec<String>| ChangedRows {
            count: references.len() as u64,
            first: references.into_iter().take(LISTED).collect(),
        };
        Ok(Differences {
            changes: ManifestChanges {
                added: rows(added),
                removed: rows(old.iter().map(|known| known.row.user_reference.clone()).collect()),
                changed: rows(changed.into_iter().map(|(_, reference)| reference).collect()),
            },
            can_be_accepted,
        })
    }

    fn duplicates(&mut self) -> Result<Option<DuplicateReferences>> {
        let recorded = self.recorded.iter().map(|known| known.row.user_reference.as_str());
        let added = self.accepted.iter().filter(|(_, replaces)| replaces.is_none());
        let added = added.map(|(ordinal, _)| self.staged[*ordinal as usize].row.user_reference.as_str());
        Ok(duplicates(recorded.chain(added)))
    }

    fn created_elsewhere(&mut self) -> Result<Option<CreatedElsewhere>> {
        let rows = self
            .accepted
            .iter()
            .map(|(ordinal, _)| &self.staged[*ordinal as usize].row);
        Ok(created_elsewhere(rows, &self.elsewhere))
    }

    fn accepted(&mut self, from: u64, bytes: usize) -> Result<Vec<AcceptedRow>> {
        let mut length = 0;
        let rows = self.accepted.iter().filter(|(ordinal, _)| *ordinal >= from);
        let rows = rows.map(|(ordinal, replaces)| {
            let mut row = self.staged[*ordinal as usize].clone();
            row.row.replaces = *replaces;
            AcceptedRow { ordinal: *ordinal, row }
        });
        let fits = |row: &AcceptedRow| {
            let is_first = length == 0;
            length += row.row.json.len();
            is_first || length <= bytes
        };
        Ok(rows.take_while(fits).collect())
    }
}
