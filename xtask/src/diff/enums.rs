//! Sets of values, and the places that share one Rust enum.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::uses::Usage;
use crate::lower::shared_enum;

/// Returns the values of a schema, which ICA writes as an enum or as a pattern `A|B|C`.
pub(super) fn values_of(schema: &Value) -> Option<BTreeSet<&str>> {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(values.iter().filter_map(Value::as_str).collect());
    }
    let pattern = schema.get("pattern")?.as_str()?;
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let words: Vec<&str> = pattern.split('|').collect();
    (words.len() > 1 && words.iter().all(is_word)).then(|| words.into_iter().collect())
}

/// Place with a set of values: owner and property.
type PlaceKey = (String, String);

/// Places of one description that have a set of values.
#[derive(Debug, Default)]
pub(super) struct EnumPlaces {
    sets: BTreeMap<PlaceKey, BTreeSet<String>>,
    in_responses: BTreeSet<PlaceKey>,
}

impl EnumPlaces {
    /// Adds the sets in a component schema or in a parameter of an operation.
    pub(super) fn add(&mut self, owner: &str, property: &str, schema: &Value, in_response: bool) {
        let mut open = vec![(property, schema)];
        while let Some((property, schema)) = open.pop() {
            if let Some(values) = values_of(schema) {
                let key = (owner.to_owned(), property.to_owned());
                self.sets
                    .insert(key.clone(), values.into_iter().map(str::to_owned).collect());
                if in_response {
                    self.in_responses.insert(key);
                }
            }
            let properties = schema.get("properties").and_then(Value::as_object);
            open.extend(
                properties
                    .into_iter()
                    .flatten()
                    .map(|(name, inner)| (name.as_str(), inner)),
            );
            for key in ["items", "additionalProperties"] {
                open.extend(schema.get(key).map(|inner| (property, inner)));
            }
            for key in ["allOf", "anyOf", "oneOf"] {
                let many = schema.get(key).and_then(Value::as_array).into_iter().flatten();
                open.extend(many.map(|inner| (property, inner)));
            }
        }
    }

    /// Adds the sets in the component schemas that operations use.
    pub(super) fn add_components(&mut self, usage: &Usage, schema: impl Fn(&str) -> Option<Value>) {
        for name in usage.names() {
            let in_response = usage.get(name).is_some_and(|schema| schema.uses.responses);
            if let Some(schema) = schema(name) {
                self.add(name, "", &schema, in_response);
            }
        }
    }

    /// Returns the places that share an enum with this one, itself left out.
    fn others<'s>(&'s self, owner: &'s str, property: &'s str) -> impl Iterator<Item = &'s PlaceKey> {
        let here = self.sets.get(&(owner.to_owned(), property.to_owned()));
        let shared = shared_enum(owner, property);
        let is_other = move |key: &&PlaceKey| key.0 != owner || key.1 != property;
        let places = self.sets.iter().filter(move |(key, values)| match shared {
            Some(name) => shared_enum(&key.0, &key.1) == Some(name),
            None => Some(*values) == here && shared_enum(&key.0, &key.1).is_none(),
        });
        places.map(|(key, _)| key).filter(is_other)
    }

    /// Returns whether the generator makes an open enum of the place: a response has the same enum.
    pub(super) fn is_open(&self, owner: &str, property: &str) -> bool {
        let here = (owner.to_owned(), property.to_owned());
        self.in_responses.contains(&here) || self.others(owner, property).any(|key| self.in_responses.contains(key))
    }

    /// Returns whether a listed name keeps the places together, whatever their values are.
    pub(super) fn is_listed(&self, owner: &str, property: &str) -> bool {
        shared_enum(owner, property).is_some()
    }

    /// Returns whether another place that shares the enum has the value.
    pub(super) fn is_elsewhere(&self, owner: &str, property: &str, value: &str) -> bool {
        let has = |key: &PlaceKey| self.sets.get(key).is_some_and(|values| values.contains(value));
        self.others(owner, property).any(has)
    }

    /// Returns whether a place with the same values in this description has others in `after`, where
    /// the owner is called `owner_after`.
    pub(super) fn splits(&self, owner: &str, owner_after: &str, property: &str, after: &Self) -> bool {
        let here = after.sets.get(&(owner_after.to_owned(), property.to_owned()));
        let mut others = self.others(owner, property);
        others.any(|key| after.sets.get(key).is_some_and(|values| Some(values) != here))
    }
}
