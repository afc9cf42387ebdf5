//! Checks of operations: their ids, paths, parameters and responses.

use std::collections::{BTreeMap, BTreeSet};

use openapiv3::{OpenAPI, Operation, Parameter, PathItem, ReferenceOr, StatusCode};

use super::parameters;
use crate::document::names::method_name;
use crate::error::{Error, Result};

/// Methods and fields of the client. An operation of this name would hide one of them.
const TAKEN: [&str; 18] = [
    "api_version",
    "as_ref",
    "baseurl",
    "borrow",
    "client",
    "clone",
    "clone_into",
    "context",
    "exec",
    "fmt",
    "from",
    "inner",
    "into",
    "new",
    "new_with_client",
    "post",
    "pre",
    "to_owned",
];

/// Checks every operation.
///
/// # Errors
/// When an operation cannot become a method that works. The error names the first such operation.
pub(super) fn check(document: &OpenAPI) -> Result<()> {
    let mut methods = BTreeMap::new();
    for (path, item) in &document.paths.paths {
        let ReferenceOr::Item(item) = item else {
            continue;
        };
        let names = parameters_of_path(path)?;
        for (_, operation) in item.iter() {
            let Some(id) = &operation.operation_id else {
                continue;
            };
            check_id(id)?;
            if let Some(other) = methods.insert(method_name(id), id) {
                return Err(Error::invalid(
                    format_args!("operation {id}"),
                    format_args!(
                        "operation {other} gives the same method {}; rename one",
                        method_name(id)
                    ),
                ));
            }
            let all = all_parameters(item, operation);
            parameters::check(document, id, &all, operation.request_body.is_some())?;
            check_path_parameters(id, path, &names, &all)?;
            check_responses(id, operation)?;
        }
    }
    Ok(())
}

fn check_id(id: &str) -> Result<()> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let shown: String = id.chars().take(60).collect();
    let thing = format!("operation {shown:?}");
    if id.len() > 100 || !id.starts_with(|c: char| c.is_ascii_alphabetic()) || !id.chars().all(is_word) {
        return Err(Error::invalid(
            thing,
            "its operationId is not a letter, followed by at most 99 letters, digits, '_', '-' and '.'; rename it",
        ));
    }
    let method = method_name(id);
    if TAKEN.contains(&method.as_str()) {
        return Err(Error::invalid(
            thing,
            format_args!("the client has a method {method} of its own; rename the operation"),
        ));
    }
    Ok(())
}

/// Returns the parameters of the operation, and those of its path that it does not override.
fn all_parameters<'a>(item: &'a PathItem, operation: &'a Operation) -> Vec<&'a Parameter> {
    let own: Vec<&Parameter> = operation.parameters.iter().filter_map(ReferenceOr::as_item).collect();
    let key = |parameter: &Parameter| {
        (
            std::mem::discriminant(parameter),
            parameter.parameter_data_ref().name.clone(),
        )
    };
    let overridden: Vec<_> = own.iter().map(|parameter| key(parameter)).collect();
    let inherited = item.parameters.iter().filter_map(ReferenceOr::as_item);
    let inherited = inherited.filter(|parameter| !overridden.contains(&key(parameter)));
    inherited.chain(own.iter().copied()).collect()
}

/// Returns the names of the parameters in a path.
fn parameters_of_path(path: &str) -> Result<BTreeSet<&str>> {
    let refuse = |reason: &str| Err(Error::invalid(format_args!("path {path:?}"), reason));
    let mut names = BTreeSet::new();
    let mut rest = path;
    let mut constant = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            return refuse("a '{' is not closed; add the '}'");
        };
        if name.is_empty() || name.contains(['/', '{']) {
            return refuse("a parameter has no name, or one with '/' or '{'; correct it");
        }
        if !names.insert(name) {
            return refuse("a parameter occurs twice; rename one");
        }
        constant.push_str(before);
        constant.push('p');
        rest = after;
    }
    constant.push_str(rest);
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@".contains(c);
    if let Some(other) = constant.chars().find(|c| !allowed(*c)) {
        return refuse(&format!(
            "it contains {other:?}, which a URL cannot have there; remove it"
        ));
    }
    let mut segments = constant.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if matches!(segment, "." | "..") || (segment.is_empty() && !is_last) {
            return refuse("it has an empty segment, '.' or '..'; remove it");
        }
    }
    Ok(names)
}

fn check_path_parameters(id: &str, path: &str, names: &BTreeSet<&str>, parameters: &[&Parameter]) -> Result<()> {
    let in_path = parameters
        .iter()
        .filter(|parameter| matches!(parameter, Parameter::Path { .. }));
    let listed: BTreeSet<&str> = in_path
        .map(|parameter| parameter.parameter_data_ref().name.as_str())
        .collect();
    if let Some(missing) = names.difference(&listed).next() {
        return Err(Error::invalid(
            format_args!("operation {id}"),
            format_args!("its path {path} has {{{missing}}}, which is not among its parameters; add it"),
        ));
    }
    match listed.difference(names).next() {
        Some(other) => Err(Error::invalid(
            format_args!("parameter {other:?} of operation {id}"),
            format_args!("the path {path} does not have it; add it to the path, or remove it"),
        )),
        None => Ok(()),
    }
}

fn check_responses(id: &str, operation: &Operation) -> Result<()> {
    let thing = format!("operation {id}");
    let mut media: Vec<&String> = Vec::new();
    for response in operation
        .responses
        .responses
        .values()
        .chain(&operation.responses.default)
    {
        media.extend(response.as_item().iter().flat_map(|response| response.content.keys()));
    }
    let bodies = operation.request_body.iter().filter_map(ReferenceOr::as_item);
    media.extend(bodies.flat_map(|body| body.content.keys()));
    let is_header =
        |text: &str| text.contains('/') && text.bytes().all(|byte| (b'!'..=b'~').contains(&byte) || byte == b' ');
    if let Some(other) = media.into_iter().find(|media| !is_header(media)) {
        return Err(Error::invalid(
            thing,
            format_args!("its media type {other:?} is not valid; write one such as application/json"),
        ));
    }
    let switching = operation
        .responses
        .responses
        .keys()
        .find(|status| matches!(status, StatusCode::Code(100..=199) | StatusCode::Range(1)));
    match switching {
        Some(status) => Err(Error::invalid(
            thing,
            format_args!("its response {status} is not a final response; remove it"),
        )),
        None => Ok(()),
    }
}
