//! Compares the versions of an operation, which ICA tells apart by media types.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Comparison, Node, Pair};

/// Versions of an operation before and after.
#[derive(Debug, Default)]
pub(super) struct Versions {
    before: BTreeSet<u8>,
    after: BTreeSet<u8>,
}

impl Versions {
    /// Returns the version that took the place of this one, or this one.
    pub(super) fn successor(&self, version: u8) -> u8 {
        match self.replaced() {
            Some((old, new)) if old == version => new,
            _ => version,
        }
    }

    /// Returns whether the version was added or removed as a whole.
    pub(super) fn is_reported(&self, version: u8) -> bool {
        !self.is_unversioned() && (self.before.contains(&version) != self.after.contains(&version))
    }

    /// Returns whether one side has no version, so that its media types tell the difference.
    fn is_unversioned(&self) -> bool {
        self.before.is_empty() || self.after.is_empty()
    }

    /// Returns the one version that another one replaces.
    fn replaced(&self) -> Option<(u8, u8)> {
        let mut removed = self.before.difference(&self.after);
        let mut added = self.after.difference(&self.before);
        match (removed.next(), removed.next(), added.next(), added.next()) {
            (Some(old), None, Some(new), None) => Some((*old, *new)),
            _ => None,
        }
    }
}

impl<'a> Comparison<'a> {
    pub(super) fn versions(&mut self, pair: &Pair<'a>) -> Versions {
        let versions = Versions {
            before: self.versions_of(true, &pair.before),
            after: self.versions_of(false, &pair.after),
        };
        if versions.is_unversioned() {
            return versions;
        }
        let mut report = |id: &str, old: Option<u8>, new: Option<u8>| {
            let step = old.or(new).map(|version| format!("version {version}"));
            let place = pair.place.join(step.unwrap_or_default());
            let pointer = |is_base: bool, node: &Node<'a>, version: Option<u8>| {
                version.map(|version| self.pointer_of(is_base, node, version))
            };
            let pointers = (
                pointer(true, &pair.before, old).or_else(|| Some(pair.before.pointer.clone())),
                pointer(false, &pair.after, new).or_else(|| Some(pair.after.pointer.clone())),
            );
            self.push(
                id,
                &place,
                "version",
                (old.map(Value::from), new.map(Value::from)),
                pointers,
            );
        };
        if let Some((old, new)) = versions.replaced() {
            report("version-replaced", Some(old), Some(new));
            return versions;
        }
        let added = if versions.before.len() == 1 {
            "second-version-added"
        } else {
            "version-added"
        };
        for version in versions.after.difference(&versions.before) {
            report(added, None, Some(*version));
        }
        for version in versions.before.difference(&versions.after) {
            report("version-removed", Some(*version), None);
        }
        versions
    }

    /// Returns the versions of the responses, or of the request where no response has one.
    fn versions_of(&self, is_base: bool, operation: &Node<'a>) -> BTreeSet<u8> {
        let media = |nodes: Vec<Node<'a>>| -> BTreeSet<u8> {
            let nodes = nodes.into_iter().map(|node| self.resolved(is_base, node));
            let keys = nodes.flat_map(|node| node.get("content").map(|node| node.entries()).unwrap_or_default());
            keys.filter_map(|(key, _)| version_of(key)).collect()
        };
        let responses = operation
            .get("responses")
            .map(|node| node.entries())
            .unwrap_or_default();
        let in_responses = media(responses.into_iter().map(|(_, node)| node).collect());
        if !in_responses.is_empty() {
            return in_responses;
        }
        media(operation.get("requestBody").into_iter().collect())
    }

    /// Returns the pointer of the first media type of the version.
    fn pointer_of(&self, is_base: bool, operation: &Node<'a>, version: u8) -> String {
        let responses = operation
            .get("responses")
            .map(|node| node.entries())
            .unwrap_or_default();
        let holders = responses
            .into_iter()
            .map(|(_, node)| node)
            .chain(operation.get("requestBody"));
        let mut media = holders.flat_map(|node| {
            let node = self.resolved(is_base, node);
            node.get("content").map(|node| node.entries()).unwrap_or_default()
        });
        let found = media.find(|(key, _)| version_of(key) == Some(version));
        found.map_or_else(|| operation.pointer.clone(), |(_, node)| node.pointer)
    }
}

/// Returns the version that a vendor media type names.
pub(super) fn version_of(media: &str) -> Option<u8> {
    let rest = media.strip_prefix("application/vnd.illumina.v")?;
    rest.strip_suffix("+json")?.parse().ok()
}

/// Returns the media type of a version.
pub(super) fn media_of(version: u8) -> String {
    format!("application/vnd.illumina.v{version}+json")
}
