//! Analyses that were found in ICA, beside the rows of a submission.

use uuid::Uuid;

use super::chunks::Chunk;
use super::kind::AnalysisKind;

/// Analysis that was found in ICA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundAnalysis {
    pub(crate) id: Uuid,
    pub(crate) user_reference: String,
    /// Mark of its chunk.
    pub(crate) chunk_mark: String,
    /// Mark of its row. None if an earlier release sent it.
    pub(crate) row_mark: Option<String>,
    /// Status of its run.
    pub(crate) run: String,
}

impl FoundAnalysis {
    /// Returns whether the analysis can be that of a row with this mark: its content is the same, as far
    /// as it is known.
    pub(crate) fn has_content_of(&self, row_mark: &str) -> bool {
        self.row_mark.as_deref().is_none_or(|mark| mark == row_mark)
    }
}

/// Row of a planned chunk, and of the parts that replace it: the rows with one mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChunkRow {
    pub(crate) position: u64,
    pub(crate) user_reference: String,
    /// Mark of the row.
    pub(crate) mark: String,
    pub(crate) kind: AnalysisKind,
    /// Whether it is a new attempt of another row.
    pub(crate) is_again: bool,
    /// Whether it is a row of the chunk that was asked for.
    pub(crate) is_own: bool,
    /// Whether the journal knows that its analysis was created.
    pub(crate) is_created: bool,
    pub(crate) analysis: Option<Uuid>,
}

/// Chunk without a known response.
#[derive(Debug, Clone)]
pub(crate) struct OpenChunk {
    pub(crate) row: i64,
    /// Whether a request of it may have been executed.
    pub(crate) is_sent: bool,
    pub(crate) chunk: Chunk,
}

/// Analyses of a chunk that were found in ICA.
#[derive(Debug, Clone)]
pub(crate) struct Adoption {
    pub(crate) rows: Vec<AdoptedRow>,
    /// Chunks that replace it, and whether their rows were found. Empty if all rows were found.
    pub(crate) parts: Vec<(Chunk, bool)>,
}

/// Row whose analysis was found in ICA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AdoptedRow {
    pub(crate) position: u64,
    pub(crate) analysis: Uuid,
    /// Status of the analysis.
    pub(crate) run: String,
}

/// Rows with the same user reference and content whose analyses in ICA are not those that the journal
/// has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Differing {
    pub(crate) user_reference: String,
    /// Mark of the rows. None where analyses were found without one: then it is about all rows with the
    /// user reference.
    pub(crate) row_mark: Option<String>,
    /// Position of the first row. None if there is no row.
    pub(crate) position: Option<u64>,
    /// Number of rows whose recorded analysis was not found.
    pub(crate) lost: u64,
    /// One of these recorded analyses.
    pub(crate) lost_analysis: Option<Uuid>,
    /// Number of rows whose recorded analysis was found.
    pub(crate) kept: u64,
    /// Number of rows that the journal has as created, without the id of their analysis. A row whose
    /// creation failed is not.
    pub(crate) created: u64,
    /// Number of further rows that no other row replaces.
    pub(crate) other_rows: u64,
    /// Number of analyses of the rows that were found, are not recorded and not aborted.
    pub(crate) found: u64,
    /// Number of analyses of the rows that were found, are not recorded and aborted.
    pub(crate) aborted: u64,
    /// Number of further analyses that were found and not aborted: no row asks for them, because none has
    /// this user reference, or none has this content.
    pub(crate) strangers: u64,
}

/// Analysis that was found for an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeenAnalysis {
    pub(crate) id: Uuid,
    /// Whether the journal recorded it for a row.
    pub(crate) is_recorded: bool,
}

/// User reference of an analysis with the mark of a submission that none of its rows asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stranger {
    pub(crate) user_reference: String,
    /// Whether a row has the user reference, with other content.
    pub(crate) is_of_row: bool,
}

/// Totals of the comparison of a submission with the analyses that were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SurveyTotals {
    /// Number of analyses that were found.
    pub(crate) found: u64,
    /// Number of rows that the journal has as created.
    pub(crate) created: u64,
}
