//! Objects that many responses contain and that never change: tenant, region, country, project and
//! user.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::api::auth::User;
use crate::json::JsonWriter;

/// The one tenant of a simulator.
pub(crate) const TENANT_NAME: &str = "simulated tenant";

/// Returns a fixed id for a name. It is a version-3 UUID, as are the ids of owners and tenants in
/// real responses.
pub(crate) fn fixed_id(name: &str) -> Uuid {
    Uuid::new_v3(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// Returns whether times of the object with this id have a fraction. Both forms occur in real
/// responses.
pub(crate) fn has_fraction(id: Uuid) -> bool {
    id.as_bytes()[15].is_multiple_of(2)
}

/// Returns the creation time of the tenant, its projects and its pipelines.
pub(crate) fn long_ago() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(19_000)
}

/// Writes the first members of every V3 object: id, times, owner and tenant.
pub(crate) fn v3_head(w: &mut JsonWriter, id: Uuid, created: DateTime<Utc>, modified: DateTime<Utc>, owner: Uuid) {
    let fraction = has_fraction(id);
    w.id("id", id);
    w.member("timeCreated", |w| w.time(created, fraction));
    w.member("timeModified", |w| w.time(modified, fraction));
    w.id("ownerId", owner);
    w.id("tenantId", fixed_id("tenant"));
    w.nullable("tenantName", Some(TENANT_NAME), JsonWriter::string);
}

/// Writes the first members of every V4 object. Owner and tenant are objects.
pub(crate) fn v4_head(w: &mut JsonWriter, id: Uuid, created: DateTime<Utc>, modified: DateTime<Utc>, owner: Uuid) {
    let fraction = has_fraction(id);
    w.id("id", id);
    w.member("timeCreated", |w| w.time(created, fraction));
    w.member("timeModified", |w| w.time(modified, fraction));
    w.member("owner", |w| w.object(|w| w.id("id", owner)));
    w.member("tenant", |w| {
        w.object(|w| {
            w.id("id", fixed_id("tenant"));
            w.optional("name", Some(TENANT_NAME), JsonWriter::string);
        });
    });
}

fn fixed_head(w: &mut JsonWriter, name: &str) {
    v3_head(w, fixed_id(name), long_ago(), long_ago(), fixed_id("platform"));
}

pub(crate) fn user(w: &mut JsonWriter, user: &User) {
    w.object(|w| {
        v3_head(w, user.id, long_ago(), long_ago(), user.id);
        w.text("username", &user.name);
        w.text("email", &format!("{}@example.com", user.name));
        w.nullable("firstname", Some("Ada"), JsonWriter::string);
        w.nullable("lastname", Some("Example"), JsonWriter::string);
        w.flag("active", true);
        w.flag("tenantAdministrator", false);
        w.nullable("jobTitle", None, JsonWriter::string);
        w.nullable("greeting", Some("DR"), JsonWriter::enum_value);
        for unset in ["mobilePhoneNumber", "phoneNumber", "faxNumber"] {
            w.nullable(unset, None, JsonWriter::string);
        }
        w.flag("emailVerified", true);
        w.flag("twoFactorAuthentication", false);
        w.optional("country", Some(()), |w, ()| country(w));
        for unset in [
            "addressLine1",
            "addressLine2",
            "addressLine3",
            "postalCode",
            "city",
            "state",
        ] {
            w.nullable(unset, None, JsonWriter::string);
        }
    });
}

pub(crate) fn project(w: &mut JsonWriter, project: &str, owner: &User) {
    let id = Uuid::parse_str(project).unwrap_or_else(|_| fixed_id(project));
    w.object(|w| {
        v3_head(w, id, long_ago(), long_ago(), owner.id);
        w.nullable("urn", Some(format!("urn:ilmn:ica:project:{id}#simulated")), |w, urn| {
            w.string(&urn)
        });
        w.text("name", "simulated project");
        w.flag("active", true);
        w.nullable("baseEnabled", Some(false), JsonWriter::boolean);
        w.nullable("shortDescription", None, JsonWriter::string);
        w.nullable("information", None, JsonWriter::string);
        w.member("region", region);
        w.enum_member("billingMode", "PROJECT");
        w.nullable("dataSharingEnabled", Some(true), JsonWriter::boolean);
        w.member("tags", |w| tags(w, &[("technicalTags", &[]), ("userTags", &[])]));
        w.optional("storageBundle", Some(()), |w, ()| storage_bundle(w));
        w.optional("selfManagedStorageConfiguration", None, |w, ()| w.null());
        w.nullable("analysisPriority", Some("MEDIUM"), JsonWriter::enum_value);
        w.nullable("metadataModel", None, |w, ()| w.null());
        w.nullable("application", None, |w, ()| w.null());
        w.nullable("projectOwner", Some(owner.id), JsonWriter::uuid);
    });
}

pub(crate) fn tags(w: &mut JsonWriter, lists: &[(&str, &[String])]) {
    w.object(|w| {
        for (name, values) in lists {
            w.member(name, |w| w.array(*values, |w, value| w.string(value)));
        }
    });
}

fn storage_bundle(w: &mut JsonWriter) {
    w.object(|w| {
        fixed_head(w, "storage bundle");
        w.text("bundleName", "simulated storage");
        w.text("entitlementName", "simulated entitlement");
        w.member("region", region);
    });
}

pub(crate) fn region(w: &mut JsonWriter) {
    w.object(|w| {
        fixed_head(w, "region");
        w.text("code", "US");
        w.member("country", country);
        w.text("cityName", "North Virginia");
    });
}

fn country(w: &mut JsonWriter) {
    w.object(|w| {
        fixed_head(w, "country");
        w.text("code", "US");
        w.text("name", "United States");
        w.text("region", "Americas");
    });
}
