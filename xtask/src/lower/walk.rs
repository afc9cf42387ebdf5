//! Walking a document: operations in place, schemas in place, and which schemas an answer or a request reaches.

use std::collections::BTreeSet;

use openapiv3::{
    AdditionalProperties, OpenAPI, Operation, Parameter, ParameterSchemaOrContent, PathItem, ReferenceOr, Schema,
    SchemaKind, Type,
};

const SCHEMAS: &str = "#/components/schemas/";

/// The name behind a reference to a component schema.
pub(crate) fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix(SCHEMAS)
}

/// A reference to the component schema of this name.
pub(crate) fn schema_ref<T>(name: &str) -> ReferenceOr<T> {
    ReferenceOr::Reference {
        reference: format!("{SCHEMAS}{name}"),
    }
}

/// The reference to the component schema of this name, as text.
pub(crate) fn reference_to(name: &str) -> String {
    format!("{SCHEMAS}{name}")
}

/// What stands in place, where it is not a reference.
pub(crate) fn item_mut<T>(either: &mut ReferenceOr<T>) -> Option<&mut T> {
    match either {
        ReferenceOr::Item(item) => Some(item),
        ReferenceOr::Reference { .. } => None,
    }
}

/// The operations of a path item, by method, in place.
pub(crate) fn slots(item: &mut PathItem) -> [(&'static str, &mut Option<Operation>); 8] {
    [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("options", &mut item.options),
        ("head", &mut item.head),
        ("patch", &mut item.patch),
        ("trace", &mut item.trace),
    ]
}

/// Every operation of the document, in place.
pub(crate) fn operations_mut(document: &mut OpenAPI) -> impl Iterator<Item = &mut Operation> {
    document
        .paths
        .paths
        .values_mut()
        .filter_map(item_mut)
        .flat_map(slots)
        .filter_map(|(_, slot)| slot.as_mut())
}

/// The schema of a parameter, in place.
pub(crate) fn parameter_schema_mut(parameter: &mut Parameter) -> Option<&mut ReferenceOr<Schema>> {
    let data = match parameter {
        Parameter::Query { parameter_data, .. }
        | Parameter::Header { parameter_data, .. }
        | Parameter::Path { parameter_data, .. }
        | Parameter::Cookie { parameter_data, .. } => parameter_data,
    };
    match &mut data.format {
        ParameterSchemaOrContent::Schema(schema) => Some(schema),
        ParameterSchemaOrContent::Content(_) => None,
    }
}

/// The component schema of this name, in place, unless it is itself a reference.
pub(crate) fn component_mut<'a>(document: &'a mut OpenAPI, name: &str) -> Option<&'a mut Schema> {
    document.components.as_mut()?.schemas.get_mut(name).and_then(item_mut)
}

/// The component schema of this name, unless it is itself a reference.
pub(crate) fn component<'a>(document: &'a OpenAPI, name: &str) -> Option<&'a Schema> {
    document.components.as_ref()?.schemas.get(name)?.as_item()
}

/// Calls `visit` with each schema that stands directly in this one: properties, elements, map values, variants.
pub(crate) fn children<'a>(schema: &'a Schema, visit: &mut dyn FnMut(Child<'a>)) {
    match &schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            for property in object.properties.values() {
                visit(Child::of(property));
            }
            if let Some(AdditionalProperties::Schema(values)) = &object.additional_properties {
                visit(match values.as_ref() {
                    ReferenceOr::Reference { reference } => Child::Reference(reference),
                    ReferenceOr::Item(item) => Child::Inline(item),
                });
            }
        }
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(items) = &array.items {
                visit(Child::of(items));
            }
        }
        SchemaKind::OneOf { one_of: many }
        | SchemaKind::AllOf { all_of: many }
        | SchemaKind::AnyOf { any_of: many } => {
            for one in many {
                visit(match one {
                    ReferenceOr::Reference { reference } => Child::Reference(reference),
                    ReferenceOr::Item(item) => Child::Inline(item),
                });
            }
        }
        SchemaKind::Type(_) | SchemaKind::Not { .. } | SchemaKind::Any(_) => {}
    }
}

/// The names of the component schemas that this schema refers to, also by its mark as a union.
pub(crate) fn references(schema: &Schema) -> Vec<String> {
    let union = super::unions::Union::of(schema);
    let mut found = union.map_or_else(Vec::new, |union| union.variants.into_values().collect());
    children(schema, &mut |child| match child {
        Child::Reference(reference) => found.extend(schema_name(reference).map(str::to_owned)),
        Child::Inline(inline) => found.extend(references(inline)),
    });
    found
}

/// Calls `visit` with every reference in this schema, in place.
pub(crate) fn references_mut(schema: &mut Schema, visit: &mut dyn FnMut(&mut String)) {
    fn inside(schema: &mut ReferenceOr<Box<Schema>>, visit: &mut dyn FnMut(&mut String)) {
        match schema {
            ReferenceOr::Reference { reference } => visit(reference),
            ReferenceOr::Item(schema) => references_mut(schema, visit),
        }
    }
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            for property in object.properties.values_mut() {
                inside(property, visit);
            }
            if let Some(AdditionalProperties::Schema(values)) = &mut object.additional_properties {
                match values.as_mut() {
                    ReferenceOr::Reference { reference } => visit(reference),
                    ReferenceOr::Item(schema) => references_mut(schema, visit),
                }
            }
        }
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(items) = &mut array.items {
                inside(items, visit);
            }
        }
        SchemaKind::OneOf { one_of: many }
        | SchemaKind::AllOf { all_of: many }
        | SchemaKind::AnyOf { any_of: many } => {
            for one in many {
                match one {
                    ReferenceOr::Reference { reference } => visit(reference),
                    ReferenceOr::Item(schema) => references_mut(schema, visit),
                }
            }
        }
        SchemaKind::Type(_) | SchemaKind::Not { .. } | SchemaKind::Any(_) => {}
    }
}

/// A schema inside of another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Child<'a> {
    Reference(&'a str),
    Inline(&'a Schema),
}

impl<'a> Child<'a> {
    fn of(schema: &'a ReferenceOr<Box<Schema>>) -> Self {
        match schema {
            ReferenceOr::Reference { reference } => Child::Reference(reference),
            ReferenceOr::Item(item) => Child::Inline(item),
        }
    }
}

/// The component schemas that answers and requests reach.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    pub(crate) answers: BTreeSet<String>,
    pub(crate) requests: BTreeSet<String>,
}

impl Reach {
    pub(crate) fn of(document: &OpenAPI) -> Self {
        let mut reach = Reach::default();
        for (_, _, operation) in document.operations() {
            for schema in answer_schemas(operation) {
                follow(document, schema, &mut reach.answers);
            }
            for schema in request_schemas(operation) {
                follow(document, schema, &mut reach.requests);
            }
        }
        reach
    }

    /// Whether only answers reach the component: it is read and never written.
    pub(crate) fn is_only_read(&self, name: &str) -> bool {
        self.answers.contains(name) && !self.requests.contains(name)
    }
}

/// The schemas that stand in an operation: those of its answers and of its body.
pub(crate) fn schemas_of(operation: &Operation) -> impl Iterator<Item = &ReferenceOr<Schema>> {
    answer_schemas(operation).chain(request_schemas(operation))
}

fn answer_schemas(operation: &Operation) -> impl Iterator<Item = &ReferenceOr<Schema>> {
    let responses = operation.responses.responses.values();
    let responses = responses
        .chain(&operation.responses.default)
        .filter_map(ReferenceOr::as_item);
    let bodies = responses.flat_map(|response| response.content.values());
    bodies.filter_map(|media| media.schema.as_ref())
}

/// The schemas of an operation's answers, in place.
pub(crate) fn answer_schemas_mut(operation: &mut Operation) -> impl Iterator<Item = &mut ReferenceOr<Schema>> {
    let responses = operation.responses.responses.values_mut();
    let responses = responses.chain(&mut operation.responses.default).filter_map(item_mut);
    let bodies = responses.flat_map(|response| response.content.values_mut());
    bodies.filter_map(|media| media.schema.as_mut())
}

fn request_schemas(operation: &Operation) -> impl Iterator<Item = &ReferenceOr<Schema>> {
    let body = operation.request_body.as_ref().and_then(ReferenceOr::as_item);
    let bodies = body.into_iter().flat_map(|body| body.content.values());
    bodies.filter_map(|media| media.schema.as_ref())
}

fn follow(document: &OpenAPI, schema: &ReferenceOr<Schema>, found: &mut BTreeSet<String>) {
    match schema {
        ReferenceOr::Reference { reference } => follow_reference(document, reference, found),
        ReferenceOr::Item(item) => follow_inline(document, item, found),
    }
}

fn follow_reference(document: &OpenAPI, reference: &str, found: &mut BTreeSet<String>) {
    let Some(name) = schema_name(reference) else {
        return;
    };
    if !found.insert(name.to_owned()) {
        return;
    }
    if let Some(schema) = component(document, name) {
        follow_inline(document, schema, found);
    }
}

fn follow_inline(document: &OpenAPI, schema: &Schema, found: &mut BTreeSet<String>) {
    let union = super::unions::Union::of(schema);
    for name in union.iter().flat_map(|union| union.variants.values()) {
        follow_reference(document, &format!("{SCHEMAS}{name}"), found);
    }
    children(schema, &mut |child| match child {
        Child::Reference(reference) => follow_reference(document, reference, found),
        Child::Inline(inline) => follow_inline(document, inline, found),
    });
}
