//! From a manifest to planned chunks: a new plan, or the comparison with the recorded one.

use super::analysis::Analysis;
use super::bad_rows::{BadRow, BadRows};
use super::chunker::{self, Chunker, Limits};
use super::errors;
use super::event::SubmissionEvent;
use super::manifest::{Manifest, Source, SourceError};
use super::marks::Marks;
use super::progress::SubmissionProgress;
use super::run::{self, Run};
use super::settings::OnChange;
use crate::error::Result;
use crate::journal::{
    Begin, Comparison, CreatedElsewhere, Differences, Finish, ManifestRow, Naming, PlannedChunk, SubmissionCounts,
};

/// Number of bytes that are written to the journal in one transaction.
const GROUP_BYTES: usize = 1024 * 1024;

/// Number of rows of a manifest between two events.
const EVENT_ROWS: u64 = 10_000;

/// Number of recorded rows that are read at a time.
const PAGE: usize = 1000;

/// Submission that is planned.
pub(super) struct Planned {
    /// Row id.
    pub(super) submission: i64,
    /// Counter of the journal when the recorded rows were checked.
    pub(super) checked: Option<u64>,
    /// Whether this run has planned it.
    pub(super) is_new: bool,
}

impl Planned {
    fn before(submission: i64, checked: Option<u64>) -> Self {
        Self {
            submission,
            checked,
            is_new: false,
        }
    }
}

/// How the chunks of a submission are made.
struct SendingRules {
    naming: Naming,
    /// Marks of its first chunk, unless it has none.
    marks: Option<Marks>,
}

impl SendingRules {
    fn chunker(&self, limits: Limits, position: u64, number: u64) -> Chunker {
        Chunker::new(&self.naming, self.marks.is_some(), limits, position, number)
    }
}

impl Run {
    /// Plans the submission, or finds it planned.
    pub(super) async fn plan(&self, Source { rows, digest }: Source) -> Result<Planned> {
        let journal = self.session.journal();
        let Some(manifest) = rows else {
            let submission = run::find(journal, &self.id).await?;
            let checked = Some(journal.check(submission, None).await?);
            if let Some(digest) = digest {
                let recorded = self.session.manifest_digest(submission).await?;
                if recorded.as_ref() != Some(&digest) {
                    return Err(errors::other_manifest(&self.id, recorded.as_deref(), &digest));
                }
            }
            return Ok(Planned::before(submission, checked));
        };
        match self
            .session
            .begin(&self.id, self.settings.marks, self.clock.now())
            .await?
        {
            Begin::Plan(submission) => {
                if let Err(error) = self.write_plan(submission, manifest, digest).await {
                    self.session.abandon_plan(submission).await;
                    return Err(error);
                }
                Ok(Planned {
                    submission,
                    checked: None,
                    is_new: true,
                })
            }
            Begin::Planned(submission) => {
                let checked = Some(journal.check(submission, None).await?);
                let recorded = self.session.manifest_digest(submission).await?;
                if digest.is_some() && digest == recorded {
                    return Ok(Planned::before(submission, checked));
                }
                self.check_manifest(submission, manifest, recorded.is_some()).await?;
                if digest.is_some() {
                    self.session.set_manifest_digest(submission, digest).await?;
                }
                Ok(Planned::before(submission, checked))
            }
        }
    }

    async fn write_plan(&self, submission: i64, mut manifest: Manifest, digest: Option<String>) -> Result<()> {
        let sending = self.sending_rules(submission).await?;
        let mut chunker = sending.chunker(self.settings.limits, 0, 0);
        let (mut group, mut bytes, mut read) = (Vec::new(), 0, 0);
        while let Some(row) = self.next_row(&mut manifest, read, &sending).await? {
            read += 1;
            let Some(planned) = self.push(&mut chunker, row)? else {
                continue;
            };
            bytes += planned.chunk.body.len();
            group.push(planned);
            if bytes >= GROUP_BYTES {
                self.session.add_chunks(submission, std::mem::take(&mut group)).await?;
                bytes = 0;
            }
        }
        group.extend(chunker.finish());
        self.session.add_chunks(submission, group).await?;
        self.check_planned_elsewhere(submission).await?;
        let allow_duplicates = self.settings.allow_duplicates;
        match self.session.finish_plan(submission, allow_duplicates, digest).await? {
            Finish::Planned => Ok(()),
            Finish::Empty => Err(errors::empty_manifest(&self.id)),
            Finish::Duplicates(duplicates) => Err(errors::duplicate_references(&self.id, duplicates)),
        }
    }

    /// Fails if rows that were not sent yet were created by another submission, unless that is
    /// allowed.
    pub(super) async fn check_planned_elsewhere(&self, submission: i64) -> Result<()> {
        if self.settings.allow_created_elsewhere {
            return Ok(());
        }
        let elsewhere = self.session.created_elsewhere(submission).await?;
        self.check_elsewhere(elsewhere)
    }

    /// Fails if rows were created by another submission, unless that is allowed.
    fn check_elsewhere(&self, elsewhere: Option<CreatedElsewhere>) -> Result<()> {
        match elsewhere.filter(|_| !self.settings.allow_created_elsewhere) {
            Some(elsewhere) => Err(errors::created_elsewhere(&self.id, elsewhere)),
            None => Ok(()),
        }
    }

    /// Adds a row to the current chunk. Returns that one if it is full.
    fn push(&self, chunker: &mut Chunker, row: ManifestRow) -> Result<Option<PlannedChunk>> {
        let reference = row.row.user_reference.clone();
        let unwritable = |error| errors::unwritable_row(&self.id, &reference).with_source(error);
        chunker.push(row).map_err(unwritable)
    }

    /// Returns how the chunks of the submission are made.
    async fn sending_rules(&self, submission: i64) -> Result<SendingRules> {
        let rules = self.session.rules(submission).await?;
        let naming = Naming::new(rules.keys, &self.id);
        let marks = rules.marked.then(|| Marks::new(&naming, "0"));
        Ok(SendingRules { naming, marks })
    }

    /// Returns the next row of the manifest, of which `read` rows were read.
    async fn next_row(
        &self,
        manifest: &mut Manifest,
        mut read: u64,
        sending: &SendingRules,
    ) -> Result<Option<ManifestRow>> {
        let mut bad = BadRows::new();
        let mut error = None;
        loop {
            let Some(next) = manifest.next().await else { break };
            if read > 0 && read.is_multiple_of(EVENT_ROWS) {
                let event = SubmissionEvent::Planning { rows: read };
                self.events
                    .emit(&SubmissionProgress::new(event, SubmissionCounts::default(), 0));
            }
            match self.check_row(next, read + 1, sending, &mut bad) {
                Ok(row) if error.is_none() => return Ok(Some(row)),
                // The other rows are only checked, so that all bad ones are reported at once.
                Ok(_) => {}
                Err(first) => {
                    error.get_or_insert(first);
                }
            }
            if bad.is_full() {
                break;
            }
            read += 1;
        }
        let Some(error) = error else { return Ok(None) };
        let error = match bad.rows().len() {
            1 => error,
            _ => errors::bad_rows(&self.id, &bad),
        };
        Err(error.with_source(bad))
    }

    /// Checks a row of the manifest, whose numbers count from 1. Adds it to the bad rows if it cannot
    /// be sent, and returns its error.
    fn check_row(
        &self,
        next: std::result::Result<Analysis, SourceError>,
        number: u64,
        sending: &SendingRules,
        bad: &mut BadRows,
    ) -> Result<ManifestRow> {
        let mut add = |user_reference: Option<&str>, reason: String, cause| {
            let user_reference = user_reference.map(str::to_owned);
            bad.add(
                BadRow {
                    number,
                    user_reference,
                    reason,
                },
                cause,
            );
        };
        let analysis = match next {
            Ok(analysis) => analysis,
            Err(error) => {
                add(None, error.to_string(), Some(error));
                return Err(errors::unreadable_row(&self.id, number));
            }
        };
        let reference = analysis.user_reference();
        let request = chunker::row(&analysis).and_then(|row| {
            let bytes = chunker::request_bytes(&row, sending.marks.as_ref())?;
            Ok((row, bytes))
        });
        let (row, bytes) = match request {
            Ok(request) => request,
            Err(error) => {
                let reason = format!("it cannot be written as JSON: {error}");
                add(Some(reference), reason, Some(error.into()));
                return Err(errors::unwritable_row(&self.id, reference));
            }
        };
        let limit = self.settings.limits.bytes;
        if bytes > limit {
            let reason = format!("a request with only this analysis has {bytes} bytes, and the limit is {limit}");
            add(Some(reference), reason, None);
            return Err(errors::row_too_large(&self.id, reference, bytes, limit));
        }
        Ok(row)
    }

    /// Compares the manifest with the recorded one, and plans the rows that are accepted.
    async fn check_manifest(&self, submission: i64, mut manifest: Manifest, has_digest: bool) -> Result<()> {
        let sending = self.sending_rules(submission).await?;
        let (mut recorded, mut has_more) = (Vec::new().into_iter(), true);
        // Number of rows that were read, and the position after the last of them.
        let (mut read, mut end) = (0, 0);
        // Reads rows while they equal the recorded ones, in the same order.
        let first_differing = loop {
            let next = match recorded.next() {
                Some(next) => Some(next),
                None if has_more => {
                    let page = self.session.recorded_rows(submission, end, PAGE).await?;
                    has_more = page.len() == PAGE;
                    recorded = page.into_iter();
                    recorded.next()
                }
                None => None,
            };
            match (next, self.next_row(&mut manifest, read, &sending).await?) {
                (None, None) => return Ok(()),
                (Some((position, digest)), Some(ManifestRow { row, .. })) if row.digest == digest => {
                    read += 1;
                    end = position + 1;
                }
                (_, row) => break row,
            }
        };
        let mut comparison = self.session.comparison(submission, end).await?;
        self.stage(&mut comparison, read, first_differing, manifest, &sending)
            .await?;
        self.accept(submission, comparison, &sending, has_digest).await
    }

    /// Stages the rest of the manifest.
    async fn stage(
        &self,
        comparison: &mut Comparison,
        mut read: u64,
        first_differing: Option<ManifestRow>,
        mut manifest: Manifest,
        sending: &SendingRules,
    ) -> Result<()> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        let mut next = first_differing;
        while let Some(row) = next {
            bytes += row.json.len();
            rows.push(row);
            if bytes >= GROUP_BYTES {
                comparison.stage(std::mem::take(&mut rows)).await?;
                bytes = 0;
            }
            read += 1;
            next = self.next_row(&mut manifest, read, sending).await?;
        }
        comparison.stage(rows).await
    }

    /// Compares the rest of the manifest with the rest of the recorded rows as sets, and plans the
    /// added and corrected rows if they are accepted.
    ///
    /// They are planned in several transactions. A run that ends between two of them has planned a
    /// part of the rows, and the next one finds the others.
    async fn accept(
        &self,
        submission: i64,
        mut comparison: Comparison,
        sending: &SendingRules,
        has_digest: bool,
    ) -> Result<()> {
        let Differences {
            changes,
            can_be_accepted,
        } = comparison.differences().await?;
        if changes.kinds().next().is_none() {
            return Ok(());
        }
        if self.settings.on_change != OnChange::AcceptAdditions || !can_be_accepted {
            return Err(errors::manifest_changed(&self.id, changes, can_be_accepted));
        }
        if !self.settings.allow_duplicates
            && let Some(duplicates) = comparison.duplicates().await?
        {
            return Err(errors::duplicate_references(&self.id, duplicates));
        }
        let elsewhere = comparison.created_elsewhere().await?;
        self.check_elsewhere(elsewhere)?;
        let point = self.session.insertion_point(submission).await?;
        if has_digest {
            // A part of the new rows is of neither manifest.
            self.session.set_manifest_digest(submission, None).await?;
        }
        let mut chunker = sending.chunker(self.settings.limits, point.position, point.chunk);
        let mut from = 0;
        loop {
            let rows = comparison.accepted(from, GROUP_BYTES).await?;
            let Some(last) = rows.last() else { break };
            from = last.ordinal + 1;
            let mut chunks = Vec::new();
            for accepted in rows {
                chunks.extend(self.push(&mut chunker, accepted.row)?);
            }
            self.session.add_chunks(submission, chunks).await?;
        }
        self.session
            .add_chunks(submission, chunker.finish().into_iter().collect())
            .await
    }
}
