//! The mark of an internally tagged union.

use indexmap::IndexMap;
use openapiv3::{ObjectType, Schema, SchemaKind, Type};
use serde_json::{Value, json};

use super::marks;

/// Internally tagged union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Union {
    /// Property that tells the variants apart.
    pub(crate) tag: String,
    /// Name of the component schema of each variant, by the value of the tag.
    pub(crate) variants: IndexMap<String, String>,
}

impl Union {
    /// Returns the union that a lowered schema is marked as.
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

    /// Marks the schema as this union.
    ///
    /// The schema keeps its name and description. progenitor sees an object, and the emitter sees
    /// the union.
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
        schema.schema_kind = SchemaKind::Type(Type::Object(ObjectType::default()));
    }
}
