//! Kinds of data: their columns, and their JSON.

use std::fmt;

use serde::Serialize;

use crate::failure::Failure;
use crate::suggestion::did_you_mean;

/// Kind of data that a command writes.
///
/// Its JSON is that of `Serialize`: an object, whose members have the names of the columns.
pub(crate) trait Record: Serialize + 'static {
    /// All columns in their order.
    const COLUMNS: &'static [Column<Self>];
}

/// Column of a kind of data.
pub(crate) struct Column<R: ?Sized> {
    pub(crate) name: &'static str,
    /// Whether a table has the column where no columns are chosen. The other formats have all.
    pub(crate) is_default: bool,
    /// Writes the cell of a record.
    pub(crate) write: fn(&R, &mut String) -> fmt::Result,
}

impl<R> Column<R> {
    /// Column that each format has by default.
    pub(crate) const fn new(name: &'static str, write: fn(&R, &mut String) -> fmt::Result) -> Self {
        Self {
            name,
            is_default: true,
            write,
        }
    }

    /// Column that a table has if it is named.
    pub(crate) const fn further(name: &'static str, write: fn(&R, &mut String) -> fmt::Result) -> Self {
        Self {
            name,
            is_default: false,
            write,
        }
    }
}

/// Returns the names that `--columns` takes for a kind of data.
pub(crate) fn column_names<R: Record>() -> Vec<String> {
    let all = ["all"].into_iter();
    all.chain(R::COLUMNS.iter().map(|column| column.name))
        .map(ToOwned::to_owned)
        .collect()
}

/// Returns the columns with these names. Without names, a table has the default ones, and another
/// format has all.
pub(super) fn choose<R: Record>(names: &[String], is_table: bool) -> Result<Vec<&'static Column<R>>, Failure> {
    let is_all = matches!(names, [name] if name.trim() == "all");
    if names.is_empty() || is_all {
        let columns = R::COLUMNS.iter();
        return Ok(columns
            .filter(|column| is_all || !is_table || column.is_default)
            .collect());
    }
    let chosen = names.iter().map(|name| {
        let name = name.trim();
        if name == "all" {
            return Err(Failure::usage("\"all\" means all columns; give it alone"));
        }
        R::COLUMNS.iter().find(|column| column.name == name).ok_or_else(|| {
            let known = R::COLUMNS.iter().map(|column| column.name);
            let suggestion = did_you_mean(name, known.clone());
            let known = known.collect::<Vec<_>>().join(", ");
            Failure::usage(format!("no column {name:?}{suggestion}; the columns are: {known}"))
        })
    });
    chosen.collect()
}
