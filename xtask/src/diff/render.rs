//! Changes and rules as text, Markdown, and annotations of GitHub.

use std::fmt::Write;

use serde_json::Value;

use super::change::{Change, Changes};
use super::rules::{Only, Rule, Verdicts, rules};
use super::text::short;
use super::verdict::Verdict;

/// Returns the changes as text: two lines for each, then the summary.
///
/// ```
/// use xtask::Source;
/// use xtask::diff::{Options, diff};
///
/// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\nservers: [{url: /rest}]\npaths: {}\n";
/// let base = Source::parse("base.yaml", text)?;
/// let published = Source::parse("published.yaml", &text.replace("/rest", "/v2"))?;
/// let printed = xtask::diff::text(&diff(&base, &published, Options::default()));
/// assert!(printed.starts_with("servers-changed  wire: breaking  rust: compatible  published.yaml:3\n"));
/// assert!(printed.ends_with("1 change, 1 of them breaking: 1 on the wire, 0 in Rust\n"));
/// # Ok::<(), xtask::Error>(())
/// ```
pub fn text(changes: &Changes) -> String {
    let mut text = String::new();
    for change in &changes.changes {
        line(
            &mut text,
            format_args!(
                "{}  wire: {}  rust: {}  {}",
                change.rule,
                change.wire,
                change.rust,
                position(change)
            ),
        );
        line(&mut text, format_args!("    {}", change.text));
    }
    line(&mut text, format_args!("{}", summary(changes)));
    text
}

/// Returns the changes as Markdown: a table, for a pull request.
///
/// ```
/// let none = xtask::diff::Changes::default();
/// assert_eq!(xtask::diff::markdown(&none), "No change.\n");
/// ```
pub fn markdown(changes: &Changes) -> String {
    if changes.changes.is_empty() {
        return "No change.\n".to_owned();
    }
    let mut text = format!("{}.\n\n", summary(changes));
    text.push_str("| place | before | after | wire | rust | rule |\n|---|---|---|---|---|---|\n");
    for change in &changes.changes {
        let value = |value: &Option<Value>| match value {
            Some(_) => cell(&short(value.as_ref())),
            None => "–".to_owned(),
        };
        let verdict = |verdict: Verdict| match verdict {
            Verdict::Compatible => "compatible",
            Verdict::Breaking => "**breaking**",
        };
        line(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} | `{}` |",
                cell(&change.place),
                value(&change.before),
                value(&change.after),
                verdict(change.wire),
                verdict(change.rust),
                change.rule
            ),
        );
    }
    text
}

/// Returns the changes as annotations of GitHub Actions, with file and line.
///
/// ```
/// use xtask::Source;
/// use xtask::diff::{Options, diff};
///
/// let text = "openapi: 3.0.1\ninfo: {title: Tiny, version: '1'}\nservers: [{url: /rest}]\npaths: {}\n";
/// let base = Source::parse("base.yaml", text)?;
/// let published = Source::parse("published.yaml", &text.replace("/rest", "/v2"))?;
/// let printed = xtask::diff::github(&diff(&base, &published, Options::default()));
/// assert!(printed.starts_with("::error file=published.yaml,line=3,title=servers-changed::description: servers"));
/// # Ok::<(), xtask::Error>(())
/// ```
pub fn github(changes: &Changes) -> String {
    let mut text = String::new();
    for change in &changes.changes {
        let level = if change.is_breaking() { "error" } else { "notice" };
        let file = change.file.as_deref().unwrap_or_default();
        line(
            &mut text,
            format_args!(
                "::{level} file={},line={},title={}::{}",
                property(file),
                change.line.unwrap_or(1),
                property(&change.rule),
                data(&change.text)
            ),
        );
    }
    text
}

/// Returns a rule as text: id, verdicts, the kind of change, and its example.
///
/// ```
/// let rule = &xtask::diff::rules()[0];
/// let printed = xtask::diff::rule_as_text(rule);
/// assert!(printed.starts_with("openapi-version-changed  wire: compatible  rust: compatible\n"));
/// ```
pub fn rule_as_text(rule: &Rule) -> String {
    let indented = |text: &str| text.replace('\n', "\n        ");
    format!(
        "{}  wire: {}  rust: {}\n    {}\n    before:\n        {}\n    after:\n        {}\n",
        rule.id,
        verdicts(rule, rule.wire),
        verdicts(rule, rule.rust),
        rule.about,
        indented(&rule.before),
        indented(&rule.after)
    )
}

/// Returns the table of rules as a page of Markdown.
///
/// ```
/// let page = xtask::diff::rules_as_markdown();
/// assert!(page.starts_with("# Rules of `cargo xtask diff`\n"));
/// assert!(page.contains("### `required-property-added`\n"));
/// ```
pub fn rules_as_markdown() -> String {
    let mut page = include_str!("rules_head.md").to_owned();
    page.push_str("\n| rule | wire | rust |\n|---|---|---|\n");
    for rule in rules() {
        line(
            &mut page,
            format_args!(
                "| [`{0}`](#{0}) | {1} | {2} |",
                rule.id,
                verdicts(rule, rule.wire),
                verdicts(rule, rule.rust)
            ),
        );
    }
    for rule in rules() {
        let only = match rule.only {
            Some(Only::RequestsAlone) => " Only where requests alone use the place.",
            Some(Only::Requests) => " Only where requests use the place.",
            Some(Only::Responses) => " Only where responses use the place.",
            Some(Only::Problems) => " Only in the schema `Problem`.",
            None => "",
        };
        let splits = match rule.splits {
            true => " Breaking in Rust where both use a schema that had no limit before, or has none now.",
            false => "",
        };
        let (about, before, after) = (&rule.about, &rule.before, &rule.after);
        line(&mut page, format_args!("\n### `{}`\n", rule.id));
        let next = rule.next.as_ref().map(|next| format!(" To do: {next}."));
        let next = next.unwrap_or_default();
        for wrapped in wrap(&format!("{about}{only}{splits}{next}")) {
            line(&mut page, format_args!("{wrapped}"));
        }
        line(
            &mut page,
            format_args!("\n```yaml\n# before\n{before}\n# after\n{after}\n```"),
        );
    }
    page
}

/// Returns the lines of a text, of at most 100 columns.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + 1 + word.chars().count() > 100 {
            lines.push(word.to_owned());
        } else {
            let gap = if lines[last].is_empty() { "" } else { " " };
            lines[last].push_str(gap);
            lines[last].push_str(word);
        }
    }
    lines
}

fn verdicts(rule: &Rule, verdicts: Verdicts) -> String {
    if rule.only == Some(Only::RequestsAlone) {
        return verdicts.in_requests.to_string();
    }
    if verdicts.in_requests == verdicts.in_responses {
        return verdicts.in_responses.to_string();
    }
    format!(
        "{} in requests, {} in responses",
        verdicts.in_requests, verdicts.in_responses
    )
}

fn position(change: &Change) -> String {
    match (&change.file, change.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.clone(),
        (None, _) => String::new(),
    }
}

fn summary(changes: &Changes) -> String {
    let summary = changes.summary;
    match summary.total {
        0 => "no change".to_owned(),
        total => format!(
            "{total} change{}, {} of them breaking: {} on the wire, {} in Rust",
            if total == 1 { "" } else { "s" },
            summary.breaking,
            summary.wire_breaking,
            summary.rust_breaking
        ),
    }
}

/// Returns a text for a cell of a table.
fn cell(text: &str) -> String {
    harmless(text).replace('|', "\\|")
}

/// Returns a text for Markdown in which names of a description can do nothing: no link, no HTML, and no
/// mention of a person or an issue. Text in marks of code stays as it is.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        if at > 0 {
            out.push('`');
        }
        if at % 2 == 1 {
            out.push_str(part);
            continue;
        }
        for c in part.replace("://", ":\u{200b}//").chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '[' | ']' | '*' | '!' | '\\' | '~' => out.extend(['\\', c]),
                // GitHub finds mentions after it has read entities and escapes.
                '@' | '#' => out.extend([c, '\u{200b}']),
                c => out.push(c),
            }
        }
    }
    out
}

/// Returns a text as the data of an annotation.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Returns a text as a property of an annotation.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = writeln!(text, "{line}");
}
