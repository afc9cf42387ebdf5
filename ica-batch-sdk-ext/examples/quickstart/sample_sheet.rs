//! The sample sheet: one sample a row, checked as a whole before anything is sent.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use ica_batch_sdk_ext::types::UserReference;

const COLUMNS: [&str; 4] = ["sample", "fastq_r1", "fastq_r2", "reference"];

/// A row of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) fastq_r1: String,
    pub(crate) fastq_r2: String,
    pub(crate) reference: String,
}

/// Reads the sheet. The error lists every bad row by its line number.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Sample>> {
    parse(File::open(path).context("the sheet cannot be opened")?)
}

fn parse(text: impl Read) -> anyhow::Result<Vec<Sample>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text);
    let header = reader.headers().context("the header cannot be read")?;
    if header.iter().ne(COLUMNS) {
        bail!("line 1: the columns must be {}", COLUMNS.join(","));
    }

    let (mut samples, mut faults) = (Vec::new(), Vec::new());
    let mut lines = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.push(format!("line {line}: cannot be read as CSV in UTF-8"));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        match sample(&record) {
            Ok(sample) => match lines.insert(sample.name.clone(), line) {
                Some(first) => faults.push(format!(
                    "line {line}: sample {} stands in line {first} already",
                    sample.name
                )),
                None => samples.push(sample),
            },
            Err(reason) => faults.push(format!("line {line}: {reason}")),
        }
    }
    if !faults.is_empty() {
        bail!(
            "nothing was sent, {} of the rows are wrong:\n  {}",
            faults.len(),
            faults.join("\n  ")
        );
    }
    if samples.is_empty() {
        bail!("the sheet has no samples");
    }
    Ok(samples)
}

fn sample(record: &csv::StringRecord) -> Result<Sample, String> {
    let fields = record.iter().collect::<Vec<_>>();
    let [name, fastq_r1, fastq_r2, reference] = fields[..] else {
        return Err(format!("has {} fields in place of {}", fields.len(), COLUMNS.len()));
    };
    name.parse::<UserReference>().map_err(|_| {
        format!("sample {name:?} is no user reference: use letters, digits, space, _, - and / between parts")
    })?;
    for (column, id) in COLUMNS[1..].iter().zip([fastq_r1, fastq_r2, reference]) {
        if !is_data_id(id) {
            return Err(format!(
                "{column} {id:?} is no data id: expected fil. or fol. and 32 hexadecimal digits"
            ));
        }
    }
    if fastq_r1 == fastq_r2 {
        return Err("fastq_r1 and fastq_r2 are the same file".to_owned());
    }
    Ok(Sample {
        name: name.to_owned(),
        fastq_r1: fastq_r1.to_owned(),
        fastq_r2: fastq_r2.to_owned(),
        reference: reference.to_owned(),
    })
}

fn is_data_id(text: &str) -> bool {
    let digits = text.strip_prefix("fil.").or_else(|| text.strip_prefix("fol."));
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::parse;

    const A: &str = "fil.8694a109a778941ca0919ebe595176a0";
    const B: &str = "fil.8d2bb9cc162eb1e739ada14e4631e329";
    const REF: &str = "fol.e0f08ee57bad1313a8e8058b9c3d123d";

    fn reason(rows: &str) -> String {
        let sheet = format!("sample,fastq_r1,fastq_r2,reference\n{rows}");
        parse(sheet.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn the_bundled_sheet_has_24_samples() {
        let samples = super::read(&crate::bundled_sheet()).unwrap();
        assert_eq!(samples.len(), 24);
    }

    #[test]
    fn every_bad_row_is_named_with_its_line_and_reason() {
        let reason = reason(&format!(
            "ok,{A},{B},{REF}\nbad*name,{A},{B},{REF}\nshort,{A},{B}\nwrong-id,{A},fil.12,{REF}\nsame,{A},{A},{REF}\nok,{A},{B},{REF}\n"
        ));
        assert!(reason.contains("5 of the rows"), "{reason}");
        for expected in [
            "line 3: sample \"bad*name\"",
            "line 4: has 3 fields",
            "line 5: fastq_r2 \"fil.12\"",
            "line 6: fastq_r1 and fastq_r2 are the same",
            "line 7: sample ok stands in line 2 already",
        ] {
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[test]
    fn a_wrong_header_and_an_empty_sheet_are_refused() {
        assert!(
            parse("name,r1\n".as_bytes())
                .unwrap_err()
                .to_string()
                .contains("line 1")
        );
        assert!(reason("").contains("no samples"));
    }
}
