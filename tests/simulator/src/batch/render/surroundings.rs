//! What surrounds an analysis and never changes: the tenant, the region, the project, its owner.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::api::auth::User;
use crate::json::JsonWriter;

/// The one tenant of a simulator.
pub(crate) const TENANT_NAME: &str = "simulated tenant";

/// A fixed id for a named thing. A version-3 UUID, as the ids of owners and tenants are in real answers.
pub(crate) fn fixed_id(name: &str) -> Uuid {
    Uuid::new_v3(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// Whether times beside this id have a fraction; both forms occur in real answers.
pub(crate) fn has_fraction(id: Uuid) -> bool {
    id.as_bytes()[15].is_multiple_of(2)
}

/// When the tenant, its projects and pipelines were made.
pub(crate) fn long_ago() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(19_000)
}

/// The members that every V3 thing begins with: id, times, owner and tenant.
pub(crate) fn v3_head(w: &mut JsonWriter, id: Uuid, created: DateTime<Utc>, modified: DateTime<Utc>, owner: Uuid) {
    let fraction = has_fraction(id);
    w.id("id", id);
    w.member("timeCreated", |w| w.moment(created, fraction));
    w.member("timeModified", |w| w.moment(modified, fraction));
    w.id("ownerId", owner);
    w.id("tenantId", fixed_id("tenant"));
    w.optional("tenantName", Some(TENANT_NAME), JsonWriter::string);
}

fn fixed_head(w: &mut JsonWriter, name: &str) {
    v3_head(w, fixed_id(name), long_ago(), long_ago(), fixed_id("platform"));
}

pub(crate) fn user(w: &mut JsonWriter, user: &User) {
    w.object(|w| {
        v3_head(w, user.id, long_ago(), long_ago(), user.id);
        w.text("username", &user.name);
        w.text("email", &format!("{}@example.com", user.name));
        w.optional("firstname", Some("Ada"), JsonWriter::string);
        w.optional("lastname", Some("Example"), JsonWriter::string);
        w.flag("active", true);
        w.flag("tenantAdministrator", false);
        w.optional("jobTitle", None, JsonWriter::string);
        w.optional("greeting", Some("DR"), JsonWriter::choice_value);
        for unset in ["mobilePhoneNumber", "phoneNumber", "faxNumber"] {
            w.optional(unset, None, JsonWriter::string);
        }
        w.flag("emailVerified", true);
        w.flag("twoFactorAuthentication", false);
        w.maybe("country", Some(()), |w, ()| country(w));
        for unset in [
            "addressLine1",
            "addressLine2",
            "addressLine3",
            "postalCode",
            "city",
            "state",
        ] {
            w.optional(unset, None, JsonWriter::string);
        }
    });
}

pub(crate) fn project(w: &mut JsonWriter, project: &str, owner: &User) {
    let id = Uuid::parse_str(project).unwrap_or_else(|_| fixed_id(project));
    w.object(|w| {
        v3_head(w, id, long_ago(), long_ago(), owner.id);
        w.optional("urn", Some(format!("urn:ilmn:ica:project:{id}#simulated")), |w, urn| {
            w.string(&urn)
        });
        w.text("name", "simulated project");
        w.flag("active", true);
        w.optional("baseEnabled", Some(false), JsonWriter::boolean);
        w.optional("shortDescription", None, JsonWriter::string);
        w.optional("information", None, JsonWriter::string);
        w.member("region", region);
        w.choice("billingMode", "PROJECT");
        w.optional("dataSharingEnabled", Some(true), JsonWriter::boolean);
        w.member("tags", |w| tags(w, &[("technicalTags", &[]), ("userTags", &[])]));
        w.maybe("storageBundle", Some(()), |w, ()| storage_bundle(w));
        w.maybe("selfManagedStorageConfiguration", None, |w, ()| w.null());
        w.optional("analysisPriority", Some("MEDIUM"), JsonWriter::choice_value);
        w.optional("metadataModel", None, |w, ()| w.null());
        w.optional("application", None, |w, ()| w.null());
        w.optional("projectOwner", Some(owner.id), JsonWriter::uuid);
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
