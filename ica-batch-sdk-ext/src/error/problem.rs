//! Problem that ICA reports, read leniently.
//!
//! The format is RFC 7807, but real responses lack members or have other types. Gateways and
//! proxies send `{code, message}` or HTML. Every member that can be read is kept, scrubbed and cut.

use std::collections::BTreeMap;
use std::fmt;

use ica_batch_sdk::types;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::foreign::{DETAIL, NAME, SENTENCE, Scrubber};

/// Start of each of ICA's codes.
const ICA_CODE: &str = "ICA_";

/// Limits of the parameters: their number, and the characters of all names and values.
const PARAMETERS: usize = 20;
const PARAMETER_CHARACTERS: usize = 2000;

/// Problem that a response reports (RFC 7807).
///
/// Its texts are those of the server, on one line, and cut: the detail after 2000 characters, the
/// title after 300, ids, codes and names of parameters after 100. At most 20 parameters are kept,
/// with 2000 characters in total. "…" is in place of secrets and of what was cut.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let error = project.batch(ica_batch_sdk_ext::Uuid::nil()).get().await.unwrap_err();
/// let problem = error.problem().expect("ICA describes its errors");
/// assert!(problem.code().is_some_and(|code| code.starts_with("ICA_")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problem {
    id: Option<String>,
    title: Option<String>,
    code: Option<String>,
    detail: Option<String>,
    parameters: BTreeMap<String, String>,
}

impl Problem {
    /// Returns the error code, such as `ICA_API_004`. ICA puts it into the title of the problem. A
    /// title of several words is not a code.
    pub fn code(&self) -> Option<&str> {
        let is_word = |title: &&str| !title.contains(char::is_whitespace);
        self.title().filter(is_word).or(self.code.as_deref())
    }

    /// Returns whether the problem has one of ICA's codes. A gateway or a proxy has other codes, or
    /// none.
    pub(crate) fn is_of_ica(&self) -> bool {
        self.code().is_some_and(|code| code.starts_with(ICA_CODE))
    }

    /// Returns whether the code, the detail or the name of a parameter speaks of the idempotency
    /// key.
    pub(crate) fn mentions_the_key(&self) -> bool {
        let names = self.parameters.keys().map(String::as_str);
        let mut texts = names.chain(self.code()).chain(self.detail());
        texts.any(|text| text.to_ascii_lowercase().contains("idempotency"))
    }

    /// Returns the title: ICA's code, or a phrase of a gateway.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Returns the description of the failure.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Returns the id of this occurrence, for Illumina's support.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns further details by name, for example the attributes that were rejected.
    pub fn parameters(&self) -> &BTreeMap<String, String> {
        &self.parameters
    }

    /// Returns the problem as JSON that [`from_bytes`](Self::from_bytes) reads.
    #[cfg(feature = "journal")]
    pub(crate) fn to_json(&self) -> String {
        let Self {
            id,
            title,
            code,
            detail,
            parameters,
        } = self;
        serde_json::json!({ "id": id, "title": title, "code": code, "detail": detail, "parameters": parameters })
            .to_string()
    }

    /// Reads a problem of the raw client.
    pub(super) fn new(problem: types::Problem, scrubber: &Scrubber) -> Self {
        Self {
            id: problem.id,
            title: problem.title,
            code: problem.code,
            detail: problem.detail.or(problem.message),
            parameters: problem.parameters.unwrap_or_default(),
        }
        .scrubbed(scrubber)
    }

    /// Reads a body that is not a complete problem, or the start of one. Returns None when no
    /// member can be read.
    pub(crate) fn from_bytes(bytes: &[u8], scrubber: &Scrubber) -> Option<Self> {
        let members = members(bytes)?;
        let text = |names: &[&str]| names.iter().find_map(|name| as_text(members.get(*name)?));
        let parameters = match members.get("parameters") {
            Some(Value::Object(parameters)) => parameters
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), as_text(value)?)))
                .collect(),
            Some(other) => as_text(other)
                .map(|value| BTreeMap::from([("parameters".to_owned(), value)]))
                .unwrap_or_default(),
            None => BTreeMap::new(),
        };
        let problem = Self {
            id: text(&["id"]),
            title: text(&["title", "error"]),
            code: text(&["code"]),
            detail: text(&["detail", "message", "error_description"]),
            parameters,
        };
        (problem != Self::default()).then(|| problem.scrubbed(scrubber))
    }

    /// Returns the problem with the texts that are kept of it.
    fn scrubbed(self, scrubber: &Scrubber) -> Self {
        let text = |text: Option<String>, limit| text.map(|text| scrubber.text(&text, limit));
        let mut left = PARAMETER_CHARACTERS;
        let parameters = self.parameters.into_iter().map_while(|(name, value)| {
            let (name, value) = (scrubber.text(&name, NAME), scrubber.text(&value, SENTENCE));
            left = left.checked_sub(name.chars().count() + value.chars().count())?;
            Some((name, value))
        });
        Self {
            id: text(self.id, NAME),
            title: text(self.title, SENTENCE),
            code: text(self.code, NAME),
            detail: text(self.detail, DETAIL),
            parameters: parameters.take(PARAMETERS).collect(),
        }
    }
}

/// Returns the members of an object. Of an object whose end is missing, it returns the complete
/// members: the body of a response without success is read to a limit only.
fn members(bytes: &[u8]) -> Option<Map<String, Value>> {
    struct Members<'a>(&'a mut Map<String, Value>);

    impl<'de> Visitor<'de> for Members<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
            while let Some((name, value)) = access.next_entry()? {
                self.0.insert(name, value);
            }
            Ok(())
        }
    }

    let mut members = Map::new();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = deserializer.deserialize_map(Members(&mut members));
    match read.and_then(|()| deserializer.end()) {
        Err(error) if !error.is_eof() => None,
        _ => Some(members),
    }
}

/// Returns a value as text, or None for null.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, Scrubber};
    use crate::secret::Secret;

    fn read(json: &[u8]) -> Option<Problem> {
        Problem::from_bytes(json, &Scrubber::without_secrets())
    }

    #[test]
    fn a_gateways_code_and_message_are_read() {
        let problem = read(br#"{"code":"THROTTLED","message":"slow down"}"#).unwrap();
        assert_eq!(
            (problem.code(), problem.detail()),
            (Some("THROTTLED"), Some("slow down"))
        );
    }

    #[test]
    fn the_start_of_a_problem_is_read() {
        let start = br#"{"title":"ICA_API_004","id":"7","detail":"the rest is miss"#;
        let problem = read(start).unwrap();
        assert_eq!(
            (problem.code(), problem.id(), problem.detail()),
            (Some("ICA_API_004"), Some("7"), None)
        );
        assert_eq!(read(br#"{"title":"ICA_API_004",]"#), None);
        assert_eq!(read(b"{"), None);
    }

    #[test]
    fn odd_members_are_read_as_text() {
        let problem = read(br#"{"title":"ICA_API_001","id":7,"parameters":["a"]}"#).unwrap();
        assert_eq!((problem.code(), problem.id()), (Some("ICA_API_001"), Some("7")));
        assert_eq!(problem.parameters()["parameters"], r#"["a"]"#);
    }

    #[test]
    fn a_code_beside_a_phrase_is_the_code() {
        let problem = read(br#"{"title":"Bad Request","code":"ICA_API_004"}"#).unwrap();
        assert_eq!(
            (problem.code(), problem.title()),
            (Some("ICA_API_004"), Some("Bad Request"))
        );
    }

    #[test]
    fn a_secret_that_the_server_sends_back_is_removed() {
        let text = br#"{"title":"X","detail":"the key hush-hush is unknown","parameters":{"hush-hush":["hush-hush"]}}"#;
        let scrubber = Scrubber::new([Secret::new("hush-hush".to_owned())]);
        let problem = Problem::from_bytes(text, &scrubber).unwrap();
        assert_eq!(problem.detail(), Some("the key … is unknown"));
        assert_eq!(problem.parameters()["…"], r#"["…"]"#);
        assert!(!format!("{problem:?}").contains("hush"));
    }

    #[test]
    fn a_problem_of_megabytes_is_kept_as_a_few_kilobytes() {
        let long = "é".repeat(1_000_000);
        let value = "é".repeat(10);
        let parameters = (0..100_000).map(|number| format!("\"{number}\":\"{value}\""));
        let parameters = parameters.collect::<Vec<_>>().join(",");
        for parameters in [
            parameters,
            format!("\"{long}\":\"{long}\""),
            format!("\"a\":[\"{long}\"]"),
        ] {
            let json = format!(
                r#"{{"id":"{long}","title":"{long}","code":"{long}","detail":"{long}","parameters":{{{parameters}}}}}"#
            );
            let problem = read(json.as_bytes()).unwrap();
            let shown = format!("{problem:?}");
            assert!(shown.chars().count() < 5000, "{}", shown.chars().count());
            assert_eq!(problem.detail().map(|text| text.chars().count()), Some(2001));
            assert!(
                (1..=20).contains(&problem.parameters().len()),
                "{:?}",
                problem.parameters()
            );
        }
    }

    #[cfg(feature = "journal")]
    #[test]
    fn a_problem_survives_its_json() {
        let text = br#"{"title":"ICA_API_001","id":"7","code":"C","detail":"d","parameters":{"a":"b"}}"#;
        let problem = read(text).unwrap();
        assert_eq!(read(problem.to_json().as_bytes()), Some(problem));
    }

    #[test]
    fn html_is_not_a_problem() {
        assert_eq!(read(b"<html><body>502</body></html>"), None);
        assert_eq!(read(b"{}"), None);
    }
}
