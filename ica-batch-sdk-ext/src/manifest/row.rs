//! One row of a manifest.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Row of a manifest: one analysis, with names and paths as a person writes them.
///
/// It is also the object in a line of a manifest in JSON lines. Members that are absent or null have
/// no value.
///
/// ```
/// use ica_batch_sdk_ext::{ManifestRow, ManifestValue};
///
/// let row: ManifestRow = serde_json::from_str(
///     r#"{"user_reference": "sample-1", "inputs": {"reads": "/run1/a.bam"}, "params": {"ploidy": 2}}"#,
/// )?;
/// assert_eq!(row.inputs["reads"], ["/run1/a.bam"]);
/// assert_eq!(row.params["ploidy"], ManifestValue::from("2"));
///
/// let mut row = ManifestRow::new("sample-2");
/// row.pipeline = Some("Germline 4-3-6".to_owned());
/// assert_eq!(
///     serde_json::to_string(&row)?,
///     r#"{"user_reference":"sample-2","pipeline":"Germline 4-3-6"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schemars",
    schemars(
        description = "Line of a manifest in JSON lines: one analysis, with names and paths as a person writes \
                            them. Members that are absent or null have no value."
    )
)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ManifestRow {
    /// Name of the analysis, unique in the manifest:
    /// see [`UserReference`](crate::types::UserReference).
    #[cfg_attr(
        feature = "schemars",
        schemars(description = "Name of the analysis, unique in the manifest.")
    )]
    pub user_reference: String,
    /// Code, id or URN of the pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// Name or id of the storage size. Without one, ICA chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Path or id of an existing folder, in which ICA creates the folder of the outputs. Without one,
    /// ICA chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_folder: Option<String>,
    /// User tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "texts")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<ManifestValue>"))]
    pub tags: Vec<String>,
    /// Data of each input, by the code of the input: ids (`fil.…`, `fol.…`), `/path/in/project` or
    /// `icav2://PROJECT/path`. The path of a folder ends with `/`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "lists")]
    #[cfg_attr(
        feature = "schemars",
        schemars(with = "Option<BTreeMap<String, Option<ManifestValue>>>")
    )]
    pub inputs: BTreeMap<String, Vec<String>>,
    /// Values of parameters, by the code of the parameter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "values")]
    #[cfg_attr(
        feature = "schemars",
        schemars(with = "Option<BTreeMap<String, Option<ManifestValue>>>")
    )]
    pub params: BTreeMap<String, ManifestValue>,
    /// Line of the file, from 1.
    #[serde(skip)]
    pub(super) line: Option<u64>,
}

impl ManifestRow {
    /// Returns a row with a user reference alone.
    pub fn new(user_reference: impl Into<String>) -> Self {
        Self {
            user_reference: user_reference.into(),
            pipeline: None,
            storage: None,
            output_folder: None,
            tags: Vec::new(),
            inputs: BTreeMap::new(),
            params: BTreeMap::new(),
            line: None,
        }
    }

    /// Returns the line of the file in which the row begins, from 1. None for a row that was not read
    /// from a file.
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// Returns the texts that name data.
    pub(super) fn data(&self) -> impl Iterator<Item = (&str, &str)> {
        let inputs = self.inputs.iter();
        inputs.flat_map(|(code, data)| data.iter().map(move |text| (code.as_str(), text.as_str())))
    }
}

/// Value of a parameter: one text, or several.
///
/// In JSON it is a text, a whole number, true or false, or a list of these. A number with a fraction
/// must be a text, so that it keeps all its digits.
///
/// ```
/// use ica_batch_sdk_ext::ManifestValue;
///
/// let several: ManifestValue = serde_json::from_str(r#"["chr1", 2]"#)?;
/// assert_eq!(several, ManifestValue::Several(vec!["chr1".to_owned(), "2".to_owned()]));
/// assert!(serde_json::from_str::<ManifestValue>("0.10").is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ManifestValue {
    /// One value.
    One(#[cfg_attr(feature = "schemars", schemars(with = "ManifestScalar"))] String),
    /// Values of a parameter that takes several.
    Several(#[cfg_attr(feature = "schemars", schemars(with = "Vec<ManifestScalar>"))] Vec<String>),
}

impl ManifestValue {
    /// Returns the number of bytes of the values.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::One(one) => one.len(),
            Self::Several(several) => several.iter().map(String::len).sum(),
        }
    }

    /// Returns the values.
    pub(super) fn into_list(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Several(several) => several,
        }
    }
}

impl From<&str> for ManifestValue {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

impl From<String> for ManifestValue {
    fn from(text: String) -> Self {
        Self::One(text)
    }
}

impl From<Vec<String>> for ManifestValue {
    fn from(texts: Vec<String>) -> Self {
        Self::Several(texts)
    }
}

impl<'de> Deserialize<'de> for ManifestValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor { in_list: false })
    }
}

/// Schema of one value.
#[cfg(feature = "schemars")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum ManifestScalar {
    Text(String),
    Number(i64),
    Flag(bool),
}

/// A value inside of a list, which cannot be a list itself.
struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(ValueVisitor { in_list: true })?;
        match value {
            ManifestValue::One(text) => Ok(Self(text)),
            ManifestValue::Several(_) => Err(serde::de::Error::custom("a list inside of a list")),
        }
    }
}

struct ValueVisitor {
    in_list: bool,
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = ManifestValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.in_list {
            true => "a text, a whole number, true or false",
            false => "a text, a whole number, true, false, or a list of these",
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<ManifestValue, E> {
        Ok(text.into())
    }

    fn visit_bool<E>(self, value: bool) -> Result<ManifestValue, E> {
        Ok(value.to_string().into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<ManifestValue, E> {
        Ok(value.to_string().into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<ManifestValue, E> {
        Ok(value.to_string().into())
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<ManifestValue, E> {
        Err(E::custom(
            "a number with a fraction or an exponent may lose digits; write it in quotation marks",
        ))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ManifestValue, A::Error> {
        if self.in_list {
            return Err(serde::de::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        let mut several = Vec::new();
        while let Some(Scalar(value)) = list.next_element()? {
            several.push(value);
        }
        Ok(ManifestValue::Several(several))
    }
}

/// Reads one text or a list.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = Option::<ManifestValue>::deserialize(deserializer)?;
    Ok(value.map_or_else(Vec::new, ManifestValue::into_list))
}

/// Reads an object of values. Those that are null are left out.
fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, ManifestValue>, D::Error> {
    let members = Option::<BTreeMap<String, Option<ManifestValue>>>::deserialize(deserializer)?;
    let members = members.unwrap_or_default().into_iter();
    Ok(members.filter_map(|(code, value)| Some((code, value?))).collect())
}

/// Reads an object of lists. Those that are null are left out.
fn lists<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let values = values(deserializer)?.into_iter();
    Ok(values.map(|(code, value)| (code, value.into_list())).collect())
}

#[cfg(test)]
mod tests {
    use super::{ManifestRow, ManifestValue};

    #[test]
    fn a_row_is_the_same_after_json() {
        let mut row = ManifestRow::new("sample-1");
        row.pipeline = Some("Germline".to_owned());
        row.storage = Some("Small".to_owned());
        row.output_folder = Some("/out/".to_owned());
        row.tags = vec!["cohort".to_owned()];
        let reads = ["/a.bam", "fil.1"].map(str::to_owned).to_vec();
        row.inputs.insert("reads".to_owned(), reads.clone());
        row.params.insert("one".to_owned(), "1".into());
        row.params.insert("several".to_owned(), reads.into());
        let json = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<ManifestRow>(&json).unwrap(), row);
    }

    #[test]
    fn null_is_no_value_and_an_unknown_member_is_an_error() {
        let json = r#"{"user_reference": "a", "pipeline": null, "tags": null, "inputs": {"x": null}, "params": null}"#;
        assert_eq!(
            serde_json::from_str::<ManifestRow>(json).unwrap(),
            ManifestRow::new("a")
        );
        let error = serde_json::from_str::<ManifestRow>(r#"{"user_reference": "a", "tag": "b"}"#).unwrap_err();
        assert!(error.to_string().starts_with("unknown field `tag`"), "{error}");
    }

    #[test]
    fn a_value_keeps_what_was_written() {
        let value = |json: &str| serde_json::from_str::<ManifestValue>(json).map_err(|error| error.to_string());
        for (json, text) in [("\"0.10\"", "0.10"), ("-3", "-3"), ("true", "true"), ("\"\"", "")] {
            assert_eq!(value(json), Ok(text.into()));
        }
        for (json, reason) in [
            ("1.5", "write it in quotation marks"),
            ("1e3", "write it in quotation marks"),
            ("99999999999999999999", "write it in quotation marks"),
            ("{}", "expected a text"),
            ("[[]]", "expected a text, a whole number, true or false"),
            ("[null]", "expected a text"),
        ] {
            let error = value(json).unwrap_err();
            assert!(error.contains(reason), "{json}: {error}");
        }
    }
}
