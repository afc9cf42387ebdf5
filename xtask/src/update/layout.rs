//! Where the nodes of a YAML text stand, as far as single entries of it can be replaced.

use saphyr_parser::{Event, Parser};

/// Node of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Layout {
    /// Value that is replaced as a whole: a scalar, or a collection in braces or brackets.
    Whole,
    /// Object or list with one entry per line.
    Block { column: usize, entries: Vec<Entry> },
}

/// Entry of an object or list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// Key. Empty in a list.
    pub(super) key: String,
    /// Byte position of the key, or of the dash.
    pub(super) start: usize,
    /// Byte position after the key. That of the dash in a list.
    pub(super) key_end: usize,
    /// Byte position of the value.
    pub(super) value: usize,
    pub(super) node: Layout,
}

impl Layout {
    /// Returns the layout of a text with one document. A text that cannot be parsed is a whole.
    pub(super) fn of(text: &str) -> Self {
        let mut reader = Reader {
            text,
            bytes: text.char_indices().map(|(at, _)| at).collect(),
            open: Vec::new(),
            root: Layout::Whole,
        };
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else {
                return Layout::Whole;
            };
            reader.event(&event, (span.start.index(), span.end.index()));
        }
        reader.root
    }
}

/// Returns the line of the first alias in a YAML text. An alias repeats a node, so a change of the node
/// would change other places.
pub(super) fn alias(text: &str) -> Option<usize> {
    let events = Parser::new_from_str(text).map_while(Result::ok);
    let mut aliases = events.filter(|(event, _)| matches!(event, Event::Alias(_)));
    Some(aliases.next()?.1.start.line())
}

struct Reader<'a> {
    text: &'a str,
    /// Byte position of each character.
    bytes: Vec<usize>,
    open: Vec<Open>,
    root: Layout,
}

/// Collection that has not ended.
struct Open {
    is_object: bool,
    /// Whether single entries can be replaced.
    is_block: bool,
    start: usize,
    /// Key that waits for its value, with the positions where it begins and ends.
    key: Option<(String, usize, usize)>,
    entries: Vec<Entry>,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, span: (usize, usize)) {
        let byte = |index| self.bytes.get(index).copied().unwrap_or(self.text.len());
        let (start, end) = (byte(span.0), byte(span.1));
        match event {
            Event::MappingStart(anchor, tag) | Event::SequenceStart(anchor, tag) => {
                let is_object = matches!(event, Event::MappingStart(..));
                let is_flow = self.text[start..].starts_with(['{', '[']);
                // A key that is a collection.
                self.spoil_at_key();
                self.open.push(Open {
                    is_object,
                    is_block: !is_flow && *anchor == 0 && tag.is_none(),
                    start,
                    key: None,
                    entries: Vec::new(),
                });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                if let Some(ended) = self.open.pop() {
                    match ended.entries.first().map(|first| first.start) {
                        Some(start) if ended.is_block => {
                            let column = start - self.line_start(start);
                            let entries = ended.entries;
                            self.end_value(start, Layout::Block { column, entries });
                        }
                        _ => self.end_value(ended.start, Layout::Whole),
                    }
                }
            }
            Event::Scalar(text, _, anchor, tag) => {
                let is_plain = *anchor == 0 && tag.is_none();
                let is_first = self.is_first(start);
                match self.open.last_mut() {
                    Some(parent) if parent.is_object && parent.key.is_none() => {
                        parent.is_block &= is_plain && is_first;
                        parent.key = Some((text.to_string(), start, end));
                    }
                    _ => self.end_value(start, Layout::Whole),
                }
            }
            Event::Alias(_) => {
                self.spoil_at_key();
                self.end_value(start, Layout::Whole);
            }
            _ => {}
        }
    }

    fn spoil_at_key(&mut self) {
        if let Some(parent) = self
            .open
            .last_mut()
            .filter(|parent| parent.is_object && parent.key.is_none())
        {
            parent.is_block = false;
            parent.key = Some((String::new(), 0, 0));
        }
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |line| line + 1)
    }

    /// Returns whether only indentation and dashes stand before this position in its line.
    fn is_first(&self, at: usize) -> bool {
        let before = &self.text[self.line_start(at)..at];
        before.chars().all(|each| each == ' ' || each == '-')
    }

    fn end_value(&mut self, value: usize, node: Layout) {
        let before = self.text[..value].trim_end();
        let is_first = self.is_first(before.len());
        let Some(parent) = self.open.last_mut() else {
            self.root = node;
            return;
        };
        let (key, start, key_end) = if parent.is_object {
            parent.key.take().unwrap_or_default()
        } else {
            let dash = before.len().saturating_sub(1);
            parent.is_block &= before.ends_with('-') && is_first;
            (String::new(), dash, dash)
        };
        parent.entries.push(Entry {
            key,
            start,
            key_end,
            value,
            node,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;

    fn starts(layout: &Layout, text: &str) -> Vec<String> {
        let Layout::Block { entries, .. } = layout else {
            return Vec::new();
        };
        let line = |at: usize| text[at..].lines().next().unwrap_or_default().to_owned();
        entries
            .iter()
            .flat_map(|entry| {
                let here = format!("{} | {}", line(entry.start), line(entry.value));
                std::iter::once(here).chain(starts(&entry.node, text))
            })
            .collect()
    }

    #[test]
    fn each_entry_has_its_place() {
        let text = "# é\na: 1\n'b':\n  - c: {x: 1}\n    d: |-\n      e: f\n  -\n    - g\nh:\n- i\n";
        let found = starts(&Layout::of(text), text);
        assert_eq!(
            found,
            [
                "a: 1 | 1",
                "'b': | - c: {x: 1}",
                "- c: {x: 1} | c: {x: 1}",
                "c: {x: 1} | {x: 1}",
                "d: |- | e: f",
                "- | - g",
                "- g | g",
                "h: | - i",
                "- i | i",
            ]
        );
    }

    #[test]
    fn what_cannot_be_replaced_entry_by_entry_is_a_whole() {
        for text in ["{a: 1}", "? a\n: 1\n", "&x\na: 1\n", "- *x\n  b", "- |-\n  b\n"] {
            assert_eq!(Layout::of(text), Layout::Whole, "{text}");
        }
    }
}
