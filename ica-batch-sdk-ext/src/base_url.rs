//! Where the API is.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::error::{Error, Result};

/// The public ICA (from the API's documentation).
pub(crate) const PUBLIC: &str = "https://ica.illumina.com/ica/rest";

/// A checked base URL: an origin and a path prefix without a slash at its end.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: String,
    server: Server,
    is_loopback: bool,
}

/// The host and port behind a base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) port: u16,
}

impl BaseUrl {
    /// Takes what users write: with or without a slash at the end, a path prefix, a port, an IPv6 address.
    pub(crate) fn parse(text: &str, allow_http: bool) -> Result<Self> {
        let url = Url::parse(text.trim()).map_err(|error| {
            Error::invalid_input(format!(
                "the base URL cannot be read ({error}); write one like {PUBLIC}"
            ))
        })?;
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err(Error::invalid_input(format!(
                "the base URL names no host; write one like {PUBLIC}"
            )));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::invalid_input(
                "the base URL holds a user or password; give them as credentials instead",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::invalid_input(
                "the base URL has a query or fragment; end it with the path, as in /ica/rest",
            ));
        }
        let is_loopback = is_loopback(host);
        match url.scheme() {
            "https" => {}
            "http" if is_loopback || allow_http => {}
            "http" => {
                return Err(Error::invalid_input(format!(
                    "the base URL is plain http, by which {host} and everyone between would see the credential; \
                     use https, or allow it by ClientBuilder::allow_http"
                )));
            }
            other => {
                return Err(Error::invalid_input(format!(
                    "the base URL has the scheme {other}; use https"
                )));
            }
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            server: Server {
                // OpenTelemetry wants the address of IPv6 bare.
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

    /// Whether calls stay on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;

    fn parsed(text: &str) -> String {
        BaseUrl::parse(text, false).unwrap().as_str().to_owned()
    }

    fn refused(text: &str) -> String {
        BaseUrl::parse(text, false).unwrap_err().to_string()
    }

    #[test]
    fn a_slash_at_the_end_makes_no_difference() {
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
    fn plain_http_is_for_this_machine_alone() {
        assert_eq!(parsed("http://127.0.0.1:80/ica"), "http://127.0.0.1/ica");
        assert_eq!(parsed("http://[::1]:8080/ica/rest"), "http://[::1]:8080/ica/rest");
        assert_eq!(parsed("http://localhost:1"), "http://localhost:1");
        assert!(refused("http://localhost.example/ica").contains("allow_http"));
        assert!(BaseUrl::parse("http://gateway.internal/ica", true).is_ok());
    }

    #[test]
    fn what_is_no_base_url_is_refused_with_what_to_write() {
        assert!(refused("ica.illumina.com/ica/rest").contains("write one like"));
        assert!(refused("ftp://ica.illumina.com").contains("scheme ftp"));
        assert!(refused("https://user:pw@ica.illumina.com").contains("credentials"));
        assert!(!refused("https://user:pw@ica.illumina.com").contains("pw"));
        assert!(refused("https://ica.illumina.com/ica?x=1").contains("query"));
    }
}
