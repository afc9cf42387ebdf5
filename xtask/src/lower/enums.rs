//! Every set of values that an answer can carry becomes one open enum with a good name.
//!
//! A closed enum rejects a whole page over one value that is newer than the client. So every enum that an answer
//! reaches is marked open: the emitter writes a type that keeps a value it does not know. ICA also writes a set
//! of values as a pattern (`A|B|C`); that is an enum too. Equal sets are one type, hoisted into the components, and
//! so are the sets of places that belong together, equal or not.
//! An enum that is only ever sent stays closed: writing must be right.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use openapiv3::{AdditionalProperties, OpenAPI, ReferenceOr, Schema, SchemaData, SchemaKind, StringType, Type};
use serde_json::Value;

use super::enum_names::{name, shared};
use super::{marks, walk};
use crate::Result;

/// The values of a string schema, listed or written as alternatives of a pattern.
pub(crate) fn values(schema: &Schema) -> Option<Vec<String>> {
    let SchemaKind::Type(Type::String(text)) = &schema.schema_kind else {
        return None;
    };
    if !text.enumeration.is_empty() {
        return Some(text.enumeration.iter().flatten().cloned().collect());
    }
    let alternatives = text
        .pattern
        .as_deref()?
        .split('|')
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let is_word = |word: &String| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (alternatives.len() > 1 && alternatives.iter().all(is_word)).then_some(alternatives)
}

/// Hoists the open enums and writes the closed ones as such.
///
/// # Errors
/// None today; the signature is that of every pass that may refuse a description.
pub fn lower(document: &mut OpenAPI) -> Result<()> {
    let groups = Groups::of(document);
    replace_all(document, &groups);
    let components = document.components.get_or_insert_default();
    for group in groups.open() {
        let schema = components
            .schemas
            .entry(group.name.clone())
            .or_insert_with(|| ReferenceOr::Item(group.schema()));
        if let ReferenceOr::Item(schema) = schema {
            let extensions = &mut schema.schema_data.extensions;
            extensions.insert(marks::OPEN.to_owned(), Value::Bool(true));
            set_values(schema, &group.values);
        }
    }
    Ok(())
}

/// Where a set of values stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) owner: String,
    pub(super) property: String,
    pub(super) is_answer: bool,
    values: Vec<String>,
    description: Option<String>,
}

impl Place {
    fn key(&self) -> (String, String) {
        (self.owner.clone(), self.property.clone())
    }
}

/// One set of values, wherever it stands.
#[derive(Debug)]
struct Group {
    name: String,
    values: Vec<String>,
    description: Option<String>,
    open: bool,
}

impl Group {
    fn of(places: &[Place], shared: Option<&str>, taken: &mut BTreeSet<String>) -> Self {
        let open = places.iter().any(|place| place.is_answer);
        let values: IndexSet<&String> = places.iter().flat_map(|place| &place.values).collect();
        let name = match shared {
            Some(name) => name.to_owned(),
            None if open => name(places, taken),
            None => String::new(),
        };
        Self {
            name,
            values: values.into_iter().cloned().collect(),
            description: places.iter().find_map(|place| place.description.clone()),
            open,
        }
    }

    fn schema(&self) -> Schema {
        Schema {
            schema_data: SchemaData {
                description: self.description.clone(),
                ..SchemaData::default()
            },
            schema_kind: SchemaKind::Type(Type::String(StringType::default())),
        }
    }
}

/// The sets of values of a document, and which of them stands where.
#[derive(Debug, Default)]
struct Groups {
    groups: Vec<Group>,
    by_place: BTreeMap<(String, String), usize>,
}

impl Groups {
    fn of(document: &OpenAPI) -> Self {
        let mut sets = BTreeMap::<Set, Vec<Place>>::new();
        for place in places_of(document) {
            let set = match shared(&place) {
                Some(name) => Set::Shared(name),
                None => Set::Values(place.values.iter().cloned().collect()),
            };
            sets.entry(set).or_default().push(place);
        }
        let mut taken: BTreeSet<String> = match &document.components {
            Some(components) => components.schemas.keys().cloned().collect(),
            None => BTreeSet::new(),
        };
        let mut all = Self::default();
        for (set, places) in sets {
            let shared = match set {
                Set::Shared(name) => Some(name),
                Set::Values(_) => None,
            };
            for place in &places {
                all.by_place.insert(place.key(), all.groups.len());
            }
            all.groups.push(Group::of(&places, shared, &mut taken));
        }
        all
    }

    fn get(&self, owner: &str, property: &str) -> Option<&Group> {
        let index = self.by_place.get(&(owner.to_owned(), property.to_owned()))?;
        self.groups.get(*index)
    }

    fn open(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.open)
    }
}

/// What makes two places have one type.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Set {
    Shared(&'static str),
    Values(BTreeSet<String>),
}

fn places_of(document: &OpenAPI) -> Vec<Place> {
    let reach = walk::Reach::of(document);
    let mut places = Vec::new();
    let components = document.components.iter().flat_map(|components| &components.schemas);
    for (owner, schema) in components {
        if let ReferenceOr::Item(schema) = schema {
            collect(owner, "", schema, reach.answers.contains(owner), &mut places);
        }
    }
    for (_, _, operation) in document.operations() {
        let id = marks::published_id(operation).to_owned();
        for parameter in operation.parameters.iter().filter_map(ReferenceOr::as_item) {
            let data = parameter.parameter_data_ref();
            if let openapiv3::ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)) = &data.format {
                collect(&id, &data.name, schema, false, &mut places);
            }
        }
    }
    places
}

fn collect(owner: &str, property: &str, schema: &Schema, is_answer: bool, places: &mut Vec<Place>) {
    if let Some(values) = values(schema) {
        places.push(Place {
            owner: owner.to_owned(),
            property: property.to_owned(),
            is_answer,
            values,
            description: schema.schema_data.description.clone(),
        });
    }
    if let SchemaKind::Type(Type::Object(object)) = &schema.schema_kind {
        for (name, inner) in &object.properties {
            if let ReferenceOr::Item(inner) = inner {
                collect(owner, name, inner, is_answer, places);
            }
        }
    } else {
        walk::children(schema, &mut |child| {
            if let walk::Child::Inline(inner) = child {
                collect(owner, property, inner, is_answer, places);
            }
        });
    }
}

fn replace_all(document: &mut OpenAPI, groups: &Groups) {
    let components = document.components.iter_mut();
    for (owner, schema) in components.flat_map(|components| &mut components.schemas) {
        if let ReferenceOr::Item(schema) = schema {
            match values(schema) {
                Some(values) => set_values(schema, &values),
                None => replace_inside(schema, owner, "", groups),
            }
        }
    }
    for operation in walk::operations_mut(document) {
        let id = marks::published_id(operation).to_owned();
        for parameter in operation.parameters.iter_mut().filter_map(walk::item_mut) {
            let name = parameter.parameter_data_ref().name.clone();
            if let Some(ReferenceOr::Item(schema)) = walk::parameter_schema_mut(parameter) {
                replace(schema, &id, &name, groups);
            }
        }
    }
}

fn replace_inside(schema: &mut Schema, owner: &str, property: &str, groups: &Groups) {
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            for (name, inner) in &mut object.properties {
                if let ReferenceOr::Item(inner) = inner {
                    replace(inner, owner, name, groups);
                }
            }
            if let Some(AdditionalProperties::Schema(values)) = &mut object.additional_properties
                && let ReferenceOr::Item(values) = values.as_mut()
            {
                replace(values, owner, property, groups);
            }
        }
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(ReferenceOr::Item(items)) = &mut array.items {
                replace(items, owner, property, groups);
            }
        }
        _ => {}
    }
}

/// Puts a reference to the open enum in the place of its values, and keeps what is said of the place.
fn replace(schema: &mut Schema, owner: &str, property: &str, groups: &Groups) {
    let Some(values) = values(schema) else {
        return replace_inside(schema, owner, property, groups);
    };
    match groups.get(owner, property) {
        Some(group) if group.open => {
            schema.schema_kind = SchemaKind::AllOf {
                all_of: vec![walk::schema_ref(&group.name)],
            };
        }
        _ => set_values(schema, &values),
    }
}

/// Writes the values as an enum, however they were written before.
fn set_values(schema: &mut Schema, values: &[String]) {
    if let SchemaKind::Type(Type::String(text)) = &mut schema.schema_kind {
        *text = StringType {
            enumeration: values.iter().cloned().map(Some).collect(),
            ..StringType::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;

    #[test]
    fn answers_get_open_enums_and_requests_closed_ones() {
        let mut document = fixture::document(
            &fixture::paths("JobV3", "CreateJob"),
            "
JobV3:
  type: object
  properties:
    status: { type: string, enum: [RUNNING, DONE], description: How the job is doing. }
    priority: { type: string, pattern: LOW|HIGH, nullable: true }
    next: { $ref: '#/components/schemas/JobV4' }
JobV4:
  type: object
  properties:
    status: { type: string, pattern: RUNNING|QUEUED|DONE }
    priority: { type: string, enum: [HIGH, LOW] }
CreateJob:
  type: object
  properties:
    priority: { type: string, pattern: LOW|HIGH }
    onExist: { type: string, pattern: OVERWRITE|SKIP }
    code: { type: string, pattern: '^[a-z]+$' }
",
        );
        super::lower(&mut document).unwrap();
        insta::assert_snapshot!(fixture::body(&document));
    }

    #[test]
    fn a_value_that_one_place_has_first_does_not_take_a_shared_type_apart() {
        let mut document = fixture::document(
            "
/items:
  get:
    operationId: getAnalysisCreationBatchItemsV4
    x-ica-published-id: getAnalysisCreationBatchItems
    parameters:
      - { name: status, in: query, schema: { type: array, items: { type: string, enum: [RUNNING, FAILED] } } }
    responses:
      '200':
        description: ok
        content:
          application/json: { schema: { $ref: '#/components/schemas/AnalysisCreationBatchItemProcessing' } }
",
            "
AnalysisCreationBatchItemProcessing:
  type: object
  properties:
    status: { type: string, enum: [RUNNING, PAUSED, FAILED] }
",
        );
        super::lower(&mut document).unwrap();
        insta::assert_snapshot!(fixture::body(&document));
    }
}
