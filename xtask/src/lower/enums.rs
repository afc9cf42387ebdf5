//! Every set of values that an answer can carry becomes one open enum with a good name.
//!
//! A closed enum rejects a whole page over one value that is newer than the client. So every enum that an answer
//! reaches is marked open: the emitter writes a type that keeps a value it does not know. ICA also writes a set
//! of values as a pattern (`A|B|C`); that is an enum too. Equal sets are one type, hoisted into the components.
//! An enum that is only ever sent stays closed: writing must be right.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase;
use indexmap::IndexSet;
use openapiv3::{AdditionalProperties, OpenAPI, ReferenceOr, Schema, SchemaData, SchemaKind, StringType, Type};
use serde_json::Value;

use super::{marks, walk};
use crate::Result;

/// Names that say more than the place where a set of values happens to stand.
const NAMES: [(&str, &str); 1] = [("AnalysisCreationBatchItemProcessing.status", "ItemStatus")];

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
        }
    }
    Ok(())
}

/// Where a set of values stands.
#[derive(Debug, Clone)]
struct Place {
    owner: String,
    property: Option<String>,
    is_answer: bool,
    values: Vec<String>,
    description: Option<String>,
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
    fn schema(&self) -> Schema {
        Schema {
            schema_data: SchemaData {
                description: self.description.clone(),
                ..SchemaData::default()
            },
            schema_kind: SchemaKind::Type(Type::String(StringType {
                enumeration: self.values.iter().cloned().map(Some).collect(),
                ..StringType::default()
            })),
        }
    }
}

/// The sets of values of a document, by their sorted members.
#[derive(Debug, Default)]
struct Groups(BTreeMap<BTreeSet<String>, Group>);

impl Groups {
    fn of(document: &OpenAPI) -> Self {
        let mut places = BTreeMap::<BTreeSet<String>, Vec<Place>>::new();
        for place in places_of(document) {
            let key = place.values.iter().cloned().collect();
            places.entry(key).or_default().push(place);
        }
        let mut taken: BTreeSet<String> = match &document.components {
            Some(components) => components.schemas.keys().cloned().collect(),
            None => BTreeSet::new(),
        };
        let groups = places.into_iter().map(|(key, places)| {
            let open = places.iter().any(|place| place.is_answer);
            let values: IndexSet<&String> = places.iter().flat_map(|place| &place.values).collect();
            let group = Group {
                name: if open { name(&places, &mut taken) } else { String::new() },
                values: values.into_iter().cloned().collect(),
                description: places.iter().find_map(|place| place.description.clone()),
                open,
            };
            (key, group)
        });
        Self(groups.collect())
    }

    fn get(&self, values: &[String]) -> Option<&Group> {
        self.0.get(&values.iter().cloned().collect())
    }

    fn open(&self) -> impl Iterator<Item = &Group> {
        self.0.values().filter(|group| group.open)
    }
}

fn places_of(document: &OpenAPI) -> Vec<Place> {
    let reach = walk::Reach::of(document);
    let mut places = Vec::new();
    let components = document.components.iter().flat_map(|components| &components.schemas);
    for (owner, schema) in components {
        if let ReferenceOr::Item(schema) = schema {
            collect(owner, None, schema, reach.answers.contains(owner), &mut places);
        }
    }
    for (_, _, operation) in document.operations() {
        let id = operation.operation_id.clone().unwrap_or_default();
        for parameter in operation.parameters.iter().filter_map(ReferenceOr::as_item) {
            let data = parameter.parameter_data_ref();
            if let openapiv3::ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)) = &data.format {
                collect(&id, Some(&data.name), schema, false, &mut places);
            }
        }
    }
    places
}

fn collect(owner: &str, property: Option<&str>, schema: &Schema, is_answer: bool, places: &mut Vec<Place>) {
    if let Some(values) = values(schema) {
        places.push(Place {
            owner: owner.to_owned(),
            property: property.map(str::to_owned),
            is_answer,
            values,
            description: schema.schema_data.description.clone(),
        });
    }
    if let SchemaKind::Type(Type::Object(object)) = &schema.schema_kind {
        for (name, inner) in &object.properties {
            if let ReferenceOr::Item(inner) = inner {
                collect(owner, Some(name), inner, is_answer, places);
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

/// The name of a set: its component's own, one of [`NAMES`], or the shortest owner and the property.
fn name(places: &[Place], taken: &mut BTreeSet<String>) -> String {
    if let Some(component) = places.iter().find(|place| place.property.is_none()) {
        return component.owner.clone();
    }
    let listed = NAMES.iter().find(|(wanted, _)| {
        let mut labels = places
            .iter()
            .map(|place| format!("{}.{}", place.owner, place.property.as_deref().unwrap_or("")));
        labels.any(|label| label == *wanted)
    });
    let wanted = match listed {
        Some((_, name)) => (*name).to_owned(),
        None => derived_name(places),
    };
    let mut candidates = std::iter::once(wanted.clone()).chain((2..).map(|n| format!("{wanted}{n}")));
    candidates
        .find(|candidate| taken.insert(candidate.clone()))
        .unwrap_or(wanted)
}

fn derived_name(places: &[Place]) -> String {
    let answers = places.iter().filter(|place| place.is_answer);
    let stems = answers.clone().map(|place| stem(&place.owner));
    // A property that names its owner says most, then the shortest owner.
    let shortest =
        answers.min_by_key(|place| (!names_its_owner(place), stem(&place.owner).0.len(), place.owner.clone()));
    let Some(shortest) = shortest else {
        return String::new();
    };
    let owner = stem(&shortest.owner).0.to_pascal_case();
    let property = shortest.property.as_deref().unwrap_or_default().to_pascal_case();
    let both = if property.starts_with(&owner) {
        property
    } else {
        format!("{owner}{property}")
    };
    // A set that only one version has carries that version at the end of its name.
    let versions: BTreeSet<&str> = stems.map(|(_, version)| version).collect();
    match versions.iter().next() {
        Some(version) if versions.len() == 1 => format!("{both}{version}"),
        _ => both,
    }
}

fn names_its_owner(place: &Place) -> bool {
    let property = place.property.as_deref().unwrap_or_default().to_pascal_case();
    property.starts_with(&stem(&place.owner).0.to_pascal_case())
}

/// A schema's name without the version at its end, and the version.
fn stem(name: &str) -> (&str, &str) {
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    match name.len().checked_sub(digits + 1) {
        Some(at) if digits > 0 && name[at..].starts_with('V') => name.split_at(at),
        _ => (name, ""),
    }
}

fn replace_all(document: &mut OpenAPI, groups: &Groups) {
    let components = document
        .components
        .iter_mut()
        .flat_map(|components| components.schemas.values_mut());
    for schema in components.filter_map(walk::item_mut) {
        if values(schema).is_some() {
            close(schema);
        } else {
            replace_inside(schema, groups);
        }
    }
    for operation in walk::operations_mut(document) {
        for parameter in operation.parameters.iter_mut().filter_map(walk::item_mut) {
            if let Some(ReferenceOr::Item(schema)) = walk::parameter_schema_mut(parameter) {
                replace(schema, groups);
            }
        }
    }
}

fn replace_inside(schema: &mut Schema, groups: &Groups) {
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            for property in object.properties.values_mut().filter_map(walk::item_mut) {
                replace(property, groups);
            }
            if let Some(AdditionalProperties::Schema(values)) = &mut object.additional_properties
                && let ReferenceOr::Item(values) = values.as_mut()
            {
                replace(values, groups);
            }
        }
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(ReferenceOr::Item(items)) = &mut array.items {
                replace(items, groups);
            }
        }
        _ => {}
    }
}

/// Puts a reference to the open enum in the place of its values, and keeps what is said of the place.
fn replace(schema: &mut Schema, groups: &Groups) {
    let Some(values) = values(schema) else {
        return replace_inside(schema, groups);
    };
    match groups.get(&values) {
        Some(group) if group.open => {
            schema.schema_kind = SchemaKind::AllOf {
                all_of: vec![walk::schema_ref(&group.name)],
            };
        }
        _ => close(schema),
    }
}

/// A pattern of alternatives becomes the enum that it is.
fn close(schema: &mut Schema) {
    let Some(values) = values(schema) else {
        return;
    };
    if let SchemaKind::Type(Type::String(text)) = &mut schema.schema_kind {
        *text = StringType {
            enumeration: values.into_iter().map(Some).collect(),
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
    fn a_version_at_the_end_of_a_name_is_told_from_its_stem() {
        assert_eq!(super::stem("AnalysisV3"), ("Analysis", "V3"));
        assert_eq!(super::stem("Job"), ("Job", ""));
        assert_eq!(super::stem("Region2"), ("Region2", ""));
        assert_eq!(super::stem("V3"), ("", "V3"));
    }
}
