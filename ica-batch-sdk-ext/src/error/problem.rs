//! Problem that ICA reports, read leniently.
//!
//! The format is RFC 7807, but real responses lack members or have other types. Gateways and
//! proxies send `{code, message}` or HTML. Every member that can be read is kept.

use std::collections::BTreeMap;

use ica_batch_sdk::types;
use serde_json::Value;

/// Problem that a response reports (RFC 7807).
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

    /// Removes a secret that the server sent back.
    pub(crate) fn without(mut self, secret: &str) -> Self {
        let texts = [&mut self.id, &mut self.title, &mut self.code, &mut self.detail];
        let texts = texts.into_iter().flatten().chain(self.parameters.values_mut());
        for text in texts.filter(|text| text.contains(secret)) {
            *text = text.replace(secret, "…");
        }
        self
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

    /// Reads a body that is not a complete problem. Returns None when no member can be read.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let Ok(Value::Object(members)) = serde_json::from_slice(bytes) else {
            return None;
        };
        let text = |names: &[&str]| names.iter().find_map(|name| shown(members.get(*name)?));
        let parameters = match members.get("parameters") {
            Some(Value::Object(parameters)) => parameters
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), shown(value)?)))
                .collect(),
            Some(other) => shown(other)
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
        (problem != Self::default()).then_some(problem)
    }
}

/// Returns a value as text, or None for null.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

impl From<types::Problem> for Problem {
    fn from(problem: types::Problem) -> Self {
        Self {
            id: problem.id,
            title: problem.title,
            code: problem.code,
            detail: problem.detail.or(problem.message),
            parameters: problem.parameters.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn a_gateways_code_and_message_are_read() {
        let problem = Problem::from_bytes(br#"{"code":"THROTTLED","message":"slow down"}"#).unwrap();
        assert_eq!(
            (problem.code(), problem.detail()),
            (Some("THROTTLED"), Some("slow down"))
        );
    }

    #[test]
    fn odd_members_are_read_as_text() {
        let problem = Problem::from_bytes(br#"{"title":"ICA_API_001","id":7,"parameters":["a"]}"#).unwrap();
        assert_eq!((problem.code(), problem.id()), (Some("ICA_API_001"), Some("7")));
        assert_eq!(problem.parameters()["parameters"], r#"["a"]"#);
    }

    #[test]
    fn a_code_beside_a_phrase_is_the_code() {
        let problem = Problem::from_bytes(br#"{"title":"Bad Request","code":"ICA_API_004"}"#).unwrap();
        assert_eq!(
            (problem.code(), problem.title()),
            (Some("ICA_API_004"), Some("Bad Request"))
        );
    }

    #[test]
    fn a_secret_that_the_server_sends_back_is_removed() {
        let text = br#"{"title":"X","detail":"the key hush-hush is unknown","parameters":{"k":"hush-hush"}}"#;
        let problem = Problem::from_bytes(text).unwrap().without("hush-hush");
        assert_eq!(problem.detail(), Some("the key … is unknown"));
        assert!(!format!("{problem:?}").contains("hush"));
    }

    #[cfg(feature = "journal")]
    #[test]
    fn a_problem_survives_its_json() {
        let text = br#"{"title":"ICA_API_001","id":"7","code":"C","detail":"d","parameters":{"a":"b"}}"#;
        let problem = Problem::from_bytes(text).unwrap();
        assert_eq!(Problem::from_bytes(problem.to_json().as_bytes()), Some(problem));
    }

    #[test]
    fn html_is_not_a_problem() {
        assert_eq!(Problem::from_bytes(b"<html><body>502</body></html>"), None);
        assert_eq!(Problem::from_bytes(b"{}"), None);
    }
}
