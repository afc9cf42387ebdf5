//! The family of batches that create samples.

mod schema;

use serde_json::Value;

use crate::api::family::Family;
use crate::api::version::ApiVersion;
use crate::batch::creation::Processing;
use crate::batch::family::{BatchFamily, Created, FamilyFacts, ItemRequest};
use crate::batch::render::common::{region, tags, v3_head};
use crate::json::JsonWriter;

static FACTS: FamilyFacts = FamilyFacts {
    family: Family::Sample,
    one: "sample",
    many: "samples",
    subject_type: "SampleCreationBatch",
    created_member: "createdSample",
    statuses: &[
        Processing::Initialized,
        Processing::WaitingResources,
        Processing::Running,
        Processing::Succeeded,
        Processing::PartiallySucceeded,
        Processing::Failed,
        Processing::Stopped,
    ],
    body: &schema::CREATE_BATCH,
    lists: &["items"],
    job_information: "Some samples could not be created, or only in part.",
    information,
};

fn information(status: Processing) -> Option<&'static str> {
    match status {
        Processing::Failed => Some("The sample could not be created."),
        Processing::PartiallySucceeded => Some("The sample was created, but some of its data could not be linked."),
        Processing::Stopped => Some("The job was stopped before the sample was created."),
        _ => None,
    }
}

/// The names of the four lists of tags.
const TAGS: [&str; 4] = ["technicalTags", "userTags", "connectorTags", "runInTags"];

/// The family of batches that create samples. It has no settings of its own.
#[derive(Debug)]
pub(crate) struct Sample;

/// The request for one sample.
#[derive(Debug)]
struct Requested {
    name: Box<str>,
    description: Option<Box<str>>,
    /// In the order of [`TAGS`].
    tags: [Vec<String>; TAGS.len()],
    complete: bool,
}

impl BatchFamily for Sample {
    fn facts(&self) -> &'static FamilyFacts {
        &FACTS
    }

    fn read(&self, entry: &Value) -> Box<dyn ItemRequest> {
        let sample = &entry["sampleToCreate"];
        let tags = TAGS.map(|name| {
            let tags = sample["tags"][name].as_array().into_iter().flatten();
            tags.filter_map(Value::as_str).map(str::to_owned).collect()
        });
        Box::new(Requested {
            name: sample["name"].as_str().unwrap_or_default().into(),
            description: sample["description"].as_str().map(Into::into),
            tags,
            complete: entry["completeSample"] == true,
        })
    }

    fn seeded(&self, name: String, _group: usize, technical_tags: &[String]) -> Box<dyn ItemRequest> {
        let mut tags = TAGS.map(|_| Vec::new());
        tags[0] = technical_tags.to_vec();
        tags[1].push("seeded".to_owned());
        Box::new(Requested {
            name: name.into(),
            description: None,
            tags,
            complete: true,
        })
    }

    fn write_batch_members(&self, w: &mut JsonWriter) {
        w.nullable("sequencingRunId", None, JsonWriter::uuid);
    }
}

impl ItemRequest for Requested {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&self, w: &mut JsonWriter) {
        w.member("sampleToCreate", |w| {
            w.object(|w| {
                w.text("name", &self.name);
                w.nullable("description", self.description.as_deref(), JsonWriter::string);
                w.nullable("tags", Some(()), |w, ()| self.write_tags(w));
            });
        });
        w.flag("completeSample", self.complete);
    }

    fn write_created(&self, w: &mut JsonWriter, _version: ApiVersion, created: &Created<'_>) {
        w.object(|w| {
            v3_head(w, created.id, created.time, created.time, created.owner.id);
            w.text("name", &self.name);
            w.nullable("description", self.description.as_deref(), JsonWriter::string);
            w.member("tags", |w| self.write_tags(w));
            w.member("region", region);
            w.nullable("application", None, |w, ()| w.null());
            w.enum_member("status", self.created_status(created));
            w.flag("metadataValid", true);
            w.member("metadata", |w| w.array([(); 0], |w, ()| w.null()));
            w.nullable("sequencingRuns", None, |w, ()| w.null());
        });
    }

    /// Returns `AVAILABLE` if the request completes the sample and all of its data was linked, and
    /// otherwise `PARTIAL`.
    fn created_status(&self, created: &Created<'_>) -> &'static str {
        if self.complete && created.processing == Processing::Succeeded {
            "AVAILABLE"
        } else {
            "PARTIAL"
        }
    }
}

impl Requested {
    fn write_tags(&self, w: &mut JsonWriter) {
        let lists: Vec<(&str, &[String])> = TAGS.into_iter().zip(self.tags.iter().map(Vec::as_slice)).collect();
        tags(w, &lists);
    }
}
