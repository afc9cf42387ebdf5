//! Text of cells.

use std::fmt::{self, Display, Write as _};
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};

/// Writes the value of a cell. Without a value, the cell is empty.
pub(super) fn optional(cell: &mut String, value: Option<impl Display>) -> fmt::Result {
    match value {
        Some(value) => write!(cell, "{value}"),
        None => Ok(()),
    }
}

/// Writes the values of a cell, with a comma between two.
pub(super) fn list(cell: &mut String, values: impl IntoIterator<Item = impl Display>) -> fmt::Result {
    for (index, value) in values.into_iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(cell, "{comma}{value}")?;
    }
    Ok(())
}

/// Returns a time as RFC 3339 has it, in UTC, such as `2026-11-28T22:16:12Z`.
pub(super) fn time(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Secs, true)
}
