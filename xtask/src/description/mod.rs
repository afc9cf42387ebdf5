//! Reads and writes OpenAPI documents as text.

mod keywords;
mod reading;

use openapiv3::OpenAPI;

use crate::error::{Error, Result};
use crate::guard;

pub(crate) use reading::UnknownKeyword;

/// Parses an OpenAPI 3.0 document from YAML or JSON.
///
/// ```
/// let document = xtask::description::parse("openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n")?;
/// assert_eq!(document.info.title, "Tiny");
/// # Ok::<(), xtask::Error>(())
/// ```
///
/// # Errors
/// When the text is not YAML, not an OpenAPI document, or of another OpenAPI version. When it has
/// more than 2 MiB, is nested more than 60 levels deep, or has a part that would be dropped in
/// silence, such as a path without a slash.
pub fn parse(text: &str) -> Result<OpenAPI> {
    read(text).map(|(document, _)| document)
}

/// Parses a document, and returns it with its unknown keywords.
pub(crate) fn read(text: &str) -> Result<(OpenAPI, Vec<UnknownKeyword>)> {
    let unknown = guard::run(|| reading::check(text)).unwrap_or_else(|panic| {
        Err(Error::could_not(
            "read the description",
            format_args!("{panic}; report it"),
        ))
    })?;
    // The parser recurses, and the stack of a thread may be small.
    let parsed: std::result::Result<OpenAPI, _> = guard::run(|| yaml_serde::from_str(text))
        .map_err(|panic| Error::could_not("read the description", format_args!("{panic}; report it")))?;
    let document = parsed.map_err(|error| {
        Error::invalid(
            "description",
            format_args!("it is not an OpenAPI 3.0 document ({error}); fix it at that position"),
        )
    })?;
    if !document.openapi.starts_with("3.0.") {
        return Err(Error::invalid(
            "description",
            format_args!(
                "it is OpenAPI {}, and the generator reads 3.0; convert it first",
                document.openapi
            ),
        ));
    }
    Ok((document, unknown))
}

/// Returns a document as YAML.
///
/// ```
/// let text = "openapi: 3.0.1\ninfo:\n  title: Tiny\n  version: '1'\npaths: {}\n";
/// let document = xtask::description::parse(text)?;
/// assert_eq!(xtask::description::print(&document)?, text);
/// # Ok::<(), xtask::Error>(())
/// ```
///
/// # Errors
/// When YAML cannot represent the document. A parsed document never fails.
pub fn print(document: &OpenAPI) -> Result<String> {
    yaml_serde::to_string(document)
        .map_err(|error| Error::could_not("write the description as YAML", format_args!("{error}; report it")))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_document_that_is_not_openapi_is_an_error_with_its_position() {
        let error = parse("openapi: 3.0.1\ninfo: 7\npaths: {}\n").unwrap_err();
        assert!(error.to_string().contains("info"), "{error}");
    }

    #[test]
    fn an_error_names_another_openapi_version() {
        let error = parse("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n").unwrap_err();
        assert!(error.to_string().contains("3.1.0"), "{error}");
    }
}
