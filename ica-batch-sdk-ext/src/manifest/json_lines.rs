//! Rows of JSON lines: one object per line.

use super::columns::{OUTPUT_FOLDER, PIPELINE, STORAGE, TAGS, USER_REFERENCE, nearest};
use super::json_members::{Members, Object, without_place};
use super::lines::{LONGEST, Line, Lines};
use super::problem::ManifestProblem;
use super::records::{UTF16, not_utf8, too_long, unreadable};
use super::row::{ManifestRow, ManifestValue};

const INPUTS: &str = "inputs";
const PARAMS: &str = "params";

/// Members of a row.
const MEMBERS: [&str; 7] = [USER_REFERENCE, PIPELINE, STORAGE, OUTPUT_FOLDER, TAGS, INPUTS, PARAMS];

/// Reason of a file with one JSON value in place of lines.
const OVER_LINES: &str = "the file is JSON over several lines; write each row as an object in a line of its own";

/// Reader of the lines of a file, as rows.
pub(super) struct JsonLines {
    lines: Lines,
    text: Vec<u8>,
    has_rows: bool,
    is_ended: bool,
}

impl JsonLines {
    pub(super) fn new(lines: Lines) -> Self {
        Self {
            lines,
            text: Vec::new(),
            has_rows: false,
            is_ended: false,
        }
    }

    /// Returns the next row, or all its problems. Blank lines are skipped.
    pub(super) fn next(&mut self) -> Option<Result<ManifestRow, Vec<ManifestProblem>>> {
        while !self.is_ended {
            self.text.clear();
            let read = self.lines.read(&mut self.text, LONGEST);
            let line = self.lines.number();
            let problem = match read {
                Ok(Line::End) => return None,
                Ok(_) if self.lines.is_utf16() => {
                    self.is_ended = true;
                    ManifestProblem::at(line, UTF16)
                }
                Ok(Line::TooLong) => too_long(line),
                Ok(Line::Read) => match std::str::from_utf8(&self.text) {
                    Ok(text) if text.trim().is_empty() => continue,
                    // Each further line would be a problem, too.
                    Ok(text) if !self.has_rows && is_over_lines(text) => {
                        self.is_ended = true;
                        ManifestProblem::at(line, OVER_LINES)
                    }
                    Ok(text) => {
                        self.has_rows = true;
                        return Some(row(text, line));
                    }
                    Err(error) => not_utf8(line, error),
                },
                Err(error) => {
                    self.is_ended = true;
                    unreadable(line, &error)
                }
            };
            return Some(Err(vec![problem]));
        }
        None
    }
}

/// Reads the row of a line.
fn row(text: &str, line: u64) -> Result<ManifestRow, Vec<ManifestProblem>> {
    let members = match serde_json::from_str::<Members<'_>>(text) {
        Ok(Members(members)) => members,
        Err(error) => return Err(vec![ManifestProblem::at(line, no_object(text, &error))]),
    };
    let mut object = Object::default();
    let mut row = ManifestRow::new("");
    row.line = Some(line);
    for (name, value) in object.distinct("", members) {
        let name = name.as_ref();
        match name {
            USER_REFERENCE => row.user_reference = object.value(name, value).unwrap_or_default(),
            PIPELINE => row.pipeline = object.value(name, value),
            STORAGE => row.storage = object.value(name, value),
            OUTPUT_FOLDER => row.output_folder = object.value(name, value),
            TAGS => row.tags = object.list(name, value).unwrap_or_default(),
            INPUTS => {
                for (code, name, value) in object.by_code(name, value) {
                    if let Some(data) = object.list(&name, value) {
                        row.inputs.insert(code, data);
                    }
                }
            }
            PARAMS => {
                for (code, name, value) in object.by_code(name, value) {
                    if let Some(value) = object.value::<ManifestValue>(&name, value) {
                        row.params.insert(code, value);
                    }
                }
            }
            _ => {
                let reason = match nearest(name, &MEMBERS) {
                    Some(meant) => format!("it is not a member of a row; did you mean {meant:?}?"),
                    None => format!("it is not a member of a row; use {}", MEMBERS.join(", ")),
                };
                object.add(name, reason);
            }
        }
    }
    for (name, value) in [
        (PIPELINE, &row.pipeline),
        (STORAGE, &row.storage),
        (OUTPUT_FOLDER, &row.output_folder),
    ] {
        if value.as_ref().is_some_and(|text| text.trim().is_empty()) {
            object.add(name, "it is empty; write a value, or remove it".to_owned());
        }
    }
    if row.user_reference.is_empty() && !object.has(USER_REFERENCE) {
        object.add(
            USER_REFERENCE,
            "it is missing or empty; write a name for the analysis".to_owned(),
        );
    }
    match object.problems.is_empty() {
        true => Ok(row),
        false => Err(object
            .problems
            .into_iter()
            .map(|(name, reason)| {
                let problem = ManifestProblem::at(line, reason).column(&name);
                problem.user_reference(&row.user_reference)
            })
            .collect()),
    }
}

/// Returns whether a line is a part of JSON over several lines.
fn is_over_lines(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[') || matches!(text, "{" | "}" | "},")
}

/// Returns the reason why a line is not an object.
fn no_object(text: &str, error: &serde_json::Error) -> String {
    let text = text.trim();
    if is_over_lines(text) {
        return OVER_LINES.to_owned();
    }
    if !text.starts_with('{') {
        return "the line is not a JSON object; write {\"user_reference\": …} in each line, or read the file as CSV"
            .to_owned();
    }
    format!(
        "the line is not valid JSON at byte {}: {}; correct it",
        error.column(),
        without_place(error)
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{JsonLines, LONGEST, Lines, ManifestRow};

    fn rows(text: &[u8]) -> Vec<Result<ManifestRow, Vec<String>>> {
        let mut reader = JsonLines::new(Lines::new(Box::new(std::io::Cursor::new(text.to_vec()))));
        std::iter::from_fn(|| reader.next())
            .map(|row| row.map_err(|problems| problems.iter().map(ToString::to_string).collect()))
            .collect()
    }

    fn problems(text: &str) -> Vec<String> {
        rows(text.as_bytes())
            .into_iter()
            .flat_map(|row| row.err().unwrap_or_default())
            .collect()
    }

    #[test]
    fn a_line_is_read_as_serde_reads_it() {
        let lines = [
            r#"{"user_reference": "a", "pipeline": "Germline", "storage": "Small", "output_folder": "/o/", "tags": ["x"]}"#,
            r#"{"params": {"n": 1, "list": [true, "a;b"], "none": null}, "inputs": {"x": "/a;b", "y": ["1", "2"]}, "user_reference": "é\n"}"#,
            r#"{"user_reference": "c", "pipeline": null, "tags": null, "inputs": null, "params": null}"#,
        ];
        let text = format!("\u{feff}{}\r\n\n  \n{}\n{}", lines[0], lines[1], lines[2]);
        let read = rows(text.as_bytes())
            .into_iter()
            .map(Result::unwrap)
            .collect::<Vec<_>>();
        assert_eq!(
            read.iter().map(ManifestRow::line).collect::<Vec<_>>(),
            [Some(1), Some(4), Some(5)]
        );
        for (mut row, line) in read.into_iter().zip(lines) {
            row.line = None;
            assert_eq!(row, serde_json::from_str::<ManifestRow>(line).unwrap());
        }
    }

    #[test]
    fn all_problems_of_a_row_name_the_member() {
        let line = r#"{"user_reference": 4, "pipelin": "x", "storage": " ", "tags": ["a", ""], "inputs": {"x": {}, "x": "a", "": "b"}, "params": {"n": 0.5}, "colour": 1, "pipelin": 1}"#;
        assert_eq!(
            problems(line),
            [
                "line 1, column \"pipelin\": it occurs twice in the row; remove one of them",
                "line 1, column \"user_reference\": invalid type: integer `4`, expected a string; correct the value",
                "line 1, column \"pipelin\": it is not a member of a row; did you mean \"pipeline\"?",
                "line 1, column \"tags\": it has an empty text; remove it",
                "line 1, column \"inputs.x\": it occurs twice in the row; remove one of them",
                "line 1, column \"inputs\": a code is empty; write the code of the pipeline's input form",
                "line 1, column \"inputs.x\": invalid type: map, expected a text, a whole number, true, false, or a list of \
                 these; correct the value",
                "line 1, column \"params.n\": a number with a fraction or an exponent may lose digits; write it in quotation \
                 marks; correct the value",
                "line 1, column \"colour\": it is not a member of a row; use user_reference, pipeline, storage, \
                 output_folder, tags, inputs, params",
                "line 1, column \"storage\": it is empty; write a value, or remove it",
            ]
        );
        assert_eq!(
            problems("{}\n{\"user_reference\": \"a\", \"inputs\": []}"),
            [
                "line 1, column \"user_reference\": it is missing or empty; write a name for the analysis",
                "line 2, column \"inputs\", analysis \"a\": invalid type: sequence, expected an object; write an object of \
                 codes: {\"CODE\": …}",
            ]
        );
    }

    #[test]
    fn other_lines_are_named() {
        let one = |text: &str| problems(text).remove(0);
        assert!(one("[").contains("JSON over several lines"));
        assert!(one("{\n").contains("JSON over several lines"));
        assert_eq!(problems("[\n{\"user_reference\": \"a\"},\n\"b\"\n]").len(), 1);
        assert!(one("user_reference,pipeline").contains("read the file as CSV"));
        assert_eq!(
            one("{\"user_reference\": \"a\" \"b\"}"),
            "line 1: the line is not valid JSON at byte 24: expected `,` or `}`; correct it"
        );
        let long = format!(
            "{{\"user_reference\": \"{}\"}}\n{{\"user_reference\": \"b\"}}",
            "x".repeat(LONGEST)
        );
        let found = rows(long.as_bytes());
        assert_eq!(
            found[0],
            Err(vec!["line 1: the row is longer than 1 MiB; shorten it".to_owned()])
        );
        assert_eq!(found[1].as_ref().unwrap().user_reference, "b");
        let found = rows(b"\xff\xfe{\0}\0\n\0{\0");
        assert_eq!(
            found,
            [Err(vec![
                "line 1: the file is UTF-16, not UTF-8; save it as UTF-8".to_owned()
            ])]
        );
        let found = rows(b"{\"user_reference\": \"\xe9\"}");
        assert_eq!(
            found[0],
            Err(vec![
                "line 1: byte 21 of the row is not UTF-8; save the file as UTF-8".to_owned()
            ])
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(text in proptest::collection::vec(any::<u8>(), 0..200), start in any::<bool>()) {
            let start = if start { &b"{\"user_reference\": \"a\", \"inputs\": {\"x\": "[..] } else { b"" };
            rows(&[start, &text].concat());
        }

        #[test]
        fn any_row_is_read_again(reference in "\\PC{1,20}", code in "[a-z]{1,5}", texts in proptest::collection::vec("[!-~]\\PC{0,10}", 0..3)) {
            let mut row = ManifestRow::new(reference);
            row.inputs.insert(code.clone(), texts.clone());
            row.params.insert(code, texts.into());
            let json = serde_json::to_string(&row).unwrap();
            let mut read = rows(json.as_bytes()).remove(0).unwrap();
            read.line = None;
            prop_assert_eq!(read, row);
        }
    }
}
