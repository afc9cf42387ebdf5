//! Emits text with limits as invocations of the raw crate's macro `checked_text!`.

use openapiv3::{OpenAPI, SchemaKind, Type};
use quote::quote;
use serde_json::Value;
use syn::Ident;

use crate::document::names::type_ident;
use crate::document::{marks, walk};
use crate::error::{Error, Result};

/// Type whose values are valid text.
pub(super) struct CheckedText {
    pub(super) name: Ident,
    description: Option<String>,
    limits: Limits,
}

struct Limits {
    subject: String,
    min: Option<usize>,
    max: Option<usize>,
    pattern: Option<String>,
    words: Option<Words>,
}

struct Words {
    others: Option<String>,
    otherwise: String,
    advice: String,
}

/// Returns the checked texts of a lowered document.
pub(super) fn of(document: &OpenAPI) -> Result<Vec<CheckedText>> {
    let texts = walk::components(document).filter_map(|(name, schema)| {
        let mark = schema.schema_data.extensions.get(marks::TEXT)?;
        let SchemaKind::Type(Type::String(text)) = &schema.schema_kind else {
            return None;
        };
        Some(CheckedText {
            name: type_ident(name)?,
            description: schema.schema_data.description.clone(),
            limits: Limits {
                subject: member(mark, "subject").unwrap_or_else(|| name.clone()),
                min: text.min_length,
                max: text.max_length,
                pattern: text.pattern.clone(),
                words: mark.get("words").and_then(words),
            },
        })
    });
    texts
        .map(|text| {
            text.check_pattern()?;
            Ok(text)
        })
        .collect()
}

fn words(mark: &Value) -> Option<Words> {
    Some(Words {
        others: member(mark, "others"),
        otherwise: member(mark, "otherwise")?,
        advice: member(mark, "advice")?,
    })
}

fn member(mark: &Value, name: &str) -> Option<String> {
    mark.get(name)?.as_str().map(str::to_owned)
}

/// Returns the source of the module with all checked texts.
pub(super) fn module(texts: &[CheckedText]) -> String {
    let mut text = "/// Text in requests that ICA limits in length or characters, one type per kind.\n\
                    pub mod checked_texts {\n"
        .to_owned();
    for (at, one) in texts.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        for line in one.lines() {
            let line = format!("    {line}");
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text.push_str("}\n");
    text
}

impl CheckedText {
    /// Rejects a pattern that is not a regular expression. The client compiles it at the first use,
    /// too late for an error.
    fn check_pattern(&self) -> Result<()> {
        match self.limits.pattern.as_deref().map(regress::Regex::new) {
            Some(Err(error)) => Err(Error::invalid(
                format_args!("schema {}", self.name),
                format_args!("its pattern is not a regular expression ({error}); correct it in the description"),
            )),
            _ => Ok(()),
        }
    }

    fn lines(&self) -> Vec<String> {
        let Limits {
            subject,
            min,
            max,
            pattern,
            words,
        } = &self.limits;
        let mut lines = vec!["crate::checked_text! {".to_owned()];
        let description = self
            .description
            .iter()
            .flat_map(|description| description.trim().lines());
        lines.extend(description.map(|line| format!("    /// {line}")));
        lines.push(format!("    pub struct {} {{", self.name));
        let mut field = |name: &str, value: String| lines.push(format!("        {name}: {value},"));
        field("subject", literal(subject));
        field("min", min.unwrap_or(0).to_string());
        field("max", some(max.map(|max| max.to_string())));
        field("pattern", some(pattern.as_deref().map(literal)));
        let words = words.as_ref().map(|words| {
            let others = some(words.others.as_deref().map(literal));
            let (otherwise, advice) = (literal(&words.otherwise), literal(&words.advice));
            format!("crate::PatternWords {{ others: {others}, otherwise: {otherwise}, advice: {advice} }}")
        });
        field("words", some(words));
        lines.push("    }".to_owned());
        lines.push("}".to_owned());
        lines
    }
}

fn literal(text: &str) -> String {
    quote!(#text).to_string()
}

fn some(value: Option<String>) -> String {
    value.map_or_else(|| "None".to_owned(), |value| format!("Some({value})"))
}
