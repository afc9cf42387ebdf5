//! Descriptions of an API: any text, and edits of known descriptions. Each is generated from, compared
//! and taken over.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// Maximum length of the text of an error, in bytes.
const LONGEST: usize = 4 * 801;

/// Values that an edit writes in place of another one.
static DICTIONARY: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let text = [
        "", "string", "integer", "array", "object", "path", "query", "header", "A|B|A", "(a", "Self", "fn",
    ];
    let mut all: Vec<Value> = text.into_iter().map(Value::from).collect();
    all.extend([
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!({}),
        json!([]),
        json!("*/ } pub fn evil() {} /*"),
        json!("a\r\u{202e}\u{0}b"),
        json!({ "$ref": "#/components/schemas/Thing" }),
        json!({ "allOf": [{ "$ref": "#/components/schemas/Thing" }] }),
        json!({ "not": {} }),
        json!({ "type": "string", "enum": ["A", "a", "A-", 7] }),
        json!({ "type": "string", "pattern": "^[a-z]+$", "maxLength": 3, "default": "abcd" }),
        json!(["id", "id", "gone"]),
    ]);
    all
});

/// A small made-up description.
static SMALL: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("description.json")).expect("it is JSON"));

/// The description of the repository.
static OURS: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../openapi/ica-batch.yaml");
    let document = xtask::description::parse(text).expect("it is valid");
    serde_json::to_value(document).expect("a description is JSON")
});

/// The small description in YAML, with comments.
static SMALL_YAML: LazyLock<String> = LazyLock::new(|| {
    let yaml = yaml_serde::to_string(&*SMALL).expect("it can be written");
    yaml.replace("\n  schemas:\n", "\n  # About the schemas.\n  schemas:\n")
});

/// Generates a client from the bytes, compares them with the small description, and updates each by
/// the other.
///
/// The first byte chooses: 0 edits the small description by the other bytes, 1 that of the
/// repository, and any other makes the bytes the description.
pub(super) fn run(data: &[u8]) {
    match data.split_first() {
        Some((0, edits)) => take(&edited(&SMALL, edits)),
        Some((1, edits)) => take(&edited(&OURS, edits)),
        _ => take(&String::from_utf8_lossy(data)),
    }
}

fn take(text: &str) {
    generate(text);
    update(&SMALL_YAML, text);
    update(text, &SMALL_YAML);
}

/// Takes one description over into another one. What is taken over leaves no difference.
fn update(base: &str, published: &str) {
    let updated = xtask::Source::parse("base", base)
        .and_then(|base| Ok((base, xtask::Source::parse("published", published)?)))
        .and_then(|(base, published)| xtask::update::update(&base, &published, &Default::default()));
    match updated {
        Ok(updated) => assert!(xtask::Source::parse("new", &updated.text).is_ok(), "{}", updated.text),
        Err(error) => {
            readable(&error);
            assert!(!error.to_string().contains("report it"), "{error}");
        }
    }
}

fn generate(text: &str) {
    match xtask::generate(text) {
        Ok(generated) => assert!(
            generated.source.contains("pub const OPERATIONS"),
            "the client has no table"
        ),
        Err(error) => readable(&error),
    }
}

fn readable(error: &xtask::Error) {
    let shown = error.to_string();
    assert!(shown.len() <= LONGEST, "the error has {} bytes", shown.len());
    assert!(
        shown.contains("is not valid: ") || shown.starts_with("could not "),
        "{shown}"
    );
    assert!(!shown.contains(['\r', '\0', '\u{202e}']), "{shown:?}");
}

/// Returns the description after an edit per four bytes: two choose a node, the others its new
/// value.
fn edited(description: &Value, edits: &[u8]) -> String {
    let mut description = description.clone();
    for edit in edits.chunks_exact(4).take(8) {
        let place = usize::from(u16::from_le_bytes([edit[0], edit[1]]));
        let count = count(&description);
        let donor = node(&mut description, (place * 31 + usize::from(edit[3])) % count).cloned();
        if let Some(node) = node(&mut description, place % count) {
            change(node, edit[2], edit[3], donor);
        }
    }
    description.to_string()
}

fn change(node: &mut Value, kind: u8, detail: u8, donor: Option<Value>) {
    let word = &DICTIONARY[usize::from(detail) % DICTIONARY.len()];
    match (kind % 6, node) {
        (0, Value::Object(members)) => rename(members, detail, word),
        (0, Value::Array(elements)) => elements.extend(elements.first().cloned()),
        (1, Value::Object(members)) => {
            let key = members.keys().nth(usize::from(detail) % members.len().max(1)).cloned();
            key.and_then(|key| members.remove(&key));
        }
        (2, node) => *node = donor.unwrap_or(Value::Null),
        (3, Value::String(text)) => text.push_str(word.as_str().unwrap_or("_")),
        (_, node) => *node = word.clone(),
    }
}

fn rename(members: &mut Map<String, Value>, detail: u8, word: &Value) {
    let Some(key) = members.keys().nth(usize::from(detail) % members.len().max(1)).cloned() else {
        return;
    };
    if let Some(value) = members.remove(&key) {
        members.insert(format!("{key}{}", word.as_str().unwrap_or("-")), value);
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(count).sum(),
        Value::Array(elements) => elements.iter().map(count).sum(),
        _ => 0,
    }
}

/// Returns the node with this number, in the order of the document.
fn node(value: &mut Value, number: usize) -> Option<&mut Value> {
    if number == 0 {
        return Some(value);
    }
    let mut left = number - 1;
    let children: Vec<&mut Value> = match value {
        Value::Object(members) => members.values_mut().collect(),
        Value::Array(elements) => elements.iter_mut().collect(),
        _ => Vec::new(),
    };
    for child in children {
        let size = count(child);
        if left < size {
            return node(child, left);
        }
        left -= size;
    }
    None
}
