//! Compares a published description with a base, such as `openapi/ica-batch.yaml`.
//!
//! [`diff`] finds every changed fact in the operations of the base and in the schemas that they use.
//! Each [`Change`] has a rule from one table ([`rules`]), its place, and two verdicts: on the
//! messages and on Rust code. A difference that no rule knows is `unclassified` and counts as
//! breaking.
//!
//! Rust code, for the verdict, reads the fields of responses, writes requests with their builders,
//! calls the methods of the raw client, and uses the names of types. It neither writes nor takes
//! apart a whole struct by its fields.
//!
//! ```
//! use xtask::Source;
//! use xtask::diff::{Options, Verdict, diff};
//!
//! let text = r#"
//! openapi: 3.0.1
//! info: { title: Tiny, version: '1' }
//! paths:
//!   /api/things/{thingId}:
//!     get:
//!       operationId: getThing
//!       responses:
//!         '200':
//!           description: The thing.
//!           content: { application/vnd.illumina.v3+json: { schema: { $ref: '#/components/schemas/Thing' } } }
//! components:
//!   schemas:
//!     Thing: { type: object, properties: { status: { type: string, enum: [NEW, DONE] } } }
//! "#;
//! let base = Source::parse("base.yaml", text)?;
//! let published = Source::parse("published.yaml", &text.replace("DONE]", "DONE, FAILED]"))?;
//! let changes = diff(&base, &published, Options::default());
//! let change = &changes.changes[0];
//! assert_eq!((changes.changes.len(), change.rule.as_str()), (1, "open-value-added"));
//! assert_eq!(change.place, "schema Thing: property status");
//! assert_eq!(change.operations, ["getThing"]);
//! assert_eq!((change.wire, change.rust), (Verdict::Compatible, Verdict::Compatible));
//! # Ok::<(), xtask::Error>(())
//! ```

mod change;
mod compare;
mod enums;
mod facts;
mod node;
mod options;
mod render;
mod rules;
mod text;
mod uses;
mod verdict;

pub use change::{Change, Changes, Summary};
pub(crate) use compare::{Address, Partners};
pub use options::Options;
pub(crate) use render::harmless;
pub use render::{github, markdown, rule_as_text, rules_as_markdown, text};
pub use rules::{Only, Rule, Verdicts, rules};
pub use verdict::Verdict;

use crate::source::Source;

/// Returns every change from the base to the published description.
///
/// The order of keys, and of lists whose order has no meaning, makes no difference.
///
/// ```
/// use xtask::Source;
/// use xtask::diff::{Options, diff};
///
/// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\npaths: {}\n";
/// let base = Source::parse("base.yaml", text)?;
/// let published = Source::parse("published.yaml", &text.replace("Tiny", "Small"))?;
/// assert!(diff(&base, &published, Options::default()).changes.is_empty());
/// let prose = Options { prose: true, ..Options::default() };
/// assert_eq!(diff(&base, &published, prose).changes[0].rule, "prose-changed");
/// # Ok::<(), xtask::Error>(())
/// ```
pub fn diff(base: &Source, published: &Source, options: Options) -> Changes {
    Changes::of(compare::compare(base, published, options).0)
}

/// Returns the facts that changed, and what belongs together.
pub(crate) fn facts_and_partners<'a>(base: &'a Source, published: &'a Source) -> (Changes, Partners<'a>) {
    let (changes, partners) = compare::compare(base, published, Options::default());
    (Changes::of(changes), partners)
}
