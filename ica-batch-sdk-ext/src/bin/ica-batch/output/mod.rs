//! Data of commands, on standard output or in a file, in several formats.
//!
//! - `format` has the formats, and `record` says what a kind of data is: its columns, and its JSON.
//! - `destination` is standard output, or a file that appears when it is complete.
//! - `writer` writes records in a format, `table` aligns those of a table, and `lines` writes what the
//!   library has formatted.

mod destination;
mod format;
mod lines;
mod record;
mod table;
mod writer;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::Failure;

pub(crate) use destination::Destination;
pub(crate) use format::Format;
pub(crate) use lines::Lines;
pub(crate) use record::{Column, Record, column_names};
pub(crate) use writer::Writer;

/// Writes a file, which appears when it is complete.
pub(crate) fn write_file(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut destination = Destination::open(Some(path))?;
    let written = destination.write_all(content);
    written.map_err(|error| destination.failure(&error))?;
    destination.finish()
}

/// Parser of the path of a file whose name ends with one of these extensions.
pub(crate) fn with_extension(
    extensions: &'static [&'static str],
) -> impl Fn(&str) -> Result<PathBuf, String> + Clone + Send + Sync + 'static {
    move |text| {
        let path = PathBuf::from(text);
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extensions.iter().any(|known| *known == extension) {
            true => Ok(path),
            false => Err(format!("the name must end with .{}", extensions.join(" or ."))),
        }
    }
}

/// Fails if no file can be written at the path. For the start of a command, before anything is sent.
pub(crate) fn check_file(path: Option<&Path>) -> Result<(), Failure> {
    path.map_or(Ok(()), Destination::check)
}

/// Options of commands that write data.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct OutputOptions {
    /// Format of the data. By default, a file has the format of its extension (csv, tsv, json, jsonl),
    /// a terminal shows a table, and anything else gets tab-separated values.
    #[arg(long, short, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<Format>,
    /// Columns, separated by commas; `all` for all. By default, a table has the most important
    /// ones, and the other formats have all.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// File for the data, in place of standard output. It appears when it is complete.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

impl OutputOptions {
    /// Returns the format that was chosen, or the one that fits the destination.
    pub(crate) fn format(&self) -> Format {
        self.format.unwrap_or_else(|| match &self.output {
            None if io::stdout().is_terminal() => Format::Table,
            None => Format::Tsv,
            Some(path) => Format::of_file(path).unwrap_or(Format::Tsv),
        })
    }

    /// Returns whether data was asked for, by a command that writes some on request only.
    pub(crate) fn is_asked(&self) -> bool {
        self.format.is_some() || self.output.is_some() || !self.columns.is_empty()
    }

    /// Returns whether another program reads the data. It may show them on the terminal, and a message
    /// would be in the middle of them.
    pub(crate) fn is_piped(&self) -> bool {
        self.output.is_none() && !io::stdout().is_terminal()
    }

    /// Fails if a column does not exist, or the file cannot be written. For the start of a command,
    /// before anything is sent.
    pub(crate) fn check<R: Record>(&self) -> Result<(), Failure> {
        record::choose::<R>(&self.columns, false)?;
        check_file(self.output.as_deref())
    }

    /// Writes a single record. In JSON it is an object and not a list, and in a table it has a line
    /// for each column.
    pub(crate) fn write_one<R: Record>(&self, record: &R) -> Result<(), Failure> {
        let format = self.format();
        if !matches!(format, Format::Json | Format::Table) {
            let mut writer = self.open_checked::<R>()?;
            writer.write(record)?;
            return writer.finish();
        }
        let columns = record::choose::<R>(&self.columns, format == Format::Table)?;
        let destination = Destination::open(self.output.as_deref())?;
        match format {
            Format::Table => writer::write_list(destination, &columns, record),
            _ => writer::write_object(destination, &columns, !self.columns.is_empty(), record),
        }
    }

    /// Checks the options, and opens the destination for records of a kind.
    pub(crate) fn open<R: Record>(&self) -> Result<Writer<R>, Failure> {
        self.check::<R>()?;
        self.open_checked()
    }

    /// Opens the destination for records of a kind, at the end of a command that has checked the
    /// options.
    pub(crate) fn open_checked<R: Record>(&self) -> Result<Writer<R>, Failure> {
        let columns = record::choose::<R>(&self.columns, self.format() == Format::Table)?;
        let destination = Destination::open(self.output.as_deref())?;
        let has_chosen = !self.columns.is_empty();
        Ok(Writer::new(self.format(), columns, has_chosen, destination))
    }
}
