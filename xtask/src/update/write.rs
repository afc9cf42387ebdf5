//! Writes values as YAML or JSON.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;

use crate::source::Tree;

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Leaf(value) => value.serialize(serializer),
            Tree::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Tree::Object(entries) => {
                let mut object = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    object.serialize_entry(key, value)?;
                }
                object.end()
            }
        }
    }
}

/// Returns an entry of an object at this column. The first line is not indented, and each line ends.
pub(super) fn entry(key: &str, value: &Tree, column: usize) -> String {
    let key = self::key(key);
    match value {
        Tree::Leaf(leaf) => format!("{key}: {}\n", leaf_at(leaf, column + 2)),
        _ if is_empty(value) => format!("{key}: {}\n", empty(value)),
        _ => format!("{key}:\n{}{}", spaces(column + 2), block(value, column + 2)),
    }
}

/// Returns an item of a list whose dash is at this column.
pub(super) fn item(value: &Tree, column: usize) -> String {
    match value {
        Tree::Leaf(leaf) => format!("- {}\n", leaf_at(leaf, column + 2)),
        _ if is_empty(value) => format!("- {}\n", empty(value)),
        _ => format!("- {}", block(value, column + 2)),
    }
}

/// Returns an object or list that is not empty.
fn block(value: &Tree, column: usize) -> String {
    let lines = match value {
        Tree::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| entry(key, value, column));
            entries.collect::<Vec<_>>()
        }
        Tree::List(items) => items.iter().map(|value| item(value, column)).collect(),
        Tree::Leaf(leaf) => vec![format!("{}\n", scalar(leaf))],
    };
    lines.join(&spaces(column))
}

pub(super) fn spaces(count: usize) -> String {
    " ".repeat(count)
}

fn is_empty(value: &Tree) -> bool {
    value.items().is_empty() && value.as_object().is_none_or(indexmap::IndexMap::is_empty)
}

fn empty(value: &Tree) -> &'static str {
    match value {
        Tree::Object(_) => "{}",
        _ => "[]",
    }
}

pub(super) fn key(key: &str) -> String {
    scalar(&Value::from(key))
}

/// Columns of a line.
const WIDTH: usize = 100;

/// Returns a scalar whose further lines begin at this column. Long texts are wrapped.
fn leaf_at(value: &Value, column: usize) -> String {
    let Some(text) = value.as_str() else {
        return scalar(value);
    };
    let is_plain = |line: &str| !line.starts_with([' ', '\t']) && !line.ends_with([' ', '\t']);
    let is_text = text.chars().all(|c| c == '\n' || !c.is_control()) && text.lines().all(is_plain);
    let gap = format!("\n{}", spaces(column));
    let ends = !text.starts_with('\n') && !text.ends_with('\n');
    if is_text && ends && text.contains('\n') {
        let lines = text.split('\n').map(|line| match line.is_empty() {
            true => "\n".to_owned(),
            false => format!("{gap}{line}"),
        });
        return format!("|-{}", lines.collect::<String>());
    }
    if is_text
        && text.contains(' ')
        && column + text.chars().count() > WIDTH
        && !text.contains("  ")
        && !text.contains('\n')
    {
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(word),
                Some(line) if column + line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        let lines = lines.iter().map(|line| format!("{gap}{line}"));
        return format!(">-{}", lines.collect::<String>());
    }
    scalar(value)
}

/// Returns a scalar in one line.
fn scalar(value: &Value) -> String {
    let yaml = yaml_serde::to_string(value).unwrap_or_default();
    match yaml.trim_end_matches('\n') {
        line if line.contains('\n') || line.is_empty() => value.to_string(),
        line => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Tree, entry};

    #[test]
    fn what_is_written_reads_the_same() {
        let text = r##"{"a":{"200":[1,true,null,"true","1","x: y","a\nb","{","é",[[],{}],[{"k":[2.5]}]],"":"","- a":"#b","c":"d\n\n- e\n# f","g":" h\ni","j":["k\n","l\nm"]}}"##;
        let tree: Tree = serde_json::from_str(text).unwrap();
        let (key, value) = tree.entries().next().unwrap();
        let yaml = entry(key, value, 0);
        let read: Tree = yaml_serde::from_str(&yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
        assert_eq!(read, tree, "{yaml}");
        assert_eq!(serde_json::to_string(&tree).unwrap(), text);
        assert!(yaml.contains("  c: |-\n    d\n\n    - e\n    # f\n"), "{yaml}");

        let long = Tree::text("word ".repeat(60).trim());
        let yaml = entry("long", &long, 4);
        assert!(
            yaml.starts_with("long: >-\n      word") && yaml.lines().all(|line| line.len() <= 100),
            "{yaml}"
        );
        let read: Tree = yaml_serde::from_str(&format!("    {yaml}")).unwrap();
        assert_eq!(read.get("long"), Some(&long));
    }
}
