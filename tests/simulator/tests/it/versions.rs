//! Version negotiation, paths and methods.

use ica_simulator::{ApiVersion, Simulator};
use reqwest::Method;

use crate::support::{Api, V3, V4, body};

fn wrong_version() -> (u16, String) {
    (400, "ICA_API_004".to_owned())
}

#[tokio::test]
async fn items_come_in_the_version_that_was_asked_for() {
    let api = Api::start();
    let items = api.seeded_items(1);
    for accept in [V3, V4] {
        let reply = api.get(&items, &format!("application/problem+json, {accept}")).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, accept));
    }
    let v3 = api.get(&items, V3).await.json();
    let v4 = api.get(&items, V4).await.json();
    assert!(v3["items"][0]["createdAnalysis"]["ownerId"].is_string());
    assert_eq!(
        v3["items"][0]["createdAnalysis"]["ownerId"],
        v4["items"][0]["createdAnalysis"]["owner"]["id"]
    );
    assert_eq!(api.get(&items, "application/json").await.refusal(), wrong_version());
}

#[tokio::test]
async fn the_server_selects_a_version_if_the_request_names_none() {
    let api = Api::start();
    let items = api.seeded_items(1);
    assert_eq!(api.get(&items, "*/*").await.header("content-type"), V4);
    let key = [("x-api-key", api.simulator.api_key())];
    assert_eq!(api.send(Method::GET, &items, &key, "").await.header("content-type"), V4);
    assert_eq!(
        api.get(items.trim_end_matches("/items"), "*/*")
            .await
            .header("content-type"),
        V3
    );

    let api = Api::with(Simulator::builder().default_items_version(ApiVersion::V3));
    assert_eq!(api.get(&api.seeded_items(1), "*/*").await.header("content-type"), V3);
}

#[tokio::test]
async fn v3_operations_refuse_v4() {
    let api = Api::start();
    let items = api.seeded_items(1);
    assert_eq!(
        api.get(items.trim_end_matches("/items"), V4).await.refusal(),
        wrong_version()
    );
    let key = ("x-api-key", api.simulator.api_key());
    let mint = api.send(Method::POST, "/api/tokens", &[key, ("accept", V4)], "").await;
    assert_eq!(mint.refusal(), wrong_version());
}

#[tokio::test]
async fn a_create_needs_the_content_type_v3() {
    let api = Api::start();
    let key = ("x-api-key", api.simulator.api_key());
    let (path, body) = (api.batches_path(), body(&["a"]).to_string());
    for wrong in [V4, "application/json", "text/plain"] {
        let reply = api
            .send(
                Method::POST,
                &path,
                &[key, ("accept", V3), ("content-type", wrong)],
                &body,
            )
            .await;
        assert_eq!(reply.refusal(), wrong_version());
    }
    let none = api.send(Method::POST, &path, &[key, ("accept", V3)], &body).await;
    assert_eq!(none.refusal(), wrong_version());
    let charset = format!("{V3};charset=UTF-8");
    let reply = api
        .send(
            Method::POST,
            &path,
            &[key, ("accept", V3), ("content-type", &charset)],
            &body,
        )
        .await;
    assert_eq!(reply.status, 201);
    assert_eq!(api.simulator.executed_creates(), 1);
}

#[tokio::test]
async fn an_older_server_has_only_v3() {
    let api = Api::with(Simulator::builder().versions([ApiVersion::V3]));
    let items = api.seeded_items(1);
    assert_eq!(api.get(&items, V4).await.refusal(), wrong_version());
    assert_eq!(api.get(&items, V3).await.status, 200);
    assert_eq!(api.get(&items, "*/*").await.header("content-type"), V3);

    let api = Api::with(Simulator::builder().versions([ApiVersion::V3]).wrong_accept_status(406));
    assert_eq!(
        api.get(&api.seeded_items(1), V4).await.refusal(),
        (406, "ICA_API_004".to_owned())
    );
}

#[tokio::test]
async fn unknown_paths_and_ids_are_problems() {
    let api = Api::start();
    let not_found = (404, "ICA_API_404".to_owned());
    for path in ["/", "/api/projects", "/api/tokens/", "/api/projects/p/unknownBatch"] {
        assert_eq!(api.get(path, V3).await.refusal(), not_found, "{path}");
    }
    let items = api.seeded_items(1);
    let batch = items.trim_end_matches("/items");
    assert_eq!(api.get(&format!("{batch}0"), V3).await.status, 400);
    assert_eq!(
        api.get(&batch.replace(api.simulator.project_id(), "other"), V3)
            .await
            .refusal(),
        not_found
    );
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        api.get(&format!("{}/{unknown}", api.batches_path()), V3)
            .await
            .refusal(),
        not_found
    );
    assert_eq!(api.get(&format!("{items}/{unknown}"), V3).await.refusal(), not_found);

    api.simulator.add_project("other");
    assert_eq!(
        api.get(&batch.replace(api.simulator.project_id(), "other"), V3)
            .await
            .refusal(),
        not_found
    );
}

#[tokio::test]
async fn a_wrong_method_is_a_problem() {
    let api = Api::start();
    let reply = api.get("/api/tokens", V3).await;
    assert_eq!(
        (reply.refusal(), reply.header("allow")),
        ((405, "ICA_API_405".to_owned()), "POST")
    );
    let items = api.seeded_items(1);
    let key = [("x-api-key", api.simulator.api_key())];
    assert_eq!(api.send(Method::DELETE, &items, &key, "").await.status, 405);
    assert_eq!(api.send(Method::HEAD, &items, &key, "").await.status, 405);
}

#[tokio::test]
async fn responses_are_compressed_only_if_the_request_accepts_gzip() {
    let api = Api::start();
    let items = api.seeded_items(30);
    let key = ("x-api-key", api.simulator.api_key());
    let plain = api.get(&items, V4).await;
    assert_eq!(plain.header("content-encoding"), "");
    let gzip = [key, ("accept", V4), ("accept-encoding", "br, gzip")];
    let packed = api.send(Method::GET, &items, &gzip, "").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() < plain.body.len() / 4);
    let mut unpacked = Vec::new();
    std::io::copy(&mut flate2::read::GzDecoder::new(&packed.body[..]), &mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let never = [key, ("accept", V4), ("accept-encoding", "gzip;q=0, br")];
    assert_eq!(
        api.send(Method::GET, &items, &never, "")
            .await
            .header("content-encoding"),
        ""
    );

    let api = Api::with(Simulator::builder().gzip(false));
    let gzip = [("x-api-key", api.simulator.api_key()), ("accept-encoding", "gzip")];
    assert_eq!(
        api.send(Method::GET, &api.seeded_items(1), &gzip, "")
            .await
            .header("content-encoding"),
        ""
    );
}
