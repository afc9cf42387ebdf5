//! User references that were read, as hashes: some 16 bytes for each.

use sha2::{Digest, Sha256};

/// Number of tables. Each grows by itself, so that only a small part is copied at a time.
const TABLES: usize = 1024;

/// Number of slots of a table at first.
const FIRST: usize = 16;

/// Lines of user references.
///
/// A hash has 64 bits of SHA-256. So two of ten million different references have the same one with a
/// probability of 3 in a million, and two of a hundred thousand with 3 in ten thousand million.
#[derive(Debug)]
pub(super) struct References(Vec<Table>);

/// Hashes and lines in slots, with linear probing.
#[derive(Debug, Default)]
struct Table {
    /// 0 is a free slot.
    hashes: Vec<u64>,
    lines: Vec<u32>,
    used: usize,
}

impl Default for References {
    fn default() -> Self {
        Self((0..TABLES).map(|_| Table::default()).collect())
    }
}

impl References {
    /// Adds the reference of a row. Returns the line of an earlier row with the same one.
    pub(super) fn add(&mut self, reference: &str, line: u64) -> Option<u64> {
        let digest = Sha256::digest(reference);
        let hash = digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte));
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let table = usize::try_from(hash % TABLES as u64).unwrap_or_default();
        let table = self.0.get_mut(table)?;
        table.add((hash / TABLES as u64).max(1), line).map(u64::from)
    }
}

impl Table {
    fn add(&mut self, hash: u64, line: u32) -> Option<u32> {
        // At 7/8 a search is still short.
        if self.used.saturating_mul(8) >= self.hashes.len().saturating_mul(7) {
            self.grow();
        }
        let slot = self.find(hash);
        match (self.hashes.get_mut(slot), self.lines.get_mut(slot)) {
            (Some(found), Some(first)) if *found == hash => Some(*first),
            (Some(free), Some(first)) => {
                (*free, *first) = (hash, line);
                self.used = self.used.saturating_add(1);
                None
            }
            _ => None,
        }
    }

    /// Returns the slot of a hash, or the free one for it. There is a free slot.
    fn find(&self, hash: u64) -> usize {
        let slots = self.hashes.len() as u64;
        let mut slot = usize::try_from(hash % slots.max(1)).unwrap_or_default();
        while { self.hashes.get(slot) }.is_some_and(|found| *found != 0 && *found != hash) {
            slot = slot.saturating_add(1);
            if slot == self.hashes.len() {
                slot = 0;
            }
        }
        slot
    }

    /// Grows by a quarter, so that few slots are free.
    fn grow(&mut self) {
        let slots = self.hashes.len();
        let slots = slots.saturating_add(slots / 4).max(FIRST);
        let hashes = std::mem::replace(&mut self.hashes, vec![0; slots]);
        let lines = std::mem::replace(&mut self.lines, vec![0; slots]);
        for (hash, line) in hashes.into_iter().zip(lines).filter(|(hash, _)| *hash != 0) {
            let slot = self.find(hash);
            if let (Some(free), Some(first)) = (self.hashes.get_mut(slot), self.lines.get_mut(slot)) {
                (*free, *first) = (hash, line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::References;

    #[test]
    fn the_first_line_of_a_reference_is_kept() {
        let mut references = References::default();
        assert_eq!(references.add("a", 2), None);
        assert_eq!(references.add("A", 3), None);
        assert_eq!(references.add("a", 4), Some(2));
        assert_eq!(references.add("a", 5), Some(2));
    }

    #[test]
    fn a_reference_takes_few_bytes_and_is_found_among_many() {
        let mut references = References::default();
        for number in 0..300_000 {
            assert_eq!(references.add(&format!("sample-{number}"), number), None);
        }
        for number in 0..300_000 {
            assert_eq!(references.add(&format!("sample-{number}"), 0), Some(number));
        }
        let slots = { references.0.iter() }
            .map(|table| table.hashes.capacity())
            .sum::<usize>();
        let bytes = slots * (size_of::<u64>() + size_of::<u32>());
        assert!(bytes < 300_000 * 18, "{bytes} bytes");
    }
}
