//! Access to the operations and schemas of a document, for reading and for changes in place.

use openapiv3::{
    AdditionalProperties, OpenAPI, Operation, Parameter, ParameterData, ParameterSchemaOrContent, PathItem,
    ReferenceOr, Schema, SchemaKind, Type,
};

use super::union::Union;

const SCHEMAS: &str = "#/components/schemas/";

/// Returns the name in a reference to a component schema.
pub(crate) fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix(SCHEMAS)
}

/// Returns a reference to the component schema of this name.
pub(crate) fn schema_ref<T>(name: &str) -> ReferenceOr<T> {
    ReferenceOr::Reference {
        reference: reference_to(name),
    }
}

/// Returns the text of a reference to the component schema of this name.
pub(crate) fn reference_to(name: &str) -> String {
    format!("{SCHEMAS}{name}")
}

/// Returns the item, unless there is a reference to it.
pub(crate) fn item_mut<T>(either: &mut ReferenceOr<T>) -> Option<&mut T> {
    match either {
        ReferenceOr::Item(item) => Some(item),
        ReferenceOr::Reference { .. } => None,
    }
}

/// Returns the operations of a path item by method.
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

/// Returns every operation of the document.
pub(crate) fn operations_mut(document: &mut OpenAPI) -> impl Iterator<Item = &mut Operation> {
    document
        .paths
        .paths
        .values_mut()
        .filter_map(item_mut)
        .flat_map(slots)
        .filter_map(|(_, slot)| slot.as_mut())
}

/// Returns the data that parameters of every kind have.
pub(crate) fn parameter_data_mut(parameter: &mut Parameter) -> &mut ParameterData {
    match parameter {
        Parameter::Query { parameter_data, .. }
        | Parameter::Header { parameter_data, .. }
        | Parameter::Path { parameter_data, .. }
        | Parameter::Cookie { parameter_data, .. } => parameter_data,
    }
}

/// Returns the schema of a parameter.
pub(crate) fn parameter_schema_mut(parameter: &mut Parameter) -> Option<&mut ReferenceOr<Schema>> {
    match &mut parameter_data_mut(parameter).format {
        ParameterSchemaOrContent::Schema(schema) => Some(schema),
        ParameterSchemaOrContent::Content(_) => None,
    }
}

/// Returns the component schema of this name, unless it is a reference.
pub(crate) fn component_mut<'a>(document: &'a mut OpenAPI, name: &str) -> Option<&'a mut Schema> {
    document.components.as_mut()?.schemas.get_mut(name).and_then(item_mut)
}

/// Returns the component schema of this name, unless it is a reference.
pub(crate) fn component<'a>(document: &'a OpenAPI, name: &str) -> Option<&'a Schema> {
    document.components.as_ref()?.schemas.get(name)?.as_item()
}

/// Returns the component schemas by name, without those that are references.
pub(crate) fn components(document: &OpenAPI) -> impl Iterator<Item = (&String, &Schema)> {
    let schemas = document.components.iter().flat_map(|components| &components.schemas);
    schemas.filter_map(|(name, schema)| Some((name, schema.as_item()?)))
}

/// Calls `visit` with each schema directly in this one: properties, elements, map values and
/// variants.
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

/// Returns the names of the component schemas that this schema refers to, its mark as a union
/// included.
pub(crate) fn references(schema: &Schema) -> Vec<String> {
    let union = Union::of(schema);
    let mut found = union.map_or_else(Vec::new, |union| union.variants.into_values().collect());
    children(schema, &mut |child| match child {
        Child::Reference(reference) => found.extend(schema_name(reference).map(str::to_owned)),
        Child::Inline(inline) => found.extend(references(inline)),
    });
    found
}

/// Calls `visit` with every reference in this schema. The mark of a union is left alone.
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

/// Schema inside another schema.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Child<'a> {
    Reference(&'a str),
    Inline(&'a Schema),
}

impl<'a> Child<'a> {
    pub(crate) fn of(schema: &'a ReferenceOr<Box<Schema>>) -> Self {
        match schema {
            ReferenceOr::Reference { reference } => Child::Reference(reference),
            ReferenceOr::Item(item) => Child::Inline(item),
        }
    }
}

/// Returns the schemas of the responses and of the request body.
pub(crate) fn schemas_of(operation: &Operation) -> impl Iterator<Item = &ReferenceOr<Schema>> {
    response_schemas(operation).chain(request_schemas(operation))
}

/// Returns the schemas of the responses.
pub(crate) fn response_schemas(operation: &Operation) -> impl Iterator<Item = &ReferenceOr<Schema>> {
    let responses = operation.responses.responses.values();
    let responses = responses
        .chain(&operation.responses.default)
        .filter_map(ReferenceOr::as_item);
    let bodies = responses.flat_map(|response| response.content.values());
    bodies.filter_map(|media| media.schema.as_ref())
}

/// Returns the schemas of the responses.
pub(crate) fn response_schemas_mut(operation: &mut Operation) -> impl Iterator<Item = &mut ReferenceOr<Schema>> {
    let responses = operation.responses.responses.values_mut();
    let responses = responses.chain(&mut operation.responses.default).filter_map(item_mut);
    let bodies = responses.flat_map(|response| response.content.values_mut());
    bodies.filter_map(|media| media.schema.as_mut())
}

/// Returns the schemas of the request body.
pub(crate) fn request_schemas_mut(operation: &mut Operation) -> impl Iterator<Item = &mut ReferenceOr<Schema>> {
    let body = operation.request_body.as_mut().and_then(item_mut);
    let bodies = body.into_iter().flat_map(|body| body.content.values_mut());
    bodies.filter_map(|media| media.schema.as_mut())
}

/// Returns the schemas of the request body.
pub(crate) fn request_schemas(operation: &Operation) -> impl Iterator<Item = &ReferenceOr<Schema>> {
    let body = operation.request_body.as_ref().and_then(ReferenceOr::as_item);
    let bodies = body.into_iter().flat_map(|body| body.content.values());
    bodies.filter_map(|media| media.schema.as_ref())
}

/// Calls `visit` with each schema of the components and of the operations, inner ones included, but
/// not those of shared responses and parameters.
pub(crate) fn schemas_mut(document: &mut OpenAPI, visit: &mut dyn FnMut(&mut Schema)) {
    for item in document.paths.paths.values_mut().filter_map(item_mut) {
        for parameter in item.parameters.iter_mut().filter_map(item_mut) {
            parameter_schema_mut(parameter)
                .into_iter()
                .for_each(|schema| inside_mut(schema, visit));
        }
    }
    for operation in operations_mut(document) {
        for parameter in operation.parameters.iter_mut().filter_map(item_mut) {
            parameter_schema_mut(parameter)
                .into_iter()
                .for_each(|schema| inside_mut(schema, visit));
        }
        request_schemas_mut(operation).for_each(|schema| inside_mut(schema, visit));
        response_schemas_mut(operation).for_each(|schema| inside_mut(schema, visit));
    }
    let components = document.components.iter_mut();
    for schema in components.flat_map(|components| components.schemas.values_mut()) {
        inside_mut(schema, visit);
    }
}

fn inside_mut(schema: &mut ReferenceOr<Schema>, visit: &mut dyn FnMut(&mut Schema)) {
    if let ReferenceOr::Item(schema) = schema {
        schema_mut(schema, visit);
    }
}

fn schema_mut(schema: &mut Schema, visit: &mut dyn FnMut(&mut Schema)) {
    visit(schema);
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            boxed_mut(object.properties.values_mut(), visit);
            values_mut(object.additional_properties.as_mut(), visit);
        }
        SchemaKind::Type(Type::Array(array)) => boxed_mut(array.items.iter_mut(), visit),
        SchemaKind::OneOf { one_of: many }
        | SchemaKind::AllOf { all_of: many }
        | SchemaKind::AnyOf { any_of: many } => many.iter_mut().for_each(|schema| inside_mut(schema, visit)),
        SchemaKind::Not { not } => inside_mut(not, visit),
        SchemaKind::Any(any) => {
            boxed_mut(any.properties.values_mut(), visit);
            boxed_mut(any.items.iter_mut(), visit);
            values_mut(any.additional_properties.as_mut(), visit);
            let many = any.one_of.iter_mut().chain(&mut any.all_of).chain(&mut any.any_of);
            many.for_each(|schema| inside_mut(schema, visit));
            any.not.iter_mut().for_each(|schema| inside_mut(schema, visit));
        }
        SchemaKind::Type(_) => {}
    }
}

fn boxed_mut<'a>(schemas: impl Iterator<Item = &'a mut ReferenceOr<Box<Schema>>>, visit: &mut dyn FnMut(&mut Schema)) {
    schemas
        .filter_map(item_mut)
        .for_each(|schema| schema_mut(schema, visit));
}

fn values_mut(values: Option<&mut AdditionalProperties>, visit: &mut dyn FnMut(&mut Schema)) {
    if let Some(AdditionalProperties::Schema(values)) = values {
        inside_mut(values, visit);
    }
}
