//! Prose of a description as documentation of Rust.
//!
//! rustdoc compiles what Markdown shows as code, and runs it as a test. Prose of an API has other
//! code or none, so indented lines and blocks without a language would break the tests of a client.
//! Here no line is indented enough to be code, and each block of code becomes text.

use std::borrow::Cow;

/// Greatest indentation of a line. Markdown shows four spaces as code, and one more is in front of
/// each line of a comment.
const MAX_INDENT: usize = 2;

/// Removes characters that rustc refuses in comments, and makes all code plain text.
pub(super) fn tidy(text: &mut String) {
    remove_refused(text);
    if may_have_code(text) {
        *text = without_code(text);
    }
}

/// Does the same for the text of an argument, which becomes a part of a line. It keeps no block of
/// code: the first fence would be inside of that line.
pub(super) fn tidy_argument(text: &mut String) {
    remove_refused(text);
    if may_have_code(text) {
        *text = text.lines().map(paragraph).collect::<Vec<_>>().join("\n");
    }
}

fn remove_refused(text: &mut String) {
    if text.contains(is_refused) {
        *text = text.replace("\r\n", "\n").replace('\r', "\n").replace(is_refused, "");
    }
}

fn may_have_code(text: &str) -> bool {
    text.contains("  ") || text.contains('\t') || FENCES.iter().any(|fence| text.contains(&fence.to_string().repeat(3)))
}

/// Returns whether no comment and no name may contain the character.
pub(super) fn is_refused(c: char) -> bool {
    let is_direction = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && !matches!(c, '\n' | '\t')) || is_direction || c == '\u{feff}'
}

/// Characters of the lines around a block of code.
const FENCES: [char; 2] = ['`', '~'];

fn without_code(text: &str) -> String {
    let mut lines = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        let fence = fence(line);
        match (&open, fence) {
            (None, Some(fence)) => {
                lines.push(Cow::Owned(format!("{fence}text")));
                open = Some(fence);
            }
            (None, None) => lines.push(Cow::Owned(paragraph(line))),
            (Some(opening), Some(fence)) if closes(&fence, opening, line) => {
                lines.push(Cow::Owned(fence));
                open = None;
            }
            (Some(_), _) => lines.push(Cow::Borrowed(line)),
        }
    }
    lines.extend(open.map(Cow::Owned));
    lines.join("\n")
}

/// Returns the characters that open or close a block of code, if the line begins with them.
fn fence(line: &str) -> Option<String> {
    let rest = line.trim_start_matches(' ');
    let first = rest.chars().next().filter(|first| FENCES.contains(first))?;
    let count = rest.chars().take_while(|c| *c == first).count();
    // A line such as ```a``` is code inside of text.
    let is_inline = first == '`' && rest[count..].contains('`');
    let is_fence = count >= 3 && line.len() - rest.len() <= MAX_INDENT && !is_inline;
    is_fence.then(|| first.to_string().repeat(count))
}

fn closes(fence: &str, opening: &str, line: &str) -> bool {
    fence.starts_with(opening) && line.trim() == fence
}

/// Returns a line outside of a block of code. White space inside of a line has no meaning, but after
/// the mark of a list or of a quotation it would begin code, as a fence would.
fn paragraph(line: &str) -> String {
    let content = line.trim_start();
    let indent = (line.len() - content.len()).min(MAX_INDENT);
    let words = content.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = FENCES.iter().fold(words, |words, fence| {
        let fence = fence.to_string().repeat(3);
        words.replace(&fence, "\"")
    });
    format!("{}{words}", " ".repeat(indent))
}

#[cfg(test)]
mod tests {
    fn tidied(text: &str) -> String {
        let mut text = text.to_owned();
        super::tidy(&mut text);
        text
    }

    #[test]
    fn no_line_is_indented_enough_to_be_code() {
        assert_eq!(tidied("One.\n\n    let x;\n\tlet y;"), "One.\n\n  let x;\n let y;");
        assert_eq!(tidied("-      let x;\n>     let y;\n1.\tz"), "- let x;\n> let y;\n1. z");
        assert_eq!(tidied("- one\n  - two"), "- one\n  - two");
    }

    #[test]
    fn each_block_of_code_is_text_and_is_closed() {
        assert_eq!(tidied("```\nlet  x;\n```"), "```text\nlet  x;\n```");
        assert_eq!(tidied("~~~~ rust\n~~~\n~~~~~"), "~~~~text\n~~~\n~~~~~");
        assert_eq!(tidied("```rust\nlet x;"), "```text\nlet x;\n```");
        assert_eq!(tidied("> ```\n> x\n- ~~~rust"), "> \"\n> x\n- \"rust");
        assert_eq!(tidied("```a```"), "\"a\"");
    }

    #[test]
    fn the_text_of_an_argument_keeps_no_block_of_code() {
        let mut text = "```rust\nlet  x;\n```".to_owned();
        super::tidy_argument(&mut text);
        assert_eq!(text, "\"rust\nlet x;\n\"");
    }

    #[test]
    fn other_prose_stays_as_it_is() {
        for text in ["One.\n\nTwo `x`.", "- one\n- two\n\n1. three", "a ~~b~~ ``c``"] {
            assert_eq!(tidied(text), text);
        }
        assert_eq!(tidied("a\r\nb\u{7}\u{202e}c"), "a\nbc");
    }
}
