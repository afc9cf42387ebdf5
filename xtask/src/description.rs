//! Reading and writing OpenAPI documents as text.

use openapiv3::OpenAPI;

use crate::{Error, Result};

/// Parses an OpenAPI 3.0 document from YAML, of which JSON is a part.
///
/// # Errors
/// When the text is no YAML, no OpenAPI document, or one of another OpenAPI version.
pub fn parse(text: &str) -> Result<OpenAPI> {
    let document: OpenAPI = yaml_serde::from_str(text).map_err(|error| {
        Error::new(
            "description",
            format_args!("not an OpenAPI 3.0 document ({error}); mend it there"),
        )
    })?;
    if !document.openapi.starts_with("3.0.") {
        return Err(Error::new(
            "description",
            format_args!(
                "is OpenAPI {}, and the generator reads 3.0; convert it first",
                document.openapi
            ),
        ));
    }
    Ok(document)
}

/// Prints a document as YAML.
///
/// # Errors
/// When the document cannot be represented, which no parsed document is.
pub fn print(document: &OpenAPI) -> Result<String> {
    yaml_serde::to_string(document).map_err(|error| Error::new("description", error))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_document_that_is_not_openapi_is_refused_with_its_place() {
        let error = parse("openapi: 3.0.1\ninfo: 7\npaths: {}\n").unwrap_err();
        assert!(error.to_string().contains("info"), "{error}");
    }

    #[test]
    fn another_openapi_version_is_named() {
        let error = parse("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n").unwrap_err();
        assert!(error.to_string().contains("3.1.0"), "{error}");
    }
}
