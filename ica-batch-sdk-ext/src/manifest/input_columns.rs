//! Columns with the data of inputs, to find those without any data.

use super::columns::{Column, Columns, Expected};
use super::problem::ManifestProblem;

/// Check that each row and each column of inputs has data.
///
/// An empty cell is valid, because an input may be optional. A row without any data and a column
/// without any data are more likely mistakes.
#[derive(Debug)]
pub(super) struct InputColumns {
    columns: Vec<InputColumn>,
    is_sample_sheet: bool,
    /// Line of the header.
    line: u64,
    has_rows: bool,
    /// Whether a row could not be read, so that its data is not known.
    is_incomplete: bool,
}

#[derive(Debug)]
struct InputColumn {
    index: usize,
    name: String,
    has_default: bool,
    has_data: bool,
}

impl InputColumns {
    pub(super) fn new(header: &Columns, line: u64, expected: &Expected) -> Self {
        let columns = header.columns.iter().enumerate();
        let inputs = columns.filter_map(|(index, (name, column))| match column {
            Column::Input(code) => Some(InputColumn {
                index,
                name: name.clone(),
                has_default: expected.default_inputs.contains(code),
                has_data: false,
            }),
            _ => None,
        });
        Self {
            columns: inputs.collect(),
            is_sample_sheet: header.is_sample_sheet,
            line,
            has_rows: false,
            is_incomplete: false,
        }
    }

    /// Adds that a row could not be read.
    pub(super) fn skip(&mut self) {
        self.is_incomplete = true;
    }

    /// Checks the fields of a row. A row of a sample sheet has data in other columns.
    pub(super) fn check(&mut self, line: u64, fields: &[String]) -> Option<ManifestProblem> {
        self.has_rows = true;
        let mut has_data = self.is_sample_sheet;
        for column in &mut self.columns {
            let is_filled = fields.get(column.index).is_some_and(|field| !field.is_empty());
            column.has_data |= is_filled;
            has_data |= is_filled || column.has_default;
        }
        if has_data || self.columns.is_empty() {
            return None;
        }
        let names = self.columns.iter().map(|column| column.name.as_str());
        let reason = format!(
            "the row has no input data; fill in {}, or put analyses without input data into a manifest of their own",
            names.collect::<Vec<_>>().join(" or ")
        );
        Some(ManifestProblem::at(line, reason))
    }

    /// Returns the problems of columns without data. If no column has data, each row has a problem.
    pub(super) fn finish(&mut self) -> Vec<ManifestProblem> {
        let columns = std::mem::take(&mut self.columns);
        let is_known = self.has_rows && !self.is_incomplete;
        let is_empty = |column: &&InputColumn| !column.has_data && !column.has_default;
        let has_none = !self.is_sample_sheet && columns.iter().all(|column| is_empty(&column));
        if !is_known || has_none {
            return Vec::new();
        }
        let reason = "no row has data in this column; fill it in, or remove it";
        let empty = columns.iter().filter(is_empty);
        empty
            .map(|column| ManifestProblem::at(self.line, reason).column(&column.name))
            .collect()
    }
}
