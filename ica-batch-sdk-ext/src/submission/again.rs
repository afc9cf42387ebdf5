//! New attempts of rows that ICA could not create, or whose runs failed.

use ica_batch_sdk::types::AnalysisStatus;

use super::chunker::Chunker;
use super::marks::Marks;
use super::request::Requests;
use super::run::Run;
use super::settings::Again;
use crate::analyses::AnalysisStatusExt;
use crate::error::Result;
use crate::journal::{ManifestRow, ReportRow, Row};

/// Number of bytes that are written to the journal in one transaction.
const GROUP_BYTES: usize = 1024 * 1024;

/// Number of rows that are read at a time.
const PAGE: usize = 1000;

/// Returns whether a row is sent again.
fn is_wanted(again: Again, row: &ReportRow) -> bool {
    let creation_failed = row.creation_status.as_deref() == Some("FAILED");
    let run_failed = { row.run.as_deref() }.is_some_and(|run| AnalysisStatus::from(run).is_failure());
    (again.creation_failed && creation_failed) || (again.run_failed && run_failed)
}

impl Run {
    /// Plans new attempts of the rows that are sent again. Each has a chunk of its own kind, with a
    /// label and so a key of its own, and replaces the row of the attempt before.
    ///
    /// They are planned in several transactions. A run that ends between two of them has planned a
    /// part of them, and the next one finds the others.
    pub(super) async fn plan_again(&self, submission: i64) -> Result<()> {
        let again = self.settings.again;
        let journal = self.session.journal();
        let naming = self.naming(submission).await?;
        let point = self.session.insertion_point(submission).await?;
        let marked = self.session.rules(submission).await?.marked;
        let mut chunker = Chunker::new(&naming, marked, self.settings.limits, point.position, point.chunk);
        let (mut group, mut bytes) = (Vec::new(), 0_usize);
        let mut requests: Option<Requests> = None;
        let mut from = 0;
        while from < point.position {
            let rows = journal.report(submission, from, PAGE).await?;
            let Some(last) = rows.last() else { break };
            from = last.position.saturating_add(1);
            let wanted = { rows.iter() }.filter(|row| row.position < point.position && is_wanted(again, row));
            for row in wanted {
                let known = requests.take().filter(|requests| requests.label() == row.chunk);
                let chunk = match known {
                    Some(chunk) => chunk,
                    None => Requests::read(journal, &self.id, submission, &row.chunk).await?,
                };
                let (kind, json) = chunk.find(journal, row.position)?;
                let digest = self.session.recorded_rows(submission, row.position, 1).await?;
                let digest = digest.first().map(|(_, digest)| *digest);
                let digest = digest.ok_or_else(|| journal.damaged("a row has no digest"))?;
                let json = Marks::new(&naming, &row.chunk).remove_from(json, &digest).into_bytes();
                requests = Some(chunk);
                let new = ManifestRow {
                    row: Row {
                        kind,
                        user_reference: row.user_reference.clone(),
                        digest,
                        replaces: Some(row.position),
                        attempt: row.attempt.saturating_add(1),
                    },
                    json,
                };
                let planned = chunker.push(new);
                let planned = planned.map_err(|_| journal.damaged("the request of a row is not valid JSON"))?;
                let Some(planned) = planned else { continue };
                bytes = bytes.saturating_add(planned.chunk.body.len());
                group.push(planned);
                if bytes >= GROUP_BYTES {
                    self.session.add_chunks(submission, std::mem::take(&mut group)).await?;
                    bytes = 0;
                }
            }
        }
        group.extend(chunker.finish());
        match group.is_empty() {
            true => Ok(()),
            false => self.session.add_chunks(submission, group).await,
        }
    }
}
