//! Sets of values and limits of text, and the places that share one Rust type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::uses::{Usage, Uses};
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
    /// Limits of the texts that requests contain.
    limits: BTreeMap<PlaceKey, TextLimits>,
}

/// Least and greatest length, and the pattern, as JSON.
type TextLimits = [Option<String>; 3];

fn limits_of(schema: &Value) -> Option<TextLimits> {
    let is_plain = schema.get("type").is_some_and(|of| of == "string")
        && schema.get("format").is_none()
        && schema.get("default").is_none()
        && values_of(schema).is_none();
    let limits = ["minLength", "maxLength", "pattern"].map(|key| schema.get(key).map(Value::to_string));
    (is_plain && limits.iter().any(Option::is_some)).then_some(limits)
}

impl EnumPlaces {
    /// Adds the sets in a component schema or in a parameter of an operation.
    pub(super) fn add(&mut self, owner: &str, property: &str, schema: &Value, uses: Uses) {
        let mut open = vec![(property, schema)];
        while let Some((property, schema)) = open.pop() {
            if let Some(values) = values_of(schema) {
                let key = (owner.to_owned(), property.to_owned());
                self.sets
                    .insert(key.clone(), values.into_iter().map(str::to_owned).collect());
                if uses.responses {
                    self.in_responses.insert(key);
                }
            }
            if let Some(limits) = limits_of(schema).filter(|_| uses.requests) {
                self.limits.insert((owner.to_owned(), property.to_owned()), limits);
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
            let uses = usage.get(name).map(|schema| schema.uses).unwrap_or_default();
            if let Some(schema) = schema(name) {
                self.add(name, "", &schema, uses);
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

    /// Returns whether a property of the same name and limits in this description has others in
    /// `after`. The generator makes one type of equal ones.
    pub(super) fn splits_limits(&self, owner: &str, owner_after: &str, property: &str, after: &Self) -> bool {
        let key = |owner: &str| (owner.to_owned(), property.to_owned());
        let (before, here) = (self.limits.get(&key(owner)), after.limits.get(&key(owner_after)));
        let mut others = self
            .limits
            .iter()
            .filter(|(key, limits)| key.1 == property && key.0 != owner && before == Some(*limits));
        others.any(|(key, _)| after.limits.get(key).is_some_and(|limits| Some(limits) != here))
    }
}
