//! Compares the bodies of requests and responses.

use super::schema::Spot;
use super::versions::{Versions, media_of, version_of};
use super::{Comparison, Field, Pair, Place};
use crate::diff::node::Node;
use crate::diff::uses::Uses;

impl<'a> Comparison<'a> {
    pub(super) fn request_body(&mut self, field: &Field<'a>, versions: &Versions) {
        let field = self.resolved_field(field.clone());
        self.with_uses(Uses::REQUESTS, |here| {
            let place = field.owner.join("request body");
            match field.pair("request body") {
                Some(pair) => {
                    for inner in pair.fields() {
                        match inner.key {
                            "required" => here.flag(&inner, "body-now-required", "body-now-optional"),
                            "content" => here.content(&inner, versions, "body-added", "body-removed"),
                            _ => here.other(&inner),
                        }
                    }
                }
                None if field.before.is_some() => here.record_field("body-removed", &place, &field),
                None => here.record_field("body-added", &place, &field),
            }
        });
    }

    pub(super) fn responses(&mut self, field: &Field<'a>, versions: &Versions) {
        self.with_uses(Uses::RESPONSES, |here| {
            let statuses = field.fields(&field.owner);
            let lone = here.moved_success(&statuses);
            for status in &statuses {
                if lone
                    .as_ref()
                    .is_some_and(|(old, new)| [old.key, new.key].contains(&status.key))
                {
                    continue;
                }
                here.response(&here.resolved_field(status.clone()), &statuses, versions);
            }
            if let Some((old, new)) = lone {
                let place = field.owner.join(format!("response {}", old.key));
                let values = (Some(old.key.into()), Some(new.key.into()));
                let pointer = |node: &Option<Node<'a>>| node.as_ref().map(|node| node.pointer.clone());
                let pointers = (pointer(&old.before), pointer(&new.after));
                here.push("success-status-changed", &place, old.key, values, pointers);
                let both = Field {
                    after: new.after,
                    ..old
                };
                here.response(&here.resolved_field(both), &statuses, versions);
            }
        });
    }

    /// Returns the only success that was removed and the only one that was added.
    fn moved_success(&self, statuses: &[Field<'a>]) -> Option<(Field<'a>, Field<'a>)> {
        let success = || statuses.iter().filter(|status| is_success(status.key));
        let mut removed = success().filter(|status| status.after.is_none());
        let mut added = success().filter(|status| status.before.is_none());
        match (removed.next(), removed.next(), added.next(), added.next()) {
            (Some(old), None, Some(new), None) => Some((old.clone(), new.clone())),
            _ => None,
        }
    }

    fn response(&mut self, status: &Field<'a>, others: &[Field<'a>], versions: &Versions) {
        let step = format!("response {}", status.key);
        let place = status.owner.join(step.as_str());
        let Some(pair) = status.pair(step) else {
            if status.key.starts_with("x-") {
                return self.other(status);
            }
            let id = match (is_success(status.key), &status.after) {
                (true, None)
                    if !others
                        .iter()
                        .any(|other| is_success(other.key) && other.after.is_some()) =>
                {
                    "only-success-removed"
                }
                (true, None) => "success-removed",
                (true, Some(added)) if self.has_known_body(added, others) => "success-added",
                (true, Some(_)) => "success-with-another-body-added",
                (false, None) => "error-removed",
                (false, Some(_)) => "error-added",
            };
            return self.record_field(id, &place, status);
        };
        for field in pair.fields() {
            match field.key {
                "content" => self.content(&field, versions, "response-body-added", "response-body-removed"),
                "headers" => self.headers(&field.fields(&pair.place)),
                _ => self.other(&field),
            }
        }
    }

    /// Returns whether another success has the same body.
    fn has_known_body(&self, added: &Node<'a>, others: &[Field<'a>]) -> bool {
        let content = |node: &Node<'a>| node.value.get("content").cloned();
        let before = others
            .iter()
            .filter(|other| is_success(other.key))
            .filter_map(|other| other.before.clone());
        let mut before = before.map(|node| self.resolved(true, node));
        before.any(|node| content(&node) == content(added))
    }

    fn headers(&mut self, headers: &[Field<'a>]) {
        for header in headers {
            let header = self.resolved_field(header.clone());
            let place = header.owner.join(format!("header {}", header.key));
            match header.pair(format!("header {}", header.key)) {
                Some(pair) => {
                    for field in pair.fields() {
                        match (field.key, field.pair("schema")) {
                            ("schema", Some(inner)) => {
                                let is_required = true;
                                let property = header.key;
                                self.schema(inner, Spot { property, is_required });
                            }
                            ("required" | "deprecated", _) => self.unequal("response-header-changed", &field),
                            _ => self.other(&field),
                        }
                    }
                }
                None if header.before.is_some() => self.record_field("response-header-removed", &place, &header),
                None => self.record_field("response-header-added", &place, &header),
            }
        }
    }

    fn content(&mut self, field: &Field<'a>, versions: &Versions, added: &str, removed: &str) {
        let is_empty = |node: &Option<Node<'a>>| node.as_ref().is_none_or(|node| node.entries().is_empty());
        match (is_empty(&field.before), is_empty(&field.after)) {
            (true, true) => return,
            (true, false) => return self.record_field(added, &field.owner, field),
            (false, true) => return self.record_field(removed, &field.owner, field),
            (false, false) => {}
        }
        let old = field.before.as_ref().map(Node::entries).unwrap_or_default();
        let new = field.after.as_ref().map(Node::entries).unwrap_or_default();
        let has_version = |version| old.iter().any(|(key, _)| version_of(key) == Some(version));
        for (key, before) in &old {
            let version = version_of(key);
            let successor = version.map_or_else(|| (*key).to_owned(), |version| media_of(versions.successor(version)));
            let place = field.owner.join(*key);
            match new.iter().find(|(key, _)| *key == successor) {
                Some((_, after)) => self.media(before.clone(), after.clone(), place),
                None if version.is_some_and(|version| versions.is_reported(version)) => {}
                None => {
                    let keys: Vec<&str> = old.iter().map(|(key, _)| *key).collect();
                    let is_unused = !is_used(&keys, key) && new.iter().any(|(key, _)| is_used(&keys, key));
                    let id = if is_unused {
                        "unused-media-type-removed"
                    } else {
                        "media-type-removed"
                    };
                    self.record(id, &place, key, Some(before), None);
                }
            }
        }
        for (key, after) in &new {
            let version = version_of(key);
            let is_successor = version.is_some_and(|version| {
                let mut before = old.iter().filter_map(|(key, _)| version_of(key));
                before.any(|old| versions.successor(old) == version)
            });
            let is_known = old.iter().any(|(before, _)| before == key) || is_successor;
            let is_reported = version.is_some_and(|version| versions.is_reported(version) && !has_version(version));
            if !is_known && !is_reported {
                self.record("media-type-added", &field.owner.join(*key), key, None, Some(after));
            }
        }
    }

    fn media(&mut self, before: Node<'a>, after: Node<'a>, place: Place) {
        let pair = Pair { before, after, place };
        for field in pair.fields() {
            match (field.key, &field.before, &field.after) {
                ("schema", Some(before), Some(after)) => {
                    let inner = Pair {
                        before: before.clone(),
                        after: after.clone(),
                        place: pair.place.clone(),
                    };
                    let is_required = true;
                    self.schema(
                        inner,
                        Spot {
                            property: "",
                            is_required,
                        },
                    );
                }
                ("schema", None, Some(_)) => self.record_field("body-schema-added", &pair.place, &field),
                ("schema", Some(_), None) => self.record_field("body-schema-removed", &pair.place, &field),
                _ => self.other(&field),
            }
        }
    }
}

/// Returns whether the generated client uses one of the media types of a body: one with a version if
/// there is any, or else JSON.
fn is_used(all: &[&str], media: &str) -> bool {
    let is_json = |media: &str| ["application/json", "application/problem+json"].contains(&media);
    if all.iter().any(|media| version_of(media).is_some()) {
        return version_of(media).is_some();
    }
    is_json(media) || !all.iter().any(|media| is_json(media))
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}
