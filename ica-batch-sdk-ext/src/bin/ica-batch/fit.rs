//! Texts that fit into a terminal.

use unicode_width::UnicodeWidthStr as _;

/// Narrowest terminal for which texts are broken into lines, in columns.
const NARROWEST: usize = 40;

/// Returns the width of a text in columns of a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Returns the number of columns of a terminal. None for anything else, and for a narrow one.
#[cfg(unix)]
pub(crate) fn columns(terminal: impl std::os::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(terminal).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns >= NARROWEST)
}

#[cfg(not(unix))]
pub(crate) fn columns<T>(_terminal: T) -> Option<usize> {
    None
}

/// Breaks a text between words into lines of a width. A longer word is a line of its own, so that it
/// can be copied.
pub(crate) fn lines(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last().map_or("", String::as_str);
        if !last.is_empty() && width(last) + 1 + width(word) > columns {
            lines.push(String::new());
        }
        if let Some(last) = lines.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// Breaks each line of a text between words. What follows is indented by two columns more than the
/// beginning of the line.
pub(crate) fn paragraphs(text: &str, columns: usize) -> String {
    let paragraph = |line: &str| {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        let [first, further] = [indent, indent + 2].map(|indent| " ".repeat(indent));
        // The first line has the width of the further ones, which are two columns narrower.
        let broken = match width(line) <= columns {
            true => vec![content.to_owned()],
            false => lines(content, columns.saturating_sub(indent + 2).max(NARROWEST / 2)),
        };
        format!("{first}{}", broken.join(&format!("\n{further}")))
    };
    text.split('\n').map(paragraph).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{lines, paragraphs};

    #[test]
    fn a_text_is_broken_between_words() {
        let text = "no request is sent until 12:55:57Z: the server is not available (HTTP 503)";
        assert_eq!(
            paragraphs(text, 40),
            "no request is sent until 12:55:57Z:\n  the server is not available (HTTP 503)"
        );
        assert_eq!(paragraphs(text, 80), text);
    }

    #[test]
    fn what_follows_is_indented_more_than_the_line() {
        let text = "a.csv: 2 analyses\n  pipeline Germline 4-3-6 of the project: 2 analyses";
        assert_eq!(
            paragraphs(text, 40),
            "a.csv: 2 analyses\n  pipeline Germline 4-3-6 of the\n    project: 2 analyses"
        );
    }

    #[test]
    fn a_long_word_stays_whole() {
        let id = "50f5647d-2380-409d-9e56-51b0ef953636";
        assert_eq!(lines(&format!("project {id} x"), 20), ["project", id, "x"]);
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        assert_eq!(lines("検体 検体 ab", 9), ["検体 検体", "ab"]);
    }
}
