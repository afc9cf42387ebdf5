//! From a manifest to planned chunks: a new plan, or the comparison with the recorded one.

use super::OnChange;
use super::changes::{DuplicateReferences, ManifestChanges};
use super::chunker::{self, Chunker};
use super::context::{self, Run};
use super::manifest::Manifest;
use crate::error::{Error, ErrorKind, Result};
use crate::journal::changes::{self, Agreement, Behind, Compared, Differing, Taking};
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

    /// The next row of the manifest, which is the one of this number. Stays alive while it is waited for.
    async fn next_row(&self, manifest: &mut Manifest, number: u64) -> Result<Option<(PlannedRow, Vec<u8>)>> {
        let beat = self.settings.lease / 3;
        let next = loop {
            // In real time, as the source of the rows is.
            match tokio::time::timeout(beat, manifest.next()).await {
                Ok(next) => break next,
                Err(_) => self.stay_alive().await?,
            }
        };
        if self.since_heard() >= beat {
            self.stay_alive().await?;
        }
        match next {
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
        let mut agreement = Agreement::default();
        // As long as the rows are the recorded ones, in their order.
        let differing = loop {
            let next = match recorded.next() {
                Some(next) => Some(next),
                None => {
                    let from = agreement.until;
                    recorded = self
                        .store(move |connection, _, _| changes::recorded(connection, id, from, PAGE))
                        .await?
                        .into_iter();
                    recorded.next()
                }
            };
            match (next, self.next_row(&mut manifest, agreement.rows).await?) {
                (None, None) => return Ok(()),
                (Some((position, digest)), Some((row, _))) if row.digest == digest => {
                    agreement.rows += 1;
                    agreement.until = position + 1;
                }
                (_, differing) => break differing,
            }
        };
        let result = self.compare_rest(id, agreement, differing, manifest).await;
        let cleared = self
            .store(|connection, sender, _| changes::clear(connection, sender))
            .await;
        result.and(cleared)
    }

    /// Compares as sets what is left of the manifest and of what is recorded, and takes in what may be taken.
    async fn compare_rest(
        &self,
        id: i64,
        agreement: Agreement,
        differing: Option<(PlannedRow, Vec<u8>)>,
        mut manifest: Manifest,
    ) -> Result<()> {
        self.store(|connection, _, _| changes::prepare(connection)).await?;
        let chunker = self.chunker(0, 0);
        let (mut rows, mut bytes, mut first, mut number) = (Vec::new(), 0, 0, agreement.rows);
        let mut next = differing;
        while let Some((row, json)) = next {
            chunker.check(&row, &json)?;
            bytes += json.len();
            rows.push(Differing { row, json });
            if bytes >= GROUP {
                first = self.put_aside(first, std::mem::take(&mut rows)).await?;
                bytes = 0;
            }
            number += 1;
            next = self.next_row(&mut manifest, number).await?;
        }
        self.put_aside(first, rows).await?;
        let (name, limits) = (self.place.name.clone(), self.settings.limits);
        let (on_change, allow_duplicates) = (self.settings.on_change, self.settings.allow_duplicates);
        let compared = self.store(move |connection, sender, _| {
            let mut chunker = None;
            let taking = Taking {
                is_wanted: on_change == OnChange::TakeAdditions,
                allow_duplicates,
                cut: |row: Option<(PlannedRow, Vec<u8>)>, behind: Behind| {
                    let begin = || Chunker::new(&name, limits, behind.position, behind.chunk);
                    let chunker = chunker.get_or_insert_with(begin);
                    match row {
                        Some((row, json)) => chunker.push(row, &json),
                        None => chunker.finish(),
                    }
                },
            };
            changes::compare(connection, id, sender, agreement, taking)
        });
        match compared.await? {
            Compared::Same | Compared::Taken => Ok(()),
            Compared::Duplicates(first, count) => Err(self.duplicates(first, count)),
            Compared::Differing(differences, can_be_taken) => {
                Err(ManifestChanges::from(differences).error(&self.place.name, can_be_taken))
            }
            Compared::Overtaken => Err(Error::new(
                ErrorKind::Journal,
                "another process has changed the submission while this one read its manifest; nothing was sent, run it again",
            )),
        }
    }

    async fn put_aside(&self, first: u64, rows: Vec<Differing>) -> Result<u64> {
        let after = first + rows.len() as u64;
        self.store(move |connection, sender, _| changes::put_aside(connection, sender, first, &rows))
            .await?;
        Ok(after)
    }
}
