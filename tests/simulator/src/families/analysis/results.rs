//! The steps and the outputs of an analysis.

use uuid::Uuid;

use super::run::AnalysisState;
use super::status::AnalysisStatus;
use crate::batch::family::Created;
use crate::batch::render::common::{fixed_id, has_fraction};
use crate::json::JsonWriter;

/// The steps of every run: name, and whether ICA adds it to the pipeline.
const STEPS: [(&str, bool); 3] = [("prepare inputs", true), ("align", false), ("store outputs", true)];

/// Returns the status of each step, or nothing for a run that has not left the queue.
fn statuses(status: AnalysisStatus) -> Option<[&'static str; STEPS.len()]> {
    match status {
        AnalysisStatus::Requested | AnalysisStatus::Queued | AnalysisStatus::AwaitingInput => None,
        AnalysisStatus::Initializing | AnalysisStatus::PreparingInputs => Some(["RUNNING", "WAITING", "WAITING"]),
        AnalysisStatus::InProgress | AnalysisStatus::Aborting => Some(["DONE", "RUNNING", "WAITING"]),
        AnalysisStatus::GeneratingOutputs => Some(["DONE", "DONE", "RUNNING"]),
        AnalysisStatus::Succeeded => Some(["DONE", "DONE", "DONE"]),
        AnalysisStatus::Failed | AnalysisStatus::FailedFinal => Some(["DONE", "FAILED", "INTERRUPTED"]),
        AnalysisStatus::Aborted => Some(["DONE", "ABORTED", "INTERRUPTED"]),
    }
}

/// Writes the list of steps.
pub(super) fn steps(w: &mut JsonWriter, created: &Created<'_>, state: AnalysisState) {
    let statuses = statuses(state.status).into_iter().flatten();
    let steps = STEPS.into_iter().zip(statuses).enumerate();
    w.object(|w| {
        w.member("items", |w| {
            w.array(steps, |w, (index, ((name, technical), status))| {
                let fraction = has_fraction(created.id);
                let started = state.started.filter(|_| status != "WAITING" && status != "INTERRUPTED");
                let ended = state.ended.filter(|_| started.is_some());
                let exit_code = match status {
                    "DONE" => Some(0),
                    "FAILED" => Some(1),
                    _ => None,
                };
                w.object(|w| {
                    w.text("id", &(index + 1).to_string());
                    w.text("name", name);
                    w.enum_member("status", status);
                    w.nullable("queueDate", Some(created.time), |w, time| w.time(time, fraction));
                    w.nullable("startDate", started, |w, time| w.time(time, fraction));
                    w.nullable("endDate", ended, |w, time| w.time(time, fraction));
                    w.flag("technical", technical);
                    w.member("logs", |w| logs(w, created.id, index, status));
                    w.nullable("exitCode", exit_code, JsonWriter::number);
                    w.nullable("computeType", Some("standard-small"), JsonWriter::string);
                });
            });
        });
    });
}

/// Writes the logs: a stream while the step runs, and then a file.
fn logs(w: &mut JsonWriter, analysis: Uuid, index: usize, status: &str) {
    let file = matches!(status, "DONE" | "FAILED").then(|| data_id("fil", analysis, &format!("log {index}")));
    let stream = (status == "RUNNING").then(|| format!("wss://logs.invalid/{analysis}/{index}"));
    w.object(|w| {
        w.optional("stdOutData", file, |w, id| w.object(|w| w.text("id", &id)));
        w.nullable("stdOutStream", stream, |w, stream| w.string(&stream));
    });
}

/// Writes the outputs: one folder with one file after a success, and nothing before.
pub(super) fn outputs(w: &mut JsonWriter, created: &Created<'_>, state: AnalysisState, name: &str, project: &str) {
    let is_there = state.status == AnalysisStatus::Succeeded;
    let project = Uuid::parse_str(project).unwrap_or_else(|_| fixed_id(project));
    w.object(|w| {
        w.member("items", |w| {
            w.array(is_there.then_some(()), |w, ()| {
                w.object(|w| {
                    w.text("code", "Output");
                    w.optional("projectId", Some(project), JsonWriter::uuid);
                    w.optional("data", Some(()), |w, ()| {
                        w.array([()], |w, ()| folder(w, created.id, name))
                    });
                });
            });
        });
    });
}

fn folder(w: &mut JsonWriter, analysis: Uuid, name: &str) {
    w.object(|w| {
        w.text("dataId", &data_id("fol", analysis, "outputs"));
        w.text("name", &format!("{name}-outputs"));
        w.enum_member("dataType", "FOLDER");
        w.member("format", JsonWriter::null);
        w.optional("children", Some(()), |w, ()| {
            w.array([()], |w, ()| {
                w.object(|w| {
                    w.text("dataId", &data_id("fil", analysis, "report"));
                    w.text("name", "report.html");
                    w.enum_member("dataType", "FILE");
                    w.member("format", JsonWriter::null);
                });
            });
        });
    });
}

/// Returns the id of a file or folder of an analysis.
fn data_id(kind: &str, analysis: Uuid, name: &str) -> String {
    let id = Uuid::new_v3(&analysis, name.as_bytes());
    format!("{kind}.{}", id.simple())
}
