//! A lean twin of the item list: the same path, read without what a watcher does not need.
//!
//! An item carries the whole pipeline of its analysis, some two kilobytes. Whoever watches a hundred thousand
//! items wants to know how they are doing, and decoding the rest each time is most of the cost. The twin's
//! answer type has only the members that say so. They are the same in V3 and V4 but for the analysis status,
//! whose spellings are joined in one open enum, so the twin may be asked for in either version.

use indexmap::{IndexMap, IndexSet};
use openapiv3::{
    ArrayType, ObjectType, OpenAPI, Operation, ReferenceOr, Schema, SchemaData, SchemaKind, StatusCode, StringType,
    Type,
};
use serde_json::{Value, json};

use super::{enums, marks, versions, walk};
use crate::{Error, Result};

/// Part of an object schema, under a name of its own.
struct Shape {
    name: &'static str,
    about: &'static str,
    keep: &'static [(&'static str, Keep)],
}

/// How much of a property is kept.
enum Keep {
    /// All of it, as the newest version has it.
    Whole,
    /// A part of the object behind the reference.
    Part(&'static Shape),
    /// A part of each element of the array.
    Each(&'static Shape),
    /// The values of all versions, joined in one open enum of this name.
    Values(&'static str),
}

/// The operation that gets a twin, the twin's suffix and what it answers.
const PROJECTIONS: [(&str, &str, &Shape); 1] = [("getAnalysisCreationBatchItems", "Summary", &ITEM_LIST)];

const ITEM_LIST: Shape = Shape {
    name: "AnalysisCreationBatchItemSummaryPagedList",
    about: "A page of items, each without the details of its analysis.",
    keep: &[
        ("items", Keep::Each(&ITEM)),
        ("nextPageToken", Keep::Whole),
        ("remainingRecords", Keep::Whole),
        ("totalItemCount", Keep::Whole),
    ],
};

const ITEM: Shape = Shape {
    name: "AnalysisCreationBatchItemSummary",
    about: "What there is to know of an item's progress, the same in V3 and V4.",
    keep: &[
        ("id", Keep::Whole),
        ("request", Keep::Part(&REQUEST)),
        ("processing", Keep::Whole),
        ("createdAnalysis", Keep::Part(&ANALYSIS)),
    ],
};

const REQUEST: Shape = Shape {
    name: "AnalysisCreationBatchItemRequestSummary",
    about: "Which analysis was asked for. Tells an item whose analysis was not created from the others.",
    keep: &[("userReference", Keep::Whole)],
};

const ANALYSIS: Shape = Shape {
    name: "AnalysisSummary",
    about: "Which analysis was created, and how it is doing.",
    keep: &[
        ("id", Keep::Whole),
        ("reference", Keep::Whole),
        ("userReference", Keep::Whole),
        ("status", Keep::Values("AnalysisStatus")),
    ],
};

/// Adds the twins of the operations that the document has.
///
/// # Errors
/// When a version of the operation lacks a member that the twin keeps.
pub fn lower(document: &mut OpenAPI) -> Result<()> {
    for (operation, suffix, shape) in PROJECTIONS {
        let sources = sources(document, operation);
        let Some(newest) = sources.first() else {
            continue;
        };
        let answers = sources.iter().map(|source| source.answer.clone()).collect::<Vec<_>>();
        let mut twin = newest.operation.clone();
        let (path, method) = (newest.path.clone(), newest.method);
        let accepts = sources
            .iter()
            .flat_map(|source| marks::accepts(&source.operation.extensions))
            .collect::<Vec<_>>();

        project(document, shape, &answers)?;
        twin.operation_id = Some(format!("{operation}{suffix}"));
        twin.description = Some(format!(
            "{} {}",
            shape.about, "May be asked for in any of its versions."
        ));
        marks::set_accepts(&mut twin, &accepts);
        answer_with(&mut twin, shape.name);
        versions::place(
            &mut document.paths,
            &path,
            method,
            &openapiv3::PathItem::default(),
            twin,
        )?;
    }
    Ok(())
}

/// One version of an operation.
struct Source {
    path: String,
    method: &'static str,
    operation: Operation,
    answer: String,
}

/// The versions of the operation, the newest first.
fn sources(document: &OpenAPI, id: &str) -> Vec<Source> {
    let operations = document.operations().filter_map(|(path, method, operation)| {
        let method = ["get", "post"].into_iter().find(|known| *known == method)?;
        (marks::published_id(operation) == id).then_some(())?;
        Some(Source {
            path: path.to_owned(),
            method,
            operation: operation.clone(),
            answer: answer_name(operation)?.to_owned(),
        })
    });
    let mut sources = operations.collect::<Vec<_>>();
    let newest = |source: &Source| {
        marks::accepts(&source.operation.extensions)
            .iter()
            .filter_map(|one| one.version)
            .max()
    };
    sources.sort_by_key(|source| std::cmp::Reverse(newest(source)));
    sources
}

fn success(operation: &Operation) -> Option<&ReferenceOr<Schema>> {
    let response = operation.responses.responses.get(&StatusCode::Code(200))?.as_item()?;
    response.content.values().next()?.schema.as_ref()
}

fn answer_name(operation: &Operation) -> Option<&str> {
    match success(operation)? {
        ReferenceOr::Reference { reference } => walk::schema_name(reference),
        ReferenceOr::Item(_) => None,
    }
}

fn answer_with(operation: &mut Operation, name: &str) {
    let response = operation.responses.responses.get_mut(&StatusCode::Code(200));
    let bodies = response.and_then(walk::item_mut).map(|response| &mut response.content);
    for body in bodies.into_iter().flat_map(IndexMap::values_mut) {
        body.schema = Some(walk::schema_ref(name));
    }
}

/// Adds the component that holds `shape` of these components, the newest first.
fn project(document: &mut OpenAPI, shape: &Shape, versions: &[String]) -> Result<()> {
    let mut object = ObjectType::default();
    for (property, keep) in shape.keep {
        let found = versions
            .iter()
            .map(|version| property_of(document, version, property))
            .collect::<Result<Vec<_>>>()?;
        let newest = found[0].clone();
        let kept = match keep {
            Keep::Whole => newest.schema,
            Keep::Part(part) => {
                let behind = behind(shape, property, &found, reference)?;
                project(document, part, &behind)?;
                walk::schema_ref(part.name)
            }
            Keep::Each(part) => {
                let behind = behind(shape, property, &found, element_reference)?;
                project(document, part, &behind)?;
                array_of(part.name)
            }
            Keep::Values(name) => {
                join_values(document, name, &found);
                walk::schema_ref(name)
            }
        };
        object.properties.insert((*property).to_owned(), kept);
        if newest.required {
            object.required.push((*property).to_owned());
        }
    }
    add(
        document,
        shape.name,
        SchemaData {
            description: Some(shape.about.to_owned()),
            ..SchemaData::default()
        },
        Type::Object(object),
    );
    Ok(())
}

fn add(document: &mut OpenAPI, name: &str, schema_data: SchemaData, kind: Type) {
    let schema = Schema {
        schema_data,
        schema_kind: SchemaKind::Type(kind),
    };
    let components = document.components.get_or_insert_default();
    components.schemas.insert(name.to_owned(), ReferenceOr::Item(schema));
}

#[derive(Clone)]
struct Property {
    schema: ReferenceOr<Box<Schema>>,
    required: bool,
}

fn property_of(document: &OpenAPI, component: &str, property: &str) -> Result<Property> {
    let schema = walk::component(document, component).map(|schema| &schema.schema_kind);
    let object = match schema {
        Some(SchemaKind::Type(Type::Object(object))) => Some(object),
        _ => None,
    };
    let found = object.and_then(|object| {
        Some(Property {
            schema: object.properties.get(property)?.clone(),
            required: object.required.iter().any(|required| required == property),
        })
    });
    found.ok_or_else(|| {
        Error::new(
            component,
            format_args!("has no property {property}, which the pass `projections` keeps; adapt the pass"),
        )
    })
}

/// The component behind this property in each version.
fn behind(shape: &Shape, property: &str, found: &[Property], of: fn(&Property) -> Option<&str>) -> Result<Vec<String>> {
    let names = found.iter().map(|property| of(property).map(str::to_owned));
    names.collect::<Option<Vec<_>>>().ok_or_else(|| {
        Error::new(
            shape.name,
            format_args!("keeps a part of {property}, which leads to no component; adapt the pass `projections`"),
        )
    })
}

fn reference(property: &Property) -> Option<&str> {
    match &property.schema {
        ReferenceOr::Reference { reference } => walk::schema_name(reference),
        ReferenceOr::Item(_) => None,
    }
}

fn element_reference(property: &Property) -> Option<&str> {
    let array = match &property.schema.as_item()?.schema_kind {
        SchemaKind::Type(Type::Array(array)) => array,
        _ => return None,
    };
    match array.items.as_ref()? {
        ReferenceOr::Reference { reference } => walk::schema_name(reference),
        ReferenceOr::Item(_) => None,
    }
}

fn array_of(name: &str) -> ReferenceOr<Box<Schema>> {
    ReferenceOr::boxed_item(Schema {
        schema_data: SchemaData::default(),
        schema_kind: SchemaKind::Type(Type::Array(ArrayType {
            items: Some(walk::schema_ref(name)),
            min_items: None,
            max_items: None,
            unique_items: false,
        })),
    })
}

/// Adds one open enum of the values in all versions. An older spelling of a newer value is its alias.
fn join_values(document: &mut OpenAPI, name: &str, found: &[Property]) {
    let mut values = IndexSet::<String>::new();
    let mut aliases = IndexMap::<String, Vec<String>>::new();
    for property in found {
        for value in property
            .schema
            .as_item()
            .and_then(|schema| enums::values(schema))
            .unwrap_or_default()
        {
            let newer: Option<&String> = values.iter().find(|newer| same_word(newer, &value));
            match newer {
                Some(newer) if *newer != value => aliases.entry(newer.clone()).or_default().push(value),
                Some(_) => {}
                None => {
                    values.insert(value);
                }
            }
        }
    }
    let schema_data = SchemaData {
        description: Some(
            "Status of an analysis, in the spelling of the newest version whichever it came in.".to_owned(),
        ),
        extensions: IndexMap::from([
            (marks::ALIASES.to_owned(), json!(aliases)),
            (marks::OPEN.to_owned(), Value::Bool(true)),
        ]),
        ..SchemaData::default()
    };
    let text = StringType {
        enumeration: values.into_iter().map(Some).collect(),
        ..StringType::default()
    };
    add(document, name, schema_data, Type::String(text));
}

fn same_word(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.replace('_', "");
    letters(a) == letters(b)
}

#[cfg(test)]
mod tests {
    use super::super::{fixture, versions};

    const PATHS: &str = "
/batches/{id}/items:
  get:
    operationId: getAnalysisCreationBatchItems
    responses:
      '200':
        description: ok
        content:
          application/vnd.illumina.v4+json: { schema: { $ref: '#/components/schemas/ListV4' } }
          application/vnd.illumina.v3+json: { schema: { $ref: '#/components/schemas/ListV3' } }
";

    fn schemas(version: u8, status: &str) -> String {
        format!(
            "
ListV{version}:
  type: object
  required: [items]
  properties:
    items: {{ type: array, items: {{ $ref: '#/components/schemas/ItemV{version}' }} }}
    nextPageToken: {{ type: string }}
    remainingRecords: {{ type: integer }}
    totalItemCount: {{ type: integer }}
ItemV{version}:
  type: object
  required: [id, request, processing]
  properties:
    id: {{ type: string }}
    request: {{ $ref: '#/components/schemas/Request' }}
    processing: {{ $ref: '#/components/schemas/Processing' }}
    createdAnalysis: {{ $ref: '#/components/schemas/AnalysisV{version}' }}
AnalysisV{version}:
  type: object
  required: [id, reference, userReference, status]
  properties:
    id: {{ type: string }}
    reference: {{ type: string }}
    userReference: {{ type: string }}
    pipeline: {{ type: string }}
    status: {status}
"
        )
    }

    #[test]
    fn the_item_list_gets_a_lean_twin_for_both_versions() {
        let both = [
            schemas(3, "{ type: string, enum: [INPROGRESS, DONE] }"),
            schemas(4, "{ type: string, pattern: QUEUED|IN_PROGRESS|DONE }"),
            "Request: { type: object, properties: { userReference: { type: string } } }\n".to_owned(),
            "Processing: { type: object }\n".to_owned(),
        ];
        let mut document = fixture::document(PATHS, &both.concat());
        versions::lower(&mut document).unwrap();
        super::lower(&mut document).unwrap();
        insta::assert_snapshot!(fixture::body(&document));
    }

    #[test]
    fn a_version_without_a_kept_member_is_an_error_that_names_it() {
        let all = [
            schemas(3, "{ type: string }"),
            schemas(4, "{ type: string }").replace("    reference: { type: string }\n", ""),
            "Request: { type: object, properties: { userReference: { type: string } } }\n".to_owned(),
            "Processing: { type: object }\n".to_owned(),
        ];
        let mut document = fixture::document(PATHS, &all.concat());
        versions::lower(&mut document).unwrap();
        let error = super::lower(&mut document).unwrap_err();
        assert!(
            error.to_string().starts_with("AnalysisV4: has no property reference"),
            "{error}"
        );
    }
}
