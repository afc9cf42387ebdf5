//! Adds a summary of the item list: the same path, read without the details of the analyses.
//!
//! An item contains the whole pipeline of its analysis, some two kilobytes. A program that polls a
//! hundred thousand items needs their progress only, and decoding the rest is most of the cost. The
//! response type of the summary has only the properties that show progress. They are the same in V3
//! and V4 except for the status of the analysis, whose spellings are joined in one open enum. So a
//! program may ask for the summary in either version.

mod shapes;

use indexmap::{IndexMap, IndexSet};
use openapiv3::{
    ArrayType, ObjectType, OpenAPI, Operation, PathItem, ReferenceOr, Schema, SchemaData, SchemaKind, StatusCode,
    StringType, Type,
};
use serde_json::{Value, json};

use self::shapes::{Keep, PROJECTIONS, Shape};
use crate::document::paths::add_operation;
use crate::document::values::values;
use crate::document::{marks, walk};
use crate::error::{Error, Result};

/// Adds the projections of the operations that the document has.
///
/// # Errors
/// When a version of the operation lacks a property that the projection keeps.
pub(super) fn lower(document: &mut OpenAPI) -> Result<()> {
    for (operation, suffix, shape) in PROJECTIONS {
        let versions = versions_of(document, operation);
        let Some(newest) = versions.first() else {
            continue;
        };
        let responses = versions.iter().map(|version| version.response.clone());
        let responses = responses.collect::<Vec<_>>();
        let accepts = versions.iter();
        let accepts = accepts.flat_map(|version| marks::accepts(&version.operation.extensions));
        let accepts = accepts.collect::<Vec<_>>();

        project(document, shape, &responses)?;
        let mut projection = newest.operation.clone();
        projection.operation_id = Some(format!("{operation}{suffix}"));
        projection.description = Some(format!("{} Every version of the operation has it.", shape.description));
        marks::set_accepts(&mut projection, &accepts);
        respond_with(&mut projection, shape.name);
        let published = PathItem::default();
        add_operation(&mut document.paths, &newest.path, newest.method, &published, projection);
    }
    Ok(())
}

/// One version of a published operation.
struct VersionedOperation {
    path: String,
    method: &'static str,
    operation: Operation,
    /// Name of the component schema of the response.
    response: String,
}

/// Returns the versions of the operation with this published id, the newest first.
fn versions_of(document: &OpenAPI, id: &str) -> Vec<VersionedOperation> {
    let operations = document.operations().filter_map(|(path, method, operation)| {
        (marks::published_id(operation) == id).then_some(())?;
        Some(VersionedOperation {
            path: path.to_owned(),
            method: ["get", "post"].into_iter().find(|known| *known == method)?,
            operation: operation.clone(),
            response: response_name(operation)?.to_owned(),
        })
    });
    let mut versions = operations.collect::<Vec<_>>();
    versions.sort_by_key(|version| {
        let accepts = marks::accepts(&version.operation.extensions);
        std::cmp::Reverse(accepts.iter().filter_map(|accept| accept.version).max())
    });
    versions
}

fn success(operation: &Operation) -> Option<&ReferenceOr<Schema>> {
    let response = operation.responses.responses.get(&StatusCode::Code(200))?.as_item()?;
    response.content.values().next()?.schema.as_ref()
}

fn response_name(operation: &Operation) -> Option<&str> {
    match success(operation)? {
        ReferenceOr::Reference { reference } => walk::schema_name(reference),
        ReferenceOr::Item(_) => None,
    }
}

fn respond_with(operation: &mut Operation, name: &str) {
    let response = operation.responses.responses.get_mut(&StatusCode::Code(200));
    let bodies = response.and_then(walk::item_mut).map(|response| &mut response.content);
    for body in bodies.into_iter().flat_map(IndexMap::values_mut) {
        body.schema = Some(walk::schema_ref(name));
    }
}

/// Adds the component schema for `shape`, taken from the same schema in all versions, the newest
/// first.
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
            description: Some(shape.description.to_owned()),
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
        Error::invalid(
            format_args!("schema {component}"),
            format_args!("it has no property {property}, which the pass `projections` keeps; change the pass"),
        )
    })
}

/// Returns the component schema of this property in each version.
fn behind(shape: &Shape, property: &str, found: &[Property], of: fn(&Property) -> Option<&str>) -> Result<Vec<String>> {
    let names = found.iter().map(|property| of(property).map(str::to_owned));
    names.collect::<Option<Vec<_>>>().ok_or_else(|| {
        Error::invalid(
            format_args!("property {property} of {}", shape.name),
            "it is not a reference to a component schema, so the pass `projections` cannot keep a part; change the pass",
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

/// Adds one open enum with the values of all versions. An older spelling of a newer value becomes
/// its alias.
fn join_values(document: &mut OpenAPI, name: &str, found: &[Property]) {
    let mut joined = IndexSet::<String>::new();
    let mut aliases = IndexMap::<String, Vec<String>>::new();
    for property in found {
        for value in property
            .schema
            .as_item()
            .and_then(|schema| values(schema))
            .unwrap_or_default()
        {
            let newer: Option<&String> = joined.iter().find(|newer| same_word(newer, &value));
            match newer {
                Some(newer) if *newer != value => aliases.entry(newer.clone()).or_default().push(value),
                Some(_) => {}
                None => {
                    joined.insert(value);
                }
            }
        }
    }
    let schema_data = SchemaData {
        description: Some(
            "Status of an analysis, in the spelling of the newest version whatever version was read.".to_owned(),
        ),
        extensions: IndexMap::from([
            (marks::ALIASES.to_owned(), json!(aliases)),
            (marks::OPEN.to_owned(), Value::Bool(true)),
        ]),
        ..SchemaData::default()
    };
    let text = StringType {
        enumeration: joined.into_iter().map(Some).collect(),
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
    use super::super::versions;
    use crate::document::fixture;

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
    fn the_item_list_gets_one_summary_for_both_versions() {
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
    fn a_version_without_a_kept_property_is_an_error_that_names_it() {
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
            error
                .to_string()
                .starts_with("schema AnalysisV4 is not valid: it has no property reference"),
            "{error}"
        );
    }
}
