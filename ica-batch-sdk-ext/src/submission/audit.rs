//! Comparison of the journal with the analyses that ICA has, row by row.

use super::audit_report::{AuditCounts, AuditFinding, AuditProblem, SubmissionAudit};
use super::builder::Submission;
use super::{run, search, search_errors};
use crate::error::Result;
use crate::journal::{Differing, Naming, Survey};

/// Number of findings that an audit lists.
const LISTED: usize = 1000;

/// Number of analyses that a finding lists.
const ANALYSES: usize = 10;

/// Number of groups of rows that are read at a time.
const PAGE: usize = 1000;

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
                pending: self.journal.counts(submission).await?.pending(),
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
        let Numbers {
            missing,
            unrecorded,
            several,
            too_many,
        } = numbers(differing);
        counts.once = counts.once.saturating_sub(missing).saturating_sub(several);
        counts.missing = counts.missing.saturating_add(missing);
        counts.several = counts.several.saturating_add(several);
        counts.too_many = counts.too_many.saturating_add(too_many);
        counts.unrecorded = counts.unrecorded.saturating_add(unrecorded);
        counts.strangers = counts.strangers.saturating_add(differing.strangers);
        let all = differing.kept.saturating_add(differing.found);
        let problems = [
            (AuditProblem::Missing, missing, missing),
            (AuditProblem::Unrecorded, unrecorded, unrecorded),
            (AuditProblem::Several, too_many, all),
            (AuditProblem::Stranger, differing.strangers, differing.strangers),
        ];
        for (problem, _, count) in problems.into_iter().filter(|(_, number, _)| *number > 0) {
            counts.findings = counts.findings.saturating_add(1);
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

/// Numbers of rows with the same user reference and content.
#[derive(Debug, PartialEq, Eq)]
struct Numbers {
    /// Created rows without an analysis.
    missing: u64,
    /// Analyses of rows that are not created.
    unrecorded: u64,
    /// Created rows with several analyses. Nothing tells of which rows the further ones are.
    several: u64,
    /// Analyses beyond one of each row.
    too_many: u64,
}

fn numbers(differing: &Differing) -> Numbers {
    let Differing {
        lost,
        kept,
        created,
        other_rows,
        found,
        aborted,
        ..
    } = *differing;
    let lacking = created.saturating_sub(found);
    let missing = lost.saturating_add(lacking.saturating_sub(aborted));
    let extra = found.saturating_sub(created);
    let unrecorded = extra.min(other_rows);
    // An analysis in place of a lost one is listed with it: the row has one.
    let too_many = extra.saturating_sub(unrecorded).saturating_sub(lost);
    let existing = lost
        .saturating_add(kept)
        .saturating_add(created)
        .saturating_sub(missing);
    Numbers {
        missing,
        unrecorded,
        several: too_many.min(existing),
        too_many,
    }
}

#[cfg(test)]
mod tests {
    use super::{Numbers, numbers};
    use crate::journal::Differing;

    #[test]
    fn what_is_wrong_follows_from_the_numbers() {
        let with = |lost, kept, created, other_rows, found, aborted| {
            let Numbers {
                missing,
                unrecorded,
                several,
                too_many,
            } = numbers(&Differing {
                lost,
                kept,
                created,
                other_rows,
                found,
                aborted,
                ..Differing::default()
            });
            [missing, unrecorded, several, too_many]
        };
        let of = |created, other_rows, found, aborted| with(0, 0, created, other_rows, found, aborted);
        assert_eq!(of(1, 0, 1, 0), [0; 4]);
        assert_eq!(of(1, 0, 0, 0), [1, 0, 0, 0]);
        assert_eq!(of(1, 0, 0, 1), [0; 4], "it was created and aborted");
        assert_eq!(of(1, 0, 3, 0), [0, 0, 1, 2]);
        assert_eq!(of(1, 0, 1, 2), [0; 4], "the further ones were aborted");
        assert_eq!(of(0, 1, 1, 0), [0, 1, 0, 0]);
        assert_eq!(of(1, 1, 4, 0), [0, 1, 1, 2]);
        assert_eq!(of(0, 1, 3, 0), [0, 1, 0, 2], "the row is not created");
        assert_eq!(with(0, 1, 0, 0, 2, 0), [0, 0, 1, 2], "the recorded one and two others");
        assert_eq!(with(0, 2, 0, 0, 1, 0), [0, 0, 1, 1], "one of two equal rows");
        assert_eq!(with(0, 2, 0, 0, 5, 0), [0, 0, 2, 5]);
        assert_eq!(
            with(1, 0, 0, 0, 0, 1),
            [1, 0, 0, 0],
            "the recorded one is not the aborted one"
        );
        assert_eq!(with(1, 0, 0, 0, 1, 0), [1, 0, 0, 0], "one in place of it");
        assert_eq!(with(1, 0, 0, 0, 3, 0), [1, 0, 0, 2], "the row is missing");
        assert_eq!(with(1, 0, 1, 1, 1, 0), [1, 0, 0, 0]);
        assert_eq!(with(1, 0, 0, 1, 1, 0), [1, 1, 0, 0]);
    }
}
