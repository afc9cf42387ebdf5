//! Turns a `oneOf` with a discriminator into an internally tagged enum.
//!
//! Without this pass progenitor generates an untagged enum. Reading then tries one variant after
//! another and reports an unhelpful error, and writing allows a tag that contradicts the variant.
//! Here the enum owns the tag, so the tag property leaves the schemas of the variants. The emitter
//! writes the enum over their types.

use openapiv3::{OpenAPI, Schema, SchemaKind, Type};

use crate::document::union::Union;
use crate::document::walk;
use crate::error::{Error, Result};

/// Marks every `oneOf` with a discriminator, and removes the tag from its variants.
///
/// # Errors
/// When a discriminator has no mapping, or maps to something other than a component schema of an
/// object.
pub(super) fn lower(document: &mut OpenAPI) -> Result<()> {
    let names: Vec<String> = match &document.components {
        Some(components) => components.schemas.keys().cloned().collect(),
        None => return Ok(()),
    };
    for name in names {
        let Some(union) = walk::component(document, &name).and_then(|schema| discriminated(&name, schema)) else {
            continue;
        };
        let union = union?;
        for variant in union.variants.values() {
            untag(document, &name, variant, &union.tag)?;
        }
        if let Some(schema) = walk::component_mut(document, &name) {
            schema.schema_data.discriminator = None;
            union.mark(schema);
        }
    }
    Ok(())
}

fn discriminated(name: &str, schema: &Schema) -> Option<Result<Union>> {
    // The parser reads a `oneOf` that also has a `type` as a schema of any kind.
    let is_one_of = match &schema.schema_kind {
        SchemaKind::OneOf { .. } => true,
        SchemaKind::Any(any) => !any.one_of.is_empty(),
        _ => false,
    };
    if !is_one_of {
        return None;
    }
    let discriminator = schema.schema_data.discriminator.as_ref()?;
    if discriminator.mapping.is_empty() {
        return Some(Err(Error::invalid(
            format_args!("schema {name}"),
            "its discriminator has no mapping; list the value of each variant",
        )));
    }
    let variants = discriminator.mapping.iter().map(|(tag, reference)| {
        let variant = walk::schema_name(reference).unwrap_or(reference);
        (tag.clone(), variant.to_owned())
    });
    Some(Ok(Union {
        tag: discriminator.property_name.clone(),
        variants: variants.collect(),
    }))
}

fn untag(document: &mut OpenAPI, union: &str, variant: &str, tag: &str) -> Result<()> {
    let schema = walk::component_mut(document, variant).map(|schema| &mut schema.schema_kind);
    let Some(SchemaKind::Type(Type::Object(object))) = schema else {
        return Err(Error::invalid(
            format_args!("schema {union}"),
            format_args!("it maps to {variant}, which is not a component schema of an object; describe it as one"),
        ));
    };
    object.properties.shift_remove(tag);
    object.required.retain(|required| required != tag);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn a_union_is_marked_and_its_variants_lose_the_tag() {
        let mut document = fixture::document(
            "",
            "
Input:
  description: Either form.
  type: object
  oneOf:
    - $ref: '#/components/schemas/Structured'
    - $ref: '#/components/schemas/Json'
  discriminator:
    propertyName: objectType
    mapping:
      STRUCTURED: '#/components/schemas/Structured'
      JSON: '#/components/schemas/Json'
Structured:
  type: object
  required: [objectType, inputs]
  properties:
    objectType: { type: string, enum: [STRUCTURED, JSON] }
    inputs: { type: array, items: { type: string } }
Json:
  type: object
  required: [objectType, inputJson]
  properties:
    objectType: { type: string, enum: [STRUCTURED, JSON] }
    inputJson: { type: string }
",
        );
        super::lower(&mut document).unwrap();
        insta::assert_snapshot!(fixture::body(&document));
    }

    #[test]
    fn a_discriminator_without_a_mapping_is_an_error_that_names_the_fix() {
        let mut document = fixture::document(
            "",
            "Input: { oneOf: [{ $ref: '#/components/schemas/A' }], discriminator: { propertyName: kind } }",
        );
        let error = super::lower(&mut document).unwrap_err();
        assert_eq!(
            error.to_string(),
            "schema Input is not valid: its discriminator has no mapping; list the value of each variant"
        );
    }
}
