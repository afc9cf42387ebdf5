//! Result of comparing the journal with the analyses that ICA has.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use crate::error::{NAME, counted, shown};

/// Result of comparing a submission's journal with ICA, from [`Submission::audit`](crate::Submission::audit).
///
/// ```
/// # use ica_batch_sdk_ext::types::{CreateNextflowAnalysis, NextflowAnalysisInput};
/// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::builder()
/// #     .lifecycle(ica_simulator::Lifecycle::instant()).start()?;
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// # let folder = tempfile::tempdir()?;
/// # let journal = Journal::open(folder.path().join("cohort.db"))?;
/// # let manifest = (0..3).map(|sample| {
/// #     CreateNextflowAnalysis::builder()
/// #         .user_reference(format!("sample-{sample}")).expect("it is valid")
/// #         .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
/// #         .analysis_input(NextflowAnalysisInput::builder().inputs(vec![]).build())
/// #         .build()
/// # });
/// project.submission("cohort-42", &journal).analyses(manifest).run().await?;
/// let audit = project.submission("cohort-42", &journal).audit().await?;
/// for finding in audit.findings() {
///     println!("{finding}");
/// }
/// assert!(audit.is_clean());
/// assert_eq!(audit.to_string(), "submission \"cohort-42\": ICA has each of 3 created analyses once");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubmissionAudit {
    pub(super) name: String,
    pub(super) counts: AuditCounts,
    pub(super) findings: Vec<AuditFinding>,
}

/// Numbers of an audit. The rows that the journal has as created are those of `once`, `missing` and
/// `several` together.
///
/// ```
/// let counts = ica_batch_sdk_ext::AuditCounts::default();
/// assert_eq!((counts.once, counts.missing), (0, 0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuditCounts {
    /// Rows that the journal has as created, and of which ICA has one analysis.
    pub once: u64,
    /// Rows that the journal has as created, and whose analysis ICA does not have.
    pub missing: u64,
    /// Rows that the journal has as created, and of which ICA has several analyses.
    pub several: u64,
    /// Analyses beyond one of each row. An aborted analysis is not counted, nor is one in place of a missing
    /// one.
    pub too_many: u64,
    /// Analyses of rows that the journal does not have as created. The next run that sends something
    /// records them: of rejected rows that of [`retry_rejected`](crate::Submission::retry_rejected), and after
    /// failed creations that of [`retry_failed_creation`](crate::Submission::retry_failed_creation).
    pub unrecorded: u64,
    /// Analyses with the submission's mark that no row asks for: none has the user reference, or none has
    /// the content.
    pub strangers: u64,
    /// Rows that the journal has as not created yet, because they have no response. The next run creates
    /// them. They do not count as differences: ICA may have the analyses of some, which are
    /// [`unrecorded`](Self::unrecorded) then.
    pub pending: u64,
    /// Findings. The first 1000 are [listed](SubmissionAudit::findings).
    pub findings: u64,
}

/// Finding of an audit about a row, or about rows with the same user reference and content.
///
/// ```
/// use ica_batch_sdk_ext::{AuditFinding, AuditProblem};
///
/// let finding = AuditFinding::new(AuditProblem::Missing, "sample-7", 1);
/// assert_eq!(finding.to_string(), "sample-7: missing in ICA");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuditFinding {
    /// Kind of the finding.
    pub problem: AuditProblem,
    /// User reference.
    pub user_reference: String,
    /// Position of the row in the submission, from 0: of the first one, if there are several. None if no
    /// row asks for the analyses.
    pub position: Option<u64>,
    /// Number of rows that are missing, or of analyses. Those of [`Several`](AuditProblem::Several) are all
    /// that ICA has of the row, or of the rows with the same user reference and content: an aborted one
    /// counts only if the journal recorded it.
    pub count: u64,
    /// Analyses that ICA has of the row, the first 10. Those that the journal recorded come first.
    pub analyses: Vec<Uuid>,
    /// Analyses that the journal recorded for the row: one that ICA does not have, and those of
    /// [`analyses`](Self::analyses).
    pub recorded: Vec<Uuid>,
}

/// Difference between the journal and ICA that an audit found.
///
/// ```
/// use ica_batch_sdk_ext::AuditProblem;
///
/// assert_eq!(serde_json::to_string(&AuditProblem::Several)?, "\"several\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuditProblem {
    /// The journal has a row as created, and ICA does not have its analysis.
    Missing,
    /// ICA has more analyses than there are rows.
    Several,
    /// ICA has the analysis of a row that the journal does not have as created.
    Unrecorded,
    /// ICA has an analysis with the submission's mark that no row asks for.
    Stranger,
}

impl AuditFinding {
    /// Creates a finding without analyses, for tests of a program that handles one.
    pub fn new(problem: AuditProblem, user_reference: impl Into<String>, count: u64) -> Self {
        Self {
            problem,
            user_reference: user_reference.into(),
            position: None,
            count,
            analyses: Vec::new(),
            recorded: Vec::new(),
        }
    }
}

impl fmt::Display for AuditFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            AuditProblem::Missing => "missing in ICA",
            AuditProblem::Several if self.count > 1 => "exists in ICA",
            AuditProblem::Several => "exists several times in ICA",
            AuditProblem::Unrecorded => "exists in ICA, and the journal does not have it as created",
            AuditProblem::Stranger => "exists in ICA with the mark of the submission, which has no such row",
        };
        write!(f, "{}: {what}", shown(&self.user_reference, NAME))?;
        if self.count > 1 {
            write!(f, " {} times", self.count)?;
        }
        let mut lost = self.recorded.iter().filter(|id| !self.analyses.contains(id));
        if let Some(lost) = lost.next() {
            write!(f, ": recorded analysis {lost}")?;
        }
        for (number, id) in self.analyses.iter().enumerate() {
            match (number, self.problem) {
                (0, AuditProblem::Missing) => write!(f, "; ICA has of this row: analysis {id}")?,
                (0, _) => write!(f, ": analysis {id}")?,
                _ => write!(f, ", {id}")?,
            }
            if self.recorded.contains(id) {
                write!(f, " (recorded)")?;
            }
        }
        Ok(())
    }
}

impl SubmissionAudit {
    /// Returns the submission's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the numbers.
    pub fn counts(&self) -> AuditCounts {
        self.counts
    }

    /// Returns the first 1000 findings, in the order of the user references.
    pub fn findings(&self) -> &[AuditFinding] {
        &self.findings
    }

    /// Returns whether ICA has exactly the analyses that the journal has as created.
    pub fn is_clean(&self) -> bool {
        let AuditCounts {
            missing,
            too_many,
            unrecorded,
            strangers,
            ..
        } = self.counts;
        missing == 0 && too_many == 0 && unrecorded == 0 && strangers == 0
    }
}

/// A summary in one line.
impl fmt::Display for SubmissionAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AuditCounts {
            once,
            missing,
            several,
            too_many,
            unrecorded,
            strangers,
            pending,
            findings: _,
        } = self.counts;
        write!(f, "submission {:?}: ", self.name)?;
        match self.is_clean() {
            true => write!(f, "ICA has each of {once} created analyses once")?,
            false => write!(
                f,
                "{} once, {missing} missing, {several} several times ({} too many), {unrecorded} not recorded, {strangers} unknown",
                counted(once, "row"),
                match too_many {
                    1 => "1 analysis".to_owned(),
                    number => format!("{number} analyses"),
                },
            )?,
        }
        match pending {
            0 => Ok(()),
            pending => write!(f, "; the journal has {} as not created yet", counted(pending, "row")),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{AuditFinding, AuditProblem};

    #[test]
    fn a_finding_says_which_analysis_is_recorded() {
        let [first, second] = [1, 2].map(Uuid::from_u128);
        let with = |problem, analyses: &[Uuid], recorded| {
            let finding = AuditFinding {
                analyses: analyses.to_vec(),
                recorded: vec![recorded],
                ..AuditFinding::new(problem, "a", analyses.len() as u64)
            };
            finding.to_string()
        };
        assert_eq!(
            with(AuditProblem::Several, &[first, second], first),
            format!("a: exists in ICA 2 times: analysis {first} (recorded), {second}")
        );
        let missing = |analyses: &[Uuid]| with(AuditProblem::Missing, analyses, first);
        assert_eq!(missing(&[]), format!("a: missing in ICA: recorded analysis {first}"));
        assert_eq!(
            missing(&[second]),
            format!("a: missing in ICA: recorded analysis {first}; ICA has of this row: analysis {second}")
        );
    }
}
