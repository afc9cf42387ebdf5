//! Bounds on the memory of calls, whatever a server sends.
//!
//! An allocator counts every byte of the process. The server of the tests holds no response as a
//! whole. The measurements run one after the other, because they share the counter.

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{
    AnalysisCreation, Batch, Client, Credentials, Error, ErrorKind, ItemStream, ManifestFile, ManifestFormat,
    SampleCreation, Uuid, V3,
};
use ica_batch_tests::hostile_server::{HostileServer, PROJECT, Reply};
use ica_simulator::{SeedData, SeedPipeline, Simulator};
use peak_alloc::PeakAlloc;
use tokio::sync::Barrier;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MIB: usize = 1024 * 1024;

/// Response limit of the clients here: smaller than the default, so that a debug build is quick.
const LIMIT: usize = 4 * MIB;

/// The largest page size.
const PAGE_SIZE: u64 = 100_000;

/// Memory of a call, as a multiple of the response limit. Documented at
/// `ClientBuilder::response_limit`.
const FACTOR: usize = 12;

/// The same for a list with prefetch.
const PREFETCH_FACTOR: usize = 15;

/// Memory that a client, a server and their connections take.
const BASE: usize = 2 * MIB;

/// Returns the highest number of bytes that were allocated at the same time in addition to those
/// before.
async fn peak<T>(work: impl Future<Output = T>) -> (usize, T) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = work.await;
    (ALLOCATOR.peak_usage().saturating_sub(before), result)
}

/// Failures of the measurements.
#[derive(Default)]
struct Bounds {
    failures: usize,
}

impl Bounds {
    fn check(&mut self, name: &str, peak: usize, bound: usize) {
        let is_held = peak <= bound;
        self.failures += usize::from(!is_held);
        let verdict = if is_held { "ok" } else { "FAILED" };
        #[allow(clippy::print_stdout)]
        {
            println!(
                "test {name} ... {verdict} ({} KiB of {} KiB)",
                peak / 1024,
                bound / 1024
            );
        }
    }
}

const UUID: &str = "00000000-0000-0000-0000-000000000000";

/// Returns the smallest item that is valid in V3 and V4.
fn item(message: &str) -> String {
    format!(
        r#"{{"id":"{UUID}","processing":{{"status":"RUNNING"{message}}},"request":{{"pipelineId":"","userReference":"","tags":{{"referenceTags":[],"technicalTags":[],"userTags":[]}}}}}}"#
    )
}

/// Returns a list whose body has at least this many bytes, with a token of the next page.
fn list_of(item: &str, bytes: usize) -> Reply {
    let part = format!("{item},");
    let end = format!(r#"{item}],"nextPageToken":"next"}}"#);
    Reply::repeated(200, r#"{"items":["#, &part, bytes / part.len(), &end)
}

fn batch(client: &Client) -> Batch<AnalysisCreation> {
    client.project(PROJECT).unwrap().batch(Uuid::nil())
}

fn sample_batch(client: &Client) -> Batch<SampleCreation> {
    client.project(PROJECT).unwrap().sample_batch(Uuid::nil())
}

/// Starts a server with one response for every request, and returns a client.
async fn client_of(reply: Reply) -> Client {
    let server = HostileServer::start(move |_| reply.clone()).await;
    server.client().response_limit(LIMIT as u64).build().unwrap()
}

async fn first_page<T: Send + 'static>(stream: ItemStream<T>) -> Result<usize, Error> {
    let page = stream.pages().try_next().await?;
    Ok(page.map_or(0, |page| page.len()))
}

/// One page, with items as small and as many as the limit allows.
async fn pages(bounds: &mut Bounds) {
    let item = item("");
    let below = LIMIT - 4 * item.len();
    let client = client_of(list_of(&item, below)).await;
    let list = || batch(&client).items().page_size(PAGE_SIZE).prefetch(false);
    let (bytes, page) = peak(first_page(list().stream())).await;
    assert_eq!(page.unwrap_err().kind(), ErrorKind::TooLarge);
    bounds.check("a_page_of_minimal_v4_items", bytes, FACTOR * LIMIT + BASE);
    let (bytes, page) = peak(first_page(list().version::<V3>().stream())).await;
    assert_eq!(page.unwrap_err().kind(), ErrorKind::TooLarge);
    bounds.check("a_page_of_minimal_v3_items", bytes, FACTOR * LIMIT + BASE);
    let (bytes, page) = peak(first_page(list().summaries().stream())).await;
    assert!(page.is_ok_and(|items| items > 20_000), "summaries are smaller");
    bounds.check("a_page_of_minimal_summaries", bytes, FACTOR * LIMIT + BASE);

    let client = client_of(list_of(&item, 2 * LIMIT)).await;
    let (bytes, page) = peak(first_page(batch(&client).items().page_size(PAGE_SIZE).stream())).await;
    assert_eq!(page.unwrap_err().kind(), ErrorKind::TooLarge);
    bounds.check("a_page_above_the_limit", bytes, 3 * LIMIT + BASE);

    for (name, size) in [
        ("a_page_of_32_mib_by_default", 32 * MIB - 4096),
        ("a_page_of_256_mib_by_default", 256 * MIB),
    ] {
        let list = list_of(&item, size);
        let server = HostileServer::start(move |_| list.clone()).await;
        let client = server.client().build().unwrap();
        let (bytes, page) = peak(first_page(batch(&client).items().page_size(PAGE_SIZE).stream())).await;
        assert_eq!(page.unwrap_err().kind(), ErrorKind::TooLarge);
        bounds.check(name, bytes, FACTOR * 32 * MIB + BASE);
    }
}

/// Values inside of an item that take much more memory than bytes.
async fn nested_values(bounds: &mut Bounds) {
    let sample = |fields: &str| format!(r#"{{"items":[{{"createdSample":{{{fields}"#);
    let cases = [
        (
            "empty_texts",
            sample(r#""tags":{"userTags":["#),
            r#""","#,
            ErrorKind::TooLarge,
        ),
        (
            "short_texts",
            sample(r#""tags":{"userTags":["#),
            r#""a","#,
            ErrorKind::TooLarge,
        ),
        (
            "empty_objects",
            sample(r#""metadata":["#),
            r#"{"id":""},"#,
            ErrorKind::TooLarge,
        ),
        ("deep_arrays", sample(r#""metadata":["#), "[", ErrorKind::Unreadable),
        (
            "unknown_members",
            sample(r#""unknown":["#),
            "{},",
            ErrorKind::Unreadable,
        ),
    ];
    for (name, start, part, kind) in cases {
        let client = client_of(Reply::repeated(200, &start, part, (LIMIT - 1024) / part.len(), "")).await;
        let (bytes, page) = peak(first_page(sample_batch(&client).items().page_size(PAGE_SIZE).stream())).await;
        assert_eq!(page.unwrap_err().kind(), kind, "{name}");
        bounds.check(name, bytes, FACTOR * LIMIT + BASE);
    }
}

/// Pages close to the limit while the next one is fetched ahead.
async fn prefetch(bounds: &mut Bounds) {
    let message = format!(r#","additionalStatusInformation":"{}""#, "x".repeat(1000));
    for (name, size) in [
        ("large_pages_with_prefetch", LIMIT - 4096),
        ("small_pages_with_prefetch", LIMIT / 4 - 4096),
    ] {
        let client = client_of(list_of(&item(&message), size)).await;
        let mut pages = batch(&client).items().page_size(PAGE_SIZE).pages();
        let (bytes, ()) = peak(async {
            let page = pages.try_next().await.unwrap();
            // The page ahead arrives meanwhile.
            for _ in 0..10_000 {
                tokio::task::yield_now().await;
            }
            drop(page);
        })
        .await;
        bounds.check(name, bytes, PREFETCH_FACTOR * LIMIT + BASE);
    }
}

/// Responses without success.
async fn errors(bounds: &mut Bounds) {
    let numbers = Reply::repeated(400, "[", "0,", 255 * MIB / 2, "0]");
    let client = client_of(numbers).await;
    let (bytes, result) = peak(async { batch(&client).get().await }).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Rejected);
    bounds.check("an_error_of_255_mib", bytes, 2 * MIB + BASE);

    let detail = Reply::repeated(503, r#"{"detail":""#, "x", 20 * MIB, r#""}"#);
    let server = HostileServer::start(move |_| detail.clone()).await;
    let key = Credentials::api_key("an-api-key").unwrap();
    let client = server.client().credentials(key).build().unwrap();
    let (bytes, errors) = peak(async {
        let barrier = Arc::new(Barrier::new(100));
        let waiters = (0..100).map(|_| {
            let (client, barrier) = (client.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                batch(&client).get().await.unwrap_err()
            })
        });
        let mut errors = Vec::new();
        for waiter in waiters.collect::<Vec<_>>() {
            errors.push(waiter.await.unwrap());
        }
        errors
    })
    .await;
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::Server));
    bounds.check("a_failed_token_for_100_waiters", bytes, 4 * MIB + BASE);
}

/// Text that is made while it is read: a start, and a part that is repeated.
struct Repeated {
    left: Vec<u8>,
    part: &'static str,
    times: usize,
}

impl Repeated {
    fn new(start: &str, part: &'static str, bytes: usize) -> Self {
        Self {
            left: start.as_bytes().to_vec(),
            part,
            times: bytes / part.len(),
        }
    }
}

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left.is_empty() && self.times > 0 {
            self.left = self.part.as_bytes().to_vec();
            self.times -= 1;
        }
        let length = self.left.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.left[..length]);
        self.left.drain(..length);
        Ok(length)
    }
}

/// Manifests that are much larger than the memory that reading them takes.
async fn manifests(bounds: &mut Bounds) {
    const ROW: &str = concat!(
        "sample,Germline,/run1/a-file-with-a-rather-long-name.fastq.gz;/run1/another-file-with-a-rather-long-name.fastq.gz,",
        "a value of a parameter that is somewhat longer than most of them are in practice: with \u{e4}\n",
    );
    const HEADER: &str = "user_reference,pipeline,input.reads,param.a\n";
    let header = || format!("{HEADER}first,Germline,/run1/a.bam,\n");
    let open = |format, text: Repeated| ManifestFile::from_reader("generated", format, text).unwrap();
    for (name, format, text, expected) in [
        (
            "rows_of_a_csv_of_32_mib",
            ManifestFormat::Csv,
            Repeated::new(&header(), ROW, 32 * MIB),
            true,
        ),
        (
            "a_quotation_mark_that_is_not_closed",
            ManifestFormat::Csv,
            Repeated::new(&format!("{}\"", header()), "x\n", 32 * MIB),
            false,
        ),
        (
            "a_line_of_32_mib",
            ManifestFormat::JsonLines,
            Repeated::new("{\"user_reference\": \"", "xxxxxxxxxxxxxxxx", 32 * MIB),
            false,
        ),
    ] {
        let (bytes, (rows, problems)) = peak(async {
            let rows = open(format, text).rows();
            rows.fold((0, 0), |(rows, problems), row| match row {
                Ok(_) => (rows + 1, problems),
                Err(_) => (rows, problems + 1),
            })
        })
        .await;
        assert_eq!((rows > 1000, problems), (expected, usize::from(!expected)), "{name}");
        bounds.check(name, bytes, 4 * MIB);
    }

    let simulator = Simulator::builder().record(false).start().unwrap();
    simulator.seed_pipeline(simulator.project_id(), SeedPipeline::new("Germline"));
    let files = [
        "/run1/a-file-with-a-rather-long-name.fastq.gz",
        "/run1/another-file-with-a-rather-long-name.fastq.gz",
    ];
    simulator.seed_data(simulator.project_id(), files.map(SeedData::file));
    let key = Credentials::api_key_direct(simulator.api_key()).unwrap();
    let client = Client::builder()
        .base_url(simulator.base_url())
        .credentials(key)
        .build()
        .unwrap();
    let project = client.project(simulator.project_id()).unwrap();
    let text = Repeated::new(HEADER, ROW, 32 * MIB);
    let manifest = open(ManifestFormat::Csv, text);
    let (bytes, checked) = peak(async { project.preflight(manifest).allow_duplicate_references().await }).await;
    let checked = checked.unwrap();
    assert!(checked.report().rows > 100_000, "{}", checked.report());
    bounds.check("a_check_of_32_mib", bytes, 32 * MIB);
    let (bytes, count) = peak(async { checked.analyses().map(Result::unwrap).count() }).await;
    assert_eq!(count as u64, checked.report().rows);
    bounds.check("analyses_of_32_mib", bytes, 4 * MIB);

    // Twice as many rows, each with names of its own, need no more memory.
    const ROWS: u32 = 75_000;
    let files = |row: u32| [1, 2].map(|read| format!("/run2/{}/sample-{row}_{read}.fastq.gz", row / 5_000));
    let seeds = (0..2 * ROWS).flat_map(files).map(SeedData::file);
    let ids = simulator.seed_data(simulator.project_id(), seeds);
    let check = async |rows| {
        let rows = (0..rows).map(|row| format!("sample-{row},Germline,{},x\n", files(row).join(";")));
        let text = [HEADER.to_owned()].into_iter().chain(rows).collect::<String>();
        let manifest = ManifestFile::from_reader("generated", ManifestFormat::Csv, text.as_bytes()).unwrap();
        drop(text);
        let (bytes, checked) = peak(async { project.preflight(manifest).await.unwrap() }).await;
        let (more, count) = peak(async { checked.analyses().map(Result::unwrap).count() }).await;
        let report = checked.report();
        assert_eq!((count as u64, report.data), (report.rows, 2 * report.rows));
        for (index, analysis) in checked.analyses().enumerate() {
            let json = serde_json::to_value(analysis.unwrap()).unwrap();
            let data = &json["inputFormValues"]["fields"][0]["dataValues"];
            let expected = [0, 1].map(|read| serde_json::json!({ "dataId": ids[2 * index + read] }));
            assert_eq!(data, &serde_json::json!(expected), "{json}");
        }
        bytes.max(more)
    };
    let (once, twice) = (check(ROWS).await, check(2 * ROWS).await);
    bounds.check("names_of_their_own_in_150_000_rows", twice, once + once / 8);
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let mut bounds = Bounds::default();
    runtime.unwrap().block_on(async {
        pages(&mut bounds).await;
        nested_values(&mut bounds).await;
        prefetch(&mut bounds).await;
        errors(&mut bounds).await;
        manifests(&mut bounds).await;
    });
    ExitCode::from(u8::from(bounds.failures > 0))
}
