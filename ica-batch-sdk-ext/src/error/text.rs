//! Parts of error texts.

/// Returns a number with its noun: "1 attempt", "2 attempts".
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
