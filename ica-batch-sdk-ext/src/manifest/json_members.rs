//! Members of a JSON object, and their problems.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::row::ManifestValue;

/// Members of an object in the order of the text, repeated ones included.
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap;
        impl<'de> Visitor<'de> for OfMap {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(OfMap)
    }
}

/// Problems of the members of an object, by name.
#[derive(Default)]
pub(super) struct Object {
    pub(super) problems: Vec<(String, String)>,
}

impl Object {
    pub(super) fn add(&mut self, name: &str, reason: String) {
        self.problems.push((name.to_owned(), reason));
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.problems.iter().any(|(known, _)| known == name)
    }

    /// Returns the members without repeated ones, which are problems.
    pub(super) fn distinct<'a>(
        &mut self,
        start: &str,
        members: Vec<(Cow<'a, str>, &'a RawValue)>,
    ) -> Vec<(Cow<'a, str>, &'a RawValue)> {
        let mut seen = HashSet::new();
        let is_new = |(name, _): &(Cow<'a, str>, &'a RawValue)| {
            let is_new = seen.insert(name.clone());
            if !is_new {
                self.add(
                    &format!("{start}{name}"),
                    "it occurs twice in the row; remove one of them".to_owned(),
                );
            }
            is_new
        };
        members.into_iter().filter(is_new).collect()
    }

    /// Reads a value. None if it is null, and a problem if it is of another type.
    pub(super) fn value<T: DeserializeOwned>(&mut self, name: &str, value: &RawValue) -> Option<T> {
        match serde_json::from_str::<Option<T>>(value.get()) {
            Ok(value) => value,
            Err(error) => {
                self.add(name, format!("{}; correct the value", without_place(&error)));
                None
            }
        }
    }

    /// Reads one text or several. An empty one is a problem.
    pub(super) fn list(&mut self, name: &str, value: &RawValue) -> Option<Vec<String>> {
        let texts = self.value::<ManifestValue>(name, value)?.into_list();
        if texts.iter().any(|text| text.trim().is_empty()) {
            self.add(name, "it has an empty text; remove it".to_owned());
            return None;
        }
        Some(texts)
    }

    /// Returns the members of an object of codes: code, name in problems, and value.
    pub(super) fn by_code<'a>(&mut self, name: &str, value: &'a RawValue) -> Vec<(String, String, &'a RawValue)> {
        let members = match serde_json::from_str::<Option<Members<'a>>>(value.get()) {
            Ok(members) => members.map_or_else(Vec::new, |Members(members)| members),
            Err(error) => {
                let reason = format!("{}; write an object of codes: {{\"CODE\": …}}", without_place(&error));
                self.add(name, reason);
                return Vec::new();
            }
        };
        let start = format!("{name}.");
        let members = self.distinct(&start, members);
        if members.iter().any(|(code, _)| code.trim().is_empty()) {
            self.add(
                name,
                "a code is empty; write the code of the pipeline's input form".to_owned(),
            );
        }
        let named = members.into_iter();
        named
            .map(|(code, value)| (code.to_string(), format!("{start}{code}"), value))
            .collect()
    }
}

/// Returns the text of an error without its place in the text of a member.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let start = text.rsplit_once(" at line ").map_or(text.as_str(), |(start, _)| start);
    start.to_owned()
}
