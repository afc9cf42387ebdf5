//! Sample sheets: rows with the FASTQ files of a sample, which are joined into one row of a manifest.

use std::collections::{HashMap, HashSet};

use super::problem::ManifestProblem;
use super::row::ManifestRow;
use super::table::{FastqCodes, Table};

/// Maximum size of the texts of a sheet, in bytes. The rows of a sample may be anywhere in the sheet,
/// so all are in memory.
const LARGEST: usize = 64 * 1024 * 1024;

/// Rows of a sheet, and its problems.
#[derive(Debug, Default)]
pub(super) struct Joined {
    pub(super) rows: Vec<ManifestRow>,
    pub(super) problems: Vec<ManifestProblem>,
}

/// Reads a sheet to its end, and joins the rows of each sample.
pub(super) fn join(table: &mut Table) -> Joined {
    join_up_to(table, LARGEST)
}

fn join_up_to(table: &mut Table, largest: usize) -> Joined {
    let mut joined = Joined::default();
    let mut samples = HashMap::new();
    let mut files = HashSet::new();
    let mut size = 0_usize;
    let fastq = table.fastq().clone();
    while let Some(row) = table.next() {
        let row = match row {
            Ok(row) => row,
            Err(problems) => {
                joined.problems.extend(problems);
                continue;
            }
        };
        size = size.saturating_add(size_of(&row));
        if size > largest {
            let reason = format!(
                "the sample sheet has more than {} MiB up to here, and was not read further; write a manifest with the \
                 columns user_reference and input.CODE, which may have any size",
                largest / 1024 / 1024
            );
            joined
                .problems
                .push(ManifestProblem::at(row.line.unwrap_or_default(), reason));
            return joined;
        }
        let index = *samples.entry(row.user_reference.clone()).or_insert(joined.rows.len());
        joined.problems.extend(repeated_files(&row, index, &fastq, &mut files));
        match joined.rows.get_mut(index) {
            None => joined.rows.push(row),
            Some(first) => joined.problems.extend(add(first, row, &fastq)),
        }
    }
    joined
}

/// Returns about the number of bytes that a row takes.
fn size_of(row: &ManifestRow) -> usize {
    let data = row.data().map(|(code, text)| code.len().saturating_add(text.len()));
    let params = row.params.keys().map(String::len);
    let texts = data.chain(params).fold(0, usize::saturating_add);
    std::mem::size_of::<ManifestRow>()
        .saturating_add(2 * row.user_reference.len())
        .saturating_add(2 * texts)
}

/// Returns a problem for each FASTQ file of a row that its sample has already.
fn repeated_files(
    row: &ManifestRow,
    sample: usize,
    fastq: &FastqCodes,
    files: &mut HashSet<(usize, String)>,
) -> Vec<ManifestProblem> {
    let of_reads = row.data().filter(|(code, _)| fastq.iter().any(|fastq| fastq == code));
    let repeated = of_reads.filter(|(_, file)| !files.insert((sample, (*file).to_owned())));
    let problem = |(_, file): (&str, &str)| {
        let reason =
            format!("the FASTQ file {file:?} occurs twice for this sample; correct or remove one of the fields");
        ManifestProblem::at(row.line.unwrap_or_default(), reason).user_reference(&row.user_reference)
    };
    repeated.map(problem).collect()
}

/// Adds a further row of a sample. Values other than FASTQ files must be equal or absent.
fn add(first: &mut ManifestRow, row: ManifestRow, fastq: &FastqCodes) -> Vec<ManifestProblem> {
    let mut different = Vec::new();
    let mut same = |name: &str, first: &mut Option<String>, next: Option<String>| match (first.as_ref(), next) {
        (Some(one), Some(next)) if *one != next => different.push(name.to_owned()),
        (None, next) => *first = next,
        _ => {}
    };
    same("pipeline", &mut first.pipeline, row.pipeline);
    same("storage", &mut first.storage, row.storage);
    same("output_folder", &mut first.output_folder, row.output_folder);
    for (code, value) in row.params {
        match first.params.get(&code) {
            Some(first) if *first != value => different.push(format!("param.{code}")),
            Some(_) => {}
            None => drop(first.params.insert(code, value)),
        }
    }
    for (code, data) in row.inputs {
        match first.inputs.get_mut(&code) {
            Some(first) if fastq.contains(&code) => first.extend(data),
            Some(first) if *first != data => different.push(format!("input.{code}")),
            Some(_) => {}
            None => drop(first.inputs.insert(code, data)),
        }
    }
    let new = row
        .tags
        .into_iter()
        .filter(|tag| !first.tags.contains(tag))
        .collect::<Vec<_>>();
    first.tags.extend(new);
    let line = first.line.unwrap_or_default();
    let problem = |column: String| {
        let reason = format!("it differs from line {line} of the same sample; write the same value in both");
        ManifestProblem::at(row.line.unwrap_or_default(), reason)
            .column(&column)
            .user_reference(&row.user_reference)
    };
    different.into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::super::columns::Expected;
    use super::super::lines::Lines;
    use super::super::records::Records;
    use super::{Joined, LARGEST, Table, join_up_to};

    fn joined(text: &'static str, codes: [&str; 2], largest: usize) -> Joined {
        let records = Records::new(Lines::new(Box::new(text.as_bytes())), b',');
        let codes = codes.map(str::to_owned);
        let mut table = Table::new(records, &Expected::default(), codes).unwrap().unwrap();
        join_up_to(&mut table, largest)
    }

    const LANES: &str = "sample,lane,fastq_1,fastq_2,param.x,tags\n\
                         a,1,/a1_1,/a1_2,1,t\nb,1,/b1_1,/b1_2,,\na,2,/a2_1,/a2_2,,u\n";

    #[test]
    fn the_lanes_of_a_sample_are_one_row() {
        let Joined { rows, problems } = joined(LANES, ["fastqs", "fastqs"], LARGEST);
        assert_eq!(problems, []);
        let rows = rows
            .iter()
            .map(|row| (row.line(), serde_json::to_value(row).unwrap()))
            .collect::<Vec<_>>();
        let a = serde_json::json!({
            "user_reference": "a", "tags": ["t", "u"], "params": { "x": "1" },
            "inputs": { "fastqs": ["/a1_1", "/a1_2", "/a2_1", "/a2_2"] },
        });
        let b = serde_json::json!({ "user_reference": "b", "inputs": { "fastqs": ["/b1_1", "/b1_2"] } });
        assert_eq!(rows, [(Some(2), a), (Some(3), b)]);
        let rows = joined(LANES, ["r1", "r2"], LARGEST).rows;
        assert_eq!(rows[0].inputs["r1"], ["/a1_1", "/a2_1"]);
        assert_eq!(rows[0].inputs["r2"], ["/a1_2", "/a2_2"]);
    }

    #[test]
    fn contradictions_and_repeated_files_are_problems() {
        let text = "sample,fastq_1,fastq_2,pipeline,param.x,input.ref\na,/1,/1,p,1,/r\na,/2,/3,q,2,/s\na,/2,/4,,,\nb,/2,/5,,,\n";
        let problems = joined(text, ["fastqs", "fastqs"], LARGEST).problems;
        let problems = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            problems,
            [
                "line 2, analysis \"a\": the FASTQ file \"/1\" occurs twice for this sample; correct or remove one of the \
                 fields",
                "line 3, column \"pipeline\", analysis \"a\": it differs from line 2 of the same sample; write the same \
                 value in both",
                "line 3, column \"param.x\", analysis \"a\": it differs from line 2 of the same sample; write the same \
                 value in both",
                "line 3, column \"input.ref\", analysis \"a\": it differs from line 2 of the same sample; write the same \
                 value in both",
                "line 4, analysis \"a\": the FASTQ file \"/2\" occurs twice for this sample; correct or remove one of the \
                 fields",
            ]
        );
    }

    #[test]
    fn a_sheet_above_the_limit_is_not_read_further() {
        let Joined { rows, problems } = joined(LANES, ["fastqs", "fastqs"], 300);
        assert_eq!((rows.len(), problems.len(), problems[0].line), (1, 1, Some(3)));
        assert!(problems[0].reason.contains("which may have any size"), "{problems:?}");
    }
}
