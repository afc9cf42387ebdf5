//! What the environment says: the variables that the icav2 command line and the tools around it read.
//!
//! | variable | what it holds |
//! |---|---|
//! | `ICAV2_ACCESS_TOKEN` | a JSON web token |
//! | `ICAV2_API_KEY` | an API key |
//! | `ICAV2_BASE_URL` | where the API is |
//! | `ICAV2_PROJECT_ID` | the project to work in |
//!
//! A variable that is empty or blank counts as not set, as in a container whose optional variables are declared without a
//! value. Each rule is a function of a lookup, so that it can be tried without changing the process's environment.

use super::{AccessToken, CredentialKind, Credentials, checked};
use crate::error::{Error, Result};

const ACCESS_TOKEN: &str = "ICAV2_ACCESS_TOKEN";
const API_KEY: &str = "ICAV2_API_KEY";
const BASE_URL: &str = "ICAV2_BASE_URL";
const PROJECT_ID: &str = "ICAV2_PROJECT_ID";

/// The base URL of `ICAV2_BASE_URL`, as it stands. Users write it with `/ica/rest` at its end and without; only the server
/// tells which of them is right, so that nothing is added.
pub(crate) fn base_url_from_env() -> Option<String> {
    set(&process, BASE_URL)
}

/// The project id of `ICAV2_PROJECT_ID`.
pub(crate) fn project_id_from_env() -> Option<String> {
    set(&process, PROJECT_ID)
}

/// The environment of this process. What is no Unicode is kept in a form that no check lets through, rather than taken for
/// not set.
pub(super) fn process(name: &str) -> Option<String> {
    Some(std::env::var_os(name)?.to_string_lossy().into_owned())
}

pub(super) fn credentials(lookup: impl Fn(&str) -> Option<String>) -> Result<Credentials> {
    if let Some(token) = set(&lookup, ACCESS_TOKEN) {
        let secret = checked(&format!("value of {ACCESS_TOKEN}"), &token)?;
        return Ok(CredentialKind::Bearer(AccessToken::of(secret)).into());
    }
    if let Some(key) = set(&lookup, API_KEY) {
        return Ok(CredentialKind::ApiKey(checked(&format!("value of {API_KEY}"), &key)?).into());
    }
    Err(Error::invalid_input(format!(
        "the environment holds no credentials; set {API_KEY} to an API key, or {ACCESS_TOKEN} to a token"
    )))
}

fn set(lookup: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    let value = lookup(name)?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{BASE_URL, credentials, set};
    use crate::credentials::{CredentialKind, Credentials};
    use crate::error::Result;

    fn from(variables: &[(&str, &str)]) -> Result<Credentials> {
        credentials(lookup(variables))
    }

    fn lookup(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some((*value).to_owned())
        }
    }

    #[test]
    fn the_token_comes_before_the_key() {
        let both = from(&[("ICAV2_API_KEY", "k-1"), ("ICAV2_ACCESS_TOKEN", "t-1\n")]).unwrap();
        assert!(matches!(both.kind(), CredentialKind::Bearer(token) if token.secret().expose() == "t-1"));
        let key = from(&[("ICAV2_API_KEY", "k-1")]).unwrap();
        assert!(matches!(key.kind(), CredentialKind::ApiKey(key) if key.expose() == "k-1"));
    }

    #[test]
    fn empty_counts_as_not_set() {
        let key = from(&[("ICAV2_API_KEY", "k-1"), ("ICAV2_ACCESS_TOKEN", " \n")]).unwrap();
        assert!(matches!(key.kind(), CredentialKind::ApiKey(_)));
        let error = from(&[("ICAV2_API_KEY", ""), ("ICAV2_ACCESS_TOKEN", "")]).unwrap_err();
        assert!(error.is_invalid_input());
    }

    #[test]
    fn the_error_names_both_variables() {
        let error = from(&[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the environment holds no credentials; set ICAV2_API_KEY to an API key, or ICAV2_ACCESS_TOKEN to a token"
        );
    }

    #[test]
    fn a_bad_value_is_refused_by_the_name_of_its_variable() {
        for name in ["ICAV2_API_KEY", "ICAV2_ACCESS_TOKEN"] {
            let error = from(&[(name, "hush\u{fffd}hush")]).unwrap_err().to_string();
            assert!(error.contains(name) && !error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn the_base_url_is_only_trimmed() {
        for url in ["https://ica.illumina.com", "https://ica.illumina.com/ica/rest"] {
            let padded = format!(" {url}\n");
            assert_eq!(set(&lookup(&[(BASE_URL, &padded)]), BASE_URL).as_deref(), Some(url));
        }
        assert_eq!(set(&lookup(&[(BASE_URL, "")]), BASE_URL), None);
    }
}
