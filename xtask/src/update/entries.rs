//! The place of new entries in an object.

use indexmap::IndexMap;

use crate::source::{PROSE, Tree};

/// Entries that get further ones, each at the place that it has in the published order.
pub(super) struct Entries<'k> {
    entries: IndexMap<String, Tree>,
    is_sorted: bool,
    /// Published key that was passed last and that the entries have.
    before: Option<&'k str>,
}

impl<'k> Entries<'k> {
    pub(super) fn new(entries: IndexMap<String, Tree>) -> Self {
        Self {
            entries,
            is_sorted: false,
            before: None,
        }
    }

    /// Entries in alphabetical order remain so.
    pub(super) fn sorted(entries: IndexMap<String, Tree>) -> Self {
        Self {
            is_sorted: entries.keys().is_sorted(),
            entries,
            before: None,
        }
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Passes a published key, with its value if the entries need it. Keys are passed in the published
    /// order.
    pub(super) fn pass(&mut self, key: &'k str, value: Option<Tree>) {
        if let Some(value) = value {
            let at = match self.before.and_then(|before| self.entries.get_index_of(before)) {
                _ if self.is_sorted => self.entries.partition_point(|other, _| other.as_str() < key),
                Some(before) => before + 1,
                None => self.first(),
            };
            self.entries.shift_insert(at, key.to_owned(), value);
        }
        if self.contains(key) {
            self.before = Some(key);
        }
    }

    /// Returns where a key stands that precedes all others: after the prose.
    fn first(&self) -> usize {
        let is_prose = |key: &&String| PROSE.contains(&key.as_str());
        self.entries.keys().take_while(is_prose).count()
    }

    pub(super) fn done(self) -> IndexMap<String, Tree> {
        self.entries
    }
}
