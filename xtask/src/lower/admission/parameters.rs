//! Checks of parameters.

use std::collections::BTreeSet;

use openapiv3::{
    HeaderStyle, OpenAPI, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle, QueryStyle, ReferenceOr,
    Schema, SchemaKind, Type,
};

use super::schemas::refused_character;
use crate::document::names::field_name;
use crate::document::walk;
use crate::error::{Error, Result};

/// Names of variables in the methods that progenitor generates.
const VARIABLES: [&str; 2] = ["header_map", "info"];

/// Checks the parameters of one operation, those of its path included.
pub(super) fn check(document: &OpenAPI, id: &str, parameters: &[&Parameter], has_body: bool) -> Result<()> {
    let mut names = BTreeSet::new();
    let mut arguments = BTreeSet::new();
    for parameter in parameters {
        let data = parameter.parameter_data_ref();
        let name = &data.name;
        let refuse = |reason: String| {
            Err(Error::invalid(
                format_args!("parameter {name:?} of operation {id}"),
                reason,
            ))
        };
        if name.is_empty() || name.len() > 100 || refused_character(name).is_some() {
            return refuse("its name is empty, has more than 100 bytes or a control character; correct it".to_owned());
        }
        if !names.insert(name) {
            return refuse("another parameter of the operation has its name; rename one".to_owned());
        }
        let argument = field_name(name);
        if VARIABLES.contains(&argument.as_str()) || (has_body && argument == "body") {
            return refuse(format!(
                "its argument {argument} has the name of a variable of the method; rename it"
            ));
        }
        if !arguments.insert(argument.clone()) {
            return refuse(format!(
                "another parameter gives the same argument {argument}; rename one"
            ));
        }
        let ParameterSchemaOrContent::Schema(schema) = &data.format else {
            return refuse("it has `content`; describe it with a schema".to_owned());
        };
        if let Some(reason) = problem(document, parameter, data, schema) {
            return refuse(reason);
        }
    }
    Ok(())
}

fn problem(
    document: &OpenAPI,
    parameter: &Parameter,
    data: &ParameterData,
    schema: &ReferenceOr<Schema>,
) -> Option<String> {
    let schema = resolve(document, schema)?;
    let lists_allowed = match parameter {
        Parameter::Path { style, .. } => {
            if !data.required {
                return Some("it is in the path and not required; make it required".to_owned());
            }
            if !matches!(style, PathStyle::Simple) {
                return Some("its style is not `simple`; progenitor supports no other in a path".to_owned());
            }
            false
        }
        Parameter::Header {
            style: HeaderStyle::Simple,
            ..
        } => {
            if !is_header_name(&data.name) {
                return Some("it is not a valid header name; use letters, digits and '-'".to_owned());
            }
            false
        }
        Parameter::Query { style, .. } => {
            if !matches!(style, QueryStyle::Form) {
                return Some("its style is not `form`; progenitor supports no other in a query".to_owned());
            }
            true
        }
        Parameter::Cookie { .. } => return Some("it is a cookie, which progenitor cannot send; remove it".to_owned()),
    };
    if !lists_allowed && schema.schema_data.nullable {
        return Some("it is nullable; only a parameter of the query may be".to_owned());
    }
    let element = match &schema.schema_kind {
        SchemaKind::Type(Type::Array(array)) if lists_allowed => match &array.items {
            Some(items) => resolve_boxed(document, items)?,
            None => return Some("its elements have no schema; add `items`".to_owned()),
        },
        _ => schema,
    };
    match &element.schema_kind {
        SchemaKind::Type(Type::String(_) | Type::Number(_) | Type::Integer(_) | Type::Boolean(_)) => None,
        _ if lists_allowed => Some("it is neither one value nor a list of values; describe it as text".to_owned()),
        _ => Some("it is not one value such as text or a number; describe it as text".to_owned()),
    }
}

/// Follows references and an `allOf` of one schema. Returns `None` where the reference leads
/// nowhere, which another check reports.
fn resolve<'a>(document: &'a OpenAPI, schema: &'a ReferenceOr<Schema>) -> Option<&'a Schema> {
    let mut schema = schema;
    for _ in 0..20 {
        match schema {
            ReferenceOr::Reference { reference } => {
                let name = walk::schema_name(reference)?;
                schema = document.components.as_ref()?.schemas.get(name)?;
            }
            ReferenceOr::Item(item) => match &item.schema_kind {
                SchemaKind::AllOf { all_of } if all_of.len() == 1 => schema = &all_of[0],
                _ => return Some(item),
            },
        }
    }
    None
}

fn resolve_boxed<'a>(document: &'a OpenAPI, schema: &'a ReferenceOr<Box<Schema>>) -> Option<&'a Schema> {
    match schema {
        ReferenceOr::Reference { reference } => {
            let name = walk::schema_name(reference)?;
            resolve(document, document.components.as_ref()?.schemas.get(name)?)
        }
        ReferenceOr::Item(item) => Some(item),
    }
}

/// Returns whether the text is a token of RFC 9110, as the name of a header must be.
fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}
