//! The lists of data, pipelines and storage sizes.

use ica_simulator::{DataPaths, DataStatus, Fault, FaultKind, Operation, SeedData, SeedPipeline, Simulator};
use serde_json::{Value, json};

use crate::support::{Api, Reply, V3, V4};

const OTHER: &str = "5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f";

async fn list(api: &Api, operation: Operation, query: &str) -> Reply {
    let path = operation.path().replace("{projectId}", api.simulator.project_id());
    let accept = if operation == Operation::ListStorages { V4 } else { V3 };
    api.get(&format!("{path}{query}"), accept).await
}

async fn items(api: &Api, query: &str) -> Vec<Value> {
    let reply = list(api, Operation::ListData, query).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.text());
    reply.json()["items"].as_array().unwrap().clone()
}

async fn paths(api: &Api, query: &str) -> Vec<String> {
    let items = items(api, query).await;
    let paths = items
        .iter()
        .map(|item| item["data"]["details"]["path"].as_str().unwrap().to_owned());
    paths.collect()
}

fn with_data() -> Api {
    let api = Api::start();
    let data = [
        SeedData::file("/run1/a.bam").format("BAM"),
        SeedData::file("/Run1/A.bam").status(DataStatus::Partial),
        SeedData::file("/run10/b.bam"),
        SeedData::file("/run1/deep/c.txt").size(7),
        SeedData::file("/run1/linked.vcf").linked_from(OTHER),
        SeedData::folder("/run1/shared").in_folder_linked_from(OTHER),
        SeedData::file("/run1/shared/d.txt").in_folder_linked_from(OTHER),
    ];
    api.simulator.seed_data(api.simulator.project_id(), data);
    api
}

#[tokio::test]
async fn a_path_is_a_beginning_unless_the_mode_says_whole_and_case_is_ignored() {
    let api = with_data();
    assert_eq!(paths(&api, "?filePath=/run1/A").await, ["/run1/a.bam", "/Run1/A.bam"]);
    assert_eq!(
        paths(&api, "?filePath=/RUN1&type=FOLDER").await,
        ["/run1/", "/Run1/", "/run10/", "/run1/deep/", "/run1/shared/",]
    );
    let whole = "?filePathMatchMode=FULL_CASE_INSENSITIVE";
    assert_eq!(paths(&api, &format!("{whole}&filePath=/run1")).await, [""; 0]);
    assert_eq!(
        paths(&api, &format!("{whole}&filePath=/run1/")).await,
        ["/run1/", "/Run1/"]
    );
    let several = format!("{whole}&filePath=/run10/b.bam&filePath=/run1/a.bam&filePath=/none");
    assert_eq!(
        paths(&api, &several).await,
        ["/run1/a.bam", "/Run1/A.bam", "/run10/b.bam"]
    );
    assert_eq!(
        list(&api, Operation::ListData, "?filePathMatchMode=EXACT")
            .await
            .refusal()
            .0,
        400
    );
}

#[tokio::test]
async fn the_content_of_a_folder_is_direct_and_leaves_out_linked_folders() {
    let api = with_data();
    let direct = ["/run1/a.bam", "/run1/deep/", "/run1/linked.vcf"];
    assert_eq!(paths(&api, "?parentFolderPath=/run1/").await, direct);
    assert_eq!(paths(&api, "?parentFolderPath=/run1/shared/").await, [""; 0]);
    assert_eq!(
        paths(&api, "?filePath=/run1/shared/").await,
        ["/run1/shared/", "/run1/shared/d.txt"]
    );
    let folder = items(&api, "?filePath=/run1/deep/&type=FOLDER").await[0]["data"]["id"].clone();
    let content = format!("?parentFolderId={}", folder.as_str().unwrap());
    assert_eq!(paths(&api, &content).await, ["/run1/deep/c.txt"]);
    assert_eq!(
        list(&api, Operation::ListData, "?parentFolderPath=/run1")
            .await
            .refusal()
            .0,
        400
    );
}

#[tokio::test]
async fn other_filters_must_all_match() {
    let api = with_data();
    assert_eq!(paths(&api, "?status=PARTIAL&status=ARCHIVED").await, ["/Run1/A.bam"]);
    assert_eq!(paths(&api, "?formatCode=BAM&type=FILE").await, ["/run1/a.bam"]);
    assert_eq!(
        paths(&api, &format!("?owningProjectId={OTHER}&filename=d.txt")).await,
        ["/run1/shared/d.txt"]
    );
    assert_eq!(
        paths(&api, "?filename=.TXT&filenameMatchMode=FUZZY&type=FILE")
            .await
            .len(),
        2
    );
    let exclude = "?filename=a.bam&filenameMatchMode=EXCLUDE&type=FILE";
    assert_eq!(paths(&api, exclude).await.len(), 5);
    let id = items(&api, "?filePath=/run10/b").await[0]["data"]["id"].clone();
    assert_eq!(
        paths(&api, &format!("?id={}", id.as_str().unwrap())).await,
        ["/run10/b.bam"]
    );
    assert_eq!(paths(&api, "?creationDateAfter=2999-01-01T00:00:00Z").await, [""; 0]);
    for refused in ["?userTag=a", "?sort=name", "?type=LINK", "?status=NEW", "?typo=1"] {
        assert_eq!(
            list(&api, Operation::ListData, refused).await.refusal().0,
            400,
            "{refused}"
        );
    }
}

#[tokio::test]
async fn data_has_an_owner_a_status_and_the_folders_above_it() {
    let api = with_data();
    let linked = &items(&api, "?filename=linked.vcf").await[0];
    assert_eq!(linked["data"]["details"]["owningProjectId"], OTHER);
    assert_eq!(linked["projectId"], api.simulator.project_id());
    let file = items(&api, "?filename=c.txt").await[0]["data"].clone();
    assert_eq!(
        (&file["details"]["fileSizeInBytes"], &file["details"]["dataType"]),
        (&json!(7), &json!("FILE"))
    );
    // The folders above linked data belong to the other project.
    let all = paths(&api, "?type=FOLDER").await;
    assert_eq!(all, ["/run1/", "/Run1/", "/run10/", "/run1/deep/", "/run1/shared/"]);
    // The same path of the same owner is the same data.
    let again = SeedData::file("/run1/deep/c.txt").status(DataStatus::Deleting);
    let ids = api.simulator.seed_data(api.simulator.project_id(), [again]);
    assert_eq!(json!(ids[0]), file["id"]);
    assert_eq!(paths(&api, "?status=DELETING").await, ["/run1/deep/c.txt"]);
}

#[tokio::test]
async fn data_is_paged_and_a_token_belongs_to_its_filters() {
    let api = Api::start();
    let files = (0..25).map(|n| SeedData::file(format!("/run/{n}.txt")));
    let ids = api.simulator.seed_data(api.simulator.project_id(), files);
    let (mut seen, mut query) = (Vec::new(), "?type=FILE&pageSize=10".to_owned());
    loop {
        let page = list(&api, Operation::ListData, &query).await.json();
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["data"]["id"].clone()),
        );
        let Some(token) = page["nextPageToken"].as_str() else {
            break;
        };
        let other = list(&api, Operation::ListData, &format!("?pageToken={token}")).await;
        assert_eq!(other.refusal(), (400, "ICA_API_002".to_owned()));
        query = format!("?type=FILE&pageSize=10&pageToken={token}");
    }
    assert_eq!(seen, ids.iter().map(|id| json!(id)).collect::<Vec<_>>());
    let page = list(&api, Operation::ListData, "?pageOffset=20&pageSize=10")
        .await
        .json();
    assert_eq!(
        (page["items"].as_array().unwrap().len(), &page["totalItemCount"]),
        (6, &json!(26))
    );
}

#[tokio::test]
async fn faults_and_the_form_of_paths_can_be_set() {
    let api = Api::with(Simulator::builder().data_paths(DataPaths::Parent));
    api.simulator
        .seed_data(api.simulator.project_id(), [SeedData::file("/run/a.txt")]);
    assert_eq!(paths(&api, "").await, ["/", "/run/"]);
    api.simulator
        .faults()
        .add(Fault::new(FaultKind::EmptyMiddlePage).on(Operation::ListData));
    let page = list(&api, Operation::ListData, "").await.json();
    assert!(page["items"].as_array().unwrap().is_empty() && page["nextPageToken"].is_string());
}

#[tokio::test]
async fn pipelines_and_storage_sizes_are_whole_lists() {
    let api = Api::with(Simulator::builder().project("p1").project("p2"));
    let id = api
        .simulator
        .seed_pipeline("p1", SeedPipeline::new("Germline 4-3-6").draft());
    api.simulator.seed_pipeline("p2", SeedPipeline::new("elsewhere"));
    let pipelines = list(&api, Operation::ListPipelines, "").await.json();
    let [one] = pipelines["items"].as_array().unwrap().as_slice() else {
        panic!("{pipelines}")
    };
    assert_eq!(one["pipeline"]["id"], json!(id));
    assert_eq!(
        one["pipeline"]["urn"],
        format!("urn:ilmn:ica:pipeline:{id}#Germline_4-3-6")
    );
    assert_eq!(
        (&one["pipeline"]["code"], &one["pipeline"]["status"]),
        (&json!("Germline 4-3-6"), &json!("DRAFT"))
    );
    let sizes = list(&api, Operation::ListStorages, "").await.json();
    let names: Vec<_> = sizes["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|size| size["name"].clone())
        .collect();
    assert_eq!(names, ["Small", "Medium", "Large", "XLarge"]);
    assert_eq!(
        sizes["items"][1]["id"],
        json!(api.simulator.storage_id("Medium").unwrap())
    );
    assert_eq!(api.get("/api/projects/p3/pipelines", V3).await.refusal().0, 404);
    assert_eq!(api.get("/api/projects/p3/data", V3).await.refusal().0, 404);
    assert_eq!(api.get("/api/projects/p3/analysisStorages", V4).await.refusal().0, 404);
}
