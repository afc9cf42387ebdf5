//! Layout of tables for people.

use std::fmt::Write as _;

use crate::fit::{self, width};

/// Columns between two cells, where the terminal is wide enough.
const GAP: usize = 2;

/// Indentation of a last cell that has lines of its own.
const INDENT: usize = 4;

/// Narrowest last column in which texts are broken into lines.
const NARROWEST: usize = 12;

/// Text of an empty cell.
const EMPTY: &str = "-";

/// Place of the last cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Beside the others, however long it is.
    Beside,
    /// Beside the others, broken into lines of this width.
    Broken(usize),
    /// Below the others, on lines of this width.
    Below(usize),
}

/// Returns the cell of a text, without characters that end a line.
pub(super) fn cell(text: &str) -> String {
    match text.is_empty() {
        true => EMPTY.to_owned(),
        false => text.replace(char::is_control, " "),
    }
}

/// Returns rows with aligned columns. Where they are wider than the terminal, the gaps become
/// narrower, and then the last cells get several lines.
pub(super) fn aligned(rows: &[Vec<String>], columns: Option<usize>) -> String {
    let number = rows.iter().map(Vec::len).max().unwrap_or_default();
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column));
    let widths = (0..number).map(|column| cells(column).map(|cell| width(cell)).max().unwrap_or_default());
    let widths = widths.collect::<Vec<_>>();
    let words = number.checked_sub(1).into_iter().flat_map(cells);
    let longest = words
        .flat_map(|cell| cell.split(' '))
        .map(width)
        .max()
        .unwrap_or_default();
    let (gap, last) = layout(&widths, longest, columns);
    let mut text = String::new();
    for row in rows {
        write_row(&mut text, row, &widths, gap, last);
    }
    text
}

/// Chooses the gap and the place of the last cells, whose longest word has this width.
fn layout(widths: &[usize], longest: usize, columns: Option<usize>) -> (usize, Last) {
    let (Some(columns), Some((_, others))) = (columns, widths.split_last()) else {
        return (GAP, Last::Beside);
    };
    let of = |widths: &[usize], gap: usize| widths.iter().sum::<usize>() + gap * widths.len();
    // No gap follows the last cell.
    for gap in [GAP, 1] {
        if of(widths, gap) <= columns + gap {
            return (gap, Last::Beside);
        }
    }
    let rest = columns.saturating_sub(of(others, 1));
    match () {
        () if rest >= longest.max(NARROWEST) => (1, Last::Broken(rest)),
        () if of(others, 1) <= columns + 1 => (1, Last::Below(columns.saturating_sub(INDENT))),
        // Many columns were chosen. The terminal breaks the lines.
        () => (1, Last::Beside),
    }
}

fn write_row(text: &mut String, row: &[String], widths: &[usize], gap: usize, last: Last) {
    let Some((end, others)) = row.split_last() else {
        return;
    };
    let mut line = String::new();
    for (cell, width) in others.iter().zip(widths) {
        let padding = width + gap - fit::width(cell);
        write!(line, "{cell}{:padding$}", "").ok();
    }
    let start = fit::width(&line);
    let (indent, lines) = match last {
        Last::Beside => (start, vec![end.clone()]),
        Last::Broken(columns) => (start, fit::lines(end, columns)),
        Last::Below(_) if end == EMPTY => (0, vec![String::new()]),
        Last::Below(columns) => {
            let below = fit::lines(end, columns).into_iter();
            (INDENT, [String::new()].into_iter().chain(below).collect())
        }
    };
    for (index, part) in lines.iter().enumerate() {
        let line = match index {
            0 => format!("{line}{part}"),
            _ => format!("{:indent$}{part}", ""),
        };
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::aligned;

    fn shown(rows: &[&[&str]], columns: usize) -> Vec<String> {
        let rows = rows
            .iter()
            .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect());
        let text = aligned(&rows.collect::<Vec<_>>(), Some(columns));
        text.lines().map(ToOwned::to_owned).collect()
    }

    const ROWS: &[&[&str]] = &[
        &["NAME", "OUTCOME", "MESSAGE"],
        &["a-1", "rejected", "no such pipeline here"],
        &["a-2", "succeeded", "-"],
    ];

    #[test]
    fn a_wide_terminal_has_wide_gaps() {
        let wide = [
            "NAME  OUTCOME    MESSAGE",
            "a-1   rejected   no such pipeline here",
            "a-2   succeeded  -",
        ];
        assert_eq!(shown(ROWS, 38), wide);
        let narrow = [
            "NAME OUTCOME   MESSAGE",
            "a-1  rejected  no such pipeline here",
            "a-2  succeeded -",
        ];
        assert_eq!(shown(ROWS, 37), narrow);
    }

    #[test]
    fn the_last_cell_is_broken_between_words() {
        let expected = [
            "NAME OUTCOME   MESSAGE",
            "a-1  rejected  no such pipeline",
            "               here",
            "a-2  succeeded -",
        ];
        assert_eq!(shown(ROWS, 35), expected);
    }

    #[test]
    fn the_last_cell_is_below_where_the_others_fill_the_line() {
        let expected = [
            "NAME OUTCOME",
            "    MESSAGE",
            "a-1  rejected",
            "    no such pipeline",
            "    here",
            "a-2  succeeded",
        ];
        assert_eq!(shown(ROWS, 22), expected);
    }

    #[test]
    fn without_a_terminal_a_line_has_any_length() {
        let rows = [["a".repeat(500), "b".repeat(500)].to_vec()];
        assert_eq!(aligned(&rows, None).lines().count(), 1);
        assert_eq!(aligned(&[], Some(80)), "");
    }
}
