//! The server: the one that the environment names, otherwise a simulator in a process of its own.
//!
//! The memory of a simulator ends with its process. This program is meant to be killed, so the
//! simulator must not run inside it: the program starts itself a second time, in the role of the
//! simulator. A run after a kill finds that process by the base URL in the journal.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Client, Credentials, Journal, PollInterval, Project, Uuid};
use ica_simulator::{Lifecycle, Simulator};

/// Argument that starts this program as the simulator.
pub(crate) const SIMULATE: &str = "--simulate";

const API_KEY: &str = "cohort-example";
const PROJECT: &str = "0195c0de-6d7c-7b54-9d1c-3b1f7f1f5a01";
const PIPELINE: &str = "5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f";
/// Time without a request after which the simulator ends.
const IDLE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    description: String,
    project: Project,
    pipeline_id: String,
    is_simulator: bool,
}

impl Server {
    /// Takes the server that the environment names, the running simulator of an earlier run, or a
    /// new one.
    pub(crate) async fn choose(journal: &Journal, submission: &str) -> anyhow::Result<Self> {
        let is_set = |name| env::var(name).is_ok_and(|value| !value.is_empty());
        let has_credential = is_set("ICAV2_ACCESS_TOKEN") || is_set("ICAV2_API_KEY");
        if is_set("ICAV2_BASE_URL") && is_set("ICAV2_PROJECT_ID") && has_credential {
            return Self::from_env();
        }
        let entries = journal.submissions()?;
        let earlier = entries.iter().rev().find(|entry| {
            (entry.name(), entry.project()) == (submission, PROJECT)
                && entry.base_url().starts_with("http://127.0.0.1:")
        });
        let Some(earlier) = earlier else {
            return Self::simulator(&start()?, "just started");
        };
        let base_url = earlier.base_url();
        if is_running(base_url).await? {
            return Self::simulator(base_url, "started by an earlier run");
        }
        println!(
            "the simulator of an earlier run at {base_url} has ended, and its {} analyses with it; this run starts from nothing",
            earlier.counts().created
        );
        Self::simulator(&start()?, "just started")
    }

    fn from_env() -> anyhow::Result<Self> {
        let pipeline_id =
            env::var("ICA_PIPELINE_ID").context("set ICA_PIPELINE_ID to the id of the pipeline to run")?;
        Ok(Self {
            description: format!("{} (from ICAV2_BASE_URL)", env::var("ICAV2_BASE_URL")?),
            project: Client::from_env()?.project_from_env()?,
            pipeline_id,
            is_simulator: false,
        })
    }

    fn simulator(base_url: &str, origin: &str) -> anyhow::Result<Self> {
        Ok(Self {
            description: format!("a simulator at {base_url}, {origin}; it ends after one minute without a request"),
            project: client(base_url, RetryPolicy::default())?.project(PROJECT)?,
            pipeline_id: PIPELINE.to_owned(),
            is_simulator: true,
        })
    }

    pub(crate) fn description(&self) -> &str {
        &self.description
    }

    pub(crate) fn project(&self) -> &Project {
        &self.project
    }

    pub(crate) fn pipeline_id(&self) -> &str {
        &self.pipeline_id
    }

    /// Returns the pause after each chunk. The simulator responds at once; the pause leaves time to
    /// kill this program.
    pub(crate) fn pause(&self) -> Duration {
        Duration::from_millis(if self.is_simulator { 30 } else { 0 })
    }

    /// Returns the poll interval of batches. Time passes faster in the simulator.
    pub(crate) fn poll_interval(&self) -> PollInterval {
        match self.is_simulator {
            true => PollInterval::new(Duration::from_millis(100), Duration::from_millis(300)),
            false => PollInterval::default(),
        }
    }
}

fn client(base_url: &str, retry: RetryPolicy) -> anyhow::Result<Client> {
    let credentials = Credentials::api_key_direct(API_KEY)?;
    let builder = Client::builder().base_url(base_url).credentials(credentials);
    Ok(builder.retry(retry).build()?)
}

/// Returns whether a simulator with our API key and project runs there: it has no batch with the
/// nil id, and says so with an ICA code.
async fn is_running(base_url: &str) -> anyhow::Result<bool> {
    let project = client(base_url, RetryPolicy::never())?.project(PROJECT)?;
    let result = project.batch(Uuid::nil()).get().await;
    Ok(result.is_err_and(|error| error.is_not_found() && error.code().is_some_and(|code| code.starts_with("ICA_"))))
}

/// Starts this program as the simulator, and returns the base URL.
fn start() -> anyhow::Result<String> {
    let mut command = Command::new(env::current_exe()?);
    command.arg(SIMULATE);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // In its own process group, so that Ctrl-C ends this program and not the simulator.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut simulator = command.spawn().context("could not start the simulator")?;
    let output = simulator
        .stdout
        .take()
        .context("the output of the simulator is piped")?;
    let mut base_url = String::new();
    BufReader::new(output).read_line(&mut base_url)?;
    Ok(base_url.trim_end().to_owned())
}

/// Simulates ICA until no request has arrived for a minute. The first line of output is the base
/// URL.
///
/// The creation of a batch takes a minute of simulated time, and a simulated hour takes four
/// seconds.
pub(crate) async fn simulate() -> anyhow::Result<()> {
    let lifecycle = Lifecycle::default()
        .creation(Duration::from_secs(60))
        .run(Duration::from_secs(30 * 60))
        .jitter(0.8, 24);
    let simulator = Simulator::builder()
        .lifecycle(lifecycle)
        .api_key(API_KEY)
        .project(PROJECT);
    let simulator = simulator.start()?;
    simulator.clock().set_speed(900.0);
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", simulator.base_url())?;
    output.flush()?;
    drop(output);
    loop {
        simulator.clear_requests();
        tokio::time::sleep(IDLE).await;
        if simulator.requests().is_empty() {
            return Ok(());
        }
    }
}
