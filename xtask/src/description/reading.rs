//! Bounds a text before it is read as an OpenAPI document, and finds what a reader passes over.
//!
//! The text may come from anywhere. This module reads it once without keeping it: it stops at a
//! text that is too large or nested too deeply, and at YAML aliases that repeat a part too often.
//! It also finds what serde drops in silence: a key that occurs twice, a path without a slash, a
//! status code that is not valid, and an enum without values.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::keywords::Object;
use crate::error::{Error, Result};
use crate::source::{MAX_OPEN_BRACKETS, too_many_brackets};

/// Largest description, in bytes. ICA's whole API has 0.7 MB.
pub(super) const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Greatest depth of a node. ICA's whole API has 18 levels.
pub(super) const MAX_DEPTH: usize = 60;
/// Longest key, in bytes.
const MAX_KEY: usize = 200;
/// Greatest size after all aliases are replaced: bytes of text, and those of its nodes.
const MAX_EXPANDED: usize = 8 * 1024 * 1024;
/// Size of a node without text. The parser needs more memory for a node than for a letter.
const NODE: usize = 8;

/// Greatest number of unknown keywords that are kept.
const MAX_UNKNOWN: usize = 100;

/// Keys under which a value is data and no part of the description.
const DATA: [&str; 4] = ["default", "enum", "example", "examples"];

/// Key of a description that OpenAPI 3.0 does not know. It has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownKeyword {
    /// Path of the node that has the key.
    pub(crate) node: String,
    pub(crate) key: String,
    /// Keyword that was probably meant.
    pub(crate) similar: Option<&'static str>,
}

/// Checks the size and the structure of a text. Returns the unknown keywords, at most 100.
///
/// # Errors
/// When a bound is exceeded, or when a part would be dropped in silence. The error names the node.
pub(super) fn check(text: &str) -> Result<Vec<UnknownKeyword>> {
    if text.len() > MAX_BYTES {
        return Err(Error::invalid(
            "description",
            format_args!(
                "it has {} bytes, and the generator reads at most {MAX_BYTES}; keep only the operations that you need",
                text.len()
            ),
        ));
    }
    check_brackets(text)?;
    let mut reading = Reading::default();
    let node = Node {
        reading: &mut reading,
        is_data: false,
        kind: Object::Document,
    };
    let read = node.deserialize(yaml_serde::Deserializer::from_str(text));
    match (reading.found, read) {
        (Some(found), _) => Err(found),
        (None, Err(error)) if error.to_string().contains("repetition limit") => Err(Error::invalid(
            "description",
            "its aliases repeat parts too often; use fewer aliases",
        )),
        (None, Err(error)) => Err(Error::invalid(
            "description",
            format_args!("it is not YAML or JSON ({error}); fix it at that position"),
        )),
        (None, Ok(())) => Ok(reading.unknown),
    }
}

fn check_brackets(text: &str) -> Result<()> {
    match too_many_brackets(text) {
        Some(line) => Err(Error::invalid(
            "description",
            format_args!("more than {MAX_OPEN_BRACKETS} brackets are open at line {line}; close them, or nest less"),
        )),
        None => Ok(()),
    }
}

/// State of one reading.
#[derive(Debug, Default)]
struct Reading {
    path: Vec<String>,
    expanded: usize,
    found: Option<Error>,
    unknown: Vec<UnknownKeyword>,
}

impl Reading {
    /// Records the problem, and returns an error that ends the reading.
    fn stop<E: serde::de::Error>(&mut self, reason: impl fmt::Display) -> E {
        let place = if self.path.is_empty() {
            "description".to_owned()
        } else {
            format!("node {}", self.path.join("/"))
        };
        self.found.get_or_insert_with(|| Error::invalid(place, reason));
        E::custom("it is not valid")
    }

    fn count<E: serde::de::Error>(&mut self, bytes: usize) -> std::result::Result<(), E> {
        self.expanded += bytes + NODE;
        if self.expanded > MAX_EXPANDED {
            return Err(self.stop(format_args!(
"with its aliases replaced the description has more than {MAX_EXPANDED} bytes and nodes; use fewer aliases, or keep only the operations that you need"
            )));
        }
        Ok(())
    }

    fn keep_unknown(&mut self, kind: Object, key: &str) {
        if self.unknown.len() < MAX_UNKNOWN {
            self.unknown.push(UnknownKeyword {
                node: self.path.join("/"),
                key: key.to_owned(),
                similar: kind.similar(key),
            });
        }
    }

    /// Returns the reason why a key of the current node is not valid.
    fn key_problem(&self, key: &str) -> Option<String> {
        if key.len() > MAX_KEY {
            let start: String = key.chars().take(20).collect();
            return Some(format!(
                "its key {start:?}… has {} bytes; use at most {MAX_KEY}",
                key.len()
            ));
        }
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let is_extension = key.starts_with("x-");
        match path.as_slice() {
            ["paths"] if !key.starts_with('/') && !is_extension => {
                Some(format!("its path {key:?} does not begin with '/'; add the slash"))
            }
            ["paths", _, _, "responses"] if key != "default" && !is_status(key) && !is_extension => Some(format!(
                "its response {key:?} is not a status code; write one such as 200, 4XX or default"
            )),
            _ => None,
        }
    }
}

/// Returns whether the key is a status code of HTTP, or a range of them.
fn is_status(key: &str) -> bool {
    let (first, rest) = key.split_at_checked(1).unwrap_or_default();
    let is_code = || rest.len() == 2 && rest.bytes().all(|byte| byte.is_ascii_digit());
    matches!(first, "1" | "2" | "3" | "4" | "5") && (rest == "XX" || is_code())
}

/// One node, read without being kept.
struct Node<'o> {
    reading: &'o mut Reading,
    /// Whether the node is an example or a default, in which every key is allowed.
    is_data: bool,
    kind: Object,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> std::result::Result<(), E> {
        self.reading.count(0)
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> std::result::Result<(), E> {
        self.reading.count(0)
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> std::result::Result<(), E> {
        self.reading.count(0)
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> std::result::Result<(), E> {
        self.reading.count(0)
    }

    fn visit_none<E: serde::de::Error>(self) -> std::result::Result<(), E> {
        self.reading.count(0)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_unit<E: serde::de::Error>(self) -> std::result::Result<(), E> {
        self.reading.count(0)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<(), E> {
        self.reading.count(text.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> std::result::Result<(), A::Error> {
        self.reading.count(0)?;
        let mut at = 0_usize;
        loop {
            self.reading.path.push(at.to_string());
            if self.reading.path.len() > MAX_DEPTH {
                return Err(too_deep(self.reading));
            }
            let node = Node {
                reading: self.reading,
                is_data: self.is_data,
                kind: self.kind,
            };
            let found = elements.next_element_seed(node)?.is_some();
            self.reading.path.pop();
            if !found {
                break;
            }
            at += 1;
        }
        if at == 0 && !self.is_data_but_enum() && self.reading.path.last().is_some_and(|key| key == "enum") {
            return Err(self.reading.stop("it has no values; list them, or remove the enum"));
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<(), A::Error> {
        self.reading.count(0)?;
        let mut keys = HashSet::new();
        while let Some(Key(key)) = members.next_key()? {
            self.reading.count(key.len())?;
            if !self.is_data
                && let Some(problem) = self.reading.key_problem(&key)
            {
                return Err(self.reading.stop(problem));
            }
            if !keys.insert(key.clone()) {
                return Err(self
                    .reading
                    .stop(format_args!("its key {key:?} occurs twice; remove one")));
            }
            // A property may have any name, also that of a keyword.
            let names_data = self.reading.path.last().is_none_or(|parent| parent != "properties")
                && (DATA.contains(&key.as_str()) || key.starts_with("x-"));
            let kind = self.kind.child(&key);
            if kind.is_none() {
                self.reading.keep_unknown(self.kind, &key);
            }
            self.reading.path.push(key);
            if self.reading.path.len() > MAX_DEPTH {
                return Err(too_deep(self.reading));
            }
            members.next_value_seed(Node {
                reading: self.reading,
                is_data: self.is_data || names_data,
                kind: kind.unwrap_or(Object::Any),
            })?;
            self.reading.path.pop();
        }
        Ok(())
    }
}

impl Node<'_> {
    /// Returns whether the node is inside of data, and not itself the values of an enum.
    fn is_data_but_enum(&self) -> bool {
        let above = self.reading.path.iter().rev().skip(1);
        let inside_properties = above.clone().next().is_some_and(|key| key == "properties");
        inside_properties
            || above
                .into_iter()
                .any(|key| DATA.contains(&key.as_str()) || key.starts_with("x-"))
    }
}

fn too_deep<E: serde::de::Error>(reading: &mut Reading) -> E {
    reading.path.truncate(6);
    reading.stop(format_args!(
        "it is nested more than {MAX_DEPTH} levels deep; move inner schemas to the components"
    ))
}

/// Key of a mapping. JSON has text only; YAML writes some keys as numbers or other scalars.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<Key, E> {
        Ok(Key(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, check};

    fn refused(text: &str) -> String {
        check(text).unwrap_err().to_string()
    }

    #[test]
    fn a_key_that_occurs_twice_is_named_with_its_node() {
        assert_eq!(
            refused("components: { schemas: { Thing: {}, Thing: {} } }"),
            "node components/schemas is not valid: its key \"Thing\" occurs twice; remove one",
        );
    }

    #[test]
    fn what_serde_would_drop_is_refused() {
        assert!(refused("paths: { things: {} }").contains("its path \"things\" does not begin with '/'"));
        let responses = "paths: { /a: { get: { responses: { 20O: {} } } } }";
        assert!(refused(responses).contains("its response \"20O\" is not a status code"));
        let values = "components: { schemas: { A: { type: string, enum: [] } } }";
        assert_eq!(
            refused(values),
            "node components/schemas/A/enum is not valid: it has no values; list them, or remove the enum",
        );
        check("components: { schemas: { A: { properties: { enum: [], example: {} } } } }").unwrap();
        check("components: { schemas: { A: { example: { enum: [] } } } }").unwrap();
    }

    #[test]
    fn an_unknown_keyword_is_found_with_its_node() {
        let text =
            "components: { schemas: { A: { requred: [a], properties: { requred: { default: { requred: 1 } } } } } }";
        let found = check(text).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].node.as_str(), found[0].key.as_str()),
            ("components/schemas/A", "requred")
        );
        assert_eq!(found[0].similar, Some("required"));
        let many: String = (0..1000).map(|number| format!("key{number}: 1\n")).collect();
        assert_eq!(check(&many).unwrap().len(), super::MAX_UNKNOWN);
    }

    #[test]
    fn nesting_and_aliases_are_bounded() {
        let deep = format!("{}x{}", "[".repeat(100), "]".repeat(100));
        assert!(refused(&deep).contains(&format!("nested more than {MAX_DEPTH} levels deep")));
        assert!(refused(&"[".repeat(1_000_000)).contains("brackets are open at line 1"));
        let bomb: String = (1..9)
            .map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", ")))
            .collect();
        let bomb = format!("a0: &a0 laugh\n{bomb}");
        assert!(
            refused(&bomb).contains("use fewer aliases") || refused(&bomb).contains("repetition"),
            "{}",
            refused(&bomb)
        );
    }
}
