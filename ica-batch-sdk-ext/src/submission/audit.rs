//! Comparison of the journal with the analyses that ICA has, row by row.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::builder::Submission;
use super::{run, search, search_errors};
use crate::error::{NAME, Result, shown};
use crate::journal::{Differing, Naming, Survey};

/// Number of findings that an audit lists.
const LISTED: usize = 1000;

/// Number of analyses that a finding lists.
const ANALYSES: usize = 10;

/// Number of groups of rows that are read at a time.
const PAGE: usize = 1000;

/// Result of comparing a submission's journal with ICA, from [`Submission::audit`].
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
    name: String,
    counts: AuditCounts,
    findings: Vec<AuditFinding>,
}

/// Numbers of an audit.
///
/// ```
/// let counts = ica_batch_sdk_ext::AuditCounts::default();
/// assert_eq!((counts.once, counts.missing), (0, 0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuditCounts {
    /// Rows that the journal has as created, and whose analysis ICA has.
    pub once: u64,
    /// Rows that the journal has as created, and whose analysis ICA does not have.
    pub missing: u64,
    /// Analyses beyond one of each row. An aborted analysis is not counted, nor is one in place of a missing
    /// one.
    pub several: u64,
    /// Analyses of rows that the journal does not have as created. The next run that sends something
    /// records them: of rejected rows that of [`retry_rejected`](Submission::retry_rejected), and after
    /// failed creations that of [`retry_failed_creation`](Submission::retry_failed_creation).
    pub unrecorded: u64,
    /// Analyses with the submission's mark that no row asks for: none has the user reference, or none has
    /// the content.
    pub strangers: u64,
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
    /// Number of rows or analyses that the problem is about.
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
            AuditProblem::Several => "exists several times in ICA",
            AuditProblem::Unrecorded => "exists in ICA, and the journal does not have it as created",
            AuditProblem::Stranger => "exists in ICA with the mark of the submission, which has no such row",
        };
        write!(f, "{}: {what}", shown(&self.user_reference, NAME))?;
        if self.count > 1 {
            write!(f, " ({} times)", self.count)?;
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
            several,
            unrecorded,
            strangers,
            ..
        } = self.counts;
        missing == 0 && several == 0 && unrecorded == 0 && strangers == 0
    }
}

/// A summary in one line.
impl fmt::Display for SubmissionAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AuditCounts {
            once,
            missing,
            several,
            unrecorded,
            strangers,
        } = self.counts;
        write!(f, "submission {:?}: ", self.name)?;
        if self.is_clean() {
            return write!(f, "ICA has each of {once} created analyses once");
        }
        write!(
            f,
            "{once} analyses once, {missing} missing, {several} too many, {unrecorded} not recorded, {strangers} unknown"
        )
    }
}

impl Submission {
    /// Compares the journal with the analyses that ICA has, row by row, without changing anything.
    ///
    /// A row is compared by the id of its analysis if the journal has it, and else by its user reference
    /// and content, of which each analysis has a [mark](Self::marks). Where ICA has analyses that an earlier
    /// release sent without this mark, rows with their user reference are compared by the reference alone.
    ///
    /// The cost is one listing of the analyses with the submission's mark. Memory does not grow with
    /// their number. An analysis that is aborted counts for its row, and not as one too many. Audit
    /// after the [settling time](Self::settling_time) of the last request: a search may find a new
    /// analysis later.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when the journal has no such submission, or
    /// it has no [marks](Self::marks). The errors of a search.
    /// [`Journal`](crate::ErrorKind::Journal).
    pub async fn audit(&self) -> Result<SubmissionAudit> {
        let submission = run::find(&self.journal, &self.id).await?;
        self.journal.check(submission, None).await?;
        let rules = self.journal.rules(submission).await?;
        if !rules.marked {
            return Err(search_errors::no_marks(&self.id));
        }
        let mark = Naming::new(rules.keys, &self.id).submission_mark();
        let mut survey = search::list(&self.journal, &self.api, &self.overrides, submission, &mark).await?;
        let mut audit = SubmissionAudit {
            name: self.id.name.clone(),
            counts: AuditCounts {
                once: survey.totals().await?.created,
                ..AuditCounts::default()
            },
            findings: Vec::new(),
        };
        let mut read = 0_u64;
        loop {
            let page = survey.differing(read, PAGE).await?;
            if page.is_empty() {
                break;
            }
            read = read.saturating_add(page.len() as u64);
            for differing in &page {
                audit.add(&mut survey, differing).await?;
            }
        }
        Ok(audit)
    }
}

impl SubmissionAudit {
    async fn add(&mut self, survey: &mut Survey, differing: &Differing) -> Result<()> {
        let counts = &mut self.counts;
        for (problem, count) in problems(differing) {
            let total = match problem {
                AuditProblem::Missing => &mut counts.missing,
                AuditProblem::Several => &mut counts.several,
                AuditProblem::Unrecorded => &mut counts.unrecorded,
                AuditProblem::Stranger => &mut counts.strangers,
            };
            *total = total.saturating_add(count);
            if problem == AuditProblem::Missing {
                counts.once = counts.once.saturating_sub(count);
            }
            if self.findings.len() < LISTED {
                let seen = survey.analyses(differing, ANALYSES).await?;
                let recorded = seen.iter().filter(|seen| seen.is_recorded).map(|seen| seen.id);
                let lost = differing.lost_analysis.filter(|_| problem == AuditProblem::Missing);
                self.findings.push(AuditFinding {
                    position: differing.position,
                    recorded: lost.into_iter().chain(recorded).collect(),
                    analyses: seen.iter().map(|seen| seen.id).collect(),
                    ..AuditFinding::new(problem, &differing.user_reference, count)
                });
            }
        }
        Ok(())
    }
}

/// Returns what is wrong with rows, and how often.
fn problems(differing: &Differing) -> Vec<(AuditProblem, u64)> {
    let Differing {
        lost,
        created,
        other_rows,
        found,
        aborted,
        strangers,
        ..
    } = *differing;
    let lacking = created.saturating_sub(found);
    let missing = lost.saturating_add(lacking.saturating_sub(aborted));
    let extra = found.saturating_sub(created);
    let unrecorded = extra.min(other_rows);
    // An analysis in place of a lost one is listed with it: the row has one.
    let several = extra.saturating_sub(unrecorded).saturating_sub(lost);
    let all = [
        (AuditProblem::Missing, missing),
        (AuditProblem::Unrecorded, unrecorded),
        (AuditProblem::Several, several),
        (AuditProblem::Stranger, strangers),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{AuditFinding, AuditProblem, problems};
    use crate::journal::Differing;

    #[test]
    fn what_is_wrong_follows_from_the_numbers() {
        use AuditProblem::{Missing, Several, Stranger, Unrecorded};
        let with = |lost, created, other_rows, found, aborted, strangers| {
            problems(&Differing {
                lost,
                created,
                other_rows,
                found,
                aborted,
                strangers,
                ..Differing::default()
            })
        };
        let of = |created, other_rows, found, aborted| with(0, created, other_rows, found, aborted, 0);
        assert_eq!(of(1, 0, 1, 0), []);
        assert_eq!(of(1, 0, 0, 0), [(Missing, 1)]);
        assert_eq!(of(1, 0, 0, 1), [], "it was created and aborted");
        assert_eq!(of(1, 0, 3, 0), [(Several, 2)]);
        assert_eq!(of(1, 0, 1, 2), [], "the further ones were aborted");
        assert_eq!(of(0, 1, 1, 0), [(Unrecorded, 1)]);
        assert_eq!(of(1, 1, 4, 0), [(Unrecorded, 1), (Several, 2)]);
        assert_eq!(with(0, 0, 0, 0, 0, 2), [(Stranger, 2)]);
        assert_eq!(with(0, 1, 0, 1, 0, 2), [(Stranger, 2)], "with other content");
        assert_eq!(with(0, 1, 1, 3, 0, 1), [(Unrecorded, 1), (Several, 1), (Stranger, 1)]);
        assert_eq!(
            with(1, 0, 0, 0, 1, 0),
            [(Missing, 1)],
            "the recorded one is not the aborted one"
        );
        assert_eq!(with(1, 0, 0, 1, 0, 0), [(Missing, 1)], "one in place of it");
        assert_eq!(with(1, 0, 0, 3, 0, 0), [(Missing, 1), (Several, 2)]);
        assert_eq!(with(1, 1, 1, 1, 0, 0), [(Missing, 1)]);
        assert_eq!(with(1, 0, 1, 1, 0, 0), [(Missing, 1), (Unrecorded, 1)]);
    }

    #[test]
    fn a_finding_says_which_analysis_is_recorded() {
        let [first, second] = [1, 2].map(Uuid::from_u128);
        let with = |problem, analyses: &[Uuid], recorded| {
            let finding = AuditFinding {
                analyses: analyses.to_vec(),
                recorded: vec![recorded],
                ..AuditFinding::new(problem, "a", 1)
            };
            finding.to_string()
        };
        assert_eq!(
            with(AuditProblem::Several, &[first, second], first),
            format!("a: exists several times in ICA: analysis {first} (recorded), {second}")
        );
        let missing = |analyses: &[Uuid]| with(AuditProblem::Missing, analyses, first);
        assert_eq!(missing(&[]), format!("a: missing in ICA: recorded analysis {first}"));
        assert_eq!(
            missing(&[second]),
            format!("a: missing in ICA: recorded analysis {first}; ICA has of this row: analysis {second}")
        );
    }
}
