//! Settings from the environment, under the names of the icav2 command line and the tools around
//! it.
//!
//! | variable | value |
//! |---|---|
//! | `ICAV2_ACCESS_TOKEN` | a JSON web token |
//! | `ICAV2_API_KEY` | an API key |
//! | `ICAV2_BASE_URL` | the base URL of the API |
//! | `ICAV2_PROJECT_ID` | the id of the project |
//!
//! An empty or blank variable counts as not set. A container may declare optional variables without
//! a value. Each function takes a lookup, so that tests need not change the environment of the
//! process.

use super::{AccessToken, CredentialKind, Credentials, parse_secret};
use crate::error::{Error, Result};

const ACCESS_TOKEN: &str = "ICAV2_ACCESS_TOKEN";
const API_KEY: &str = "ICAV2_API_KEY";
const BASE_URL: &str = "ICAV2_BASE_URL";
const PROJECT_ID: &str = "ICAV2_PROJECT_ID";

/// Returns the base URL in `ICAV2_BASE_URL`, without white space around it.
///
/// Users write it with and without `/ica/rest` at its end. Only the server knows which is right, so
/// nothing is appended.
pub(crate) fn base_url_from_env() -> Option<String> {
    value(&process, BASE_URL)
}

/// Returns the project id in `ICAV2_PROJECT_ID`.
pub(crate) fn project_id_from_env() -> Option<String> {
    value(&process, PROJECT_ID)
}

/// Looks up a variable of this process.
///
/// A value that is not Unicode is converted with replacement characters, which every later check
/// rejects. It does not count as not set.
pub(super) fn process(name: &str) -> Option<String> {
    Some(std::env::var_os(name)?.to_string_lossy().into_owned())
}

pub(super) fn credentials(lookup: impl Fn(&str) -> Option<String>) -> Result<Credentials> {
    if let Some(token) = value(&lookup, ACCESS_TOKEN) {
        let secret = parse_secret(&format!("value of {ACCESS_TOKEN}"), token)?;
        return Ok(CredentialKind::Bearer(AccessToken::from_secret(secret)).into());
    }
    if let Some(key) = value(&lookup, API_KEY) {
        return Ok(CredentialKind::ApiKey(parse_secret(&format!("value of {API_KEY}"), key)?).into());
    }
    Err(Error::invalid_input(format!(
        "could not read credentials from the environment: neither {API_KEY} nor {ACCESS_TOKEN} is set; \
         set {API_KEY} to an API key, or {ACCESS_TOKEN} to a token"
    )))
}

/// Returns the value of a variable without white space around it, or None when nothing is left.
fn value(lookup: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    let value = lookup(name)?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{BASE_URL, credentials, value};
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
    fn an_empty_variable_counts_as_not_set() {
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
            "could not read credentials from the environment: neither ICAV2_API_KEY nor ICAV2_ACCESS_TOKEN is set; \
             set ICAV2_API_KEY to an API key, or ICAV2_ACCESS_TOKEN to a token"
        );
    }

    #[test]
    fn an_invalid_value_is_rejected_with_the_name_of_its_variable() {
        for name in ["ICAV2_API_KEY", "ICAV2_ACCESS_TOKEN"] {
            let error = from(&[(name, "hush\u{fffd}hush")]).unwrap_err().to_string();
            assert!(error.contains(name) && !error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn the_base_url_is_only_trimmed() {
        for url in ["https://ica.illumina.com", "https://ica.illumina.com/ica/rest"] {
            let padded = format!(" {url}\n");
            assert_eq!(value(&lookup(&[(BASE_URL, &padded)]), BASE_URL).as_deref(), Some(url));
        }
        assert_eq!(value(&lookup(&[(BASE_URL, "")]), BASE_URL), None);
    }
}
