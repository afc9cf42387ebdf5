//! Emits the open enums as invocations of the raw crate's macro `open_enum!`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use openapiv3::{OpenAPI, Schema};
use quote::ToTokens;
use serde_json::Value;
use syn::{Ident, LitStr};

use crate::document::names::{type_ident, upper_camel_ident};
use crate::document::values::values;
use crate::document::{marks, walk};
use crate::error::{Error, Result};

/// Variant that the macro adds for an unknown value.
const UNRECOGNIZED: &str = "Unrecognized";

/// Open enum.
pub(super) struct OpenEnum {
    pub(super) name: Ident,
    description: Option<String>,
    variants: Vec<Variant>,
}

struct Variant {
    ident: Ident,
    value: String,
    aliases: Vec<String>,
}

/// Returns the open enums of a lowered document.
pub(super) fn of(document: &OpenAPI) -> Result<Vec<OpenEnum>> {
    let marked =
        walk::components(document).filter(|(_, schema)| schema.schema_data.extensions.contains_key(marks::OPEN));
    let marked = marked.collect::<BTreeMap<_, _>>();
    let newer = marked.values().flat_map(|schema| newer_spellings(schema)).collect();
    marked
        .into_iter()
        .map(|(name, schema)| {
            let ident = type_ident(name).ok_or_else(|| {
                Error::invalid(
                    format_args!("schema {name}"),
                    "its name gives no name of a type; rename it",
                )
            })?;
            Ok(OpenEnum {
                name: ident,
                description: schema.schema_data.description.clone(),
                variants: variants(name, schema, &newer)?,
            })
        })
        .collect()
}

/// Returns the newest spelling of each value that an older version spells differently.
fn newer_spellings(schema: &Schema) -> BTreeMap<String, String> {
    let newer = values(schema).unwrap_or_default().into_iter();
    newer
        .flat_map(|newer| {
            let older = aliases(schema, &newer);
            older.into_iter().map(move |older| (older, newer.clone()))
        })
        .collect()
}

fn aliases(schema: &Schema, value: &str) -> Vec<String> {
    let aliases = schema.schema_data.extensions.get(marks::ALIASES);
    let aliases = aliases.and_then(|all| all.get(value)?.as_array());
    let texts = aliases.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn variants(name: &str, schema: &Schema, newer: &BTreeMap<String, String>) -> Result<Vec<Variant>> {
    let mut taken = BTreeSet::from([UNRECOGNIZED.to_owned()]);
    values(schema)
        .unwrap_or_default()
        .into_iter()
        .map(|value| {
            // IN_PROGRESS shows where its words end; INPROGRESS does not.
            let ident = upper_camel_ident(newer.get(&value).unwrap_or(&value));
            let ident = ident.filter(|ident| taken.insert(ident.to_string())).ok_or_else(|| {
                Error::invalid(
                    format_args!("schema {name}"),
                    format_args!(
                        "its value {value:?} has no variant name, or that of another value; add a name in emit/open_enums.rs"
                    ),
                )
            })?;
            Ok(Variant {
                aliases: aliases(schema, &value),
                ident,
                value,
            })
        })
        .collect()
}

/// Returns the source of the module with all open enums.
pub(super) fn module(enums: &[OpenEnum]) -> String {
    let mut text = "/// Sets of values in responses. Each keeps a value that this release does not name.\n\
                    pub mod open_enums {\n"
        .to_owned();
    for (at, one) in enums.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        one.write(&mut text);
    }
    text.push_str("}\n");
    text
}

impl OpenEnum {
    fn write(&self, text: &mut String) {
        let mut line = |depth: usize, content: &str| {
            let indent = "    ".repeat(depth);
            // Writing to a string never fails.
            let _ = writeln!(text, "{}", format!("{indent}{content}").trim_end());
        };
        line(1, "crate::open_enum! {");
        for sentence in self.description.iter().flat_map(|description| description.lines()) {
            line(2, &format!("/// {sentence}"));
        }
        line(2, &format!("pub enum {} {{", self.name));
        for variant in &self.variants {
            let spellings = std::iter::once(&variant.value).chain(&variant.aliases);
            let spellings = spellings.map(|value| literal(value)).collect::<Vec<_>>();
            line(3, &format!("{} = {},", variant.ident, spellings.join(" | ")));
        }
        line(2, "}");
        line(1, "}");
    }
}

fn literal(text: &str) -> String {
    LitStr::new(text, proc_macro2::Span::call_site())
        .to_token_stream()
        .to_string()
}
