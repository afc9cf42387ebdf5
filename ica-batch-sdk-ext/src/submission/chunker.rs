//! Cutting a manifest into chunks, each with its key.

use std::collections::BTreeSet;

use super::analysis::Analysis;
use super::body::{self, BodyBuilder, analysis_digest};
use crate::error::Problem;
use crate::journal::{AnalysisKind, Chunk, ManifestRow, PlannedChunk, Row};

/// Limits of a chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) analyses: usize,
    /// Length of the request body.
    pub(super) bytes: usize,
}

/// Serializes an analysis.
pub(super) fn row(analysis: &Analysis) -> serde_json::Result<ManifestRow> {
    let json = serde_json::to_vec(analysis)?;
    let kind = analysis.kind();
    Ok(ManifestRow {
        row: Row {
            kind,
            user_reference: analysis.user_reference().to_owned(),
            digest: analysis_digest(kind, &json),
            replaces: None,
        },
        json,
    })
}

/// Returns the length of a request with only this row.
pub(super) fn request_bytes(row: &ManifestRow) -> usize {
    BodyBuilder::default().len_with(row.row.kind, &row.json)
}

/// Cuts rows into chunks of as many rows as the limits allow.
#[derive(Debug)]
pub(super) struct Chunker {
    submission: String,
    limits: Limits,
    /// Position of the first row of the current chunk.
    position: u64,
    /// Number of the current chunk.
    number: u64,
    rows: Vec<Row>,
    body: BodyBuilder,
}

impl Chunker {
    /// Creates a chunker whose first row has this position and whose first chunk has this number.
    pub(super) fn new(submission: &str, limits: Limits, position: u64, number: u64) -> Self {
        Self {
            submission: submission.to_owned(),
            limits,
            position,
            number,
            rows: Vec::new(),
            body: BodyBuilder::default(),
        }
    }

    /// Adds a row. Returns the current chunk if the row does not fit into it, and starts another.
    pub(super) fn push(&mut self, ManifestRow { row, json }: ManifestRow) -> Option<PlannedChunk> {
        let is_full =
            self.rows.len() >= self.limits.analyses || self.body.len_with(row.kind, &json) > self.limits.bytes;
        let full = is_full.then(|| self.finish()).flatten();
        self.body.push(row.kind, &json);
        self.rows.push(row);
        full
    }

    /// Returns the current chunk, if it has a row.
    pub(super) fn finish(&mut self) -> Option<PlannedChunk> {
        if self.rows.is_empty() {
            return None;
        }
        let rows = std::mem::take(&mut self.rows);
        let body = std::mem::take(&mut self.body).finish();
        let (label, count) = (self.number.to_string(), rows.len() as u64);
        let chunk = Chunk::new(&self.submission, label, self.position, count, body);
        self.position += count;
        self.number += 1;
        Some(PlannedChunk { chunk, rows })
    }
}

/// Splits a rejected chunk of several analyses with this body: into its culprits, each alone, and the
/// rows between them. Without a culprit it is halved. Returns None if the body does not have analyses
/// of these kinds.
pub(super) fn parts(
    submission: &str,
    whole: &Chunk,
    body: &[u8],
    kinds: &[AnalysisKind],
    culprits: &BTreeSet<usize>,
) -> Option<Vec<Chunk>> {
    let counts = counts(kinds.len(), culprits);
    let bodies = body::parts(body, kinds, &counts)?;
    let mut first = whole.first;
    let parts = bodies.into_iter().zip(counts).enumerate();
    let parts = parts.map(|(number, (body, count))| {
        let (label, count) = (format!("{}.{number}", whole.label), count as u64);
        let part = Chunk::new(submission, label, first, count, body);
        first += count;
        part
    });
    Some(parts.collect())
}

/// Returns the numbers of rows of the parts of a chunk.
fn counts(rows: usize, culprits: &BTreeSet<usize>) -> Vec<usize> {
    if culprits.is_empty() {
        return vec![rows / 2, rows - rows / 2];
    }
    let (mut counts, mut next) = (Vec::new(), 0);
    for culprit in culprits {
        counts.extend([culprit - next, 1]);
        next = culprit + 1;
    }
    counts.push(rows - next);
    counts.retain(|count| *count > 0);
    counts
}

/// Returns the positions in a chunk of the analyses that a problem names in its parameters.
pub(super) fn culprits(problem: Option<&Problem>, kinds: &[AnalysisKind]) -> BTreeSet<usize> {
    let names = problem.into_iter().flat_map(|problem| problem.parameters().keys());
    names.filter_map(|name| body::position(name, kinds)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Chunker, Limits, counts, culprits, parts, request_bytes, row};
    use crate::error::{Problem, Scrubber};
    use crate::journal::{AnalysisKind, Chunk, PlannedChunk};
    use crate::submission::analysis::Analysis;

    fn analysis(reference: &str) -> Analysis {
        let json = serde_json::json!({
            "userReference": reference, "pipelineId": "p", "analysisInput": { "inputs": [] }
        });
        Analysis::Nextflow(serde_json::from_value(json).unwrap())
    }

    fn limits(analyses: usize) -> Limits {
        Limits {
            analyses,
            bytes: 1_000_000,
        }
    }

    fn chunks(number: usize, limits: Limits) -> Vec<Chunk> {
        let mut chunker = Chunker::new("s", limits, 0, 0);
        let mut planned = Vec::new();
        for index in 0..number {
            planned.extend(chunker.push(row(&analysis(&format!("sample-{index:03}"))).unwrap()));
        }
        planned.extend(chunker.finish());
        assert!(chunker.finish().is_none());
        let check = |PlannedChunk { chunk, rows }: PlannedChunk| {
            assert_eq!(chunk.count, rows.len() as u64);
            chunk
        };
        planned.into_iter().map(check).collect()
    }

    fn sizes(chunks: &[Chunk]) -> Vec<(u64, u64)> {
        chunks.iter().map(|chunk| (chunk.first, chunk.count)).collect()
    }

    #[test]
    fn chunks_are_as_large_as_the_limits_allow_and_no_larger() {
        assert_eq!(sizes(&chunks(10, limits(4))), [(0, 4), (4, 4), (8, 2)]);
        assert_eq!(sizes(&chunks(8, limits(4))), [(0, 4), (4, 4)]);
        let three = chunks(3, limits(4))[0].body.len();
        let tight = |bytes| Limits { analyses: 100, bytes };
        assert_eq!(sizes(&chunks(7, tight(three))), [(0, 3), (3, 3), (6, 1)]);
        assert_eq!(sizes(&chunks(3, tight(three - 1))), [(0, 2), (2, 1)]);
        for chunk in chunks(7, tight(three)) {
            assert!(chunk.body.len() <= three);
        }
    }

    #[test]
    fn the_length_of_a_request_with_one_row_is_that_of_its_chunk() {
        let row = row(&analysis("sample-000")).unwrap();
        assert_eq!(request_bytes(&row), chunks(1, limits(1))[0].body.len());
    }

    #[test]
    fn keys_follow_from_name_label_and_bytes_alone() {
        let key = |name: &str, number| {
            let mut chunker = Chunker::new(name, limits(2), 0, number);
            chunker.push(row(&analysis("a")).unwrap());
            chunker.finish().unwrap().chunk.key
        };
        assert_eq!(key("s", 0), key("s", 0));
        assert_ne!(key("s", 0), key("s", 1));
        assert_ne!(key("s", 0), key("t", 0));
        // Computed by the program in the documentation of `IdempotencyKey::derive`.
        assert_eq!(
            key("cohort-42", 7).as_str(),
            "k1-86f8c7bebce8ab01e56e520aa58d880a73686693f36bee8ed9afc9866f6071ba"
        );
    }

    #[test]
    fn a_chunk_is_halved_down_to_its_analyses() {
        let kinds = |count| vec![AnalysisKind::Nextflow; count];
        let whole = Chunk {
            first: 10,
            ..chunks(5, limits(5)).remove(0)
        };
        let parts = |chunk: &Chunk| {
            let kinds = kinds(chunk.count as usize);
            let parts = parts("s", chunk, &chunk.body, &kinds, &BTreeSet::new()).unwrap();
            <[Chunk; 2]>::try_from(parts).unwrap()
        };
        let [left, right] = parts(&whole);
        let place = |chunk: &Chunk| (chunk.label.clone(), chunk.first, chunk.count);
        assert_eq!(place(&left), ("0.0".to_owned(), 10, 2));
        assert_eq!(place(&right), ("0.1".to_owned(), 12, 3));
        assert_ne!(left.key, right.key);
        let [single, last] = parts(&right);
        assert_eq!(place(&last), ("0.1.1".to_owned(), 13, 2));
        assert_eq!(place(&single), ("0.1.0".to_owned(), 12, 1));
    }

    #[test]
    fn culprits_are_cut_out_of_a_chunk() {
        let of = |culprits: &[usize]| counts(5, &culprits.iter().copied().collect());
        assert_eq!(of(&[]), [2, 3]);
        assert_eq!(of(&[0]), [1, 4]);
        assert_eq!(of(&[2]), [2, 1, 2]);
        assert_eq!(of(&[1, 4]), [1, 1, 2, 1]);
        assert_eq!(of(&[0, 1, 2, 3, 4]), [1; 5]);
        let whole = Chunk {
            first: 10,
            ..chunks(5, limits(5)).remove(0)
        };
        let kinds = vec![AnalysisKind::Nextflow; 5];
        let parts = parts("s", &whole, &whole.body, &kinds, &BTreeSet::from([1, 4])).unwrap();
        let places = parts.iter().map(|part| (part.label.as_str(), part.first, part.count));
        let expected = [("0.0", 10, 1), ("0.1", 11, 1), ("0.2", 12, 2), ("0.3", 14, 1)];
        assert_eq!(places.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_parameters_of_a_problem_name_culprits() {
        let problem = br#"{"title":"ICA_X","parameters":{
            "nextflowItems[3].pipelineId":"a","nextflowItems[3].tags":"b","nextflowItems[0]":"c",
            "nextflowItems[9]":"d","other":"e"}}"#;
        let problem = Problem::from_bytes(problem, &Scrubber::without_secrets());
        let found = culprits(problem.as_ref(), &[AnalysisKind::Nextflow; 5]);
        assert_eq!(found, BTreeSet::from([0, 3]));
        assert!(culprits(None, &[AnalysisKind::Nextflow; 5]).is_empty());
    }
}
