//! An outline of the generated client for review: one fact per line, without function bodies and
//! attributes.

use std::fmt::Write;

use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Fields, FnArg, GenericArgument, ImplItem, Item, PathArguments, ReturnType, Token, Type};
use xtask::marks;

/// Returns the outline of the client that this description gives.
pub(crate) fn of(description: &str) -> String {
    let document = xtask::description::parse(description).unwrap();
    let lowered = xtask::lower(document).unwrap();
    let source = xtask::generate(description).unwrap().source;
    let file = syn::parse_file(&source).unwrap();

    let mut text = String::from("OPERATIONS\n");
    operations(&mut text, &file, &marks::operation_table(&lowered.document));
    text.push_str("\nTYPES\n");
    for item in module(&file, "types") {
        describe(&mut text, item);
    }
    text.push_str("\nOPEN ENUMS\n");
    for item in module(&file, "open_enums") {
        if let Item::Macro(item) = item {
            let parsed: OpenEnum = item.mac.parse_body().unwrap();
            writeln!(text, "{}", parsed.name).unwrap();
            for value in parsed.values {
                writeln!(text, "  {value}").unwrap();
            }
        }
    }
    text.push_str("\nCHECKED TEXTS\n");
    for item in module(&file, "checked_texts") {
        if let Item::Macro(item) = item {
            let parsed: CheckedText = item.mac.parse_body().unwrap();
            writeln!(text, "{}", parsed.name).unwrap();
            for (name, value) in parsed.limits {
                writeln!(text, "  {name}: {value}").unwrap();
            }
        }
    }
    text
}

fn module<'a>(file: &'a syn::File, name: &str) -> &'a [Item] {
    let found = file.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_ref(),
        _ => None,
    });
    &found.unwrap_or_else(|| panic!("the client has a module {name}")).1
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
        writeln!(text, "{}", signature.ident).unwrap();
        writeln!(text, "  {} {}", row.method.to_uppercase(), row.path).unwrap();
        for accept in &row.accepts {
            writeln!(text, "  Accept: {}", accept.header).unwrap();
        }
        if let Some(content_type) = &row.content_type {
            writeln!(text, "  Content-Type: {content_type}").unwrap();
        }
        let versions = row.versions.iter().map(|version| format!("V{version}"));
        writeln!(
            text,
            "  {} in {}",
            row.published_id,
            versions.collect::<Vec<_>>().join(", ")
        )
        .unwrap();
        for input in &signature.inputs {
            if let FnArg::Typed(input) = input {
                writeln!(text, "  {}: {}", input.pat.to_token_stream(), short(&input.ty)).unwrap();
            }
        }
        if let ReturnType::Type(_, output) = &signature.output {
            writeln!(text, "  -> {}", short(output)).unwrap();
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
                writeln!(text, "struct {}{builder}", item.ident).unwrap();
                for field in &fields.named {
                    let name = field.ident.as_ref().unwrap().to_string();
                    let wire = serde_value(&field.attrs, "rename").unwrap_or_else(|| name.clone());
                    writeln!(text, "  {wire}: {}", short(&field.ty)).unwrap();
                }
            }
            Fields::Unnamed(fields) => {
                let inner = short(&fields.unnamed[0].ty);
                writeln!(text, "checked {} of {inner}", item.ident).unwrap();
            }
            Fields::Unit => {}
        },
        Item::Enum(item) => {
            match serde_value(&item.attrs, "tag") {
                Some(tag) => writeln!(text, "union {} by {tag}", item.ident).unwrap(),
                None => writeln!(text, "closed enum {}", item.ident).unwrap(),
            }
            for variant in &item.variants {
                let name = variant.ident.to_string();
                let wire = serde_value(&variant.attrs, "rename").unwrap_or(name);
                let body = variant.fields.iter().map(|field| format!(": {}", short(&field.ty)));
                writeln!(text, "  {wire}{}", body.collect::<String>()).unwrap();
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
            let last = path.path.segments.last().unwrap();
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
        attr.parse_nested_meta(|meta| {
            if meta.input.peek(Token![=]) {
                let value: syn::LitStr = meta.value()?.parse()?;
                if meta.path.is_ident(key) {
                    found = Some(value.value());
                }
            }
            Ok(())
        })
        .unwrap();
    }
    found
}

/// Name and limits in a `checked_text!`, without the words for errors.
struct CheckedText {
    name: syn::Ident,
    limits: Vec<(String, String)>,
}

impl Parse for CheckedText {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Attribute::parse_outer(input)?;
        input.parse::<Token![pub]>()?;
        input.parse::<Token![struct]>()?;
        let name = input.parse()?;
        let body;
        syn::braced!(body in input);
        let mut limits = Vec::new();
        while !body.is_empty() {
            let limit = body.parse::<syn::Ident>()?.to_string();
            body.parse::<Token![:]>()?;
            let value = body.parse::<syn::Expr>()?.to_token_stream().to_string();
            body.parse::<Token![,]>()?;
            if matches!(limit.as_str(), "min" | "max" | "pattern") {
                limits.push((limit, value));
            }
        }
        Ok(Self { name, limits })
    }
}

/// Name and values in an `open_enum!`.
struct OpenEnum {
    name: syn::Ident,
    values: Vec<String>,
}

impl Parse for OpenEnum {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Attribute::parse_outer(input)?;
        input.parse::<Token![pub]>()?;
        input.parse::<Token![enum]>()?;
        let name = input.parse()?;
        let body;
        syn::braced!(body in input);
        let mut values = Vec::new();
        while !body.is_empty() {
            body.parse::<syn::Ident>()?;
            body.parse::<Token![=]>()?;
            let mut value = body.parse::<syn::LitStr>()?.value();
            while body.parse::<Option<Token![|]>>()?.is_some() {
                write!(value, ", also {}", body.parse::<syn::LitStr>()?.value()).unwrap();
            }
            body.parse::<Token![,]>()?;
            values.push(value);
        }
        Ok(Self { name, values })
    }
}
