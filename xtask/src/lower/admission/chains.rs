//! Bounds how deep the types of one request or response are nested.
//!
//! rustc checks the types of a body down to the last one, 128 types deep. A longer chain of schemas
//! gives a client that does not compile.

use std::collections::BTreeSet;

use openapiv3::{AdditionalProperties, OpenAPI, ReferenceOr, Schema, SchemaKind, Type};

use crate::document::marks;
use crate::document::walk::{self, Child};
use crate::error::{Error, Result};

/// Greatest cost of a chain. The costs were measured: a client with twice of it does not compile.
const MAX_COST: usize = 100;
/// Types for a property: the type of the schema, and its `Option`.
const SCHEMA: usize = 2;
/// Types of a list besides that of its elements.
const LIST: usize = 3;
/// Types of a map besides that of its values.
const MAP: usize = 5;

const START: Step<'static> = Step {
    owner: "of the body",
    cost: 0,
};

/// Checks the schemas of every operation.
///
/// # Errors
/// When a chain of schemas is too long. The error names the operation, and the schema at the limit.
pub(super) fn check(document: &OpenAPI) -> Result<()> {
    // rustc, too, keeps what it has checked.
    let mut seen = BTreeSet::new();
    for (_, _, operation) in document.operations() {
        for schema in walk::schemas_of(operation) {
            let child = match schema {
                ReferenceOr::Reference { reference } => Child::Reference(reference),
                ReferenceOr::Item(schema) => Child::Inline(schema),
            };
            if let Some(last) = too_deep(document, child, START, &mut seen) {
                return Err(Error::invalid(
                    format_args!("operation {}", marks::published_id(operation)),
                    format_args!(
                        "its schemas are nested too deeply, at schema {last}; describe an inner schema as any object"
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// Returns the name of the schema that comes before the one at which a chain exceeds the limit.
fn too_deep<'a>(
    document: &'a OpenAPI,
    child: Child<'a>,
    at: Step<'a>,
    seen: &mut BTreeSet<&'a str>,
) -> Option<&'a str> {
    if at.cost > MAX_COST {
        return Some(at.owner);
    }
    let (owner, schema) = match child {
        Child::Inline(schema) => (at.owner, schema),
        Child::Reference(reference) => {
            let name = walk::schema_name(reference)?;
            if !seen.insert(name) {
                return None;
            }
            match document.components.as_ref()?.schemas.get(name)? {
                ReferenceOr::Item(schema) => (name, schema),
                ReferenceOr::Reference { reference } => {
                    let next = Step {
                        owner: name,
                        cost: at.cost + SCHEMA,
                    };
                    return too_deep(document, Child::Reference(reference), next, seen);
                }
            }
        }
    };
    let cost = at.cost + cost_of(schema);
    let mut children = Vec::new();
    walk::children(schema, &mut |child| children.push(child));
    children
        .into_iter()
        .find_map(|child| too_deep(document, child, Step { owner, cost }, seen))
}

/// Place in a chain.
#[derive(Clone, Copy)]
struct Step<'a> {
    /// Last component schema.
    owner: &'a str,
    /// Cost of the schemas so far.
    cost: usize,
}

fn cost_of(schema: &Schema) -> usize {
    match &schema.schema_kind {
        SchemaKind::Type(Type::Array(_)) => LIST,
        SchemaKind::Type(Type::Object(object)) => match object.additional_properties {
            Some(AdditionalProperties::Schema(_)) => MAP,
            _ => SCHEMA,
        },
        _ => SCHEMA,
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    fn check(length: usize) -> Result<(), String> {
        let chain: String = (0..length)
            .map(|n| {
                let next = format!("{{ $ref: '#/components/schemas/C{}' }}", n + 1);
                format!("C{n}: {{ type: object, properties: {{ next: {{ type: array, items: {next} }} }} }}\n")
            })
            .collect();
        let schemas = format!("{chain}C{length}: {{ type: object }}\n");
        super::check(&fixture::document(&fixture::paths("C0", "C0"), &schemas)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_chain_that_rustc_does_not_follow_is_refused() {
        assert_eq!(check(20), Ok(()));
        assert_eq!(
            check(21).unwrap_err(),
            "operation getThing is not valid: its schemas are nested too deeply, at schema C20; \
             describe an inner schema as any object",
        );
    }
}
