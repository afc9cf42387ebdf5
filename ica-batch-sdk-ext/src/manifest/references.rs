//! User references that were read, as hashes: about 30 bytes for each.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sha2::{Digest, Sha256};

/// Bytes of a hash. Two of ten million references are equal with a probability of 10⁻¹⁵.
const BYTES: usize = 12;

/// Lines of user references.
#[derive(Debug, Default)]
pub(super) struct References(HashMap<[u8; BYTES], u32>);

impl References {
    /// Adds the reference of a row. Returns the line of an earlier row with the same one.
    pub(super) fn add(&mut self, reference: &str, line: u64) -> Option<u64> {
        let digest = Sha256::digest(reference);
        let mut hash = [0; BYTES];
        hash.iter_mut().zip(digest).for_each(|(byte, of)| *byte = of);
        match self.0.entry(hash) {
            Entry::Occupied(first) => Some(u64::from(*first.get())),
            Entry::Vacant(new) => {
                new.insert(u32::try_from(line).unwrap_or(u32::MAX));
                None
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
}
