//! The set of values of a string schema.

use openapiv3::{Schema, SchemaKind, StringType, Type};

/// Returns the values of a string schema, which ICA writes as an enum or as a pattern `A|B|C`.
pub(crate) fn values(schema: &Schema) -> Option<Vec<String>> {
    let SchemaKind::Type(Type::String(text)) = &schema.schema_kind else {
        return None;
    };
    if !text.enumeration.is_empty() {
        return Some(text.enumeration.iter().flatten().cloned().collect());
    }
    let alternatives = text
        .pattern
        .as_deref()?
        .split('|')
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let is_word = |word: &String| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (alternatives.len() > 1 && alternatives.iter().all(is_word)).then_some(alternatives)
}

/// Writes the values as an enum, also where they were a pattern.
pub(crate) fn set_values(schema: &mut Schema, values: &[String]) {
    if let SchemaKind::Type(Type::String(text)) = &mut schema.schema_kind {
        *text = StringType {
            enumeration: values.iter().cloned().map(Some).collect(),
            ..StringType::default()
        };
    }
}
