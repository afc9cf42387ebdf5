//! Records of CSV and TSV: rows of fields that may be quoted.
//!
//! The lines of a record are collected here, with the lines of the file and strict rules for
//! quotation marks. `csv_core` splits a record into fields. It forgives what a person should correct.

use std::io;

use super::lines::{LONGEST, Line, Lines};
use super::problem::ManifestProblem;

/// Advice about quotation marks.
const QUOTES: &str =
    "put the whole field in quotation marks, and write a quotation mark inside of it twice: \"5\"\" disk\"";

/// Records of a file.
pub(super) struct Records {
    lines: Lines,
    delimiter: u8,
    parser: csv_core::Reader,
    /// Bytes of the record.
    text: Vec<u8>,
    fields: Vec<u8>,
    ends: Vec<usize>,
    is_ended: bool,
}

/// A row of fields, and the line in which it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) line: u64,
    /// Fields without white space around them.
    pub(super) fields: Vec<String>,
}

/// Where the next byte of a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Unquoted,
    Quoted,
    /// After a quotation mark inside of a quoted field: its end, or the first of two.
    AfterQuote,
}

impl Records {
    pub(super) fn new(lines: Lines, delimiter: u8) -> Self {
        let mut parser = csv_core::ReaderBuilder::new();
        // A record is a text of its own here, so nothing ends it.
        parser.delimiter(delimiter).terminator(csv_core::Terminator::Any(b'\n'));
        Self {
            lines,
            delimiter,
            parser: parser.build(),
            text: Vec::new(),
            fields: Vec::new(),
            ends: Vec::new(),
            is_ended: false,
        }
    }

    /// Returns the next record that is not blank. None at the end.
    pub(super) fn next(&mut self) -> Option<Result<Record, ManifestProblem>> {
        while !self.is_ended {
            match self.read() {
                Ok(Some(line)) => match self.split(line) {
                    // Spreadsheets write blank rows as delimiters alone.
                    Ok(record) if record.fields.iter().all(String::is_empty) => {}
                    record => return Some(record),
                },
                Ok(None) => self.is_ended = true,
                Err(problem) => return Some(Err(problem)),
            }
        }
        None
    }

    /// Reads the lines of a record. Returns the first one.
    fn read(&mut self) -> Result<Option<u64>, ManifestProblem> {
        self.text.clear();
        let mut first = None;
        let mut place = Place::FieldStart;
        let mut quote_line = 0;
        loop {
            let start = self.text.len();
            let left = LONGEST.saturating_sub(start);
            let read = self.lines.read(&mut self.text, left);
            let line = self.lines.number();
            let first = *first.get_or_insert(line);
            match read {
                Ok(Line::Read | Line::TooLong) if self.lines.is_utf16() => {
                    self.is_ended = true;
                    return Err(ManifestProblem::at(line, UTF16));
                }
                Ok(Line::Read) => {}
                Ok(Line::End) if start == 0 => return Ok(None),
                Ok(Line::End) => return Err(self.unclosed(quote_line)),
                Ok(Line::TooLong) if place == Place::Quoted => return Err(self.unclosed(quote_line)),
                Ok(Line::TooLong) => return Err(too_long(first)),
                Err(error) => return Err(self.failed(line, &error)),
            }
            let mut bad = None;
            for byte in &self.text[start..] {
                let is_delimiter = *byte == self.delimiter;
                place = match (place, *byte) {
                    (Place::FieldStart, b'"') => {
                        quote_line = line;
                        Place::Quoted
                    }
                    (Place::Quoted, b'"') => Place::AfterQuote,
                    (Place::Quoted, _) => Place::Quoted,
                    (Place::AfterQuote, b'"') => Place::Quoted,
                    (_, _) if is_delimiter => Place::FieldStart,
                    (Place::AfterQuote, _) => {
                        bad.get_or_insert("a quoted field goes on after its closing quotation mark");
                        Place::Unquoted
                    }
                    (Place::Unquoted, b'"') => {
                        bad.get_or_insert("a quotation mark is inside of a field that does not begin with one");
                        Place::Unquoted
                    }
                    (Place::FieldStart | Place::Unquoted, b'\r') => {
                        bad.get_or_insert("a line ends with a carriage return alone");
                        Place::Unquoted
                    }
                    (Place::FieldStart | Place::Unquoted, _) => Place::Unquoted,
                };
            }
            if let Some(bad) = bad {
                let advice = match bad.ends_with("alone") {
                    true => "save the file with the line ends of Windows or Linux",
                    false => QUOTES,
                };
                return Err(ManifestProblem::at(line, format!("{bad}; {advice}")));
            }
            if place != Place::Quoted {
                return Ok(Some(first));
            }
            self.text.push(b'\n');
        }
    }

    /// Returns the problem of a quotation mark that is not closed. The records after it cannot be told
    /// apart.
    fn unclosed(&mut self, line: u64) -> ManifestProblem {
        self.is_ended = true;
        ManifestProblem::at(
            line,
            format!(
                "the quotation mark that begins a field is not closed, so the rest was not read; close it, or {QUOTES}"
            ),
        )
    }

    fn failed(&mut self, line: u64, error: &io::Error) -> ManifestProblem {
        self.is_ended = true;
        unreadable(line, error)
    }

    /// Splits the record into its fields.
    fn split(&mut self, line: u64) -> Result<Record, ManifestProblem> {
        if let Err(error) = std::str::from_utf8(&self.text) {
            return Err(not_utf8(line, error));
        }
        self.parser.reset();
        // Neither has more than the text: fields lose quotation marks, and end at a delimiter.
        self.fields.resize(self.text.len() + 1, 0);
        self.ends.resize(self.text.len() + 2, 0);
        let (mut read, mut written, mut ended) = (0, 0, 0);
        loop {
            let (result, bytes_in, bytes_out, fields) =
                self.parser
                    .read_record(&self.text[read..], &mut self.fields[written..], &mut self.ends[ended..]);
            (read, written, ended) = (read + bytes_in, written + bytes_out, ended + fields);
            match result {
                csv_core::ReadRecordResult::InputEmpty => {}
                _ => break,
            }
        }
        let mut start = 0;
        let fields = self.ends[..ended].iter().map(|end| {
            let field = String::from_utf8_lossy(&self.fields[start..*end]).trim().to_owned();
            start = *end;
            field
        });
        Ok(Record {
            line,
            fields: fields.collect(),
        })
    }
}

/// Problem of a file that is not UTF-8.
pub(super) const UTF16: &str = "the file is UTF-16, not UTF-8; save it as UTF-8";

/// Returns the problem of a row that is not UTF-8.
pub(super) fn not_utf8(line: u64, error: std::str::Utf8Error) -> ManifestProblem {
    let byte = error.valid_up_to().saturating_add(1);
    ManifestProblem::at(
        line,
        format!("byte {byte} of the row is not UTF-8; save the file as UTF-8"),
    )
}

/// Returns the problem of a row above the limit.
pub(super) fn too_long(line: u64) -> ManifestProblem {
    ManifestProblem::at(
        line,
        format!("the row is longer than {} MiB; shorten it", LONGEST / 1024 / 1024),
    )
}

/// Returns the problem of a file that cannot be read.
pub(super) fn unreadable(line: u64, error: &io::Error) -> ManifestProblem {
    ManifestProblem::at(
        line.saturating_add(1),
        format!("the file cannot be read from here: {error}; check the disk and the file"),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, Lines, Record, Records};

    fn records(text: &[u8], delimiter: u8) -> Vec<Result<(u64, Vec<String>), String>> {
        let lines = Lines::new(Box::new(std::io::Cursor::new(text.to_vec())));
        let mut records = Records::new(lines, delimiter);
        std::iter::from_fn(|| records.next())
            .map(|record| {
                let record = record.map_err(|problem| problem.to_string());
                record.map(|Record { line, fields }| (line, fields))
            })
            .collect()
    }

    fn row(line: u64, fields: &[&str]) -> Result<(u64, Vec<String>), String> {
        Ok((line, fields.iter().map(|field| (*field).to_owned()).collect()))
    }

    #[test]
    fn rows_have_their_line_of_the_file() {
        let text = b"\xef\xbb\xbfa,b\r\n\r\n  \n1,\"x, \"\"y\"\"\nz\"\n,\n , 2 \n\"\",";
        let expected = [row(1, &["a", "b"]), row(4, &["1", "x, \"y\"\nz"]), row(7, &["", "2"])];
        assert_eq!(records(text, b','), expected);
        let text = b"a\tb\n\t\n\n1\t2,\"3\n\t4";
        let found = records(text, b'\t');
        assert_eq!((&found[0], &found[2]), (&row(1, &["a", "b"]), &row(5, &["", "4"])));
        assert!(
            found[1]
                .as_ref()
                .unwrap_err()
                .starts_with("line 4: a quotation mark is inside")
        );
    }

    #[test]
    fn quotation_marks_must_be_balanced() {
        let text = "a\nx\"y\n\"x\"y\nok\n1,\"open\n2\n";
        let found = records(text.as_bytes(), b',');
        let errors = found
            .iter()
            .filter_map(|record| record.as_ref().err())
            .collect::<Vec<_>>();
        assert!(
            errors[0].starts_with("line 2: a quotation mark is inside of a field"),
            "{errors:?}"
        );
        assert!(
            errors[1].starts_with("line 3: a quoted field goes on after"),
            "{errors:?}"
        );
        assert!(
            errors[2].starts_with("line 5: the quotation mark that begins a field is not closed"),
            "{errors:?}"
        );
        assert_eq!((errors.len(), &found[3]), (3, &row(4, &["ok"])));
    }

    #[test]
    fn other_encodings_and_line_ends_are_named() {
        let one = |text: &[u8]| records(text, b',').remove(0).unwrap_err();
        assert_eq!(
            one(b"a\nb,\xe9".split_at(2).1),
            "line 1: byte 3 of the row is not UTF-8; save the file as UTF-8"
        );
        for utf16 in [&b"\xff\xfea\0,\0"[..], b"\xfe\xff\0a", b"\xff\xfe\r\0\n\0"] {
            let found = records(utf16, b',');
            assert_eq!(
                found,
                [Err("line 1: the file is UTF-16, not UTF-8; save it as UTF-8".to_owned())],
                "{utf16:?}"
            );
        }
        assert!(one(b"a,b\r1,2\r").contains("line ends with a carriage return alone"));
    }

    #[test]
    fn a_row_above_the_limit_is_refused_and_the_next_one_is_read() {
        let long = "x".repeat(LONGEST + 1);
        let short = "x".repeat(LONGEST - 10);
        let text = format!("a\n{long}\n\"{short}\n\"\nb\n\"{long}\nc\n");
        let found = records(text.as_bytes(), b',');
        assert_eq!((&found[0], &found[3]), (&row(1, &["a"]), &row(5, &["b"])));
        assert_eq!(
            found[1],
            Err("line 2: the row is longer than 1 MiB; shorten it".to_owned())
        );
        assert_eq!(found[2].as_ref().unwrap().1[0].len(), LONGEST - 10);
        assert_eq!(
            found[4],
            Err("line 6: the row is longer than 1 MiB; shorten it".to_owned())
        );
        assert_eq!(found[5], row(7, &["c"]));
        // The quotation mark that is not closed would take all that follows.
        let open = format!("a\n\"x\n{}", "y\n".repeat(LONGEST));
        let found = records(open.as_bytes(), b',');
        assert_eq!(found.len(), 2);
        assert!(
            found[1].as_ref().unwrap_err().starts_with("line 2: the quotation mark"),
            "{found:?}"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(text in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200)) {
            for delimiter in [b',', b'\t'] {
                let found = records(&text, delimiter);
                prop_assert!(found.iter().flatten().all(|(line, _)| *line > 0));
            }
        }

        #[test]
        fn what_another_writer_wrote_is_read(
            rows in proptest::collection::vec(proptest::collection::vec("[ -~äöü\n,\"]{0,12}", 3), 1..8),
            crlf in any::<bool>(),
        ) {
            let rows = rows.into_iter().map(|mut row: Vec<String>| {
                row[0].push('x'); // A row of empty fields is blank.
                row
            }).collect::<Vec<_>>();
            let mut writer = csv::WriterBuilder::new();
            if crlf {
                writer.terminator(csv::Terminator::CRLF);
            }
            let mut writer = writer.from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let expected = rows.iter().map(|row| row.iter().map(|field| field.trim().to_owned()).collect::<Vec<_>>());
            let found = records(&text, b',').into_iter().map(|record| record.unwrap().1);
            prop_assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
    }
}
