//! Ids of paths: the data that a path means, and the reasons of paths without data.

use std::collections::BTreeMap;

use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::types::DataType;
use ica_batch_sdk_ext::{ErrorKind, PathCache, PathFailureReason, ResolvedPaths, Uuid};
use ica_batch_tests::hostile_server::{API_KEY, HostileServer, PROJECT, Reply};
use ica_simulator::{DataPaths, DataStatus, Fault, FaultKind, FaultPlan, Operation, SeedData, Simulator};
use serde_json::json;

use super::{OTHER, data, seed};
use crate::setup::builder;

/// Returns the reason of each failure in words.
fn failures(resolved: &ResolvedPaths) -> Vec<String> {
    resolved.failures().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn each_path_has_its_data_or_a_reason() {
    for form in [DataPaths::Whole, DataPaths::Parent] {
        let simulator = Simulator::builder().data_paths(form).start().unwrap();
        let ids = seed(
            &simulator,
            [
                SeedData::file("/run1/a.bam"),
                SeedData::folder("/run1/out"),
                SeedData::file("/Run1/B.bam"),
                SeedData::file("/run1/part.bam").status(DataStatus::Partial),
                SeedData::file("/both.txt"),
                SeedData::file("/both.txt").linked_from(OTHER),
                SeedData::file("/linked.txt").linked_from(OTHER),
            ],
        );
        let own = |path: &str| format!("icav2://{}{path}", simulator.project_id());
        let other = |path: &str| format!("icav2://{OTHER}{path}");
        let asked = vec![
            "/run1/a.bam".to_owned(),
            "/run1/out/".to_owned(),
            own("/run1/a.bam"),
            own("/both.txt"),
            other("/both.txt"),
            other("/linked.txt"),
            own("/linked.txt"),
            "/run1/a.bam".to_owned(), // again
            "/run1/none.bam".to_owned(),
            "/run1/b.bam".to_owned(),
            "/run1/out".to_owned(),
            "/run1/a.bam/".to_owned(),
            "/run1/part.bam".to_owned(),
            "/both.txt".to_owned(),
            other("/run1/a.bam"),
            "run1/a.bam".to_owned(),
        ];
        let resolved = data(&simulator).resolve(asked.clone()).await.unwrap();
        let found = asked[..7]
            .iter()
            .map(|path| resolved.id(path).unwrap())
            .collect::<Vec<_>>();
        let expected = [0, 1, 0, 4, 5, 6, 6].map(|index: usize| ids[index].as_str());
        assert_eq!(found, expected, "{:#?}", failures(&resolved));
        assert_eq!((resolved.len(), resolved.failure_count()), (7, 8));
        let own_project = simulator.project_id();
        assert_eq!(
            failures(&resolved),
            [
                "\"/run1/none.bam\": the project has no such data; check the path or id, or upload the data or link it to \
                 the project"
                    .to_owned(),
                "\"/run1/b.bam\": the project has no such data, but \"/Run1/B.bam\"; check upper and lower case".to_owned(),
                "\"/run1/out\": it is a folder, and a file was asked for; write '/' at the end of a folder's path"
                    .to_owned(),
                "\"/run1/a.bam/\": it is a file, and a folder was asked for".to_owned(),
                "\"/run1/part.bam\": its status is PARTIAL, and only AVAILABLE data can be an input; wait, or restore it"
                    .to_owned(),
                format!(
                    "\"/both.txt\": 2 files or folders have this path, of the projects {}; write icav2://PROJECT/path \
                     with one of them",
                    sorted([own_project, OTHER]).join(", ")
                ),
                format!(
                    "\"icav2://{OTHER}/run1/a.bam\": the data at this path belongs to project {own_project}; name that \
                     project in the path"
                ),
                "\"run1/a.bam\": the path is not valid: it does not begin with '/'; write /folder/name or \
                 icav2://PROJECT/folder/name"
                    .to_owned(),
            ]
        );
        let indexes = resolved
            .failures()
            .iter()
            .map(|failure| failure.index)
            .collect::<Vec<_>>();
        assert_eq!(indexes, [8, 9, 10, 11, 12, 13, 14, 15]);
        let found = resolved.get("/run1/out/").unwrap();
        assert_eq!(
            (found.path.as_str(), &found.data_type),
            ("/run1/out/", &DataType::Folder)
        );
        assert_eq!(resolved.get(&asked[5]).unwrap().owning_project.to_string(), OTHER);
    }
}

fn sorted<const N: usize>(mut texts: [&str; N]) -> [&str; N] {
    texts.sort_unstable();
    texts
}

#[tokio::test]
async fn a_path_may_ask_for_a_folder_or_for_either() {
    let simulator = Simulator::start();
    let ids = seed(&simulator, ["/a", "/b"].map(SeedData::file));
    let folders = seed(&simulator, ["/a", "/c"].map(SeedData::folder));
    let resolve = || data(&simulator).resolve(["/a", "/b", "/c", "/c/"]);
    let either = resolve().files_or_folders().await.unwrap();
    let found = ["/a", "/b", "/c", "/c/"].map(|path| either.id(path).unwrap());
    assert_eq!(found, [&ids[0], &ids[1], &folders[1], &folders[1]]);
    let only = resolve().folders().await.unwrap();
    assert_eq!(
        (only.id("/a"), only.id("/c")),
        (Some(folders[0].as_str()), Some(folders[1].as_str()))
    );
    assert_eq!(only.failures()[0].reason, PathFailureReason::IsFile);
}

#[tokio::test]
async fn a_similar_path_is_named_also_if_it_was_asked_for() {
    let simulator = Simulator::start();
    seed(&simulator, ["/run1/a.bam"].map(SeedData::file));
    let resolved = data(&simulator).resolve(["/run1/A.bam", "/run1/a.bam"]).await.unwrap();
    let expected = "\"/run1/A.bam\": the project has no such data, but \"/run1/a.bam\"; check upper and lower case";
    assert_eq!(failures(&resolved), [expected]);
}

#[tokio::test]
async fn an_id_is_checked_like_a_path() {
    let simulator = Simulator::start();
    let seeds = [
        SeedData::file("/a.bam"),
        SeedData::folder("/out"),
        SeedData::file("/part.bam").status(DataStatus::Partial),
        SeedData::file("/linked.bam").linked_from(OTHER),
    ];
    let ids = seed(&simulator, seeds);
    let none = "fil.00000000000000000000000000000000";
    let mut asked = ids.clone();
    asked.extend([none, "fil.", "fol.a/b", "/a.bam"].map(str::to_owned));
    let cache = PathCache::new();
    let resolve = || data(&simulator).resolve(&asked).cache(&cache);
    let resolved = resolve().await.unwrap();
    // One lookup of ids and one of paths.
    assert_eq!(resolved.requests(), 2);
    for id in [&ids[0], &ids[1], &ids[3]] {
        assert_eq!(resolved.id(id), Some(id.as_str()));
    }
    assert_eq!(resolved.get(&ids[0]), resolved.get("/a.bam"));
    let found = resolved.get(&ids[1]).unwrap();
    assert_eq!((found.path.as_str(), &found.data_type), ("/out/", &DataType::Folder));
    let texts = failures(&resolved);
    assert!(texts[0].contains("its status is PARTIAL"), "{texts:?}");
    let missing = format!("{none:?}: the project has no such data; check the path or id, or upload");
    assert!(texts[1].starts_with(&missing), "{texts:?}");
    assert!(
        texts[2].contains("it is the beginning of an id; copy all of it"),
        "{texts:?}"
    );
    assert!(texts[3].contains("it begins as an id, and contains '/'"), "{texts:?}");
    assert_eq!(texts.len(), 4);
    // A path without data is looked up again.
    assert_eq!(resolve().await.unwrap().requests(), 1);
    let folders = data(&simulator).resolve([&ids[0], &ids[1]]).folders().await.unwrap();
    assert_eq!(
        (folders.len(), &folders.failures()[0].reason),
        (1, &PathFailureReason::IsFile)
    );
}

#[tokio::test]
async fn many_ids_are_looked_up_together() {
    let simulator = Simulator::start();
    let ids = seed(&simulator, (0..250).map(|n| SeedData::file(format!("/run/{n}.bam"))));
    let resolved = data(&simulator).resolve(&ids).await.unwrap();
    assert_eq!((resolved.len(), resolved.requests()), (250, 3));
}

#[tokio::test]
async fn an_error_names_the_first_failures_and_counts_all() {
    let simulator = Simulator::start();
    let paths = (0..8).map(|n| format!("/none/{n}"));
    let resolved = data(&simulator).resolve(paths.clone()).failure_limit(6).await.unwrap();
    assert_eq!((resolved.failures().len(), resolved.failure_count()), (6, 8));
    let error = resolved.into_result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = error.to_string();
    let start = format!(
        "could not find 8 of 8 paths in project {}: \"/none/0\": ",
        simulator.project_id()
    );
    assert!(text.starts_with(&start), "{text}");
    assert!(text.contains("\"/none/4\"") && !text.contains("\"/none/5\""), "{text}");
    assert!(
        text.ends_with("; and 3 more; correct the paths, or upload or link the data"),
        "{text}"
    );
    let invalid = data(&simulator).resolve(["/none", "none"]).await.unwrap();
    assert_eq!(invalid.into_result().unwrap_err().kind(), ErrorKind::InvalidInput);
    let nothing = data(&simulator).resolve([""; 0]).await.unwrap().into_result().unwrap();
    assert!(nothing.is_empty() && nothing.requests() == 0);
    for zero in [
        data(&simulator).resolve(["/a"]).concurrency(0),
        data(&simulator).resolve(["/a"]).paths_per_request(0),
    ] {
        assert!(zero.await.unwrap_err().is_invalid_input());
    }
}

#[tokio::test]
async fn a_cache_has_the_paths_with_data_of_one_project_and_kind() {
    let simulator = Simulator::builder().project("p1").project("p2").start().unwrap();
    simulator.seed_data("p1", [SeedData::file("/a"), SeedData::folder("/a")]);
    simulator.seed_data("p2", [SeedData::file("/a")]);
    let client = crate::setup::client(&simulator);
    let [p1, p2] = ["p1", "p2"].map(|project| client.project(project).unwrap().data());
    let cache = PathCache::new();
    let first = p1.resolve(["/a", "/late"]).cache(&cache).await.unwrap();
    assert_eq!((first.len(), cache.len()), (1, 1));
    simulator.seed_data("p1", [SeedData::file("/late")]);
    simulator.clear_requests();
    let second = p1.resolve(["/a", "/late"]).cache(&cache).await.unwrap();
    assert_eq!((second.len(), second.requests()), (2, 1));
    assert_eq!(second.id("/a"), first.id("/a"));
    let paths = simulator.requests()[0]
        .query
        .iter()
        .filter(|(name, _)| name == "filePath")
        .cloned()
        .collect::<Vec<_>>();
    assert_eq!(paths, [("filePath".to_owned(), "/late".to_owned())]);
    let elsewhere = p2.resolve(["/a"]).cache(&cache).await.unwrap();
    assert_eq!(elsewhere.requests(), 1);
    let folder = p1.resolve(["/a"]).folders().cache(&cache).await.unwrap();
    assert!(folder.id("/a").unwrap().starts_with("fol."));
    let folder_again = p1.resolve(["/a"]).folders().cache(&cache).await.unwrap();
    assert_eq!((folder_again.id("/a"), folder_again.requests()), (folder.id("/a"), 0));
    let file_again = p1.resolve(["/a"]).cache(&cache).await.unwrap();
    assert_eq!((file_again.id("/a"), file_again.requests()), (first.id("/a"), 0));
}

#[tokio::test]
async fn failures_of_requests_are_errors_and_transient_ones_lose_no_path() {
    let simulator = Simulator::start();
    let paths = (0..300).map(|n| format!("/run{}/{n}.txt", n % 7)).collect::<Vec<_>>();
    let ids = seed(&simulator, paths.iter().cloned().map(SeedData::file));
    let client = builder(&simulator)
        .clock(ManualClock::new())
        .jitter_seed(1)
        .build()
        .unwrap();
    let data = client.project(simulator.project_id()).unwrap().data();
    for seed in 0..5 {
        simulator.faults().seeded(seed, FaultPlan::survivable(0.2));
        let resolved = data.resolve(paths.clone()).paths_per_request(4).await.unwrap();
        for (path, id) in paths.iter().zip(&ids) {
            assert_eq!(resolved.id(path), Some(id.as_str()), "{path}");
        }
    }
    simulator.faults().clear();
    let always = Fault::new(FaultKind::refuse(403)).every().on(Operation::ListData);
    simulator.faults().add(always);
    let error = data.resolve(["/run1/1.txt"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(
        error.to_string().starts_with("could not find paths in project"),
        "{error}"
    );
}

/// Starts a simulator with random data, whose paths often differ in little.
fn random_project(random: &mut fastrand::Rng) -> Simulator {
    let simulator = Simulator::start();
    let statuses = [DataStatus::Available, DataStatus::Available, DataStatus::Archived];
    let data = (0..random.usize(1..400)).map(|_| {
        let path = random_path(random);
        let data = match random.bool() {
            true => SeedData::file(path),
            false if random.bool() => SeedData::folder(path),
            false => SeedData::file(path).in_folder_linked_from(OTHER),
        };
        data.status(statuses[random.usize(..3)])
    });
    let data = data.collect::<Vec<_>>();
    seed(&simulator, data);
    simulator
}

fn random_path(random: &mut fastrand::Rng) -> String {
    let names = ["a", "A", "ab", "a.txt", "b"];
    let depth = random.usize(1..5);
    (0..depth)
        .map(|_| format!("/{}", names[random.usize(..names.len())]))
        .collect()
}

#[tokio::test]
async fn many_paths_resolve_as_each_of_them_does_alone() {
    let mut random = fastrand::Rng::with_seed(7);
    let (mut found, mut failed) = (0, BTreeMap::new());
    for _ in 0..12 {
        let simulator = random_project(&mut random);
        let asked = (0..random.usize(1..200)).map(|_| {
            let path = random_path(&mut random);
            let slash = if random.u8(..4) == 0 { "/" } else { "" };
            let project = ["", "", &format!("icav2://{OTHER}")][random.usize(..3)].to_owned();
            format!("{project}{path}{slash}")
        });
        let asked = asked.collect::<Vec<_>>();
        let data = data(&simulator);
        // One path per request is a lookup only; a few make lists of folders cheap.
        let alone = {
            let mut alone = BTreeMap::new();
            for path in &asked {
                let resolved = data.resolve([path.as_str()]).await.unwrap();
                alone.insert(
                    path.clone(),
                    (resolved.get(path).cloned(), resolved.failures().first().cloned()),
                );
            }
            alone
        };
        for per_request in [1, 3, 100] {
            let together = data
                .resolve(asked.clone())
                .paths_per_request(per_request)
                .await
                .unwrap();
            let reasons = together
                .failures()
                .iter()
                .map(|failure| (failure.path.as_str(), &failure.reason));
            let reasons = reasons.collect::<BTreeMap<_, _>>();
            for (path, (expected, failure)) in &alone {
                assert_eq!(
                    together.get(path),
                    expected.as_ref(),
                    "{path}, {per_request} per request"
                );
                let expected = failure.as_ref().map(|failure| kind(&failure.reason));
                assert_eq!(reasons.get(path.as_str()).copied().map(kind), expected, "{path}");
            }
        }
        for (resolved, failure) in alone.into_values() {
            found += usize::from(resolved.is_some());
            if let Some(failure) = failure {
                *failed.entry(kind(&failure.reason)).or_insert(0) += 1;
            }
        }
    }
    assert!(found > 100, "{found}");
    let kinds = [
        "Ambiguous",
        "IsFile",
        "IsFolder",
        "Missing",
        "NotAvailable",
        "OtherOwner",
    ];
    assert_eq!(failed.keys().copied().collect::<Vec<_>>(), kinds, "{failed:?}");
}

/// Returns the name of a reason. A list shows no path that differs in case.
fn kind(reason: &PathFailureReason) -> &'static str {
    match reason {
        PathFailureReason::Invalid(_) => "Invalid",
        PathFailureReason::Missing { .. } => "Missing",
        PathFailureReason::OtherOwner { .. } => "OtherOwner",
        PathFailureReason::Ambiguous { .. } => "Ambiguous",
        PathFailureReason::IsFolder => "IsFolder",
        PathFailureReason::IsFile => "IsFile",
        PathFailureReason::NotAvailable { .. } => "NotAvailable",
        _ => "another",
    }
}

#[tokio::test]
async fn no_failure_shows_a_credential_that_the_server_sends_as_an_id() {
    let data = |id: &str, status: &str| {
        let (time, owner) = ("2026-01-31T08:30:00Z", Uuid::nil());
        let details = json!({
            "timeCreated": time, "timeModified": time, "tenantId": owner, "owningProjectId": owner,
            "name": "a", "path": "/a", "status": status, "dataType": "FILE", "tags": {},
        });
        json!({ "projectId": owner, "data": { "id": id, "details": details } })
    };
    for items in [
        vec![data(API_KEY, "AVAILABLE"), data("fil.1", "AVAILABLE")],
        vec![data(API_KEY, API_KEY)],
    ] {
        let list = json!({ "items": items }).to_string();
        let server = HostileServer::start(move |_| Reply::json(200, list.clone())).await;
        let project = server.client().build().unwrap().project(PROJECT).unwrap();
        let resolved = project.data().resolve(["/a"]).await.unwrap();
        assert_eq!(resolved.failure_count(), 1);
        let texts = format!(
            "{:?} {}",
            resolved.failures(),
            resolved.clone().into_result().unwrap_err()
        );
        assert!(!texts.contains(API_KEY) && texts.contains('…'), "{texts}");
    }
}
