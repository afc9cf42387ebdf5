//! Files that the commands read and write.

use std::fs;
use std::path::{Path, PathBuf};

use xtask::{Error, Result};

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
