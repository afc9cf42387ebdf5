//! From a manifest to planned chunks: a new plan, or the comparison with the recorded one.

use super::chunker::{self, Chunker};
use super::errors;
use super::manifest::Manifest;
use super::run::{self, Run};
use super::settings::OnChange;
use crate::error::Result;
use crate::journal::{
    Begin, ChangePolicy, CommonPrefix, Comparison, Finish, InsertionPoint, ManifestRow, PlannedChunk, Planner,
};

/// Number of bytes that are written to the journal in one transaction.
const GROUP_BYTES: usize = 4 * 1024 * 1024;

/// Number of recorded rows that are read at a time.
const PAGE: usize = 1000;

impl Run {
    /// Plans the submission, or finds it planned. Returns its row id.
    pub(super) async fn plan(&self, manifest: Option<Manifest>) -> Result<i64> {
        let Some(manifest) = manifest else {
            return run::find(self.session.journal(), &self.id).await;
        };
        loop {
            match self.session.begin(&self.id).await? {
                Begin::Plan(submission) => {
                    if let Err(error) = self.write_plan(submission, manifest).await {
                        self.session.abandon_plan(submission).await;
                        return Err(error);
                    }
                    return Ok(submission);
                }
                Begin::Planned(submission) => {
                    self.check_manifest(submission, manifest).await?;
                    return Ok(submission);
                }
                Begin::Wait(wait) => self.clock.sleep(wait).await,
            }
        }
    }

    async fn write_plan(&self, submission: i64, mut manifest: Manifest) -> Result<()> {
        let mut chunker = Chunker::new(&self.id.name, self.settings.limits, 0, 0);
        let (mut group, mut bytes, mut read) = (Vec::new(), 0, 0);
        while let Some(row) = self.next_row(&mut manifest, read).await? {
            read += 1;
            let Some(planned) = chunker.push(row) else {
                continue;
            };
            bytes += planned.chunk.body.len();
            group.push(planned);
            if bytes >= GROUP_BYTES {
                self.add_chunks(submission, std::mem::take(&mut group)).await?;
                bytes = 0;
            }
        }
        group.extend(chunker.finish());
        self.add_chunks(submission, group).await?;
        let allow_duplicates = self.settings.allow_duplicates;
        match self.session.finish_plan(submission, allow_duplicates).await? {
            Finish::Planned => Ok(()),
            Finish::Empty => Err(errors::empty_manifest(&self.id)),
            Finish::Duplicates(duplicates) => Err(errors::duplicate_references(&self.id, duplicates)),
            Finish::Replaced => Err(errors::planner_replaced(&self.id)),
        }
    }

    async fn add_chunks(&self, submission: i64, group: Vec<PlannedChunk>) -> Result<()> {
        match self.session.add_chunks(submission, group).await? {
            Planner::Same => Ok(()),
            Planner::Replaced => Err(errors::planner_replaced(&self.id)),
        }
    }

    /// Returns the next row of the manifest, of which `read` rows were read. Renews the locks while it
    /// waits.
    async fn next_row(&self, manifest: &mut Manifest, read: u64) -> Result<Option<ManifestRow>> {
        let interval = self.settings.renewal_interval();
        let next = loop {
            // In real time, as the source of the rows is.
            match tokio::time::timeout(interval, manifest.next()).await {
                Ok(next) => break next,
                Err(_) => self.renew().await?,
            }
        };
        if self.since_renewal() >= interval {
            self.renew().await?;
        }
        let analysis = match next {
            None => return Ok(None),
            Some(Ok(analysis)) => analysis,
            Some(Err(error)) => return Err(errors::unreadable_row(&self.id, read + 1).with_source(error)),
        };
        let reference = analysis.user_reference();
        let row =
            chunker::row(&analysis).map_err(|error| errors::unwritable_row(&self.id, reference).with_source(error))?;
        let (bytes, limit) = (chunker::request_bytes(&row), self.settings.limits.bytes);
        if bytes > limit {
            return Err(errors::row_too_large(&self.id, reference, bytes, limit));
        }
        Ok(Some(row))
    }

    /// Compares the manifest with the recorded one, and plans the rows that are accepted.
    async fn check_manifest(&self, submission: i64, mut manifest: Manifest) -> Result<()> {
        let mut recorded = Vec::new().into_iter();
        let mut prefix = CommonPrefix::default();
        // Reads rows while they equal the recorded ones, in the same order.
        let first_differing = loop {
            let next = match recorded.next() {
                Some(next) => Some(next),
                None => {
                    let page = self.session.recorded_rows(submission, prefix.end, PAGE);
                    recorded = page.await?.into_iter();
                    recorded.next()
                }
            };
            match (next, self.next_row(&mut manifest, prefix.rows).await?) {
                (None, None) => return Ok(()),
                (Some((position, digest)), Some(ManifestRow { row, .. })) if row.digest == digest => {
                    prefix.rows += 1;
                    prefix.end = position + 1;
                }
                (_, row) => break row,
            }
        };
        let result = self.compare_rest(submission, prefix, first_differing, manifest).await;
        let cleared = self.session.clear_staged().await;
        result.and(cleared)
    }

    /// Compares the rest of the manifest with the rest of the recorded rows as sets.
    async fn compare_rest(
        &self,
        submission: i64,
        prefix: CommonPrefix,
        first_differing: Option<ManifestRow>,
        mut manifest: Manifest,
    ) -> Result<()> {
        self.session.prepare_staging().await?;
        let (mut rows, mut bytes, mut staged, mut read) = (Vec::new(), 0, 0, prefix.rows);
        let mut next = first_differing;
        while let Some(row) = next {
            bytes += row.json.len();
            rows.push(row);
            if bytes >= GROUP_BYTES {
                staged = self.stage(staged, std::mem::take(&mut rows)).await?;
                bytes = 0;
            }
            read += 1;
            next = self.next_row(&mut manifest, read).await?;
        }
        self.stage(staged, rows).await?;
        let (name, limits) = (self.id.name.clone(), self.settings.limits);
        let mut chunker = None;
        let policy = ChangePolicy {
            accept: self.settings.on_change == OnChange::AcceptAdditions,
            allow_duplicates: self.settings.allow_duplicates,
            cut: move |row: Option<ManifestRow>, point: InsertionPoint| {
                let chunker = chunker.get_or_insert_with(|| Chunker::new(&name, limits, point.position, point.chunk));
                match row {
                    Some(row) => chunker.push(row),
                    None => chunker.finish(),
                }
            },
        };
        match self.session.compare(submission, prefix, policy).await? {
            Comparison::Same | Comparison::Accepted => Ok(()),
            Comparison::Duplicates(duplicates) => Err(errors::duplicate_references(&self.id, duplicates)),
            Comparison::Different {
                changes,
                can_be_accepted,
            } => Err(errors::manifest_changed(&self.id, changes, can_be_accepted)),
            Comparison::Conflict => Err(errors::comparison_conflict(&self.id)),
        }
    }

    /// Stages rows, and returns the number of the next one.
    async fn stage(&self, first: u64, rows: Vec<ManifestRow>) -> Result<u64> {
        let next = first + rows.len() as u64;
        self.session.stage(first, rows).await?;
        Ok(next)
    }
}
