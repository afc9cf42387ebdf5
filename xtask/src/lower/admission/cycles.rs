//! Refuses schemas that consist of themselves.
//!
//! A schema may contain itself in a property, a list or a map. A schema that is itself, through
//! references, `allOf`, `oneOf` or `anyOf` alone, has no values, and typify recurses without end.

use std::collections::BTreeSet;

use openapiv3::{AnySchema, OpenAPI, ReferenceOr, Schema, SchemaKind};

use crate::document::walk;
use crate::error::{Error, Result};

/// Checks that no component schema consists of itself.
///
/// # Errors
/// When one does. The error gives the way from the schema back to it.
pub(super) fn check(document: &OpenAPI) -> Result<()> {
    let components = document.components.iter().flat_map(|components| &components.schemas);
    let mut done = BTreeSet::new();
    for (name, _) in components {
        follow(document, name, &mut Vec::new(), &mut done)?;
    }
    Ok(())
}

fn follow<'a>(
    document: &'a OpenAPI,
    name: &'a str,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Result<()> {
    if let Some(start) = way.iter().position(|earlier| *earlier == name) {
        let circle = way[start..].iter().chain([&name]).copied().collect::<Vec<_>>();
        return Err(Error::invalid(
            format_args!("schema {name}"),
            format_args!(
                "it consists of itself ({}); refer to it from a property instead",
                circle.join(" → ")
            ),
        ));
    }
    if done.contains(name) {
        return Ok(());
    }
    way.push(name);
    let schema = document
        .components
        .as_ref()
        .and_then(|components| components.schemas.get(name));
    let mut parts = Vec::new();
    schema.into_iter().for_each(|schema| collect(schema, &mut parts));
    for part in parts {
        follow(document, part, way, done)?;
    }
    way.pop();
    done.insert(name);
    Ok(())
}

/// Collects the names of the schemas that this one consists of.
fn collect<'a>(schema: &'a ReferenceOr<Schema>, parts: &mut Vec<&'a str>) {
    let schema = match schema {
        ReferenceOr::Reference { reference } => {
            parts.extend(walk::schema_name(reference));
            return;
        }
        ReferenceOr::Item(schema) => schema,
    };
    match &schema.schema_kind {
        SchemaKind::OneOf { one_of: many }
        | SchemaKind::AllOf { all_of: many }
        | SchemaKind::AnyOf { any_of: many } => {
            many.iter().for_each(|one| collect(one, parts));
        }
        SchemaKind::Any(AnySchema {
            one_of, all_of, any_of, ..
        }) => {
            one_of
                .iter()
                .chain(all_of)
                .chain(any_of)
                .for_each(|one| collect(one, parts));
        }
        SchemaKind::Not { not } => collect(not, parts),
        SchemaKind::Type(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn a_schema_that_consists_of_itself_is_an_error_with_the_way() {
        let schemas = "
A: { allOf: [{ $ref: '#/components/schemas/B' }] }
B: { $ref: '#/components/schemas/A' }
";
        let error = super::check(&fixture::document("", schemas)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "schema A is not valid: it consists of itself (A → B → A); refer to it from a property instead",
        );
        let tree = "Tree: { type: object, properties: { parent: { $ref: '#/components/schemas/Tree' } } }";
        super::check(&fixture::document("", tree)).unwrap();
    }
}
