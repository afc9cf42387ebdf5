//! Files that the commands read and write.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use xtask::{Error, Result, Source};

/// Returns the root of the workspace, whatever the current folder is.
pub(super) fn workspace() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// Returns the path of the description of the repository.
pub(super) fn default_spec() -> PathBuf {
    workspace().join("openapi/ica-batch.yaml")
}

pub(super) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| {
        Error::could_not(
            format_args!("read {}", path.display()),
            format_args!("{error}; check the path"),
        )
    })
}

pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| {
        Error::could_not(
            format_args!("write {}", path.display()),
            format_args!("{error}; check the path and its permissions"),
        )
    })
}

pub(super) fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| {
        Error::could_not(
            format_args!("create the folder {}", path.display()),
            format_args!("{error}; check the path and its permissions"),
        )
    })
}

/// Reads a description.
pub(super) fn source(path: &Path) -> Result<Source> {
    Source::parse(&path.display().to_string(), &read(path)?)
}

/// Replaces a file as a whole: a reader sees the old text or the new one.
pub(super) fn replace(path: &Path, text: &str) -> Result<()> {
    let could_not = |error: std::io::Error| {
        Error::could_not(
            format_args!("write {}", path.display()),
            format_args!("{error}; check the path and its permissions"),
        )
    };
    // A link stays, and its file changes.
    let target = fs::canonicalize(path).map_err(could_not)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(could_not)?;
    let permissions = fs::metadata(&target).map_err(could_not)?.permissions();
    file.write_all(text.as_bytes()).map_err(could_not)?;
    file.as_file().set_permissions(permissions).map_err(could_not)?;
    file.as_file().sync_all().map_err(could_not)?;
    file.persist(&target).map_err(|error| could_not(error.error))?;
    Ok(())
}
