//! Inputs and parameters of a manifest: their codes, and how many analyses have them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::columns::{Column, Columns};
use super::row::ManifestRow;
use super::table::FastqCodes;
use crate::error::{NAME, shown};

/// Maximum number of codes that are counted. A row of JSON lines could have codes of its own.
const CODES: usize = 1000;

/// Input or parameter of the analyses of a manifest, from
/// [`PreflightReport`](crate::PreflightReport).
///
/// ICA does not publish the codes of a pipeline, so a person compares them with those of the pipeline.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{ManifestFile, ManifestFormat};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # simulator.seed_data(simulator.project_id(), [ica_simulator::SeedData::file("/a.bam")]);
/// # let pipeline = ica_simulator::SeedPipeline::new("Germline");
/// # simulator.seed_pipeline(simulator.project_id(), pipeline);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let text = "user_reference,pipeline,input.tumor,input.normal\na,Germline,/a.bam,\nb,Germline,/a.bam,/a.bam\n";
/// let manifest = ManifestFile::from_reader("cohort.csv", ManifestFormat::Csv, text.as_bytes())?;
/// let checked = project.preflight(manifest).await?;
/// let inputs = checked.report().inputs.iter().map(|input| (input.code.as_str(), input.analyses));
/// assert_eq!(inputs.collect::<Vec<_>>(), [("normal", 1), ("tumor", 2)]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PreflightCode {
    /// Code of the input or parameter.
    pub code: String,
    /// Names of the columns of the manifest with its data or values. Empty for JSON lines, and where
    /// only a default has it.
    pub columns: Vec<String>,
    /// Number of analyses with data or a value.
    pub analyses: u64,
}

impl fmt::Display for PreflightCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.code, NAME))?;
        let columns = self.columns.iter().map(|column| shown(column, NAME));
        match columns.collect::<Vec<_>>().join(", ") {
            columns if columns.is_empty() => Ok(()),
            columns => write!(f, " (from {columns})"),
        }
    }
}

/// Counts of the codes of all rows.
#[derive(Debug, Default)]
pub(super) struct Usage {
    pub(super) inputs: Codes,
    pub(super) params: Codes,
}

impl Usage {
    /// Adds the columns of a header.
    pub(super) fn add_columns(&mut self, columns: &Columns, fastq: &FastqCodes) {
        for (name, column) in &columns.columns {
            match column {
                Column::Input(code) => self.inputs.add_column(code, name),
                Column::Param(code) => self.params.add_column(code, name),
                Column::Fastq(read) => {
                    if let Some(code) = fastq.get(*read) {
                        self.inputs.add_column(code, name);
                    }
                }
                _ => {}
            }
        }
    }

    /// Counts the codes of a row with its defaults.
    pub(super) fn add(&mut self, row: &ManifestRow) {
        for (code, _) in row.inputs.iter().filter(|(_, data)| !data.is_empty()) {
            self.inputs.count(code);
        }
        for code in row.params.keys() {
            self.params.count(code);
        }
    }
}

/// Codes in alphabetical order, each with its columns and the number of its analyses.
#[derive(Debug, Default)]
pub(super) struct Codes(BTreeMap<String, (Vec<String>, u64)>);

impl Codes {
    fn of(&mut self, code: &str) -> Option<&mut (Vec<String>, u64)> {
        if !self.0.contains_key(code) && self.0.len() < CODES {
            self.0.insert(code.to_owned(), (Vec::new(), 0));
        }
        self.0.get_mut(code)
    }

    fn add_column(&mut self, code: &str, column: &str) {
        if let Some((columns, _)) = self.of(code) {
            columns.push(column.to_owned());
        }
    }

    fn count(&mut self, code: &str) {
        if let Some((_, analyses)) = self.of(code) {
            *analyses = analyses.saturating_add(1);
        }
    }

    /// Returns the codes as a report has them.
    pub(super) fn into_report(self) -> Vec<PreflightCode> {
        let codes = self.0.into_iter();
        codes
            .map(|(code, (columns, analyses))| PreflightCode {
                code,
                columns,
                analyses,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{CODES, ManifestRow, Usage};

    #[test]
    fn the_number_of_codes_is_limited() {
        let mut usage = Usage::default();
        for number in 0..CODES + 5 {
            let mut row = ManifestRow::new("a");
            row.params.insert(format!("p{number}"), "1".into());
            row.inputs.insert("empty".to_owned(), Vec::new());
            usage.add(&row);
        }
        assert_eq!(usage.params.into_report().len(), CODES);
        assert_eq!(usage.inputs.into_report(), []);
    }
}
