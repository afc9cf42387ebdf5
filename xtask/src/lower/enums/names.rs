//! Names of open enums, and the occurrences that share one enum.

use std::collections::BTreeSet;

use heck::ToPascalCase;
use openapiv3::OpenAPI;

use super::occurrence::Occurrence;
use crate::document::marks;
use crate::document::names::is_in_prelude;

/// Enums that several occurrences share whatever their values are: the name, and each occurrence as
/// owner and property.
///
/// ICA often adds a value to one occurrence first, and the enum must stay one type then. An
/// operation is listed by its published id and stands for all its versions.
const SHARED: &[(&str, &[(&str, &str)])] = &[
    (
        "ItemStatus",
        &[
            ("AnalysisCreationBatchItemProcessing", "status"),
            ("getAnalysisCreationBatchItems", "status"),
        ],
    ),
    (
        "SampleItemStatus",
        &[
            ("SampleCreationBatchItemProcessing", "status"),
            ("getSampleCreationBatchItems", "status"),
        ],
    ),
    ("MetadataFieldType", &[("MetadataField", "fieldType")]),
    // Only requests have it, so it is closed. Data that are read have the open `DataType`.
    ("AnalysisOutputMappingType", &[("AnalysisOutputMapping", "type")]),
    (
        "AnalysisStatus",
        &[
            ("AnalysisStatus", ""),
            ("AnalysisV4", "status"),
            ("WorkflowSessionV4", "status"),
            ("AnalysisQueryParameters", "status"),
        ],
    ),
    (
        "AnalysisStatusV3",
        &[("AnalysisV3", "status"), ("WorkflowSessionV3", "status")],
    ),
    (
        "AnalysisPriority",
        &[
            ("AnalysisV3", "analysisPriority"),
            ("AnalysisV4", "analysisPriority"),
            ("Project", "analysisPriority"),
        ],
    ),
    ("PipelineStatus", &[("PipelineV3", "status"), ("PipelineV4", "status")]),
    (
        "PipelineLanguage",
        &[
            ("PipelineLanguageVersion", "language"),
            ("PipelineV3", "language"),
            ("PipelineV4", "language"),
        ],
    ),
    (
        "PipelineInputFormType",
        &[("PipelineV3", "inputFormType"), ("PipelineV4", "inputFormType")],
    ),
    (
        "DataStatus",
        &[("DataDetails", "status"), ("getProjectDataList", "status")],
    ),
    // `AnalysisOutputMapping.type` has these values too. Only requests use it, so it stays closed.
    (
        "DataType",
        &[
            ("AnalysisData", "dataType"),
            ("DataDetails", "dataType"),
            ("getProjectDataList", "type"),
        ],
    ),
    (
        "MatchMode",
        &[
            ("getProjectDataList", "filenameMatchMode"),
            ("getProjectDataList", "userTagMatchMode"),
            ("getProjectDataList", "runInputTagMatchMode"),
            ("getProjectDataList", "runOutputTagMatchMode"),
            ("getProjectDataList", "connectorTagMatchMode"),
            ("getProjectDataList", "technicalTagMatchMode"),
        ],
    ),
    ("PathMatchMode", &[("getProjectDataList", "filePathMatchMode")]),
];

/// Values that a place lacks although others with its enum have them: owner, property and value.
///
/// ICA publishes these differences. Each was looked at, and no filter and no wait depends on it.
const LACKING: &[(&str, &str, &str)] = &[];

/// Returns whether it is known that the place lacks the value.
pub(super) fn may_lack(occurrence: &Occurrence, value: &str) -> bool {
    LACKING.iter().any(|(owner, property, lacking)| {
        (occurrence.owner == *owner && occurrence.property == *property) && value == *lacking
    })
}

/// Returns the name of the shared enum that the occurrence belongs to.
pub(super) fn shared(occurrence: &Occurrence) -> Option<&'static str> {
    shared_enum(&occurrence.owner, &occurrence.property)
}

/// Returns the name of the shared enum of an owner and property.
pub(crate) fn shared_enum(owner: &str, property: &str) -> Option<&'static str> {
    let is_here = |one: &(&str, &str)| *one == (owner, property);
    let shared = SHARED.iter().find(|(_, members)| members.iter().any(is_here));
    shared.map(|(name, _)| *name)
}

/// The endings by which ICA tells the versions of a schema apart, for example `V3`.
#[derive(Debug)]
pub(super) struct VersionSuffixes(Vec<String>);

impl VersionSuffixes {
    /// Returns the endings for the versions of the operations of a document.
    pub(super) fn of(document: &OpenAPI) -> Self {
        let operations = document.operations();
        let versions = operations.flat_map(|(_, _, operation)| marks::versions(operation));
        let versions: BTreeSet<u8> = versions.collect();
        Self(versions.into_iter().map(|version| format!("V{version}")).collect())
    }

    /// Returns the name of a schema without the ending of its version.
    pub(super) fn stem<'a>(&'a self, name: &'a str) -> &'a str {
        self.split(name).0
    }

    /// Splits the name of a schema into its stem and its ending. The ending is empty where no
    /// version has it.
    fn split<'a>(&'a self, name: &'a str) -> (&'a str, &'a str) {
        let ending = self.0.iter().find(|ending| name.ends_with(ending.as_str()));
        match ending {
            Some(ending) => (&name[..name.len() - ending.len()], ending),
            None => (name, ""),
        }
    }
}

/// Returns the name of a set: that of its component schema, or the shortest owner and the property.
pub(super) fn name(occurrences: &[Occurrence], suffixes: &VersionSuffixes, taken: &mut BTreeSet<String>) -> String {
    if let Some(component) = occurrences.iter().find(|occurrence| occurrence.property.is_empty()) {
        return component.owner.clone();
    }
    let wanted = derived_name(occurrences, suffixes);
    let mut candidates = std::iter::once(wanted.clone()).chain((2..).map(|n| format!("{wanted}{n}")));
    candidates
        .find(|candidate| !is_in_prelude(candidate) && taken.insert(candidate.clone()))
        .unwrap_or(wanted)
}

fn derived_name(occurrences: &[Occurrence], suffixes: &VersionSuffixes) -> String {
    let stem = |occurrence: &Occurrence| suffixes.split(&occurrence.owner).0.to_pascal_case();
    let repeats_owner = |occurrence: &Occurrence| occurrence.property.to_pascal_case().starts_with(&stem(occurrence));
    let in_responses = occurrences.iter().filter(|occurrence| occurrence.in_response);
    // A property whose name repeats its owner is the clearest, then the shortest owner.
    let clearest = in_responses
        .clone()
        .min_by_key(|one| (!repeats_owner(one), stem(one).len(), one.owner.clone()));
    let Some(clearest) = clearest else {
        return String::new();
    };
    let property = clearest.property.to_pascal_case();
    let both = if repeats_owner(clearest) {
        property
    } else {
        format!("{}{property}", stem(clearest))
    };
    // A set that only one version has ends with that version.
    let versions: BTreeSet<&str> = in_responses.map(|one| suffixes.split(&one.owner).1).collect();
    match versions.iter().next() {
        Some(version) if versions.len() == 1 => format!("{both}{version}"),
        _ => both,
    }
}

#[cfg(test)]
mod tests {
    use super::VersionSuffixes;

    #[test]
    fn the_ending_of_a_known_version_is_split_off() {
        let suffixes = VersionSuffixes(vec!["V3".to_owned(), "V4".to_owned()]);
        assert_eq!(suffixes.split("AnalysisV3"), ("Analysis", "V3"));
        assert_eq!(suffixes.split("Job"), ("Job", ""));
        assert_eq!(suffixes.split("RegionV2"), ("RegionV2", ""));
    }
}
