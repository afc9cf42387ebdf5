//! Differences that do not count, and text that cannot be read.

use serde_json::Value;
use xtask::Source;
use xtask::diff::{Options, diff};

fn ours() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/ica-batch.yaml");
    std::fs::read_to_string(path).unwrap()
}

fn count(base: &str, published: &str) -> usize {
    let read = |name: &str, text: &str| Source::parse(name, text).unwrap();
    let all = Options { all: true, prose: true };
    diff(&read("base", base), &read("published", published), all)
        .changes
        .len()
}

/// Reverses the keys of all objects, and the lists whose order means nothing.
fn reversed(value: &Value, key: &str) -> String {
    match value {
        Value::Object(entries) => {
            let entries = entries
                .iter()
                .rev()
                .map(|(key, inner)| format!("{}: {}", Value::from(key.as_str()), reversed(inner, key)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(",\n"))
        }
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(|item| reversed(item, "")).collect();
            if ["required", "enum", "tags", "parameters", "oneOf", "security"].contains(&key) {
                items.reverse();
            }
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

#[test]
fn a_description_does_not_differ_from_itself_in_any_form() {
    let text = ours();
    let value: Value = yaml_serde::from_str(&text).unwrap();
    assert_eq!(count(&text, &text), 0);
    assert_eq!(count(&text, &value.to_string()), 0, "as JSON");
    assert_eq!(
        count(
            &text,
            &serde_json::to_string_pretty(&value).unwrap().replace("  ", "\t")
        ),
        0,
        "with tabs"
    );
    assert_eq!(
        count(&text, &yaml_serde::to_string(&value).unwrap()),
        0,
        "wrapped otherwise"
    );
    let reversed = reversed(&value, "");
    assert_ne!(reversed, value.to_string());
    assert_eq!(count(&text, &reversed), 0, "in another order");
}

#[test]
fn further_operations_and_schemas_are_not_compared_without_all() {
    let text = ours();
    let mut value: Value = yaml_serde::from_str(&text).unwrap();
    value["paths"]["/api/regions"]["get"] = value["paths"]["/api/tokens"]["post"].clone();
    value["components"]["schemas"]["Unused"] = serde_json::json!({ "type": "string" });
    let read = |name: &str, text: &str| Source::parse(name, text).unwrap();
    let (base, published) = (read("base", &text), read("published", &value.to_string()));
    assert_eq!(diff(&base, &published, Options::default()).changes, []);
    let all = Options {
        all: true,
        prose: false,
    };
    let changes = diff(&base, &published, all).changes;
    let rules: Vec<_> = changes.iter().map(|change| change.rule.as_str()).collect();
    assert_eq!(rules, ["operation-added", "schema-added"]);
}

#[test]
fn a_change_of_prose_is_reported_with_prose_alone() {
    let text = ours();
    let published = text.replacen("description: The new JWT.", "description: A new JWT.", 1);
    assert_ne!(text, published);
    assert_eq!(count(&text, &published), 1);
    let read = |text: &str| Source::parse("file", text).unwrap();
    assert_eq!(diff(&read(&text), &read(&published), Options::default()).changes, []);
}

#[test]
fn a_change_has_file_line_and_operations() {
    let text = ours();
    let published = text.lines().flat_map(|line| {
        let indent = line.strip_suffix("- PARTIALLY_SUCCEEDED");
        [
            Some(line.to_owned()),
            indent.map(|indent| format!("{indent}- CANCELLED")),
        ]
    });
    let published: String = published.flatten().map(|line| line + "\n").collect();
    let read = |name: &str, text: &str| Source::parse(name, text).unwrap();
    let changes = diff(&read("base", &text), &read("new.yaml", &published), Options::default()).changes;
    let lines = published
        .lines()
        .enumerate()
        .filter(|(_, line)| line.trim() == "- CANCELLED");
    let mut lines: Vec<_> = lines.map(|(at, _)| at + 1).collect();
    let mut found: Vec<_> = changes.iter().filter_map(|change| change.line).collect();
    lines.sort_unstable();
    found.sort_unstable();
    assert_eq!((found, changes[0].file.as_deref()), (lines, Some("new.yaml")));
    let job = changes
        .iter()
        .find(|change| change.place.starts_with("schema Job"))
        .unwrap();
    assert!(
        job.operations.contains(&"getSampleCreationBatch".to_owned()),
        "{:?}",
        job.operations
    );
    assert!(
        !job.operations.contains(&"createJwtToken".to_owned()),
        "{:?}",
        job.operations
    );
}

#[test]
fn a_typing_error_is_an_error_with_place_and_reason() {
    let cases = [
        (
            "            type: string\n",
            "            type: strng\n",
            "it is \"strng\", not one of array,",
        ),
        (
            "$ref: '#/components/schemas/Job'",
            "$ref: '#/components/schemas/Jbo'",
            "refers to #/components/schemas/Jbo, which does not exist",
        ),
        ("openapi: 3.0.1", "openapi: 3.1.0", "only OpenAPI 3.0 can be compared"),
        ("paths:\n", "pahts:\n", "paths is not valid: it is missing"),
        (
            "      required:\n        - id\n",
            "      required: id\n",
            "it is text, not a list",
        ),
        ("      responses:\n", "      respnses:\n", "it has no `responses`"),
        (
            "      type: object\n",
            "      type: object\n      type: object\n",
            "\"type\" occurs twice",
        ),
        ("info:\n", "info: [\n", "could not read new.yaml"),
    ];
    let text = ours();
    for (old, new, reason) in cases {
        let broken = text.replacen(old, new, 1);
        assert_ne!(broken, text, "{old}");
        let error = Source::parse("new.yaml", &broken).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        let has_line = error.starts_with("new.yaml:") || error.contains(" line ");
        assert!(has_line, "{error}");
    }
}

#[test]
fn deep_nesting_is_an_error_at_once() {
    let text = format!("openapi: 3.0.1\npaths: {}", "{a: ".repeat(100_000));
    let error = Source::parse("deep.yaml", &text).unwrap_err().to_string();
    assert!(
        error.starts_with("could not read deep.yaml: the objects and lists at line 2"),
        "{error}"
    );
}

/// Schemas that refer to each other, in a chain or in a circle, need neither a deep stack nor long.
#[test]
fn chains_and_circles_of_schemas_are_compared() {
    let document = |prefix: &str| {
        let length = 3000;
        let schemas = (0..length).map(|at| {
            let next = (at + 1) % length;
            format!("    {prefix}{at}: {{ type: object, properties: {{ n: {{ $ref: '#/components/schemas/{prefix}{next}' }} }} }}\n")
        });
        let response = format!(
            "{{ description: ok, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/{prefix}0' }} }} }} }}"
        );
        format!(
            "openapi: 3.0.1\ninfo: {{ title: t, version: '1' }}\npaths: {{ /a: {{ get: {{ operationId: a, responses: {{ '200': {response} }} }} }} }}\ncomponents:\n  schemas:\n{}",
            schemas.collect::<String>()
        )
    };
    assert_eq!(count(&document("Old"), &document("Old")), 0);
    assert_eq!(count(&document("Old"), &document("New")), 3000);
}

#[test]
fn brackets_that_are_never_closed_are_an_error_at_once() {
    for text in ["{\"a\":".repeat(200_000), "[".repeat(1_000_000)] {
        let error = Source::parse("deep", &text).unwrap_err().to_string();
        assert!(error.contains("nested too deep"), "{error}");
    }
    let marked = "\u{feff}openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths: {}\n";
    assert!(Source::parse("byte order mark", marked).is_ok());
}
