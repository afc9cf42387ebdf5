//! `ica-batch schema`: JSON Schemas of what the program reads and writes.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::Args;
use ica_batch_sdk_ext::ManifestRow;
use schemars::Schema;
use schemars::transform::{RecursiveTransform, Transform as _};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Column, Lines, OutputOptions, Record, column_names};
use crate::records::{records, schema};
use crate::suggestion::{Suggested, did_you_mean};

/// Writes the JSON Schema of a kind of data, or lists the kinds.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<Kind>))))]
pub(crate) struct SchemaOf {
    /// Kind of data. Without one, all kinds are listed.
    #[arg(value_name = "KIND", hide_possible_values = true, value_parser = Suggested(names))]
    kind: Option<String>,
    #[command(flatten)]
    output: OutputOptions,
}

/// Kind of data with a schema.
#[derive(Debug, Serialize)]
pub(crate) struct Kind {
    kind: &'static str,
    meaning: &'static str,
    #[serde(skip)]
    schema: fn() -> Schema,
}

impl Record for Kind {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("kind", |row, cell| cell.write_str(row.kind)),
        Column::new("meaning", |row, cell| cell.write_str(row.meaning)),
    ];
}

/// All kinds of data.
fn kinds() -> Vec<Kind> {
    let mut kinds = vec![
        Kind {
            kind: "manifest-row",
            meaning: "line of a manifest in JSON lines, which `submit` reads",
            schema: manifest_row,
        },
        Kind {
            kind: "export-line",
            meaning: "line of `journal export`",
            schema: || schemars::schema_for!(super::journal::ExportLine),
        },
        Kind {
            kind: "login",
            meaning: "row of `login`",
            schema: || schemars::schema_for!(super::login::Setting),
        },
        Kind {
            kind: "open-chunk",
            meaning: "chunk of `settle`",
            schema: schema::<super::settle::OpenChunk>,
        },
        Kind {
            kind: "plan",
            meaning: "result of `submit --dry-run`",
            schema: schema::<super::submit::Plan>,
        },
        Kind {
            kind: "waited-batch",
            meaning: "batch of `wait`",
            schema: schema::<super::wait::WaitedBatch>,
        },
    ];
    kinds.extend(records().into_iter().map(|record| Kind {
        kind: record.name,
        meaning: record.meaning,
        schema: record.schema,
    }));
    kinds
}

/// Returns the schema of a line of a manifest. The examples in its descriptions are for Rust, so they
/// are left out.
fn manifest_row() -> Schema {
    let mut schema = schemars::schema_for!(ManifestRow);
    let mut without_examples = RecursiveTransform(|schema: &mut Schema| {
        if let Some(serde_json::Value::String(text)) = schema.get_mut("description")
            && let Some(example) = text.find("```")
        {
            text.truncate(example);
            text.truncate(text.trim_end().len());
        }
    });
    without_examples.transform(&mut schema);
    schema
}

/// Returns the names of the kinds, for completions.
fn names() -> Vec<String> {
    kinds().iter().map(|kind| kind.kind.to_owned()).collect()
}

impl SchemaOf {
    pub(crate) fn run(&self, _: &Context) -> Result<Exit, Failure> {
        let kinds = kinds();
        let Some(name) = &self.kind else {
            let mut output = self.output.open::<Kind>()?;
            for kind in &kinds {
                output.write(kind)?;
            }
            output.finish()?;
            return Ok(Exit::Done);
        };
        let Some(kind) = kinds.iter().find(|kind| kind.kind == name) else {
            let names = kinds.iter().map(|kind| kind.kind);
            let hint = did_you_mean(name, names);
            return Err(
                Failure::usage(format!("no kind of data {name:?}{hint}")).next("see all kinds with: ica-batch schema")
            );
        };
        let text = serde_json::to_string_pretty((kind.schema)().as_value()).unwrap_or_default();
        let mut out = Lines::open(self.output.output.as_deref())?;
        let written = writeln!(out, "{text}").map_err(|error| Failure::file("could not write the schema", &error));
        out.finish(written)?;
        Ok(Exit::Done)
    }
}
