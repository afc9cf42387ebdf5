//! A batch and the job that creates its items.

use chrono::{DateTime, Utc};

use super::surroundings::{has_fraction, project, user};
use crate::batch::batches::Batch;
use crate::batch::creation::Creation;
use crate::json::{JsonWriter, Optionals, Style};

/// How a batch shows its job, which the public API description makes optional and nullable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobStyle {
    /// With every batch.
    #[default]
    Present,
    /// Never; the member is left out.
    Absent,
    /// Never; the member is null.
    Null,
}

pub(crate) fn batch(batch: &Batch, creation: &Creation, now: DateTime<Utc>, shown: JobStyle, style: Style) -> Vec<u8> {
    let mut w = JsonWriter::with_capacity(style, 4096);
    w.object(|w| {
        w.id("id", batch.id);
        match shown {
            JobStyle::Null if style.optionals != Optionals::NeverWritten => w.member("job", JsonWriter::null),
            JobStyle::Absent | JobStyle::Null => {}
            JobStyle::Present => w.optional("job", Some(()), |w, ()| job(w, batch, creation, now)),
        }
        batch.family.write_batch_members(w);
    });
    w.finish()
}

fn job(w: &mut JsonWriter, batch: &Batch, creation: &Creation, now: DateTime<Utc>) {
    let facts = batch.family.facts();
    let state = batch.job(creation, now);
    let fraction = has_fraction(batch.job_id);
    let failed = matches!(state.status, "FAILED" | "PARTIALLY_SUCCEEDED").then_some(facts.job_information);
    w.object(|w| {
        w.id("id", batch.job_id);
        w.choice("status", state.status);
        w.optional("additionalStatusInformation", failed, JsonWriter::string);
        w.text("subjectType", facts.subject_type);
        w.id("subjectId", batch.id);
        w.member("timeCreated", |w| w.moment(batch.created, fraction));
        w.optional("timeStarted", state.started, |w, time| w.moment(time, fraction));
        w.optional("timeFinished", state.finished, |w, time| w.moment(time, fraction));
        w.member("owner", |w| user(w, &batch.owner));
        w.maybe("project", Some(()), |w, ()| project(w, &batch.project, &batch.owner));
        w.optional("bundle", None, |w, ()| w.null());
        w.optional("application", None, |w, ()| w.null());
    });
}
