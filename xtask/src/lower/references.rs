//! Replaces references to parameters, responses and request bodies by what they refer to.
//!
//! The other passes and progenitor change these parts per operation, and do not follow references.

use indexmap::IndexMap;
use openapiv3::{OpenAPI, Operation, Parameter, ReferenceOr, RequestBody, Response};

use crate::document::walk;
use crate::error::{Error, Result};

/// Replaces every such reference in the operations.
///
/// # Errors
/// When a reference leads nowhere, or to itself. The error names the operation.
pub(super) fn lower(document: &mut OpenAPI) -> Result<()> {
    let components = document.components.clone().unwrap_or_default();
    let (parameters, responses, bodies) = (
        Kind {
            folder: "parameters",
            all: &components.parameters,
        },
        Kind {
            folder: "responses",
            all: &components.responses,
        },
        Kind {
            folder: "requestBodies",
            all: &components.request_bodies,
        },
    );
    for (path, item) in &mut document.paths.paths {
        let ReferenceOr::Item(item) = item else {
            continue;
        };
        for parameter in &mut item.parameters {
            parameters.replace(parameter, &format!("path {path}"))?;
        }
        for operation in walk::slots(item).into_iter().filter_map(|(_, slot)| slot.as_mut()) {
            lower_operation(operation, &parameters, &responses, &bodies)?;
        }
    }
    Ok(())
}

fn lower_operation(
    operation: &mut Operation,
    parameters: &Kind<'_, Parameter>,
    responses: &Kind<'_, Response>,
    bodies: &Kind<'_, RequestBody>,
) -> Result<()> {
    let place = format!(
        "operation {}",
        operation.operation_id.as_deref().unwrap_or("without an id")
    );
    for parameter in &mut operation.parameters {
        parameters.replace(parameter, &place)?;
    }
    let all = operation.responses.responses.values_mut();
    for response in all.chain(&mut operation.responses.default) {
        responses.replace(response, &place)?;
    }
    if let Some(body) = &mut operation.request_body {
        bodies.replace(body, &place)?;
    }
    Ok(())
}

/// One kind of components.
struct Kind<'a, T> {
    folder: &'static str,
    all: &'a IndexMap<String, ReferenceOr<T>>,
}

impl<T: Clone> Kind<'_, T> {
    fn replace(&self, slot: &mut ReferenceOr<T>, place: &str) -> Result<()> {
        // A chain that is longer than the number of components is a circle.
        for _ in 0..=self.all.len() {
            let ReferenceOr::Reference { reference } = slot else {
                return Ok(());
            };
            let prefix = format!("#/components/{}/", self.folder);
            let found = reference.strip_prefix(&prefix).and_then(|name| self.all.get(name));
            let Some(found) = found else {
                return Err(Error::invalid(
                    place,
                    format_args!("it refers to {reference}, which does not exist; add it or correct the reference"),
                ));
            };
            *slot = found.clone();
        }
        match slot {
            ReferenceOr::Item(_) => Ok(()),
            ReferenceOr::Reference { reference } => Err(Error::invalid(
                place,
                format_args!("it refers to {reference}, which refers to itself; correct the reference"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::description;
    use crate::document::fixture;

    fn lowered(parameters: &str) -> Result<String, String> {
        let text = format!(
            "
openapi: 3.0.1
info: {{ title: Tiny, version: '1' }}
paths:
  /things:
    get:
      operationId: getThings
      parameters: [{{ $ref: '#/components/parameters/Size' }}]
      responses: {{ '204': {{ $ref: '#/components/responses/Empty' }} }}
components:
  parameters: {parameters}
  responses: {{ Empty: {{ description: nothing }} }}
"
        );
        let mut document = description::parse(&text).unwrap();
        match super::lower(&mut document) {
            Ok(()) => Ok(fixture::body(&document)),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn references_are_replaced_by_their_targets() {
        let body = lowered(
            "{ Size: { $ref: '#/components/parameters/Real' }, Real: { name: size, in: query, schema: { type: integer } } }",
        );
        let operations = body.unwrap().split("components:").next().unwrap().to_owned();
        assert!(
            operations.contains("name: size") && operations.contains("description: nothing"),
            "{operations}"
        );
        assert!(!operations.contains("$ref"), "{operations}");
    }

    #[test]
    fn a_reference_that_leads_nowhere_or_to_itself_is_an_error() {
        assert_eq!(
            lowered("{}").unwrap_err(),
            "operation getThings is not valid: it refers to #/components/parameters/Size, which does not exist; add it or correct the reference",
        );
        let circle = lowered("{ Size: { $ref: '#/components/parameters/Size' } }");
        assert!(circle.unwrap_err().contains("which refers to itself"));
    }
}
