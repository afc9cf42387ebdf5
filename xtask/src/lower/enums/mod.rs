//! Turns every set of values that a response can contain into one open enum.
//!
//! A closed enum rejects a whole page because of one unknown value. So every enum that a response
//! uses is marked open, and the emitter writes a type that keeps an unknown value. ICA also writes
//! a set of values as a pattern (`A|B|C`); that is an enum too. Equal sets become one component. So
//! do the sets that [`names`] lists as shared, equal or not. An enum that only requests use stays
//! closed, because a request must be valid. It becomes a component only if it is listed as shared.

mod names;
mod occurrence;
mod remarks;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use openapiv3::{AdditionalProperties, OpenAPI, ReferenceOr, Schema, SchemaData, SchemaKind, StringType, Type};
use serde_json::Value;

pub(crate) use self::names::shared_enum;
use self::names::{VersionSuffixes, name, shared};
use self::occurrence::Occurrence;
use crate::document::values::{set_values, values};
use crate::document::{marks, walk};
use crate::lower::remark::Remark;

/// Moves the open enums to the components, and writes the closed ones as enums. Returns what
/// somebody should decide.
pub(super) fn lower(document: &mut OpenAPI) -> Vec<Remark> {
    let suffixes = VersionSuffixes::of(document);
    let occurrences = occurrence::all(document);
    let remarks = remarks::of(&occurrences, &suffixes);
    let groups = Groups::of(document, occurrences, &suffixes);
    replace_all(document, &groups);
    let components = document.components.get_or_insert_default();
    for group in groups.named() {
        let schema = components
            .schemas
            .entry(group.name.clone())
            .or_insert_with(|| ReferenceOr::Item(group.schema()));
        if let ReferenceOr::Item(schema) = schema {
            if group.open {
                let extensions = &mut schema.schema_data.extensions;
                extensions.insert(marks::OPEN.to_owned(), Value::Bool(true));
            }
            set_values(schema, &group.values);
        }
    }
    remarks
}

/// One set of values with all its occurrences.
#[derive(Debug)]
struct Group {
    name: String,
    values: Vec<String>,
    description: Option<String>,
    open: bool,
}

impl Group {
    fn of(
        occurrences: &[Occurrence],
        shared: Option<&str>,
        suffixes: &VersionSuffixes,
        taken: &mut BTreeSet<String>,
    ) -> Self {
        let open = occurrences.iter().any(|occurrence| occurrence.in_response);
        let values: IndexSet<&String> = occurrences.iter().flat_map(|occurrence| &occurrence.values).collect();
        let name = match shared {
            Some(name) => name.to_owned(),
            None if open => name(occurrences, suffixes, taken),
            None => String::new(),
        };
        Self {
            name,
            values: values.into_iter().cloned().collect(),
            description: occurrences.iter().find_map(|occurrence| occurrence.description.clone()),
            open,
        }
    }

    /// Returns whether the set becomes a component, as every open and every shared one does.
    fn is_named(&self) -> bool {
        !self.name.is_empty()
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

/// All sets of values of a document, and the set of each occurrence.
#[derive(Debug, Default)]
struct Groups {
    groups: Vec<Group>,
    by_occurrence: BTreeMap<(String, String), usize>,
}

impl Groups {
    fn of(document: &OpenAPI, occurrences: Vec<Occurrence>, suffixes: &VersionSuffixes) -> Self {
        let mut sets = BTreeMap::<Identity, Vec<Occurrence>>::new();
        for occurrence in occurrences {
            let identity = match shared(&occurrence) {
                Some(name) => Identity::Shared(name),
                None => Identity::Values(occurrence.values.iter().cloned().collect()),
            };
            sets.entry(identity).or_default().push(occurrence);
        }
        let mut taken: BTreeSet<String> = match &document.components {
            Some(components) => components.schemas.keys().cloned().collect(),
            None => BTreeSet::new(),
        };
        let mut all = Self::default();
        for (identity, occurrences) in sets {
            let shared = match identity {
                Identity::Shared(name) => Some(name),
                Identity::Values(_) => None,
            };
            for occurrence in &occurrences {
                all.by_occurrence.insert(occurrence.key(), all.groups.len());
            }
            all.groups.push(Group::of(&occurrences, shared, suffixes, &mut taken));
        }
        all
    }

    fn get(&self, owner: &str, property: &str) -> Option<&Group> {
        let index = self.by_occurrence.get(&(owner.to_owned(), property.to_owned()))?;
        self.groups.get(*index)
    }

    fn named(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.is_named())
    }
}

/// Criterion by which two occurrences have one type.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Shared(&'static str),
    Values(BTreeSet<String>),
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

/// Replaces the values by a reference to the open enum, and keeps the description.
fn replace(schema: &mut Schema, owner: &str, property: &str, groups: &Groups) {
    let Some(values) = values(schema) else {
        return replace_inside(schema, owner, property, groups);
    };
    match groups.get(owner, property) {
        Some(group) if group.is_named() => {
            schema.schema_kind = SchemaKind::AllOf {
                all_of: vec![walk::schema_ref(&group.name)],
            };
        }
        _ => set_values(schema, &values),
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    const VERSIONED: &str = "    operationId: getThing\n    x-ica-versions: [3, 4]\n";

    #[test]
    fn responses_get_open_enums_and_requests_get_closed_ones() {
        let mut document = fixture::document(
            &fixture::paths("JobV3", "CreateJob").replace("    operationId: getThing\n", VERSIONED),
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
        super::lower(&mut document);
        insta::assert_snapshot!(fixture::body(&document));
    }

    #[test]
    fn parameters_share_a_closed_enum() {
        let mut document = fixture::document(
            "
/data:
  get:
    operationId: getProjectDataList
    parameters:
      - name: filenameMatchMode
        in: query
        description: How names match.
        schema: { type: string, enum: [EXACT, FUZZY] }
      - { name: userTagMatchMode, in: query, schema: { type: string, enum: [EXACT, FUZZY] } }
      - { name: order, in: query, schema: { type: string, enum: [UP, DOWN] } }
    responses: { '204': { description: ok } }
",
            "{}",
        );
        super::lower(&mut document);
        insta::assert_snapshot!(fixture::body(&document));
    }

    #[test]
    fn a_value_of_one_occurrence_does_not_split_a_shared_enum() {
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
        super::lower(&mut document);
        insta::assert_snapshot!(fixture::body(&document));
    }
}
