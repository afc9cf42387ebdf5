//! A chunk that may have been created and can no longer be sent: why, and how to go on.

use std::sync::Arc;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::expiry::Resend;
use super::{Submission, context, locate};
use crate::batch::Batch;
use crate::error::{Error, ErrorKind, Execution, Result};
use crate::journal::claims::{self, Refused, SettleResult};
use crate::journal::items;
use crate::journal::time::{millis, moment};

impl Submission {
    /// Records that this batch is what was created of a chunk whose key has [expired](ErrorKind::KeyExpired). The batch's items are compared
    /// with the chunk's analyses first.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when there is no such chunk whose answer is missing, or the batch has other analyses;
    /// else what listing the items fails with, or [`Journal`](ErrorKind::Journal).
    pub async fn record_batch(&self, chunk: &str, batch: Uuid) -> Result<()> {
        let id = context::find(&self.journal, &self.place).await?;
        let label = chunk.to_owned();
        let expected = self
            .journal
            .run(move |connection| items::references(connection, id, &label))
            .await?;
        let listed = locate::list(&Batch::new(self.core.clone(), Arc::clone(&self.project), batch)).await?;
        let mut found = listed.into_iter().map(|item| item.user_reference).collect::<Vec<_>>();
        found.sort_unstable();
        if expected.is_none_or(|expected| expected != found) {
            let what = format!(
                "batch {batch} is not chunk {chunk} of submission {:?}: its analyses have other user references; look for the right one",
                self.place.name
            );
            return Err(Error::invalid_input(what));
        }
        self.settle(id, chunk, Some(batch)).await
    }

    /// Records that nothing was created of a chunk whose key has [expired](ErrorKind::KeyExpired), as you have seen in ICA. The next run sends it.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when there is no such chunk, or ICA still remembers its key, so that a run finds out by
    /// itself; [`Journal`](ErrorKind::Journal) when the journal cannot be written.
    pub async fn record_absence(&self, chunk: &str) -> Result<()> {
        let id = context::find(&self.journal, &self.place).await?;
        self.settle(id, chunk, None).await
    }

    async fn settle(&self, id: i64, chunk: &str, batch: Option<Uuid>) -> Result<()> {
        let (label, now) = (chunk.to_owned(), millis(self.core.clock().now()));
        let settled = self
            .journal
            .run(move |connection| claims::settle(connection, id, &label, batch, now));
        let what = match settled.await? {
            SettleResult::Recorded => return Ok(()),
            SettleResult::NotNeeded => {
                "needs nothing to be recorded: either its answer is known, or running the submission finds it out; see Journal::inspect"
                    .to_owned()
            }
            SettleResult::Taken(other) => format!("has another batch: this one is that of chunk {other}; look for the right one"),
        };
        Err(Error::invalid_input(format!(
            "chunk {chunk} of submission {:?} {what}",
            self.place.name
        )))
    }
}

/// Why a chunk cannot be sent again.
pub(super) fn refusal(submission: &str, refused: Refused) -> Error {
    let Refused {
        label,
        key,
        sent_at,
        resend,
        references: (head, tail),
        count,
    } = refused;
    let analyses = match count {
        1 => format!("1 analysis, {head}"),
        _ => format!("{count} analyses, {head} to {tail}"),
    };
    let chunk = format!(
        "chunk {label} of submission {submission:?} ({analyses}) was sent at {} and its answer is not known",
        shown(moment(sent_at))
    );
    let error = match resend {
        Resend::ClockBehind => Error::invalid_input(format!(
            "{chunk}, and this machine's clock has not come to that time yet, so nobody knows whether ICA remembers its key: set the clock if it is wrong; \
             if the clock was wrong then, look in the project for these analyses, and record what you find by Submission::record_batch or \
             Submission::record_absence; then run again"
        )),
        _ => Error::new(
            ErrorKind::KeyExpired,
            format!(
                "{chunk}; ICA remembers a key for 7 days, so sending it now could create it twice: look in the project for these analyses, \
                 and record what you find by Submission::record_batch or Submission::record_absence, then run again"
            ),
        ),
    };
    error.with_execution(Execution::Unknown).with_key(key.parse().ok())
}

fn shown(moment: SystemTime) -> String {
    DateTime::<Utc>::from(moment).to_rfc3339_opts(SecondsFormat::Secs, true)
}
