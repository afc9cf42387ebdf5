//! A request with its complete body and the parameters of its path.

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderMap, Method};

use super::operation::Operation;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) sequence: u64,
    /// The operation that the request calls. `None` if the path or the method does not exist.
    pub(crate) operation: Option<Operation>,
    /// The method of the path. `None` if the path does not exist.
    pub(crate) allowed: Option<Method>,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) parameters: HashMap<String, String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether the body is larger than the configured maximum. Such a body is not read.
    pub(crate) too_large: bool,
}

impl Call {
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    pub(crate) fn query_value(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn accepts_gzip(&self) -> bool {
        let values = self
            .headers
            .get_all(http::header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
            named && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    }
}
