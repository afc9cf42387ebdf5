//! Suggestions for misspelt names.

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
