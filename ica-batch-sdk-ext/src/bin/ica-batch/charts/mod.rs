//! Pictures for people: statuses over time, and a page with the state of a submission.
//!
//! - `statuses` has the order and the colors of statuses.
//! - `timeline` collects samples, `svg` draws them.
//! - `html` writes a page of one file.

mod html;
mod statuses;
mod svg;
mod timeline;

use std::path::{Path, PathBuf};

#[allow(unused_imports, reason = "the command `status` writes pages")]
pub(crate) use html::{Failures, Page, PageWriter};
pub(crate) use timeline::Timeline;

/// Parser of the path of a file that is written at the end of a command. A folder that does not
/// exist is an error at once, and not after a night.
pub(crate) fn new_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.unwrap_or(Path::new(".")) {
        folder if !folder.is_dir() => Err(format!("the folder {} does not exist", folder.display())),
        _ if path.file_name().is_none() || path.is_dir() => Err("it is not the name of a file".to_owned()),
        _ => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use super::new_file;

    #[test]
    fn a_file_needs_a_folder_that_exists() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        assert!(new_file(&path("chart.svg")).is_ok() && new_file("chart.svg").is_ok());
        assert!(
            new_file(&path("none/chart.svg"))
                .unwrap_err()
                .ends_with("none does not exist")
        );
        assert!(new_file(&path("")).is_err() && new_file("").is_err());
    }
}
