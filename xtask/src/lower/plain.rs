//! Removes what must not reach progenitor: extensions, titles and examples, and what prose must not
//! contain as documentation.
//!
//! typify reads the extension `x-rust-type`, progenitor those of Dropshot, and the emitter the
//! marks of the passes. A description must not set any of them. typify also names inner types after
//! titles, which are prose.

use openapiv3::{OpenAPI, Operation, ReferenceOr, Schema};

use super::prose::{tidy, tidy_argument};
use crate::document::walk;

/// Removes extensions, titles and examples, and tidies prose.
pub(super) fn lower(document: &mut OpenAPI) {
    document.extensions.clear();
    document.paths.extensions.clear();
    document.info.extensions.clear();
    tidy(&mut document.info.title);
    tidy_some(&mut document.info.description);
    tidy_some(&mut document.info.terms_of_service);
    for item in document.paths.paths.values_mut().filter_map(walk::item_mut) {
        item.extensions.clear();
        for parameter in item.parameters.iter_mut().filter_map(walk::item_mut) {
            lower_parameter(parameter);
        }
    }
    for operation in walk::operations_mut(document) {
        lower_operation(operation);
    }
    if let Some(components) = &mut document.components {
        components.extensions.clear();
    }
    walk::schemas_mut(document, &mut lower_schema);
}

fn lower_operation(operation: &mut Operation) {
    operation.extensions.clear();
    tidy_some(&mut operation.summary);
    tidy_some(&mut operation.description);
    for parameter in operation.parameters.iter_mut().filter_map(walk::item_mut) {
        lower_parameter(parameter);
    }
    if let Some(ReferenceOr::Item(body)) = &mut operation.request_body {
        body.extensions.clear();
        body.description.iter_mut().for_each(tidy_argument);
    }
    let responses = operation.responses.responses.values_mut();
    for response in responses
        .chain(&mut operation.responses.default)
        .filter_map(walk::item_mut)
    {
        tidy(&mut response.description);
    }
}

fn lower_parameter(parameter: &mut openapiv3::Parameter) {
    let data = walk::parameter_data_mut(parameter);
    data.extensions.clear();
    data.example = None;
    data.examples.clear();
    data.description.iter_mut().for_each(tidy_argument);
}

fn lower_schema(schema: &mut Schema) {
    let data = &mut schema.schema_data;
    data.extensions.clear();
    data.title = None;
    data.example = None;
    data.external_docs = None;
    tidy_some(&mut data.description);
}

fn tidy_some(text: &mut Option<String>) {
    if let Some(text) = text {
        tidy(text);
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn extensions_titles_and_control_characters_are_removed() {
        let mut document = fixture::document(
            &fixture::paths("Thing", "Thing"),
            r#"Thing: { type: object, title: "A", description: "a\rb\u202ec", x-rust-type: { crate: evil, version: '*', path: "evil::T" },
  properties: { a: { type: array, items: { type: string, title: T, x-ica-open: true } } } }"#,
        );
        super::lower(&mut document);
        let schema = format!("{:?}", document.components.unwrap().schemas["Thing"]);
        assert!(schema.contains(r#"Some("a\nbc")"#), "{schema}");
        for gone in ["x-rust-type", "x-ica-open", "Some(\"A\")", "Some(\"T\")"] {
            assert!(!schema.contains(gone), "{gone} in {schema}");
        }
    }
}
