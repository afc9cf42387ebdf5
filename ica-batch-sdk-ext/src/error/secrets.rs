//! Secrets within a text: where they are, in which spelling, and how much of one counts.

#![allow(
    clippy::string_slice,
    reason = "every position is the sum of the lengths of characters"
)]

use std::borrow::Cow;

use ica_batch_sdk::is_invisible;

/// A secret shorter than this is replaced only where it is a whole word. A short key must not
/// remove parts of other words.
const SHORT: usize = 8;

/// Number of characters at the start of a secret that count as the secret: a server may have cut
/// it.
const START: usize = 16;

/// The same at the end of a text that was cut, where the rest of the secret is missing.
const CUT_START: usize = 4;

/// Returns the text with `mark` in place of each secret. `is_cut` says that the text goes on.
///
/// Secrets are ASCII. They are found in upper and lower case, percent-encoded, and escaped as in
/// JSON.
pub(super) fn replace<'t, 's>(
    text: &'t str,
    secrets: impl Iterator<Item = &'s str> + Clone,
    is_cut: bool,
    mark: char,
) -> Cow<'t, str> {
    if is_free(text, secrets.clone()) {
        return text.into();
    }
    let end = match text.strip_suffix(mark) {
        Some(before) => Some(before.len()),
        None => is_cut.then_some(text.len()),
    };
    let mut replaced = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let lengths = secrets.clone().filter_map(|secret| length(text, at, secret, end));
        match lengths.max() {
            Some(length) => {
                replaced.push_str(&text[copied..at]);
                replaced.push(mark);
                at += length;
                copied = at;
            }
            None => at += c.len_utf8(),
        }
    }
    if copied == 0 {
        return text.into();
    }
    replaced.push_str(&text[copied..]);
    replaced.into()
}

/// Returns whether a text surely contains none of the secrets. Most texts are such, and a page may
/// have one per item.
fn is_free<'s>(text: &str, mut secrets: impl Iterator<Item = &'s str>) -> bool {
    let is_plain = text.chars().all(|c| c != '%' && c != '\\' && !is_hidden(c));
    is_plain
        && secrets.all(|secret| {
            // Less than this is not replaced.
            let start = secret.as_bytes().get(..CUT_START).unwrap_or(secret.as_bytes());
            !text
                .as_bytes()
                .windows(start.len().max(1))
                .any(|found| found.eq_ignore_ascii_case(start))
        })
}

/// Returns the length in bytes of a secret at this place, if it is there. `cut_at` is the place
/// where the text was cut.
fn length(text: &str, at: usize, secret: &str, cut_at: Option<usize>) -> Option<usize> {
    let spellings = [Spelling::Plain, Spelling::Escaped];
    let lengths = spellings.into_iter().filter_map(|spelling| {
        let (bytes, characters) = common(&text[at..], secret, spelling);
        let is_complete = characters == secret.len();
        let counts = if secret.len() < SHORT {
            is_complete && is_word(text, at, at + bytes)
        } else {
            is_complete || characters >= START || characters >= CUT_START && cut_at == Some(at + bytes)
        };
        counts.then_some(bytes)
    });
    lengths.max()
}

/// Returns whether this part of a text is not within a longer word.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (text[..start].chars().next_back(), text[end..].chars().next());
    [before, after].into_iter().flatten().all(|c| !c.is_alphanumeric())
}

/// Spelling of a secret in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Plain,
    /// Characters may be percent-encoded or escaped.
    Escaped,
}

/// Returns how much a text and a secret have in common from their starts on: bytes of the text, and
/// characters of the secret. Characters that are not shown may stand in between: where the text is
/// shown without them, the secret would be complete.
fn common(text: &str, secret: &str, spelling: Spelling) -> (usize, usize) {
    let (mut bytes, mut characters, mut at) = (0, 0, 0);
    let mut wanted = secret.chars();
    let mut next = wanted.next();
    while let (Some(expected), Some(plain)) = (next, text[at..].chars().next()) {
        let escaped = match spelling {
            Spelling::Plain => None,
            Spelling::Escaped => escape(&text.as_bytes()[at..]),
        };
        let is_expected = |found: char| found.eq_ignore_ascii_case(&expected);
        match (escaped, plain) {
            (Some((found, length)), _) if is_expected(found) => at += length,
            (_, found) if is_expected(found) => at += found.len_utf8(),
            (Some((found, length)), _) if characters > 0 && is_hidden(found) => {
                at += length;
                continue;
            }
            (_, found) if characters > 0 && is_hidden(found) => {
                at += found.len_utf8();
                continue;
            }
            _ => break,
        }
        (bytes, characters, next) = (at, characters + 1, wanted.next());
    }
    (bytes, characters)
}

fn is_hidden(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// Returns the character that an escape at the start of a text stands for, and the length of the
/// escape: percent-encoding, and the escapes of JSON and of Rust's `Debug`.
fn escape(text: &[u8]) -> Option<(char, usize)> {
    match text {
        [b'%', code @ ..] => Some((hex(code.get(..2)?).filter(char::is_ascii)?, 3)),
        [b'\\', b'u', b'{', code @ ..] => {
            let digits = code.iter().position(|byte| *byte == b'}')?;
            Some((hex(&code[..digits])?, digits + 4))
        }
        [b'\\', b'u', code @ ..] => Some((hex(code.get(..4)?)?, 6)),
        [b'\\', found, ..] if found.is_ascii_punctuation() => Some((char::from(*found), 2)),
        [b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'0', ..] => Some(('\0', 2)),
        _ => None,
    }
}

fn hex(digits: &[u8]) -> Option<char> {
    let digits = std::str::from_utf8(digits).ok()?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::{is_free, replace};

    fn replaced(text: &str, secrets: &[&str]) -> String {
        replace(text, secrets.iter().copied(), false, '…').into_owned()
    }

    #[test]
    fn a_secret_is_found_in_each_spelling() {
        let secret = r#"k+/"\%2=word"#;
        for spelling in [
            secret,
            r#"K+/"\%2=WORD"#,
            "k%2B%2f%22%5C%252%3Dword",
            r#"k+\/\"\\%2=word"#,
            r#"k\u002b/\"\\%2=word"#,
        ] {
            assert_eq!(replaced(&format!("é{spelling}é"), &[secret]), "é…é", "{spelling}");
        }
        assert_eq!(replaced("k%2", &[secret]), "k%2");
        assert_eq!(replaced(r"k+/\u", &[secret]), r"k+/\u");
    }

    #[test]
    fn characters_that_are_not_shown_do_not_hide_a_secret() {
        let secret = "hush-hush-key";
        for hidden in [
            "hush\u{200b}-hush\n-key",
            r"hush\u{200b}-hush\n\u{1b}-k\u001bey",
            "hu%0ash-hush%0D-key",
        ] {
            assert_eq!(
                replaced(&format!("<{hidden}\u{200b}>"), &[secret]),
                "<…\u{200b}>",
                "{hidden}"
            );
        }
        assert_eq!(replaced("hush hush-key", &[secret]), "hush hush-key");
    }

    #[test]
    fn a_short_secret_is_replaced_as_a_word_only() {
        assert_eq!(
            replaced("k-1 (k-1) k-12 task-1 k%2D1 K-2", &["k-1"]),
            "… (…) k-12 task-1 … K-2"
        );
        assert_eq!(replaced("test contest testé", &["test"]), "… contest testé");
    }

    #[test]
    fn the_start_of_a_secret_counts_where_it_may_have_been_cut() {
        let secret = "hush-hush-api-key-0123456789";
        assert_eq!(replaced("the key hush-hush-api-ke is", &[secret]), "the key … is");
        assert_eq!(
            replaced("the key hush-hush-api is", &[secret]),
            "the key hush-hush-api is"
        );
        assert_eq!(replaced("the key hush…", &[secret]), "the key ……");
        assert_eq!(replaced("the key hus…", &[secret]), "the key hus…");
        let cut = replace("the key hush-", [secret].into_iter(), true, '…');
        assert_eq!(cut, "the key …");
    }

    #[test]
    fn only_a_text_without_the_start_of_a_secret_is_free() {
        let secrets = || ["hush-hush-key", "k1"].into_iter();
        assert!(is_free("a message about huskies, k 1 and ünïcode…", secrets()));
        for text in ["a HUSH", "K1", "100 %", r"a\nb", "a\nb", "a\u{200b}b"] {
            assert!(!is_free(text, secrets()), "{text}");
        }
    }

    #[test]
    fn the_longer_of_two_secrets_is_replaced() {
        assert_eq!(replaced("a 12345678-abc b", &["12345678", "12345678-abc"]), "a … b");
        assert_eq!(replaced("1234567812345678", &["12345678"]), "……");
    }
}
