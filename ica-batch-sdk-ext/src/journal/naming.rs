//! The keys and marks of a submission: texts that follow from what they stand for, the same on
//! every machine.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::records::SubmissionId;
use crate::idempotency::{IdempotencyKey, digest_of, hex};

/// First part of the derivation of a key.
const PURPOSE: &str = "submission";

/// Text before the parts of a mark. It changes with the derivation.
const MARK: &str = "ica-batch-sdk/mark/1";

/// Text before the digits of the mark of a row.
const ROW_MARK: &str = "ica-batch-r-";

/// Number of hexadecimal digits of a mark.
const MARK_DIGITS: usize = 32;

/// Derivation of the keys of a submission. A journal records it, so that older submissions keep
/// their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyVersion {
    /// From the submission's name, the label and the digest.
    V1,
    /// Also from the project's id: ICA does not say whether it remembers keys per project.
    V2,
}

impl KeyVersion {
    /// Derivation of new submissions.
    pub(crate) const LATEST: Self = Self::V2;

    /// Returns the number that the journal stores.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }

    pub(super) fn from_number(number: i64) -> Option<Self> {
        [Self::V1, Self::V2]
            .into_iter()
            .find(|version| version.number() == number)
    }
}

/// Derivation of the keys and marks of a submission.
#[derive(Debug, Clone)]
pub(crate) struct Naming {
    pub(crate) keys: KeyVersion,
    pub(crate) id: SubmissionId,
}

impl Naming {
    pub(crate) fn new(keys: KeyVersion, id: &SubmissionId) -> Self {
        Self { keys, id: id.clone() }
    }

    /// Derives the key of a chunk from its label and the digest of its body.
    pub(crate) fn key(&self, label: &str, digest: &str) -> IdempotencyKey {
        let SubmissionId { project, name, .. } = &self.id;
        match self.keys {
            KeyVersion::V1 => IdempotencyKey::derive([PURPOSE, name, label, digest]),
            KeyVersion::V2 => IdempotencyKey::derive([PURPOSE, "2", project, name, label, digest]),
        }
    }

    /// Returns the tag of all analyses of the submission.
    pub(crate) fn submission_mark(&self) -> String {
        let SubmissionId {
            base_url,
            project,
            name,
        } = &self.id;
        mark("s", &[base_url, project, name])
    }

    /// Returns the tag of the analyses of a planned chunk. The parts of a split chunk keep it, because
    /// they keep its bytes.
    pub(crate) fn chunk_mark(&self, label: &str) -> String {
        let SubmissionId {
            base_url,
            project,
            name,
        } = &self.id;
        mark("c", &[base_url, project, name, planned_label(label)])
    }
}

/// Returns whether a tag is a mark.
pub(crate) fn is_mark(tag: &str) -> bool {
    let digits = ["ica-batch-s-", "ica-batch-c-", ROW_MARK].map(|start| tag.strip_prefix(start));
    let digits = digits.into_iter().flatten().next();
    digits.is_some_and(|digits| digits.len() == MARK_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Returns the name of a submission as it is written on every machine: without white space around it,
/// and in Unicode's form NFC.
pub(crate) fn canonical_name(name: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(name.trim())
}

/// Returns whether a tag is the mark of a chunk.
pub(crate) fn is_chunk_mark(tag: &str) -> bool {
    tag.starts_with("ica-batch-c-")
}

/// Returns the tag of a row with this digest: its content, whatever submission it is in.
pub(crate) fn row_mark(digest: &[u8; 32]) -> String {
    let digest = digest.get(..MARK_DIGITS / 2).unwrap_or(digest);
    [ROW_MARK, &hex(digest)].concat()
}

/// Returns whether a tag is the mark of a row.
pub(crate) fn is_row_mark(tag: &str) -> bool {
    tag.starts_with(ROW_MARK)
}

/// Returns the label of the planned chunk of which this label names a part.
pub(super) fn planned_label(label: &str) -> &str {
    label.split('.').next().unwrap_or(label)
}

fn mark(of: &str, parts: &[&str]) -> String {
    let digest = digest_of(MARK, [of].iter().chain(parts));
    let digits = digest.get(..MARK_DIGITS).unwrap_or(&digest);
    format!("ica-batch-{of}-{digits}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{KeyVersion, Naming, is_chunk_mark, is_mark, is_row_mark, row_mark};
    use crate::journal::SubmissionId;

    fn naming(keys: KeyVersion, base_url: &str, project: &str, name: &str) -> Naming {
        let [base_url, project, name] = [base_url, project, name].map(str::to_owned);
        Naming {
            keys,
            id: SubmissionId {
                base_url,
                project,
                name,
            },
        }
    }

    #[test]
    fn the_first_derivation_of_keys_does_not_change() {
        let naming = naming(KeyVersion::V1, "u", "p", "s");
        let known = crate::IdempotencyKey::derive(["submission", "s", "0", "d"]);
        assert_eq!(naming.key("0", "d"), known);
    }

    #[test]
    fn keys_of_the_second_derivation_belong_to_a_project() {
        let key = |version, project| naming(version, "u", project, "s").key("0", "d");
        assert_eq!(key(KeyVersion::V1, "p"), key(KeyVersion::V1, "q"));
        assert_ne!(key(KeyVersion::V2, "p"), key(KeyVersion::V2, "q"));
        assert_ne!(key(KeyVersion::V1, "p"), key(KeyVersion::V2, "p"));
    }

    #[test]
    fn marks_differ_by_everything_that_they_stand_for() {
        let at = |base_url, project, name| naming(KeyVersion::V2, base_url, project, name);
        let all = [
            at("u", "p", "s").submission_mark(),
            at("v", "p", "s").submission_mark(),
            at("u", "q", "s").submission_mark(),
            at("u", "p", "t").submission_mark(),
            at("u", "p", "s").chunk_mark("0"),
            at("v", "p", "s").chunk_mark("0"),
            at("u", "q", "s").chunk_mark("0"),
            at("u", "p", "t").chunk_mark("0"),
            at("u", "p", "s").chunk_mark("1"),
        ];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.iter().all(|mark| is_mark(mark)));
        for mark in &all {
            assert_eq!(mark.len(), "ica-batch-s-".len() + 32, "{mark}");
        }
    }

    #[test]
    fn the_mark_of_a_row_is_the_start_of_its_digest() {
        let mut digest = [0xab; 32];
        digest[1] = 7;
        let mark = row_mark(&digest);
        assert_eq!(mark, format!("ica-batch-r-ab07{}", "ab".repeat(14)));
        assert!(is_row_mark(&mark) && !is_chunk_mark(&mark) && is_mark(&mark));
        assert!(!is_mark("ica-batch-r-ab07") && !is_mark("my-tag"));
        digest[31] = 0;
        assert_eq!(row_mark(&digest), mark, "16 bytes");
    }

    #[test]
    fn parts_of_a_chunk_have_its_mark_and_versions_of_keys_the_same_marks() {
        let naming = naming(KeyVersion::V2, "u", "p", "s");
        assert_eq!(naming.chunk_mark("3.0.1"), naming.chunk_mark("3"));
        let older = Naming {
            keys: KeyVersion::V1,
            ..naming.clone()
        };
        assert_eq!(older.chunk_mark("3"), naming.chunk_mark("3"));
        // Computed by Python: a mark that changes is not found any more.
        assert_eq!(naming.submission_mark(), "ica-batch-s-97fdf01b12e71199a33376ce15044372");
        assert_eq!(naming.chunk_mark("3"), "ica-batch-c-8a1fa51b9c5fbc62cd30b23dab7e7795");
    }
}
