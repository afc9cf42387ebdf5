//! A batch and the job that creates its items.

use chrono::{DateTime, Utc};

use super::common::{has_fraction, project, user};
use crate::batch::creation::Creation;
use crate::batch::model::Batch;
use crate::json::{JsonWriter, Optionals, Style};

/// Form of the member `job` of a batch. The public API description makes it optional and nullable.
///
/// ```
/// use ica_simulator::{JobStyle, Simulator};
///
/// let simulator = Simulator::builder().job(JobStyle::Absent).start()?;
/// assert_eq!(JobStyle::default(), JobStyle::Present);
/// # drop(simulator);
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobStyle {
    /// Every batch has its job.
    #[default]
    Present,
    /// The member `job` is left out.
    Absent,
    /// The member `job` is null.
    Null,
}

/// Returns the body that shows a batch.
pub(crate) fn batch_body(
    batch: &Batch,
    creation: &Creation,
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
            JobStyle::Present => w.nullable("job", Some(()), |w, ()| job(w, batch, creation, now)),
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
        w.enum_member("status", state.status);
        w.nullable("additionalStatusInformation", failed, JsonWriter::string);
        w.text("subjectType", facts.subject_type);
        w.id("subjectId", batch.id);
        w.member("timeCreated", |w| w.time(batch.created, fraction));
        w.nullable("timeStarted", state.started, |w, time| w.time(time, fraction));
        w.nullable("timeFinished", state.finished, |w, time| w.time(time, fraction));
        w.member("owner", |w| user(w, &batch.owner));
        w.optional("project", Some(()), |w, ()| project(w, &batch.project, &batch.owner));
        w.nullable("bundle", None, |w, ()| w.null());
        w.nullable("application", None, |w, ()| w.null());
    });
}
