//! Command lines for people: the one that was given, and those that come next.

use std::env;
use std::ffi::OsString;

const PROGRAM: &str = "ica-batch";

/// Flags with a value that choose journal, project and server, and hold for the next command too.
const PLACES: [&str; 5] = ["--profile", "--config", "--base-url", "--project", "--journal"];

/// Flags of that kind without a value.
const SWITCHES: [&str; 1] = ["--allow-http"];

/// Returns the command line that was given, for a shell.
pub(crate) fn given() -> String {
    quoted([PROGRAM.to_owned()].into_iter().chain(arguments()))
}

/// Returns a command line for a shell, with the flags that were given about journal, project and
/// server.
pub(crate) fn next(words: &[&str]) -> String {
    let words = words.iter().map(|word| (*word).to_owned());
    quoted([PROGRAM.to_owned()].into_iter().chain(words).chain(places(arguments())))
}

fn arguments() -> impl Iterator<Item = String> {
    env::args_os()
        .skip(1)
        .map(|word: OsString| word.to_string_lossy().into_owned())
}

fn places(mut arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(word) = arguments.next() {
        if PLACES.contains(&word.as_str()) {
            found.push(word);
            found.extend(arguments.next());
            continue;
        }
        let name = word.split('=').next().unwrap_or_default();
        if (name.len() < word.len() && PLACES.contains(&name)) || SWITCHES.contains(&word.as_str()) {
            found.push(word);
        }
    }
    found
}

fn quoted(words: impl Iterator<Item = String>) -> String {
    let words = words.map(|word| match shlex::try_quote(&word) {
        Ok(quoted) => quoted.into_owned(),
        // A word with a null character cannot be given to a program.
        Err(_) => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{places, quoted};

    fn words(text: &str) -> impl Iterator<Item = String> {
        text.split(' ').map(ToOwned::to_owned).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn flags_about_the_place_hold_for_the_next_command() {
        let line = "submit a.csv --journal j.db --wait --project=p --allow-http --pipeline x";
        assert_eq!(
            places(words(line)),
            ["--journal", "j.db", "--project=p", "--allow-http"]
        );
        assert!(places(words("submit project")).is_empty());
    }

    #[test]
    fn words_with_spaces_are_quoted() {
        let line = ["ica-batch", "submit", "my cohort.csv", "--name", "it's"].map(ToOwned::to_owned);
        assert_eq!(
            quoted(line.into_iter()),
            r#"ica-batch submit 'my cohort.csv' --name "it's""#
        );
    }
}
