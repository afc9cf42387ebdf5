//! The program `ica-simulator`: a simulator for whatever speaks HTTP.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use ica_simulator::{ApiVersion, EndOfList, FaultPlan, Lifecycle, Simulator};

/// Simulates the analysis creation batches of Illumina Connected Analytics on 127.0.0.1.
///
/// The first line on standard output is the base URL. What a client needs follows on standard error, ready to be exported.
/// Nothing is kept when the program ends.
#[derive(Debug, Parser)]
#[command(name = "ica-simulator", version)]
struct Options {
    /// The port on 127.0.0.1; 0 takes one that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The API key to accept; made up if not given. May be repeated, each key being another user.
    #[arg(long, value_name = "KEY")]
    api_key: Vec<String>,
    /// The project; made up if not given. May be repeated.
    #[arg(long, value_name = "UUID")]
    project_id: Vec<String>,
    /// How long a minted token lives, in simulated seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    token_lifetime: u64,
    /// How many simulated seconds pass in a real one: 60 makes an hour last a minute, 0 stops the clock.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// How long it takes to create the analyses of a batch, in simulated seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = seconds)]
    creation_time: f64,
    /// How long an analysis runs, in simulated seconds; each takes up to a quarter longer.
    #[arg(long, value_name = "SECONDS", default_value_t = 600.0, value_parser = seconds)]
    analysis_time: f64,
    /// The share (0 to 1) of analyses whose run fails.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    failure_share: f64,
    /// The share (0 to 1) of analyses that cannot be created.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    creation_failure_share: f64,
    /// Be an older server, which knows V3 only.
    #[arg(long)]
    v3_only: bool,
    /// Draw ids, delays and faults from this number, so that a run can be repeated; drawn by chance if not given.
    #[arg(long)]
    seed: Option<u64>,
    /// The page size when a request names none.
    #[arg(long, value_name = "ITEMS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    page_size: u32,
    /// The largest page size; a larger one is refused. No limit if not given.
    #[arg(long, value_name = "ITEMS")]
    max_page_size: Option<usize>,
    /// The most items in a batch; more are refused. No limit if not given.
    #[arg(long, value_name = "ITEMS")]
    max_items: Option<usize>,
    /// The probability (0 to 1) that a request meets a fault which a client that retries can get over: a refusal, a lost answer, a
    /// reset connection, a page of a proxy, half an answer. At most three come in a row on one operation.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    fault_rate: f64,
    /// End after so many real seconds; until Ctrl-C or SIGTERM if not given.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    exit_after: Option<f64>,
    /// Print the base URL only.
    #[arg(long, short)]
    quiet: bool,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is closed too.
            writeln!(io::stderr(), "ica-simulator: {error}").ok();
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> io::Result<()> {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    let simulator = start(&options, seed).map_err(|error| {
        let advice = format!(
            "port {} of 127.0.0.1 cannot be opened: {error}; choose another with --port",
            options.port
        );
        io::Error::new(error.kind(), advice)
    })?;
    if options.fault_rate > 0.0 {
        simulator
            .faults()
            .seeded(seed, FaultPlan::survivable(options.fault_rate));
    }
    simulator.clock().set_speed(options.speed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let told = termination()?;
        announce(&simulator, &options, seed)?;
        ended(told, options.exit_after.map(Duration::from_secs_f64)).await
    })
}

fn start(options: &Options, seed: u64) -> io::Result<Simulator> {
    let lifecycle = Lifecycle::default()
        .creation(Duration::from_secs_f64(options.creation_time))
        .run(Duration::from_secs_f64(options.analysis_time))
        .jitter(0.25, seed)
        .run_failure_share(options.failure_share)
        .creation_failure_share(options.creation_failure_share);
    let mut builder = Simulator::builder()
        .port(options.port)
        .seed(seed)
        .token_lifetime(Duration::from_secs(options.token_lifetime))
        .lifecycle(lifecycle)
        .default_page_size(options.page_size as usize)
        .max_page_size(options.max_page_size)
        .max_items(options.max_items)
        .end_of_list(EndOfList::Cycle)
        .record(false);
    for key in &options.api_key {
        builder = builder.api_key(key);
    }
    for project in &options.project_id {
        builder = builder.project(project);
    }
    if options.v3_only {
        builder = builder.versions([ApiVersion::V3]);
    }
    builder.start()
}

fn announce(simulator: &Simulator, options: &Options, seed: u64) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", simulator.base_url())?;
    out.flush()?;
    if options.quiet {
        return Ok(());
    }
    let mut err = io::stderr().lock();
    writeln!(err, "# A simulator, not ICA; Ctrl-C ends it. Its seed is {seed}.")?;
    writeln!(err, "export ICAV2_BASE_URL={}", simulator.base_url())?;
    writeln!(err, "export ICAV2_API_KEY={}", simulator.api_key())?;
    writeln!(err, "export ICAV2_PROJECT_ID={}", simulator.project_id())
}

/// Waits for Ctrl-C, for being told to end, or for the end of the time.
async fn ended(told: impl Future<Output = ()>, after: Option<Duration>) -> io::Result<()> {
    let time = async {
        match after {
            Some(after) => tokio::time::sleep(after).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        () = told => Ok(()),
        () = time => Ok(()),
    }
}

/// SIGTERM, caught from the call on.
#[cfg(unix)]
fn termination() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signal = signal(SignalKind::terminate())?;
    Ok(async move {
        signal.recv().await;
    })
}

#[cfg(not(unix))]
fn termination() -> io::Result<impl Future<Output = ()>> {
    Ok(std::future::pending())
}

fn number(text: &str, fits: impl Fn(f64) -> bool, what: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| fits(*number));
    number.ok_or_else(|| format!("give {what}"))
}

fn share(text: &str) -> Result<f64, String> {
    number(text, |share| (0.0..=1.0).contains(&share), "a number from 0 to 1")
}

fn seconds(text: &str) -> Result<f64, String> {
    number(
        text,
        |seconds| (0.0..=1e9).contains(&seconds),
        "a number of seconds from 0 to 1000000000",
    )
}

fn speed(text: &str) -> Result<f64, String> {
    number(
        text,
        |speed| (0.0..=1e9).contains(&speed),
        "a number from 0 to 1000000000",
    )
}
