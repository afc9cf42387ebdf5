//! The digest of a manifest.

use sha2::{Digest, Sha256};

use super::row::ManifestRow;
use crate::idempotency::hex;

/// First line of what is digested, so that a later release can digest something else.
const START: &str = "ica-batch manifest 1";

/// SHA-256 of a project id and of rows: a line each, the rows as JSON with their defaults. So the
/// digest does not depend on the format of the file, its line ends or the order of columns.
#[derive(Debug, Clone)]
pub(super) struct RowsDigest(Sha256);

impl RowsDigest {
    pub(super) fn new(project: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(format!("{START}\n{project}\n"));
        Self(digest)
    }

    pub(super) fn add(&mut self, row: &ManifestRow) {
        // The keys of a row are texts, so it can always be written.
        let json = serde_json::to_vec(row).unwrap_or_default();
        self.0.update(json);
        self.0.update("\n");
    }

    /// Returns the digest as 64 lowercase hexadecimal digits.
    pub(super) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::{ManifestRow, RowsDigest};

    fn digest(project: &str, references: &[&str]) -> String {
        let mut digest = RowsDigest::new(project);
        for (reference, line) in references.iter().zip(1..) {
            let mut row = ManifestRow::new(*reference);
            row.line = Some(line);
            digest.add(&row);
        }
        digest.finish()
    }

    #[test]
    fn it_is_that_of_standard_tools() {
        // printf 'ica-batch manifest 1\np\n{"user_reference":"a"}\n' | sha256sum
        let expected = "93e29cc0b5fbea84d498e0e70f8e5fe37016785856ee04142d9b80bbe384f330";
        assert_eq!(digest("p", &["a"]), expected);
    }

    #[test]
    fn each_row_its_order_and_the_project_count() {
        let one = digest("p", &["a", "b"]);
        for other in [digest("q", &["a", "b"]), digest("p", &["b", "a"]), digest("p", &["a"])] {
            assert_ne!(one, other);
        }
    }
}
