//! Writing records in a format.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::destination::Destination;
use super::format::Format;
use super::record::{Column, Record};
use super::table;
use crate::failure::Failure;

/// Rows of a table that are aligned together, so that a long one does not fill the memory.
const ALIGNED_ROWS: usize = 1000;

/// Writer of records of one kind. Ends with [`finish`](Self::finish).
pub(crate) struct Writer<R: Record> {
    columns: Vec<&'static Column<R>>,
    /// Whether JSON has the chosen columns only.
    has_chosen: bool,
    records: usize,
    cell: String,
    sink: Sink,
}

enum Sink {
    /// Rows that are not written yet.
    Table(Destination, Vec<Vec<String>>),
    Json(Destination),
    JsonLines(Destination),
    Separated(Box<csv::Writer<Destination>>),
}

impl<R: Record> Writer<R> {
    pub(super) fn new(
        format: Format,
        columns: Vec<&'static Column<R>>,
        has_chosen: bool,
        destination: Destination,
    ) -> Self {
        let sink = match format {
            Format::Table => Sink::Table(destination, Vec::new()),
            Format::Json => Sink::Json(destination),
            Format::Jsonl => Sink::JsonLines(destination),
            Format::Csv => Sink::Separated(Box::new(csv::Writer::from_writer(destination))),
            Format::Tsv => {
                let writer = csv::WriterBuilder::new().delimiter(b'\t').from_writer(destination);
                Sink::Separated(Box::new(writer))
            }
        };
        Self {
            columns,
            has_chosen,
            records: 0,
            cell: String::new(),
            sink,
        }
    }

    /// Returns whether no record was written.
    pub(crate) fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Writes the header. It comes with the first record or the end, so that an error before that
    /// leaves no output.
    fn begin(&mut self) -> io::Result<()> {
        let names = self.columns.iter().map(|column| column.name);
        match &mut self.sink {
            Sink::Table(_, rows) => {
                rows.push(names.map(str::to_uppercase).collect());
                Ok(())
            }
            Sink::Separated(output) => output.write_record(names).map_err(written),
            Sink::Json(_) | Sink::JsonLines(_) => Ok(()),
        }
    }

    /// Writes a record.
    pub(crate) fn write(&mut self, record: &R) -> Result<(), Failure> {
        let written = self.try_write(record);
        written.map_err(|error| self.failure(&error))
    }

    fn try_write(&mut self, record: &R) -> io::Result<()> {
        let first = self.records == 0;
        if first {
            self.begin()?;
        }
        self.records += 1;
        match &mut self.sink {
            Sink::Table(output, rows) => {
                let mut row = Vec::with_capacity(self.columns.len());
                for column in &self.columns {
                    cell(&mut self.cell, column, record)?;
                    row.push(table::cell(&self.cell));
                }
                rows.push(row);
                match rows.len() < ALIGNED_ROWS {
                    true => Ok(()),
                    false => write_rows(output, &std::mem::take(rows)),
                }
            }
            Sink::Separated(output) => {
                for column in &self.columns {
                    cell(&mut self.cell, column, record)?;
                    output.write_field(&self.cell).map_err(written)?;
                }
                output.write_record(None::<&[u8]>).map_err(written)
            }
            Sink::Json(output) => {
                output.write_all(if first { b"[\n  " } else { b",\n  " })?;
                json(output, &self.columns, self.has_chosen, record)
            }
            Sink::JsonLines(output) => {
                json(output, &self.columns, self.has_chosen, record)?;
                output.write_all(b"\n")
            }
        }
    }

    /// Completes the output: a file gets its name now.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        // People need no header without rows.
        let begun = match (self.records, &self.sink) {
            (0, Sink::Separated(_)) => self.begin(),
            _ => Ok(()),
        };
        begun.map_err(|error| self.failure(&error))?;
        let end = match &mut self.sink {
            Sink::Json(output) => output.write_all(if self.records == 0 { b"[]\n" } else { b"\n]\n" }),
            Sink::Table(output, rows) => write_rows(output, rows),
            Sink::Separated(output) => output.flush(),
            Sink::JsonLines(_) => Ok(()),
        };
        end.map_err(|error| self.failure(&error))?;
        let destination = match self.sink {
            Sink::Separated(output) => output.into_inner().map_err(|_| io::ErrorKind::Other.into()),
            Sink::Table(output, _) | Sink::Json(output) | Sink::JsonLines(output) => Ok(output),
        };
        let lost = |error: io::Error| Failure::file("could not write the output", &error);
        destination.map_err(lost)?.finish()
    }

    fn failure(&self, error: &io::Error) -> Failure {
        match &self.sink {
            Sink::Table(output, _) | Sink::Json(output) | Sink::JsonLines(output) => output.failure(error),
            Sink::Separated(output) => output.get_ref().failure(error),
        }
    }
}

/// Writes rows of a table, aligned to each other.
fn write_rows(output: &mut Destination, rows: &[Vec<String>]) -> io::Result<()> {
    output.write_all(table::aligned(rows, output.columns()).as_bytes())
}

/// Writes a record as a list for people: a line for each column.
pub(super) fn write_list<R: Record>(
    mut destination: Destination,
    columns: &[&'static Column<R>],
    record: &R,
) -> Result<(), Failure> {
    let mut text = String::new();
    let rows = columns.iter().map(|column| {
        cell(&mut text, column, record)?;
        Ok(vec![column.name.to_owned(), table::cell(&text)])
    });
    let rows = rows.collect::<io::Result<Vec<_>>>();
    let written = rows.and_then(|rows| write_rows(&mut destination, &rows));
    written.map_err(|error| destination.failure(&error))?;
    destination.finish()
}

/// Returns the error of writing, as a closed pipe is recognised by it.
fn written(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Writes a record as a JSON object of its own.
pub(super) fn write_object<R: Record>(
    mut destination: Destination,
    columns: &[&'static Column<R>],
    has_chosen: bool,
    record: &R,
) -> Result<(), Failure> {
    let written = json(&mut destination, columns, has_chosen, record).and_then(|()| destination.write_all(b"\n"));
    written.map_err(|error| destination.failure(&error))?;
    destination.finish()
}

fn cell<R>(text: &mut String, column: &Column<R>, record: &R) -> io::Result<()> {
    text.clear();
    (column.write)(record, text).map_err(io::Error::other)
}

fn json<R: Record>(
    output: &mut impl Write,
    columns: &[&'static Column<R>],
    has_chosen: bool,
    record: &R,
) -> io::Result<()> {
    if !has_chosen {
        return Ok(serde_json::to_writer(output, record)?);
    }
    let all = match serde_json::to_value(record)? {
        Value::Object(all) => all,
        other => return Ok(serde_json::to_writer(output, &other)?),
    };
    let chosen = columns.iter().map(|column| {
        let value = all.get(column.name).cloned().unwrap_or(Value::Null);
        (column.name.to_owned(), value)
    });
    Ok(serde_json::to_writer(output, &chosen.collect::<Map<_, _>>())?)
}
