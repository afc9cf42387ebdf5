//! Whom to talk to: the real ICA where the environment names it, a simulator in this process otherwise.

use std::env;
use std::time::Duration;

use anyhow::{Context, bail};
use ica_batch_sdk_ext::{Client, Credentials, PollInterval};
use ica_simulator::{Lifecycle, Simulator};

pub(crate) enum Target {
    Ica {
        base_url: String,
        project_id: String,
        pipeline_id: String,
    },
    Simulator(Simulator),
}

impl Target {
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let (Some(base_url), Some(project_id)) = (var("ICAV2_BASE_URL"), var("ICAV2_PROJECT_ID")) else {
            return Self::simulator();
        };
        if credential_from_env()?.is_none() {
            return Self::simulator();
        }
        let pipeline_id = var("ICA_PIPELINE_ID").context("set ICA_PIPELINE_ID to the id of the pipeline to run")?;
        Ok(Self::Ica {
            base_url,
            project_id,
            pipeline_id,
        })
    }

    /// A run takes about half an hour of simulated time, which pass in three seconds.
    fn simulator() -> anyhow::Result<Self> {
        let lifecycle = Lifecycle::default()
            .creation(Duration::from_secs(60))
            .run(Duration::from_secs(30 * 60))
            .jitter(0.8, 24);
        let simulator = Simulator::builder().lifecycle(lifecycle).start()?;
        simulator.clock().set_speed(900.0);
        Ok(Self::Simulator(simulator))
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Ica { base_url, .. } => base_url.clone(),
            Self::Simulator(simulator) => format!(
                "a simulator at {} (set ICAV2_BASE_URL, ICAV2_PROJECT_ID and a credential for the real ICA)",
                simulator.base_url()
            ),
        }
    }

    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let (base_url, credentials) = match self {
            Self::Ica { base_url, .. } => (base_url.clone(), credential_from_env()?),
            Self::Simulator(simulator) => (
                simulator.base_url(),
                Some(Credentials::api_key_direct(simulator.api_key())?),
            ),
        };
        let Some(credentials) = credentials else {
            bail!("set ICAV2_ACCESS_TOKEN or ICAV2_API_KEY");
        };
        Ok(Client::builder().base_url(base_url).credentials(credentials).build()?)
    }

    pub(crate) fn project_id(&self) -> &str {
        match self {
            Self::Ica { project_id, .. } => project_id,
            Self::Simulator(simulator) => simulator.project_id(),
        }
    }

    pub(crate) fn pipeline_id(&self) -> &str {
        match self {
            Self::Ica { pipeline_id, .. } => pipeline_id,
            Self::Simulator(_) => "5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f",
        }
    }

    /// How often to look at the batch: time passes quickly in the simulator.
    pub(crate) fn poll_interval(&self) -> PollInterval {
        match self {
            Self::Ica { .. } => PollInterval::default(),
            Self::Simulator(_) => PollInterval::new(Duration::from_millis(100), Duration::from_millis(300)),
        }
    }
}

fn credential_from_env() -> anyhow::Result<Option<Credentials>> {
    if let Some(token) = var("ICAV2_ACCESS_TOKEN") {
        return Ok(Some(Credentials::bearer(token)?));
    }
    let key = var("ICAV2_API_KEY").map(Credentials::api_key_direct);
    Ok(key.transpose()?)
}

fn var(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
