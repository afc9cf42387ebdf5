//! Work that people have to do after an update.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Update;
use crate::diff::{self, Change, Verdict};
use crate::error::in_text;

/// List of the work that an update brings.
///
/// ```
/// use xtask::Source;
/// use xtask::update::{Options, Work, update};
///
/// let text = r#"
/// openapi: 3.0.1
/// info: { title: Tiny, version: '1', description: Ours. }
/// paths:
///   /api/things:
///     get:
///       summary: Get the thing.
///       description: Returns it.
///       operationId: getThing
///       responses:
///         '200': { description: It., content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
/// components:
///   schemas:
///     Thing:
///       description: A thing.
///       type: object
///       properties:
///         state: { description: Its state., type: string, enum: [NEW, DONE] }
/// "#;
/// let base = Source::parse("ours.yaml", text)?;
/// let published = Source::parse("published.yaml", &text.replace("DONE]", "DONE, FAILED]"))?;
/// let work = Work::of(&update(&base, &published, &Options::default())?);
/// assert_eq!(work.text(), "");
/// let work = Work::with_advice(&update(&base, &published, &Options::default())?);
/// assert_eq!(work.sections[0].title, "Adapt code");
/// assert!(work.text().contains("schema Thing: property state: the value `FAILED` was added"));
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// Kinds of work, without the empty ones.
    pub sections: Vec<Section>,
}

/// Work of one kind.
///
/// ```
/// let section = xtask::update::Section { title: "Write prose".to_owned(), tasks: vec!["schema Thing".to_owned()] };
/// assert_eq!(section.tasks.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Kind of work.
    pub title: String,
    /// One line for each task.
    pub tasks: Vec<String>,
}

impl Work {
    /// Returns the work after an update: prose for new nodes, code to adapt by the rule of each
    /// change, operations that are new, and what users must know.
    ///
    /// ```
    /// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1', description: Ours.}\npaths: {}\n";
    /// let source = xtask::Source::parse("tiny.yaml", text)?;
    /// let update = xtask::update::update(&source, &source, &Default::default())?;
    /// assert_eq!(xtask::update::Work::of(&update), Default::default());
    /// # Ok::<(), xtask::Error>(())
    /// ```
    pub fn of(update: &Update) -> Self {
        Self::new(update, |_| None)
    }

    /// Returns the work as [`of`](Self::of) does, with the advice of the rules: it names files of the
    /// repository of `ica-batch-sdk`.
    ///
    /// ```
    /// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1', description: Ours.}\nservers: [{url: /rest}]\npaths: {}\n";
    /// let base = xtask::Source::parse("tiny.yaml", text)?;
    /// let published = xtask::Source::parse("published.yaml", &text.replace("/rest", "/v2"))?;
    /// let update = xtask::update::update(&base, &published, &Default::default())?;
    /// assert!(xtask::update::Work::with_advice(&update).text().contains("`base_url.rs`"));
    /// assert!(!xtask::update::Work::of(&update).text().contains("`base_url.rs`"));
    /// # Ok::<(), xtask::Error>(())
    /// ```
    pub fn with_advice(update: &Update) -> Self {
        Self::new(update, |change| {
            let rule = diff::rules().iter().find(|rule| rule.id == change.rule);
            rule.and_then(|rule| rule.next.as_deref())
        })
    }

    fn new(update: &Update, advice: impl Fn(&Change) -> Option<&'static str>) -> Self {
        let mut work = Self::default();
        work.add(
            "Write prose",
            update.missing_prose.iter().map(ToString::to_string).collect(),
        );
        let changes = &update.changes.changes;
        // A text may name the fact that changed, such as a limit.
        let kept = changes.iter().filter(|change| change.before.is_some());
        let places = kept.map(|change| format!("{}: check that the text still holds", change.place));
        work.add("Check prose", places.collect::<BTreeSet<_>>().into_iter().collect());
        let adapted = changes.iter().filter_map(|change| adaptation(change, advice(change)));
        work.add("Adapt code", adapted.collect());
        let added = update.added.iter().map(|id| in_text(id));
        let added = added.map(|id| format!("operation {id}: the raw client has a method for it now"));
        work.add("Offer new operations", added.collect());
        let breaking = changes.iter().filter(|change| change.wire == Verdict::Breaking);
        let notes = breaking.map(|change| format!("{}: older releases may fail there", headline(change)));
        work.add("Tell users", notes.collect());
        work
    }

    /// Adds a kind of work. Without tasks nothing is added.
    ///
    /// ```
    /// let mut work = xtask::update::Work::default();
    /// work.add("Decide", vec!["the name of an enum".to_owned()]);
    /// assert_eq!(work.text(), "Decide\n  - the name of an enum\n");
    /// ```
    pub fn add(&mut self, title: &str, tasks: Vec<String>) {
        if !tasks.is_empty() {
            self.sections.push(Section {
                title: title.to_owned(),
                tasks,
            });
        }
    }

    /// Returns the list as text, which is empty without work.
    ///
    /// ```
    /// assert_eq!(xtask::update::Work::default().text(), "");
    /// ```
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Section { title, tasks } in &self.sections {
            let _ = writeln!(text, "{title}");
            for task in tasks {
                let _ = writeln!(text, "  - {task}");
            }
        }
        text
    }

    /// Returns the list as Markdown, with a box to tick for each task.
    ///
    /// ```
    /// let mut work = xtask::update::Work::default();
    /// work.add("Decide", vec!["the name of `A_B`".to_owned()]);
    /// assert_eq!(work.markdown(), "## Decide\n\n- [ ] the name of `A_B`\n");
    /// ```
    pub fn markdown(&self) -> String {
        let mut blocks = Vec::new();
        for Section { title, tasks } in &self.sections {
            let mut text = format!("## {title}\n\n");
            for task in tasks {
                let _ = writeln!(text, "- [ ] {}", diff::harmless(task));
            }
            blocks.push(text);
        }
        blocks.join("\n")
    }
}

/// Returns what a change asks of the code, if it asks for anything.
fn adaptation(change: &Change, advice: Option<&str>) -> Option<String> {
    let next = match (advice, change.rust) {
        (Some(next), _) => next,
        (None, Verdict::Breaking) => "build the code that uses it, and adapt what the compiler reports",
        (None, _) => return None,
    };
    Some(format!("{}; {next}", headline(change)))
}

/// Returns the text of a change without its last sentence, which tells the effect on programs.
fn headline(change: &Change) -> &str {
    let found = change.text.rsplit_once(". Programs ");
    found.map_or(change.text.as_str(), |(headline, _)| headline)
}
