//! Problems of the values that rows share: each is reported once, and not for each row.

use std::collections::BTreeSet;

use super::columns::{OUTPUT_FOLDER, PIPELINE, STORAGE};
use super::defaults::{DefaultValue, ManifestDefaults};
use super::problem::ManifestProblem;
use super::row::ManifestRow;

/// Places of problems: a row, or a default.
#[derive(Debug)]
pub(super) struct DefaultProblems {
    defaults: ManifestDefaults,
    /// Defaults with a problem, each with its text.
    reported: BTreeSet<(DefaultValue, String)>,
    /// Beginning of the name of a column with data.
    input_start: &'static str,
}

impl DefaultProblems {
    pub(super) fn new(defaults: ManifestDefaults, input_start: &'static str) -> Self {
        Self {
            defaults,
            reported: BTreeSet::new(),
            input_start,
        }
    }

    /// Returns the problem of a value of a row. None if it is that of a default which was returned
    /// before.
    pub(super) fn of_value(
        &mut self,
        row: &ManifestRow,
        value: DefaultValue,
        text: &str,
        reason: &str,
    ) -> Option<ManifestProblem> {
        if !self.defaults.has(&value, text) {
            let column = match &value {
                DefaultValue::Pipeline => PIPELINE.to_owned(),
                DefaultValue::Storage => STORAGE.to_owned(),
                DefaultValue::OutputFolder => OUTPUT_FOLDER.to_owned(),
                DefaultValue::Input(code) | DefaultValue::Param(code) => format!("{}{code}", self.input_start),
            };
            return Some(problem(row, reason).column(&column));
        }
        let reason = format!("the default {value} is not valid: {reason}");
        let is_new = self.reported.insert((value, text.to_owned()));
        is_new.then(|| ManifestProblem::of_file(reason))
    }
}

/// Returns a problem of a row.
pub(super) fn problem(row: &ManifestRow, reason: impl Into<String>) -> ManifestProblem {
    ManifestProblem::at(row.line.unwrap_or_default(), reason).user_reference(&row.user_reference)
}
