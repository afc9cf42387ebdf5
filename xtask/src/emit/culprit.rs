//! Finds the part of a document on which progenitor panics.
//!
//! A panic names no place. So progenitor runs again on smaller documents: each schema with all that
//! it refers to, then each operation.

use std::collections::BTreeSet;

use openapiv3::{Components, OpenAPI, Paths, ReferenceOr};

use super::client::{Parts, client};
use crate::document::{marks, paths, walk};
use crate::error::Error;
use crate::guard;

/// Greatest number of schemas in which the search ends soon. ICA's whole API has about 700.
const MAX_SCHEMAS: usize = 1500;

/// Returns the error for a panic on this document, with its place.
pub(super) fn error(document: &OpenAPI, panic: &str) -> Error {
    let count = document
        .components
        .as_ref()
        .map_or(0, |components| components.schemas.len());
    let place = (count <= MAX_SCHEMAS).then(|| schema(document).or_else(|| operation(document)));
    let place = place.flatten();
    let place = place.unwrap_or_else(|| "description".to_owned());
    Error::invalid(
        place,
        format_args!("progenitor does not support it (\"{panic}\"); describe it more simply"),
    )
}

fn fails(document: &OpenAPI) -> bool {
    let run = guard::run(|| {
        let parts = Parts::of(document)?;
        client(document, &parts).map(drop)
    });
    !matches!(run, Ok(Ok(())))
}

/// Returns the smallest schema that fails without any operation.
fn schema(document: &OpenAPI) -> Option<String> {
    let components = document.components.as_ref()?;
    let mut closures = walk::components(document)
        .map(|(name, _)| (name, closure(document, name)))
        .collect::<Vec<_>>();
    closures.sort_by_key(|(_, closure)| closure.len());
    let (name, _) = closures.into_iter().find(|(_, closure)| {
        let schemas = closure.iter().filter_map(|name| components.schemas.get_key_value(name));
        let schemas = schemas.map(|(name, schema)| (name.clone(), schema.clone()));
        fails(&OpenAPI {
            openapi: document.openapi.clone(),
            info: document.info.clone(),
            components: Some(Components {
                schemas: schemas.collect(),
                ..Components::default()
            }),
            ..OpenAPI::default()
        })
    })?;
    Some(format!("schema {name}"))
}

fn closure(document: &OpenAPI, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = vec![name.to_owned()];
    while let Some(name) = next.pop() {
        if let Some(ReferenceOr::Reference { reference }) = document
            .components
            .as_ref()
            .and_then(|components| components.schemas.get(&name))
        {
            next.extend(walk::schema_name(reference).map(str::to_owned));
        }
        if let Some(schema) = walk::component(document, &name)
            && !found.contains(&name)
        {
            next.extend(walk::references(schema));
        }
        found.insert(name);
    }
    found
}

fn operation(document: &OpenAPI) -> Option<String> {
    let failing = document.paths.paths.iter().find_map(|(path, item)| {
        let item = item.as_item()?;
        item.iter().find_map(|(method, operation)| {
            let mut part = document.clone();
            part.paths = Paths::default();
            paths::add_operation(&mut part.paths, path, method, item, operation.clone());
            fails(&part).then(|| marks::published_id(operation).to_owned())
        })
    })?;
    Some(format!("operation {failing}"))
}
