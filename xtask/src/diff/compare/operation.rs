//! Compares two operations.

use super::parameters::parameters_of;
use super::{Comparison, Field, Node, Pair};

/// Operation with its path item and place.
#[derive(Debug, Clone)]
pub(super) struct Operation<'a> {
    pub(super) path: &'a str,
    pub(super) method: &'a str,
    pub(super) item: Node<'a>,
    pub(super) node: Node<'a>,
}

impl<'a> Operation<'a> {
    /// Returns the id, or the method and path of an operation without one.
    pub(super) fn id(&self) -> String {
        match self.node.text("operationId") {
            Some(id) => id.to_owned(),
            None => format!("{} {}", self.method.to_uppercase(), self.path),
        }
    }

    fn method_and_path(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }
}

impl<'a> Comparison<'a> {
    /// Compares two operations that belong together.
    pub(super) fn operation(&mut self, before: &Operation<'a>, after: &Operation<'a>) {
        let pair = Pair {
            before: before.node.clone(),
            after: after.node.clone(),
            place: super::Place::new(format!("operation {}", before.id())),
        };
        let first = self.changes.len();
        self.moved(before, after, &pair);
        let versions = self.versions(&pair);
        let parameters = (
            parameters_of(&before.item, &before.node),
            parameters_of(&after.item, &after.node),
        );
        let names: Vec<_> = template(before.path).into_iter().zip(template(after.path)).collect();
        self.parameters(parameters, &pair.place, &names);
        let defaults = (self.root(true).get("security"), self.root(false).get("security"));
        self.security(&pair.field("security"), defaults);
        for field in pair.fields() {
            match field.key {
                "parameters" | "security" => {}
                "operationId" => self.unequal("operation-id-changed", &field),
                "tags" => self.tags(&field),
                "deprecated" => self.flag(&field, "deprecated", "undeprecated"),
                "requestBody" => self.request_body(&field, &versions),
                "responses" => self.responses(&field, &versions),
                "servers" => self.servers(&field),
                _ => self.other(&field),
            }
        }
        self.check_operation(first, before, after, &pair);
        let items = Pair {
            before: before.item.clone(),
            after: after.item.clone(),
            place: super::Place::new(format!("path {}", before.path)),
        };
        self.item(&items);
    }

    fn moved(&mut self, before: &Operation<'a>, after: &Operation<'a>, pair: &Pair<'a>) {
        let id = match (
            anonymous(before.path) == anonymous(after.path),
            before.method == after.method,
        ) {
            (true, true) => return,
            (true, false) => "method-changed",
            (false, _) => "path-changed",
        };
        let values = (
            Some(before.method_and_path().into()),
            Some(after.method_and_path().into()),
        );
        let pointers = (Some(pair.before.pointer.clone()), Some(pair.after.pointer.clone()));
        self.push(id, &pair.place, "path", values, pointers);
    }

    /// Compares what path items have beside operations and parameters.
    fn item(&mut self, pair: &Pair<'a>) {
        for field in pair.fields() {
            match field.key {
                "parameters" => {}
                "servers" => self.servers(&field),
                method if crate::source::METHODS.contains(&method) => {}
                _ => self.other(&field),
            }
        }
    }

    fn tags(&mut self, field: &Field<'a>) {
        let sorted = |node: &Option<Node<'a>>| {
            let tags = node.as_ref().and_then(|node| node.value.as_array());
            let mut tags: Vec<String> = tags.into_iter().flatten().map(ToString::to_string).collect();
            tags.sort();
            tags
        };
        if sorted(&field.before) != sorted(&field.after) {
            self.record_field("tags-changed", &field.owner, field);
        }
    }

    pub(super) fn servers(&mut self, field: &Field<'a>) {
        let urls = |node: &Option<Node<'a>>| {
            let servers = node.as_ref().map(Node::items).unwrap_or_default();
            let urls = servers.iter().map(|server| {
                let variables = server.get("variables").map(|node| node.value.to_string());
                (server.text("url").map(str::to_owned), variables)
            });
            urls.collect::<Vec<_>>()
        };
        if urls(&field.before) != urls(&field.after) {
            self.record_field("servers-changed", &field.owner.join("servers"), field);
        } else if !field.is_equal() {
            self.record_field("prose-changed", &field.owner.join("servers"), field);
        }
    }
}

/// Returns the path without the names of its parameters.
pub(super) fn anonymous(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| {
        let rest = part.split_once('}').map_or("", |(_, rest)| rest);
        format!("{path}{{}}{rest}")
    })
}

/// Returns the names of the parameters in a path, in order.
fn template(path: &str) -> Vec<&str> {
    let parts = path.split('{').skip(1);
    parts.filter_map(|part| Some(part.split_once('}')?.0)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_without_names_are_equal() {
        assert_eq!(super::anonymous("/a/{x}/b:{y}"), super::anonymous("/a/{z}/b:{w}"));
        assert_ne!(super::anonymous("/a/{x}"), super::anonymous("/a/b"));
        assert_eq!(super::template("/a/{x}/b:{y}"), ["x", "y"]);
    }
}
