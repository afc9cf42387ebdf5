//! The events of a run.

use std::fmt;
use std::time::SystemTime;

use chrono::SecondsFormat;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::last_failure::LastFailure;
use super::outcome::SubmittedAnalysis;
use super::report::SubmissionReport;
use super::wait_report::{SubmissionWaitProgress, SubmissionWaitReport};
use crate::error::{NAME, counted, shown};
use crate::idempotency::IdempotencyKey;
use crate::journal::rfc3339;
use crate::pace::PauseReason;

/// Event of a run.
///
/// ```
/// use ica_batch_sdk_ext::{ChunkRows, SubmissionEvent};
///
/// let rows = ChunkRows::new("sample-700", "sample-799", 100);
/// let event = SubmissionEvent::Split { chunk: "7".to_owned(), rows };
/// assert_eq!(event.to_string(), "chunk 7 was rejected and split (sample-700 to sample-799)");
/// let json = serde_json::to_value(&event)?;
/// assert_eq!((&json["event"], &json["rows"]["count"]), (&"split".into(), &100.into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum SubmissionEvent {
    /// The run waits until it owns the journal.
    WaitingForOwner {
        /// Who uses the journal, and since when.
        reason: String,
    },
    /// The manifest is being read.
    Planning {
        /// Number of rows read so far.
        rows: u64,
    },
    /// The whole submission is in the journal, and sending begins.
    Planned,
    /// The batch of a chunk exists and is recorded.
    Created {
        /// Label of the chunk.
        chunk: String,
        /// Rows of the chunk.
        rows: ChunkRows,
        /// Idempotency key of the chunk.
        key: IdempotencyKey,
        /// Id of the batch.
        batch: Uuid,
    },
    /// ICA has analyses of the submission that the journal does not have: it is new, or a copy. They
    /// are recorded before anything is sent.
    FoundUnrecorded {
        /// Number of these analyses.
        analyses: u64,
    },
    /// Analyses of a chunk whose response is not known were found in ICA and recorded.
    Adopted {
        /// Label of the chunk.
        chunk: String,
        /// Rows of the chunk.
        rows: ChunkRows,
        /// Number of rows whose analysis was found. The others are sent in chunks of their own.
        found: u64,
        /// User references of analyses with the chunk's mark that no row has: they exist several
        /// times.
        several: Vec<String>,
    },
    /// ICA has more analyses than the submission has rows. Each row is settled. The run ends with the
    /// error [`DuplicateAnalyses`](crate::ErrorKind::DuplicateAnalyses), after the wait if there is one.
    DuplicatesFound {
        /// User references of these analyses, the first 1000.
        references: Vec<String>,
    },
    /// ICA rejected a chunk, and its halves replace it.
    Split {
        /// Label of the chunk.
        chunk: String,
        /// Rows of the chunk.
        rows: ChunkRows,
    },
    /// ICA rejected an analysis.
    Rejected(SubmittedAnalysis),
    /// A chunk has no outcome yet, and is taken again later. The run goes on with others.
    SetAside {
        /// Label of the chunk.
        chunk: String,
        /// Rows of the chunk.
        rows: ChunkRows,
        /// Why it has no outcome.
        failure: LastFailure,
        /// Whether the outcome of its last request is not known. ICA is then searched for its
        /// analyses, and it is sent again only if none exists.
        is_searched: bool,
        /// Time when it is searched for or sent again at the earliest.
        #[serde(serialize_with = "time")]
        until: SystemTime,
    },
    /// Many chunks failed one after the other, as in an outage. Until a response arrives, the run
    /// sends one chunk at a time, with growing pauses.
    Paused {
        /// Last failure.
        failure: LastFailure,
        /// Time of the next request.
        #[serde(serialize_with = "time")]
        until: SystemTime,
    },
    /// A request of the run failed, and its call sends it again. At most a hundred of these wait to
    /// be read.
    Retrying {
        /// Id of the operation, such as `create_analysis_creation_batch`.
        operation: String,
        /// Failure of the last attempt, and the number of attempts so far.
        failure: LastFailure,
        /// Time of the next attempt.
        #[serde(serialize_with = "time")]
        until: SystemTime,
    },
    /// A call of the run waits, because the client [pauses](crate::pace) all of its requests. Each
    /// pause is told once.
    ClientPaused {
        /// Reason of the pause.
        reason: PauseReason,
        /// Time until which the client sends nothing.
        #[serde(serialize_with = "time")]
        until: SystemTime,
    },
    /// The analyses of the submission could not be searched for, and are searched for again later.
    /// Until then, a run does not send the chunks that depend on the search, and a wait polls the
    /// batches instead.
    SearchSetAside {
        /// Why they could not be listed.
        failure: LastFailure,
        /// Time when they are listed again at the earliest.
        #[serde(serialize_with = "time")]
        until: SystemTime,
    },
    /// The [stop handle](super::Submission::stop_handle) was used. The chunks in flight are waited
    /// for.
    Stopping,
    /// The items of a batch were listed and recorded.
    ItemsListed {
        /// Label of the batch's chunk.
        chunk: String,
        /// Id of the batch.
        batch: Uuid,
        /// Number of its items.
        items: u64,
        /// Number of those that ICA could not create.
        not_created: u64,
    },
    /// The items of a batch could not be listed, and are listed again later.
    ListingSetAside {
        /// Label of the batch's chunk.
        chunk: String,
        /// Id of the batch.
        batch: Uuid,
        /// Why they could not be listed.
        failure: LastFailure,
        /// Time when they are listed again at the earliest.
        #[serde(serialize_with = "time")]
        until: SystemTime,
    },
    /// The deadline of the run or a stop ended the lists of items. Each analysis is settled, and the
    /// report [lacks](crate::SubmissionReport::has_all_items) the ids of some. The next run lists them.
    /// [`Finished`](Self::Finished) follows.
    ListingEnded {
        /// Number of batches whose items were not listed.
        unlisted: u64,
        /// Last failure of a list, if one failed.
        failure: Option<LastFailure>,
    },
    /// The run has ended, and each analysis is settled.
    Finished(SubmissionReport),
    /// Batches were polled, by a [wait](super::Submission::wait).
    Waiting(SubmissionWaitProgress),
    /// A batch could not be polled, and is polled again later.
    PollFailed {
        /// Label of the batch's chunk.
        chunk: String,
        /// Id of the batch, if it is known.
        batch: Option<Uuid>,
        /// Why it could not be polled.
        failure: LastFailure,
    },
    /// The wait has ended, and nothing more is waited for.
    Ended(SubmissionWaitReport),
}

impl fmt::Display for SubmissionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WaitingForOwner { reason } => write!(f, "waiting for the journal: {reason}"),
            Self::Planning { rows } => write!(f, "planning; {rows} rows read"),
            Self::Planned => f.write_str("planned"),
            Self::Created { chunk, rows, batch, .. } => {
                write!(f, "chunk {chunk} was created as batch {batch} ({rows})")
            }
            Self::FoundUnrecorded { analyses } => {
                write!(
                    f,
                    "{analyses} analyses that the journal does not have were found in ICA"
                )
            }
            Self::Adopted {
                chunk,
                rows,
                found,
                several,
            } => {
                let count = rows.count;
                write!(
                    f,
                    "{found} of {count} analyses of chunk {chunk} were found in ICA ({rows})"
                )?;
                match several.len() {
                    0 => Ok(()),
                    several => write!(f, ", and {several} exist several times"),
                }
            }
            Self::DuplicatesFound { references } => {
                let count = counted(references.len() as u64, "user reference");
                write!(f, "ICA has more analyses than rows for {count}")
            }
            Self::Split { chunk, rows } => write!(f, "chunk {chunk} was rejected and split ({rows})"),
            Self::Rejected(analysis) => analysis.fmt(f),
            Self::SetAside {
                chunk,
                rows,
                failure,
                until,
                ..
            } => {
                let until = text(*until);
                write!(f, "chunk {chunk} is set aside until {until} ({rows}): {failure}")
            }
            Self::Paused { failure, until } => write!(f, "paused until {}: {failure}", text(*until)),
            Self::Retrying {
                operation,
                failure,
                until,
            } => write!(f, "{operation} is sent again at {}: {failure}", text(*until)),
            Self::ClientPaused { reason, until } => {
                write!(f, "no request is sent until {}: {reason}", text(*until))
            }
            Self::SearchSetAside { failure, until } => {
                let until = text(*until);
                write!(
                    f,
                    "the analyses of the submission are listed again after {until}: {failure}"
                )
            }
            Self::Stopping => f.write_str("stopping"),
            Self::ItemsListed {
                chunk,
                batch,
                items,
                not_created,
            } => {
                write!(f, "{items} items of batch {batch} were listed (chunk {chunk})")?;
                match not_created {
                    0 => Ok(()),
                    _ => write!(f, ", {not_created} were not created"),
                }
            }
            Self::ListingSetAside {
                batch, failure, until, ..
            } => {
                let until = text(*until);
                write!(
                    f,
                    "the items of batch {batch} are listed again after {until}: {failure}"
                )
            }
            Self::ListingEnded { unlisted, failure } => {
                let batches = if *unlisted == 1 { "batch" } else { "batches" };
                write!(f, "the items of {unlisted} {batches} were not listed")?;
                match failure {
                    Some(failure) => write!(f, ": {failure}"),
                    None => Ok(()),
                }
            }
            Self::Finished(report) => write!(f, "finished {report}"),
            Self::Waiting(progress) => progress.fmt(f),
            Self::PollFailed { chunk, failure, .. } => {
                write!(f, "the batch of chunk {chunk} could not be polled: {failure}")
            }
            Self::Ended(report) => write!(f, "ended {report}"),
        }
    }
}

/// Rows of a chunk, by the user references of the first and the last.
///
/// ```
/// use ica_batch_sdk_ext::ChunkRows;
///
/// assert_eq!(ChunkRows::new("sample-1", "sample-9", 9).to_string(), "sample-1 to sample-9");
/// assert_eq!(ChunkRows::new("sample-1", "sample-1", 1).to_string(), "sample-1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChunkRows {
    /// User reference of the first row.
    pub first: String,
    /// User reference of the last row.
    pub last: String,
    /// Number of rows.
    pub count: u64,
    /// Position of the first row in the submission, from 0.
    pub first_position: u64,
}

impl ChunkRows {
    /// Creates the rows from position 0 on, for tests of a program that handles them. The fields
    /// can be changed.
    pub fn new(first: impl Into<String>, last: impl Into<String>, count: u64) -> Self {
        Self {
            first: first.into(),
            last: last.into(),
            count,
            first_position: 0,
        }
    }
}

impl fmt::Display for ChunkRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.first, NAME))?;
        match self.count {
            0 | 1 => Ok(()),
            _ => write!(f, " to {}", shown(&self.last, NAME)),
        }
    }
}

fn text(time: SystemTime) -> String {
    rfc3339(time, SecondsFormat::Secs)
}

fn time<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*time, SecondsFormat::Millis))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use uuid::Uuid;

    use super::{ChunkRows, SubmissionEvent};
    use crate::error::ErrorKind;
    use crate::submission::last_failure::LastFailure;

    #[test]
    fn an_event_names_rows_and_reason() {
        let mut failure = LastFailure::new(ErrorKind::Server, "server error (HTTP 503)");
        failure.failures = 2;
        let until = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_464_900);
        let event = SubmissionEvent::SetAside {
            chunk: "0.1".to_owned(),
            rows: ChunkRows::new("a", "b", 2),
            failure: failure.clone(),
            is_searched: true,
            until,
        };
        assert_eq!(
            event.to_string(),
            "chunk 0.1 is set aside until 2026-11-23T20:15:00Z (a to b): server error (HTTP 503), after 2 failures"
        );
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(
            (&json["event"], &json["failure"]["kind"]),
            (&"set_aside".into(), &"server".into())
        );
        assert_eq!(json["isSearched"], true);
        assert_eq!(json["until"], "2026-11-23T20:15:00.000Z");
        let event = SubmissionEvent::ListingSetAside {
            chunk: "0".to_owned(),
            batch: Uuid::nil(),
            failure,
            until,
        };
        assert!(
            event
                .to_string()
                .ends_with("listed again after 2026-11-23T20:15:00Z: server error (HTTP 503), after 2 failures")
        );
    }
}
