//! The open enums, as invocations of the raw crate's macro.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use heck::ToUpperCamelCase;
use openapiv3::{OpenAPI, Schema};
use serde_json::Value;

use crate::lower::{enums, marks};
use crate::{Error, Result};

/// The variant that the macro adds for a value that the client does not know.
const UNRECOGNIZED: &str = "Unrecognized";

/// An open enum.
pub(super) struct OpenEnum {
    pub(super) name: String,
    description: Option<String>,
    variants: Vec<Variant>,
}

struct Variant {
    ident: String,
    value: String,
    aliases: Vec<String>,
}

/// The open enums of a lowered document.
pub(super) fn of(document: &OpenAPI) -> Result<Vec<OpenEnum>> {
    let marked =
        super::components(document).filter(|(_, schema)| schema.schema_data.extensions.contains_key(marks::OPEN));
    let marked = marked.collect::<BTreeMap<_, _>>();
    let newer = marked.values().flat_map(|schema| newer_spellings(schema)).collect();
    marked
        .into_iter()
        .map(|(name, schema)| {
            Ok(OpenEnum {
                name: name.clone(),
                description: schema.schema_data.description.clone(),
                variants: variants(name, schema, &newer)?,
            })
        })
        .collect()
}

/// The newer spelling of each value that is written otherwise in an older version.
fn newer_spellings(schema: &Schema) -> BTreeMap<String, String> {
    let newer = enums::values(schema).unwrap_or_default().into_iter();
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
    enums::values(schema)
        .unwrap_or_default()
        .into_iter()
        .map(|value| {
            // INPROGRESS does not say where its words end; IN_PROGRESS does.
            let ident = newer.get(&value).unwrap_or(&value).to_upper_camel_case();
            if syn::parse_str::<syn::Ident>(&ident).is_err() || !taken.insert(ident.clone()) {
                return Err(Error::new(
                    name,
                    format_args!(
                        "has the value {value:?}, which gives no variant name of its own; give the pass `enums` one"
                    ),
                ));
            }
            Ok(Variant {
                aliases: aliases(schema, &value),
                ident,
                value,
            })
        })
        .collect()
}

/// The module that holds them all, formatted.
pub(super) fn module(enums: &[OpenEnum]) -> String {
    let mut text =
        "/// Sets of values that an answer can carry, each open to values that are newer than this client.\n\
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
            // Writing into a string does not fail.
            let _ = writeln!(text, "{}", format!("{indent}{content}").trim_end());
        };
        line(1, "crate::open_enum! {");
        for sentence in self.description.iter().flat_map(|description| description.lines()) {
            line(2, &format!("/// {sentence}"));
        }
        line(2, &format!("pub enum {} {{", self.name));
        for variant in &self.variants {
            let spellings = std::iter::once(&variant.value).chain(&variant.aliases);
            let spellings = spellings.map(|value| format!("{value:?}")).collect::<Vec<_>>();
            line(3, &format!("{} = {},", variant.ident, spellings.join(" | ")));
        }
        line(2, "}");
        line(1, "}");
    }
}
