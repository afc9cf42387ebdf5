//! Which answers are secrets.
//!
//! The description does not say that a token is one. A type that holds it must not show it in `Debug`, where it would
//! end up in somebody's log.

use openapiv3::OpenAPI;
use serde_json::Value;

use super::{marks, walk};

/// The component schemas that hold a secret.
const SECRETS: [&str; 1] = ["Token"];

/// Marks the schemas that hold a secret.
pub fn lower(document: &mut OpenAPI) {
    for name in SECRETS {
        if let Some(schema) = walk::component_mut(document, name) {
            let extensions = &mut schema.schema_data.extensions;
            extensions.insert(marks::SECRET.to_owned(), Value::Bool(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;

    #[test]
    fn the_token_is_marked_and_nothing_else() {
        let mut document = fixture::document("", "Token: { type: object }\nThing: { type: object }");
        super::lower(&mut document);
        insta::assert_snapshot!(fixture::body(&document));
    }
}
