//! The sample sheet: a CSV file with one sample per row. All rows are checked before anything is
//! sent.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use ica_batch_sdk_ext::types::UserReference;

const COLUMNS: [&str; 4] = ["sample", "fastq_r1", "fastq_r2", "reference"];

/// Row of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) fastq_r1: String,
    pub(crate) fastq_r2: String,
    pub(crate) reference: String,
}

/// Reads the sheet. The error lists every invalid row with its line number.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Sample>> {
    parse(File::open(path).context("could not open the file")?)
}

fn parse(text: impl Read) -> anyhow::Result<Vec<Sample>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text);
    let header = reader.headers().context("could not read the header")?;
    if header.iter().ne(COLUMNS) {
        bail!("line 1 is not valid: it must be {}", COLUMNS.join(","));
    }

    let (mut samples, mut errors) = (Vec::new(), Vec::new());
    let mut lines = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                errors.push(format!("line {line}: is not CSV in UTF-8"));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        match sample(&record) {
            Ok(sample) => match lines.insert(sample.name.clone(), line) {
                Some(first) => errors.push(format!("line {line}: sample {} is also in line {first}", sample.name)),
                None => samples.push(sample),
            },
            Err(reason) => errors.push(format!("line {line}: {reason}")),
        }
    }
    if !errors.is_empty() {
        let rows = match errors.len() {
            1 => "1 row is".to_owned(),
            more => format!("{more} rows are"),
        };
        bail!(
            "{rows} not valid, so nothing was sent; correct the sheet:\n  {}",
            errors.join("\n  ")
        );
    }
    if samples.is_empty() {
        bail!("the file contains no samples; add a row for each");
    }
    Ok(samples)
}

fn sample(record: &csv::StringRecord) -> Result<Sample, String> {
    let fields = record.iter().collect::<Vec<_>>();
    let [name, fastq_r1, fastq_r2, reference] = fields[..] else {
        return Err(format!("has {} fields, expected {}", fields.len(), COLUMNS.len()));
    };
    name.parse::<UserReference>().map_err(|_| {
        format!("sample {name:?} is not a valid user reference: use letters, digits, spaces, _, -, and / between parts")
    })?;
    for (column, id) in COLUMNS[1..].iter().zip([fastq_r1, fastq_r2, reference]) {
        if !is_data_id(id) {
            return Err(format!(
                "{column} {id:?} is not a valid data id: use fil. or fol. and 32 hexadecimal digits"
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

    fn error_text(rows: &str) -> String {
        let sheet = format!("sample,fastq_r1,fastq_r2,reference\n{rows}");
        parse(sheet.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn the_bundled_sheet_has_24_samples() {
        let samples = super::read(&crate::bundled_sheet()).unwrap();
        assert_eq!(samples.len(), 24);
    }

    #[test]
    fn every_invalid_row_is_listed_with_its_line_and_reason() {
        let reason = error_text(&format!(
            "ok,{A},{B},{REF}\ninvalid*name,{A},{B},{REF}\nshort,{A},{B}\nwrong-id,{A},fil.12,{REF}\nsame,{A},{A},{REF}\nok,{A},{B},{REF}\n"
        ));
        assert!(reason.contains("5 rows are not valid"), "{reason}");
        for expected in [
            "line 3: sample \"invalid*name\"",
            "line 4: has 3 fields",
            "line 5: fastq_r2 \"fil.12\"",
            "line 6: fastq_r1 and fastq_r2 are the same",
            "line 7: sample ok is also in line 2",
        ] {
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[test]
    fn an_invalid_header_and_an_empty_sheet_are_rejected() {
        assert!(
            parse("name,r1\n".as_bytes())
                .unwrap_err()
                .to_string()
                .contains("line 1")
        );
        assert!(error_text("").contains("no samples"));
    }
}
