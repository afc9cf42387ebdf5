//! Sizes, nesting and syntax.

use super::cases::{Case, Expected};
use super::description::base;

pub(crate) fn cases() -> Vec<Case> {
    let refused = |name: &str, parts: &'static [&'static str], text: String| Case {
        name: name.to_owned(),
        text,
        expected: Expected::Refused(parts),
    };
    let head = "openapi: 3.0.1\ninfo: { title: Tiny, version: '1' }\npaths: {}\n";
    let schema = |schema: &str| format!("{head}components: {{ schemas: {{ Deep: {schema} }} }}\n");
    let lists = |depth: usize| {
        format!(
            "{}{{ type: string }}{}",
            "{ type: array, items: ".repeat(depth),
            " }".repeat(depth)
        )
    };
    let block: String = (0..10_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let bomb: String = (1..30)
        .map(|n| format!("x-a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", ")))
        .collect();
    let big = |text: &str| format!("{head}x-big: '{}'\n", text.repeat(10_000_000 / text.len()));
    vec![
        refused("nothing", &["description", "OpenAPI 3.0"], String::new()),
        refused("a list", &["description", "OpenAPI 3.0"], "[]".to_owned()),
        refused("no YAML", &["description", "line 2", "position"], "a: [".to_owned()),
        refused(
            "control characters",
            &["description", "position"],
            "\u{0}\u{1}\u{2}".to_owned(),
        ),
        refused(
            "too many values",
            &["schema Deep", "5000 values", "without an enum"],
            schema(&format!(
                "{{ type: string, enum: [{}] }}",
                (0..5001).map(|n| format!("V{n}")).collect::<Vec<_>>().join(", ")
            )),
        ),
        refused(
            "lists 60 levels deep",
            &["node components", "levels deep"],
            schema(&lists(60)),
        ),
        refused(
            "lists 10 000 levels deep",
            &["brackets are open at line 4"],
            schema(&lists(10_000)),
        ),
        refused(
            "lists in JSON 10 000 levels deep",
            &["brackets are open at line 1"],
            "[".repeat(10_000),
        ),
        refused(
            "sequences 1 000 000 levels deep",
            &["node 0/0", "levels deep"],
            "- ".repeat(1_000_000),
        ),
        refused("mappings 10 000 levels deep", &["bytes"], block),
        refused(
            "mappings 2 000 levels deep",
            &["levels deep"],
            (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
        ),
        refused(
            "a bomb of aliases",
            &["aliases"],
            format!("{head}x-a0: &a0 laugh\n{bomb}"),
        ),
        refused(
            "an alias of itself",
            &["node x-a/0", "levels deep"],
            format!("{head}x-a: &a [*a]\n"),
        ),
        refused(
            "an alias of a large text",
            &["fewer aliases"],
            format!(
                "{head}x-a0: &a {}\nx-b: [{}]\n",
                "a".repeat(1_000_000),
                vec!["*a"; 100_000].join(", ")
            ),
        ),
        refused(
            "10 MB of text",
            &["description", "bytes", "operations that you need"],
            big("a"),
        ),
        refused("10 MB of brackets", &["description", "bytes"], big("[")),
        refused(
            "a key twice",
            &["node components/schemas", "\"A\" occurs twice"],
            format!("{head}components: {{ schemas: {{ A: {{}}, A: {{}} }} }}\n"),
        ),
        refused("a list as a key", &["description"], format!("{head}? [a, b]\n: c\n")),
        refused(
            "a tag of YAML",
            &["description"],
            format!("{head}x-a: !evil {{ a: b }}\n"),
        ),
        refused(
            "another OpenAPI version",
            &["3.1.0", "convert it"],
            head.replace("3.0.1", "3.1.0"),
        ),
        refused("two documents", &["description"], format!("{head}---\n{head}")),
        Case {
            name: "numbers as keys".to_owned(),
            text: head.replace(
                "paths: {}",
                "paths: { /a: { get: { operationId: a, responses: { 204: { description: ok } } } } }",
            ),
            expected: Expected::Accepted,
        },
        Case {
            name: "the base".to_owned(),
            text: base().to_string(),
            expected: Expected::Accepted,
        },
    ]
}
