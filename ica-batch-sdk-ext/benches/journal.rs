//! Costs of the journal, as ratios of paired rounds, with their medians.
//!
//! `cargo bench --features journal --bench journal` prints:
//! - *planning*: the time to read, cut, digest and record 100 000 analyses, over the time to write
//!   the same rows in the same transactions with rusqlite alone, and over that to write the bodies
//!   alone;
//! - *memory*: the peak of a process that plans 100 000 analyses, over that of one that plans 20
//!   000 (Linux only);
//! - *sending*: the time of a submission with its planning, over that of the same creates with the
//!   same keys without a journal, and over that of a bare loop of reqwest.
//!
//! The benchmark writes to the folder for temporary files and so measures the disk of that folder.

#![allow(clippy::print_stdout)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use ica_batch_sdk_ext::types::{
    AnalysisDataInput, CreateAnalysisCreationBatch, CreateNextflowAnalysis, NextflowAnalysisInput,
};
use ica_batch_sdk_ext::{Client, Credentials, IdempotencyKey, Journal, Project};
use ica_simulator::{Lifecycle, Simulator};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const ANALYSES: usize = 100_000;
const FEW: usize = 20_000;
/// Number of analyses that are sent.
const SENT: usize = 20_000;
const CHUNK: usize = 100;
const AT_ONCE: usize = 4;
/// Number of bytes that the crate writes in a transaction while it plans.
const GROUP: usize = 4 * 1024 * 1024;
/// Environment variable with the number of analyses that a process plans before it prints its peak
/// memory.
const PLAN: &str = "ICA_BENCH_PLAN";

fn main() {
    if let Ok(number) = std::env::var(PLAN) {
        return measure_memory(number.parse().expect("a number of analyses"));
    }
    planning();
    memory();
    sending();
}

fn analysis(number: usize) -> CreateNextflowAnalysis {
    let input = |code: &str| {
        AnalysisDataInput::builder()
            .parameter_code(code)
            .data_ids(vec![format!("fil.{number:032x}"), format!("fil.{:032x}", number + 1)])
            .build()
    };
    let inputs = vec![input("reads"), input("reference")];
    CreateNextflowAnalysis::builder()
        .user_reference(format!("cohort-42/sample-{number}"))
        .expect("it is valid")
        .pipeline_id("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f")
        .analysis_input(NextflowAnalysisInput::builder().inputs(inputs).build())
        .build()
}

fn runtime() -> Runtime {
    let builder = &mut tokio::runtime::Builder::new_multi_thread();
    builder
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads are allowed")
}

fn project(base_url: &str, key: &str, id: &str) -> Project {
    let credentials = Credentials::api_key_direct(key).expect("the key is valid");
    let client = Client::builder().base_url(base_url).credentials(credentials).build();
    let project = client.expect("it is on this machine").project(id);
    project.expect("the project has an id")
}

/// Returns a project that is never called.
fn uncalled() -> Project {
    project("http://127.0.0.1:1", "key", "project")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for temporary files")
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = work();
    (started.elapsed(), result)
}

/// Prints the median and the range of ratios.
fn report(name: &str, mut ratios: Vec<f64>) {
    ratios.sort_by(f64::total_cmp);
    let (least, median, most) = (ratios[0], ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
    println!(
        "{name}: median {median:.2}, from {least:.2} to {most:.2}, {} paired rounds",
        ratios.len()
    );
}

fn plan(runtime: &Runtime, path: &Path, analyses: Vec<CreateNextflowAnalysis>) {
    let journal = Journal::open(path).expect("the file is new");
    let submission = uncalled().submission("cohort", &journal).chunk_size(CHUNK);
    runtime
        .block_on(submission.analyses(analyses).plan())
        .expect("the manifest is valid");
}

fn planning() {
    let (runtime, folder) = (runtime(), folder());
    let analyses = (0..ANALYSES).map(analysis).collect::<Vec<_>>();
    let model = folder.path().join("model.db");
    plan(&runtime, &model, analyses.clone());
    let rows = Rows::of(&model);
    let (mut over_rows, mut over_bodies, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
    let (mut reversed, mut outcomes) = (Vec::new(), Vec::new());
    let backwards = analyses.iter().rev().cloned().collect::<Vec<_>>();
    for round in 0..9 {
        let path = |what: &str| folder.path().join(format!("{round}-{what}.db"));
        let analyses = analyses.clone();
        let (ours, ()) = timed(|| plan(&runtime, &path("ours"), analyses));
        let (whole, ()) = timed(|| rows.write(&path("rows"), true));
        let (bodies, ()) = timed(|| rows.write(&path("bodies"), false));
        over_rows.push(ours.as_secs_f64() / whole.as_secs_f64());
        over_bodies.push(ours.as_secs_f64() / bodies.as_secs_f64());
        seconds.push(ours.as_secs_f64());
        let backwards = backwards.clone();
        let (compared, ()) = timed(|| plan(&runtime, &path("ours"), backwards));
        reversed.push(compared.as_secs_f64() / ours.as_secs_f64());
        let (read, ()) = timed(|| read_outcomes(&path("ours")));
        outcomes.push(read.as_secs_f64() / ours.as_secs_f64());
        for what in ["ours", "rows", "bodies"] {
            std::fs::remove_file(path(what)).expect("it was written");
            let _ = std::fs::remove_file(path(what).with_extension("db-lock"));
        }
    }
    seconds.sort_by(f64::total_cmp);
    println!(
        "planning {ANALYSES} analyses of {} bytes: {:.2} s (median)",
        rows.bytes() / ANALYSES,
        seconds[seconds.len() / 2]
    );
    report("planning, over the same rows by rusqlite alone", over_rows);
    report("planning, over the bodies by rusqlite alone", over_bodies);
    report("comparing the manifest backwards, over planning it", reversed);
    report("reading the view outcome, over planning", outcomes);
}

fn read_outcomes(path: &Path) {
    let connection = Connection::open(path).expect("it was written");
    let sql = "SELECT count(user_reference) FROM outcome";
    let rows = connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    assert_eq!(rows.expect("the view is documented"), ANALYSES as i64);
}

/// Content of a journal, to be written by rusqlite alone.
struct Rows {
    schema: Vec<String>,
    chunks: Vec<Chunk>,
}

struct Chunk {
    label: String,
    first: i64,
    key: String,
    digest: String,
    body: Vec<u8>,
    analyses: Vec<(i64, String, String, Vec<u8>)>,
}

impl Rows {
    fn of(journal: &Path) -> Self {
        let connection = Connection::open(journal).expect("it was written");
        let mut schema = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index') AND name NOT LIKE 'sqlite_%'")
            .expect("it has a schema");
        let schema = schema.query_map([], |row| row.get(0)).expect("it has a schema");
        let mut chunks = connection
            .prepare("SELECT label, first, key, digest, bytes FROM chunk JOIN body ON body.chunk = chunk.id ORDER BY chunk.id")
            .expect("the table is documented");
        let chunks = chunks.query_map([], |row| {
            Ok(Chunk {
                label: row.get(0)?,
                first: row.get(1)?,
                key: row.get(2)?,
                digest: row.get(3)?,
                body: row.get(4)?,
                analyses: Vec::new(),
            })
        });
        let mut chunks = chunks
            .expect("it is read")
            .collect::<Result<Vec<_>, _>>()
            .expect("it is read");
        let mut analyses = connection
            .prepare("SELECT position, kind, user_reference, digest FROM analysis ORDER BY position")
            .expect("the table is documented");
        let mut rows = analyses.query([]).expect("it is read");
        while let Some(row) = rows.next().expect("it is read") {
            let position: i64 = row.get(0).expect("it is a number");
            let row = (position, row.get(1), row.get(2), row.get(3));
            let (Ok(kind), Ok(reference), Ok(digest)) = (row.1, row.2, row.3) else {
                panic!("the row has other types");
            };
            chunks[position as usize / CHUNK]
                .analyses
                .push((position, kind, reference, digest));
        }
        Self {
            schema: schema.collect::<Result<_, _>>().expect("it is read"),
            chunks,
        }
    }

    fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.body.len()).sum()
    }

    fn write(&self, path: &Path, with_analyses: bool) {
        let mut connection = Connection::open(path).expect("the file is new");
        connection
            .pragma_update(None, "journal_mode", "wal")
            .expect("it is a setting");
        connection
            .pragma_update(None, "synchronous", "full")
            .expect("it is a setting");
        for statement in &self.schema {
            connection.execute_batch(statement).expect("it is the journal's");
        }
        let insert = "INSERT INTO submission (id, endpoint, project, name, state, created_at, marked, keys, checksum) VALUES (1, 'e', 'p', 'n', 'planned', 0, 1, 2, 0)";
        connection.execute(insert, []).expect("the table is documented");
        let mut rest = &self.chunks[..];
        while !rest.is_empty() {
            let mut bytes = 0;
            let is_in = |chunk: &&Chunk| {
                let fits = bytes < GROUP;
                bytes += chunk.body.len();
                fits
            };
            let (group, remaining) = rest.split_at(rest.iter().take_while(is_in).count());
            rest = remaining;
            let transaction = connection.transaction().expect("no other program writes");
            {
                let mut chunk = transaction
                    .prepare_cached("INSERT INTO chunk (submission, label, first, count, state, key, digest) VALUES (1, ?1, ?2, ?3, 'planned', ?4, ?5)")
                    .expect("the table is documented");
                let mut body = transaction
                    .prepare_cached("INSERT INTO body (chunk, bytes) VALUES (?1, ?2)")
                    .expect("the table is documented");
                let mut analysis = transaction
                    .prepare_cached("INSERT INTO analysis (submission, position, kind, user_reference, digest) VALUES (1, ?1, ?2, ?3, ?4)")
                    .expect("the table is documented");
                for record in group {
                    chunk
                        .execute(params![
                            record.label,
                            record.first,
                            CHUNK as i64,
                            record.key,
                            record.digest
                        ])
                        .expect("there is room");
                    body.execute(params![transaction.last_insert_rowid(), record.body])
                        .expect("there is room");
                    for (position, kind, reference, digest) in record.analyses.iter().filter(|_| with_analyses) {
                        analysis
                            .execute(params![position, kind, reference, digest])
                            .expect("there is room");
                    }
                }
            }
            transaction.commit().expect("there is room");
        }
    }
}

/// Runs this program as a child for each size, because a peak is that of a process.
fn memory() {
    let peak = |analyses: usize| -> Option<f64> {
        let this = std::env::current_exe().expect("this program has a path");
        let output = Command::new(this).env(PLAN, analyses.to_string()).output();
        let output = String::from_utf8(output.expect("it can be run").stdout).expect("it is a number");
        output.trim().parse().ok()
    };
    match (peak(FEW), peak(ANALYSES)) {
        (Some(few), Some(many)) => println!(
            "peak memory of planning {ANALYSES} analyses over {FEW}: {:.2} ({:.1} over {:.1} MiB)",
            many / few,
            many / 1024.0,
            few / 1024.0
        ),
        _ => println!("peak memory is not known on this platform"),
    }
}

fn measure_memory(number: usize) {
    let (runtime, folder) = (runtime(), folder());
    let journal = Journal::open(folder.path().join("journal.db")).expect("the file is new");
    let submission = uncalled().submission("cohort", &journal).chunk_size(CHUNK);
    // The iterator makes one analysis at a time, so only the memory of the crate counts.
    let plan = submission.analyses((0..number).map(analysis)).plan();
    runtime.block_on(plan).expect("the manifest is valid");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    println!("{}", peak.unwrap_or("unknown"));
}

fn sending() {
    let (runtime, folder) = (runtime(), folder());
    let simulator = Simulator::builder()
        .record(false)
        .lifecycle(Lifecycle::instant())
        .start();
    let simulator = simulator.expect("a port is free");
    let project = project(&simulator.base_url(), simulator.api_key(), simulator.project_id());
    let analyses = (0..SENT).map(analysis).collect::<Vec<_>>();
    let (mut over_creates, mut over_bare) = (Vec::new(), Vec::new());
    let mut rates = [(); 3].map(|()| Vec::new());
    for round in 0..9 {
        let name = format!("round-{round}");
        let journal = Journal::open(folder.path().join(&name)).expect("the file is new");
        let rows = analyses.clone();
        let (with, _) = timed(|| {
            let submission = project
                .submission(&name, &journal)
                .chunk_size(CHUNK)
                .concurrency(AT_ONCE);
            runtime
                .block_on(submission.lookup_items(false).analyses(rows).run())
                .expect("it is sent")
        });
        let rows = analyses.clone();
        let (without, ()) = timed(|| runtime.block_on(create_all(&project, rows, round)));
        let rows = analyses.clone();
        let (bare, ()) = timed(|| runtime.block_on(post_all(&simulator, rows, round)));
        over_creates.push(with.as_secs_f64() / without.as_secs_f64());
        over_bare.push(with.as_secs_f64() / bare.as_secs_f64());
        for (rates, time) in rates.iter_mut().zip([with, without, bare]) {
            rates.push((SENT / CHUNK) as f64 / time.as_secs_f64());
        }
    }
    let [with, without, bare] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    println!(
        "chunks of {CHUNK} a second, medians: {with:.0} as a submission, {without:.0} without a journal, {bare:.0} by a bare loop"
    );
    report("submitting, time over the same creates without a journal", over_creates);
    report("submitting, time over a bare loop", over_bare);
}

/// Calls `work` with each chunk, a few at a time.
async fn all<Done: Future<Output = ()> + Send + 'static>(
    rows: Vec<CreateNextflowAnalysis>,
    work: impl Fn(usize, CreateAnalysisCreationBatch) -> Done,
) {
    let mut tasks = JoinSet::new();
    for (number, chunk) in rows.chunks(CHUNK).enumerate() {
        if tasks.len() == AT_ONCE {
            tasks.join_next().await;
        }
        let request = CreateAnalysisCreationBatch::builder()
            .nextflow_items(chunk.to_vec())
            .build();
        tasks.spawn(work(number, request));
    }
    tasks.join_all().await;
}

async fn create_all(project: &Project, rows: Vec<CreateNextflowAnalysis>, round: usize) {
    all(rows, |number, request| {
        let key = IdempotencyKey::derive([format!("{round}"), format!("{number}")]);
        let create = project.create_batch(request).idempotency_key(key);
        async move {
            create.await.expect("it is created");
        }
    })
    .await;
}

async fn post_all(simulator: &Simulator, rows: Vec<CreateNextflowAnalysis>, round: usize) {
    // The extension crate turns on rustls in reqwest without a provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().expect("it is set up");
    let path = format!("/api/projects/{}/analysisCreationBatch", simulator.project_id());
    let url = format!("{}{path}", simulator.base_url());
    all(rows, |number, request| {
        let body = serde_json::to_vec(&request).expect("it is JSON");
        let post = http
            .post(&url)
            .header("x-api-key", simulator.api_key())
            .header("idempotency-key", format!("bare-{round}-{number}"))
            .header("content-type", "application/vnd.illumina.v3+json")
            .header("accept", "application/vnd.illumina.v3+json")
            .body(body);
        async move {
            let response = post.send().await.expect("the simulator responds");
            let bytes = response
                .error_for_status()
                .expect("it is created")
                .bytes()
                .await
                .expect("the body is complete");
            serde_json::from_slice::<ica_batch_sdk_ext::types::AnalysisCreationBatch>(&bytes)
                .expect("the body is a batch");
        }
    })
    .await;
}
