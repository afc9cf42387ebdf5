//! Settings: a flag wins over the environment, and the environment over the configuration file.
//!
//! clap joins flags and environment. Here, the profile of the configuration file fills what is left.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::Deserialize;

use crate::failure::Failure;
use crate::global::Global;

const FOLDER: &str = "ica-batch";
const FILE: &str = "config.toml";
const JOURNAL: &str = "journal.db";
const DEFAULT_PROFILE: &str = "default";

/// Profile of the configuration file: values that no flag and no variable has.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// Base URL of the API.
    pub(crate) base_url: Option<String>,
    /// Id of the project.
    pub(crate) project: Option<String>,
    /// Path of the journal.
    pub(crate) journal: Option<PathBuf>,
    /// Path of a file that contains an API key.
    pub(crate) api_key_file: Option<PathBuf>,
    /// Code, id or URN of the pipeline of rows without one.
    pub(crate) pipeline: Option<String>,
    /// Name or id of the storage size of rows without one.
    pub(crate) storage: Option<String>,
    /// Output folder of rows without one.
    pub(crate) output_folder: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
}

/// Returns the path of the configuration file.
pub(crate) fn config_path(global: &Global) -> Result<PathBuf, Failure> {
    match &global.config {
        Some(path) => Ok(path.clone()),
        None => Ok(directories()?.config_dir().join(FOLDER).join(FILE)),
    }
}

/// Returns the profile that the flags name, `default` without one.
pub(crate) fn profile(global: &Global) -> Result<Profile, Failure> {
    let (path, is_chosen) = (config_path(global)?, global.config.is_some());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_chosen && global.profile.is_none() => {
            return Ok(Profile::default());
        }
        Err(error) => {
            let what = format!("could not read the configuration file {}", path.display());
            return Err(Failure::rejected(format!("{what}: {error}"))
                .next("create the file, or name another one with --config"));
        }
    };
    choose(&text, &path, global.profile.as_deref())
}

fn choose(text: &str, path: &Path, name: Option<&str>) -> Result<Profile, Failure> {
    let file: File = toml::from_str(text).map_err(|error| {
        // The text of the file stays out of the message: somebody may have written a key into it.
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        let what = format!("line {line} of the configuration file {} is not valid", path.display());
        Failure::rejected(format!("{what}: {}", error.message()))
            .next("correct the file; an API key goes into a file that api_key_file names")
    })?;
    let mut profiles = file.profile;
    match profiles.remove(name.unwrap_or(DEFAULT_PROFILE)) {
        Some(profile) => Ok(profile.beside(path)),
        None if name.is_none() => Ok(Profile::default()),
        None => {
            let known = profiles.into_keys().collect::<Vec<_>>().join(", ");
            Err(Failure::rejected(format!(
                "the configuration file {} has no profile {:?}; it has: {known}",
                path.display(),
                name.unwrap_or_default()
            )))
        }
    }
}

impl Profile {
    /// Makes relative paths relative to the folder of the configuration file.
    fn beside(mut self, file: &Path) -> Self {
        let folder = file.parent().unwrap_or(Path::new(""));
        for path in [&mut self.journal, &mut self.api_key_file].into_iter().flatten() {
            *path = folder.join(&*path);
        }
        self
    }
}

/// Returns the path of the journal where no setting names one.
pub(crate) fn default_journal() -> Result<PathBuf, Failure> {
    let directories = directories()?;
    let state = directories.state_dir().unwrap_or_else(|| directories.data_dir());
    Ok(state.join(FOLDER).join(JOURNAL))
}

fn directories() -> Result<impl etcetera::BaseStrategy, Failure> {
    etcetera::choose_base_strategy().map_err(|error| {
        Failure::usage(format!("could not find the directories of the user: {error}"))
            .next("set HOME, or use --config and --journal")
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Profile, choose};

    const TEXT: &str = "[profile.default]\nproject = \"p-1\"\n[profile.test]\njournal = \"test.db\"\n";

    #[test]
    fn the_default_profile_is_taken_without_a_name() {
        let path = Path::new("/etc/ica-batch/config.toml");
        let profile = choose(TEXT, path, None).unwrap();
        assert_eq!(profile.project.as_deref(), Some("p-1"));
        assert_eq!(choose("", path, None).unwrap(), Profile::default());
    }

    #[test]
    fn relative_paths_begin_at_the_folder_of_the_file() {
        let profile = choose(TEXT, Path::new("/etc/ica-batch/config.toml"), Some("test")).unwrap();
        assert_eq!(profile.journal.as_deref(), Some(Path::new("/etc/ica-batch/test.db")));
    }

    #[test]
    fn unknown_profiles_and_keys_are_errors_that_name_the_known_ones() {
        let path = Path::new("config.toml");
        let unknown = format!("{:?}", choose(TEXT, path, Some("prod")).unwrap_err());
        assert!(unknown.contains("default, test"), "{unknown}");
        let key = format!(
            "{:?}",
            choose("[profile.default]\nproyect = \"a\"\n", path, None).unwrap_err()
        );
        assert!(key.contains("proyect") && key.contains("project"), "{key}");
    }
}
