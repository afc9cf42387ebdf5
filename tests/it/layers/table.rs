//! The tables of layers in DESIGN.md.

use std::collections::BTreeMap;

/// Layers of one crate, from the top, and the circles that are allowed in its folders.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) layers: Vec<Layer>,
    pub(super) circles: Vec<ListedCircle>,
}

/// One row of a table.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) name: String,
    /// Folders and files below `src`. A folder ends with a slash.
    pub(super) units: Vec<String>,
    /// Whether lower layers may be used.
    pub(super) uses_lower: bool,
    /// Arrows that are allowed within the layer.
    pub(super) arrows: Vec<(String, String)>,
}

/// A circle inside a folder that has a reason.
#[derive(Debug)]
pub(super) struct ListedCircle {
    /// Folder below `src`.
    pub(super) folder: String,
    /// Files and subfolders that form the circle, sorted.
    pub(super) members: Vec<String>,
}

/// Reads the section "## Layers": tables and circles by the folders of their crates.
///
/// Each crate has a heading such as ``### `xtask/src` ``, followed by one table with the columns
/// layer, folders and files, may use, knows. The list below `### Circles inside a folder` has lines
/// such as ``- `xtask/src/emit`: `mod`, `unions`: reason``.
pub(super) fn read(design: &str) -> Result<BTreeMap<String, Table>, String> {
    let mut tables = BTreeMap::<String, Table>::new();
    let mut heading = String::new();
    let start = design
        .find("\n## Layers\n")
        .ok_or("DESIGN.md has no section \"## Layers\"")?;
    let section = design[start + 1..]
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("## "));
    for line in section {
        if let Some(text) = line.strip_prefix("### ") {
            heading = text.trim().to_owned();
        } else if line.starts_with('|') {
            let root = quoted(&heading).into_iter().next();
            let root = root.ok_or_else(|| format!("the table below \"{heading}\" names no folder of a crate"))?;
            if let Some(layer) = row(line)? {
                tables.entry(root).or_default().layers.push(layer);
            }
        } else if let Some(entry) = line.strip_prefix("- ")
            && heading == "Circles inside a folder"
        {
            let (root, circle) = circle(entry)?;
            tables.entry(root).or_default().circles.push(circle);
        }
    }
    Ok(tables)
}

fn row(line: &str) -> Result<Option<Layer>, String> {
    let cells = line
        .trim()
        .trim_matches('|')
        .split('|')
        .map(str::trim)
        .collect::<Vec<_>>();
    let [name, units, may_use, knows] = cells[..] else {
        return Err(format!("the row {line:?} has no four cells"));
    };
    if name == "layer" || name.starts_with("---") {
        return Ok(None);
    }
    let (lower, arrows) = may_use.split_once(';').unwrap_or((may_use, ""));
    let uses_lower = match lower.trim() {
        "lower layers" => true,
        "nothing" => false,
        other => {
            return Err(format!(
                "the row {name} may use {other:?}; write \"lower layers\" or \"nothing\", then arrows after a semicolon"
            ));
        }
    };
    let arrows = quoted(arrows).into_iter().map(|arrow| {
        let ends = arrow
            .split_once(" → ")
            .ok_or_else(|| format!("`{arrow}` in the row {name} is not an arrow such as `a → b`"))?;
        Ok((ends.0.to_owned(), ends.1.to_owned()))
    });
    if knows.is_empty() {
        return Err(format!("the row {name} does not say what the layer knows"));
    }
    Ok(Some(Layer {
        name: name.to_owned(),
        units: quoted(units),
        uses_lower,
        arrows: arrows.collect::<Result<_, String>>()?,
    }))
}

fn circle(entry: &str) -> Result<(String, ListedCircle), String> {
    let parts = entry.splitn(3, ": ").collect::<Vec<_>>();
    let [folder, members, reason] = parts[..] else {
        return Err(format!(
            "the circle {entry:?} has no three parts: folder, members, reason"
        ));
    };
    let path = quoted(folder).into_iter().next().unwrap_or_default();
    let at = path
        .find("/src/")
        .ok_or_else(|| format!("the circle {entry:?} names no folder below src"))?;
    let mut members = quoted(members);
    members.sort();
    if reason.trim().is_empty() {
        return Err(format!("the circle {entry:?} has no reason"));
    }
    let folder = path[at + "/src/".len()..].to_owned();
    Ok((path[..at + "/src".len()].to_owned(), ListedCircle { folder, members }))
}

/// Returns the texts between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
