//! A page of one file with the state of a submission: totals, statuses over time, failures by reason,
//! and a table that can be searched.
//!
//! The page loads nothing from elsewhere. The rows are JSON in the page, and a script shows those
//! that are searched for: 100 000 rows of elements would be slow. The rows are written one by one,
//! so that the memory does not depend on their number.

use std::io::Write as _;
use std::path::Path;

use maud::{Markup, PreEscaped, html};

use super::statuses;
use super::svg::grouped;
use crate::failure::Failure;
use crate::output::Destination;

/// Content that the browser may load: nothing but the page itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Content of a page above its table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    /// Name of the submission.
    pub(crate) title: String,
    /// Facts in their order, such as ("project", "7c1d…").
    pub(crate) facts: Vec<(String, String)>,
    /// Number of analyses by status.
    pub(crate) counts: Vec<(String, u64)>,
    pub(crate) failures: Vec<Failures>,
    /// Chart of [`svg`](super::svg), unless the journal has no statuses over time.
    pub(crate) timeline: Option<String>,
    /// Names of the columns of the table.
    pub(crate) columns: Vec<String>,
}

/// Failures with one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failures {
    pub(crate) reason: String,
    pub(crate) count: u64,
    /// Some user references.
    pub(crate) examples: Vec<String>,
}

/// Writer of the rows of a page. Ends with [`finish`](Self::finish); the file appears then.
pub(crate) struct PageWriter {
    file: Destination,
    rows: u64,
    line: Vec<u8>,
}

impl PageWriter {
    /// Begins a page in a file.
    pub(crate) fn begin(path: &Path, page: &Page) -> Result<Self, Failure> {
        let mut writer = Self {
            file: Destination::open(Some(path))?,
            rows: 0,
            line: Vec::new(),
        };
        writer.write(page.above().as_bytes())?;
        Ok(writer)
    }

    /// Writes a row: a text for each column, and one that is searched and not shown.
    pub(crate) fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<(), Failure> {
        self.line.clear();
        self.line.extend_from_slice(if self.rows == 0 { b"\n" } else { b",\n" });
        self.rows += 1;
        let cells = cells.iter().map(AsRef::as_ref).collect::<Vec<&str>>();
        let row = serde_json::to_string(&cells).unwrap_or_default();
        // A text in a script must not end the script.
        self.line.extend_from_slice(row.replace('<', "\\u003c").as_bytes());
        let line = std::mem::take(&mut self.line);
        self.write(&line)?;
        self.line = line;
        Ok(())
    }

    /// Completes the page.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let end = format!("]</script>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
        self.write(end.as_bytes())?;
        self.file.finish()
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(bytes);
        written.map_err(|error| self.file.failure(&error))
    }
}

impl Page {
    /// Returns the page up to the first row.
    fn above(&self) -> String {
        let head = html! {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (self.title) }
            style { (PreEscaped(STYLE)) }
        };
        let body = html! {
            h1 { (self.title) }
            dl { @for (name, value) in &self.facts { dt { (name) } dd { (value) } } }
            (self.totals())
            @if let Some(svg) = &self.timeline {
                h2 { "Statuses over time" }
                (PreEscaped(svg))
            }
            (self.reasons())
            h2 { "Analyses" }
            input #search type="search" placeholder="Search: words that a row contains" aria-label="Search";
            span .note #note {}
            noscript { p { "The table needs JavaScript, which is turned off in this browser." } }
            div .scroll { table {
                thead { tr { @for column in &self.columns { th { (column) } } } }
                tbody #body {}
            } }
        };
        let (head, body) = (head.into_string(), body.into_string());
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>{head}</head>\n<body>\n{body}\n\
             <script type=\"application/json\" id=\"rows\">["
        )
    }

    fn totals(&self) -> Markup {
        let counts = self.counts.iter().filter(|(_, count)| *count > 0);
        let layers = statuses::arrange(counts.clone().map(|(status, _)| status.as_str()));
        let count = |status: &str| {
            let of_status = self.counts.iter().filter(|(name, _)| name == status);
            of_status.map(|(_, count)| count).sum::<u64>()
        };
        let all = counts.map(|(_, count)| count).sum::<u64>();
        html! {
            h2 { (grouped(all)) @if all == 1 { " analysis" } @else { " analyses" } }
            div .bar role="img" aria-label="Number of analyses by status" {
                @for (status, color) in &layers {
                    span title=(status) style={ "flex:" (count(status)) " 0 0;background:" (statuses::css(*color)) } {}
                }
            }
            ul .counts { @for (status, color) in &layers {
                li {
                    span .key style={ "background:" (statuses::css(*color)) } {}
                    button data-search=(status) { (status) } " " b { (grouped(count(status))) }
                }
            } }
        }
    }

    fn reasons(&self) -> Markup {
        html! {
            @if !self.failures.is_empty() {
                h2 { "Failures by reason" }
                div .scroll { table {
                    thead { tr { th { "analyses" } th { "reason" } th { "for example" } } }
                    tbody { @for failures in &self.failures {
                        tr {
                            td .number { (grouped(failures.count)) }
                            td { button data-search=(failures.reason) { (failures.reason) } }
                            td { (failures.examples.join(", ")) }
                        }
                    } }
                } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Failures, Page, PageWriter};

    fn page() -> Page {
        Page {
            title: "cohort <42>".to_owned(),
            facts: vec![("project".to_owned(), "p & q".to_owned())],
            counts: vec![
                ("SUCCEEDED".to_owned(), 1200),
                ("FAILED".to_owned(), 1),
                ("QUEUED".to_owned(), 0),
            ],
            failures: vec![Failures {
                reason: "no \"reference\" <b>".to_owned(),
                count: 1,
                examples: vec!["sample-1".to_owned()],
            }],
            timeline: None,
            columns: vec!["user_reference".to_owned(), "message".to_owned()],
        }
    }

    fn written(rows: &[[&str; 2]]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        let mut writer = PageWriter::begin(&path, &page()).unwrap();
        for row in rows {
            writer.row(row).unwrap();
        }
        assert!(!path.exists(), "the file appears when it is complete");
        writer.finish().unwrap();
        fs::read_to_string(&path).unwrap()
    }

    /// Returns the rows in a page, as a browser reads them.
    fn rows(page: &str) -> Vec<[String; 2]> {
        let (_, rest) = page.split_once("id=\"rows\">").unwrap();
        let (json, _) = rest.split_once("</script>").unwrap();
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn foreign_texts_become_text_and_never_elements() {
        let hostile = "</script><script>alert(1)</script><!--";
        let page = written(&[["sample-1", hostile], ["\u{2028}\"quoted\"", "2"]]);
        assert_eq!(rows(&page)[0], ["sample-1", hostile]);
        assert_eq!(rows(&page)[1], ["\u{2028}\"quoted\"", "2"]);
        assert_eq!(page.matches("<script").count(), 2, "{page}");
        assert!(page.contains("<title>cohort &lt;42&gt;</title>"), "{page}");
        assert!(page.contains("no &quot;reference&quot; &lt;b&gt;"), "{page}");
        assert!(page.contains("<dd>p &amp; q</dd>"), "{page}");
    }

    #[test]
    fn the_page_loads_nothing_and_statuses_without_analyses_are_left_out() {
        let page = written(&[]);
        assert_eq!(rows(&page), Vec::<[String; 2]>::new());
        assert!(page.contains("default-src 'none'"));
        for outside in ["src=", "href=", "url(", "@import", "http://", "https://"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("SUCCEEDED") && !page.contains("QUEUED"), "{page}");
    }
}
