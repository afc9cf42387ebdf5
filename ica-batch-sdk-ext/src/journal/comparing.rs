//! Comparisons of a submission with a manifest and with ICA, without blocking.

use super::chunks::ManifestRow;
use super::elsewhere::CreatedElsewhere;
use super::found::{ChunkRow, Differing, FoundAnalysis, SeenAnalysis, Stranger, SurveyTotals};
use super::handle::Journal;
use super::manifest_changes::DuplicateReferences;
use super::naming::Naming;
use super::steps::{AcceptedRow, Differences};
use super::store::{self, Compare};
use crate::error::Result;

/// Comparison of a store, whose operations block and run on threads of their own.
struct OnThread<C: ?Sized> {
    journal: Journal,
    /// None only while an operation runs, and after one was dropped.
    comparison: Option<Box<C>>,
    interrupted: &'static str,
}

impl<C: ?Sized + Send + 'static> OnThread<C> {
    async fn run<T: Send + 'static>(&mut self, act: impl FnOnce(&mut C) -> Result<T> + Send + 'static) -> Result<T> {
        let comparison = self.comparison.take();
        let act = move |_: &dyn store::Store| {
            let mut comparison = comparison;
            let result = comparison.as_deref_mut().map(act);
            Ok((comparison, result))
        };
        let (comparison, result) = self.journal.run(act).await?;
        self.comparison = comparison;
        result.unwrap_or_else(|| Err(self.journal.damaged(self.interrupted)))
    }
}

/// Comparison of a manifest with the recorded rows.
pub(crate) struct Comparison(OnThread<dyn Compare>);

impl Comparison {
    pub(super) fn new(journal: Journal, comparison: Box<dyn Compare>) -> Self {
        Self(OnThread {
            journal,
            comparison: Some(comparison),
            interrupted: "its comparison with a manifest was interrupted",
        })
    }

    /// Adds rows of the manifest, in its order.
    pub(crate) async fn stage(&mut self, rows: Vec<ManifestRow>) -> Result<()> {
        self.0.run(move |comparison| comparison.stage(rows)).await
    }

    /// Compares all rows.
    pub(crate) async fn differences(&mut self) -> Result<Differences> {
        self.0.run(|comparison| comparison.differences()).await
    }

    /// Returns the user references that would occur more than once if the differences were
    /// accepted.
    pub(crate) async fn duplicates(&mut self) -> Result<Option<DuplicateReferences>> {
        self.0.run(|comparison| comparison.duplicates()).await
    }

    /// Returns the added and corrected rows that another submission of the project has created.
    pub(crate) async fn created_elsewhere(&mut self) -> Result<Option<CreatedElsewhere>> {
        self.0.run(|comparison| comparison.created_elsewhere()).await
    }

    /// Returns the added and corrected rows from this number of the manifest on, of about so many
    /// bytes. Empty after the last one.
    pub(crate) async fn accepted(&mut self, from: u64, bytes: usize) -> Result<Vec<AcceptedRow>> {
        self.0.run(move |comparison| comparison.accepted(from, bytes)).await
    }
}

/// Comparison of a submission with analyses that are found in ICA.
pub(crate) struct Survey {
    journal: Journal,
    submission: i64,
    /// None until it is needed: often nothing is found.
    begun: Option<OnThread<dyn store::Survey>>,
    has_found: bool,
}

impl Survey {
    pub(super) fn new(journal: Journal, submission: i64) -> Self {
        Self {
            journal,
            submission,
            begun: None,
            has_found: false,
        }
    }

    async fn run<T: Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut (dyn store::Survey + 'static)) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if let Some(begun) = &mut self.begun {
            return begun.run(act).await;
        }
        let begun = self.begun.insert(OnThread {
            journal: self.journal.clone(),
            comparison: None,
            interrupted: "its comparison with ICA was interrupted",
        });
        let submission = self.submission;
        let begin = move |store: &dyn store::Store| {
            let mut survey = store.survey(submission)?;
            let result = act(&mut *survey);
            Ok((survey, result))
        };
        let (survey, result) = self.journal.run(begin).await?;
        begun.comparison = Some(survey);
        result
    }

    /// Returns whether analyses were [added](Self::add).
    pub(crate) fn has_found(&self) -> bool {
        self.has_found
    }

    /// Adds analyses that were found.
    pub(crate) async fn add(&mut self, found: Vec<FoundAnalysis>) -> Result<()> {
        self.has_found |= !found.is_empty();
        self.run(move |survey| survey.add(found)).await
    }

    /// Removes the analyses of the rows that the journal has as created, each once. To be called once
    /// after a list: it would take a second analysis of a row for the known one.
    pub(crate) async fn remove_known(&mut self, naming: &Naming) -> Result<()> {
        let naming = naming.clone();
        self.run(move |survey| survey.remove_known(&naming)).await
    }

    /// Keeps the analyses with the mark of a chunk for its rows, so that no other chunk takes them.
    pub(crate) async fn claim(&mut self, chunk: i64, rows: &[ChunkRow], chunk_mark: String) -> Result<()> {
        let own = rows.iter().filter(|row| row.is_own).cloned().collect::<Vec<_>>();
        self.run(move |survey| own.iter().try_for_each(|row| survey.claim(row, &chunk_mark, chunk)))
            .await
    }

    /// Removes and returns the analyses of a chunk with this mark: those of its rows, each once. Those
    /// with another mark are the ones that no chunk [claimed](Self::claim).
    pub(crate) async fn take(
        &mut self,
        chunk: i64,
        rows: &[ChunkRow],
        chunk_mark: String,
    ) -> Result<Vec<FoundAnalysis>> {
        if !self.has_found {
            return Ok(Vec::new());
        }
        let own = rows.iter().filter(|row| row.is_own).cloned().collect::<Vec<_>>();
        self.run(move |survey| {
            let mut found = Vec::new();
            for row in own {
                found.extend(survey.take(&row, &chunk_mark, chunk)?);
            }
            Ok(found)
        })
        .await
    }

    /// Returns user references of rows whose analyses were not removed, except for runs that failed or
    /// were aborted, and new attempts of such rows.
    pub(crate) async fn left(&mut self, limit: usize) -> Result<Vec<String>> {
        self.run(move |survey| survey.left(limit)).await
    }

    /// Returns user references of analyses that no row asks for. Aborted ones do not count.
    pub(crate) async fn strangers(&mut self, limit: usize) -> Result<Vec<Stranger>> {
        self.run(move |survey| survey.strangers(limit)).await
    }

    /// Returns the totals.
    pub(crate) async fn totals(&mut self) -> Result<SurveyTotals> {
        self.run(|survey| survey.totals()).await
    }

    /// Returns rows whose analyses are not those that the journal has, from this number on.
    pub(crate) async fn differing(&mut self, from: u64, limit: usize) -> Result<Vec<Differing>> {
        self.run(move |survey| survey.differing(from, limit)).await
    }

    /// Returns analyses that were found of these rows. Those that the journal recorded come first.
    pub(crate) async fn analyses(&mut self, of: &Differing, limit: usize) -> Result<Vec<SeenAnalysis>> {
        let (user_reference, row_mark) = (of.user_reference.clone(), of.row_mark.clone());
        self.run(move |survey| survey.analyses(&user_reference, row_mark.as_deref(), limit))
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::Survey;
    use crate::journal::found::{ChunkRow, FoundAnalysis};
    use crate::journal::handle::Journal;
    use crate::journal::kind::AnalysisKind;
    use crate::journal::suite::{batch, id, planned};

    fn found() -> Vec<FoundAnalysis> {
        vec![FoundAnalysis {
            id: batch(1),
            user_reference: "a".to_owned(),
            chunk_mark: "m".to_owned(),
            row_mark: None,
            run: "SUCCEEDED".to_owned(),
        }]
    }

    async fn take(survey: &mut Survey) -> crate::error::Result<Vec<FoundAnalysis>> {
        let row = ChunkRow {
            position: 0,
            user_reference: "a".to_owned(),
            mark: String::new(),
            is_again: false,
            kind: AnalysisKind::Nextflow,
            is_own: true,
            is_created: false,
            analysis: None,
        };
        survey.take(1, &[row], "m".to_owned()).await
    }

    fn survey(folder: &tempfile::TempDir) -> Survey {
        let journal = Journal::open(folder.path().join("journal.db")).unwrap();
        let submission = planned(journal.store(), &id("u", "p", "n"));
        journal.survey(submission)
    }

    #[tokio::test]
    async fn a_survey_begins_when_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let mut survey = survey(&folder);
        assert_eq!(take(&mut survey).await.unwrap(), []);
        assert!(survey.begun.is_none() && !survey.has_found(), "nothing was found");
        assert_eq!(survey.totals().await.unwrap().found, 0);
        survey.add(found()).await.unwrap();
        assert!(survey.has_found());
        assert_eq!(take(&mut survey).await.unwrap(), found());
    }

    #[tokio::test]
    async fn what_an_interrupted_survey_would_have_is_not_missing_without_notice() {
        let folder = tempfile::tempdir().unwrap();
        let mut survey = survey(&folder);
        {
            let mut adding = std::pin::pin!(survey.add(found()));
            let pending = adding.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(pending.is_pending());
        }
        let error = take(&mut survey).await.unwrap_err();
        assert!(error.to_string().contains("was interrupted"), "{error}");
    }
}
