//! `ica-batch login`: who the user is, until when, and where each setting comes from.

use std::fmt::Write as _;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use ica_batch_sdk_ext::{CallerIdentity, Client, ErrorKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::{Context, FoundCredentials};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::messages;
use crate::output::{Column, OutputOptions, Record, column_names};
use crate::settings;
use crate::suggestion::Suggested;

/// Shows which user, server and project the other commands use, and checks that they work.
///
/// It gets a token and lists the pipelines of the project. It changes nothing, and stores nothing:
/// the credential stays where it is. No secret is shown.
#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.hide_possible_values(true).value_parser(Suggested(column_names::<Setting>))))]
pub(crate) struct Login {
    #[command(flatten)]
    output: OutputOptions,
}

/// Settings in the order in which they are shown: who the user is comes first.
const ORDER: [&str; 10] = [
    "user",
    "issuer",
    "valid_until",
    "credential",
    "server",
    "project",
    "pipelines",
    "profile",
    "config",
    "journal",
];

/// A setting, its value, and where the value comes from.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Setting {
    /// Name: `config`, `profile`, `journal`, `server`, `credential`, `user`, `issuer`,
    /// `valid_until`, `project` or `pipelines`.
    setting: &'static str,
    /// Value. Null if it is not set or not known. That of a credential is its kind: no secret is
    /// shown.
    value: Option<String>,
    /// Place that the value comes from: a flag, a variable, a file, or `default`.
    source: String,
}

impl Record for Setting {
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("setting", |row, cell| cell.write_str(row.setting)),
        Column::new("value", |row, cell| {
            cell.write_str(row.value.as_deref().unwrap_or_default())
        }),
        Column::new("source", |row, cell| cell.write_str(&row.source)),
    ];
}

impl Setting {
    fn new(setting: &'static str, value: Option<String>, source: impl Into<String>) -> Self {
        Self {
            setting,
            value,
            source: source.into(),
        }
    }
}

impl Login {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut output = self.output.open::<Setting>()?;
        let mut rows = Vec::new();
        let checked = check(context, &mut rows).await;
        rows.sort_by_key(|row| ORDER.iter().position(|name| *name == row.setting));
        // The known settings help to find out why a check failed.
        for row in &rows {
            output.write(row)?;
        }
        output.finish()?;
        checked.map(|()| Exit::Done)
    }
}

/// Collects the settings, and checks the credential and the project.
async fn check(context: &Context, rows: &mut Vec<Setting>) -> Result<(), Failure> {
    let global = &context.global;
    let config = settings::config_path(global)?;
    let has_config = config.exists();
    rows.push(Setting::new(
        "config",
        Some(config.display().to_string()),
        match &global.config {
            Some(path) => given("--config", "ICA_BATCH_CONFIG", path.as_os_str()),
            None if has_config => "default".to_owned(),
            None => "default, does not exist".to_owned(),
        },
    ));
    if let Some(profile) = &global.profile {
        let source = given("--profile", "ICA_BATCH_PROFILE", profile.as_ref());
        rows.push(Setting::new("profile", Some(profile.clone()), source));
    }
    let source = match (&global.journal, &context.profile.journal) {
        (Some(path), _) => given("--journal", "ICA_BATCH_JOURNAL", path.as_os_str()),
        (None, Some(_)) => "config".to_owned(),
        (None, None) => "default".to_owned(),
    };
    let journal = context.journal_path()?.display().to_string();
    rows.push(Setting::new("journal", Some(journal), source));

    let found = context.credentials()?;
    let client = context.client(None, &found)?;
    let source = match (context.base_url(), &global.base_url) {
        (None, _) => "default".to_owned(),
        (Some(url), Some(set)) if set.trim() == url => given("--base-url", "ICAV2_BASE_URL", set.as_ref()),
        (Some(_), _) => "config".to_owned(),
    };
    rows.push(Setting::new("server", Some(client.base_url().to_owned()), source));
    rows.push(Setting::new("credential", None, found.source.clone()));
    let project = project(context, &found);
    rows.extend(
        project
            .as_ref()
            .map(|(id, source)| Setting::new("project", Some(id.clone()), source)),
    );

    let caller = client.caller_identity().await.map_err(|error| advise(error, &found))?;
    describe(&caller, rows);
    let Some((id, _)) = project else {
        rows.push(Setting::new("project", None, "not set"));
        messages::warning(
            "no project is set; add --project ID, or set ICAV2_PROJECT_ID; the id is on the details page of the project",
        );
        return Ok(());
    };
    read_project(&client, &id, &found, rows).await
}

/// Returns the source of a value that clap took from a flag or from a variable.
fn given(flag: &str, variable: &str, value: &std::ffi::OsStr) -> String {
    let is_of_variable = std::env::var_os(variable).is_some_and(|set| set == value);
    if is_of_variable { variable } else { flag }.to_owned()
}

/// Returns the id of the project, and where it comes from.
fn project(context: &Context, found: &FoundCredentials) -> Option<(String, String)> {
    let global = context.global.project.as_deref();
    match context.project_id() {
        Some(id) if global.is_some_and(|set| set.trim() == id) => {
            let source = given("--project", "ICAV2_PROJECT_ID", global.unwrap_or_default().as_ref());
            Some((id.to_owned(), source))
        }
        Some(id) => Some((id.to_owned(), "config".to_owned())),
        None => found.project.clone().map(|id| (id, found.source.clone())),
    }
}

/// Adds what the token says.
fn describe(caller: &CallerIdentity, rows: &mut Vec<Setting>) {
    if let Some(credential) = rows.iter_mut().find(|row| row.setting == "credential") {
        let kind = if caller.is_renewed() { "API key" } else { "token" };
        credential.value = Some(kind.to_owned());
    }
    rows.push(Setting::new("user", caller.user().map(ToOwned::to_owned), "token"));
    rows.push(Setting::new("issuer", caller.issuer().map(ToOwned::to_owned), "token"));
    let renewal = match caller.is_renewed() {
        true => "token, renewed while a command runs",
        false => "token, not renewed",
    };
    rows.push(Setting::new("valid_until", caller.expires_at().map(utc), renewal));
}

/// Reads something of the project. This proves that the user may use it.
async fn read_project(
    client: &Client,
    id: &str,
    found: &FoundCredentials,
    rows: &mut Vec<Setting>,
) -> Result<(), Failure> {
    let pipelines = client.project(id)?.pipelines().list().await;
    let pipelines = pipelines.map_err(|error| match error.is_not_found() {
        true => Failure::from(error).next("copy the id from the details page of the project in ICA"),
        false => advise(error, found),
    })?;
    rows.push(Setting::new("pipelines", Some(pipelines.len().to_string()), "project"));
    Ok(())
}

/// Names the place of a credential that does not work.
fn advise(error: ica_batch_sdk_ext::Error, found: &FoundCredentials) -> Failure {
    let is_refused = matches!(
        error.kind(),
        ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::Credentials
    );
    // A page of a proxy says nothing about the credential.
    let is_of_ica = error.problem().is_some() || error.status().is_none();
    let failure = Failure::from(error);
    match is_refused && is_of_ica {
        true => failure.next(format!("check the credential from {}", found.source)),
        false => failure,
    }
}

/// Returns a time in UTC, in whole seconds.
fn utc(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Secs, true)
}
