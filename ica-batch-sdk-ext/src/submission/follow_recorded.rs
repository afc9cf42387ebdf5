//! Runs that the journal has as ended, and whose analyses ICA does not show any more: somebody may
//! have deleted them.

use std::collections::HashSet;
use std::ops::Range;

use ica_batch_sdk::types::AnalysisStatus;
use uuid::Uuid;

use super::follow::Follow;
use super::followed::{Followed, Polled, Source};
use crate::analyses::AnalysisStatusExt;
use crate::error::Result;
use crate::journal::ReportRow;

/// Number of rows that are read from the journal at a time.
const ROWS: usize = 1000;

/// Analyses that a poll did not show, although their runs are waited for.
#[derive(Debug, Default)]
struct Unshown {
    /// Positions among which their rows are.
    positions: Range<u64>,
    /// Ids of their items, or of the analyses that have no item.
    ids: HashSet<Uuid>,
}

impl Unshown {
    /// Returns the id of a row's item or analysis, if it is one of these.
    fn id_of(&self, row: &ReportRow) -> Option<Uuid> {
        let ids = [row.item, row.analysis];
        ids.into_iter().flatten().find(|id| self.ids.contains(id))
    }
}

impl Followed {
    /// Returns what a poll of the batch did not show.
    fn unshown(&self, polled: &Polled) -> Unshown {
        match &self.source {
            Source::Batch(..) if polled.unshown.is_empty() => Unshown::default(),
            Source::Batch(chunk, _) => Unshown {
                positions: chunk.first..chunk.first.saturating_add(chunk.count),
                ids: polled.unshown.clone(),
            },
            Source::Mark(_, places) if polled.tally.items >= places.len() as u64 => Unshown::default(),
            Source::Mark(_, places) => {
                let shown = polled.items.iter().map(|item| item.item).collect::<HashSet<_>>();
                let lacking = || places.iter().filter(|(id, _)| !shown.contains(id));
                let positions = || lacking().map(|(_, place)| place.position);
                let end = positions().max().map_or(0, |last| last.saturating_add(1));
                Unshown {
                    positions: positions().min().unwrap_or(end)..end,
                    ids: lacking().map(|(id, _)| *id).collect(),
                }
            }
        }
    }
}

impl Follow {
    /// Adds to a poll the runs that it does not show and that the journal has as ended: nothing more
    /// happens to them. The journal is read only if the poll lacks runs.
    pub(super) async fn add_recorded(&self, submission: i64, batch: &Followed, polled: &mut Polled) -> Result<()> {
        let unshown = batch.unshown(polled);
        let mut from = unshown.positions.start;
        while from < unshown.positions.end {
            let rows = self.journal.report(submission, from, ROWS).await?;
            let Some(last) = rows.last() else { break };
            from = last.position.saturating_add(1);
            for row in rows {
                let run = row.run.as_deref().map(AnalysisStatus::from);
                let run = run.filter(AnalysisStatus::is_terminal);
                if let (Some(id), Some(run)) = (unshown.id_of(&row), run) {
                    polled.add_recorded(id, row, run);
                }
            }
        }
        Ok(())
    }
}
