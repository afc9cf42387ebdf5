//! Foreign text: what a server, a library or a file says, before it becomes a part of a text of
//! this crate.
//!
//! All of it passes through a [`Scrubber`], in this order:
//!
//! 1. A bounded start of the text is taken. Control characters and white space become single
//!    spaces, and format characters, which are not visible or change the direction of text, are
//!    dropped.
//! 2. Secrets become "…". This comes after step 1, so that a dropped character cannot complete a
//!    secret, and before step 3, so that no half of a secret is left.
//! 3. The text is cut to its limit, and ends with "…" if something is missing.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Write};

use ica_batch_sdk::is_invisible;

use super::secrets;
use crate::secret::Secret;

/// Limits in characters: of a name, such as a media type, an id or a status.
pub(crate) const NAME: usize = 100;
/// Of text within a sentence.
pub(crate) const SENTENCE: usize = 300;
/// Of a text of its own: the detail of a problem, or the message about an item.
pub(crate) const DETAIL: usize = 2000;

/// Number of sources that an error keeps of a foreign one.
const SOURCES: usize = 8;

/// Characters that are read for each character that is kept at most. So a text of characters that
/// are dropped takes no time.
const READ_PER_KEPT: usize = 16;

const CUT: char = '…';

/// Function that makes foreign text safe to show, with the secrets of a client.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scrubber {
    secrets: Vec<Secret>,
    /// Length of the longest secret.
    longest: usize,
}

impl Scrubber {
    /// Returns a scrubber that also replaces these secrets.
    pub(crate) fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut secrets = secrets.into_iter().collect::<Vec<_>>();
        // The longest first: a secret may be a part of another one.
        secrets.sort_by(|a, b| b.expose().len().cmp(&a.expose().len()).then(a.expose().cmp(b.expose())));
        secrets.dedup_by(|a, b| a.expose() == b.expose());
        Self {
            longest: secrets.first().map_or(0, |secret| secret.expose().len()),
            secrets,
        }
    }

    /// Returns a scrubber without secrets, for text of this machine and for tests.
    pub(crate) fn without_secrets() -> Self {
        Self::default()
    }

    /// Returns the text with at most `limit` characters, and "…" if it was longer.
    pub(crate) fn text(&self, text: &str, limit: usize) -> String {
        self.display(&text, limit)
    }

    /// Returns what a value displays, like [`text`](Self::text). The rest is not even formatted.
    pub(crate) fn display(&self, value: &dyn fmt::Display, limit: usize) -> String {
        let mut start = Start::new(limit.saturating_add(self.longest).saturating_add(1));
        let is_complete = write!(start, "{value}").is_ok() && !start.is_cut;
        let text = self.replace(&start.text, !is_complete);
        match text.char_indices().nth(limit) {
            Some((end, _)) => format!("{}{CUT}", text.get(..end).unwrap_or_default()),
            None if is_complete || text.ends_with(CUT) => text.into_owned(),
            None => format!("{text}{CUT}"),
        }
    }

    /// Returns the text as a part of a sentence, without full stops at its end.
    pub(crate) fn phrase(&self, text: &str) -> String {
        let mut text = self.text(text, SENTENCE);
        text.truncate(text.trim_end_matches('.').len());
        text
    }

    /// Replaces secrets in a value that is used as it is: a name or a status.
    pub(crate) fn replace_secrets(&self, text: &str) -> Option<String> {
        match self.replace(text, false) {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        }
    }

    /// Returns an error with the texts of a foreign error and of its sources.
    pub(crate) fn error(&self, error: &(dyn StdError + 'static)) -> ForeignError {
        let sources = std::iter::successors(Some(error), |&error| error.source()).take(SOURCES);
        let texts = sources.map(|error| self.display(&error, SENTENCE)).collect::<Vec<_>>();
        let last_first = texts.into_iter().rev();
        let chain = last_first.fold(None, |source, text| Some(Box::new(ForeignError { text, source })));
        chain.map_or_else(ForeignError::default, |first| *first)
    }

    fn replace<'a>(&self, text: &'a str, is_cut: bool) -> Cow<'a, str> {
        let secrets = self.secrets.iter().map(Secret::expose);
        secrets::replace(text, secrets, is_cut, CUT)
    }
}

/// Returns text that may be shown, without a look for secrets: text of this machine, or text that a
/// scrubber has seen.
pub(crate) fn shown(text: &str, limit: usize) -> String {
    Scrubber::without_secrets().text(text, limit)
}

/// Start of a text, without the characters that are not shown. Writing fails once it is complete.
struct Start {
    text: String,
    /// Number of characters that may follow, and that may be read.
    kept: usize,
    read: usize,
    has_space: bool,
    is_cut: bool,
}

impl Start {
    fn new(characters: usize) -> Self {
        Self {
            text: String::new(),
            kept: characters,
            read: characters.saturating_mul(READ_PER_KEPT),
            has_space: false,
            is_cut: false,
        }
    }

    fn push(&mut self, c: char) -> fmt::Result {
        self.read = self.read.checked_sub(1).ok_or(fmt::Error)?;
        if is_invisible(c) {
            return Ok(());
        }
        if c.is_control() || c.is_whitespace() {
            self.has_space = !self.text.is_empty();
            return Ok(());
        }
        if std::mem::take(&mut self.has_space) {
            self.kept = self.kept.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(' ');
        }
        self.kept = self.kept.checked_sub(1).ok_or(fmt::Error)?;
        self.text.push(c);
        Ok(())
    }
}

impl fmt::Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let written = text.chars().try_for_each(|c| self.push(c));
        self.is_cut |= written.is_err();
        written
    }
}

/// Error of a library or of the user's code, as its scrubbed text. `Debug` shows the sources, too.
///
/// The foreign error itself is dropped: its `Debug` and its values cannot be scrubbed.
#[derive(Default)]
pub(crate) struct ForeignError {
    text: String,
    source: Option<Box<ForeignError>>,
}

impl fmt::Display for ForeignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ForeignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match &self.source {
            Some(source) => write!(f, ": {source:?}"),
            None => Ok(()),
        }
    }
}

impl StdError for ForeignError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::fmt;

    use proptest::prelude::*;

    use super::{DETAIL, Scrubber, shown};
    use crate::secret::Secret;

    const KEY: &str = "hush-hush-api-key-0123456789";

    fn scrubber() -> Scrubber {
        Scrubber::new([KEY, "eyJhbGciOi.token/with+more", "k-1"].map(|text| Secret::new(text.to_owned())))
    }

    #[test]
    fn control_and_format_characters_are_not_shown() {
        let hostile = "\u{feff}two\r\n\t lines\u{1b}[1m\u{0}\u{85}and \u{202e}more\u{2069}\u{200b}\u{e0041}\u{2028}";
        assert_eq!(shown(hostile, 100), "two lines [1m and more");
        assert_eq!(shown("", 100), "");
        assert_eq!(shown(" \n", 100), "");
        assert_eq!(scrubber().phrase("no such thing..."), "no such thing");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(shown("é é é", 5), "é é é");
        assert_eq!(shown("é é é é", 5), "é é é…");
        let long = "word ".repeat(1_000_000);
        assert_eq!(shown(&long, DETAIL).chars().count(), DETAIL + 1);
        let invisible = format!("a{}b", "\u{200b}".repeat(1_000_000));
        assert_eq!(shown(&invisible, 300), "a…", "the rest was not read");
    }

    #[test]
    fn a_secret_is_replaced_before_the_text_is_cut() {
        for before in 270..330 {
            let text = format!("{}{KEY} and {KEY}", "x".repeat(before));
            let shown = scrubber().text(&text, 300);
            assert!(!shown.contains("hus"), "{shown}");
            assert!(shown.chars().count() <= 301, "{shown}");
        }
        let many = KEY.repeat(1000);
        assert_eq!(scrubber().text(&many, 300).trim_matches('…'), "");
    }

    #[test]
    fn a_character_that_is_dropped_does_not_complete_a_secret() {
        let (start, end) = KEY.split_at(9);
        assert_eq!(scrubber().text(&format!("<{start}\u{200b}{end}>"), 300), "<…>");
    }

    /// Error whose text is written without end.
    #[derive(Debug)]
    struct Endless(usize);

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                write!(f, "{KEY} {} ", self.0)?;
            }
        }
    }

    impl std::error::Error for Endless {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(self)
        }
    }

    #[test]
    fn a_foreign_error_becomes_a_few_short_texts() {
        let error = scrubber().error(&Endless(7));
        let texts = std::iter::successors(Some(&error as &dyn std::error::Error), |&error| error.source());
        let texts = texts.map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(texts.len(), 8);
        assert!(texts[0].starts_with("… 7 … 7 "), "{}", texts[0]);
        assert!(texts.iter().all(|text| text.chars().count() <= 301));
        let debug = format!("{error:?} {error:#?}");
        assert!(debug.len() < 12_000 && !debug.contains("hush"), "{debug}");
        assert!(error.source().is_some());
    }

    #[test]
    fn debug_of_a_scrubber_shows_no_secret() {
        assert!(!format!("{:?}", scrubber()).contains("hush"));
    }

    proptest! {
        #[test]
        fn no_secret_is_left_and_what_is_shown_stays_so(
            parts in proptest::collection::vec((0..6_usize, "\\PC{0,5}"), 0..12),
            limit in 1..120_usize,
        ) {
            let pieces = [KEY, "hush-hush-api-key", "\u{202e}\n", "eyJhbGciOi.token%2Fwith%2bmore", "k-1", "HUSH-HUSH-API-KEY-0123456789"];
            let text = parts.iter().map(|(piece, other)| format!("{}{other}", pieces[*piece])).collect::<String>();
            let scrubbed = scrubber().text(&text, limit);
            prop_assert!(scrubbed.chars().count() <= limit + 1);
            let lower = scrubbed.to_lowercase();
            prop_assert!(!lower.contains("hush-hush-api-key") && !lower.contains("eyjhbgcioi.token"), "{}", scrubbed);
            prop_assert_eq!(shown(&scrubbed, limit), scrubbed);
        }
    }
}
