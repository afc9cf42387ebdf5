//! The login of the icav2 command line, for those who use it beside this crate.
//!
//! The command line keeps the token of its login and the project that was entered in `~/.icav2/.session.ica.yaml`, under
//! the keys `access-token` and `project-id`, and its settings in `config.yaml` beside it. Illumina documents the places, on
//! Windows as `.session.ica` and `.config`; the keys are those that the published tools around icav2 read. The API key
//! of the settings, `x-api-key`, may be kept encrypted, as a binary value: that is recognised and never sent.
//!
//! Nothing is written. The token is read once; what the command line renews later is found by loading again.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::flat_yaml::{self, Value};
use super::{AccessToken, CredentialKind, Credentials, checked};
use crate::error::{Error, Result};

const FOLDER: &str = ".icav2";
const SESSION: &str = if cfg!(windows) {
    ".session.ica"
} else {
    ".session.ica.yaml"
};
const CONFIGS: [&str; 2] = ["config.yaml", ".config"];
const KEYS: [&str; 3] = ["x-api-key", "apikey", "api-key"];
const WHAT_TO_DO: &str = "log in with the icav2 command line, or set ICAV2_API_KEY or ICAV2_ACCESS_TOKEN";

/// The login of the icav2 command line: its credentials and its project.
///
/// The token of the session is used as a [`bearer`](Credentials::bearer). Where there is none, an API key that stands in
/// the clear in `config.yaml` beside the session is used as an [`api_key`](Credentials::api_key).
///
/// ```no_run
/// use ica_batch_sdk_ext::{Client, Icav2Session};
///
/// let session = Icav2Session::load()?;
/// let client = Client::builder().credentials(session.credentials()).build()?;
/// if let Some(id) = session.project_id() {
///     let project = client.project(id)?;
/// }
/// # Ok::<(), ica_batch_sdk_ext::Error>(())
/// ```
#[derive(Clone)]
pub struct Icav2Session {
    path: PathBuf,
    credentials: Credentials,
    project_id: Option<String>,
}

impl Icav2Session {
    /// Reads `~/.icav2/.session.ica.yaml` (on Windows `.session.ica`).
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when there is no home directory, or as
    /// [`load_from`](Self::load_from).
    pub fn load() -> Result<Self> {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        let Some(home) = home else {
            return Err(Error::invalid_input(
                "there is no home directory to find the icav2 session in; give the path of the session file",
            ));
        };
        Self::load_from(home.join(FOLDER).join(SESSION))
    }

    /// Reads a session file elsewhere. The settings are looked for beside it.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when a file cannot be read, when neither the session holds a token
    /// nor the settings a key, and when the key is encrypted; each says what to do.
    pub fn load_from(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let session = read(path)?.unwrap_or_default();
        let credentials = match token(&session, path)? {
            Some(credentials) => credentials,
            None => key_beside(path)?,
        };
        Ok(Self {
            path: path.to_owned(),
            credentials,
            project_id: text(&session, "project-id"),
        })
    }

    /// What the command line authenticates with.
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// The project that was entered with `icav2 projects enter`, if one was.
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

/// The content of a file, or none where there is no file.
///
/// What is no UTF-8 is kept as marks that no check lets through: an encrypted key need not make the rest unreadable.
fn read(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::invalid_input(format!(
            "{} cannot be read; check that it is a file that you may read",
            path.display()
        ))
        .with_source(error)),
    }
}

fn text(document: &str, key: &str) -> Option<String> {
    match flat_yaml::value(document, key)? {
        Value::Text(text) => Some(text),
        Value::Opaque => None,
    }
}

fn token(session: &str, path: &Path) -> Result<Option<Credentials>> {
    let text = match flat_yaml::value(session, "access-token") {
        None => return Ok(None),
        Some(Value::Text(text)) => text,
        // Not worth a message of its own: the check below says what such a token is.
        Some(Value::Opaque) => "\u{fffd}".to_owned(),
    };
    let secret = checked(&format!("access-token in {}", path.display()), &text)?;
    Ok(Some(CredentialKind::Bearer(AccessToken::of(secret)).into()))
}

/// The API key in the settings beside a session that has no token.
fn key_beside(session: &Path) -> Result<Credentials> {
    for name in CONFIGS {
        let path = session.with_file_name(name);
        let Some(config) = read(&path)? else { continue };
        for key in KEYS {
            let text = match flat_yaml::value(&config, key) {
                None => continue,
                Some(Value::Text(text)) => text,
                Some(Value::Opaque) => return Err(encrypted(key, &path)),
            };
            let secret = checked(&format!("{key} in {}", path.display()), &text)?;
            return Ok(CredentialKind::ApiKey(secret).into());
        }
    }
    Err(Error::invalid_input(format!(
        "there is no icav2 login at {}; {WHAT_TO_DO}",
        session.display()
    )))
}

fn encrypted(key: &str, path: &Path) -> Error {
    Error::invalid_input(format!(
        "the {key} in {} is kept encrypted by the icav2 command line, so that no other program can use it; \
         log in with icav2 so that a session exists, or set ICAV2_API_KEY or ICAV2_ACCESS_TOKEN",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::fs;

    use tempfile::TempDir;

    use super::Icav2Session;
    use crate::credentials::{CredentialKind, Credentials};
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

    fn refusal(files: &[(&str, &[u8])]) -> String {
        let error = load(files).unwrap_err();
        assert!(error.is_invalid_input());
        error.to_string()
    }

    #[test]
    fn the_session_gives_token_and_project() {
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
    fn a_plain_key_in_the_settings_stands_in_for_a_missing_token() {
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
    fn an_encrypted_key_is_explained_and_not_shown() {
        let kept: [&[u8]; 3] = [
            b"x-api-key: !!binary HTeWxIUa6Q==",
            b"x-api-key: |-\n  HTeWx",
            b"x-api-key: HTeWx\xff\xfe",
        ];
        for config in kept {
            let error = refusal(&[("config.yaml", config)]);
            assert!(error.contains("config.yaml is kept encrypted"), "{error}");
            assert!(error.ends_with("or set ICAV2_API_KEY or ICAV2_ACCESS_TOKEN"), "{error}");
            assert!(!error.contains("HTeWx"), "{error}");
        }
    }

    #[test]
    fn an_encrypted_key_is_no_matter_when_there_is_a_session() {
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
    fn no_login_names_the_path_and_what_to_do() {
        for files in [&[][..], &[(".session.ica.yaml", b"project-id: p-1\n" as &[u8])]] {
            let error = refusal(files);
            assert!(
                error.starts_with("there is no icav2 login at /") || cfg!(windows),
                "{error}"
            );
            assert!(error.contains(".session.ica.yaml; log in with the icav2"), "{error}");
        }
    }

    #[test]
    fn a_token_that_is_none_is_refused_by_its_place() {
        for session in [&b"access-token: hush hush"[..], b"access-token: !!binary aHVzaA=="] {
            let error = refusal(&[(".session.ica.yaml", session)]);
            assert!(error.contains("access-token in ") && !error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_reason() {
        let folder = folder(&[]);
        let error = Credentials::from_icav2_session_at(folder.path()).unwrap_err();
        assert!(error.is_invalid_input() && error.source().is_some());
        assert!(error.to_string().contains(&*folder.path().to_string_lossy()), "{error}");
    }
}
