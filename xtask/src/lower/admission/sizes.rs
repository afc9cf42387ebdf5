//! Bounds the work that a schema gives typify.
//!
//! typify joins the parts of an `allOf`, once for each combination of the alternatives in them. A
//! short description can ask for more combinations than any computer has time for.

use std::collections::BTreeMap;

use openapiv3::{AnySchema, OpenAPI, ReferenceOr, Schema, SchemaKind};

use super::nodes;
use crate::document::values;
use crate::document::walk::{self, Child};
use crate::error::{Error, Result};

/// Greatest number of component schemas. ICA's whole API has about 700.
const MAX_SCHEMAS: usize = 5000;
/// Greatest number of schemas, inner ones included.
const MAX_NODES: usize = 40_000;
/// Greatest number of schemas that an `allOf` joins.
const MAX_JOINED: usize = 500;
/// Greatest number of alternatives of a `oneOf` or `anyOf`.
const MAX_MEMBERS: usize = 500;

/// Greatest number of values of an enum. typify needs some 10 KiB of memory for each.
const MAX_VALUES: usize = 5000;

/// Checks every schema. No schema consists of itself: [`cycles`](super::cycles) comes before.
///
/// # Errors
/// When a schema joins too many schemas. The error names it.
pub(super) fn check(document: &OpenAPI) -> Result<()> {
    let components = document.components.as_ref();
    if components.is_some_and(|components| components.schemas.len() > MAX_SCHEMAS) {
        return Err(too_many(MAX_SCHEMAS));
    }
    let mut nodes = 0_usize;
    let mut sizes = Sizes {
        document,
        known: BTreeMap::new(),
    };
    nodes::each(document, &mut |place, child| {
        nodes += 1;
        if nodes > MAX_NODES {
            return Err(too_many(MAX_NODES));
        }
        let Child::Inline(schema) = child else {
            return Ok(());
        };
        if values::values(schema).is_some_and(|values| values.len() > MAX_VALUES) {
            return Err(Error::invalid(
                place,
                format_args!("it has more than {MAX_VALUES} values; describe it as a string without an enum"),
            ));
        }
        let size = sizes.of(schema);
        let members = members(schema).len();
        if size.joined > MAX_JOINED || members > MAX_MEMBERS {
            return Err(Error::invalid(
                place,
                format_args!("it combines more than {MAX_JOINED} schemas; describe it with fewer"),
            ));
        }
        Ok(())
    })
}

fn too_many(most: usize) -> Error {
    Error::invalid(
        "description",
        format_args!("it has more than {most} schemas; keep only the operations that you need, and what they refer to"),
    )
}

#[derive(Debug, Clone, Copy)]
struct Size {
    /// Number of alternatives.
    alternatives: usize,
    /// Number of schemas that are joined.
    joined: usize,
}

const ONE: Size = Size {
    alternatives: 1,
    joined: 1,
};

struct Sizes<'a> {
    document: &'a OpenAPI,
    known: BTreeMap<String, Size>,
}

impl Sizes<'_> {
    fn of(&mut self, schema: &Schema) -> Size {
        let joins = match &schema.schema_kind {
            SchemaKind::AllOf { .. } => true,
            SchemaKind::Any(any) => !any.all_of.is_empty(),
            _ => false,
        };
        let sizes = members(schema).into_iter().map(|member| self.of_member(member));
        let sizes = sizes.collect::<Vec<_>>();
        if sizes.is_empty() {
            return ONE;
        }
        let sum = |of: fn(&Size) -> usize| sizes.iter().map(of).fold(0, usize::saturating_add);
        if joins {
            let alternatives = sizes
                .iter()
                .map(|size| size.alternatives)
                .fold(1, usize::saturating_mul);
            Size {
                alternatives,
                joined: sum(|size| size.joined).saturating_mul(alternatives),
            }
        } else {
            // The alternatives of a choice are types of their own.
            Size {
                alternatives: sum(|size| size.alternatives),
                joined: sizes.iter().map(|size| size.joined).max().unwrap_or(1),
            }
        }
    }

    fn of_member(&mut self, member: &ReferenceOr<Schema>) -> Size {
        let reference = match member {
            ReferenceOr::Item(schema) => return self.of(schema),
            ReferenceOr::Reference { reference } => reference,
        };
        let Some(name) = walk::schema_name(reference) else {
            return ONE;
        };
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let components = self.document.components.as_ref();
        let target = components.and_then(|components| components.schemas.get(name));
        let size = target.map_or(ONE, |target| self.of_member(target));
        self.known.insert(name.to_owned(), size);
        size
    }
}

fn members(schema: &Schema) -> Vec<&ReferenceOr<Schema>> {
    match &schema.schema_kind {
        SchemaKind::OneOf { one_of: many }
        | SchemaKind::AllOf { all_of: many }
        | SchemaKind::AnyOf { any_of: many } => many.iter().collect(),
        SchemaKind::Any(AnySchema {
            one_of, all_of, any_of, ..
        }) => one_of.iter().chain(all_of).chain(any_of).collect(),
        SchemaKind::Type(_) | SchemaKind::Not { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn combinations_are_counted_through_references() {
        let doubled: String = (0..20)
            .map(|n| {
                let next = format!("{{ $ref: '#/components/schemas/A{}' }}", n + 1);
                format!("A{n}: {{ allOf: [{next}, {next}] }}\n")
            })
            .collect();
        let schemas = format!("{doubled}A20: {{ type: object }}\n");
        let error = super::check(&fixture::document("", &schemas)).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("schema A0 is not valid: it combines more than 500 schemas"),
            "{error}"
        );
        let few = "A: { allOf: [{ oneOf: [{ type: string }, { type: integer }] }, { type: string }] }";
        super::check(&fixture::document("", few)).unwrap();
    }
}
