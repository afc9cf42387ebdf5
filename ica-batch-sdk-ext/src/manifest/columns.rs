//! Columns of a manifest in CSV or TSV, and members of a row in JSON lines.

use std::collections::HashSet;

use super::problem::ManifestProblem;
use crate::error::{NAME, shown};

/// Names of columns without a code.
const NAMES: [&str; 5] = [USER_REFERENCE, PIPELINE, STORAGE, OUTPUT_FOLDER, TAGS];

pub(super) const USER_REFERENCE: &str = "user_reference";
pub(super) const PIPELINE: &str = "pipeline";
pub(super) const STORAGE: &str = "storage";
pub(super) const OUTPUT_FOLDER: &str = "output_folder";
pub(super) const TAGS: &str = "tags";

/// Beginnings of the columns with a code.
const INPUT: &str = "input.";
const PARAM: &str = "param.";

/// Least similarity of names, from 0 to 1, with which one may have been meant.
const LEAST: f64 = 0.8;

/// Meaning of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Column {
    UserReference,
    Pipeline,
    Storage,
    OutputFolder,
    Tags,
    /// Data of the input with this code.
    Input(String),
    /// Value of the parameter with this code.
    Param(String),
    /// FASTQ file of a sample sheet: of read 1 or 2.
    Fastq(usize),
    Ignored,
}

impl Column {
    /// Returns the column with this name.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            USER_REFERENCE => Self::UserReference,
            PIPELINE => Self::Pipeline,
            STORAGE => Self::Storage,
            OUTPUT_FOLDER => Self::OutputFolder,
            TAGS => Self::Tags,
            _ => match (name.strip_prefix(INPUT), name.strip_prefix(PARAM)) {
                (Some(code), _) if !code.trim().is_empty() => Self::Input(code.trim().to_owned()),
                (_, Some(code)) if !code.trim().is_empty() => Self::Param(code.trim().to_owned()),
                _ => return None,
            },
        })
    }
}

/// Columns of a file, from its first record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    /// Name in the file and meaning of each column.
    pub(super) columns: Vec<(String, Column)>,
    /// Whether the file is a sample sheet, whose rows are FASTQ files.
    pub(super) is_sample_sheet: bool,
}

/// Settings of the reader of a header.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    /// Columns that the caller told to ignore.
    pub(super) ignored: HashSet<String>,
    /// Whether each row needs a pipeline of its own.
    pub(super) needs_pipeline: bool,
    /// Codes of the inputs with data for rows that have none.
    pub(super) default_inputs: HashSet<String>,
}

impl Columns {
    /// Reads the header in this line. All problems are returned at once.
    pub(super) fn read(names: &[String], line: u64, expected: &Expected) -> Result<Self, Vec<ManifestProblem>> {
        if let Some(reason) = other_file(names) {
            return Err(vec![ManifestProblem::at(line, reason)]);
        }
        let is_sample_sheet = !names.iter().any(|name| name == USER_REFERENCE) && is_sample_sheet(names);
        let meaning = |name: &str| match is_sample_sheet {
            true => sheet_column(name),
            false => None,
        };
        let mut problems = Vec::new();
        let mut seen = HashSet::new();
        let mut columns = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let problem = |reason: String| ManifestProblem::at(line, reason).column(name);
            let column = match Column::named(name).or_else(|| meaning(name)) {
                _ if expected.ignored.contains(name) => Column::Ignored,
                Some(column) => column,
                None if name.is_empty() => {
                    problems.push(ManifestProblem::at(
                        line,
                        format!("column {} has no name; name it, or remove it", index + 1),
                    ));
                    continue;
                }
                None => {
                    problems.push(problem(unknown(name)));
                    continue;
                }
            };
            if column != Column::Ignored && !seen.insert(column.clone()) {
                problems.push(problem("the column occurs twice; remove one of them".to_owned()));
                continue;
            }
            columns.push((name.clone(), column));
        }
        for (name, column, advice) in [
            (
                USER_REFERENCE,
                Column::UserReference,
                "add a column with the name of each analysis",
            ),
            (
                PIPELINE,
                Column::Pipeline,
                "add it with the code of a pipeline, or set a default pipeline",
            ),
        ] {
            let is_needed = column != Column::Pipeline || expected.needs_pipeline;
            if is_needed && !seen.contains(&column) {
                problems.push(ManifestProblem::at(line, format!("the column is missing; {advice}")).column(name));
            }
        }
        match problems.is_empty() {
            true => Ok(Self {
                columns,
                is_sample_sheet,
            }),
            false => Err(problems),
        }
    }
}

/// Returns the reason why the header is that of another kind of file.
fn other_file(names: &[String]) -> Option<String> {
    let first = names.first()?;
    if first.starts_with('[') {
        return Some(
            "this is a sample sheet of an instrument, with sections and without paths of FASTQ files; write a CSV file \
             with the columns sample, fastq_1 and fastq_2"
                .to_owned(),
        );
    }
    let (1, Some(delimiter)) = (names.len(), first.chars().find(|c| [';', '\t', ','].contains(c))) else {
        return None;
    };
    let format = match delimiter {
        '\t' => "read it as TSV",
        ',' => "read it as CSV",
        _ => "save it with commas, or as TSV",
    };
    Some(format!(
        "the file seems to separate fields by {delimiter:?}, which is not the separator of this format; {format}"
    ))
}

/// Returns the reason why a column is not known, with what was meant.
pub(super) fn unknown(name: &str) -> String {
    let what = "it is not a column of a manifest";
    if name == INPUT || name == PARAM {
        return format!("the code after the '.' is missing; write {name}CODE");
    }
    match similar(name, &NAMES) {
        Some(meant) => format!("{what}; did you mean {meant:?}?"),
        None => format!(
            "{what}; use {}, {INPUT}CODE or {PARAM}CODE, or name it among the columns to ignore",
            NAMES.join(", ")
        ),
    }
}

/// Returns the name that was probably meant. `input_reads` and `Param.x` are names with codes.
fn similar(name: &str, names: &[&str]) -> Option<String> {
    let text = shown(name, 2 * NAME).to_lowercase().replace([' ', '-'], "_");
    for start in [INPUT, PARAM] {
        let (word, _) = start.split_at(start.len() - 1);
        for written in [word.to_owned(), format!("{word}s")] {
            let code = text
                .strip_prefix(&written)
                .and_then(|rest| rest.strip_prefix(['.', '_', ':']));
            if let Some(code) = code.filter(|code| !code.is_empty()) {
                let code = name
                    .chars()
                    .skip(name.chars().count().saturating_sub(code.chars().count()));
                return Some(format!("{start}{}", code.collect::<String>()));
            }
        }
    }
    nearest(&text, names)
}

/// Returns the most similar name, if one is similar enough.
pub(super) fn nearest(text: &str, names: &[&str]) -> Option<String> {
    let text = shown(text, 2 * NAME).to_lowercase();
    let scored = names.iter().map(|known| (strsim::jaro_winkler(&text, known), *known));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 >= LEAST).then(|| best.1.to_owned())
}

/// Returns the meaning of a column of a sample sheet: those of nf-core, of Illumina, and of the FASTQ
/// list of DRAGEN.
fn sheet_column(name: &str) -> Option<Column> {
    let plain = name.to_lowercase().replace(['_', ' ', '-'], "");
    Some(match plain.as_str() {
        "sample" | "sampleid" | "samplename" | "rgsm" => Column::UserReference,
        "fastq1" | "fastqr1" | "read1" | "read1file" | "r1" => Column::Fastq(0),
        "fastq2" | "fastqr2" | "read2" | "read2file" | "r2" => Column::Fastq(1),
        // They tell the rows of a sample apart.
        "lane" | "rgid" | "rglb" => Column::Ignored,
        _ => return None,
    })
}

/// Returns whether the header is that of a sample sheet with FASTQ files.
fn is_sample_sheet(names: &[String]) -> bool {
    let columns = names.iter().filter_map(|name| sheet_column(name)).collect::<Vec<_>>();
    columns.contains(&Column::UserReference) && columns.contains(&Column::Fastq(0))
}

#[cfg(test)]
mod tests {
    use super::{Column, Columns, Expected};

    fn read(header: &str, expected: &Expected) -> Result<Columns, Vec<String>> {
        let names = header.split(',').map(str::to_owned).collect::<Vec<_>>();
        Columns::read(&names, 1, expected).map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn problems(header: &str) -> Vec<String> {
        let expected = Expected {
            needs_pipeline: true,
            ..Expected::default()
        };
        read(header, &expected).unwrap_err()
    }

    #[test]
    fn each_column_has_its_meaning() {
        let header = "user_reference,pipeline,storage,output_folder,tags,input.reads,param.n,extra";
        let expected = Expected {
            ignored: ["extra".to_owned()].into(),
            needs_pipeline: true,
            ..Expected::default()
        };
        let columns = read(header, &expected).unwrap();
        assert!(!columns.is_sample_sheet);
        let meanings = columns
            .columns
            .into_iter()
            .map(|(_, column)| column)
            .collect::<Vec<_>>();
        assert_eq!(
            meanings,
            [
                Column::UserReference,
                Column::Pipeline,
                Column::Storage,
                Column::OutputFolder,
                Column::Tags,
                Column::Input("reads".to_owned()),
                Column::Param("n".to_owned()),
                Column::Ignored,
            ]
        );
    }

    #[test]
    fn sample_sheets_are_recognised() {
        for header in [
            "sample,fastq_1,fastq_2",
            "Sample_ID,Read1,Read2",
            "Lane,Sample ID,R1,R2",
            "RGID,RGSM,RGLB,Lane,Read1File,Read2File",
            "sample,fastq_1",
        ] {
            let columns = read(header, &Expected::default()).unwrap();
            assert!(columns.is_sample_sheet, "{header}");
            let read1 = columns.columns.iter().filter(|(_, column)| *column == Column::Fastq(0));
            assert_eq!(read1.count(), 1, "{header}");
        }
        let both = read("sample,fastq_1,fastq_2,pipeline,param.x", &Expected::default()).unwrap();
        assert!(both.is_sample_sheet);
        // With the manifest's own column, "sample" has no meaning.
        assert!(read("user_reference,sample,fastq_1", &Expected::default()).is_err());
    }

    #[test]
    fn all_problems_of_a_header_are_reported() {
        assert_eq!(
            problems("user_refrence,tags,tags,input.,,Output Folder,inputs.reads,colour"),
            [
                "line 1, column \"user_refrence\": it is not a column of a manifest; did you mean \"user_reference\"?",
                "line 1, column \"tags\": the column occurs twice; remove one of them",
                "line 1, column \"input.\": the code after the '.' is missing; write input.CODE",
                "line 1: column 5 has no name; name it, or remove it",
                "line 1, column \"Output Folder\": it is not a column of a manifest; did you mean \"output_folder\"?",
                "line 1, column \"inputs.reads\": it is not a column of a manifest; did you mean \"input.reads\"?",
                "line 1, column \"colour\": it is not a column of a manifest; use user_reference, pipeline, storage, \
                 output_folder, tags, input.CODE or param.CODE, or name it among the columns to ignore",
                "line 1, column \"user_reference\": the column is missing; add a column with the name of each analysis",
                "line 1, column \"pipeline\": the column is missing; add it with the code of a pipeline, or set a default \
                 pipeline",
            ]
        );
    }

    #[test]
    fn other_files_are_named() {
        assert!(problems("[Header]")[0].contains("sample sheet of an instrument"));
        assert!(problems("user_reference;pipeline")[0].ends_with("save it with commas, or as TSV"));
        assert!(problems("user_reference\tpipeline")[0].ends_with("read it as TSV"));
    }
}
