//! Marks the schemas that contain a secret.
//!
//! The description does not say that a token is a secret. `Debug` must not show it, because logs
//! would contain it.

use openapiv3::OpenAPI;
use serde_json::Value;

use crate::document::{marks, walk};

/// Component schemas that contain a secret. The URL of a log stream opens without a credential.
const SECRETS: [&str; 2] = ["AnalysisStepLogs", "Token"];

/// Marks the schemas that contain a secret.
pub(super) fn lower(document: &mut OpenAPI) {
    for name in SECRETS {
        if let Some(schema) = walk::component_mut(document, name) {
            let extensions = &mut schema.schema_data.extensions;
            extensions.insert(marks::SECRET.to_owned(), Value::Bool(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn only_the_token_is_marked() {
        let mut document = fixture::document("", "Token: { type: object }\nThing: { type: object }");
        super::lower(&mut document);
        insta::assert_snapshot!(fixture::body(&document));
    }
}
