//! Every schema of a document, with its place in words.

use openapiv3::{
    AdditionalProperties, AnySchema, OpenAPI, Operation, ParameterSchemaOrContent, ReferenceOr, Schema, SchemaKind,
    Type,
};

use crate::document::marks;
use crate::document::walk::Child;
use crate::error::Result;

/// Schema with its place in words, for example `property status of schema Job`.
type Placed<'a> = (String, Child<'a>);

/// Calls `visit` with each schema of the components and of the operations, inner ones included.
pub(super) fn each(document: &OpenAPI, visit: &mut dyn FnMut(&str, Child<'_>) -> Result<()>) -> Result<()> {
    let schemas = document.components.iter().flat_map(|components| &components.schemas);
    for (name, schema) in schemas {
        inside(&format!("schema {name}"), child(schema), visit)?;
    }
    for (_, _, operation) in document.operations() {
        for (place, schema) in of_operation(operation) {
            inside(&place, schema, visit)?;
        }
    }
    Ok(())
}

/// Returns the schemas of the parameters, the request and the responses.
fn of_operation(operation: &Operation) -> Vec<Placed<'_>> {
    let id = marks::published_id(operation);
    let mut found = Vec::new();
    for parameter in operation.parameters.iter().filter_map(ReferenceOr::as_item) {
        let data = parameter.parameter_data_ref();
        if let ParameterSchemaOrContent::Schema(schema) = &data.format {
            found.push((format!("parameter {:?} of operation {id}", data.name), child(schema)));
        }
    }
    let bodies = operation.request_body.iter().filter_map(ReferenceOr::as_item);
    let bodies = bodies.flat_map(|body| body.content.values());
    found
        .extend(bodies.filter_map(|media| Some((format!("request of operation {id}"), child(media.schema.as_ref()?)))));
    let responses = operation.responses.responses.iter();
    let responses = responses.map(|(status, response)| (status.to_string(), response));
    let default = operation
        .responses
        .default
        .iter()
        .map(|response| ("default".to_owned(), response));
    for (status, response) in responses.chain(default) {
        let bodies = response
            .as_item()
            .into_iter()
            .flat_map(|response| response.content.values());
        let schemas = bodies.filter_map(|media| media.schema.as_ref());
        found.extend(schemas.map(|schema| (format!("response {status} of operation {id}"), child(schema))));
    }
    found
}

fn inside(place: &str, schema: Child<'_>, visit: &mut dyn FnMut(&str, Child<'_>) -> Result<()>) -> Result<()> {
    visit(place, schema)?;
    let Child::Inline(schema) = schema else {
        return Ok(());
    };
    for (part, inner) in parts(schema) {
        inside(&format!("{part} of {place}"), inner, visit)?;
    }
    Ok(())
}

/// Returns the schemas directly in this one, each with the name of its part.
fn parts(schema: &Schema) -> Vec<Placed<'_>> {
    let mut found = Vec::new();
    match &schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            properties(
                object.properties.iter(),
                object.additional_properties.as_ref(),
                &mut found,
            );
        }
        SchemaKind::Type(Type::Array(array)) => elements(array.items.as_ref(), &mut found),
        SchemaKind::OneOf { one_of } => members("oneOf", one_of, &mut found),
        SchemaKind::AllOf { all_of } => members("allOf", all_of, &mut found),
        SchemaKind::AnyOf { any_of } => members("anyOf", any_of, &mut found),
        SchemaKind::Not { not } => found.push(("member not".to_owned(), child(not))),
        SchemaKind::Any(any) => of_any(any, &mut found),
        SchemaKind::Type(_) => {}
    }
    found
}

fn of_any<'a>(any: &'a AnySchema, found: &mut Vec<Placed<'a>>) {
    properties(any.properties.iter(), any.additional_properties.as_ref(), found);
    elements(any.items.as_ref(), found);
    members("oneOf", &any.one_of, found);
    members("allOf", &any.all_of, found);
    members("anyOf", &any.any_of, found);
}

fn elements<'a>(items: Option<&'a ReferenceOr<Box<Schema>>>, found: &mut Vec<Placed<'a>>) {
    found.extend(items.map(|items| ("elements".to_owned(), Child::of(items))));
}

fn members<'a>(kind: &str, many: &'a [ReferenceOr<Schema>], found: &mut Vec<Placed<'a>>) {
    let members = many.iter().enumerate();
    found.extend(members.map(|(at, one)| (format!("member {} of {kind}", at + 1), child(one))));
}

fn properties<'a>(
    all: impl Iterator<Item = (&'a String, &'a ReferenceOr<Box<Schema>>)>,
    values: Option<&'a AdditionalProperties>,
    found: &mut Vec<Placed<'a>>,
) {
    found.extend(all.map(|(name, property)| (format!("property {name:?}"), Child::of(property))));
    if let Some(AdditionalProperties::Schema(values)) = values {
        found.push(("additional properties".to_owned(), child(values)));
    }
}

fn child(schema: &ReferenceOr<Schema>) -> Child<'_> {
    match schema {
        ReferenceOr::Reference { reference } => Child::Reference(reference),
        ReferenceOr::Item(schema) => Child::Inline(schema),
    }
}
