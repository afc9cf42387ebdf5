//! The trait of a family of batches: the differences between families.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::creation::Processing;
use super::fate::Fate;
use super::search::Search;
use super::shape::Shape;
use crate::api::auth::User;
use crate::api::family::Family;
use crate::api::version::ApiVersion;
use crate::json::JsonWriter;

/// The constants of a family.
#[derive(Debug)]
pub(crate) struct FamilyFacts {
    pub(crate) family: Family,
    /// One item, as texts name it.
    pub(crate) one: &'static str,
    /// Several items, as texts name them.
    pub(crate) many: &'static str,
    /// `job.subjectType`.
    pub(crate) subject_type: &'static str,
    /// The member of an item that contains the created analysis or sample.
    pub(crate) created_member: &'static str,
    /// The values of `processing.status`, which are also the values of the filter of a list.
    pub(crate) statuses: &'static [Processing],
    /// The schema of a create's body.
    pub(crate) body: &'static Shape,
    /// The lists of a create's body, in the order of the items.
    pub(crate) lists: &'static [&'static str],
    /// `job.additionalStatusInformation` of a job that has not created everything.
    pub(crate) job_information: &'static str,
    /// Returns `processing.additionalStatusInformation`.
    pub(crate) information: fn(Processing) -> Option<&'static str>,
}

/// A family of batches.
pub(crate) trait BatchFamily: fmt::Debug + Send + Sync {
    fn facts(&self) -> &'static FamilyFacts;

    /// Reads one entry of a create's body. The entry is valid.
    fn read(&self, entry: &Value) -> Box<dyn ItemRequest>;

    /// Returns an item without a request. `group` is the number of its pipeline; see
    /// [`SeedOptions::pipelines`](super::seed::SeedOptions::pipelines).
    fn seeded(&self, name: String, group: usize, technical_tags: &[String]) -> Box<dyn ItemRequest>;

    /// Writes the members of a batch that other families do not have.
    fn write_batch_members(&self, _w: &mut JsonWriter) {}
}

/// The request for one item.
pub(crate) trait ItemRequest: fmt::Debug + Send + Sync {
    /// Returns the name by which tests identify the item.
    fn name(&self) -> &str;

    /// Writes the members of `request`.
    fn write(&self, w: &mut JsonWriter);

    /// Writes the created analysis or sample.
    fn write_created(&self, w: &mut JsonWriter, version: ApiVersion, created: &Created<'_>);

    /// Returns the status of the created analysis or sample, in the spelling of the newest version.
    fn created_status(&self, created: &Created<'_>) -> &'static str;

    /// Returns whether a search finds the created analysis. False if the family has none.
    fn is_found(&self, _created: &Created<'_>, _search: &Search) -> bool {
        false
    }

    /// Writes the steps of the created analysis.
    fn write_steps(&self, _w: &mut JsonWriter, _created: &Created<'_>) {}

    /// Writes the outputs of the created analysis. `project` owns them.
    fn write_outputs(&self, _w: &mut JsonWriter, _created: &Created<'_>, _project: &str) {}

    /// Aborts the run of the created analysis from `now` on. Returns false if the family has no
    /// runs.
    fn abort(&mut self, _now: DateTime<Utc>) -> bool {
        false
    }
}

/// All that decides the state of a created analysis or sample.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Created<'a> {
    pub(crate) id: Uuid,
    pub(crate) time: DateTime<Utc>,
    pub(crate) owner: &'a User,
    pub(crate) processing: Processing,
    pub(crate) fate: Fate,
    pub(crate) salt: u64,
    pub(crate) now: DateTime<Utc>,
}
