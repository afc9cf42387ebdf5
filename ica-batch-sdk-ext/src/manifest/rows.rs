//! The rows of a manifest, in the order of the file.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt;
use std::io;

use super::columns::Expected;
use super::defaults::{DefaultValue, ManifestDefaults};
use super::format::ManifestFormat;
use super::json_lines::JsonLines;
use super::lines::{Bytes, Lines};
use super::problem::ManifestProblem;
use super::records::Records;
use super::row::ManifestRow;
use super::sample_sheet::{Joined, join};
use super::table::{FastqCodes, Table};
use super::usage::Usage;

/// Iterator over the rows of a manifest with its defaults, from
/// [`ManifestFile::rows`](crate::ManifestFile::rows). It sends nothing.
///
/// A row with problems is an error for each of them, and the rows after it follow. Only one row is in
/// memory, up to 1 MiB. A sample sheet is in memory as a whole, up to 64 MiB.
///
/// ```
/// use ica_batch_sdk_ext::{ManifestFile, ManifestFormat};
///
/// let text = "user_reference,pipeline\nsample-1,Germline\nsample-2\nsample-3,Germline\n";
/// let manifest = ManifestFile::from_reader("example", ManifestFormat::Csv, text.as_bytes())?;
/// let (mut rows, mut problems) = (Vec::new(), Vec::new());
/// for row in manifest.rows() {
///     match row {
///         Ok(row) => rows.push((row.line(), row.user_reference)),
///         Err(problem) => problems.push(problem),
///     }
/// }
/// assert_eq!(rows, [(Some(2), "sample-1".to_owned()), (Some(4), "sample-3".to_owned())]);
/// assert_eq!(problems[0].line, Some(3));
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[must_use = "rows are read when the iterator is advanced"]
pub struct ManifestRows {
    reader: Reader,
    defaults: ManifestDefaults,
    problems: VecDeque<ManifestProblem>,
    is_empty: bool,
    /// Codes of the columns.
    usage: Usage,
    unused: Unused,
}

/// Settings that no row and no column has used.
#[derive(Debug, Default)]
pub(super) struct Unused {
    pub(super) defaults: BTreeSet<DefaultValue>,
    /// Names of columns to ignore.
    pub(super) columns: BTreeSet<String>,
}

/// How the rows of a manifest are read.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) format: ManifestFormat,
    pub(super) defaults: ManifestDefaults,
    pub(super) expected: Expected,
    pub(super) fastq: FastqCodes,
}

enum Reader {
    Table(Box<Table>),
    SampleSheet(std::vec::IntoIter<ManifestRow>),
    JsonLines(JsonLines),
    Ended,
}

impl ManifestRows {
    /// Reads the header, and a sample sheet as a whole.
    pub(super) fn new(source: io::Result<Bytes>, settings: &Settings) -> Self {
        let mut rows = Self {
            reader: Reader::Ended,
            defaults: settings.defaults.clone(),
            problems: VecDeque::new(),
            is_empty: true,
            usage: Usage::default(),
            unused: Unused {
                defaults: settings.defaults.values(),
                columns: settings.expected.ignored.iter().cloned().collect(),
            },
        };
        match source {
            Ok(source) => rows.begin(Lines::new(source), settings),
            Err(error) => rows.problems.push_back(ManifestProblem::of_file(format!(
                "the file cannot be opened: {error}; check its path and permissions"
            ))),
        }
        rows
    }

    fn begin(&mut self, lines: Lines, settings: &Settings) {
        let delimiter = match settings.format {
            ManifestFormat::Csv => b',',
            ManifestFormat::Tsv => b'\t',
            ManifestFormat::JsonLines => return self.reader = Reader::JsonLines(JsonLines::new(lines)),
        };
        let records = Records::new(lines, delimiter);
        let expected = Expected {
            needs_pipeline: !settings.defaults.has_pipeline(),
            default_inputs: settings.defaults.input_codes(),
            ..settings.expected.clone()
        };
        let table = Table::new(records, &expected, settings.fastq.clone());
        if let Ok(Some(table)) = &table {
            self.usage.add_columns(table.columns(), &settings.fastq);
            let names = { table.columns().columns.iter() }.map(|(name, _)| name.as_str());
            let names = names.collect::<HashSet<_>>();
            self.unused.columns.retain(|name| !names.contains(name.as_str()));
        }
        match table {
            Ok(Some(mut table)) if table.is_sample_sheet() => {
                let Joined { rows, problems } = join(&mut table);
                self.problems.extend(problems);
                self.reader = Reader::SampleSheet(rows.into_iter());
            }
            Ok(Some(table)) => self.reader = Reader::Table(Box::new(table)),
            Ok(None) => {}
            Err(problems) => self.problems.extend(problems),
        }
    }

    /// Takes the settings that nothing has used so far.
    pub(super) fn take_unused(&mut self) -> Unused {
        std::mem::take(&mut self.unused)
    }

    /// Takes the codes of the columns, without counts.
    pub(super) fn take_usage(&mut self) -> Usage {
        std::mem::take(&mut self.usage)
    }
}

impl Iterator for ManifestRows {
    type Item = Result<ManifestRow, ManifestProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(problem) = self.problems.pop_front() {
                self.is_empty = false;
                return Some(Err(problem));
            }
            let row = match &mut self.reader {
                Reader::Table(table) => table.next(),
                Reader::SampleSheet(rows) => rows.next().map(Ok),
                Reader::JsonLines(lines) => lines.next(),
                Reader::Ended => None,
            };
            match row {
                Some(Ok(mut row)) => {
                    self.is_empty = false;
                    self.defaults.apply(&mut row, &mut self.unused.defaults);
                    return Some(Ok(row));
                }
                Some(Err(problems)) => self.problems.extend(problems),
                None => {
                    self.reader = Reader::Ended;
                    if !std::mem::take(&mut self.is_empty) {
                        return None;
                    }
                    let reason = "the manifest has no rows; write a row for each analysis";
                    self.problems.push_back(ManifestProblem::of_file(reason));
                }
            }
        }
    }
}

impl std::iter::FusedIterator for ManifestRows {}

impl fmt::Debug for ManifestRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManifestRows").finish_non_exhaustive()
    }
}
