//! Places in the description, and ways to edit them.

use serde_json::Value;

pub(super) const CREATE: &str = "/api/projects/{projectId}/sampleCreationBatch";
pub(super) const BATCH: &str = "/api/projects/{projectId}/sampleCreationBatch/{batchId}";
pub(super) const ITEMS: &str = "/api/projects/{projectId}/analysisCreationBatch/{batchId}/items";
pub(super) const ITEM: &str = "/api/projects/{projectId}/analysisCreationBatch/{batchId}/items/{itemId}";

pub(super) fn path(path: &str, method: &str) -> String {
    format!("/paths/{}/{method}", path.replace('/', "~1"))
}

pub(super) fn at<'d>(document: &'d mut Value, pointer: &str) -> &'d mut Value {
    document
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("{pointer} does not exist"))
}

pub(super) fn parameter<'d>(document: &'d mut Value, of: &str, method: &str, name: &str) -> &'d mut Value {
    let list = at(document, &format!("{}/parameters", path(of, method)));
    list.as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|one| one["name"] == name)
        .unwrap()
}

pub(super) fn push(list: &mut Value, item: Value) {
    list.as_array_mut().unwrap().push(item);
}

pub(super) fn remove(list: &mut Value, item: &str) {
    let list = list.as_array_mut().unwrap();
    let before = list.len();
    list.retain(|one| one != item);
    assert_eq!(list.len() + 1, before, "{item} occurs once");
}

pub(super) fn take(object: &mut Value, key: &str) -> Value {
    object
        .as_object_mut()
        .unwrap()
        .remove(key)
        .unwrap_or_else(|| panic!("{key} exists"))
}

pub(super) fn rename(document: &mut Value, old: &str, new: &str) {
    let text = document.to_string();
    let text = text.replace(&format!("schemas/{old}\""), &format!("schemas/{new}\""));
    *document = serde_json::from_str(&text).unwrap();
    let schemas = at(document, "/components/schemas");
    schemas[new] = take(schemas, old);
}
