//! Lines of the nodes of a YAML or JSON text.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};

use super::tree::escape;

/// Levels of objects and lists that are read. The parsers that follow allow no more, and need
/// minutes to find out.
const DEEPEST: usize = 127;

/// Greatest number of brackets that are open at once. The YAML parser needs time in proportion to
/// it for each token. Text outside of YAML's flow style counts too.
pub(crate) const MAX_OPEN_BRACKETS: usize = 200;

/// Returns the first line at which more than [`MAX_OPEN_BRACKETS`] are open.
pub(crate) fn too_many_brackets(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, line) in text.lines().enumerate() {
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' => open += 1,
                b']' | b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            if open > MAX_OPEN_BRACKETS {
                return Some(at + 1);
            }
        }
    }
    None
}

/// Line of each node, by its JSON pointer.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines(BTreeMap<String, usize>);

impl Lines {
    /// Returns the lines of a text. A text that cannot be parsed has those up to the error.
    ///
    /// # Errors
    /// When an object or list is nested deeper than [`DEEPEST`]. The error is its line.
    pub(super) fn of(text: &str) -> Result<Self, usize> {
        if let Some(line) = too_many_brackets(text) {
            return Err(line);
        }
        let mut lines = BTreeMap::new();
        let mut open = Vec::<Open>::new();
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else {
                break;
            };
            let line = span.start.line();
            match event {
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    let pointer = start(&mut open, line, &mut lines);
                    let is_mapping = matches!(event, Event::MappingStart(..));
                    open.push(Open::new(pointer, is_mapping));
                    if open.len() > DEEPEST {
                        return Err(line);
                    }
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    open.pop();
                }
                Event::Scalar(text, ..) => scalar(&mut open, &text, line, &mut lines),
                Event::Alias(_) => scalar(&mut open, "", line, &mut lines),
                _ => {}
            }
        }
        Ok(Self(lines))
    }

    /// Returns the line of the node, or that of the next enclosing node that the text has.
    pub(super) fn line(&self, pointer: &str) -> Option<usize> {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.0.get(pointer) {
                return Some(*line);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

/// A mapping or sequence that has not ended.
struct Open {
    pointer: String,
    is_mapping: bool,
    /// Key that waits for its value, with its line.
    key: Option<(String, usize)>,
    index: usize,
}

impl Open {
    fn new(pointer: String, is_mapping: bool) -> Self {
        Self {
            pointer,
            is_mapping,
            key: None,
            index: 0,
        }
    }
}

fn scalar(open: &mut [Open], text: &str, line: usize, lines: &mut BTreeMap<String, usize>) {
    match open.last_mut() {
        Some(parent) if parent.is_mapping && parent.key.is_none() => parent.key = Some((text.to_owned(), line)),
        _ => {
            start(open, line, lines);
        }
    }
}

/// Records the line of a value, which is that of its key in a mapping, and returns its pointer.
fn start(open: &mut [Open], line: usize, lines: &mut BTreeMap<String, usize>) -> String {
    let Some(parent) = open.last_mut() else {
        lines.insert(String::new(), line);
        return String::new();
    };
    let (name, line) = if parent.is_mapping {
        parent.key.take().unwrap_or_default()
    } else {
        parent.index += 1;
        ((parent.index - 1).to_string(), line)
    };
    let pointer = format!("{}/{}", parent.pointer, escape(&name));
    lines.insert(pointer.clone(), line);
    pointer
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn each_node_has_the_line_of_its_key() {
        let yaml = Lines::of("a:\n  - b\n  - c:\n      d/e: 1\nf: {g: 2,\n  h: 3}\n").unwrap();
        let line = |pointer| yaml.line(pointer);
        assert_eq!(line("/a"), Some(1));
        assert_eq!(line("/a/0"), Some(2));
        assert_eq!(line("/a/1/c"), Some(3));
        assert_eq!(line("/a/1/c/d~1e"), Some(4));
        assert_eq!(line("/f/h"), Some(6));
        assert_eq!(line("/f/missing/below"), Some(5));
        let json = Lines::of("{\n  \"a\": {\n\t\"b\": [1,\n 2]}}").unwrap();
        assert_eq!(json.line("/a/b/1"), Some(4));
    }
}
