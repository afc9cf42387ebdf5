//! Makes errors typed, and every problem readable.
//!
//! ICA describes its errors as `default`. progenitor counts `default` as success too, and an
//! operation with two success types is an error, so `default` becomes 4XX and 5XX.
//!
//! ICA does not keep to its own schema of a problem: required members are missing, and `type` is
//! not always a URI. So no member is required and no format is checked. Gateways in front of ICA
//! send `code` and `message` instead, so a problem has these two as well.

use openapiv3::{
    IntegerType, NumberType, OpenAPI, ReferenceOr, Schema, SchemaData, SchemaKind, StatusCode, StringType, Type,
    VariantOrUnknownOrEmpty,
};

use crate::document::walk;
use crate::error::{Error, Result};

const PROBLEM: &str = "Problem";

/// Members of an error that a gateway sends.
const GATEWAY: [(&str, &str); 2] = [
    ("code", "Code of an error that comes from a gateway in front of ICA."),
    ("message", "Text of an error that comes from a gateway in front of ICA."),
];

/// Replaces `default` by 4XX and 5XX, and relaxes the schema of a problem.
///
/// # Errors
/// When the schema of a problem is not an object.
pub(super) fn lower(document: &mut OpenAPI) -> Result<()> {
    for operation in walk::operations_mut(document) {
        let responses = &mut operation.responses;
        if let Some(default) = responses.default.take() {
            for range in [4, 5] {
                responses
                    .responses
                    .entry(StatusCode::Range(range))
                    .or_insert_with(|| default.clone());
            }
        }
    }
    relax_problem(document)
}

fn relax_problem(document: &mut OpenAPI) -> Result<()> {
    let Some(problem) = walk::component_mut(document, PROBLEM) else {
        return Ok(());
    };
    let SchemaKind::Type(Type::Object(object)) = &mut problem.schema_kind else {
        return Err(Error::invalid(
            format_args!("schema {PROBLEM}"),
            "it is not an object; describe it as one",
        ));
    };
    object.required.clear();
    for (name, description) in GATEWAY {
        object
            .properties
            .entry(name.to_owned())
            .or_insert_with(|| text(description));
    }
    for property in object.properties.values_mut() {
        let ReferenceOr::Item(property) = property else {
            continue;
        };
        property.schema_data.nullable = true;
        match &mut property.schema_kind {
            SchemaKind::Type(Type::String(text)) => *text = StringType::default(),
            SchemaKind::Type(Type::Integer(number)) => *number = IntegerType::default(),
            SchemaKind::Type(Type::Number(number)) => {
                *number = NumberType {
                    format: VariantOrUnknownOrEmpty::Empty,
                    ..NumberType::default()
                };
            }
            _ => {}
        }
    }
    Ok(())
}

fn text(description: &str) -> ReferenceOr<Box<Schema>> {
    ReferenceOr::boxed_item(Schema {
        schema_data: SchemaData {
            description: Some(description.to_owned()),
            ..SchemaData::default()
        },
        schema_kind: SchemaKind::Type(Type::String(StringType::default())),
    })
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn default_becomes_both_error_ranges_and_a_problem_requires_nothing() {
        let mut document = fixture::document(
            "
/things:
  get:
    operationId: getThing
    responses:
      '200': { description: ok, content: { application/json: { schema: { type: string } } } }
      default:
        description: failed
        content: { application/json: { schema: { $ref: '#/components/schemas/Problem' } } }
",
            "
Problem:
  type: object
  required: [type, status, timestamp]
  properties:
    type: { type: string, format: uri }
    status: { type: integer, format: int32 }
    timestamp: { type: string, format: date-time }
    parameters: { type: object, additionalProperties: { type: string } }
",
        );
        super::lower(&mut document).unwrap();
        insta::assert_snapshot!(fixture::body(&document));
    }
}
