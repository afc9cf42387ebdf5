//! Outline of a client, for review: one fact per line, without function bodies and attributes.

mod macros;

use std::fmt::Write;

use quote::ToTokens;
use syn::{Attribute, Fields, FnArg, GenericArgument, ImplItem, Item, PathArguments, ReturnType, Token, Type};

use self::macros::{CheckedText, OpenEnum};
use crate::document::marks;
use crate::error::{Error, Result};
use crate::{description, emit, lower};

/// Returns the outline of the client that a description gives, for a snapshot test: operations with
/// their headers and parameters, types with their fields, enums with their values, and limits.
///
/// A change of the description shows in a few lines. Prose is not part of it.
///
/// ```
/// let spec = r#"
/// openapi: 3.0.1
/// info: { title: Tiny, version: '1' }
/// paths:
///   /api/things/{thingId}:
///     get:
///       operationId: getThing
///       parameters:
///         - { name: thingId, in: path, required: true, schema: { type: string } }
///       responses:
///         '200':
///           description: The thing.
///           content: { application/vnd.illumina.v3+json: { schema: { $ref: '#/components/schemas/Thing' } } }
/// components:
///   schemas:
///     Thing: { type: object, required: [id], properties: { id: { type: string } } }
/// "#;
/// let outline = xtask::outline(spec)?;
/// assert!(outline.contains("get_thing\n  GET /api/things/{thingId}\n"));
/// assert!(outline.contains("struct Thing\n  id: String\n"));
/// # Ok::<(), xtask::Error>(())
/// ```
///
/// # Errors
/// The same as those of [`generate`](crate::generate).
pub fn outline(spec: &str) -> Result<String> {
    let lowered = lower::lower(description::parse(spec)?)?;
    let source = emit::emit(&lowered.document)?;
    let could_not = |error: syn::Error| Error::could_not("outline the client", format_args!("{error}; report it"));
    let file = syn::parse_file(&source).map_err(could_not)?;

    let mut text = String::from("OPERATIONS\n");
    operations(&mut text, &file, &marks::operation_table(&lowered.document));
    text.push_str("\nTYPES\n");
    for item in module(&file, "types") {
        describe(&mut text, item);
    }
    text.push_str("\nOPEN ENUMS\n");
    for item in module(&file, "open_enums") {
        if let Item::Macro(item) = item {
            let parsed: OpenEnum = item.mac.parse_body().map_err(could_not)?;
            line(&mut text, format_args!("{}", parsed.name));
            for value in parsed.values {
                line(&mut text, format_args!("  {value}"));
            }
        }
    }
    text.push_str("\nCHECKED TEXTS\n");
    for item in module(&file, "checked_texts") {
        if let Item::Macro(item) = item {
            let parsed: CheckedText = item.mac.parse_body().map_err(could_not)?;
            line(&mut text, format_args!("{}", parsed.name));
            for (name, value) in parsed.limits {
                line(&mut text, format_args!("  {name}: {value}"));
            }
        }
    }
    Ok(text)
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = writeln!(text, "{line}");
}

/// Returns the items of a module. A client without such items does not have it.
fn module<'a>(file: &'a syn::File, name: &str) -> &'a [Item] {
    let found = file.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_ref(),
        _ => None,
    });
    found.map(|(_, items)| items.as_slice()).unwrap_or_default()
}

fn operations(text: &mut String, file: &syn::File, rows: &[marks::OperationRow]) {
    let methods = file.items.iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => Some(&block.items),
        _ => None,
    });
    let methods = methods.flatten().filter_map(|item| match item {
        ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(&method.sig),
        _ => None,
    });
    for (signature, row) in methods.zip(rows) {
        line(text, format_args!("{}", signature.ident));
        line(text, format_args!("  {} {}", row.method.to_uppercase(), row.path));
        for accept in &row.accepts {
            line(text, format_args!("  Accept: {}", accept.header));
        }
        if let Some(content_type) = &row.content_type {
            line(text, format_args!("  Content-Type: {content_type}"));
        }
        let versions = row.versions.iter().map(|version| format!("V{version}"));
        let versions = versions.collect::<Vec<_>>().join(", ");
        line(text, format_args!("  {} in {versions}", row.published_id));
        for input in &signature.inputs {
            if let FnArg::Typed(input) = input {
                line(
                    text,
                    format_args!("  {}: {}", input.pat.to_token_stream(), short(&input.ty)),
                );
            }
        }
        if let ReturnType::Type(_, output) = &signature.output {
            line(text, format_args!("  -> {}", short(output)));
        }
    }
}

fn describe(text: &mut String, item: &Item) {
    match item {
        Item::Struct(item) => match &item.fields {
            Fields::Named(fields) => {
                let builder = if has_derive(&item.attrs, "Builder") {
                    ", with a builder"
                } else {
                    ""
                };
                line(text, format_args!("struct {}{builder}", item.ident));
                for field in &fields.named {
                    let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                    let wire = serde_value(&field.attrs, "rename").unwrap_or_else(|| name.clone());
                    line(text, format_args!("  {wire}: {}", short(&field.ty)));
                }
            }
            Fields::Unnamed(fields) => {
                let inner = fields.unnamed.first().map(|field| short(&field.ty));
                let inner = inner.unwrap_or_default();
                line(text, format_args!("checked {} of {inner}", item.ident));
            }
            Fields::Unit => {}
        },
        Item::Enum(item) => {
            match serde_value(&item.attrs, "tag") {
                Some(tag) => line(text, format_args!("union {} by {tag}", item.ident)),
                None => line(text, format_args!("closed enum {}", item.ident)),
            }
            for variant in &item.variants {
                let name = variant.ident.to_string();
                let wire = serde_value(&variant.attrs, "rename").unwrap_or(name);
                let body = variant.fields.iter().map(|field| format!(": {}", short(&field.ty)));
                line(text, format_args!("  {wire}{}", body.collect::<String>()));
            }
        }
        _ => {}
    }
}

/// Returns a type with the last segment of each path.
fn short(ty: &Type) -> String {
    match ty {
        Type::Reference(reference) => format!("&{}", short(&reference.elem)),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return String::new();
            };
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return last.ident.to_string();
            };
            let inner = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(short(ty)),
                _ => None,
            });
            format!("{}<{}>", last.ident, inner.collect::<Vec<_>>().join(", "))
        }
        other => other.to_token_stream().to_string(),
    }
}

fn has_derive(attrs: &[Attribute], name: &str) -> bool {
    let derives = attrs.iter().filter(|attr| attr.path().is_ident("derive"));
    derives
        .into_iter()
        .any(|attr| attr.to_token_stream().to_string().contains(name))
}

fn serde_value(attrs: &[Attribute], key: &str) -> Option<String> {
    let mut found = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        // The emitter writes no other form.
        let _ = attr.parse_nested_meta(|meta| {
            if meta.input.peek(Token![=]) {
                let value: syn::LitStr = meta.value()?.parse()?;
                if meta.path.is_ident(key) {
                    found = Some(value.value());
                }
            }
            Ok(())
        });
    }
    found
}
