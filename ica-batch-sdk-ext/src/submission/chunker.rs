//! Cutting a manifest into chunks, each with its key.

use super::analysis::{Analysis, AnalysisKind};
use super::body::{BodyBuilder, analysis_digest, body_digest};
use crate::error::{Error, Result};
use crate::idempotency::IdempotencyKey;
use crate::journal::claims::Part;
use crate::journal::planning::{PlannedChunk, PlannedRow};

/// What a derived key's parts begin with.
const PURPOSE: &str = "submission";

/// How large a chunk may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) analyses: usize,
    pub(crate) bytes: usize,
}

/// The key of a chunk: from the submission's name, the chunk's label and its body's digest.
pub(crate) fn chunk_key(submission: &str, label: &str, digest: &str) -> IdempotencyKey {
    IdempotencyKey::derive([PURPOSE, submission, label, digest])
}

/// A row of the manifest, and its JSON.
pub(crate) fn row(analysis: &Analysis) -> Result<(PlannedRow, Vec<u8>)> {
    let json = serde_json::to_vec(analysis).map_err(|error| {
        let what = format!("analysis {:?} cannot be written as JSON", analysis.user_reference());
        Error::invalid_input(what).with_source(error)
    })?;
    let kind = analysis.kind();
    let row = PlannedRow {
        kind,
        user_reference: analysis.user_reference().to_owned(),
        digest: analysis_digest(kind, &json),
    };
    Ok((row, json))
}

/// Puts rows into chunks: as many as fit.
#[derive(Debug)]
pub(crate) struct Chunker {
    submission: String,
    limits: Limits,
    /// The position of the next row, and the number of the chunk that is being filled.
    position: u64,
    number: u64,
    rows: Vec<PlannedRow>,
    body: BodyBuilder,
}

impl Chunker {
    /// Begins at this position, with the chunk of this number.
    pub(crate) fn new(submission: &str, limits: Limits, position: u64, number: u64) -> Self {
        Self {
            submission: submission.to_owned(),
            limits,
            position,
            number,
            rows: Vec::new(),
            body: BodyBuilder::default(),
        }
    }

    /// Refuses a row that is too large for any chunk.
    pub(crate) fn check(&self, row: &PlannedRow, json: &[u8]) -> Result<()> {
        let bytes = BodyBuilder::default().len_with(row.kind, json);
        if bytes <= self.limits.bytes {
            return Ok(());
        }
        Err(Error::invalid_input(format!(
            "analysis {:?} takes {bytes} bytes, and a chunk may have {}; raise it by Submission::chunk_bytes",
            row.user_reference, self.limits.bytes
        )))
    }

    /// Adds a row. Gives the chunk that is full by it, if one is.
    pub(crate) fn push(&mut self, row: PlannedRow, json: &[u8]) -> Option<PlannedChunk> {
        let is_full = self.rows.len() >= self.limits.analyses || self.body.len_with(row.kind, json) > self.limits.bytes;
        let full = is_full.then(|| self.finish()).flatten();
        self.body.push(row.kind, json);
        self.rows.push(row);
        full
    }

    /// The chunk that is being filled, if it has any row.
    pub(crate) fn finish(&mut self) -> Option<PlannedChunk> {
        if self.rows.is_empty() {
            return None;
        }
        let rows = std::mem::take(&mut self.rows);
        let body = std::mem::take(&mut self.body).finish();
        let (label, digest) = (self.number.to_string(), body_digest(&body));
        let first = self.position;
        self.position += rows.len() as u64;
        self.number += 1;
        Some(PlannedChunk {
            key: chunk_key(&self.submission, &label, &digest).to_string(),
            label,
            first,
            rows,
            digest,
            body,
        })
    }
}

/// The halves of a chunk, with keys of their own. None if its bytes are not of these kinds, or it is but one analysis.
pub(crate) fn parts(
    submission: &str,
    label: &str,
    first: u64,
    body: &[u8],
    kinds: &[AnalysisKind],
) -> Option<Vec<Part>> {
    let [left, right] = super::body::halves(body, kinds)?;
    let middle = (kinds.len() / 2) as u64;
    let part = |half: u64, body: Vec<u8>| {
        let label = format!("{label}.{half}");
        let digest = body_digest(&body);
        Part {
            key: chunk_key(submission, &label, &digest).to_string(),
            first: first + half * middle,
            count: match half {
                0 => middle,
                _ => kinds.len() as u64 - middle,
            },
            label,
            digest,
            body,
        }
    };
    Some(vec![part(0, left), part(1, right)])
}

#[cfg(test)]
mod tests {
    use super::{Chunker, Limits, parts, row};
    use crate::journal::planning::PlannedChunk;
    use crate::submission::analysis::{Analysis, AnalysisKind};

    fn analysis(reference: &str) -> Analysis {
        let json = serde_json::json!({
            "userReference": reference, "pipelineId": "p", "analysisInput": { "inputs": [] }
        });
        Analysis::Nextflow(serde_json::from_value(json).unwrap())
    }

    fn chunks(number: usize, limits: Limits) -> Vec<PlannedChunk> {
        let mut chunker = Chunker::new("s", limits, 0, 0);
        let mut chunks = Vec::new();
        for index in 0..number {
            let (row, json) = row(&analysis(&format!("sample-{index:03}"))).unwrap();
            chunker.check(&row, &json).unwrap();
            chunks.extend(chunker.push(row, &json));
        }
        chunks.extend(chunker.finish());
        assert!(chunker.finish().is_none());
        chunks
    }

    fn sizes(chunks: &[PlannedChunk]) -> Vec<(u64, usize)> {
        chunks.iter().map(|chunk| (chunk.first, chunk.rows.len())).collect()
    }

    #[test]
    fn chunks_are_as_large_as_the_limits_allow_and_no_larger() {
        let many = Limits {
            analyses: 4,
            bytes: 1_000_000,
        };
        assert_eq!(sizes(&chunks(10, many)), [(0, 4), (4, 4), (8, 2)]);
        assert_eq!(sizes(&chunks(8, many)), [(0, 4), (4, 4)]);
        let three = chunks(3, many)[0].body.len();
        let tight = |bytes| Limits { analyses: 100, bytes };
        assert_eq!(sizes(&chunks(7, tight(three))), [(0, 3), (3, 3), (6, 1)]);
        assert_eq!(sizes(&chunks(3, tight(three - 1))), [(0, 2), (2, 1)]);
        for chunk in chunks(7, tight(three)) {
            assert!(chunk.body.len() <= three);
        }
    }

    #[test]
    fn an_analysis_that_fits_no_chunk_is_named() {
        let limits = Limits { analyses: 1, bytes: 20 };
        let (row, json) = row(&analysis("huge")).unwrap();
        let error = Chunker::new("s", limits, 0, 0).check(&row, &json).unwrap_err();
        assert!(error.to_string().starts_with("analysis \"huge\" takes "), "{error}");
    }

    #[test]
    fn keys_follow_from_name_place_and_bytes_alone() {
        let limits = Limits {
            analyses: 2,
            bytes: 1_000_000,
        };
        let keys = |name: &str, at| {
            let mut chunker = Chunker::new(name, limits, 0, at);
            let (row, json) = row(&analysis("a")).unwrap();
            chunker.push(row, &json);
            chunker.finish().unwrap().key
        };
        assert_eq!(keys("s", 0), keys("s", 0));
        assert_ne!(keys("s", 0), keys("s", 1));
        assert_ne!(keys("s", 0), keys("t", 0));
        // Computed by the program in the documentation of `IdempotencyKey::derive`.
        assert_eq!(
            keys("cohort-42", 7),
            "k1-86f8c7bebce8ab01e56e520aa58d880a73686693f36bee8ed9afc9866f6071ba"
        );
    }

    #[test]
    fn a_chunk_is_halved_down_to_its_analyses() {
        let limits = Limits {
            analyses: 5,
            bytes: 1_000_000,
        };
        let whole = chunks(5, limits).remove(0);
        let kinds = |count| vec![AnalysisKind::Nextflow; count];
        let halves = parts("s", "0", 10, &whole.body, &kinds(5)).unwrap();
        let places = halves
            .iter()
            .map(|part| (part.label.as_str(), part.first, part.count))
            .collect::<Vec<_>>();
        assert_eq!(places, [("0.0", 10, 2), ("0.1", 12, 3)]);
        let last = parts("s", "0.1", 12, &halves[1].body, &kinds(3)).unwrap();
        assert_eq!((last[1].label.as_str(), last[1].first, last[1].count), ("0.1.1", 13, 2));
        assert!(parts("s", "0.1.0", 12, &last[0].body, &kinds(1)).is_none());
        assert_ne!(halves[0].key, halves[1].key);
    }
}
