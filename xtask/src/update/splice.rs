//! Puts changed entries into a YAML text, and leaves the rest of it as it is.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use indexmap::IndexMap;

use super::layout::{Entry, Layout};
use super::write;
use crate::source::Tree;

/// Old key of each new one, for entries that have another key now.
pub(super) type Renames = BTreeMap<String, String>;

/// Returns the text with the new value in place of the old one.
pub(super) fn splice(text: &str, old: &Tree, new: &Tree, renames: &Renames) -> String {
    let layout = Layout::of(text);
    let Layout::Block { column, entries } = &layout else {
        return match new {
            Tree::Object(all) => all.iter().map(|(key, value)| write::entry(key, value, 0)).collect(),
            other => write::item(other, 0),
        };
    };
    // The text before the first entry belongs to the whole.
    let start = entries.first().map_or(text.len(), |entry| entry.start);
    let mut out = text[..start].to_owned();
    let is_crlf = text
        .lines()
        .next()
        .is_some_and(|line| text[line.len()..].starts_with("\r\n"));
    let line_end = if is_crlf { "\r\n" } else { "\n" };
    let splice = Splice {
        text,
        renames,
        line_end,
    };
    splice.block((*column, entries), old, new, start..text.len(), &mut out);
    out
}

struct Splice<'a> {
    text: &'a str,
    renames: &'a Renames,
    /// End of new lines, as the first line has it.
    line_end: &'a str,
}

impl Splice<'_> {
    /// Writes a collection. `range` begins with the comments of its first entry, or with the entry.
    fn block(
        &self,
        (column, entries): (usize, &[Entry]),
        old: &Tree,
        new: &Tree,
        range: Range<usize>,
        out: &mut String,
    ) {
        let end = range.end;
        let is_inline = entries.first().is_some_and(|first| first.start == range.start);
        let parts = self.parts(column, entries, range);
        let mut is_first = true;
        let mut put = |lead: &str, text: String| {
            if !is_first || !is_inline {
                out.push_str(lead);
                out.push_str(&write::spaces(column));
            }
            is_first = false;
            out.push_str(&text);
            if !text.ends_with('\n') {
                out.push_str(self.line_end);
            }
        };
        match new {
            Tree::Object(all) => {
                let places = entries.iter().enumerate();
                let places: HashMap<_, _> = places.map(|(at, entry)| (entry.key.as_str(), at)).collect();
                for (key, value) in all {
                    let old_key = self.old_key(key, all, old);
                    let at = places.get(old_key).copied();
                    match at.and_then(|at| Some((&parts[at], &entries[at], old.get(old_key)?))) {
                        Some((part, entry, before)) => {
                            let fresh = || self.lines(write::entry(key, value, column));
                            let text = self.entry(part, entry, before, value, fresh);
                            put(part.lead, self.with_key(text, entry, key));
                        }
                        None => put("", self.lines(write::entry(key, value, column))),
                    }
                }
            }
            Tree::List(items) => {
                let partners = partners(old.items(), items);
                for (value, partner) in items.iter().zip(partners) {
                    match partner {
                        Some(at) => {
                            let fresh = || self.lines(write::item(value, column));
                            let text = self.entry(&parts[at], &entries[at], &old.items()[at], value, fresh);
                            put(parts[at].lead, text);
                        }
                        None => put("", self.lines(write::item(value, column))),
                    }
                }
            }
            Tree::Leaf(_) => {}
        }
        let tail = parts.last().map_or(end, |part| part.end);
        out.push_str(&self.text[tail..end]);
    }

    /// Returns new lines with the line ends of the text.
    fn lines(&self, text: String) -> String {
        match self.line_end {
            "\n" => text,
            other => text.replace('\n', other),
        }
    }

    /// Returns the key that an entry had.
    fn old_key<'k>(&'k self, key: &'k str, new: &IndexMap<String, Tree>, old: &Tree) -> &'k str {
        let is_gone = |before: &&String| old.get(before).is_some() && !new.contains_key(before.as_str());
        match self.renames.get(key).filter(is_gone) {
            Some(before) if old.get(key).is_none() => before,
            _ => key,
        }
    }

    /// Returns the text of an entry with its new key.
    fn with_key(&self, text: String, entry: &Entry, key: &str) -> String {
        match text.strip_prefix(&self.text[entry.start..entry.key_end]) {
            Some(rest) if entry.key != key => format!("{}{rest}", write::key(key)),
            _ => text,
        }
    }

    fn entry(&self, part: &Part<'_>, entry: &Entry, old: &Tree, new: &Tree, fresh: impl Fn() -> String) -> String {
        if old == new {
            return self.text[entry.start..part.end].to_owned();
        }
        let is_open = |tree: &Tree| !matches!(tree, Tree::Leaf(_));
        let same_kind = std::mem::discriminant(old) == std::mem::discriminant(new);
        let is_empty = new.items().is_empty() && new.as_object().is_none_or(IndexMap::is_empty);
        match &entry.node {
            Layout::Block { column, entries } if is_open(new) && same_kind && !is_empty => {
                let start = self.lead_start(entry.start, entry.value);
                let mut out = self.text[entry.start..start].to_owned();
                self.block((*column, entries), old, new, start..part.end, &mut out);
                out
            }
            _ => fresh(),
        }
    }

    /// Returns where each entry ends, and the comments in front of it.
    fn parts(&self, column: usize, entries: &[Entry], range: Range<usize>) -> Vec<Part<'_>> {
        let mut parts = Vec::<Part<'_>>::new();
        for (at, entry) in entries.iter().enumerate() {
            let next = entries
                .get(at + 1)
                .map_or(range.end, |next| self.line_start(next.start));
            let before = parts.last().map_or(range.start, |before| before.end);
            let lead = self.text.get(before..self.line_start(entry.start)).unwrap_or_default();
            let end = self.content_end(entry.start, next, column);
            parts.push(Part { lead, end });
        }
        parts
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |line| line + 1)
    }

    /// Returns where the lines between a key and its value begin. A value in the line of its dash has
    /// none.
    fn lead_start(&self, key: usize, value: usize) -> usize {
        match self.text[key..value].find('\n') {
            Some(line) => key + line + 1,
            None => value,
        }
    }

    /// Returns the end of an entry without the comments and empty lines that belong to the next one.
    fn content_end(&self, start: usize, end: usize, column: usize) -> usize {
        let mut end = end;
        loop {
            let before = self.text[start..end].trim_end_matches(['\n', '\r']).len() + start;
            let line = self.line_start(before).max(start);
            let text = &self.text[line..before];
            let indent = text.len() - text.trim_start().len();
            let is_comment = text.trim_start().starts_with('#') && indent <= column;
            if line == start || !is_comment {
                // The line break belongs to the entry.
                let rest = &self.text[before..end];
                return before + rest.find('\n').map_or(rest.len(), |at| at + 1);
            }
            end = line;
        }
    }
}

/// Part of a text that an entry covers.
struct Part<'a> {
    /// Comments and empty lines in front of the entry.
    lead: &'a str,
    end: usize,
}

/// Returns the old item of each new item: an equal one, or else the one with the same identity, or
/// with the same position in a list of the same length.
fn partners(old: &[Tree], new: &[Tree]) -> Vec<Option<usize>> {
    let mut found = vec![None; new.len()];
    let mut is_taken = vec![false; old.len()];
    let same_length = old.len() == new.len();
    let is_same = |way: usize, (before, one): (usize, &Tree), (after, other): (usize, &Tree)| match way {
        0 => one == other,
        1 => ["name", "$ref", "url"]
            .iter()
            .any(|key| one.get(key).is_some() && one.get(key) == other.get(key) && one.get("in") == other.get("in")),
        _ => same_length && before == after,
    };
    for way in 0..3 {
        for (after, other) in new.iter().enumerate() {
            if found[after].is_some() {
                continue;
            }
            let pairs = old.iter().enumerate();
            let mut pairs = pairs.filter(|(before, _)| !is_taken[*before]);
            let partner = pairs.find(|one| is_same(way, *one, (after, other)));
            if let Some((before, _)) = partner {
                found[after] = Some(before);
                is_taken[before] = true;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Renames, Tree, splice};

    const TEXT: &str = "\
# Head.
a:
  # About b.
  b: 1
  c:
    - x   # first
    - {k: 1}

  # About d.
  d: |-
    # Title

    text
# About e.
e: {f: 1}
# Tail.
";

    fn put(new: &str) -> String {
        let read = |text: &str| yaml_serde::from_str::<Tree>(text).unwrap();
        let renames = Renames::from([("f".to_owned(), "a".to_owned())]);
        let text = splice(TEXT, &read(TEXT), &read(new), &renames);
        assert_eq!(read(&text), read(new), "{text}");
        text
    }

    #[test]
    fn what_stays_is_kept_to_the_byte() {
        assert_eq!(put(TEXT), TEXT);
        let changed = TEXT.replace("b: 1", "b: 2");
        assert_eq!(put(&changed), changed);
        let changed = TEXT.replace("    - {k: 1}\n", "    - k: 2\n");
        assert_eq!(put(&changed), changed);
        let changed = TEXT.replace("    - x   # first\n", "    - x   # first\n    - y: z\n      w: []\n");
        assert_eq!(put(&changed), changed);
    }

    #[test]
    fn an_entry_goes_with_its_comment() {
        let changed = TEXT.replace("  # About b.\n  b: 1\n", "");
        assert_eq!(put(&changed), changed);
        let changed = TEXT.replace("\n  # About d.\n  d: |-\n    # Title\n\n    text\n", "");
        assert_eq!(put(&changed), changed);
        let changed = TEXT.replace("  # About b.\n", "  a: 0\n  # About b.\n");
        assert_eq!(put(&changed), changed);
        let changed = TEXT.replace("# About e.\ne: {f: 1}\n", "");
        assert_eq!(put(&changed), changed);
    }

    #[test]
    fn new_lines_end_as_the_others() {
        let text = "a: 1\r\nb:\r\n  - c\r\n";
        let read = |text: &str| yaml_serde::from_str::<Tree>(text).unwrap();
        let new = "a: 2\r\nb:\r\n  - c\r\n  - d: e\r\n    f: g\r\n";
        assert_eq!(splice(text, &read(text), &read(new), &Renames::new()), new);
    }

    #[test]
    fn a_renamed_entry_keeps_its_form() {
        let changed = TEXT.replace("\na:\n", "\nf:\n");
        assert_eq!(put(&changed), changed);
        let changed = changed.replace("b: 1", "b: 2");
        assert_eq!(put(&changed), changed);
    }

    #[test]
    fn new_entries_are_written_in_blocks() {
        let changed = TEXT.replace("e: {f: 1}\n", "e:\n  f: 1\n  g:\n    h: 'true'\n");
        assert_eq!(put(&changed), changed);
        let new = yaml_serde::from_str::<Tree>("a: [1]").unwrap();
        let other = splice("{a: 1}", &Tree::text("old"), &new, &Renames::new());
        assert_eq!(other, "a:\n  - 1\n");
    }
}
