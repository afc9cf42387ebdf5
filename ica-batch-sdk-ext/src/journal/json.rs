//! Serialization of values that have no JSON form of their own.

use std::collections::BTreeMap;
use std::time::SystemTime;

use chrono::SecondsFormat;
use serde::{Serialize, Serializer};

use super::time::rfc3339;
use crate::error::Problem;

/// Serializes a time as RFC 3339 text with milliseconds.
pub(super) fn time<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    text(time).serialize(serializer)
}

/// Serializes an optional time as RFC 3339 text with milliseconds.
pub(super) fn optional_time<S: Serializer>(time: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
    time.as_ref().map(text).serialize(serializer)
}

fn text(time: &SystemTime) -> String {
    rfc3339(*time, SecondsFormat::Millis)
}

/// Serializes a problem as an object.
pub(crate) fn problem<S: Serializer>(problem: &Option<Problem>, serializer: S) -> Result<S::Ok, S::Error> {
    let fields = problem.as_ref().map(|problem| Fields {
        id: problem.id(),
        code: problem.code(),
        title: problem.title(),
        detail: problem.detail(),
        parameters: problem.parameters(),
    });
    fields.serialize(serializer)
}

#[derive(Serialize)]
struct Fields<'a> {
    id: Option<&'a str>,
    code: Option<&'a str>,
    title: Option<&'a str>,
    detail: Option<&'a str>,
    parameters: &'a BTreeMap<String, String>,
}
