//! What an open enum is called, and which places share one.

use std::collections::BTreeSet;

use heck::ToPascalCase;

use super::enums::Place;

/// The sets that go by the places where they stand rather than by their values: their name, and each place as owner and
/// property. ICA adds a value to one of the places first, and that must not take the type apart. An operation
/// goes by its published id and stands for all its versions and twins.
const SHARED: [(&str, &[(&str, &str)]); 9] = [
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
    (
        "AnalysisStatus",
        &[
            ("AnalysisStatus", ""),
            ("AnalysisV4", "status"),
            ("WorkflowSessionV4", "status"),
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
];

/// The shared type that the place belongs to.
pub(super) fn shared(place: &Place) -> Option<&'static str> {
    let is_here = |(owner, property): &(&str, &str)| place.owner == *owner && place.property == *property;
    let shared = SHARED.iter().find(|(_, places)| places.iter().any(is_here));
    shared.map(|(name, _)| *name)
}

/// The name of a set: its component's own, or the shortest owner and the property.
pub(super) fn name(places: &[Place], taken: &mut BTreeSet<String>) -> String {
    if let Some(component) = places.iter().find(|place| place.property.is_empty()) {
        return component.owner.clone();
    }
    let wanted = derived_name(places);
    let mut candidates = std::iter::once(wanted.clone()).chain((2..).map(|n| format!("{wanted}{n}")));
    candidates
        .find(|candidate| taken.insert(candidate.clone()))
        .unwrap_or(wanted)
}

fn derived_name(places: &[Place]) -> String {
    let answers = places.iter().filter(|place| place.is_answer);
    let stems = answers.clone().map(|place| stem(&place.owner));
    // A property that names its owner says most, then the shortest owner.
    let shortest =
        answers.min_by_key(|place| (!names_its_owner(place), stem(&place.owner).0.len(), place.owner.clone()));
    let Some(shortest) = shortest else {
        return String::new();
    };
    let owner = stem(&shortest.owner).0.to_pascal_case();
    let property = shortest.property.to_pascal_case();
    let both = if property.starts_with(&owner) {
        property
    } else {
        format!("{owner}{property}")
    };
    // A set that only one version has carries that version at the end of its name.
    let versions: BTreeSet<&str> = stems.map(|(_, version)| version).collect();
    match versions.iter().next() {
        Some(version) if versions.len() == 1 => format!("{both}{version}"),
        _ => both,
    }
}

fn names_its_owner(place: &Place) -> bool {
    let property = place.property.to_pascal_case();
    property.starts_with(&stem(&place.owner).0.to_pascal_case())
}

/// A schema's name without the version at its end, and the version.
fn stem(name: &str) -> (&str, &str) {
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    match name.len().checked_sub(digits + 1) {
        Some(at) if digits > 0 && name[at..].starts_with('V') => name.split_at(at),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_version_at_the_end_of_a_name_is_told_from_its_stem() {
        assert_eq!(super::stem("AnalysisV3"), ("Analysis", "V3"));
        assert_eq!(super::stem("Job"), ("Job", ""));
        assert_eq!(super::stem("Region2"), ("Region2", ""));
        assert_eq!(super::stem("V3"), ("", "V3"));
    }
}
