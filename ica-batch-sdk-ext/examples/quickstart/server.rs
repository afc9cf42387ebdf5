//! The server: the one that the environment names, otherwise a simulator in this process.

use std::env;
use std::time::Duration;

use anyhow::{Context, bail};
use ica_batch_sdk_ext::{Client, Credentials, PollInterval, Project};
use ica_simulator::{Lifecycle, Simulator};

const BASE_URL: &str = "ICAV2_BASE_URL";
const PROJECT_ID: &str = "ICAV2_PROJECT_ID";
const PIPELINE_ID: &str = "ICA_PIPELINE_ID";
const API_KEY: &str = "ICAV2_API_KEY";
const ACCESS_TOKEN: &str = "ICAV2_ACCESS_TOKEN";

pub(crate) struct Server {
    description: String,
    project: Project,
    pipeline_id: String,
    poll_interval: PollInterval,
    /// Runs until it is dropped.
    _simulator: Option<Simulator>,
}

impl Server {
    pub(crate) fn choose() -> anyhow::Result<Self> {
        if is_in_environment(is_set)? {
            Self::from_env()
        } else {
            Self::simulator()
        }
    }

    fn from_env() -> anyhow::Result<Self> {
        Ok(Self {
            description: env::var(BASE_URL).unwrap_or_else(|_| "the public ICA".to_owned()),
            project: Client::from_env()?.project_from_env()?,
            pipeline_id: env::var(PIPELINE_ID).context(PIPELINE_ID)?.trim().to_owned(),
            poll_interval: PollInterval::default(),
            _simulator: None,
        })
    }

    /// Starts a simulator. An analysis takes half an hour of simulated time, which is two seconds.
    fn simulator() -> anyhow::Result<Self> {
        let lifecycle = Lifecycle::default()
            .creation(Duration::from_secs(60))
            .run(Duration::from_secs(30 * 60))
            .jitter(0.8, 24);
        let simulator = Simulator::builder().lifecycle(lifecycle).start()?;
        simulator.clock().set_speed(900.0);
        let client = Client::builder()
            .base_url(simulator.base_url())
            .credentials(Credentials::api_key(simulator.api_key())?)
            .build()?;
        Ok(Self {
            description: format!("a simulator in this process, at {}", simulator.base_url()),
            project: client.project(simulator.project_id())?,
            pipeline_id: simulator.pipeline_id().to_string(),
            poll_interval: PollInterval::new(Duration::from_millis(100), Duration::from_millis(300)),
            _simulator: Some(simulator),
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

    /// Returns the poll interval of the batch. Time passes faster in the simulator.
    pub(crate) fn poll_interval(&self) -> PollInterval {
        self.poll_interval
    }
}

/// Returns whether the environment names a server. A part of the variables is an error, so that the
/// simulator is not mistaken for ICA.
fn is_in_environment(is_set: impl Fn(&str) -> bool) -> anyhow::Result<bool> {
    let variables = [BASE_URL, PROJECT_ID, PIPELINE_ID, API_KEY, ACCESS_TOKEN];
    let set = variables.into_iter().filter(|name| is_set(name)).collect::<Vec<_>>();
    if set.is_empty() {
        return Ok(false);
    }
    // Without a base URL, a client uses the public ICA.
    let required = [PROJECT_ID, PIPELINE_ID];
    let mut missing = required
        .into_iter()
        .filter(|name| !is_set(name))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    if !is_set(API_KEY) && !is_set(ACCESS_TOKEN) {
        missing.push(format!("{API_KEY} or {ACCESS_TOKEN}"));
    }
    if missing.is_empty() {
        return Ok(true);
    }
    bail!(
        "could not choose a server: these variables are not set: {}; set them too, \
         or unset {} to use a simulator in this process",
        missing.join(", "),
        set.join(", ")
    )
}

/// An empty or blank variable counts as not set, as it does for the client.
fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::is_in_environment;

    fn choose(set: &[&str]) -> Result<bool, String> {
        is_in_environment(|name| set.contains(&name)).map_err(|error| error.to_string())
    }

    #[test]
    fn without_variables_the_simulator_is_used() {
        assert_eq!(choose(&[]), Ok(false));
    }

    #[test]
    fn project_pipeline_and_a_credential_are_enough() {
        for credential in ["ICAV2_API_KEY", "ICAV2_ACCESS_TOKEN"] {
            assert_eq!(choose(&["ICAV2_PROJECT_ID", "ICA_PIPELINE_ID", credential]), Ok(true));
        }
    }

    #[test]
    fn the_error_names_all_missing_variables() {
        assert_eq!(
            choose(&["ICAV2_BASE_URL"]).unwrap_err(),
            "could not choose a server: these variables are not set: ICAV2_PROJECT_ID, ICA_PIPELINE_ID, \
             ICAV2_API_KEY or ICAV2_ACCESS_TOKEN; set them too, or unset ICAV2_BASE_URL to use a simulator in this \
             process"
        );
        let error = choose(&["ICAV2_BASE_URL", "ICAV2_PROJECT_ID", "ICAV2_API_KEY"]).unwrap_err();
        assert!(error.contains("are not set: ICA_PIPELINE_ID;"), "{error}");
    }
}
