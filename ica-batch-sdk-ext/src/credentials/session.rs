//! Login of the icav2 command line, for users who have it beside this crate.
//!
//! The command line writes the token of its login and the project that was entered to
//! `~/.icav2/.session.ica.yaml`, under the keys `access-token` and `project-id`. Its settings are
//! in `config.yaml` in the same folder. Illumina documents these paths, and `.session.ica` and
//! `.config` for Windows. The keys are those that the published tools around icav2 read. The API
//! key of the settings, `x-api-key`, may be encrypted, as a binary value. Such a key is recognized
//! and never sent.
//!
//! Nothing is written. The token is read once. A token that the command line renews later is found
//! by loading the session again.

use std::fmt;
use std::path::{Path, PathBuf};

use super::flat_yaml::{self, Value};
use super::session_file::SessionFile;
use super::{AccessToken, CredentialKind, Credentials, parse_secret};
use crate::error::{Error, Result};

const FOLDER: &str = ".icav2";
const SESSION: &str = if cfg!(windows) {
    ".session.ica"
} else {
    ".session.ica.yaml"
};
const CONFIGS: [&str; 2] = ["config.yaml", ".config"];
const KEYS: [&str; 3] = ["x-api-key", "apikey", "api-key"];
const ADVICE: &str = "log in with the icav2 command line, or set ICAV2_API_KEY or ICAV2_ACCESS_TOKEN";

/// Login of the icav2 command line: its credentials and its project.
///
/// The token of the session is used as a [`bearer`](Credentials::bearer). Without a token, an API
/// key in `config.yaml` beside the session is used as an [`api_key`](Credentials::api_key), unless
/// it is encrypted.
///
/// A file must be a regular file of at most 1 MiB, or a link to one. If the file with the token or
/// key can be read by other users of the machine, a warning is written as a `tracing` event with the
/// target `ica_batch_sdk_ext::credentials`. It names the path and the mode of the file. This is
/// checked on Unix only.
///
/// ```
/// use ica_batch_sdk_ext::{Client, Icav2Session};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join(".session.ica.yaml");
/// std::fs::write(&path, "access-token: my-token\nproject-id: my-project\n")?;
///
/// let session = Icav2Session::load_from(&path)?;
/// let client = Client::builder().credentials(session.credentials()).build()?;
/// assert_eq!(session.project_id(), Some("my-project"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Icav2Session {
    path: PathBuf,
    credentials: Credentials,
    project_id: Option<String>,
}

impl Icav2Session {
    /// Reads `~/.icav2/.session.ica.yaml`, on Windows `.session.ica`.
    ///
    /// ```
    /// use ica_batch_sdk_ext::Icav2Session;
    ///
    /// # let home = tempfile::tempdir()?;
    /// # let folder = home.path().join(".icav2");
    /// # std::fs::create_dir(&folder)?;
    /// # let name = if cfg!(windows) { ".session.ica" } else { ".session.ica.yaml" };
    /// # std::fs::write(folder.join(name), "access-token: my-token\nproject-id: my-project\n")?;
    /// # // SAFETY: no other thread of this program reads or writes the environment.
    /// # unsafe {
    /// #     std::env::set_var("HOME", home.path());
    /// #     std::env::set_var("USERPROFILE", home.path());
    /// # }
    /// // After a login with icav2 and `icav2 projects enter my-project`:
    /// let session = Icav2Session::load()?;
    /// assert_eq!(session.project_id(), Some("my-project"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when there is no home directory, or as
    /// [`load_from`](Self::load_from).
    pub fn load() -> Result<Self> {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        let Some(home) = home else {
            return Err(Error::invalid_input(
                "could not find the icav2 session: there is no home directory; give the path of the session file",
            ));
        };
        Self::load_from(home.join(FOLDER).join(SESSION))
    }

    /// Reads a session file at another path. The settings are read from the same folder.
    ///
    /// ```
    /// use ica_batch_sdk_ext::Icav2Session;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join(".session.ica.yaml");
    /// let error = Icav2Session::load_from(&path).unwrap_err();
    /// assert!(error.to_string().starts_with("could not find a login of icav2"));
    ///
    /// std::fs::write(path.with_file_name("config.yaml"), "x-api-key: my-api-key\n")?;
    /// let session = Icav2Session::load_from(&path)?;
    /// assert_eq!(format!("{:?}", session.credentials()), "Credentials(ApiKey)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when a file cannot be read, is not a
    /// regular file or is larger than 1 MiB, when the session has no token and the settings have no
    /// key, and when the key is encrypted. Each error says what to do.
    pub fn load_from(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let session = SessionFile::read(path)?;
        let credentials = match session.as_ref().map(token).transpose()?.flatten() {
            Some(credentials) => credentials,
            None => key_from_settings(path)?,
        };
        Ok(Self {
            path: path.to_owned(),
            credentials,
            project_id: session.and_then(|session| text(session.text(), "project-id")),
        })
    }

    /// Returns the credentials of the command line.
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// Returns the project that was entered with `icav2 projects enter`, if one was.
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }
}

impl fmt::Debug for Icav2Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Icav2Session")
            .field("path", &self.path)
            .field("credentials", &self.credentials)
            .field("project_id", &self.project_id)
            .finish()
    }
}

fn text(document: &str, key: &str) -> Option<String> {
    match flat_yaml::value(document, key)? {
        Value::Text(text) => Some(text),
        Value::Other => None,
    }
}

fn token(session: &SessionFile) -> Result<Option<Credentials>> {
    let text = match flat_yaml::value(session.text(), "access-token") {
        None => return Ok(None),
        Some(Value::Text(text)) => text,
        // The check below rejects it, with the text for such tokens.
        Some(Value::Other) => "\u{fffd}".to_owned(),
    };
    let secret = parse_secret(&format!("access-token in {}", session.path().display()), text)?;
    session.warn_if_open();
    Ok(Some(CredentialKind::Bearer(AccessToken::from_secret(secret)).into()))
}

/// Returns the API key in the settings beside a session without a token.
fn key_from_settings(session: &Path) -> Result<Credentials> {
    for name in CONFIGS {
        let path = session.with_file_name(name);
        let Some(config) = SessionFile::read(&path)? else {
            continue;
        };
        for key in KEYS {
            let text = match flat_yaml::value(config.text(), key) {
                None => continue,
                Some(Value::Text(text)) => text,
                Some(Value::Other) => return Err(encrypted(key, &path)),
            };
            let secret = parse_secret(&format!("{key} in {}", path.display()), text)?;
            config.warn_if_open();
            return Ok(CredentialKind::ApiKey(secret).into());
        }
    }
    Err(Error::invalid_input(format!(
        "could not find a login of icav2: there is no token in {} and no API key in the settings beside it; {ADVICE}",
        session.display()
    )))
}

fn encrypted(key: &str, path: &Path) -> Error {
    Error::invalid_input(format!(
        "could not use the {key} in {}: the icav2 command line has encrypted it, so other programs cannot read it; \
         {ADVICE}",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::Icav2Session;
    use crate::credentials::CredentialKind;
    use crate::error::Result;

    fn folder(files: &[(&str, &[u8])]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    fn load(files: &[(&str, &[u8])]) -> Result<Icav2Session> {
        Icav2Session::load_from(folder(files).path().join(".session.ica.yaml"))
    }

    fn error_text(files: &[(&str, &[u8])]) -> String {
        let error = load(files).unwrap_err();
        assert!(error.is_invalid_input());
        error.to_string()
    }

    #[test]
    fn the_token_and_the_project_of_the_session_are_read() {
        let session = load(&[(".session.ica.yaml", b"access-token: hush\nproject-id: \"p-1\"\n")]).unwrap();
        assert_eq!(session.project_id(), Some("p-1"));
        assert!(
            matches!(session.credentials().kind(), CredentialKind::Bearer(token) if token.secret().expose() == "hush")
        );
        let shown = format!("{session:?}");
        assert!(
            shown.contains("Credentials(Bearer)") && !shown.contains("hush"),
            "{shown}"
        );
    }

    #[test]
    fn a_plain_key_in_the_settings_is_used_without_a_token() {
        let config: &[u8] = b"server-url: ica.illumina.com\nx-api-key: k-1\n";
        let session = load(&[
            (".session.ica.yaml", b"access-token: \"\"\nproject-id: p-1\n"),
            ("config.yaml", config),
        ]);
        let session = session.unwrap();
        assert_eq!(session.project_id(), Some("p-1"));
        assert!(matches!(session.credentials().kind(), CredentialKind::ApiKey(key) if key.expose() == "k-1"));
        let session = load(&[(".config", b"apikey: k-2\n")]).unwrap();
        assert!(matches!(session.credentials().kind(), CredentialKind::ApiKey(key) if key.expose() == "k-2"));
    }

    #[test]
    fn the_error_of_an_encrypted_key_does_not_show_it() {
        let encrypted: [&[u8]; 3] = [
            b"x-api-key: !!binary HTeWxIUa6Q==",
            b"x-api-key: |-\n  HTeWx",
            b"x-api-key: HTeWx\xff\xfe",
        ];
        for config in encrypted {
            let error = error_text(&[("config.yaml", config)]);
            assert!(
                error.contains("config.yaml: the icav2 command line has encrypted it"),
                "{error}"
            );
            assert!(error.ends_with("or set ICAV2_API_KEY or ICAV2_ACCESS_TOKEN"), "{error}");
            assert!(!error.contains("HTeWx"), "{error}");
        }
    }

    #[test]
    fn an_encrypted_key_does_not_matter_when_there_is_a_token() {
        let files: [(&str, &[u8]); 2] = [
            (".session.ica.yaml", b"access-token: t-1"),
            ("config.yaml", b"x-api-key: !!binary HTeW"),
        ];
        assert!(matches!(
            load(&files).unwrap().credentials().kind(),
            CredentialKind::Bearer(_)
        ));
    }

    #[test]
    fn the_error_without_a_login_names_the_path_and_what_to_do() {
        for files in [&[][..], &[(".session.ica.yaml", b"project-id: p-1\n" as &[u8])]] {
            let error = error_text(files);
            assert!(
                error.starts_with("could not find a login of icav2: there is no token in /") || cfg!(windows),
                "{error}"
            );
            assert!(
                error.contains(".session.ica.yaml and no API key in the settings beside it; log in with the icav2"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_invalid_token_is_rejected_with_its_path() {
        for session in [&b"access-token: hush hush"[..], b"access-token: !!binary aHVzaA=="] {
            let error = error_text(&[(".session.ica.yaml", session)]);
            assert!(error.contains("access-token in ") && !error.contains("hush"), "{error}");
        }
    }
}
