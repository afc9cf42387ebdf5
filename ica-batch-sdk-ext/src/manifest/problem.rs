//! Problems of a manifest: each with its place, a reason and what to do.

use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;

use crate::error::{Error, NAME, SENTENCE, counted, shown};

/// Number of problems that an error's sentence has.
const NAMED: usize = 3;

/// Longest reason, in characters. It may have a list of similar names.
const REASON: usize = 2 * SENTENCE;

/// A problem of a manifest, with its place, the reason and what to do.
///
/// [`ManifestProblems`] has an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ManifestProblem {
    /// Line of the file, from 1, in which the row begins. For data and names of a sample in a sample
    /// sheet, it is the first row of the sample. None for a problem of the whole file.
    pub line: Option<u64>,
    /// Name of the column, as in the file or as in the docs of the format.
    pub column: Option<String>,
    /// User reference of the row, if it is known.
    pub user_reference: Option<String>,
    /// Reason, and what to do.
    pub reason: String,
}

impl ManifestProblem {
    /// Returns a problem of a line.
    pub(super) fn at(line: u64, reason: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            column: None,
            user_reference: None,
            reason: shown(&reason.into(), REASON),
        }
    }

    /// Returns a problem of the whole file.
    pub(super) fn of_file(reason: impl Into<String>) -> Self {
        Self {
            line: None,
            ..Self::at(0, reason)
        }
    }

    pub(super) fn column(mut self, column: &str) -> Self {
        self.column = Some(shown(column, NAME));
        self
    }

    pub(super) fn user_reference(mut self, reference: &str) -> Self {
        self.user_reference = (!reference.is_empty()).then(|| shown(reference, NAME));
        self
    }
}

impl fmt::Display for ManifestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut place = Vec::new();
        if let Some(line) = self.line {
            place.push(format!("line {line}"));
        }
        if let Some(column) = &self.column {
            place.push(format!("column {column:?}"));
        }
        if let Some(reference) = &self.user_reference {
            place.push(format!("analysis {reference:?}"));
        }
        match place.is_empty() {
            true => f.write_str(&self.reason),
            false => write!(f, "{}: {}", place.join(", "), self.reason),
        }
    }
}

impl StdError for ManifestProblem {}

/// Problems of a manifest, from [`Error::manifest_problems`]. All are counted, and the first 100 are
/// kept unless another [limit](crate::Preflight::problem_limit) is set.
///
/// [`Display`](fmt::Display) writes one problem per line, for people.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{ManifestFile, ManifestFormat};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Client::builder().credentials(Credentials::api_key_direct("my-api-key")?).build()?;
/// # let project = client.project("my-project")?;
/// let text = "user_reference,pipline\nsample-1,Germline\n";
/// let manifest = ManifestFile::from_reader("cohort.csv", ManifestFormat::Csv, text.as_bytes())?;
/// let error = project.preflight(manifest).await.unwrap_err();
/// let problems = error.manifest_problems().expect("a column is misspelled");
/// assert_eq!((problems.count(), problems.problems()[0].line), (2, Some(1)));
/// assert!(problems.problems()[0].reason.contains("did you mean \"pipeline\"?"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestProblems {
    file: String,
    count: u64,
    problems: Vec<ManifestProblem>,
    #[serde(skip)]
    limit: usize,
}

impl ManifestProblems {
    pub(super) fn new(file: &str, limit: usize) -> Self {
        Self {
            file: shown(file, SENTENCE),
            count: 0,
            problems: Vec::new(),
            limit,
        }
    }

    /// Returns the name of the manifest.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the first problems in the order of the file.
    pub fn problems(&self) -> &[ManifestProblem] {
        &self.problems
    }

    /// Returns the number of problems, also of those that are not kept.
    pub fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn add(&mut self, problem: ManifestProblem) {
        self.count = self.count.saturating_add(1);
        if self.problems.len() < self.limit {
            self.problems.push(problem);
        }
    }

    /// Returns the maximum number of problems that are kept.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Adds the first ones of further problems, each before those of the same line.
    pub(super) fn add_in_order(&mut self, mut first: Vec<ManifestProblem>, count: u64) {
        self.count = self.count.saturating_add(count);
        first.append(&mut self.problems);
        first.sort_by_key(|problem| problem.line);
        first.truncate(self.limit);
        self.problems = first;
    }

    /// Returns the error of these problems.
    pub(super) fn into_error(self) -> Error {
        let named = self.problems.iter().take(NAMED).map(ManifestProblem::to_string);
        let mut texts = named.collect::<Vec<_>>();
        let more = self.count.saturating_sub(texts.len() as u64);
        if more > 0 {
            texts.push(format!("and {more} more"));
        }
        let what = format!(
            "it has {}, and nothing was sent: {}",
            counted(self.count, "problem"),
            texts.join("; ")
        );
        Error::invalid_input(what)
            .could_not(format!("use manifest {:?}", self.file))
            .with_advice("correct them, see Error::manifest_problems for all, and try again")
            .with_source(self)
    }
}

impl fmt::Display for ManifestProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, counted(self.count, "problem"))?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        match self.count.saturating_sub(self.problems.len() as u64) {
            0 => Ok(()),
            more => write!(f, "\n  … and {more} more"),
        }
    }
}

impl StdError for ManifestProblems {}

impl Error {
    /// Returns the problems of a manifest, if they are the reason of the error.
    pub fn manifest_problems(&self) -> Option<&ManifestProblems> {
        StdError::source(self)?.downcast_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::{ManifestProblem, ManifestProblems};

    fn problems(number: u64, limit: usize) -> ManifestProblems {
        let mut problems = ManifestProblems::new("a.csv", limit);
        for line in 1..=number {
            problems.add(ManifestProblem::at(line, "it is bad").column("tags"));
        }
        problems
    }

    #[test]
    fn all_are_counted_and_the_first_are_kept() {
        let five = problems(5, 2);
        assert_eq!((five.count(), five.problems().len(), five.file()), (5, 2, "a.csv"));
        let lines = "a.csv: 5 problems\n  line 1, column \"tags\": it is bad\n  line 2, column \"tags\": it is bad\n  … and 3 more";
        assert_eq!(five.to_string(), lines);
        let one = problems(1, 2).to_string();
        assert_eq!(one, "a.csv: 1 problem\n  line 1, column \"tags\": it is bad");
        let json = serde_json::to_value(&five).unwrap();
        assert_eq!((&json["count"], &json["problems"][1]["line"]), (&5.into(), &2.into()));
    }

    #[test]
    fn the_error_has_the_first_and_the_number_of_all() {
        let error = problems(5, 100).into_error();
        assert_eq!(
            error.to_string(),
            "could not use manifest \"a.csv\": it has 5 problems, and nothing was sent: line 1, column \"tags\": it is \
             bad; line 2, column \"tags\": it is bad; line 3, column \"tags\": it is bad; and 2 more; correct them, see \
             Error::manifest_problems for all, and try again"
        );
        assert_eq!(error.manifest_problems().unwrap().count(), 5);
    }

    #[test]
    fn a_place_has_what_is_known() {
        let text = |problem: ManifestProblem| problem.to_string();
        assert_eq!(text(ManifestProblem::of_file("it is empty")), "it is empty");
        let problem = ManifestProblem::at(2, "no\nline").user_reference("s-1");
        assert_eq!(text(problem), "line 2, analysis \"s-1\": no line");
        assert_eq!(text(ManifestProblem::at(2, "x").user_reference("")), "line 2: x");
    }
}
