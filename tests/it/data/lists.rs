//! Lists of data, and reading one file.

use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk_ext::types::{DataStatus, ProjectData};
use ica_batch_sdk_ext::{Checkpoint, ErrorKind, ListData, ProjectDataExt};
use ica_simulator::{DataPaths, Fault, FaultKind, Operation, SeedData, Simulator};

use super::{OTHER, data, seed};
use crate::setup::builder;

async fn paths(list: ListData) -> Vec<String> {
    let paths = list.stream().map_ok(|found| found.path().unwrap());
    paths.try_collect().await.unwrap()
}

fn seeded(builder: ica_simulator::SimulatorBuilder) -> Simulator {
    let simulator = builder.start().unwrap();
    let files = [
        SeedData::file("/run1/a.bam"),
        SeedData::file("/Run1/A.bam"),
        SeedData::file("/run10/b.bam").status(ica_simulator::DataStatus::Partial),
        SeedData::file("/run1/deep/c.txt"),
        SeedData::file("/run1/linked.vcf").linked_from(OTHER),
    ];
    seed(&simulator, files);
    simulator
}

#[tokio::test]
async fn filters_by_path_respect_case_and_whole_names_in_both_forms_of_paths() {
    for form in [DataPaths::Whole, DataPaths::Parent] {
        let simulator = seeded(Simulator::builder().data_paths(form));
        let list = || data(&simulator).list();
        assert_eq!(paths(list().paths(["/run1/a.bam", "/none"])).await, ["/run1/a.bam"]);
        assert_eq!(
            paths(list().paths(["/run1"])).await,
            [""; 0],
            "a folder's path ends with '/'"
        );
        assert_eq!(paths(list().paths(["/run1/"])).await, ["/run1/"]);
        let below = ["/run1/a.bam", "/run1/deep/c.txt", "/run1/linked.vcf"];
        assert_eq!(paths(list().below("/run1").files()).await, below);
        assert_eq!(paths(list().below("/run1").files().exact(false)).await.len(), 4);
        assert_eq!(paths(list().in_folder("/run1").folders()).await, ["/run1/deep/"]);
    }
}

#[tokio::test]
async fn other_filters_are_those_of_ica() {
    let simulator = seeded(Simulator::builder());
    let list = || data(&simulator).list().files();
    assert_eq!(paths(list().status([DataStatus::Partial])).await, ["/run10/b.bam"]);
    assert_eq!(paths(list().owned_by([OTHER])).await, ["/run1/linked.vcf"]);
    let all = paths(list()).await;
    assert_eq!(all.len(), 5);
    let own = list().owned_by([simulator.project_id()]);
    assert_eq!(paths(own).await.len(), 4);
    let named = list().filter(|filter| filter.filename = vec!["c.txt".to_owned()]);
    assert_eq!(paths(named).await, ["/run1/deep/c.txt"]);
    simulator.clear_requests();
    let first = list().first().await.unwrap().unwrap();
    let [request] = simulator.requests().try_into().unwrap();
    let page_size = ("pageSize".to_owned(), "20".to_owned());
    assert!(request.query.contains(&page_size), "{:?}", request.query);
    assert_eq!(paths(list().ids([first.data.id])).await, all[..1]);
}

#[tokio::test]
async fn a_list_is_resumed_at_any_item() {
    let simulator = Simulator::start();
    seed(&simulator, (0..25).map(|n| SeedData::file(format!("/run/{n}.txt"))));
    let list = || data(&simulator).list().files().page_size(10);
    let all: Vec<ProjectData> = list().stream().try_collect().await.unwrap();
    for returned in [0, 1, 9, 10, 11, 24, 25] {
        let mut stream = list().stream();
        for _ in 0..returned {
            stream.next().await.unwrap().unwrap();
        }
        let saved = serde_json::to_string(&stream.checkpoint()).unwrap();
        let checkpoint: Checkpoint = serde_json::from_str(&saved).unwrap();
        let rest: Vec<_> = list().resume(checkpoint).unwrap().try_collect().await.unwrap();
        assert_eq!(rest, all[returned..]);
    }
    let checkpoint = list().stream().checkpoint();
    let error = list().status([DataStatus::Partial]).resume(checkpoint).unwrap_err();
    assert!(error.is_invalid_input());
    assert!(
        error
            .to_string()
            .contains("filters [type FILE], not [status PARTIAL, type FILE]"),
        "{error}"
    );
}

#[tokio::test]
async fn filters_that_no_url_can_have_are_rejected_before_the_request() {
    let simulator = Simulator::start();
    let list = || data(&simulator).list();
    let many = (0..2000).map(|n| format!("/a/{n}"));
    for (list, text) in [
        (list().paths([""]), "is empty"),
        (list().ids([""]), "is empty"),
        (list().paths(["run1/a.bam"]), "does not begin with '/'"),
        (list().below("run1"), "\"run1/\" to filter by does not begin"),
        (list().in_folder("run1"), "does not begin"),
        (list().paths(many), "do not fit into a URL"),
        (list().page_size(0), "page size is 0"),
    ] {
        let error = list.stream().next().await.unwrap().unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(text), "{error}");
    }
    assert!(data(&simulator).get("").await.unwrap_err().is_invalid_input());
    assert_eq!(simulator.requests().len(), 0);
}

#[tokio::test]
async fn data_is_read_by_its_id_or_not_found() {
    let simulator = seeded(Simulator::builder());
    let ids = seed(&simulator, [SeedData::file("/x.txt").size(7)]);
    let found = data(&simulator).get(&ids[0]).await.unwrap();
    assert_eq!(found.data.details.unwrap().file_size_in_bytes, Some(7));
    let error = data(&simulator).get("fil.unknown").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, None));
    let text = format!(
        "could not read data fil.unknown: no data of project {} has this id; check the id, and link data of \
         another project to this one",
        simulator.project_id()
    );
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn data_without_details_has_no_path_and_is_not_available() {
    let simulator = seeded(Simulator::builder());
    simulator
        .faults()
        .add(Fault::new(FaultKind::AbsentOptionals).every().on(Operation::ListData));
    let found: Vec<_> = data(&simulator).list().stream().try_collect().await.unwrap();
    assert!(found.len() > 5);
    for found in found {
        assert!(found.path().is_none() && !found.is_folder() && !found.is_available());
    }
    assert_eq!(
        data(&simulator)
            .list()
            .paths(["/run1/a.bam"])
            .stream()
            .try_next()
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_list_is_retried() {
    let simulator = seeded(Simulator::builder());
    let client = builder(&simulator)
        .clock(ica_batch_sdk_ext::clock::ManualClock::new())
        .build()
        .unwrap();
    simulator
        .faults()
        .add(Fault::new(FaultKind::refuse(503)).on(Operation::ListData));
    let list = client.project(simulator.project_id()).unwrap().data().list().files();
    assert_eq!(paths(list).await.len(), 5);
    assert_eq!(simulator.count(Operation::ListData), 2);
}
