//! Everything that a program can print of errors and values.

use std::error::Error as StdError;
use std::fmt::Debug;

use ica_batch_sdk_ext::Error;

use crate::recorder::Log;

/// Longest text of one error, with all of its sources, in characters.
const LONGEST_TEXT: usize = 4 * 1024;

/// Longest `Debug` text of one error, in characters. It contains the problem, too.
const LONGEST_DEBUG: usize = 16 * 1024;

/// Number of sources that an error has at most.
const MOST_SOURCES: usize = 9;

/// Texts that were printed.
#[derive(Default)]
pub(super) struct Printed(pub(super) String);

impl Printed {
    pub(super) fn text(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    pub(super) fn debug(&mut self, value: &dyn Debug) {
        self.text(&format!("{value:?}\n{value:#?}"));
    }

    /// Prints an error in each way, and checks the lengths.
    pub(super) fn error(&mut self, error: &Error) {
        let chain = std::iter::successors(Some(error as &dyn StdError), |&error| error.source());
        let chain = chain.take(MOST_SOURCES + 2).collect::<Vec<_>>();
        assert!(
            chain.len() <= MOST_SOURCES + 1,
            "the error has too many sources: {error}"
        );
        let texts = chain.iter().map(ToString::to_string).collect::<Vec<_>>().join(": ");
        assert!(
            texts.chars().count() <= LONGEST_TEXT,
            "{} characters",
            texts.chars().count()
        );
        for error in chain {
            for debug in [format!("{error:?}"), format!("{error:#?}")] {
                assert!(
                    debug.chars().count() <= LONGEST_DEBUG,
                    "{} characters",
                    debug.chars().count()
                );
                self.text(&debug);
            }
            self.text(&format!("{error:#} {error:>400}"));
        }
        self.text(&texts);
        for text in error
            .code()
            .into_iter()
            .chain(error.problem().and_then(|problem| problem.detail()))
        {
            self.text(text);
        }
    }

    pub(super) fn log(&mut self, log: &Log) {
        for fields in log
            .spans
            .iter()
            .map(|span| &span.fields)
            .chain(log.events.iter().map(|event| &event.fields))
        {
            for (name, value) in fields {
                assert!(
                    value.chars().count() <= 300,
                    "{name} has {} characters",
                    value.chars().count()
                );
                self.text(value);
            }
        }
    }

    /// Fails if a part of a secret was printed, in any case and also percent-encoded.
    pub(super) fn contains_no(&self, parts: &[&str], place: &str) {
        let plain = form_decoded(&self.0).to_lowercase().replace('\\', "");
        for part in parts {
            assert!(
                !plain.contains(&part.to_lowercase()),
                "{part} was printed: {place}: {plain}"
            );
        }
    }

    /// Fails if a character was printed that changes how other text is shown.
    pub(super) fn is_plain(&self, place: &str) {
        let odd = |c: char| c.is_control() && c != '\n' || ica_batch_sdk::is_invisible(c);
        assert_eq!(self.0.chars().find(|c| odd(*c)), None, "{place}");
    }
}

/// Returns the text with percent-encoded characters decoded.
fn form_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match code
            .filter(|_| *first == b'%')
            .and_then(|code| u8::from_str_radix(code, 16).ok())
        {
            Some(byte) => (bytes.push(byte), rest = &after[2..]).1,
            None => (bytes.push(*first), rest = after).1,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
