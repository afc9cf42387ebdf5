//! The export of a submission as JSON lines.

use std::io::Write;

use serde::Serialize;
use uuid::Uuid;

use super::handle::Journal;
use super::records::{ChunkState, JournalEntry};
use super::steps::ReportRow;
use crate::error::{Error, ErrorKind, Problem, Result};

/// Number of rows that are read at a time.
const PAGE: usize = 1000;

impl Journal {
    /// Writes a submission as JSON lines, an object for each analysis, in order of position.
    ///
    /// The members are `project`, `submission`, `position`, `userReference`, `kind`, `attempt` (from
    /// 0), `state`, `chunk` and `idempotencyKey`. When they are known, `batch`, `item`, `analysis`,
    /// `creation`, `message` (why ICA could not create the analysis) and `run`, the status of the
    /// run, follow. The rows are read in pages of 1000, so memory does not grow with their number. A
    /// rejected analysis has `rejection` with `status`, `code` and `detail`.
    ///
    /// ```
    /// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
    /// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let journal = Journal::open(folder.path().join("cohort.db"))?;
    /// # let analysis = CreateNextflowAnalysis::builder()
    /// #     .user_reference("sample-7").expect("it is valid")
    /// #     .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
    /// #     .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
    /// #     .build();
    /// # client.project("my-project")?.submission("cohort-42", &journal).analyses([analysis]).plan().await?;
    /// for entry in journal.submissions()? {
    ///     let mut lines = Vec::new();
    ///     journal.export(&entry, &mut lines)?;
    ///     let line: serde_json::Value = serde_json::from_slice(&lines)?;
    ///     assert_eq!((&line["userReference"], &line["state"]), (&"sample-7".into(), &"planned".into()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Journal`](ErrorKind::Journal) when the file cannot be read, or `to` cannot be written.
    pub fn export(&self, entry: &JournalEntry, mut to: impl Write) -> Result<()> {
        let not_written = |error: std::io::Error| {
            let what = format!(
                "could not export {:?} of the journal {}: writing failed; check the target's disk and permissions",
                entry.name,
                self.path().display()
            );
            Error::new(ErrorKind::Journal, what).with_source(error)
        };
        self.store().check(entry.row)?;
        let mut from = 0;
        loop {
            // A slow target must not keep the journal from others, so it is written to between two
            // pages.
            let page = self.store().report(entry.row, from, PAGE)?;
            let Some(last) = page.last() else {
                return to.flush().map_err(not_written);
            };
            from = last.position.saturating_add(1);
            let mut lines = Vec::new();
            for row in &page {
                serde_json::to_writer(&mut lines, &Line::new(entry, row)).map_err(|error| not_written(error.into()))?;
                lines.push(b'\n');
            }
            to.write_all(&lines).map_err(not_written)?;
        }
    }
}

/// Line of an export.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    project: &'a str,
    submission: &'a str,
    position: u64,
    user_reference: &'a str,
    kind: &'static str,
    attempt: u32,
    state: &'static str,
    chunk: &'a str,
    idempotency_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    analysis: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<LineRejection<'a>>,
}

#[derive(Serialize)]
struct LineRejection<'a> {
    status: Option<u16>,
    code: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn new(entry: &'a JournalEntry, row: &'a ReportRow) -> Self {
        let rejection = (row.state == ChunkState::Rejected).then(|| LineRejection {
            status: row.status,
            code: row.problem.as_ref().and_then(Problem::code),
            detail: row.problem.as_ref().and_then(Problem::detail),
        });
        Self {
            project: &entry.project,
            submission: &entry.name,
            position: row.position,
            user_reference: &row.user_reference,
            kind: row.kind.as_str(),
            attempt: row.attempt,
            state: row.state.as_str(),
            chunk: &row.chunk,
            idempotency_key: row.key.as_str(),
            batch: row.batch,
            item: row.item,
            analysis: row.analysis,
            creation: row.creation_status.as_deref(),
            message: row.message.as_deref(),
            run: row.run.as_deref(),
            rejection,
        }
    }
}
