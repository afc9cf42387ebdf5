//! Suggestions: what was meant by a misspelt name, and the values that a shell completes.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};

/// Returns `; did you mean "…"?` for the most similar candidate, if one is similar.
pub(crate) fn did_you_mean<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let scored = candidates
        .into_iter()
        .filter(|candidate| *candidate != text)
        .map(|candidate| (strsim::jaro_winkler(text, candidate), candidate));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
    match best {
        Some((score, candidate)) if score >= 0.8 => format!("; did you mean {candidate:?}?"),
        _ => String::new(),
    }
}

/// Parser of any text, with values that a shell suggests. The command checks the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Suggested(pub(crate) fn() -> Vec<String>);

impl TypedValueParser for Suggested {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0().into_iter().map(PossibleValue::new)))
    }
}
