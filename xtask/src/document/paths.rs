//! Several operations for one method of one path.
//!
//! OpenAPI allows one operation per path and method. Further operations get an alias of the path:
//! `/.` in front of it, once more for each alias. A URL parser removes such segments, so the
//! request goes to the published path.

use openapiv3::{Operation, PathItem, Paths, ReferenceOr};

use super::walk;

/// Adds the operation at its path, or at the first alias whose method is free.
pub(crate) fn add_operation(paths: &mut Paths, path: &str, method: &str, published: &PathItem, operation: Operation) {
    let mut key = path.to_owned();
    loop {
        let item = paths.paths.entry(key.clone()).or_insert_with(|| {
            ReferenceOr::Item(PathItem {
                summary: published.summary.clone(),
                description: published.description.clone(),
                servers: published.servers.clone(),
                parameters: published.parameters.clone(),
                extensions: published.extensions.clone(),
                ..PathItem::default()
            })
        });
        let free = walk::item_mut(item)
            .into_iter()
            .flat_map(walk::slots)
            .find_map(|(name, slot)| (name == method && slot.is_none()).then_some(slot));
        if let Some(slot) = free {
            *slot = Some(operation);
            return;
        }
        key = alias(&key);
    }
}

/// Returns another key for the same URL.
fn alias(path: &str) -> String {
    format!("/.{path}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_alias_differs_from_its_path_by_segments_that_a_url_parser_removes() {
        assert_eq!(super::alias("/api/bundles"), "/./api/bundles");
        assert_eq!(super::alias("/./api/bundles"), "/././api/bundles");
    }
}
