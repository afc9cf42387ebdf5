//! Operations of the raw client against responses that are written here.
//!
//! They are about analyses, and about data, pipelines and storage sizes. What an analysis or a pipeline
//! looks like is taken from the simulator.

use ica_batch_sdk::{CallContext, Client, Error, types};
use ica_batch_tests::hostile_server::{API_KEY, HostileServer, Received, Reply};
use ica_simulator::{SeedOptions, Simulator};
use serde_json::{Value, json};

use crate::setup::{http, raw_client, with_key};

/// Ids of the operations that only this file calls. `wire.rs` calls all others.
pub(crate) const OPERATION_IDS: [&str; 3] = [
    "get_project_analysis_storage_options",
    "get_project_data_list",
    "get_project_pipelines",
];

const PROJECT: &str = "project-1";
const ANALYSIS: &str = "analysis-1";

fn client(server: &HostileServer) -> Client {
    let context = CallContext::new().api_key(API_KEY).unwrap();
    Client::new_with_client(server.base_url(), http().build().unwrap(), context)
}

/// Starts a server that sends the same response to each request.
async fn server_with(reply: Reply) -> HostileServer {
    HostileServer::start(move |_| reply.clone()).await
}

async fn server(body: Value) -> HostileServer {
    server_with(Reply::json(200, body.to_string())).await
}

/// Returns the only request that the server received, after a check of its media types.
fn request(server: &HostileServer, accept: &str, content_type: Option<&str>) -> Received {
    let received = server.received();
    let [request] = received.as_slice() else {
        panic!("{} requests", received.len());
    };
    assert_eq!(request.header("accept"), Some(accept));
    assert_eq!(request.header("content-type"), content_type);
    assert_eq!(request.header("api-version"), None);
    request.clone()
}

fn line(request: &Received) -> String {
    format!("{} {}", request.method, request.target)
}

const V3: &str = "application/vnd.illumina.v3+json, application/problem+json";
const V4: &str = "application/vnd.illumina.v4+json, application/problem+json";

/// Returns an analysis of the simulator in version 3 and in version 4.
pub(crate) async fn analyses() -> (Value, Value) {
    let simulator = Simulator::start();
    let batch = simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    let project = simulator.project_id();
    let raw = raw_client(&simulator, with_key(&simulator));
    let v3 = raw.get_analysis_creation_batch_items_v3(project, &batch, None, None, None, None);
    let v3 = v3.await.unwrap().into_inner().items.remove(0).created_analysis;
    let v4 = raw.get_analysis_creation_batch_items_v4(project, &batch, None, None, None, None);
    let v4 = v4.await.unwrap().into_inner().items.remove(0).created_analysis;
    (
        serde_json::to_value(v3.unwrap()).unwrap(),
        serde_json::to_value(v4.unwrap()).unwrap(),
    )
}

#[tokio::test]
async fn an_analysis_is_read_in_either_version_with_its_tag() {
    let (v3, v4) = analyses().await;
    let path = "GET /ica/rest/api/projects/project-1/analyses/analysis-1";

    let older = server_with(Reply::json(200, v3.to_string()).header("etag", "\"7\"")).await;
    let response = client(&older).get_analysis_v3(PROJECT, ANALYSIS).await.unwrap();
    assert_eq!(response.headers()["etag"], "\"7\"");
    assert_eq!(serde_json::to_value(response.into_inner()).unwrap(), v3);
    assert_eq!(line(&request(&older, V3, None)), path);

    let newer = server(v4.clone()).await;
    let response = client(&newer).get_analysis_v4(PROJECT, ANALYSIS).await.unwrap();
    assert_eq!(serde_json::to_value(response.into_inner()).unwrap(), v4);
    assert_eq!(line(&request(&newer, V4, None)), path);
}

#[tokio::test]
async fn outputs_are_a_tree_in_which_a_format_may_be_null() {
    let file = json!({ "dataId": "fil.1", "name": "a.bam", "dataType": "FILE", "format": null });
    let folder = json!({ "dataId": "fol.1", "name": "out", "dataType": "LINK", "format": null, "children": [file] });
    let outputs = server(json!({ "items": [{ "code": "Output", "data": [folder] }, { "code": "Empty" }] })).await;
    let response = client(&outputs).get_analysis_outputs(PROJECT, ANALYSIS).await.unwrap();
    let items = response.into_inner().items;
    let folder = &items[0].data.as_ref().unwrap()[0];
    assert_eq!(folder.data_type.as_str(), "LINK", "an unknown kind is kept");
    let children = folder.children.as_ref().unwrap();
    assert_eq!(children[0].data_type, types::DataType::File);
    assert!(children[0].format.is_none() && items[1].data.is_none());
    let sent = request(&outputs, V3, None);
    assert_eq!(
        line(&sent),
        "GET /ica/rest/api/projects/project-1/analyses/analysis-1/outputs"
    );
}

#[tokio::test]
async fn steps_do_not_print_the_urls_of_their_logs() {
    let url = "wss://logs.example/stream?token=hush-hush";
    let steps = server(json!({ "items": [
        { "id": "1", "name": "align", "status": "RUNNING", "technical": false, "logs": { "stdOutStream": url } },
        { "id": "2", "name": "copy", "status": "DONE", "technical": true, "exitCode": 0, "logs": {
            "stdErrData": { "id": "fil.2", "details": null },
        } },
    ] }))
    .await;
    let response = client(&steps).get_analysis_steps(PROJECT, ANALYSIS).await.unwrap();
    let items = response.into_inner().items;
    assert_eq!(items[0].logs.std_out_stream.as_deref(), Some(url));
    assert!(!format!("{items:?}").contains("hush-hush"), "{items:?}");
    assert_eq!(
        (items[1].exit_code, &items[1].status),
        (Some(0), &types::AnalysisStepStatus::Done)
    );
    let log = items[1].logs.std_err_data.as_ref().unwrap();
    assert!(log.id == "fil.2" && log.details.is_none());
    let sent = request(&steps, V3, None);
    assert_eq!(
        line(&sent),
        "GET /ica/rest/api/projects/project-1/analyses/analysis-1/steps"
    );
}

#[tokio::test]
async fn an_abort_has_no_body_in_either_direction() {
    let aborted = server_with(Reply::json(204, "")).await;
    client(&aborted).abort_analysis(PROJECT, ANALYSIS).await.unwrap();
    let sent = request(&aborted, "*/*", None);
    assert_eq!(
        line(&sent),
        "POST /ica/rest/api/projects/project-1/analyses/analysis-1:abort"
    );
    assert_eq!((sent.header("content-length"), sent.body.len()), (Some("0"), 0));

    let error = client(&aborted).abort_analysis(PROJECT, "").await.unwrap_err();
    assert!(
        matches!(error, Error::InvalidRequest(_)),
        "an empty id would abort something else"
    );
    assert_eq!(aborted.received().len(), 1);
}

#[tokio::test]
async fn a_search_sends_its_filters_and_reads_version_4() {
    let (_, analysis) = analyses().await;
    let page = json!({ "items": [analysis], "nextPageToken": "next", "remainingRecords": 1, "totalItemCount": null });
    let found = server(page).await;
    // A status of version 3 is written as version 4 spells it.
    let in_progress: types::AnalysisStatus = "INPROGRESS".parse().unwrap();
    let filters = types::AnalysisQueryParameters::builder()
        .user_reference("sample-1")
        .status(vec![in_progress, types::AnalysisStatus::FailedFinal])
        .technical_tags(vec!["cohort-42".to_owned()])
        .build();
    let response = client(&found)
        .search_analyses(PROJECT, None, Some(2.try_into().unwrap()), Some("t+1"), None, &filters)
        .await
        .unwrap();
    let read = response.into_inner();
    assert_eq!(read.next_page_token.as_deref(), Some("next"));
    assert_eq!(serde_json::to_value(&read.items[0]).unwrap(), analysis);
    let sent = request(&found, V3, Some("application/vnd.illumina.v3+json"));
    assert_eq!(
        line(&sent),
        "POST /ica/rest/api/projects/project-1/analysis:search?pageSize=2&pageToken=t%2B1"
    );
    assert_eq!(
        serde_json::from_slice::<Value>(&sent.body).unwrap(),
        json!({
            "userReference": "sample-1",
            "status": ["IN_PROGRESS", "FAILED_FINAL"],
            "technicalTags": ["cohort-42"],
        })
    );

    let everything = server(json!({ "items": [] })).await;
    let response = client(&everything)
        .search_analyses(
            PROJECT,
            Some(400),
            None,
            None,
            Some("status desc"),
            &types::AnalysisQueryParameters::default(),
        )
        .await
        .unwrap();
    assert!(response.items.is_empty());
    let sent = request(&everything, V3, Some("application/vnd.illumina.v3+json"));
    assert_eq!(
        (sent.query("pageOffset"), sent.query("sort")),
        (Some("400"), Some("status+desc"))
    );
    assert_eq!(sent.body, b"{}");
}

#[tokio::test]
async fn storage_sizes_and_pipelines_are_lists_without_pages() {
    let (v3, v4) = analyses().await;
    let storage = v4["pipeline"]["analysisStorage"].clone();
    let sizes = server(json!({ "items": [storage] })).await;
    let read = client(&sizes)
        .get_project_analysis_storage_options(PROJECT)
        .await
        .unwrap();
    assert_eq!(serde_json::to_value(&read.items[0]).unwrap(), storage);
    let sent = request(&sizes, V4, None);
    assert_eq!(line(&sent), "GET /ica/rest/api/projects/project-1/analysisStorages");

    let pipeline = json!({
        "pipeline": v3["pipeline"],
        "projectId": "5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f",
        "bundleLinks": { "items": [] },
    });
    let pipelines = server(json!({ "items": [pipeline] })).await;
    let read = client(&pipelines).get_project_pipelines(PROJECT).await.unwrap();
    assert_eq!(serde_json::to_value(&read.items[0]).unwrap(), pipeline);
    let sent = request(&pipelines, V3, None);
    assert_eq!(line(&sent), "GET /ica/rest/api/projects/project-1/pipelines");
}

#[tokio::test]
async fn each_filter_of_the_data_is_sent_under_its_name() {
    let data = server(json!({ "items": [], "nextPageToken": "" })).await;
    let text = |name: &str| vec![format!("{name}-1"), format!("{name}-2")];
    let time = |day: u32| format!("2026-01-{day:02}T08:30:00Z").parse().unwrap();
    let mode = Some(types::MatchMode::Exact);
    let response = client(&data)
        .get_project_data_list(
            PROJECT,
            Some(&text("connectorTag")),
            Some(types::MatchMode::Fuzzy),
            Some(&time(1)),
            Some(&time(2)),
            Some(&vec!["/run 1/a.bam".to_owned(), "/b".to_owned()]),
            Some(types::PathMatchMode::FullCaseInsensitive),
            Some(&text("filename")),
            Some(types::MatchMode::Exclude),
            Some(&text("formatCode")),
            Some(&text("formatId")),
            Some("fullText-1"),
            Some(&text("id")),
            Some(&text("instrumentRunId")),
            Some(false),
            Some(true),
            Some(true),
            Some(&text("owningProjectId")),
            Some(40),
            Some(20.try_into().unwrap()),
            Some("pageToken-1"),
            Some(&text("parentFolderId")),
            Some("/parentFolderPath/"),
            Some(&text("runInputTag")),
            mode,
            Some(&text("runOutputTag")),
            mode,
            Some("name desc"),
            Some(&vec![types::DataStatus::Available, types::DataStatus::Partial]),
            Some(&time(3)),
            Some(&time(4)),
            Some(&text("technicalTag")),
            mode,
            Some(&types::DataType::File),
            Some(&text("userTag")),
            mode,
        )
        .await
        .unwrap();
    assert!(response.items.is_empty());
    let sent = request(&data, V3, None);
    let (path, query) = sent.target.split_once('?').unwrap();
    assert_eq!(path, "/ica/rest/api/projects/project-1/data");
    insta::assert_snapshot!(query.replace('&', "\n"));
}

#[tokio::test]
async fn data_is_read_with_and_without_details() {
    let id = "5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f";
    let time = "2026-01-31T08:30:00Z";
    let details = json!({
        "timeCreated": time, "timeModified": time, "tenantId": id, "owningProjectId": id,
        "name": "a.bam", "path": "/run1/a.bam", "status": "RESTORING", "dataType": "FILE",
        "tags": { "userTags": null, "technicalTags": ["t", null] }, "fileSizeInBytes": 5_000_000_000_u64,
        "format": null, "sequencingRun": null,
    });
    let data = server(json!({
        "items": [
            { "projectId": id, "data": { "id": "fil.1", "details": details } },
            { "projectId": id, "data": { "id": "fol.1", "details": null, "folderDetails": { "nonIndexed": true } } },
        ],
        "nextPageToken": "next",
    }))
    .await;
    let response = client(&data)
        .get_project_data_list(
            PROJECT, None, None, None, None, None, None, None, None, None, None, None, None, None, None, None, None,
            None, None, None, None, None, None, None, None, None, None, None, None, None, None, None, None, None, None,
            None,
        )
        .await
        .unwrap();
    let page = response.into_inner();
    let details = page.items[0].data.details.as_ref().unwrap();
    assert_eq!(
        (details.file_size_in_bytes, details.status.as_str()),
        (Some(5_000_000_000), "RESTORING")
    );
    assert_eq!(details.path.as_deref(), Some("/run1/a.bam"));
    let tags = details.tags.technical_tags.as_deref().unwrap();
    assert_eq!(tags, [Some("t".to_owned()), None], "a null in a list is kept");
    let folder = &page.items[1].data;
    assert!(folder.details.is_none() && folder.folder_details.as_ref().unwrap().non_indexed);
    assert_eq!(
        line(&request(&data, V3, None)),
        "GET /ica/rest/api/projects/project-1/data"
    );
}
