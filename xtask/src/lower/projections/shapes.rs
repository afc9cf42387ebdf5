//! The table of projections: which operations get one, and which properties it keeps.

/// Projection of an operation: the published id, the suffix of the new operation and the shape of
/// its response.
pub(super) const PROJECTIONS: [(&str, &str, &Shape); 1] = [("getAnalysisCreationBatchItems", "Summary", &ITEM_LIST)];

/// Part of an object schema, under a name of its own.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) keep: &'static [(&'static str, Keep)],
}

/// Part of a property that a shape keeps.
pub(super) enum Keep {
    /// The whole property, as in the newest version.
    Whole,
    /// A part of the object that the reference names.
    Part(&'static Shape),
    /// A part of each element of the array.
    Each(&'static Shape),
    /// The values of all versions, joined in one open enum of this name.
    Values(&'static str),
}

const ITEM_LIST: Shape = Shape {
    name: "AnalysisCreationBatchItemSummaryPagedList",
    description: "One page of items without the details of their analyses.",
    keep: &[
        ("items", Keep::Each(&ITEM)),
        ("nextPageToken", Keep::Whole),
        ("remainingRecords", Keep::Whole),
        ("totalItemCount", Keep::Whole),
    ],
};

const ITEM: Shape = Shape {
    name: "AnalysisCreationBatchItemSummary",
    description: "Progress of one item, the same in version 3 and version 4.",
    keep: &[
        ("id", Keep::Whole),
        ("request", Keep::Part(&REQUEST)),
        ("processing", Keep::Whole),
        ("createdAnalysis", Keep::Part(&ANALYSIS)),
    ],
};

/// An item whose analysis was not created has no other name than the one of its request.
const REQUEST: Shape = Shape {
    name: "AnalysisCreationBatchItemRequestSummary",
    description: "Name of the requested analysis. It identifies an item whose analysis was not created.",
    keep: &[("userReference", Keep::Whole)],
};

const ANALYSIS: Shape = Shape {
    name: "AnalysisSummary",
    description: "Identity and status of the created analysis.",
    keep: &[
        ("id", Keep::Whole),
        ("reference", Keep::Whole),
        ("userReference", Keep::Whole),
        ("status", Keep::Values("AnalysisStatus")),
    ],
};
