//! Decisions about enums that somebody has to make.
//!
//! A new value or a new enum changes a description in one line. The client still compiles, and may
//! be wrong: a status of items that their filter does not know, an enum that is renamed because
//! another one has the same values, or a second type for the same thing in a new version. Each is a
//! [`Remark`].

use std::collections::{BTreeMap, BTreeSet};

use super::names::{self, VersionSuffixes};
use super::occurrence::Occurrence;
use crate::lower::remark::Remark;

/// Returns the remarks about the occurrences of one description.
pub(super) fn of(occurrences: &[Occurrence], suffixes: &VersionSuffixes) -> Vec<Remark> {
    let mut remarks = uneven(occurrences);
    remarks.extend(twins(occurrences, suffixes));
    remarks.extend(merged(occurrences, suffixes));
    remarks.extend(unlisted(occurrences, suffixes));
    remarks
}

fn place(occurrence: &Occurrence) -> String {
    match occurrence.property.as_str() {
        "" => occurrence.owner.clone(),
        property => format!("{}.{property}", occurrence.owner),
    }
}

fn set(occurrence: &Occurrence) -> BTreeSet<&str> {
    occurrence.values.iter().map(String::as_str).collect()
}

/// Reports a value of a shared enum that one of its places lacks.
fn uneven(occurrences: &[Occurrence]) -> Vec<Remark> {
    let mut shared = BTreeMap::<&str, Vec<&Occurrence>>::new();
    for occurrence in occurrences {
        // The joined status of the summaries has the values of all versions.
        if let Some(name) = names::shared(occurrence).filter(|_| !occurrence.property.is_empty()) {
            shared.entry(name).or_default().push(occurrence);
        }
    }
    let mut remarks = Vec::new();
    for (name, members) in shared {
        let all: BTreeSet<&str> = members.iter().flat_map(|member| set(member)).collect();
        for value in all {
            let (with, without): (Vec<&Occurrence>, Vec<&Occurrence>) =
                members.iter().copied().partition(|member| set(member).contains(value));
            if let (Some(with), Some(without)) = (with.first(), without.first())
                && !names::may_lack(without, value)
            {
                remarks.push(Remark {
                    place: place(without),
                    text: format!(
                        "it lacks {value} of {name}, which {} has; add the value to both places of the description, \
                         or list the difference in LACKING of xtask/src/lower/enums/names.rs",
                        place(with)
                    ),
                });
            }
        }
    }
    remarks
}

/// Reports an occurrence that is not listed although its other versions share an enum.
fn twins(occurrences: &[Occurrence], suffixes: &VersionSuffixes) -> Vec<Remark> {
    let listed = occurrences.iter().filter_map(|one| Some((one, names::shared(one)?)));
    let listed: Vec<_> = listed.collect();
    let unlisted = occurrences.iter().filter(|one| names::shared(one).is_none());
    let found = unlisted.filter_map(|one| {
        let is_twin = |(other, _): &&(&Occurrence, &str)| {
            suffixes.stem(&one.owner) == suffixes.stem(&other.owner) && one.property == other.property
        };
        let (other, name) = listed.iter().find(is_twin)?;
        Some(Remark {
            place: place(one),
            text: format!(
                "{} of another version is {name}; add it to {name} in SHARED of xtask/src/lower/enums/names.rs, \
                 or give it an entry of its own there",
                place(other)
            ),
        })
    });
    found.collect()
}

/// Reports occurrences that get one enum only because their values are equal.
fn merged(occurrences: &[Occurrence], suffixes: &VersionSuffixes) -> Vec<Remark> {
    let mut sets = BTreeMap::<BTreeSet<&str>, Vec<&Occurrence>>::new();
    for occurrence in occurrences.iter().filter(|one| names::shared(one).is_none()) {
        sets.entry(set(occurrence)).or_default().push(occurrence);
    }
    let mut remarks = Vec::new();
    for members in sets
        .values()
        .filter(|members| members.iter().any(|one| one.in_response))
    {
        let Some((first, others)) = members.split_first() else {
            continue;
        };
        let key = |one: &Occurrence| (suffixes.stem(&one.owner).to_owned(), one.property.clone());
        for other in others.iter().filter(|other| key(other) != key(first)) {
            remarks.push(Remark {
                place: place(other),
                text: format!(
                    "it has the values of {} and gets the same type; list both in SHARED of \
                     xtask/src/lower/enums/names.rs, in one entry if they mean the same, or else in two",
                    place(first)
                ),
            });
        }
    }
    remarks
}

/// Reports an occurrence that gets a type of its own although its values are those of a listed enum.
fn unlisted(occurrences: &[Occurrence], suffixes: &VersionSuffixes) -> Vec<Remark> {
    let listed = occurrences.iter().filter_map(|one| Some((one, names::shared(one)?)));
    let listed: Vec<_> = listed.collect();
    let mut remarks = Vec::new();
    for one in occurrences.iter().filter(|one| names::shared(one).is_none()) {
        let is_twin = |other: &Occurrence| {
            suffixes.stem(&one.owner) == suffixes.stem(&other.owner) && one.property == other.property
        };
        let equal = listed
            .iter()
            .find(|(other, _)| set(other) == set(one) && !is_twin(other));
        if let Some((other, name)) = equal {
            remarks.push(Remark {
                place: place(one),
                text: format!(
                    "it has the values of {}, which is {name}; add it to {name} in SHARED of \
                     xtask/src/lower/enums/names.rs if it means the same, or give it an entry of its own there",
                    place(other)
                ),
            });
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::super::lower;
    use crate::document::fixture;

    fn remarks(paths: &str, schemas: &str) -> Vec<String> {
        let remarks = lower(&mut fixture::document(paths, schemas));
        remarks.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_value_of_an_item_that_its_filter_lacks_is_reported() {
        let paths = "
/items:
  get:
    operationId: getAnalysisCreationBatchItems
    parameters:
      - { name: status, in: query, schema: { type: array, items: { type: string, enum: [RUNNING, FAILED] } } }
    responses: { '204': { description: ok } }
";
        let schema = |values: &str| {
            format!(
                "AnalysisCreationBatchItemProcessing: {{ type: object, properties: {{ status: {{ type: string, enum: [{values}] }} }} }}"
            )
        };
        assert_eq!(remarks(paths, &schema("FAILED, RUNNING")), Vec::<String>::new());
        let found = remarks(paths, &schema("RUNNING, CANCELLED, FAILED"));
        let expected = "getAnalysisCreationBatchItems.status: it lacks CANCELLED of ItemStatus, \
                        which AnalysisCreationBatchItemProcessing.status has; add the value to both places";
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
        assert_eq!(
            remarks(paths, &schema("RUNNING"))[0].split(':').next(),
            Some("AnalysisCreationBatchItemProcessing.status")
        );
    }

    #[test]
    fn an_enum_of_a_new_version_is_reported_until_it_is_listed() {
        let paths = fixture::paths("AnalysisV4", "AnalysisV5").replace(
            "    operationId: getThing\n",
            "    operationId: getThing\n    x-ica-versions: [4, 5]\n",
        );
        let schemas = "
AnalysisV4: { type: object, properties: { status: { type: string, enum: [QUEUED, DONE] } } }
AnalysisV5: { type: object, properties: { status: { type: string, enum: [QUEUED, DONE, PAUSED] } } }
";
        let found = remarks(&paths, schemas);
        let expected = "AnalysisV5.status: AnalysisV4.status of another version is AnalysisStatus; add it to AnalysisStatus in SHARED";
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
    }

    #[test]
    fn values_of_a_listed_enum_in_another_place_are_reported() {
        let paths = "
/items:
  post:
    operationId: createItem
    requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Query' } } } }
    responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/AnalysisV4' } } } } }
";
        let schemas = "
AnalysisV4: { type: object, properties: { status: { type: string, enum: [QUEUED, DONE] } } }
Query: { type: object, properties: { state: { type: string, enum: [DONE, QUEUED] } } }
";
        let found = remarks(paths, schemas);
        let expected = "Query.state: it has the values of AnalysisV4.status, which is AnalysisStatus; add it to";
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
        assert_eq!(
            remarks(paths, &schemas.replace("[DONE, QUEUED]", "[DONE]")),
            Vec::<String>::new()
        );
    }

    #[test]
    fn equal_sets_of_different_things_are_reported() {
        let schemas = "
Job: { type: object, properties: { status: { type: string, enum: [RUNNING, DONE] } } }
Task: { type: object, properties: { state: { type: string, pattern: DONE|RUNNING } } }
";
        let paths = fixture::paths("Job", "Nothing").replace("$ref: '#/components/schemas/Nothing'", "type: object");
        let found = remarks(&paths, schemas);
        assert!(
            found.len() == 1
                && found[0].starts_with("Task.state: it has the values of Job.status and gets the same type"),
            "{found:?}"
        );
    }
}
