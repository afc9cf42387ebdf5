//! Filters of a search, and the comparison of an analysis with them.

use ica_batch_sdk::types::{AnalysisQueryParameters, AnalysisV4};

use crate::error::{Error, NAME, Result, shown};

/// Maximum length of a reference in characters (from the API's description).
const LONGEST_REFERENCE: usize = 255;

/// Returns the filter for texts: none for an empty list.
pub(super) fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Option<Vec<String>> {
    let texts = texts.into_iter().map(Into::into).collect::<Vec<_>>();
    (!texts.is_empty()).then_some(texts)
}

/// Returns the three lists of tags, with their names in errors.
fn tags(filters: &AnalysisQueryParameters) -> [(&'static str, &[String]); 3] {
    [
        ("technical tag", filters.technical_tags.as_deref().unwrap_or_default()),
        ("user tag", filters.user_tags.as_deref().unwrap_or_default()),
        ("reference tag", filters.reference_tags.as_deref().unwrap_or_default()),
    ]
}

/// Returns the two texts, with their names in errors.
fn references(filters: &AnalysisQueryParameters) -> [(&'static str, Option<&str>); 2] {
    [
        ("user reference", filters.user_reference.as_deref()),
        ("reference", filters.reference.as_deref()),
    ]
}

/// Returns an error for filters that no analysis can meet: probably a value is missing.
pub(super) fn check(filters: &AnalysisQueryParameters) -> Result<()> {
    let tags = tags(filters);
    let tags = tags
        .iter()
        .flat_map(|(name, tags)| tags.iter().map(|tag| (*name, tag.as_str())));
    let references = references(filters).into_iter();
    let references = references.filter_map(|(name, text)| Some((name, text?)));
    for (name, text) in tags.chain(references.clone()) {
        if text.is_empty() {
            let what = format!("the {name} to search for is empty; leave the filter out, or set a text");
            return Err(Error::invalid_input(what));
        }
    }
    for (name, text) in references {
        let length = text.chars().count();
        if length > LONGEST_REFERENCE {
            return Err(Error::invalid_input(format!(
                "the {name} to search for, {}, has {length} characters, and no analysis has more than \
                 {LONGEST_REFERENCE}; check the text",
                shown(text, NAME)
            )));
        }
    }
    Ok(())
}

/// Returns whether ICA may match more than the filters say: it does not publish how it compares
/// texts, and how it combines tags.
pub(super) fn are_ambiguous(filters: &AnalysisQueryParameters) -> bool {
    let has_text = references(filters).iter().any(|(_, text)| text.is_some());
    has_text || tags(filters).iter().any(|(_, tags)| !tags.is_empty())
}

/// Returns whether an analysis meets every filter.
pub(super) fn match_exactly(filters: &AnalysisQueryParameters, analysis: &AnalysisV4) -> bool {
    let has_all = |asked: &Option<Vec<String>>, tags: &[String]| asked.iter().flatten().all(|tag| tags.contains(tag));
    let is_equal = |asked: &Option<String>, text: &str| asked.as_ref().is_none_or(|asked| asked == text);
    let has_status = filters.status.is_empty() || filters.status.contains(&analysis.status);
    has_status
        && is_equal(&filters.user_reference, &analysis.user_reference)
        && is_equal(&filters.reference, &analysis.reference)
        && has_all(&filters.technical_tags, &analysis.tags.technical_tags)
        && has_all(&filters.user_tags, &analysis.tags.user_tags)
        && has_all(&filters.reference_tags, &analysis.tags.reference_tags)
}

/// Returns the filters as a checkpoint records them.
pub(super) fn identity(filters: &AnalysisQueryParameters) -> String {
    let mut parts = Vec::new();
    for (name, text) in references(filters) {
        parts.extend(text.map(|text| format!("{name} {text:?}")));
    }
    if !filters.status.is_empty() {
        let status = filters.status.iter().map(|status| status.as_str()).collect::<Vec<_>>();
        parts.push(format!("status {}", status.join(" or ")));
    }
    for (name, tags) in tags(filters) {
        parts.extend(tags.iter().map(|tag| format!("{name} {tag:?}")));
    }
    format!("[{}]", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use ica_batch_sdk::types::{AnalysisQueryParameters, AnalysisStatus};

    use super::{are_ambiguous, check, identity, texts};

    fn with_tag(tag: &str) -> AnalysisQueryParameters {
        AnalysisQueryParameters {
            technical_tags: texts([tag]),
            ..AnalysisQueryParameters::default()
        }
    }

    #[test]
    fn a_filter_without_a_text_is_rejected() {
        assert!(check(&with_tag("t")).is_ok());
        let error = check(&with_tag("")).unwrap_err();
        assert!(error.is_invalid_input());
        assert!(
            error
                .to_string()
                .starts_with("the technical tag to search for is empty;"),
            "{error}"
        );
        let named = |name: String| AnalysisQueryParameters {
            user_reference: Some(name),
            ..AnalysisQueryParameters::default()
        };
        assert!(check(&named("ä".repeat(255))).is_ok());
        let error = check(&named("ä".repeat(256))).unwrap_err();
        assert!(error.to_string().contains("has 256 characters"), "{error}");
        assert!(check(&named(String::new())).is_err());
    }

    #[test]
    fn only_a_status_is_not_ambiguous() {
        let mut filters = AnalysisQueryParameters {
            status: vec![AnalysisStatus::Failed, AnalysisStatus::Aborted],
            ..AnalysisQueryParameters::default()
        };
        assert!(!are_ambiguous(&filters));
        assert_eq!(identity(&filters), "[status FAILED or ABORTED]");
        filters.user_tags = texts(["a, b", "c"]);
        assert!(are_ambiguous(&filters));
        assert_eq!(
            identity(&filters),
            r#"[status FAILED or ABORTED, user tag "a, b", user tag "c"]"#
        );
    }
}
