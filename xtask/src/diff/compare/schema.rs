//! Compares two schemas.

use super::{Comparison, Field, Pair};

/// Position of a schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'n> {
    /// Property or parameter that the schema belongs to. Empty for a component schema itself.
    pub(super) property: &'n str,
    /// Whether a value must be present here, so that null is not the same as absent.
    pub(super) is_required: bool,
}

impl<'a> Comparison<'a> {
    pub(super) fn schema(&mut self, pair: Pair<'a>, spot: Spot<'_>) {
        let Some(pair) = self.reference(pair, spot) else {
            return;
        };
        let of = |node: &super::Node<'a>| node.text("type");
        if of(&pair.before) != of(&pair.after) {
            return self.type_of(&pair, spot);
        }
        self.values(&pair, spot);
        self.text_limits(&pair, spot);
        self.properties(&pair);
        self.union(&pair);
        for field in pair.fields() {
            self.schema_key(&pair, field, spot);
        }
    }

    fn schema_key(&mut self, pair: &Pair<'a>, field: Field<'a>, spot: Spot<'_>) {
        match field.key {
            // Compared together with other keys.
            "type" | "enum" | "pattern" | "minLength" | "maxLength" | "properties" | "required" | "oneOf" | "anyOf"
            | "discriminator" => {}
            "nullable" => self.nullable(pair, &field, spot),
            "items" => match field.pair("element") {
                Some(items) => {
                    let is_required = self.scope.uses.responses;
                    let property = spot.property;
                    self.schema(items, Spot { property, is_required });
                }
                None => self.unequal("items-changed", &field),
            },
            "additionalProperties" => self.additional(field, spot),
            "allOf" => self.all_of(field, spot),
            "format" => self.format(pair, &field),
            "default" => self.unequal("default-changed", &field),
            "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
                self.limit(&field, "limit-tightened", "limit-loosened");
            }
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                self.limit(&field, "range-tightened", "range-loosened");
            }
            "uniqueItems" => self.flag(&field, "unique-items-gained", "unique-items-lost"),
            "readOnly" => self.flag(&field, "read-only-gained", "read-only-lost"),
            "writeOnly" => self.flag(&field, "write-only-gained", "write-only-lost"),
            "deprecated" => self.flag(&field, "deprecated", "undeprecated"),
            _ => self.other(&field),
        }
    }

    /// Reports a key whose values differ at all.
    pub(super) fn unequal(&mut self, rule: &str, field: &Field<'a>) {
        if !field.is_equal() {
            self.record_field(rule, &field.owner, field);
        }
    }

    fn type_of(&mut self, pair: &Pair<'a>, spot: Spot<'_>) {
        // A page size is the same text in a URL, whatever its type.
        let is_count = self.scope.operation.is_some() && ["pageOffset", "pageSize"].contains(&spot.property);
        let id = match (pair.before.text("type"), pair.after.text("type")) {
            (Some("string"), Some("integer")) | (Some("integer"), Some("string")) if is_count => "paging-count-retyped",
            _ => "type-changed",
        };
        self.record_field(id, &pair.place, &pair.field("type"));
    }

    fn additional(&mut self, field: Field<'a>, spot: Spot<'_>) {
        let is_schema = |node: &Option<super::Node<'a>>| node.as_ref().is_some_and(|node| node.value.is_object());
        match field.pair("map value") {
            Some(pair) if is_schema(&field.before) && is_schema(&field.after) => {
                let property = spot.property;
                let is_required = true;
                self.schema(pair, Spot { property, is_required });
            }
            _ => self.unequal("additional-properties-changed", &field),
        }
    }
}
