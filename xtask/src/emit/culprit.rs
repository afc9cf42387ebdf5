//! Finds the part of a document on which progenitor panics.
//!
//! A panic names no place. So progenitor runs again on smaller documents: each schema with all that
//! it refers to, then each operation.

use std::collections::BTreeSet;

use openapiv3::{OpenAPI, Paths, ReferenceOr};

use super::{Parts, client};
use crate::document::{marks, paths, walk};
use crate::error::Error;
use crate::guard;

/// Returns the error for a panic on this document, with its place.
pub(super) fn error(document: &OpenAPI, panic: &str) -> Error {
    let place = schema(document).or_else(|| operation(document));
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
    let mut closures = walk::components(document)
        .map(|(name, _)| (name, closure(document, name)))
        .collect::<Vec<_>>();
    closures.sort_by_key(|(_, closure)| closure.len());
    let (name, _) = closures.into_iter().find(|(_, closure)| {
        let mut part = document.clone();
        part.paths = Paths::default();
        if let Some(components) = &mut part.components {
            components.schemas.retain(|name, _| closure.contains(name));
        }
        fails(&part)
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
