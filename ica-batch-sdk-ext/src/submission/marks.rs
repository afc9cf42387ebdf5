//! Marks: the technical tags by which the analyses of a submission are found in ICA again.

use std::borrow::Cow;
use std::fmt;

use memchr::memmem;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::journal::{Naming, is_mark, row_mark};

/// JSON of an analysis that has no other tags, before and after its marks.
const START: &str = "{\"tags\":{\"technicalTags\":[";
const END: &str = "]}";

/// Marks of the rows of a chunk.
#[derive(Debug, Clone)]
pub(super) struct Marks {
    submission: String,
    chunk: String,
}

impl Marks {
    /// Returns the marks of the rows of a planned chunk.
    pub(super) fn new(naming: &Naming, label: &str) -> Self {
        Self {
            submission: naming.submission_mark(),
            chunk: naming.chunk_mark(label),
        }
    }

    /// Sets the chunk, of the same submission.
    pub(super) fn set_chunk(&mut self, naming: &Naming, label: &str) {
        self.chunk = naming.chunk_mark(label);
    }

    /// Adds the marks to the JSON of an analysis, after the technical tags that it has. `digest` is that
    /// of its row.
    pub(super) fn add_to(&self, json: &[u8], digest: &[u8; 32]) -> serde_json::Result<Vec<u8>> {
        let marks = self.to_json(Some(digest));
        // The usual case, without parsing: compact JSON with such a key has these bytes.
        if !contains(json, b"\"tags\":") {
            let rest = json.strip_prefix(b"{").unwrap_or_default();
            let comma = if rest.first() == Some(&b'}') { "" } else { "," };
            return Ok([
                START.as_bytes(),
                marks.as_bytes(),
                END.as_bytes(),
                comma.as_bytes(),
                rest,
            ]
            .concat());
        }
        let mut analysis: Object<'_> = serde_json::from_slice(json)?;
        let mut tags: Object<'_> = match analysis.get("tags") {
            Some(tags) => serde_json::from_str::<Option<Object<'_>>>(tags)?.unwrap_or_default(),
            None => Object::default(),
        };
        let own: Option<Vec<&RawValue>> = match tags.get("technicalTags") {
            Some(own) => serde_json::from_str(own)?,
            None => None,
        };
        let own = own.unwrap_or_default().into_iter().map(RawValue::get);
        let all = own.chain([marks.as_str()]).collect::<Vec<_>>().join(",");
        tags.set("technicalTags", format!("[{all}]"));
        let tags = tags.to_json();
        analysis.set("tags", tags);
        Ok(analysis.to_json().into_bytes())
    }

    /// Removes the marks from the JSON of an analysis that [`add_to`](Self::add_to) returned, also in an
    /// earlier release, which did not mark the row. Its other bytes stay, except that a list or an object
    /// of tags may be there that was null or missing.
    pub(super) fn remove_from(&self, json: &str, digest: &[u8; 32]) -> String {
        let json = remove(&self.to_json(Some(digest)), json);
        remove(&self.to_json(None), &json)
    }

    /// Returns the marks as elements of a list in JSON, with that of a row with this digest.
    fn to_json(&self, digest: Option<&[u8; 32]>) -> String {
        let Self { submission, chunk } = self;
        match digest {
            Some(digest) => format!("\"{submission}\",\"{chunk}\",\"{}\"", row_mark(digest)),
            None => format!("\"{submission}\",\"{chunk}\""),
        }
    }
}

/// Returns the JSON of an analysis without the marks of any submission, as it was before it was sent. None
/// if it has none.
///
/// A row may be made from a request that was read back, or from an analysis in ICA.
pub(super) fn without_marks(json: &[u8]) -> serde_json::Result<Option<Vec<u8>>> {
    if !contains(json, b"\"ica-batch-") {
        return Ok(None);
    }
    let mut analysis: Object<'_> = serde_json::from_slice(json)?;
    let tags = analysis.get("tags").map(serde_json::from_str::<Option<Object<'_>>>);
    let Some(mut tags) = tags.transpose()?.flatten() else {
        return Ok(None);
    };
    let own: Option<Vec<Option<String>>> = match tags.get("technicalTags") {
        Some(own) => serde_json::from_str(own)?,
        None => None,
    };
    let own = own.unwrap_or_default();
    let count = own.len();
    let is_mark = |tag: &Option<String>| tag.as_deref().is_some_and(is_mark);
    let own = own.into_iter().filter(|tag| !is_mark(tag)).collect::<Vec<_>>();
    if own.len() == count {
        return Ok(None);
    }
    match own.is_empty() {
        true => tags.remove("technicalTags"),
        false => tags.set("technicalTags", serde_json::to_string(&own)?),
    }
    match tags.0.is_empty() {
        true => analysis.remove("tags"),
        false => {
            let tags = tags.to_json();
            analysis.set("tags", tags);
        }
    }
    Ok(Some(analysis.to_json().into_bytes()))
}

/// Removes marks from the JSON of an analysis, if it has them.
fn remove(marks: &str, json: &str) -> String {
    match json.strip_prefix(&format!("{START}{marks}{END}")) {
        Some(rest) => format!("{{{}", rest.strip_prefix(',').unwrap_or(rest)),
        None => json
            .replace(&format!(",{marks}]"), "]")
            .replace(&format!("[{marks}]"), "[]"),
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memmem::find(text, part).is_some()
}

/// Object whose members keep their order and their bytes.
#[derive(Debug, Default)]
struct Object<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Object<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let member = self.0.iter().find(|(name, _)| name == key)?;
        Some(&member.1)
    }
}

impl<'a> Object<'a> {
    fn set(&mut self, key: &'static str, value: String) {
        match self.0.iter_mut().find(|(name, _)| name == key) {
            Some(member) => member.1 = value.into(),
            None => self.0.push((key.into(), value.into())),
        }
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| name != key);
    }

    fn to_json(&self) -> String {
        let members = self.0.iter().map(|(name, value)| {
            let name = serde_json::Value::from(name.as_ref());
            format!("{name}:{value}")
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    members.push((name.into(), value.get().into()));
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Marks, without_marks};
    use crate::journal::{KeyVersion, Naming, SubmissionId, row_mark};

    const DIGEST: [u8; 32] = [7; 32];

    fn marks() -> Marks {
        Marks::new(&Naming::new(KeyVersion::LATEST, &SubmissionId::default()), "0")
    }

    fn marked(analysis: &Value) -> Value {
        let json = serde_json::to_vec(analysis).unwrap();
        serde_json::from_slice(&marks().add_to(&json, &DIGEST).unwrap()).unwrap()
    }

    #[test]
    fn marks_come_after_the_own_tags_and_nothing_else_changes() {
        let Marks { submission, chunk } = marks();
        for (tags, own) in [
            (None, json!([])),
            (Some(Value::Null), json!([])),
            (Some(json!({})), json!([])),
            (Some(json!({ "technicalTags": null })), json!([])),
            (Some(json!({ "technicalTags": ["a\"b", null] })), json!(["a\"b", null])),
            (
                Some(json!({ "userTags": ["u"], "technicalTags": ["a", "b"], "referenceTags": [] })),
                json!(["a", "b"]),
            ),
        ] {
            let mut analysis = json!({ "userReference": "a \"tags\": é", "analysisInput": { "inputs": [1.50, {}] } });
            if let Some(tags) = &tags {
                analysis["tags"] = tags.clone();
            }
            let mut expected = analysis.clone();
            let mut technical = own.as_array().unwrap().clone();
            technical.extend([
                submission.clone().into(),
                chunk.clone().into(),
                row_mark(&DIGEST).into(),
            ]);
            if !expected["tags"].is_object() {
                expected["tags"] = json!({});
            }
            expected["tags"]["technicalTags"] = technical.into();
            assert_eq!(marked(&analysis), expected, "{tags:?}");
            // The marks alone are removed again.
            let json = serde_json::to_vec(&analysis).unwrap();
            let with_marks = String::from_utf8(marks().add_to(&json, &DIGEST).unwrap()).unwrap();
            let removed: Value = serde_json::from_str(&marks().remove_from(&with_marks, &DIGEST)).unwrap();
            let mut original = analysis.clone();
            if tags.is_some() {
                if !original["tags"].is_object() {
                    original["tags"] = json!({});
                }
                original["tags"]["technicalTags"] = own;
            }
            assert_eq!(removed, original, "{tags:?}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let json = br#"{"x":1.50,"tags":{"userTags":["u"]},"y":100000000000000000000001}"#;
        let text = String::from_utf8(marks().add_to(json, &DIGEST).unwrap()).unwrap();
        assert!(
            text.starts_with(r#"{"x":1.50,"tags":{"userTags":["u"],"technicalTags":["ica-batch-s-"#),
            "{text}"
        );
        assert!(text.ends_with(r#""y":100000000000000000000001}"#), "{text}");
    }

    #[test]
    fn an_empty_object_stays_valid() {
        assert!(marked(&json!({}))["tags"]["technicalTags"].is_array());
    }

    #[test]
    fn a_row_that_was_read_back_is_the_same_row() {
        let without = |json: &[u8]| without_marks(json).unwrap();
        for row in [
            r#"{"userReference":"a","analysisInput":{"x":1.50}}"#,
            r#"{"userReference":"a","tags":{"userTags":["u"]}}"#,
            r#"{"tags":{"technicalTags":["x"]},"userReference":"a"}"#,
        ] {
            let marked = marks().add_to(row.as_bytes(), &DIGEST).unwrap();
            let back = without(&marked).unwrap();
            assert_eq!(String::from_utf8(back).unwrap(), row);
            assert_eq!(without(row.as_bytes()), None);
        }
        // Another tag that begins like a mark is the user's.
        let other = br#"{"tags":{"technicalTags":["ica-batch-x"]}}"#;
        assert_eq!(without(other), None);
    }

    #[test]
    fn the_marks_of_an_earlier_release_are_removed() {
        let Marks { submission, chunk } = marks();
        let own = format!(r#""{submission}","{chunk}""#);
        let alone = format!(r#"{{"tags":{{"technicalTags":[{own}]}},"a":1}}"#);
        assert_eq!(marks().remove_from(&alone, &DIGEST), r#"{"a":1}"#);
        let others = format!(r#"{{"tags":{{"technicalTags":["x",{own}]}}}}"#);
        assert_eq!(
            marks().remove_from(&others, &DIGEST),
            r#"{"tags":{"technicalTags":["x"]}}"#
        );
    }

    #[test]
    fn other_marks_stay() {
        let other = r#"{"tags":{"technicalTags":["ica-batch-s-0"]}}"#;
        assert_eq!(marks().remove_from(other, &DIGEST), other);
        let alone = br#"{"a":[1]}"#;
        let marked = String::from_utf8(marks().add_to(alone, &DIGEST).unwrap()).unwrap();
        assert_eq!(
            marks().remove_from(&marked, &DIGEST).as_bytes(),
            alone,
            "the bytes are the same"
        );
    }
}
