//! Checksums of rows. Their sum shows that no row was changed, lost or added by anything else.
//!
//! The checksum of a set of rows is the sum of the checksums of its rows, so a change of one row
//! costs two hashes, and the order of the rows does not matter. It finds damage and edits. It does
//! not stop somebody who computes the sum again.

use sha2::{Digest, Sha256};

use super::chunks::{AnalysisRecord, ChunkRecord};
use super::records::SubmissionId;
use super::time::Millis;

/// Checksum of a row, or sum of those of many.
pub(super) type Checksum = i64;

/// Fields of one row.
struct Fields(Sha256);

impl Fields {
    fn new(table: u8) -> Self {
        Self(Sha256::new_with_prefix([table]))
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    fn optional_text(self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.number(1).text(text),
            None => self.number(0),
        }
    }

    fn number(mut self, number: i64) -> Self {
        self.0.update(number.to_le_bytes());
        self
    }

    fn optional_number(self, number: Option<i64>) -> Self {
        match number {
            Some(number) => self.number(1).number(number),
            None => self.number(0),
        }
    }

    fn finish(self) -> Checksum {
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(self.0.finalize());
        i64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

/// Returns the checksum of a submission, with the sum of its rows.
pub(super) fn submission(id: &SubmissionId, state: &str, created_at: Millis, rows: Checksum) -> Checksum {
    let fields = Fields::new(b's').text(&id.base_url).text(&id.project).text(&id.name);
    fields.text(state).number(created_at).number(rows).finish()
}

/// Returns the checksum of a chunk. Its body is covered by its digest.
pub(super) fn chunk(chunk: &ChunkRecord) -> Checksum {
    let fields = Fields::new(b'c').text(&chunk.label).text(chunk.key.as_str());
    let fields = fields.text(&chunk.digest).text(chunk.state.as_str());
    let fields = fields.number(bits(chunk.first)).number(bits(chunk.count));
    let fields = fields.number(i64::from(chunk.listed)).optional_number(chunk.sent_at);
    let fields = fields.optional_number(chunk.answered_at);
    let fields = fields.optional_number(chunk.status.map(i64::from));
    let batch = chunk.batch.map(|batch| batch.to_string());
    let fields = fields.optional_text(batch.as_deref());
    fields.optional_text(chunk.problem.as_deref()).finish()
}

/// Returns the checksum of a row of a manifest.
pub(super) fn analysis(row: &AnalysisRecord<'_>) -> Checksum {
    let fields = Fields::new(b'a').number(bits(row.position)).text(row.kind.as_str());
    let fields = fields.text(row.user_reference).bytes(row.digest);
    let fields = fields.number(i64::from(row.replaced)).optional_text(row.item);
    fields.optional_text(row.analysis).optional_text(row.creation).finish()
}

fn bits(number: u64) -> i64 {
    number.cast_signed()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Checksum, Fields, analysis, submission};
    use crate::journal::chunks::AnalysisRecord;
    use crate::journal::{AnalysisKind, SubmissionId};

    #[test]
    fn fields_do_not_run_into_each_other() {
        let of = |a: &str, b: &str| Fields::new(b'x').text(a).text(b).finish();
        assert_ne!(of("ab", "c"), of("a", "bc"));
        let optional = |a: Option<&str>, b: Option<&str>| Fields::new(b'x').optional_text(a).optional_text(b).finish();
        assert_ne!(optional(Some(""), None), optional(None, Some("")));
        assert_ne!(Fields::new(b'x').finish(), Fields::new(b'y').finish());
    }

    #[test]
    fn each_field_of_a_submission_counts() {
        let id = SubmissionId {
            base_url: "u".to_owned(),
            project: "p".to_owned(),
            name: "n".to_owned(),
        };
        let with = |change: fn(&mut SubmissionId)| {
            let mut id = id.clone();
            change(&mut id);
            submission(&id, "planned", 1, 2)
        };
        let checksums = [
            submission(&id, "planned", 1, 2),
            with(|id| id.base_url.push('x')),
            with(|id| id.project.push('x')),
            with(|id| id.name.push('x')),
            submission(&id, "planning", 1, 2),
            submission(&id, "planned", 2, 2),
            submission(&id, "planned", 1, 3),
        ];
        assert_eq!(BTreeSet::from(checksums).len(), checksums.len());
    }

    #[test]
    fn each_field_of_a_row_counts() {
        let row = AnalysisRecord {
            position: 1,
            kind: AnalysisKind::Cwl,
            user_reference: "a",
            digest: &[0; 32],
            replaced: false,
            item: None,
            analysis: None,
            creation: None,
        };
        let rows = [
            row,
            AnalysisRecord { position: 2, ..row },
            AnalysisRecord {
                kind: AnalysisKind::Nextflow,
                ..row
            },
            AnalysisRecord {
                user_reference: "b",
                ..row
            },
            AnalysisRecord {
                digest: &[1; 32],
                ..row
            },
            AnalysisRecord { replaced: true, ..row },
            AnalysisRecord { item: Some("i"), ..row },
            AnalysisRecord {
                analysis: Some("i"),
                ..row
            },
            AnalysisRecord {
                creation: Some("i"),
                ..row
            },
        ];
        assert_eq!(
            rows.iter().map(analysis).collect::<BTreeSet<Checksum>>().len(),
            rows.len()
        );
    }
}
