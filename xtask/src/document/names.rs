//! Rust names of schemas, properties, operations and parameters.
//!
//! They follow progenitor, so that the passes know each name before progenitor writes it. Every
//! identifier is read by syn, never pasted.

use heck::{ToPascalCase, ToSnakeCase, ToUpperCamelCase};
use syn::Ident;

/// Names of Rust's prelude, which progenitor and the derives of the client use without a path.
const PRELUDE: [&str; 35] = [
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "From",
    "FromIterator",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// Returns whether a type of this name would hide one that every Rust file uses.
pub(crate) fn is_in_prelude(name: &str) -> bool {
    PRELUDE.contains(&name)
}

/// Returns the name of the type of a schema.
pub(crate) fn type_name(schema: &str) -> String {
    identifier(&dashed(schema).to_pascal_case(), "X")
}

/// Returns the identifier of the type of a schema, unless the name gives none.
pub(crate) fn type_ident(schema: &str) -> Option<Ident> {
    syn::parse_str(&type_name(schema)).ok()
}

/// Returns the text in upper camel case as an identifier, unless it gives none.
pub(crate) fn upper_camel_ident(text: &str) -> Option<Ident> {
    syn::parse_str(&text.to_upper_camel_case()).ok()
}

/// Returns the name of the variant of an enum for a value.
pub(crate) fn variant_name(value: &str) -> String {
    identifier(&dashed(value).to_pascal_case(), "X")
}

/// Returns the name of the field of a property, or of the argument of a parameter.
pub(crate) fn field_name(property: &str) -> String {
    identifier(&dashed(property).to_snake_case(), "x")
}

/// Returns the name of the method of an operation.
pub(crate) fn method_name(operation_id: &str) -> String {
    identifier(&dashed(operation_id).to_snake_case(), "x")
}

/// Replaces each character that no identifier has.
fn dashed(text: &str) -> String {
    let allowed = |c: char| c == '_' || c.is_alphanumeric();
    text.replace('\'', "").replace(|c: char| !allowed(c), "-")
}

fn identifier(name: &str, prefix: &str) -> String {
    let name = match name.chars().next() {
        None => prefix.to_owned(),
        Some(first) if first.is_alphabetic() => name.to_owned(),
        Some(_) => format!("{prefix}{name}"),
    };
    let is_keyword = syn::parse_str::<Ident>(&name).is_err() || name == "gen";
    if is_keyword { format!("{name}_") } else { name }
}

#[cfg(test)]
mod tests {
    use super::{field_name, method_name, type_ident, type_name, variant_name};

    #[test]
    fn names_are_those_of_progenitor() {
        assert_eq!(type_name("ca-bundle.v3"), "CaBundleV3");
        assert_eq!(type_name("Self"), "Self_");
        assert_eq!(type_name("3D"), "X3d");
        assert_eq!(field_name("type"), "type_");
        assert_eq!(field_name("userReference"), "user_reference");
        assert_eq!(method_name("getThing"), "get_thing");
        assert_eq!(variant_name("IN_PROGRESS"), "InProgress");
    }

    #[test]
    fn no_name_is_code() {
        for name in ["Fy { X = \"x\" } } pub fn evil() {}", "a\nb", "*/", "r#a", "Ä ö", ""] {
            assert!(type_ident(name).is_some(), "{name:?} gives {}", type_name(name));
        }
    }
}
