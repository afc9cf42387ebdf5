//! Manifest files in each format.

use ica_batch_sdk_ext::{ManifestFile, ManifestFormat, ManifestRow};

/// Longest text of a problem, in characters: a column, a user reference and a reason.
const LONGEST: usize = 1000;

/// Reads the rows. Each is read again from JSON lines as the same row. Each problem is short and
/// printable, and there are no more than lines and columns.
pub(super) fn run(data: &[u8]) {
    for format in [ManifestFormat::Csv, ManifestFormat::Tsv, ManifestFormat::JsonLines] {
        let manifest = ManifestFile::from_reader("fuzz", format, data).expect("temporary files can be written");
        let mut rows = Vec::new();
        let mut count = 0;
        for row in manifest.rows() {
            match row {
                Ok(row) => rows.push(row),
                Err(problem) => {
                    let text = problem.to_string();
                    assert!(text.chars().count() <= LONGEST, "{text}");
                    assert!(!text.chars().any(char::is_control), "{text:?}");
                    assert_ne!(problem.line, Some(0), "{text}");
                }
            }
            count += 1;
            // A row has a problem for each field or member at most.
            assert!(count <= 2 * data.len() + 10, "rows without end");
        }
        again(&rows);
    }
}

fn again(rows: &[ManifestRow]) {
    let lines = rows
        .iter()
        .map(|row| serde_json::to_string(row).expect("a row has texts") + "\n");
    let lines = lines.collect::<String>();
    let manifest = ManifestFile::from_reader("again", ManifestFormat::JsonLines, lines.as_bytes());
    let read = manifest.expect("temporary files can be written").rows();
    let read = read.take(rows.len()).map(|row| row.expect("it was written as a row"));
    let plain = |row: &ManifestRow| serde_json::to_string(row).expect("a row has texts");
    assert!(read.map(|row| plain(&row)).eq(rows.iter().map(plain)), "{lines}");
}
