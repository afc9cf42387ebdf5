//! Checksums of rows. Their sum shows that no row was changed, lost or added by anything else.
//!
//! The checksum of a set of rows is the sum of the checksums of its rows, so a change of one row
//! costs two hashes, and the order of the rows does not matter. It finds damage and edits. It does
//! not stop somebody who computes the sum again.

use sha2::{Digest, Sha256};

use super::chunks::{AnalysisRecord, ChunkRecord};
use super::records::SubmissionId;
use super::steps::Rules;
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
pub(super) fn submission(
    id: &SubmissionId,
    state: &str,
    created_at: Millis,
    rules: Rules,
    manifest_digest: Option<&str>,
    rows: Checksum,
) -> Checksum {
    let fields = Fields::new(b's').text(&id.base_url).text(&id.project).text(&id.name);
    let fields = fields.text(state).number(created_at).number(rows);
    // As schema 3 had it, so that a migration keeps the checksums. Further fields come last, so a
    // row with them never has the same bytes as one without.
    if rules == Rules::OLDEST && manifest_digest.is_none() {
        return fields.finish();
    }
    let fields = fields.number(i64::from(rules.marked)).number(rules.keys.number());
    fields.optional_text(manifest_digest).finish()
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
    let fields = fields.optional_text(chunk.problem.as_deref());
    // As schema 3 had it; see above.
    if chunk.sent_until.is_none() && chunk.identity.is_none() && !chunk.adopted {
        return fields.finish();
    }
    let fields = fields.optional_number(chunk.sent_until);
    let fields = fields.optional_text(chunk.identity.as_deref());
    fields.number(i64::from(chunk.adopted)).finish()
}

/// Returns the checksum of a row of a manifest.
pub(super) fn analysis(row: &AnalysisRecord<'_>) -> Checksum {
    let fields = Fields::new(b'a').number(bits(row.position)).text(row.kind.as_str());
    let fields = fields.text(row.user_reference).bytes(row.digest);
    let fields = fields.number(i64::from(row.replaced)).optional_text(row.item);
    let fields = fields.optional_text(row.analysis).optional_text(row.creation);
    // As schema 3 had it; see above.
    if row.attempt == 0 && row.run.is_none() {
        return fields.finish();
    }
    fields.number(i64::from(row.attempt)).optional_text(row.run).finish()
}

fn bits(number: u64) -> i64 {
    number.cast_signed()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Checksum, Fields, analysis, chunk, submission};
    use crate::journal::chunks::{AnalysisRecord, Chunk, ChunkRecord};
    use crate::journal::naming::{KeyVersion, Naming};
    use crate::journal::steps::Rules;
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
        let rules = Rules::OLDEST;
        let with = |change: fn(&mut SubmissionId)| {
            let mut id = id.clone();
            change(&mut id);
            submission(&id, "planned", 1, rules, None, 2)
        };
        let under = |rules| submission(&id, "planned", 1, rules, None, 2);
        let checksums = [
            under(rules),
            with(|id| id.base_url.push('x')),
            with(|id| id.project.push('x')),
            with(|id| id.name.push('x')),
            submission(&id, "planning", 1, rules, None, 2),
            submission(&id, "planned", 2, rules, None, 2),
            submission(&id, "planned", 1, rules, Some(""), 2),
            submission(&id, "planned", 1, rules, Some("d"), 2),
            submission(&id, "planned", 1, rules, None, 3),
            under(Rules { marked: true, ..rules }),
            under(Rules {
                keys: KeyVersion::V2,
                ..rules
            }),
        ];
        assert_eq!(BTreeSet::from(checksums).len(), checksums.len());
    }

    #[test]
    fn each_further_field_of_a_chunk_counts() {
        let naming = Naming::new(KeyVersion::V2, &SubmissionId::default());
        let record = ChunkRecord::planned(&Chunk::new(&naming, "0".to_owned(), 0, 1, Vec::new()));
        let with = |change: fn(&mut ChunkRecord)| {
            let mut record = record.clone();
            change(&mut record);
            chunk(&record)
        };
        let checksums = [
            chunk(&record),
            with(|record| record.sent_until = Some(1)),
            with(|record| record.identity = Some("i".to_owned())),
            with(|record| record.adopted = true),
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
            attempt: 0,
            item: None,
            analysis: None,
            creation: None,
            run: None,
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
            AnalysisRecord { attempt: 1, ..row },
            AnalysisRecord { run: Some("i"), ..row },
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
