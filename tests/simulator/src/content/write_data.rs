//! The JSON of data.

use uuid::Uuid;

use super::data::{DataPaths, StoredData, project_uuid};
use crate::batch::render::common::{TENANT_NAME, fixed_id, has_fraction, long_ago, region, v3_head};
use crate::json::JsonWriter;

/// The usual size of data in JSON, in bytes.
pub(crate) const DATA_BYTES: usize = 1500;

/// Writes a file or folder of a project.
pub(crate) fn project_data(w: &mut JsonWriter, data: &StoredData, project: &str, paths: DataPaths) {
    w.object(|w| {
        w.member("data", |w| {
            w.object(|w| {
                let urn = format!(
                    "urn:ilmn:ica:region:{}:data:{}#{}",
                    fixed_id("region"),
                    data.id,
                    data.path
                );
                w.text("id", &data.id);
                w.nullable("urn", Some(urn), |w, urn| w.string(&urn));
                w.nullable("details", Some(()), |w, ()| details(w, data, paths));
                w.nullable("folderDetails", data.is_folder().then_some(()), |w, ()| {
                    w.object(|w| w.flag("nonIndexed", false));
                });
            });
        });
        w.id("projectId", project_uuid(project));
    });
}

fn details(w: &mut JsonWriter, data: &StoredData, paths: DataPaths) {
    let fraction = has_fraction(data.owner);
    let path = match paths {
        DataPaths::Whole => data.path.as_str(),
        DataPaths::Parent => data.parent(),
    };
    w.object(|w| {
        w.member("timeCreated", |w| w.time(data.created, fraction));
        w.member("timeModified", |w| w.time(data.created, fraction));
        w.nullable("creatorId", Some(fixed_id("uploader")), JsonWriter::uuid);
        w.id("tenantId", fixed_id("tenant"));
        w.nullable("tenantName", Some(TENANT_NAME), JsonWriter::string);
        w.id("owningProjectId", data.owner);
        w.nullable("owningProjectName", Some(&data.owner_name), |w, name| w.string(name));
        w.text("name", data.name());
        w.nullable("path", Some(path), JsonWriter::string);
        let size = (!data.is_folder()).then_some(data.size);
        w.nullable("fileSizeInBytes", size, |w, size| {
            w.number(i64::try_from(size).unwrap_or(i64::MAX))
        });
        w.enum_member("status", data.status.name());
        w.member("tags", |w| w.object(|_| {}));
        w.nullable("format", data.format.as_ref(), |w, code| format(w, code));
        w.enum_member("dataType", if data.is_folder() { "FOLDER" } else { "FILE" });
        w.nullable("objectETag", None, JsonWriter::string);
        w.nullable("storedForTheFirstTimeAt", Some(data.created), |w, time| {
            w.time(time, fraction)
        });
        w.optional("region", Some(()), |w, ()| region(w));
        w.nullable("application", None, |w, ()| w.null());
        w.nullable("willBeArchivedAt", None, |w, ()| w.null());
        w.nullable("willBeDeletedAt", None, |w, ()| w.null());
        w.nullable("sequencingRun", None, |w, ()| w.null());
    });
}

fn format(w: &mut JsonWriter, code: &str) {
    let id = Uuid::new_v3(&fixed_id("format"), code.as_bytes());
    w.object(|w| {
        v3_head(w, id, long_ago(), long_ago(), fixed_id("platform"));
        w.text("code", code);
        w.nullable("description", None, JsonWriter::string);
        w.nullable("mimeType", None, JsonWriter::string);
    });
}
