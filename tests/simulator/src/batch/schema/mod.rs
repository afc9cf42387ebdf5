//! Checks the body of a create against the limits of the public API description.

pub(crate) mod shape;

use std::collections::BTreeMap;

use serde_json::Value;

use super::family::{BatchFamily, Facts, ItemRequest};
use super::fate::{Fate, Fates};
use crate::api::problem::{Code, Problem};

/// What is checked beyond the description.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyRules {
    pub(crate) most_items: Option<usize>,
    pub(crate) refuse_unknown_members: bool,
}

/// Returns the items that a body asks for, or a problem whose `parameters` name every place that is wrong.
pub(crate) fn read(
    family: &dyn BatchFamily,
    body: &[u8],
    rules: BodyRules,
    fates: &Fates,
) -> Result<Vec<Box<dyn ItemRequest>>, Problem> {
    let facts = family.facts();
    let json: Value = serde_json::from_slice(body).map_err(|error| {
        Problem::new(Code::InvalidRequest, format!("The body is not JSON: {error}."))
            .parameter("body", error.to_string())
    })?;
    let mut faulty = shape::Violations::new(rules.refuse_unknown_members);
    faulty.check(&json, facts.body, "");
    let faulty = faulty.found();
    if !faulty.is_empty() {
        return Err(refused(
            "The body is not as the API description says; see the parameters.",
            faulty,
        ));
    }
    let entries = facts.lists.iter().filter_map(|list| json[list].as_array()).flatten();
    let items: Vec<_> = entries.map(|entry| family.read(entry)).collect();
    check_number(facts, items.len(), rules)?;
    check_fates(facts, &items, fates)?;
    Ok(items)
}

fn check_number(facts: &Facts, number: usize, rules: BodyRules) -> Result<(), Problem> {
    let Facts { one, many, .. } = facts;
    if number == 0 {
        let reason = match facts.lists {
            [_] => format!("at least one {one} is needed"),
            _ => format!("at least one {one} is needed in one of the lists"),
        };
        let places = facts.lists.iter().map(|list| ((*list).to_owned(), reason.clone()));
        let detail = format!("The batch has no {one}; add at least one.");
        return Err(refused(&detail, places.collect()));
    }
    match rules.most_items {
        Some(most) if number > most => {
            let detail = format!("A batch has at most {most} {many}, not {number}; send several batches.");
            Err(Problem::new(Code::InvalidRequest, detail).parameter("maximum", most.to_string()))
        }
        _ => Ok(()),
    }
}

fn check_fates(facts: &Facts, items: &[Box<dyn ItemRequest>], fates: &Fates) -> Result<(), Problem> {
    let Facts { one, many, .. } = facts;
    let rejected = items.iter().map(|item| item.name());
    let named: BTreeMap<_, _> = rejected
        .filter(|name| fates.of(name) == Fate::RejectRequest)
        .map(|name| (name.to_owned(), format!("this {one} is rejected")))
        .collect();
    if named.is_empty() {
        Ok(())
    } else {
        Err(refused(
            &format!("Some {many} are rejected; see the parameters."),
            named,
        ))
    }
}

fn refused(detail: &str, parameters: BTreeMap<String, String>) -> Problem {
    let mut problem = Problem::new(Code::InvalidRequest, detail);
    problem.parameters = parameters;
    problem
}
