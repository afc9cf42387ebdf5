//! The client, the project and the journal of a command, opened when they are needed.

use std::fmt::Display;
use std::fs;
use std::path::PathBuf;

use ica_batch_sdk_ext::{Client, Credentials, ErrorKind, Icav2Session, Journal, JournalEntry, Project, Submission};

use crate::advice;
use crate::failure::Failure;
use crate::global::Global;
use crate::messages;
use crate::settings::{self, Profile};
use crate::signals::SignalSource;

/// Settings of a command, and what it opens with them.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) profile: Profile,
    /// Signals, for a command that handles them itself.
    pub(crate) signals: SignalSource,
    /// Returns the whole command line, which is above the commands.
    command_line: fn() -> clap::Command,
}

/// Credential, and where it was found.
#[derive(Debug)]
pub(crate) struct FoundCredentials {
    pub(crate) credentials: Credentials,
    pub(crate) source: String,
    /// Project of the session of icav2.
    pub(crate) project: Option<String>,
}

impl Context {
    /// Reads the profile, unless the command needs none.
    pub(crate) fn new(
        global: Global,
        needs_profile: bool,
        command_line: fn() -> clap::Command,
    ) -> Result<Self, Failure> {
        let profile = match needs_profile {
            true => settings::profile(&global)?,
            false => Profile::default(),
        };
        Ok(Self {
            global,
            profile,
            signals: SignalSource::default(),
            command_line,
        })
    }

    /// Returns the whole command line, to describe it.
    pub(crate) fn command_line(&self) -> clap::Command {
        (self.command_line)()
    }

    /// Returns the base URL of the settings, if one is set.
    pub(crate) fn base_url(&self) -> Option<&str> {
        let set = self.global.base_url.as_deref().map(str::trim);
        set.filter(|url| !url.is_empty()).or(self.profile.base_url.as_deref())
    }

    /// Returns the id of the project of the settings, if one is set.
    pub(crate) fn project_id(&self) -> Option<&str> {
        let set = self.global.project.as_deref().map(str::trim);
        set.filter(|id| !id.is_empty()).or(self.profile.project.as_deref())
    }

    /// Returns the credentials: the environment's, the profile's, or those of the session of icav2.
    pub(crate) fn credentials(&self) -> Result<FoundCredentials, Failure> {
        for variable in ["ICAV2_ACCESS_TOKEN", "ICAV2_API_KEY"] {
            if std::env::var_os(variable).is_some_and(|value| !value.is_empty()) {
                return Ok(FoundCredentials {
                    credentials: Credentials::from_env()?,
                    source: variable.to_owned(),
                    project: None,
                });
            }
        }
        if let Some(path) = &self.profile.api_key_file {
            let key = fs::read_to_string(path).map_err(|error| {
                Failure::rejected(format!("could not read the API key in {}: {error}", path.display()))
            })?;
            return Ok(FoundCredentials {
                credentials: Credentials::api_key(key.trim())?,
                source: format!("file {}", path.display()),
                project: None,
            });
        }
        match Icav2Session::load() {
            Ok(session) => Ok(FoundCredentials {
                credentials: session.credentials(),
                source: "session of icav2".to_owned(),
                project: session.project_id().map(ToOwned::to_owned),
            }),
            Err(error) if error.kind() == ErrorKind::InvalidInput => Err(Failure::rejected(format!(
                "no credentials: neither ICAV2_ACCESS_TOKEN nor ICAV2_API_KEY is set, and {error}"
            ))
            .next("set ICAV2_API_KEY to an API key")),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns a client for a base URL, or for that of the settings.
    pub(crate) fn client(&self, base_url: Option<&str>, found: &FoundCredentials) -> Result<Client, Failure> {
        let mut builder = Client::builder().credentials(found.credentials.clone());
        if let Some(url) = base_url.or(self.base_url()) {
            builder = builder.base_url(url);
        }
        if self.global.allow_http {
            builder = builder.allow_http();
        }
        let client = builder.build()?;
        advice::set_server(client.base_url());
        Ok(client)
    }

    /// Returns the project of the settings, or of the session of icav2.
    pub(crate) fn project(&self) -> Result<Project, Failure> {
        let found = self.credentials()?;
        let Some(id) = self.project_id().or(found.project.as_deref()) else {
            return Err(Failure::rejected("no project: its id is not set")
                .next("add --project ID, or set ICAV2_PROJECT_ID; the id is on the details page of the project"));
        };
        Ok(self.client(None, &found)?.project(id)?)
    }

    /// Returns the project of a submission in the journal.
    pub(crate) fn project_of(&self, base_url: &str, id: &str) -> Result<Project, Failure> {
        let found = self.credentials()?;
        Ok(self.client(Some(base_url), &found)?.project(id)?)
    }

    /// Returns the path of the journal.
    pub(crate) fn journal_path(&self) -> Result<PathBuf, Failure> {
        let set = self.global.journal.clone().or_else(|| self.profile.journal.clone());
        set.map_or_else(settings::default_journal, Ok)
    }

    /// Opens the journal, and creates it if it does not exist.
    pub(crate) fn journal(&self) -> Result<Journal, Failure> {
        let path = self.journal_path()?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| {
                Failure::usage(format!("could not create the folder {}: {error}", folder.display()))
                    .next("choose another place for the journal with --journal")
            })?;
        }
        Ok(Journal::open(path)?)
    }

    /// Opens a journal that must exist, for reading. Another process may send with it meanwhile.
    pub(crate) fn journal_to_read(&self) -> Result<Journal, Failure> {
        let path = self.journal_path()?;
        if !path.exists() {
            return Err(Failure::rejected(format!("there is no journal at {}", path.display()))
                .next("submit a manifest first, or name the journal with --journal"));
        }
        Ok(Journal::options().read_only(true).open(path)?)
    }

    /// Returns a submission of the journal, to read its analyses in ICA or to change them.
    pub(crate) fn submission(&self, entry: &JournalEntry) -> Result<Submission, Failure> {
        let project = self.project_of(entry.base_url(), entry.project())?;
        Ok(project.submission(entry.name(), &self.journal()?))
    }

    /// Writes a line for people to standard error, unless only errors are wanted.
    pub(crate) fn tell(&self, text: impl Display) {
        if !self.global.quiet {
            messages::text(text);
        }
    }
}
