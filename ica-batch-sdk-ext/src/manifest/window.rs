//! Rows that are checked together, so that requests are few and memory is bounded.

use std::collections::HashSet;
use std::io;

use ica_batch_sdk::types::UserReference;

use super::columns::{PIPELINE, USER_REFERENCE};
use super::default_problems::{DefaultProblems, problem};
use super::defaults::DefaultValue;
use super::digest::RowsDigest;
use super::hashes::Hashes;
use super::problem::ManifestProblem;
use super::row::ManifestRow;
use super::rows::{ManifestRows, Unused};
use super::usage::Usage;

/// Maximum number of rows of a window, and of the texts that name data.
const ROWS: usize = 10_000;
const DATA: usize = 20_000;

/// Size of the texts from which a window is complete, in bytes.
const BYTES: usize = 8 * 1024 * 1024;

/// Reader of windows, with what is known of all rows before.
#[derive(Debug)]
pub(super) struct Windows {
    rows: ManifestRows,
    references: Hashes,
    digest: RowsDigest,
    usage: Usage,
    allows_duplicates: bool,
    pub(super) count: u64,
}

/// Rows that were read, and their problems so far.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) rows: Vec<ManifestRow>,
    pub(super) problems: Vec<ManifestProblem>,
}

impl Windows {
    pub(super) fn new(mut rows: ManifestRows, project: &str, allows_duplicates: bool) -> Self {
        Self {
            usage: rows.take_usage(),
            rows,
            references: Hashes::default(),
            digest: RowsDigest::new(project),
            allows_duplicates,
            count: 0,
        }
    }

    /// Reads the next window. It is empty at the end of the manifest.
    ///
    /// # Errors
    /// A temporary file cannot be written.
    pub(super) fn read(&mut self) -> io::Result<Window> {
        let mut window = Window::default();
        let (mut bytes, mut data) = (0, 0);
        while bytes < BYTES && data < DATA && window.rows.len().saturating_add(window.problems.len()) < ROWS {
            let row = match self.rows.next() {
                Some(Ok(row)) => row,
                Some(Err(problem)) => {
                    window.problems.push(problem);
                    continue;
                }
                None => break,
            };
            self.count = self.count.saturating_add(1);
            self.digest.add(&row);
            self.usage.add(&row);
            self.check(&row, &mut window.problems)?;
            for (code, text) in row.data() {
                bytes += code.len() + text.len();
                data += 1;
            }
            bytes += row.user_reference.len() + row.tags.iter().map(String::len).sum::<usize>();
            bytes += row
                .params
                .iter()
                .map(|(code, value)| code.len() + value.size())
                .sum::<usize>();
            window.rows.push(row);
        }
        Ok(window)
    }

    /// Checks what needs no request.
    fn check(&mut self, row: &ManifestRow, problems: &mut Vec<ManifestProblem>) -> io::Result<()> {
        let reference = row.user_reference.as_str();
        if let Err(error) = reference.parse::<UserReference>() {
            problems.push(problem(row, error.to_string()).column(USER_REFERENCE));
        } else if !self.allows_duplicates {
            self.references.add(reference, row.line.unwrap_or_default())?;
        }
        if row.pipeline.is_none() {
            let reason = "the row has no pipeline; write its code, or set a default pipeline";
            problems.push(problem(row, reason).column(PIPELINE));
        }
        Ok(())
    }

    /// Takes the user references of all rows that were read.
    pub(super) fn take_references(&mut self) -> Hashes {
        std::mem::take(&mut self.references)
    }

    /// Returns the digest of all rows that were read, their codes, and the settings that none has
    /// used.
    pub(super) fn finish(mut self) -> (String, Usage, Unused) {
        (self.digest.finish(), self.usage, self.rows.take_unused())
    }
}

impl Window {
    /// Returns the texts that name the data of inputs, each once, without those that are known.
    pub(super) fn data(&self, is_known: impl Fn(&str) -> bool) -> Vec<String> {
        let texts = self.rows.iter().flat_map(ManifestRow::data).map(|(_, text)| text);
        distinct(texts, is_known)
    }

    /// Returns the texts that name output folders, each once, without those that are known.
    pub(super) fn folders(&self, is_known: impl Fn(&str) -> bool) -> Vec<String> {
        distinct(
            self.rows.iter().filter_map(|row| row.output_folder.as_deref()),
            is_known,
        )
    }

    /// Adds a problem for each row with an input that has a reason.
    pub(super) fn add_data<'a>(&mut self, places: &mut DefaultProblems, reason: impl Fn(&str) -> Option<&'a str>) {
        for row in &self.rows {
            for (code, text) in row.data() {
                if let Some(reason) = reason(text) {
                    let value = DefaultValue::Input(code.to_owned());
                    self.problems.extend(places.of_value(row, value, text, reason));
                }
            }
        }
    }

    /// Adds a problem for each row with an output folder that has a reason.
    pub(super) fn add_folders<'a>(&mut self, places: &mut DefaultProblems, reason: impl Fn(&str) -> Option<&'a str>) {
        for row in &self.rows {
            if let Some(text) = row.output_folder.as_deref()
                && let Some(reason) = reason(text)
            {
                let problem = places.of_value(row, DefaultValue::OutputFolder, text, reason);
                self.problems.extend(problem);
            }
        }
    }
}

fn distinct<'a>(texts: impl Iterator<Item = &'a str>, is_known: impl Fn(&str) -> bool) -> Vec<String> {
    let mut seen = HashSet::new();
    let new = texts.filter(|text| !is_known(text) && seen.insert(*text));
    new.map(str::to_owned).collect()
}
