//! A small document around the subject of a test.

use openapiv3::OpenAPI;

use crate::description;

/// Returns a document with these paths and schemas, both YAML.
pub(crate) fn document(paths: &str, schemas: &str) -> OpenAPI {
    let indent = |text: &str, by: usize| {
        let pad = " ".repeat(by);
        text.trim_matches('\n')
            .lines()
            .map(|line| format!("{pad}{line}\n"))
            .collect::<String>()
    };
    let text = format!(
        "openapi: 3.0.1\ninfo: {{ title: Tiny, version: '1' }}\npaths:\n{}components:\n  schemas:\n{}",
        indent(if paths.is_empty() { "{}" } else { paths }, 2),
        indent(if schemas.is_empty() { "{}" } else { schemas }, 4),
    );
    description::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Returns paths with a GET that returns one schema and a POST that takes another.
pub(crate) fn paths(response: &str, request: &str) -> String {
    format!(
        "
/things:
  get:
    operationId: getThing
    responses:
      '200': {{ description: ok, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/{response}' }} }} }} }}
  post:
    operationId: createThing
    requestBody: {{ content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/{request}' }} }} }} }}
    responses:
      '204': {{ description: ok }}
"
    )
}

/// Returns the document as YAML without its head, for a snapshot.
pub(crate) fn body(document: &OpenAPI) -> String {
    let text = description::print(document).expect("a parsed document can be printed");
    let start = text.find("paths:").expect("every document has paths");
    text[start..].to_owned()
}
