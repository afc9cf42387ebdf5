//! Base URL of the API.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::error::{Error, Result, SENTENCE, shown};

/// Base URL of the public ICA, from the documentation of the API.
pub(crate) const PUBLIC: &str = "https://ica.illumina.com/ica/rest";

/// Valid base URL: an origin and a path prefix, without a slash at its end.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: String,
    server: Server,
    is_loopback: bool,
}

/// Host and port of a base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) port: u16,
}

impl BaseUrl {
    /// Parses a base URL. A path prefix, a port, an IPv6 address and a slash at the end are
    /// accepted.
    ///
    /// No error shows the URL: it may contain a password.
    pub(crate) fn parse(text: &str, allow_http: bool) -> Result<Self> {
        let invalid = |reason: &str| Error::invalid_input(format!("the base URL is not valid: {reason}"));
        let url = Url::parse(text.trim())
            .map_err(|error| invalid(&format!("it is not a URL; use one like {PUBLIC}")).with_source(error))?;
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err(invalid(&format!("it has no host; use one like {PUBLIC}")));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid(
                "it contains a user or password; remove them, and set credentials instead",
            ));
        }
        if url.path().contains('@') {
            return Err(invalid(
                "its path contains '@', as a user and password do; remove them, and set credentials instead",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid(
                "it has a query or fragment; end it with the path, as in /ica/rest",
            ));
        }
        let is_loopback = is_loopback(host);
        match url.scheme() {
            "https" => {}
            "http" if is_loopback || allow_http => {}
            "http" => {
                return Err(invalid(&format!(
                    "its scheme is http, which sends the credential to {host} unencrypted; \
                     use https, or allow http with ClientBuilder::allow_http"
                )));
            }
            other => {
                return Err(invalid(&format!("its scheme is {other}; use https")));
            }
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            server: Server {
                // OpenTelemetry writes an IPv6 address without brackets.
                address: host.trim_matches(['[', ']']).to_owned(),
                port: url.port_or_known_default().unwrap_or_default(),
            },
            is_loopback,
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// Returns whether the host is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Returns the parts of a base URL that may be shown: scheme, host, port and path. Parts that can
/// contain a password are left out, and so is text that is not a URL.
pub(crate) fn without_secrets(text: &str) -> String {
    let parsed = Url::parse(text.trim()).ok();
    let Some(mut url) = parsed.filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return "not a valid URL".to_owned();
    };
    // A password may begin in the path and end in the query.
    if [Some(url.path()), url.query(), url.fragment()]
        .into_iter()
        .flatten()
        .any(|part| part.contains('@'))
    {
        url.set_path("");
    }
    url.set_query(None);
    url.set_fragment(None);
    if url.set_username("").is_err() || url.set_password(None).is_err() {
        return "not a valid URL".to_owned();
    }
    shown(url.as_str(), SENTENCE)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::{BaseUrl, without_secrets};

    #[test]
    fn a_url_is_shown_without_what_may_be_a_password() {
        let table = [
            ("https://ica.illumina.com/ica/rest", "https://ica.illumina.com/ica/rest"),
            (
                " https://hush:hush@ica.example:8443/ica?hush#hush ",
                "https://ica.example:8443/ica",
            ),
            ("https://hush@ica.example", "https://ica.example/"),
            ("https:hush:hush@ica.example/ica", "https://ica.example/ica"),
            ("https://ica.example/https://hush:hush@ica", "https://ica.example/"),
            ("https:s://user:hush?@ica.example", "https://s/"),
            ("hush:hush@ica.example", "not a valid URL"),
            ("ftp://hush:hush@ica.example", "not a valid URL"),
            ("hush", "not a valid URL"),
        ];
        for (text, expected) in table {
            assert_eq!(without_secrets(text), expected);
            if let Err(error) = BaseUrl::parse(text, true) {
                let shown = format!("{error} {error:?} {:?}", error.source().map(ToString::to_string));
                assert!(!shown.contains("hush"), "{shown}");
            }
        }
    }

    fn parsed(text: &str) -> String {
        BaseUrl::parse(text, false).unwrap().as_str().to_owned()
    }

    fn error_text(text: &str) -> String {
        BaseUrl::parse(text, false).unwrap_err().to_string()
    }

    #[test]
    fn a_slash_at_the_end_is_removed() {
        assert_eq!(
            parsed("https://ica.illumina.com/ica/rest/"),
            "https://ica.illumina.com/ica/rest"
        );
        assert_eq!(
            parsed("https://ica.illumina.com/ica/rest"),
            "https://ica.illumina.com/ica/rest"
        );
        assert_eq!(parsed("https://gateway.example:8443"), "https://gateway.example:8443");
    }

    #[test]
    fn http_is_accepted_for_this_machine_only() {
        assert_eq!(parsed("http://127.0.0.1:80/ica"), "http://127.0.0.1/ica");
        assert_eq!(parsed("http://[::1]:8080/ica/rest"), "http://[::1]:8080/ica/rest");
        assert_eq!(parsed("http://localhost:1"), "http://localhost:1");
        assert!(error_text("http://localhost.example/ica").contains("allow_http"));
        assert!(BaseUrl::parse("http://gateway.internal/ica", true).is_ok());
    }

    #[test]
    fn an_invalid_base_url_is_rejected_with_what_to_do() {
        assert!(
            error_text("ica.illumina.com/ica/rest")
                .starts_with("the base URL is not valid: it is not a URL; use one like https://")
        );
        assert!(error_text("ftp://ica.illumina.com").contains("its scheme is ftp; use https"));
        assert!(error_text("https://user:pw@ica.illumina.com").contains("credentials"));
        assert!(!error_text("https://user:pw@ica.illumina.com").contains("pw"));
        assert!(error_text("https://ica.illumina.com/ica?x=1").contains("query"));
    }

    #[test]
    fn the_error_of_a_text_that_is_not_a_url_has_the_reason_as_its_source() {
        let error = BaseUrl::parse("https://[::1", false).unwrap_err();
        let source = error.source().unwrap().to_string();
        assert_eq!(source, "invalid IPv6 address");
        assert!(!error.to_string().contains(&source), "{error}");
    }
}
