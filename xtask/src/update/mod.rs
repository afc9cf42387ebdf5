//! Takes the facts of a published description into a description with prose of its own.
//!
//! [`update()`] returns the new text. Facts are those of the published description. Prose
//! (summaries, descriptions, titles, examples) stays where its node still exists, also in a schema or
//! an operation that has another name now. A new node has no prose, and [`missing_prose`] finds it.
//! Components that no operation reaches are dropped. The order, the comments and the form of unchanged
//! nodes stay.
//!
//! ```
//! use xtask::Source;
//! use xtask::update::{Options, update};
//!
//! let ours = "\
//! openapi: 3.0.1
//! info: { title: Tiny, version: '1', description: Our text. }
//! paths:
//!   /api/things:
//!     get:
//!       summary: Get the things.
//!       operationId: getThings
//!       parameters:
//!         - description: Number of things. # our comment
//!           name: count
//!           in: query
//!           schema:
//!             type: integer
//!       responses:
//!         '204':
//!           description: Done.
//! ";
//! let published = ours
//!     .replace("Our text", "Their text")
//!     .replace("            type: integer\n", "            type: integer\n            format: int32\n");
//! let base = Source::parse("ours.yaml", ours)?;
//! let published = Source::parse("published.yaml", &published)?;
//! let updated = update(&base, &published, &Options::default())?;
//! assert_eq!(updated.text, ours.replace("type: integer\n", "type: integer\n            format: int32\n"));
//! assert_eq!(updated.changes.changes[0].rule, "format-narrowed");
//! # Ok::<(), xtask::Error>(())
//! ```

mod build;
mod entries;
mod layout;
mod merge;
mod options;
mod prose;
mod select;
mod splice;
mod work;
mod write;

pub use options::Options;
pub use prose::{MissingProse, missing_prose};
pub use work::{Section, Work};

use crate::diff::{self, Changes};
use crate::error::Result;
use crate::source::Source;
use options::could_not;

/// Result of [`update()`].
///
/// ```
/// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n";
/// let source = xtask::Source::parse("tiny.yaml", text)?;
/// let updated = xtask::update::update(&source, &source, &Default::default())?;
/// assert_eq!((updated.text.as_str(), updated.added.len()), (text, 0));
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Update {
    /// Text of the new description. Equal to the old one if nothing changed.
    pub text: String,
    /// Changes of the operations that the base had, as [`diff::diff`] finds them.
    pub changes: Changes,
    /// Ids of the operations that are new.
    pub added: Vec<String>,
    /// Nodes of the new description without prose.
    pub missing_prose: Vec<MissingProse>,
}

/// Takes the facts of the published description into the base, and returns the new text.
///
/// The base keeps its operations, without those that the published description lacks, and gets those
/// that `options` name. A base in YAML is changed line by line. Parts of it in braces or brackets are
/// written anew if they change, and so is a base in JSON. Afterwards [`diff::diff`] finds no
/// difference between the new text and the published description.
///
/// # Errors
/// When the published description has none of the operations of the base, or not the operations or
/// tags that `options` name, or when the base has a YAML alias and is not up to date.
pub fn update(base: &Source, published: &Source, options: &Options) -> Result<Update> {
    let (changes, partners) = diff::facts_and_partners(base, published);
    let selection = select::select(base, published, &partners, options)?;
    let added = selection.iter().filter(|(_, before)| before.is_none());
    let added = added
        .map(|(address, _)| select::id(published, *address))
        .collect::<Vec<_>>();
    let new = build::build(base, published, &partners, &selection);
    // Where only the form differs, such as a parameter that became a component, the base stays as it is.
    let is_same = changes.changes.is_empty() && added.is_empty() && !build::drops(&base.tree, &new);
    let text = if is_same || new == base.tree {
        base.text.clone()
    } else if base.text.trim_start().starts_with('{') {
        let json = serde_json::to_string_pretty(&new);
        json.map(|text| text + "\n")
            .map_err(|error| could_not(base, format_args!("{error}; report it")))?
    } else if let Some(line) = layout::alias(&base.text) {
        let reason = format_args!("it has a YAML alias at line {line}, which repeats a node; write the node out");
        return Err(could_not(base, reason));
    } else {
        splice::splice(&base.text, &base.tree, &new, &select::renames(&partners, &selection))
    };
    let written = Source::parse(&base.name, &text)
        .map_err(|error| could_not(base, format_args!("the new text cannot be read: {error}; report it")))?;
    if !is_same && written.tree != new {
        let remedy = "write its YAML aliases and anchors out, or report it";
        return Err(could_not(
            base,
            format_args!("the new text says something else; {remedy}"),
        ));
    }
    let rest = diff::facts_and_partners(&written, published).0;
    if let Some(change) = rest.changes.first() {
        return Err(could_not(
            base,
            format_args!(
                "a difference remains, `{}` at {}: {}; report it",
                change.rule, change.place, change.text
            ),
        ));
    }
    Ok(Update {
        missing_prose: missing_prose(&written),
        text,
        changes,
        added,
    })
}
