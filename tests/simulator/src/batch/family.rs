//! What a family of batches adds to the behaviour that all families share.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::creation::Processing;
use super::fate::Fate;
use super::schema::shape::Shape;
use crate::api::auth::User;
use crate::api::family::Family;
use crate::api::version::ApiVersion;
use crate::json::JsonWriter;

/// The constants of a family.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) family: Family,
    /// One item, as texts name it.
    pub(crate) one: &'static str,
    /// Several items, as texts name them.
    pub(crate) many: &'static str,
    /// `job.subjectType`.
    pub(crate) subject_type: &'static str,
    /// The member of an item that shows what was created.
    pub(crate) created_member: &'static str,
    /// The statuses that `processing.status` can have and a listing can be filtered by.
    pub(crate) statuses: &'static [Processing],
    /// The schema of a create's body.
    pub(crate) body: &'static Shape,
    /// The lists of a create's body, in the order in which their entries become items.
    pub(crate) lists: &'static [&'static str],
    /// `job.additionalStatusInformation` when not everything was created.
    pub(crate) job_information: &'static str,
    /// Returns `processing.additionalStatusInformation`.
    pub(crate) information: fn(Processing) -> Option<&'static str>,
}

/// A family of batches.
pub(crate) trait BatchFamily: fmt::Debug + Send + Sync {
    fn facts(&self) -> &'static Facts;

    /// Reads one entry of a create's body, which fits the schema.
    fn read(&self, entry: &Value) -> Box<dyn ItemRequest>;

    /// Makes an item without a request; `group` counts the pipelines of [`SeedOptions`](super::seed::SeedOptions).
    fn seeded(&self, name: String, group: usize) -> Box<dyn ItemRequest>;

    /// Writes the members of a batch that other families do not have.
    fn write_batch_members(&self, _w: &mut JsonWriter) {}
}

/// What a request asked for in one item.
pub(crate) trait ItemRequest: fmt::Debug + Send + Sync {
    /// Returns the name by which a test tells items apart.
    fn name(&self) -> &str;

    /// Writes the members of `request`.
    fn write(&self, w: &mut JsonWriter);

    /// Writes what was created.
    fn write_created(&self, w: &mut JsonWriter, version: ApiVersion, created: &Created<'_>);

    /// Returns the status of what was created, in the spelling of the newest version.
    fn created_status(&self, created: &Created<'_>) -> &'static str;

    /// Aborts what the item created, from `now` on; false if it has no run that could be aborted.
    fn abort(&mut self, _now: DateTime<Utc>) -> bool {
        false
    }
}

/// What decides the state of something created.
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
