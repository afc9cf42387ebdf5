//! The manifest of a submission: its file, and the values that its rows share.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, RangedU64ValueParser};
use ica_batch_sdk_ext::{
    DefaultValue, Error, ManifestDefaults, ManifestFile, ManifestFormat, Preflight, PreflightReport, Project,
};
use serde_json::json;

use crate::advice::in_words_of_the_program;
use crate::failure::Failure;
use crate::settings::Profile;

/// Name of standard input.
const STANDARD_INPUT: &str = "standard input";

/// Options about the manifest.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Manifest options")]
pub(crate) struct ManifestOptions {
    /// Format of the manifest: csv, tsv or jsonl. By default its extension says it.
    #[arg(long, value_name = "FORMAT")]
    manifest_format: Option<ManifestFormat>,
    /// Pipeline of rows without one: its code, id or URN.
    #[arg(long, value_name = "PIPELINE", value_parser = NonEmptyStringValueParser::new())]
    pipeline: Option<String>,
    /// Storage size of rows without one: its name or id.
    #[arg(long, value_name = "STORAGE", value_parser = NonEmptyStringValueParser::new())]
    storage: Option<String>,
    /// Output folder of rows without one: its path or id.
    #[arg(long, value_name = "FOLDER", value_parser = NonEmptyStringValueParser::new())]
    output_folder: Option<String>,
    /// User tag of all rows. May be repeated.
    #[arg(long = "tag", value_name = "TAG", value_parser = NonEmptyStringValueParser::new())]
    tags: Vec<String>,
    /// Parameter of rows that have no value of their own. May be repeated.
    #[arg(long = "param", value_name = "CODE=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    /// Input of rows that have none with this code: a path or an id. May be repeated, also with the
    /// same code.
    #[arg(long = "input", value_name = "CODE=DATA", value_parser = pair)]
    inputs: Vec<(String, String)>,
    /// Code of the input for the FASTQ files of a sample sheet: `fastqs` by default.
    #[arg(long, value_name = "CODE")]
    fastq_input: Option<String>,
    /// Column of the manifest that is not read. May be repeated.
    #[arg(long = "ignore-column", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    ignored: Vec<String>,
    /// Number of problems that are shown. All are counted.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    problem_limit: usize,
    /// Allow several rows with the same user reference.
    #[arg(long)]
    pub(crate) allow_duplicate_references: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((code, value)) if !code.trim().is_empty() => Ok((code.trim().to_owned(), value.to_owned())),
        _ => Err("use CODE=VALUE".to_owned()),
    }
}

/// Returns the name of a submission that is named after its manifest: the name of the file without
/// folder and extension.
pub(crate) fn name(path: &Path) -> Result<String, Failure> {
    if is_standard_input(path) {
        return Err(Failure::usage(
            "a manifest on standard input has no name; add --name NAME",
        ));
    }
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .filter(|stem| !stem.trim().is_empty());
    stem.map(|stem| stem.trim().to_owned()).ok_or_else(|| {
        Failure::usage(format!(
            "the submission cannot be named after {}; add --name NAME",
            path.display()
        ))
    })
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

impl ManifestOptions {
    /// Opens the manifest. Standard input is read to its end, so this blocks.
    pub(crate) fn open(self, path: PathBuf, profile: &Profile) -> Result<ManifestFile, Failure> {
        let file = match (is_standard_input(&path), self.manifest_format) {
            (true, Some(format)) => ManifestFile::from_reader(STANDARD_INPUT, format, io::stdin().lock())?,
            (true, None) => {
                return Err(Failure::usage(
                    "the format of a manifest on standard input is not known; add --manifest-format csv, tsv or jsonl",
                ));
            }
            (false, Some(format)) => ManifestFile::open_as(&path, format)?,
            (false, None) => ManifestFile::open(&path)?,
        };
        let mut file = file.defaults(self.defaults(profile)).ignore_columns(&self.ignored);
        if let Some(code) = &self.fastq_input {
            file = file.fastq_input(code);
        }
        Ok(file)
    }

    /// Returns the values that the rows share: those of the flags, and then those of the profile.
    fn defaults(&self, profile: &Profile) -> ManifestDefaults {
        let mut defaults = ManifestDefaults::new();
        if let Some(pipeline) = self.pipeline.as_ref().or(profile.pipeline.as_ref()) {
            defaults = defaults.pipeline(pipeline);
        }
        if let Some(storage) = self.storage.as_ref().or(profile.storage.as_ref()) {
            defaults = defaults.storage(storage);
        }
        if let Some(folder) = self.output_folder.as_ref().or(profile.output_folder.as_ref()) {
            defaults = defaults.output_folder(folder);
        }
        for tag in &self.tags {
            defaults = defaults.tag(tag);
        }
        for (code, value) in &self.params {
            defaults = defaults.param(code, value.as_str());
        }
        let mut inputs = BTreeMap::<&str, Vec<&str>>::new();
        for (code, data) in &self.inputs {
            inputs.entry(code).or_default().push(data);
        }
        for (code, data) in inputs {
            defaults = defaults.input(code, data);
        }
        defaults
    }

    /// Returns warnings about options that have no effect on this manifest. Those of the profile may
    /// be for other manifests.
    pub(crate) fn unused(&self, report: &PreflightReport) -> Vec<String> {
        let is_given = |value: &&DefaultValue| match value {
            DefaultValue::Pipeline => self.pipeline.is_some(),
            DefaultValue::Storage => self.storage.is_some(),
            DefaultValue::OutputFolder => self.output_folder.is_some(),
            _ => true,
        };
        let option = |value: &DefaultValue| match value {
            DefaultValue::Pipeline => "--pipeline".to_owned(),
            DefaultValue::Storage => "--storage".to_owned(),
            DefaultValue::OutputFolder => "--output-folder".to_owned(),
            DefaultValue::Input(code) => format!("--input {code}=…"),
            DefaultValue::Param(code) => format!("--param {code}=…"),
            other => format!("the default {other}"),
        };
        let defaults = { report.unused_defaults.iter() }.filter(is_given).map(|value| {
            let option = option(value);
            format!("{option} has no effect: each row has a value of its own")
        });
        let columns = report.unused_ignored_columns.iter();
        let columns = columns
            .map(|name| format!("--ignore-column {name:?} has no effect: the manifest does not have this column"));
        let is_fastq = |name: &String| !name.starts_with("input.");
        let is_sheet = { report.inputs.iter() }
            .any(|input| Some(&input.code) == self.fastq_input.as_ref() && input.columns.iter().any(is_fastq));
        let fastq = { self.fastq_input.iter() }
            .filter(|_| !is_sheet)
            .map(|_| "--fastq-input has no effect: the manifest is not a sample sheet".to_owned());
        defaults.chain(columns).chain(fastq).collect()
    }

    /// Returns the check of the manifest against ICA.
    pub(crate) fn preflight(&self, project: &Project, manifest: ManifestFile) -> Preflight {
        let preflight = project.preflight(manifest).problem_limit(self.problem_limit);
        match self.allow_duplicate_references {
            true => preflight.allow_duplicate_references(),
            false => preflight,
        }
    }
}

/// Returns the error of a check, with each problem on a line.
pub(crate) fn rejected(error: Error) -> Failure {
    let Some(problems) = error.manifest_problems() else {
        return Failure::from(error);
    };
    let count = match problems.count() {
        1 => "1 problem".to_owned(),
        count => format!("{count} problems"),
    };
    let lines = { problems.problems().iter() }.map(|problem| in_words_of_the_program(&problem.to_string()));
    let more = problems.count().saturating_sub(problems.problems().len() as u64);
    let more = (more > 0).then(|| format!("… and {more} more; show more with --problem-limit"));
    Failure::rejected(format!("{} has {count}, and nothing was sent:", problems.file()))
        .with_lines(lines.chain(more))
        .details(json!({ "manifest": problems }))
        .next("correct the manifest, and run the same command again")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{name, pair};

    #[test]
    fn a_submission_is_named_after_its_manifest() {
        assert_eq!(name(Path::new("runs/cohort 42.csv")).unwrap(), "cohort 42");
        assert_eq!(name(Path::new("a.b.tsv")).unwrap(), "a.b");
        assert!(name(Path::new("-")).is_err() && name(Path::new("..")).is_err());
    }

    #[test]
    fn a_value_may_contain_an_equals_sign() {
        assert_eq!(pair("arg=a=b").unwrap(), ("arg".to_owned(), "a=b".to_owned()));
        assert!(pair("arg").is_err() && pair("=b").is_err());
    }
}
