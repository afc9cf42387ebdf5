//! Nodes of the two descriptions, side by side.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::error::in_text;
use crate::source::escape;

/// Node of one description.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) pointer: String,
}

impl<'a> Node<'a> {
    pub(super) fn new(value: &'a Value, pointer: impl Into<String>) -> Self {
        Self {
            value,
            pointer: pointer.into(),
        }
    }

    /// Returns the node below this one.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let value = match self.value {
            Value::Object(map) => map.get(key),
            Value::Array(list) => list.get(key.parse::<usize>().ok()?),
            _ => None,
        };
        Some(Self::new(value?, format!("{}/{}", self.pointer, escape(key))))
    }

    /// Returns the nodes of a list.
    pub(super) fn items(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items
            .map(|(at, value)| Self::new(value, format!("{}/{at}", self.pointer)))
            .collect()
    }

    /// Returns the nodes of an object with their keys.
    pub(super) fn entries(&self) -> Vec<(&'a str, Self)> {
        let entries = self.value.as_object().into_iter().flatten();
        entries
            .map(|(key, value)| {
                (
                    key.as_str(),
                    Self::new(value, format!("{}/{}", self.pointer, escape(key))),
                )
            })
            .collect()
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Returns the name of the component schema that this node refers to.
    pub(super) fn schema_name(&self) -> Option<&'a str> {
        schema_name(self.text("$ref")?)
    }
}

/// Returns the name in a reference to a component schema.
pub(super) fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

/// Place of a node in words.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The operation, the schema, or the description.
    root: String,
    steps: Vec<String>,
}

impl Place {
    pub(super) fn new(root: impl Into<String>) -> Self {
        Self {
            root: in_text(&root.into()),
            steps: Vec::new(),
        }
    }

    pub(super) fn join(&self, step: impl Into<String>) -> Self {
        let mut place = self.clone();
        place.steps.push(in_text(&step.into()));
        place
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.root)?;
        if !self.steps.is_empty() {
            write!(f, ": {}", self.steps.join(", "))?;
        }
        Ok(())
    }
}

/// Two nodes that belong together, and their place.
#[derive(Debug, Clone)]
pub(super) struct Pair<'a> {
    pub(super) before: Node<'a>,
    pub(super) after: Node<'a>,
    pub(super) place: Place,
}

/// Key of two objects, with its nodes.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    pub(super) key: &'a str,
    pub(super) before: Option<Node<'a>>,
    pub(super) after: Option<Node<'a>>,
    /// Place of the object that has the key.
    pub(super) owner: Place,
}

impl<'a> Field<'a> {
    /// Returns whether both objects lack the key, or have equal values.
    pub(super) fn is_equal(&self) -> bool {
        self.before.as_ref().map(|node| node.value) == self.after.as_ref().map(|node| node.value)
    }

    /// Returns both nodes, at this step below the owner, where both objects have the key.
    pub(super) fn pair(&self, step: impl Into<String>) -> Option<Pair<'a>> {
        Some(Pair {
            before: self.before.clone()?,
            after: self.after.clone()?,
            place: self.owner.join(step),
        })
    }

    /// Returns the fields of the objects below the key. A missing object has no keys.
    pub(super) fn fields(&self, place: &Place) -> Vec<Field<'a>> {
        fields(self.before.as_ref(), self.after.as_ref(), place)
    }

    pub(super) fn flags(&self) -> (bool, bool) {
        let flag = |node: &Option<Node<'_>>| node.as_ref().and_then(|node| node.value.as_bool()).unwrap_or(false);
        (flag(&self.before), flag(&self.after))
    }
}

impl<'a> Pair<'a> {
    /// Returns every key that one of the two objects has.
    pub(super) fn fields(&self) -> Vec<Field<'a>> {
        fields(Some(&self.before), Some(&self.after), &self.place)
    }

    pub(super) fn field(&self, key: &'a str) -> Field<'a> {
        Field {
            key,
            before: self.before.get(key),
            after: self.after.get(key),
            owner: self.place.clone(),
        }
    }
}

fn fields<'a>(before: Option<&Node<'a>>, after: Option<&Node<'a>>, owner: &Place) -> Vec<Field<'a>> {
    let object = |node: Option<&Node<'a>>| node.and_then(|node| node.value.as_object());
    let keys = |map: Option<&'a Map<String, Value>>| map.into_iter().flat_map(|map| map.keys().map(String::as_str));
    let known: BTreeSet<&str> = keys(object(before)).collect();
    let keys = keys(object(before)).chain(keys(object(after)).filter(|key| !known.contains(key)));
    keys.map(|key| Field {
        key,
        before: before.and_then(|node| node.get(key)),
        after: after.and_then(|node| node.get(key)),
        owner: owner.clone(),
    })
    .collect()
}
