//! Cutting a manifest into chunks, each with its key.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::analysis::Analysis;
use super::body::{self, BodyBuilder, analysis_digest};
use super::marks::{Marks, without_marks};
use crate::error::Problem;
use crate::journal::{AnalysisKind, Chunk, ManifestRow, Naming, PlannedChunk, Row};

/// Limits of a chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) analyses: usize,
    /// Length of the request body.
    pub(super) bytes: usize,
}

/// Serializes an analysis, without the marks that it has if it was read back.
pub(super) fn row(analysis: &Analysis) -> serde_json::Result<ManifestRow> {
    let json = serde_json::to_vec(analysis)?;
    let json = without_marks(&json)?.unwrap_or(json);
    let kind = analysis.kind();
    Ok(ManifestRow {
        row: Row {
            kind,
            user_reference: analysis.user_reference().to_owned(),
            digest: analysis_digest(kind, &json),
            replaces: None,
            attempt: 0,
        },
        json,
    })
}

/// Returns the length of a request with only this row. Marks of all chunks have the same length.
pub(super) fn request_bytes(row: &ManifestRow, marks: Option<&Marks>) -> serde_json::Result<usize> {
    Ok(match marks {
        Some(marks) => BodyBuilder::default().len_with(row.row.kind, &marks.add_to(&row.json, &row.row.digest)?),
        None => BodyBuilder::default().len_with(row.row.kind, &row.json),
    })
}

/// Cuts rows into chunks of as many rows as the limits allow.
#[derive(Debug)]
pub(super) struct Chunker {
    naming: Naming,
    /// Marks of the current chunk, unless the submission is not marked.
    marks: Option<Marks>,
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
    pub(super) fn new(naming: &Naming, marked: bool, limits: Limits, position: u64, number: u64) -> Self {
        Self {
            naming: naming.clone(),
            marks: marked.then(|| Marks::new(naming, &number.to_string())),
            limits,
            position,
            number,
            rows: Vec::new(),
            body: BodyBuilder::default(),
        }
    }

    /// Adds a row. Returns the current chunk if the row does not fit into it, and starts another.
    ///
    /// # Errors
    /// If the JSON of the row is not that of an analysis.
    pub(super) fn push(&mut self, ManifestRow { row, json }: ManifestRow) -> serde_json::Result<Option<PlannedChunk>> {
        let mut marked = self.marked(&json, &row)?;
        let is_full =
            self.rows.len() >= self.limits.analyses || self.body.len_with(row.kind, &marked) > self.limits.bytes;
        let full = is_full.then(|| self.finish()).flatten();
        if full.is_some() {
            marked = self.marked(&json, &row)?;
        }
        self.body.push(row.kind, &marked);
        self.rows.push(row);
        Ok(full)
    }

    /// Returns the JSON of a row as the current chunk sends it.
    fn marked<'a>(&self, json: &'a [u8], row: &Row) -> serde_json::Result<Cow<'a, [u8]>> {
        Ok(match &self.marks {
            Some(marks) => marks.add_to(json, &row.digest)?.into(),
            None => json.into(),
        })
    }

    /// Returns the current chunk, if it has a row.
    pub(super) fn finish(&mut self) -> Option<PlannedChunk> {
        if self.rows.is_empty() {
            return None;
        }
        let rows = std::mem::take(&mut self.rows);
        let body = std::mem::take(&mut self.body).finish();
        let (label, count) = (self.number.to_string(), rows.len() as u64);
        let chunk = Chunk::new(&self.naming, label, self.position, count, body);
        self.position += count;
        self.number += 1;
        if let Some(marks) = &mut self.marks {
            marks.set_chunk(&self.naming, &self.number.to_string());
        }
        Some(PlannedChunk { chunk, rows })
    }
}

/// Splits a chunk with this body into parts of so many rows. Returns None if the body does not have
/// analyses of these kinds, or if a part has no row.
pub(super) fn parts(
    naming: &Naming,
    whole: &Chunk,
    body: &[u8],
    kinds: &[AnalysisKind],
    counts: &[usize],
) -> Option<Vec<Chunk>> {
    let mut first = whole.first;
    let bodies = body::parts(body, kinds, counts)?;
    let parts = bodies.into_iter().zip(counts).enumerate();
    let parts = parts.map(|(number, (body, count))| {
        let label = format!("{}.{number}", whole.label);
        let part = Chunk {
            ..Chunk::new(naming, label, first, *count as u64, body)
        };
        first += part.count;
        part
    });
    Some(parts.collect())
}

/// Returns the numbers of rows of the parts of a chunk of several rows that was rejected with this
/// problem: each culprit that it names is alone, and the rows between them stay together. Without a
/// culprit, the chunk is halved.
pub(super) fn counts(problem: Option<&Problem>, kinds: &[AnalysisKind]) -> Vec<usize> {
    cut_out(kinds.len(), &culprits(problem, kinds))
}

/// Returns the numbers of rows of the parts of a chunk.
fn cut_out(rows: usize, culprits: &BTreeSet<usize>) -> Vec<usize> {
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
fn culprits(problem: Option<&Problem>, kinds: &[AnalysisKind]) -> BTreeSet<usize> {
    let names = problem.into_iter().flat_map(|problem| problem.parameters().keys());
    names.filter_map(|name| body::position(name, kinds)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Chunker, Limits, Marks, counts, culprits, cut_out, parts, request_bytes, row};
    use crate::error::{Problem, Scrubber};
    use crate::journal::{AnalysisKind, Chunk, KeyVersion, Naming, PlannedChunk, SubmissionId};
    use crate::submission::analysis::Analysis;

    fn naming(keys: KeyVersion, name: &str) -> Naming {
        let id = SubmissionId {
            name: name.to_owned(),
            ..SubmissionId::default()
        };
        Naming { keys, id }
    }

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
        let mut chunker = Chunker::new(&naming(KeyVersion::LATEST, "s"), false, limits, 0, 0);
        let mut planned = Vec::new();
        for index in 0..number {
            let row = row(&analysis(&format!("sample-{index:03}"))).unwrap();
            planned.extend(chunker.push(row).unwrap());
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
        let labels = chunks(10, limits(4)).into_iter().map(|chunk| chunk.label);
        assert_eq!(labels.collect::<Vec<_>>(), ["0", "1", "2"]);
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
        assert_eq!(request_bytes(&row, None).unwrap(), chunks(1, limits(1))[0].body.len());
    }

    #[test]
    fn keys_follow_from_name_label_and_bytes_alone() {
        let key = |name: &str, number| {
            let mut chunker = Chunker::new(&naming(KeyVersion::V1, name), false, limits(2), 0, number);
            chunker.push(row(&analysis("a")).unwrap()).unwrap();
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
            let halves = counts(None, &kinds);
            parts(&naming(KeyVersion::LATEST, "s"), chunk, &chunk.body, &kinds, &halves)
        };
        let [left, right] = &parts(&whole).unwrap()[..] else {
            panic!("two halves")
        };
        let place = |chunk: &Chunk| (chunk.label.clone(), chunk.first, chunk.count);
        assert_eq!(place(left), ("0.0".to_owned(), 10, 2));
        assert_eq!(place(right), ("0.1".to_owned(), 12, 3));
        assert_ne!(left.key, right.key);
        let [single, last] = &parts(right).unwrap()[..] else {
            panic!("two halves")
        };
        assert_eq!(place(last), ("0.1.1".to_owned(), 13, 2));
        assert!(parts(single).is_none());
    }

    #[test]
    fn each_row_of_a_chunk_has_its_marks_and_the_limits_count_them() {
        let naming = naming(KeyVersion::LATEST, "s");
        let rows = || (0..7).map(|index| row(&analysis(&format!("sample-{index:03}"))).unwrap());
        let mut chunker = Chunker::new(&naming, true, limits(3), 6, 2);
        let mut planned = rows().filter_map(|row| chunker.push(row).unwrap()).collect::<Vec<_>>();
        planned.extend(chunker.finish());
        for (number, PlannedChunk { chunk, rows }) in (2..).zip(&planned) {
            let body = String::from_utf8(chunk.body.clone()).unwrap();
            let count = |mark: &str| body.matches(mark).count();
            assert_eq!(count(&naming.submission_mark()), rows.len());
            assert_eq!(
                count(&naming.chunk_mark(&number.to_string())),
                rows.len(),
                "chunk {number}"
            );
        }
        let digests = planned.iter().flat_map(|planned| &planned.rows).map(|row| row.digest);
        assert!(
            digests.eq(rows().map(|row| row.row.digest)),
            "those of the unmarked rows"
        );
        let marks = Marks::new(&naming, "0");
        let bytes = request_bytes(&rows().next().unwrap(), Some(&marks)).unwrap();
        let mut chunker = Chunker::new(&naming, true, Limits { analyses: 9, bytes }, 0, 0);
        let each = rows().filter_map(|row| chunker.push(row).unwrap()).collect::<Vec<_>>();
        assert!(each.len() == 6 && each.iter().all(|planned| planned.chunk.body.len() == bytes));
    }

    #[test]
    fn parts_have_the_rows_of_their_chunk_in_order() {
        let whole = &chunks(5, limits(5))[0];
        let kinds = [AnalysisKind::Nextflow; 5];
        let parts = |counts: &[usize]| parts(&naming(KeyVersion::LATEST, "s"), whole, &whole.body, &kinds, counts);
        let three = parts(&[1, 3, 1]).unwrap();
        let places = three.iter().map(|part| (part.label.as_str(), part.first, part.count));
        assert_eq!(
            places.collect::<Vec<_>>(),
            [("0.0", 0, 1), ("0.1", 1, 3), ("0.2", 4, 1)]
        );
        let has = |part: &Chunk, reference: &str| String::from_utf8_lossy(&part.body).contains(reference);
        assert!(has(&three[1], "sample-003") && !has(&three[1], "sample-004"));
        assert!(parts(&[1, 3]).is_none() && parts(&[5, 0]).is_none() && parts(&[3, 3]).is_none());
    }

    #[test]
    fn culprits_are_cut_out_of_a_chunk() {
        let of = |culprits: &[usize]| cut_out(5, &culprits.iter().copied().collect());
        assert_eq!(of(&[]), [2, 3]);
        assert_eq!(of(&[0]), [1, 4]);
        assert_eq!(of(&[2]), [2, 1, 2]);
        assert_eq!(of(&[1, 4]), [1, 1, 2, 1]);
        assert_eq!(of(&[0, 1, 2, 3, 4]), [1; 5]);
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
