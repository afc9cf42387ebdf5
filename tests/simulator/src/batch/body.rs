//! Validation of the body of a create.

use std::collections::BTreeMap;

use serde_json::Value;

use super::family::{BatchFamily, FamilyFacts, ItemRequest};
use super::fate::{Fate, Fates};
use super::shape::Violations;
use crate::api::problem::{Code, Problem};

/// Rules beyond the API description.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyRules {
    pub(crate) most_items: Option<usize>,
    pub(crate) refuse_unknown_members: bool,
    /// Whether a problem names rejected items by their place in the body, and not by their name.
    pub(crate) name_places: bool,
}

/// Returns the items of a body, or a problem whose `parameters` name each invalid member by its
/// path.
pub(crate) fn read(
    family: &dyn BatchFamily,
    body: &[u8],
    rules: BodyRules,
    fates: &Fates,
) -> Result<Vec<Box<dyn ItemRequest>>, Problem> {
    let facts = family.facts();
    let json: Value = serde_json::from_slice(body).map_err(|error| {
        Problem::new(Code::InvalidRequest, format!("The body is not valid JSON: {error}."))
            .parameter("body", error.to_string())
    })?;
    let mut violations = Violations::new(rules.refuse_unknown_members);
    violations.check(&json, facts.body, "");
    let violations = violations.found();
    if !violations.is_empty() {
        return Err(refused(
            "The body is not valid; the parameters name each invalid member.",
            violations,
        ));
    }
    let lists = facts
        .lists
        .iter()
        .filter_map(|list| Some((list, json[list].as_array()?)));
    let entries = lists.flat_map(|(list, entries)| (0..).zip(entries).map(move |(index, entry)| (list, index, entry)));
    let (places, items): (Vec<_>, Vec<_>) = entries
        .map(|(list, index, entry)| (format!("{list}[{index}]"), family.read(entry)))
        .unzip();
    check_number(facts, items.len(), rules)?;
    let names = match rules.name_places {
        true => places,
        false => items.iter().map(|item| item.name().to_owned()).collect(),
    };
    check_fates(facts, &items, names, fates)?;
    Ok(items)
}

fn check_number(facts: &FamilyFacts, number: usize, rules: BodyRules) -> Result<(), Problem> {
    let FamilyFacts { one, many, .. } = facts;
    if number == 0 {
        let reason = match facts.lists {
            [_] => format!("at least one {one} is needed"),
            _ => format!("at least one {one} is needed in one of the lists"),
        };
        let parameters = facts.lists.iter().map(|list| ((*list).to_owned(), reason.clone()));
        let detail = format!("The batch has no {one}; add at least one.");
        return Err(refused(&detail, parameters.collect()));
    }
    match rules.most_items {
        Some(most) if number > most => {
            let detail = format!("The batch has {number} {many}, which is more than {most}; send several batches.");
            Err(Problem::new(Code::InvalidRequest, detail).parameter("maximum", most.to_string()))
        }
        _ => Ok(()),
    }
}

/// Refuses items with the fate. `names` has the name of each item in a problem.
fn check_fates(
    facts: &FamilyFacts,
    items: &[Box<dyn ItemRequest>],
    names: Vec<String>,
    fates: &Fates,
) -> Result<(), Problem> {
    let FamilyFacts { one, many, .. } = facts;
    let named: BTreeMap<_, _> = items
        .iter()
        .zip(names)
        .filter(|(item, _)| fates.of(item.name()) == Fate::RejectRequest)
        .map(|(_, name)| (name, format!("this {one} is rejected")))
        .collect();
    if named.is_empty() {
        Ok(())
    } else {
        Err(refused(
            &format!("Some {many} are rejected; the parameters name them."),
            named,
        ))
    }
}

fn refused(detail: &str, parameters: BTreeMap<String, String>) -> Problem {
    let mut problem = Problem::new(Code::InvalidRequest, detail);
    problem.parameters = parameters;
    problem
}
