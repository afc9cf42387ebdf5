//! From a manifest to planned chunks: a new plan, or the comparison with the recorded one.

use super::OnChange;
use super::changes::{ChangedRows, DuplicateReferences, ManifestChanges};
use super::chunker::{self, Chunker};
use super::context::{self, Run};
use super::manifest::Manifest;
use crate::error::{Error, Result};
use crate::journal::changes::{self, Differing, Taken};
use crate::journal::planning::{self, Begin, Finish, PlannedChunk, PlannedRow};

/// How many bytes are written to the journal at a time.
const GROUP: usize = 4 * 1024 * 1024;

/// How many recorded rows are read at a time.
const PAGE: usize = 1000;

impl Run {
    /// Plans the submission, or finds it planned. Its id.
    pub(super) async fn plan(&self, manifest: Option<Manifest>) -> Result<i64> {
        let Some(manifest) = manifest else {
            return context::find(&self.journal, &self.place).await;
        };
        loop {
            let place = self.place.clone();
            let begin = self
                .store(move |connection, sender, now| planning::begin(connection, &place, sender, now))
                .await?;
            match begin {
                Begin::Plan(id) => {
                    if let Err(error) = self.write_plan(id, manifest).await {
                        let abandon =
                            self.store(move |connection, sender, _| planning::abandon(connection, id, sender));
                        // What stays behind is thrown away by the next run.
                        let _ = abandon.await;
                        return Err(error);
                    }
                    return Ok(id);
                }
                Begin::Planned(id) => {
                    self.check_manifest(id, manifest).await?;
                    return Ok(id);
                }
                Begin::Wait(wait) => self.clock.sleep(wait).await,
            }
        }
    }

    async fn write_plan(&self, id: i64, mut manifest: Manifest) -> Result<()> {
        let mut chunker = self.chunker(0, 0);
        let (mut group, mut bytes, mut number) = (Vec::new(), 0, 0);
        while let Some((row, json)) = self.next_row(&mut manifest, number).await? {
            number += 1;
            chunker.check(&row, &json)?;
            let Some(chunk) = chunker.push(row, &json) else {
                continue;
            };
            bytes += chunk.body.len();
            group.push(chunk);
            if bytes >= GROUP {
                self.write_group(id, std::mem::take(&mut group)).await?;
                bytes = 0;
            }
        }
        group.extend(chunker.finish());
        self.write_group(id, group).await?;
        let allow = self.settings.allow_duplicates;
        let finish = self
            .store(move |connection, sender, _| planning::finish(connection, id, sender, allow))
            .await?;
        match finish {
            Finish::Planned => Ok(()),
            Finish::Empty => Err(self.invalid("the manifest has no analyses; give at least one")),
            Finish::Duplicates(first, count) => Err(self.duplicates(first, count)),
        }
    }

    async fn write_group(&self, id: i64, group: Vec<PlannedChunk>) -> Result<()> {
        self.store(move |connection, sender, now| planning::add(connection, id, sender, &group, now))
            .await
    }

    fn chunker(&self, position: u64, number: u64) -> Chunker {
        Chunker::new(&self.place.name, self.settings.limits, position, number)
    }

    fn duplicates(&self, first: Vec<String>, count: u64) -> Error {
        DuplicateReferences { first, count }.error(&self.place.name)
    }

    /// The next row of the manifest, which is the one of this number.
    async fn next_row(&self, manifest: &mut Manifest, number: u64) -> Result<Option<(PlannedRow, Vec<u8>)>> {
        match manifest.next().await {
            None => Ok(None),
            Some(Ok(analysis)) => chunker::row(&analysis).map(Some),
            Some(Err(error)) => {
                let what =
                    format!("the manifest cannot be read behind its first {number} analyses; nothing of it was sent");
                Err(self.invalid(&what).with_source(error))
            }
        }
    }

    /// Compares the manifest with what is recorded, and takes in what may be taken.
    async fn check_manifest(&self, id: i64, mut manifest: Manifest) -> Result<()> {
        let mut recorded = Vec::new().into_iter();
        let (mut from, mut number) = (0, 0);
        // As long as the rows are the recorded ones, in their order.
        let differing = loop {
            let next = match recorded.next() {
                Some(next) => Some(next),
                None => {
                    recorded = self
                        .store(move |connection, _, _| changes::recorded(connection, id, from, PAGE))
                        .await?
                        .into_iter();
                    recorded.next()
                }
            };
            let row = self.next_row(&mut manifest, number).await?;
            number += 1;
            match (next, row) {
                (None, None) => return Ok(()),
                (Some((position, digest)), Some((row, _))) if row.digest == digest => from = position + 1,
                (_, differing) => break differing,
            }
        };
        let result = self.compare_rest(id, from, differing, manifest, number).await;
        let cleared = self
            .store(|connection, sender, _| changes::clear(connection, sender))
            .await;
        result.and(cleared)
    }

    /// Compares as sets what is left of the manifest and of what is recorded.
    async fn compare_rest(
        &self,
        id: i64,
        from: u64,
        differing: Option<(PlannedRow, Vec<u8>)>,
        mut manifest: Manifest,
        mut number: u64,
    ) -> Result<()> {
        self.store(|connection, _, _| changes::prepare(connection)).await?;
        let chunker = self.chunker(0, 0);
        let (mut rows, mut bytes, mut first) = (Vec::new(), 0, 0);
        let mut next = differing;
        while let Some((row, json)) = next {
            chunker.check(&row, &json)?;
            bytes += json.len();
            rows.push(Differing { row, json });
            if bytes >= GROUP {
                first = self.put_aside(first, std::mem::take(&mut rows)).await?;
                bytes = 0;
            }
            next = self.next_row(&mut manifest, number).await?;
            number += 1;
        }
        self.put_aside(first, rows).await?;
        let differences = self
            .store(move |connection, sender, _| changes::compare(connection, id, sender, from))
            .await?;
        if differences.is_none() {
            return Ok(());
        }
        let can_be_taken = differences.changed_kept == 0 && differences.removed_open == 0;
        if self.settings.on_change == OnChange::TakeAdditions && can_be_taken {
            return self.take(id).await;
        }
        let rows = |named: changes::Named| ChangedRows {
            count: named.count,
            first: named.first,
        };
        let changes = ManifestChanges {
            added: rows(differences.added),
            removed: rows(differences.removed),
            changed: rows(differences.changed),
        };
        Err(changes.error(&self.place.name, can_be_taken))
    }

    async fn put_aside(&self, first: u64, rows: Vec<Differing>) -> Result<u64> {
        let after = first + rows.len() as u64;
        self.store(move |connection, sender, _| changes::put_aside(connection, sender, first, &rows))
            .await?;
        Ok(after)
    }

    async fn take(&self, id: i64) -> Result<()> {
        let (name, limits) = (self.place.name.clone(), self.settings.limits);
        let allow = self.settings.allow_duplicates;
        let taken = self
            .store(move |connection, sender, _| {
                let mut chunker = None;
                changes::take(connection, id, sender, allow, |row, place| {
                    let chunker =
                        chunker.get_or_insert_with(|| Chunker::new(&name, limits, place.position, place.chunk));
                    match row {
                        Some((row, json)) => chunker.push(row, &json),
                        None => chunker.finish(),
                    }
                })
            })
            .await?;
        match taken {
            Taken::Planned => Ok(()),
            Taken::Duplicates(first, count) => Err(self.duplicates(first, count)),
        }
    }
}
