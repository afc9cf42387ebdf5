//! Reader for the top-level `key: value` lines of a YAML file.
//!
//! The icav2 command line writes its files as one flat mapping of short texts. Two keys are needed,
//! and a YAML parser would be the largest dependency of the credentials. It would also fail when
//! another part of the file is not valid. Lines that are not flat are skipped: comments, document
//! marks, nested lines and continued lines. A value that is not plain text is reported as such and
//! never guessed: `!!binary`, blocks, collections, and escapes other than `\"`, `\\` and `\/`.

/// Value of a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Printable ASCII text, without its quotes.
    Text(String),
    /// Anything else: binary, a block, a collection, or text that is not printable ASCII.
    Other,
}

/// Returns the value of the first line with this key. The case of the key is ignored. An empty or
/// null value counts as absent.
pub(super) fn value(document: &str, key: &str) -> Option<Value> {
    let document = document.trim_start_matches('\u{feff}');
    let raw = document
        .lines()
        .filter_map(entry)
        .find_map(|(name, raw)| name.eq_ignore_ascii_case(key).then_some(raw))?;
    read(raw)
}

/// Returns the key and value of a top-level line.
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
    let mut chars = raw.chars();
    let text = match chars.next()? {
        '#' => return None,
        '"' => double_quoted(chars.as_str()),
        '\'' => single_quoted(chars.as_str()),
        '!' | '|' | '>' | '{' | '[' | '&' | '*' | '@' | '`' | '%' => None,
        _ => Some(plain(raw).to_owned()),
    };
    let is_plain = !raw.starts_with(['"', '\'']);
    match text {
        Some(text) if text.is_empty() || is_plain && is_null(&text) => None,
        Some(text) if text.chars().all(|c| c.is_ascii_graphic() || c == ' ') => Some(Value::Text(text)),
        _ => Some(Value::Other),
    }
}

/// Returns an unquoted value without its comment, which begins at a `#` after white space.
fn plain(raw: &str) -> &str {
    let before = raw.match_indices('#').filter_map(|(at, _)| raw.get(..at));
    let value = before.into_iter().find(|before| before.ends_with([' ', '\t']));
    value.unwrap_or(raw).trim_end()
}

fn is_null(text: &str) -> bool {
    text == "~" || text.eq_ignore_ascii_case("null")
}

/// Returns the text up to the closing quote, or None when that is not on this line. Two quotes
/// stand for one.
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

/// Returns the text up to the closing quote. None when that is not on this line, or when the text
/// contains an escape other than `\"`, `\\` and `\/`.
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
            Value::Other => panic!("{key} is not text in {document}"),
        }
    }

    #[test]
    fn a_file_of_the_command_line_is_read() {
        let file = "access-token: eyJ0.eyJ1.x-_\nproject-id: 6c1d\n";
        assert_eq!(text(file, "access-token").as_deref(), Some("eyJ0.eyJ1.x-_"));
        assert_eq!(text(file, "project-id").as_deref(), Some("6c1d"));
        assert_eq!(text(file, "x-api-key"), None);
    }

    #[test]
    fn comments_quotes_marks_and_line_ends_are_removed() {
        let file = "\u{feff}%YAML 1.2\r\n---\r\n# k: commented\r\n\r\n'k': \"v 1\" # why\r\n...\r\n";
        assert_eq!(text(file, "k").as_deref(), Some("v 1"));
        for (line, read) in [
            ("k: v#1 # comment", "v#1"),
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
    fn an_empty_value_counts_as_absent() {
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
    fn nested_lines_are_skipped() {
        let file = "other:\n  k: nested\n\tk: nested\n- k: listed\nk: v\n";
        assert_eq!(text(file, "k").as_deref(), Some("v"));
    }

    #[test]
    fn a_value_that_is_not_plain_text_is_reported_as_other() {
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
            assert_eq!(value(line, "k"), Some(Value::Other), "{line}");
        }
    }
}
