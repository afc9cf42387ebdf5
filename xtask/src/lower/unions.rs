//! A `oneOf` with a discriminator becomes an internally tagged enum.
//!
//! Left alone it becomes an untagged guess: the reader tries one variant after the other and reports nonsense
//! when none fits, and the writer may fill in a tag that contradicts the variant. With the tag owned by the
//! enum a wrong one cannot be written. The tag property therefore leaves the variants' schemas, and the
//! emitter writes the enum over their types.

use indexmap::IndexMap;
use openapiv3::{OpenAPI, Schema, SchemaKind, Type};
use serde_json::{Value, json};

use super::{marks, walk};
use crate::{Error, Result};

/// An internally tagged union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Union {
    /// The property that tells the variants apart.
    pub tag: String,
    /// The name of the variant's component schema, by its tag.
    pub variants: IndexMap<String, String>,
}

impl Union {
    /// The union that a lowered schema is marked as.
    pub(crate) fn of(schema: &Schema) -> Option<Self> {
        let mark = schema.schema_data.extensions.get(marks::UNION)?;
        let variants = mark.get("variants")?.as_object()?;
        Some(Self {
            tag: mark.get("tag")?.as_str()?.to_owned(),
            variants: variants
                .iter()
                .filter_map(|(tag, name)| Some((tag.clone(), name.as_str()?.to_owned())))
                .collect(),
        })
    }

    /// Marks the schema as this union. It keeps its name and documentation; progenitor sees an object, the emitter the
    /// union.
    pub(crate) fn mark(&self, schema: &mut Schema) {
        let variants: serde_json::Map<String, Value> = self
            .variants
            .iter()
            .map(|(tag, name)| (tag.clone(), Value::String(name.clone())))
            .collect();
        schema.schema_data.extensions.insert(
            marks::UNION.to_owned(),
            json!({ "tag": self.tag, "variants": variants }),
        );
        schema.schema_kind = SchemaKind::Type(Type::Object(openapiv3::ObjectType::default()));
    }
}

/// Marks every discriminated `oneOf` and takes the tag out of its variants.
///
/// # Errors
/// When a mapping is missing, or leads to something other than an object component.
pub fn lower(document: &mut OpenAPI) -> Result<()> {
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
    // With a `type` beside it, `oneOf` is read as a schema of any kind.
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
        return Some(Err(Error::new(
            name,
            "has a discriminator without a mapping; list the value of each variant",
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
        return Err(Error::new(
            union,
            format_args!("maps to {variant}, which is no object among the components; describe it there"),
        ));
    };
    object.properties.shift_remove(tag);
    object.required.retain(|required| required != tag);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::fixture;

    #[test]
    fn a_discriminated_one_of_is_marked_and_its_variants_lose_the_tag() {
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
    fn a_discriminator_without_a_mapping_is_an_error_that_says_what_to_write() {
        let mut document = fixture::document(
            "",
            "Input: { oneOf: [{ $ref: '#/components/schemas/A' }], discriminator: { propertyName: kind } }",
        );
        let error = super::lower(&mut document).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Input: has a discriminator without a mapping; list the value of each variant"
        );
    }
}
