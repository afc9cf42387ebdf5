//! The simulator against the public API description: every response has its shape, and every
//! request is accepted or refused as it says.
//!
//! Not part of the published crate, because the description is not.

#[path = "it/support.rs"]
#[expect(dead_code, reason = "shared with the other tests, which use all of it")]
mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use ica_simulator::{
    DataStatus, Family, FaultKind, Lifecycle, NullStyle, Operation, SeedData, SeedOptions, SeedPipeline, Simulator,
};
use serde_json::{Map, Value, json};

use crate::support::{Api, V3, V4};

/// The schemas of the description.
struct Schemas(Value);

impl Schemas {
    fn read() -> Self {
        let text = include_str!("../../../openapi/ica-batch.yaml");
        Self(yaml_serde::from_str(text).expect("the description is YAML"))
    }

    fn named(&self, name: &str) -> &Value {
        let schema = &self.0["components"]["schemas"][name];
        assert!(schema.is_object(), "the description has no schema {name}");
        schema
    }

    /// Returns the families whose operations the description has.
    fn families(&self) -> impl Iterator<Item = Family> {
        let paths = &self.0["paths"];
        let described = |family: &Family| paths.get(Operation::CreateBatch(*family).path()).is_some();
        Family::ALL.into_iter().filter(described)
    }

    /// Returns the schema of the body of a create.
    fn request(&self, family: Family) -> &Value {
        let path = &self.0["paths"][Operation::CreateBatch(family).path()];
        &path["post"]["requestBody"]["content"][V3]["schema"]
    }

    /// Returns the schemas of the responses to a GET, by media type.
    fn responses(&self, operation: Operation) -> impl Iterator<Item = (&str, &Value)> {
        let path = &self.0["paths"][operation.path()];
        let content = path["get"]["responses"]["200"]["content"].as_object();
        let content = content.unwrap_or_else(|| panic!("the description has no {operation}"));
        content
            .iter()
            .map(|(media_type, content)| (media_type.as_str(), &content["schema"]))
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.named(reference.rsplit('/').next().unwrap()),
            None => schema,
        }
    }

    /// Collects the violations of a schema in a value. Unknown members are violations.
    fn violations(&self, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
        let schema = self.resolved(schema);
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        let fits = match schema["type"].as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.as_str().is_some_and(|text| text_fits(schema, text)),
            "integer" => value.is_i64(),
            "boolean" => value.is_boolean(),
            other => panic!("{path}: the test does not know the type {other}"),
        };
        if !fits {
            found.push(format!("{path}: {value}"));
        }
        for (index, entry) in value.as_array().into_iter().flatten().enumerate() {
            self.violations(&schema["items"], entry, &format!("{path}[{index}]"), found);
        }
        let Some(members) = value.as_object() else { return };
        for name in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !members.contains_key(name) {
                found.push(format!("{path}.{name} is missing"));
            }
        }
        for (name, member) in members {
            let path = format!("{path}.{name}");
            match (schema["properties"].get(name), schema.get("additionalProperties")) {
                (Some(inner), _) | (None, Some(inner)) => self.violations(inner, member, &path, found),
                (None, None) => found.push(format!("{path} is unknown")),
            }
        }
    }

    fn check(&self, name: &str, value: &Value) {
        self.check_against(self.named(name), value);
    }

    fn check_against(&self, schema: &Value, value: &Value) {
        let mut found = Vec::new();
        self.violations(schema, value, "", &mut found);
        assert!(found.is_empty(), "{found:#?}");
    }

    /// Checks the response to a GET in every version that the description gives the operation.
    async fn check_get(&self, api: &Api, operation: Operation, path: &str) {
        for (media_type, schema) in self.responses(operation) {
            let reply = api.get(path, media_type).await;
            assert_eq!(
                (reply.status, reply.header("content-type")),
                (200, media_type),
                "{path}"
            );
            self.check_against(schema, &reply.json());
        }
        let described: Vec<_> = self.responses(operation).map(|(media_type, _)| media_type).collect();
        if !described.contains(&V4) {
            assert_eq!(api.get(path, V4).await.refusal(), (400, "ICA_API_004".to_owned()));
        }
    }

    /// Returns a value with every property of its schema. `tag` is the variant of a tagged object.
    fn example(&self, schema: &Value, tag: &str) -> Value {
        let schema = self.resolved(schema);
        if let Some(variant) = schema["discriminator"]["mapping"].get(tag) {
            let mut value = self.example(&json!({ "$ref": variant }), tag);
            value[schema["discriminator"]["propertyName"].as_str().unwrap()] = json!(tag);
            return value;
        }
        match schema["type"].as_str().unwrap() {
            "object" => {
                let properties = schema["properties"].as_object().unwrap();
                properties
                    .iter()
                    .map(|(name, inner)| (name.clone(), self.example(inner, tag)))
                    .collect()
            }
            "array" => json!([self.example(&schema["items"], tag)]),
            "boolean" => json!(true),
            _ => json!(example_text(schema)),
        }
    }

    /// Returns all values that differ in one member, each with its validity and a text for
    /// messages.
    fn mutations(&self, schema: &Value, value: &Value, tag: &str) -> Vec<(Value, bool, String)> {
        let schema = self.resolved(schema);
        if let Some(variant) = schema["discriminator"]["mapping"].get(tag) {
            return self.mutations(&json!({ "$ref": variant }), value, tag);
        }
        let mut all = Vec::new();
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            let required = schema["required"]
                .as_array()
                .is_some_and(|names| names.contains(&json!(name)));
            let with = |member: Option<Value>| {
                let mut changed: Map<_, _> = value.as_object().unwrap().clone();
                changed.remove(name);
                changed.extend(member.map(|member| (name.clone(), member)));
                Value::Object(changed)
            };
            all.push((with(None), !required, format!("{name} removed")));
            all.push((
                with(Some(Value::Null)),
                self.resolved(inner)["nullable"] == true,
                format!("{name} null"),
            ));
            all.push((with(Some(json!(1))), false, format!("{name} of another type")));
            for (changed, fits, what) in self.mutations(inner, &value[name], tag) {
                all.push((with(Some(changed)), fits, format!("{name}: {what}")));
            }
        }
        if let Some(entry) = value.as_array().and_then(|entries| entries.first()) {
            let nullable = self.resolved(&schema["items"])["nullable"] == true;
            all.push((json!([entry, null]), nullable, "an entry null".to_owned()));
            let inner = self.mutations(&schema["items"], entry, tag).into_iter();
            all.extend(inner.map(|(changed, fits, what)| (json!([changed]), fits, format!("an entry: {what}"))));
        }
        all
    }
}

fn text_fits(schema: &Value, text: &str) -> bool {
    let length = text.chars().count() as u64;
    let limits = schema["minLength"].as_u64().unwrap_or(0)..=schema["maxLength"].as_u64().unwrap_or(u64::MAX);
    let format = match schema["format"].as_str() {
        Some("uuid") => text.len() == 36 && uuid::Uuid::parse_str(text).is_ok(),
        Some("date-time") => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        _ => true,
    };
    let pattern = schema["pattern"]
        .as_str()
        .is_none_or(|p| regex_lite::Regex::new(p).unwrap().is_match(text));
    let listed = schema["enum"]
        .as_array()
        .is_none_or(|values| values.contains(&json!(text)));
    limits.contains(&length) && format && pattern && listed
}

fn example_text(schema: &Value) -> String {
    match (
        &schema["enum"][0],
        schema["pattern"].as_str(),
        schema["format"].as_str(),
    ) {
        (Value::String(first), _, _) => first.clone(),
        (_, Some(pattern), _) if pattern.starts_with("^/") => "/a/b".to_owned(),
        (_, Some(pattern), _) if pattern.starts_with('^') => "a 1/b".to_owned(),
        (_, Some(alternatives), _) => alternatives.split('|').next().unwrap().to_owned(),
        (_, _, Some("uuid")) => "0e2b1a5e-7f43-4b53-9f05-6f4a3a3c1f2d".to_owned(),
        _ => "text".to_owned(),
    }
}

/// Checks all responses about analyses of each age, and of an aborted one.
async fn check_analyses(api: &Api, schemas: &Schemas) {
    let search = schemas.0["paths"][Operation::SearchAnalyses.path()]["post"].clone();
    let page = &search["responses"]["200"]["content"][V3]["schema"];
    for query in ["", "?pageSize=7", "?pageOffset=2"] {
        let reply = api.search(query, &json!({})).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, V3));
        schemas.check_against(page, &reply.json());
    }
    let found = api.search("?pageSize=1000", &json!({})).await.json();
    let ids: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].clone())
        .collect();
    assert!(ids.len() > 50, "{}", ids.len());
    api.simulator.abort(ids[0].as_str().unwrap().parse().unwrap());
    for id in ids {
        for operation in [
            Operation::GetAnalysis,
            Operation::GetAnalysisSteps,
            Operation::GetAnalysisOutputs,
        ] {
            let path = operation.path().replace("{projectId}", api.simulator.project_id());
            let path = path.replace("{analysisId}", id.as_str().unwrap());
            schemas.check_get(api, operation, &path).await;
        }
    }
}

/// Checks the lists of data, of pipelines and of storage sizes.
async fn check_content(api: &Api, schemas: &Schemas) {
    let project = api.simulator.project_id();
    let data = [
        SeedData::file("/run1/a.bam").format("BAM"),
        SeedData::folder("/run2"),
        SeedData::file("/b.vcf")
            .linked_from("other")
            .status(DataStatus::Partial),
    ];
    api.simulator.seed_data(project, data);
    api.simulator
        .seed_pipeline(project, SeedPipeline::new("Germline 4-3-6"));
    api.simulator.seed_pipeline(
        project,
        SeedPipeline::new("b").language("CWL").input_form("XML").draft(),
    );
    for (operation, query) in [
        (Operation::ListData, ""),
        (Operation::ListData, "?pageSize=2"),
        (Operation::ListData, "?pageOffset=1"),
        (Operation::ListPipelines, ""),
        (Operation::ListStorages, ""),
    ] {
        let path = operation.path().replace("{projectId}", project) + query;
        for (media_type, schema) in schemas.responses(operation) {
            let reply = api.get(&path, media_type).await;
            assert_eq!(
                (reply.status, reply.header("content-type")),
                (200, media_type),
                "{path}"
            );
            assert!(reply.json()["items"].as_array().unwrap().len() > 1, "{path}");
            schemas.check_against(schema, &reply.json());
        }
    }
    let path = Operation::ListStorages.path().replace("{projectId}", project);
    assert_eq!(api.get(&path, V3).await.refusal(), (400, "ICA_API_004".to_owned()));
}

/// Checks all responses about a batch of each age.
async fn check_family(api: &Api, schemas: &Schemas, family: Family) {
    let project = api.simulator.project_id().to_owned();
    for age in [0, 1, 2, 15, 100, 300, 560, 700, 1000] {
        let options = SeedOptions::default().family(family).age(Duration::from_secs(age));
        let batch = api.simulator.seed_batch(&project, 20, options);
        let path = format!("{}/{batch}", api.batches_path_of(family));
        schemas.check_get(api, Operation::GetBatch(family), &path).await;
        for query in ["", "?pageSize=7", "?pageOffset=2"] {
            let list = format!("{path}/items{query}");
            schemas.check_get(api, Operation::GetItems(family), &list).await;
            let page = api.get(&list, V3).await.json();
            let one = format!("{path}/items/{}", page["items"][0]["id"].as_str().unwrap());
            schemas.check_get(api, Operation::GetItem(family), &one).await;
        }
    }
}

#[tokio::test]
async fn responses_have_the_shape_of_the_description() {
    let schemas = Schemas::read();
    let lifecycle = Lifecycle::default()
        .creation_failure_share(0.2)
        .partial_creation_share(0.2)
        .run_failure_share(0.2);
    for style in [NullStyle::Absent, NullStyle::Null] {
        let api = Api::with(Simulator::builder().null_style(style).lifecycle(lifecycle.clone()));
        for family in schemas.families() {
            check_family(&api, &schemas, family).await;
        }
        check_analyses(&api, &schemas).await;
        check_content(&api, &schemas).await;
        schemas.check("Token", &api.mint().await.json());
        schemas.check("Problem", &api.get("/nowhere", V3).await.json());
    }
}

#[tokio::test]
async fn responses_without_optionals_have_the_shape_of_the_description() {
    let schemas = Schemas::read();
    let api = Api::start();
    let always = ica_simulator::Fault::new(FaultKind::AbsentOptionals).every();
    api.simulator.faults().add(always);
    for family in schemas.families() {
        let items = api.seeded_items_of(family, 2);
        schemas.check_get(&api, Operation::GetItems(family), &items).await;
        let batch = items.trim_end_matches("/items");
        schemas.check_get(&api, Operation::GetBatch(family), batch).await;
    }
}

#[tokio::test]
async fn requests_are_accepted_or_refused_as_the_description_says() {
    let schemas = Schemas::read();
    let api = Api::start();
    for family in schemas.families() {
        let least = if family == Family::Analysis { 300 } else { 30 };
        let schema = schemas.request(family);
        let mut tried = 0;
        for tag in ["STRUCTURED", "JSON"] {
            let whole = schemas.example(schema, tag);
            let reply = api.create_in(family, None, &whole).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
            for (changed, fits, what) in schemas.mutations(schema, &whole, tag) {
                let reply = api.create_in(family, None, &changed).await;
                assert_eq!(reply.status == 201, fits, "{family}, {tag}, {what}: {}", reply.text());
                tried += 1;
            }
        }
        assert!(tried > least, "{family}: {tried}");
    }
}

#[tokio::test]
async fn searches_are_accepted_or_refused_as_the_description_says() {
    let schemas = Schemas::read();
    let api = Api::start();
    let schema = schemas.named("AnalysisQueryParameters");
    let whole = schemas.example(schema, "");
    assert_eq!(api.search("", &whole).await.status, 200);
    let mutations = schemas.mutations(schema, &whole, "");
    assert!(mutations.len() > 20, "{}", mutations.len());
    for (changed, fits, what) in mutations {
        let reply = api.search("", &changed).await;
        assert_eq!(reply.status == 200, fits, "{what}: {}", reply.text());
    }
}

#[test]
fn operations_have_the_paths_and_names_of_the_description() {
    let schemas = Schemas::read();
    let described: BTreeMap<_, _> = schemas.0["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().values().map(move |method| (path, method)))
        .map(|(path, method)| (method["operationId"].as_str().unwrap(), path.as_str()))
        .collect();
    let offered: BTreeMap<_, _> = Operation::ALL
        .map(|operation| (operation.id(), operation.path()))
        .into();
    for (id, path) in &described {
        assert_eq!(offered.get(id), Some(path), "{id}");
    }
    assert!(schemas.families().any(|family| family == Family::Analysis));
}
