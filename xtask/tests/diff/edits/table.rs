//! Edits, each with its one change.

use serde_json::{Value, json};
use xtask::diff::Verdict::{self, Breaking, Compatible};

use super::tools::{BATCH, CREATE, ITEM, ITEMS, at, parameter, path, push, remove, rename, take};

/// Edit of the description and its one change: rule, place, verdicts.
pub(crate) struct Edit {
    pub(crate) edit: fn(&mut Value),
    pub(crate) rule: &'static str,
    pub(crate) place: &'static str,
    pub(crate) wire: Verdict,
    pub(crate) rust: Verdict,
}

const fn edit(rule: &'static str, place: &'static str, (wire, rust): (Verdict, Verdict), edit: fn(&mut Value)) -> Edit {
    Edit {
        edit,
        rule,
        place,
        wire,
        rust,
    }
}

const NEITHER: (Verdict, Verdict) = (Compatible, Compatible);
const RUST: (Verdict, Verdict) = (Compatible, Breaking);
const WIRE: (Verdict, Verdict) = (Breaking, Compatible);
const BOTH: (Verdict, Verdict) = (Breaking, Breaking);

pub(crate) const EDITS: &[Edit] = &[
    edit("open-value-added", "schema Job: property status", NEITHER, |d| {
        push(
            at(d, "/components/schemas/Job/properties/status/enum"),
            json!("CANCELLED"),
        );
    }),
    edit(
        "open-value-added",
        "operation getAnalysisCreationBatchItems: query parameter status, element",
        NEITHER,
        |d| {
            push(
                at(parameter(d, ITEMS, "get", "status"), "/schema/items/enum"),
                json!("CANCELLED"),
            );
        },
    ),
    edit(
        "closed-value-added",
        "schema AnalysisOutputMapping: property actionOnExist",
        RUST,
        |d| {
            *at(
                d,
                "/components/schemas/AnalysisOutputMapping/properties/actionOnExist/pattern",
            ) = json!("OVERWRITE|RENAME|SKIP|FAIL");
        },
    ),
    edit(
        "values-written-otherwise",
        "schema AnalysisOutputMapping: property actionOnExist",
        NEITHER,
        |d| {
            *at(d, "/components/schemas/AnalysisOutputMapping/properties/actionOnExist") =
                json!({ "type": "string", "enum": ["OVERWRITE", "RENAME", "SKIP"] });
        },
    ),
    edit("value-removed", "schema Job: property status", RUST, |d| {
        remove(at(d, "/components/schemas/Job/properties/status/enum"), "STOPPED");
    }),
    edit(
        "value-removed-in-one-place",
        "operation getAnalysisCreationBatchItems: query parameter status, element",
        WIRE,
        |d| {
            remove(at(parameter(d, ITEMS, "get", "status"), "/schema/items/enum"), "FAILED");
        },
    ),
    edit(
        "optional-property-added",
        "schema CreateCwlAnalysis: property note",
        NEITHER,
        |d| {
            at(d, "/components/schemas/CreateCwlAnalysis/properties")["note"] = json!({ "type": "string" });
        },
    ),
    edit(
        "required-property-added",
        "schema CreateCwlAnalysis: property note",
        BOTH,
        |d| {
            at(d, "/components/schemas/CreateCwlAnalysis/properties")["note"] = json!({ "type": "string" });
            push(at(d, "/components/schemas/CreateCwlAnalysis/required"), json!("note"));
        },
    ),
    edit("required-property-added", "schema Job: property note", NEITHER, |d| {
        at(d, "/components/schemas/Job/properties")["note"] = json!({ "type": "string" });
        push(at(d, "/components/schemas/Job/required"), json!("note"));
    }),
    edit(
        "optional-property-removed",
        "schema Job: property timeStarted",
        RUST,
        |d| {
            take(at(d, "/components/schemas/Job/properties"), "timeStarted");
        },
    ),
    edit("property-now-required", "schema Token: property token", RUST, |d| {
        at(d, "/components/schemas/Token")["required"] = json!(["token"]);
    }),
    edit("property-now-optional", "schema Job: property timeCreated", BOTH, |d| {
        remove(at(d, "/components/schemas/Job/required"), "timeCreated");
    }),
    edit(
        "problem-loosely-read",
        "schema Problem: property timestamp",
        NEITHER,
        |d| {
            remove(at(d, "/components/schemas/Problem/required"), "timestamp");
        },
    ),
    edit("operation-id-changed", "operation getSampleCreationBatch", RUST, |d| {
        at(d, path(BATCH, "get").as_str())["operationId"] = json!("readSampleCreationBatch");
    }),
    edit("schema-renamed", "schema Region", RUST, |d| {
        rename(d, "Region", "GeoRegion")
    }),
    edit(
        "version-added",
        "operation getAnalysisCreationBatchItems: version 5",
        NEITHER,
        |d| {
            let content = at(d, &format!("{}/responses/200/content", path(ITEMS, "get")));
            content["application/vnd.illumina.v5+json"] = content["application/vnd.illumina.v4+json"].clone();
        },
    ),
    edit(
        "version-removed",
        "operation getAnalysisCreationBatchItem: version 3",
        BOTH,
        |d| {
            let content = at(d, &format!("{}/responses/200/content", path(ITEM, "get")));
            take(content, "application/vnd.illumina.v3+json");
        },
    ),
    edit(
        "second-version-added",
        "operation getSampleCreationBatch: version 4",
        RUST,
        |d| {
            let content = at(d, &format!("{}/responses/200/content", path(BATCH, "get")));
            content["application/vnd.illumina.v4+json"] = content["application/vnd.illumina.v3+json"].clone();
        },
    ),
    edit(
        "idempotency-key-lost",
        "operation createSampleCreationBatch: header parameter Idempotency-Key",
        BOTH,
        |d| {
            let list = at(d, &format!("{}/parameters", path(CREATE, "post")));
            list.as_array_mut().unwrap().retain(|one| one["in"] != "header");
        },
    ),
    edit(
        "idempotency-key-gained",
        "operation createJwtToken: header parameter Idempotency-Key",
        RUST,
        |d| {
            let key =
                json!({ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "maxLength": 255 } });
            push(at(d, &format!("{}/parameters", path("/api/tokens", "post"))), key);
        },
    ),
    edit(
        "paging-parameter-removed",
        "operation getAnalysisCreationBatchItems: query parameter pageToken",
        BOTH,
        |d| {
            let list = at(d, &format!("{}/parameters", path(ITEMS, "get")));
            list.as_array_mut().unwrap().retain(|one| one["name"] != "pageToken");
        },
    ),
    edit(
        "paging-count-retyped",
        "operation getAnalysisCreationBatchItems: query parameter pageSize",
        RUST,
        |d| {
            *at(parameter(d, ITEMS, "get", "pageSize"), "/schema") = json!({ "type": "integer", "format": "int32" });
        },
    ),
    edit(
        "required-parameter-added",
        "operation refreshJwtToken: query parameter scope",
        BOTH,
        |d| {
            let added = json!([{ "name": "scope", "in": "query", "required": true, "schema": { "type": "string" } }]);
            at(d, &path("/api/tokens:refresh", "post"))["parameters"] = added;
        },
    ),
    edit("null-allowed", "schema Job: property id", BOTH, |d| {
        at(d, "/components/schemas/Job/properties/id")["nullable"] = json!(true);
    }),
    edit("null-forbidden-where-optional", "schema Job", NEITHER, |d| {
        take(at(d, "/components/schemas/Job"), "nullable");
    }),
    edit("format-widened", "schema SampleCreationBatch: property id", BOTH, |d| {
        take(at(d, "/components/schemas/SampleCreationBatch/properties/id"), "format");
    }),
    edit("problem-loosely-read", "schema Problem: property type", NEITHER, |d| {
        take(at(d, "/components/schemas/Problem/properties/type"), "format");
    }),
    edit(
        "limit-tightened-in-one-place",
        "schema CreateCwlAnalysis: property userReference",
        BOTH,
        |d| {
            at(d, "/components/schemas/CreateCwlAnalysis/properties/userReference")["maxLength"] = json!(100);
        },
    ),
    edit(
        "limit-tightened",
        "schema SampleCreationBatchItemPagedList: property nextPageToken",
        NEITHER,
        |d| {
            at(
                d,
                "/components/schemas/SampleCreationBatchItemPagedList/properties/nextPageToken",
            )["maxLength"] = json!(100);
        },
    ),
    edit("type-changed", "schema Job: property subjectType", BOTH, |d| {
        at(d, "/components/schemas/Job/properties/subjectType")["type"] = json!("integer");
    }),
    edit(
        "security-alternative-removed",
        "operation createJwtToken: security",
        WIRE,
        |d| {
            at(d, &format!("{}/security", path("/api/tokens", "post")))
                .as_array_mut()
                .unwrap()
                .remove(1);
        },
    ),
    edit(
        "union-variant-added",
        "schema CwlAnalysisInput: discriminator, value YAML",
        RUST,
        |d| {
            let union = at(d, "/components/schemas/CwlAnalysisInput");
            union["discriminator"]["mapping"]["YAML"] = json!("#/components/schemas/CwlAnalysisYamlInput");
            push(
                &mut union["oneOf"],
                json!({ "$ref": "#/components/schemas/CwlAnalysisYamlInput" }),
            );
            let schemas = at(d, "/components/schemas");
            schemas["CwlAnalysisYamlInput"] = schemas["CwlAnalysisJsonInput"].clone();
        },
    ),
    edit(
        "discriminator-value-changed",
        "schema CwlAnalysisInput: discriminator, value JSON",
        BOTH,
        |d| {
            let mapping = at(d, "/components/schemas/CwlAnalysisInput/discriminator/mapping");
            mapping["DOCUMENT"] = take(mapping, "JSON");
        },
    ),
    edit("path-changed", "operation createSampleCreationBatch", WIRE, |d| {
        let item = take(at(d, "/paths"), CREATE);
        at(d, "/paths")["/api/projects/{projectId}/samples:createBatch"] = item;
    }),
    edit("method-changed", "operation refreshJwtToken", WIRE, |d| {
        let item = at(d, "/paths/~1api~1tokens:refresh");
        item["put"] = take(item, "post");
    }),
    edit(
        "path-parameter-renamed",
        "operation getSampleCreationBatch: path parameter batchId",
        NEITHER,
        |d| {
            parameter(d, BATCH, "get", "batchId")["name"] = json!("id");
            let item = take(at(d, "/paths"), BATCH);
            at(d, "/paths")["/api/projects/{projectId}/sampleCreationBatch/{id}"] = item;
        },
    ),
    edit("operation-removed", "operation refreshJwtToken", BOTH, |d| {
        take(at(d, "/paths"), "/api/tokens:refresh");
    }),
    edit(
        "success-status-changed",
        "operation createSampleCreationBatch: response 201",
        WIRE,
        |d| {
            let responses = at(d, &format!("{}/responses", path(CREATE, "post")));
            responses["202"] = take(responses, "201");
        },
    ),
    edit(
        "unused-media-type-removed",
        "operation createSampleCreationBatch: request body, application/json",
        NEITHER,
        |d| {
            let content = at(d, &format!("{}/requestBody/content", path(CREATE, "post")));
            take(content, "application/json");
        },
    ),
    edit("deprecated", "operation createJwtToken", NEITHER, |d| {
        at(d, &path("/api/tokens", "post"))["deprecated"] = json!(true);
    }),
    edit("schema-inlined", "schema Project: property region", RUST, |d| {
        let region = at(d, "/components/schemas/Region").clone();
        at(d, "/components/schemas/Project/properties")["region"] = region;
    }),
    edit("servers-changed", "description: servers", WIRE, |d| {
        d["servers"][0]["url"] = json!("/ica/v2")
    }),
    edit("unclassified", "schema Job: required-if", BOTH, |d| {
        at(d, "/components/schemas/Job")["required-if"] = json!(["id"]);
    }),
    edit("unclassified", "schema Job: property id, x-ica-secret", BOTH, |d| {
        at(d, "/components/schemas/Job/properties/id")["x-ica-secret"] = json!(true);
    }),
    edit("unclassified", "operation createJwtToken: callbacks", BOTH, |d| {
        at(d, &path("/api/tokens", "post"))["callbacks"] = json!({});
    }),
];
