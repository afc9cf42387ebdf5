//! A batch and the job that creates its analyses.

use chrono::{DateTime, Utc};

use super::json::{JsonWriter, Optionals, Style};
use super::surroundings::{has_fraction, project, user};
use crate::batch::Batch;
use crate::builder::JobStyle;
use crate::lifecycle::Lifecycle;

pub(crate) fn batch(
    batch: &Batch,
    lifecycle: &Lifecycle,
    now: DateTime<Utc>,
    shown: JobStyle,
    style: Style,
) -> Vec<u8> {
    let mut w = JsonWriter::with_capacity(style, 4096);
    w.object(|w| {
        w.id("id", batch.id);
        match shown {
            JobStyle::Null if style.optionals != Optionals::NeverWritten => w.member("job", JsonWriter::null),
            JobStyle::Absent | JobStyle::Null => {}
            JobStyle::Present => w.optional("job", Some(()), |w, ()| job(w, batch, lifecycle, now)),
        }
    });
    w.finish()
}

fn job(w: &mut JsonWriter, batch: &Batch, lifecycle: &Lifecycle, now: DateTime<Utc>) {
    let state = batch.job(lifecycle, now);
    let fraction = has_fraction(batch.job_id);
    let failed =
        matches!(state.status, "FAILED" | "PARTIALLY_SUCCEEDED").then_some("Some analyses could not be created.");
    w.object(|w| {
        w.id("id", batch.job_id);
        w.choice("status", state.status);
        w.optional("additionalStatusInformation", failed, JsonWriter::string);
        w.text("subjectType", "AnalysisCreationBatch");
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
