//! Number of requests that find the ids of many paths.

use ica_simulator::{Operation, SeedData, Simulator};

use super::{OTHER, data, seed};

/// Adds files, finds some of them, and returns the number of requests.
async fn cost(simulator: &Simulator, asked: &[String]) -> u64 {
    simulator.clear_requests();
    let resolved = data(simulator).resolve(asked).await.unwrap();
    assert_eq!(resolved.len(), asked.len(), "{:?}", resolved.failures().first());
    let requests = resolved.requests();
    assert_eq!(requests, simulator.count(Operation::ListData) as u64);
    for request in simulator.requests() {
        let encoded = |text: &String| {
            text.chars()
                .map(|c| if c.is_ascii_alphanumeric() { 1 } else { 3 })
                .sum::<usize>()
        };
        let bytes = request
            .query
            .iter()
            .map(|(name, value)| name.len() + encoded(value) + 2);
        assert!(bytes.sum::<usize>() < 7500, "the URL is too long");
    }
    requests
}

fn files(folder: &str, number: usize) -> Vec<String> {
    (0..number)
        .map(|n| format!("{folder}sample-{n:06}_S1_L001_R1_001.fastq.gz"))
        .collect()
}

#[tokio::test]
async fn files_of_one_folder_cost_its_pages() {
    let simulator = Simulator::builder().gzip(false).start().unwrap();
    let all = files("/project/run1/", 10_000);
    seed(&simulator, all.iter().cloned().map(SeedData::file));
    assert_eq!(cost(&simulator, &all).await, 10);
    assert_eq!(cost(&simulator, &all[..1]).await, 1);
    assert_eq!(cost(&simulator, &all[..50]).await, 1);
    // Some 90 paths fit into a URL.
    assert_eq!(cost(&simulator, &all[..150]).await, 2);
    // The ten pages of the folder cost more than three lookups. One page shows it.
    assert_eq!(cost(&simulator, &all[..250]).await, 1 + 3);
}

#[tokio::test]
async fn files_of_many_small_folders_cost_the_pages_of_the_tree() {
    let simulator = Simulator::builder().gzip(false).start().unwrap();
    let all = (0..2500)
        .flat_map(|n| files(&format!("/runs/sample-{n:05}/"), 2))
        .collect::<Vec<_>>();
    seed(&simulator, all.iter().cloned().map(SeedData::file));
    assert_eq!(cost(&simulator, &all).await, 5);
}

#[tokio::test]
async fn a_list_that_is_longer_than_lookups_is_given_up_after_one_page() {
    let simulator = Simulator::builder().gzip(false).start().unwrap();
    let all = (0..8)
        .flat_map(|n| files(&format!("/runs/run{n}/"), 2500))
        .collect::<Vec<_>>();
    seed(&simulator, all.iter().cloned().map(SeedData::file));
    // 500 files of one folder with 2500: three pages, in place of six lookups.
    let some = all[..2500].iter().step_by(5).cloned().collect::<Vec<_>>();
    assert_eq!(cost(&simulator, &some).await, 3);
    // 239 of 20 000 files in eight folders: one page, and then lookups.
    let spread = all.iter().step_by(84).cloned().collect::<Vec<_>>();
    assert_eq!(cost(&simulator, &spread).await, 1 + 3);
    // Half of two folders: the tree has 20 pages, and the lookups cost 26 requests.
    let two = all[2500..7500].iter().step_by(2).cloned().collect::<Vec<_>>();
    assert_eq!(cost(&simulator, &two).await, 20);
    // Many of one folder, and one of another: the tree is given up, and the folder is listed.
    let uneven = all[..350].iter().chain(&all[19_999..]).cloned().collect::<Vec<_>>();
    assert_eq!(cost(&simulator, &uneven).await, 1 + 3 + 1);
}

#[tokio::test]
async fn the_content_of_a_linked_folder_costs_its_pages() {
    let simulator = Simulator::builder().gzip(false).start().unwrap();
    let all = files("/shared/", 3000);
    let linked = all.iter().map(|path| SeedData::file(path).in_folder_linked_from(OTHER));
    seed(&simulator, linked);
    assert_eq!(cost(&simulator, &all).await, 3);
}

#[tokio::test]
async fn missing_paths_cost_their_lookups_as_files_and_as_folders() {
    let simulator = Simulator::start();
    let all = files("/none/", 700);
    let resolved = data(&simulator).resolve(&all).failure_limit(3).await.unwrap();
    assert_eq!((resolved.failures().len(), resolved.failure_count()), (3, 700));
    // A list without content, and the lookups in both spellings.
    assert_eq!(resolved.requests(), 1 + 2 * 7);
}

/// `cargo test --release -p ica-batch-tests --test it a_hundred_thousand_paths -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "prints, and takes a minute"]
#[expect(clippy::print_stderr, reason = "printing is its purpose")]
async fn a_hundred_thousand_paths() {
    let simulator = Simulator::builder().gzip(false).start().unwrap();
    let flat = files("/flat/", 100_000);
    let nested = (0..50_000)
        .flat_map(|n| files(&format!("/nested/sample-{n:05}/"), 2))
        .collect::<Vec<_>>();
    seed(&simulator, flat.iter().chain(&nested).cloned().map(SeedData::file));
    for (name, paths) in [("one folder", &flat), ("50 000 folders", &nested)] {
        let start = std::time::Instant::now();
        let requests = cost(&simulator, paths).await;
        eprintln!("{name}: {requests} requests, {:.1} s", start.elapsed().as_secs_f64());
    }
    let mut spread = flat
        .iter()
        .step_by(20)
        .chain(nested.iter().step_by(20))
        .cloned()
        .collect::<Vec<_>>();
    fastrand::Rng::with_seed(1).shuffle(&mut spread);
    let requests = cost(&simulator, &spread).await;
    eprintln!("10 000 of 200 000 files: {requests} requests");
}
