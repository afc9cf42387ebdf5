//! Reads the top-level `key: value` lines of a YAML file, and of each whether its value is plain text.
//!
//! The icav2 command line writes its files as one flat mapping of short texts. To read two keys of that needs no YAML
//! parser, which would weigh more than all else that this crate depends on for credentials, and would fail on a file of
//! which some other part is odd. What is not a flat line is passed over: comments, document marks, nested and continued
//! lines. What is no plain text is told apart rather than guessed at: `!!binary`, blocks, collections, and escapes other
//! than those of `"` and `\`.

/// The value of a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Printable text, without its quotes.
    Text(String),
    /// Something else: binary, a block, a collection, or text that no terminal could show.
    Opaque,
}

/// The value of the first line with this key, in any case. A value that is empty or null counts as absent.
pub(super) fn value(document: &str, key: &str) -> Option<Value> {
    let document = document.trim_start_matches('\u{feff}');
    let raw = document
        .lines()
        .filter_map(entry)
        .find_map(|(name, raw)| name.eq_ignore_ascii_case(key).then_some(raw))?;
    read(raw)
}

/// Key and value of a line that is no part of something else.
fn entry(line: &str) -> Option<(&str, &str)> {
    if line.starts_with([' ', '\t', '#', '-', '%']) {
        return None;
    }
    let (key, value) = line.split_once(':')?;
    let separated = value.is_empty() || value.starts_with([' ', '\t', '\r']);
    separated.then(|| (key.trim().trim_matches(['"', '\'']), value.trim()))
}

fn read(raw: &str) -> Option<Value> {
    let raw = raw.strip_prefix("!!str").map_or(raw, str::trim_start);
    let text = match raw.chars().next()? {
        '#' => return None,
        '"' => double_quoted(&raw[1..]),
        '\'' => single_quoted(&raw[1..]),
        '!' | '|' | '>' | '{' | '[' | '&' | '*' | '@' | '`' | '%' => None,
        _ => Some(plain(raw).to_owned()),
    };
    let is_plain = !raw.starts_with(['"', '\'']);
    match text {
        Some(text) if text.is_empty() || is_plain && is_null(&text) => None,
        Some(text) if text.chars().all(|c| c.is_ascii_graphic() || c == ' ') => Some(Value::Text(text)),
        _ => Some(Value::Opaque),
    }
}

/// A comment begins at a `#` after white space.
fn plain(raw: &str) -> &str {
    let end = raw.match_indices('#').find(|(at, _)| raw[..*at].ends_with([' ', '\t']));
    end.map_or(raw, |(at, _)| &raw[..at]).trim_end()
}

fn is_null(text: &str) -> bool {
    text == "~" || text.eq_ignore_ascii_case("null")
}

/// The text up to the closing quote, if it is on this line; a quote is written twice.
fn single_quoted(rest: &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = rest.chars().peekable();
    loop {
        match chars.next()? {
            '\'' if chars.next_if_eq(&'\'').is_some() => text.push('\''),
            '\'' => return Some(text),
            other => text.push(other),
        }
    }
}

/// The text up to the closing quote, if it is on this line and holds none but the simplest escapes.
fn double_quoted(rest: &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(chars.next().filter(|c| matches!(c, '"' | '\\' | '/'))?),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, value};

    fn text(document: &str, key: &str) -> Option<String> {
        match value(document, key)? {
            Value::Text(text) => Some(text),
            Value::Opaque => panic!("{key} is opaque in {document}"),
        }
    }

    #[test]
    fn a_file_as_the_command_line_writes_it_is_read() {
        let file = "access-token: eyJ0.eyJ1.x-_\nproject-id: 6c1d\n";
        assert_eq!(text(file, "access-token").as_deref(), Some("eyJ0.eyJ1.x-_"));
        assert_eq!(text(file, "project-id").as_deref(), Some("6c1d"));
        assert_eq!(text(file, "x-api-key"), None);
    }

    #[test]
    fn comments_quotes_marks_and_line_ends_make_no_difference() {
        let file = "\u{feff}%YAML 1.2\r\n---\r\n# k: commented\r\n\r\n'k': \"v 1\" # why\r\n...\r\n";
        assert_eq!(text(file, "k").as_deref(), Some("v 1"));
        for (line, read) in [
            ("k: v#1 # why", "v#1"),
            ("k:\tv", "v"),
            ("k : v", "v"),
            ("\"k\": 'it''s'", "it's"),
            (r#"k: "a\"b\\c""#, r#"a"b\c"#),
            ("K: https://host:1/x", "https://host:1/x"),
            ("k: !!str 12", "12"),
            ("k: 'null'", "null"),
        ] {
            assert_eq!(text(line, "k").as_deref(), Some(read), "{line}");
        }
    }

    #[test]
    fn an_empty_value_is_none() {
        for line in [
            "k:",
            "k: ",
            "k: \"\"",
            "k: ''",
            "k: ~",
            "k: null",
            "k: # none",
            "k:v",
            "kk: v",
            "k",
        ] {
            assert_eq!(value(line, "k"), None, "{line}");
        }
    }

    #[test]
    fn nested_lines_belong_to_something_else() {
        let file = "other:\n  k: nested\n\tk: nested\n- k: listed\nk: v\n";
        assert_eq!(text(file, "k").as_deref(), Some("v"));
    }

    #[test]
    fn what_is_no_plain_text_is_opaque() {
        for line in [
            "k: !!binary HTeWxIUa6Q==",
            "k: !!binary |\n  HTeWxIUa6Q==",
            "k: |\n  text",
            "k: >-\n  text",
            "k: {a: b}",
            "k: [a]",
            "k: schlüssel",
            "k: \u{fffd}x",
            r#"k: "\x01\x02""#,
            "k: \"open",
            "k: 'open",
        ] {
            assert_eq!(value(line, "k"), Some(Value::Opaque), "{line}");
        }
    }
}
