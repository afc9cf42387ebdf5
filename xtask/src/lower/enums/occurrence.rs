//! Occurrences of sets of values in a document.

use openapiv3::{OpenAPI, ParameterSchemaOrContent, ReferenceOr, Schema, SchemaKind, Type};

use crate::document::reach::Reach;
use crate::document::values::values;
use crate::document::{marks, walk};

/// One occurrence of a set of values.
#[derive(Debug, Clone)]
pub(super) struct Occurrence {
    /// Component schema, or the published id of an operation.
    pub(super) owner: String,
    /// Property or parameter. Empty where the component schema itself is the set.
    pub(super) property: String,
    /// Whether responses use it.
    pub(super) in_response: bool,
    pub(super) values: Vec<String>,
    pub(super) description: Option<String>,
}

impl Occurrence {
    pub(super) fn key(&self) -> (String, String) {
        (self.owner.clone(), self.property.clone())
    }
}

/// Returns every occurrence in the document.
pub(super) fn all(document: &OpenAPI) -> Vec<Occurrence> {
    let reach = Reach::of(document);
    let mut found = Vec::new();
    let components = document.components.iter().flat_map(|components| &components.schemas);
    for (owner, schema) in components {
        if let ReferenceOr::Item(schema) = schema {
            collect(owner, "", schema, reach.responses.contains(owner), &mut found);
        }
    }
    for (_, _, operation) in document.operations() {
        let id = marks::published_id(operation);
        for parameter in operation.parameters.iter().filter_map(ReferenceOr::as_item) {
            let data = parameter.parameter_data_ref();
            if let ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)) = &data.format {
                let first = found.len();
                collect(id, &data.name, schema, false, &mut found);
                // The description of a parameter stands beside its schema.
                for occurrence in &mut found[first..] {
                    occurrence.description = occurrence.description.take().or_else(|| data.description.clone());
                }
            }
        }
    }
    found
}

fn collect(owner: &str, property: &str, schema: &Schema, in_response: bool, found: &mut Vec<Occurrence>) {
    if let Some(values) = values(schema) {
        found.push(Occurrence {
            owner: owner.to_owned(),
            property: property.to_owned(),
            in_response,
            values,
            description: schema.schema_data.description.clone(),
        });
    }
    if let SchemaKind::Type(Type::Object(object)) = &schema.schema_kind {
        for (name, inner) in &object.properties {
            if let ReferenceOr::Item(inner) = inner {
                collect(owner, name, inner, in_response, found);
            }
        }
    } else {
        walk::children(schema, &mut |child| {
            if let walk::Child::Inline(inner) = child {
                collect(owner, property, inner, in_response, found);
            }
        });
    }
}
