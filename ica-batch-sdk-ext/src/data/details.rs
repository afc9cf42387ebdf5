//! Path, type and status in the details of a file or folder.

use ica_batch_sdk::types::{DataStatus, DataType, ProjectData};

/// Path, type and status of data, from its details. ICA may leave the details out; then only the id is
/// known.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::ProjectDataExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let seeds = [ica_simulator::SeedData::file("/run1/a.bam")];
/// # let id = simulator.seed_data(simulator.project_id(), seeds).remove(0);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let file = project.data().get(id).await?;
/// assert_eq!(file.path().as_deref(), Some("/run1/a.bam"));
/// assert!(file.is_available() && !file.is_folder());
/// # Ok(())
/// # }
/// ```
pub trait ProjectDataExt {
    /// Returns the whole path in the project that owns the data. That of a folder ends with `/`.
    ///
    /// ICA's description calls `details.path` the path of the parent, and public programs use it as
    /// the whole path. Both forms are read: a path that does not end with the name is that of the
    /// folder above.
    fn path(&self) -> Option<String>;

    /// Returns whether the data is a folder.
    fn is_folder(&self) -> bool;

    /// Returns whether the data can be the input of an analysis: its status is
    /// [`Available`](DataStatus::Available).
    fn is_available(&self) -> bool;
}

impl ProjectDataExt for ProjectData {
    fn path(&self) -> Option<String> {
        let details = self.data.details.as_ref()?;
        Some(whole_path(details.path.as_deref()?, &details.name, self.is_folder()))
    }

    fn is_folder(&self) -> bool {
        let details = self.data.details.as_ref();
        details.is_some_and(|details| details.data_type == DataType::Folder)
    }

    fn is_available(&self) -> bool {
        let details = self.data.details.as_ref();
        details.is_some_and(|details| details.status == DataStatus::Available)
    }
}

/// Returns the whole path of data, out of its own path or that of the folder above.
fn whole_path(path: &str, name: &str, is_folder: bool) -> String {
    let start = path.trim_end_matches('/');
    // The path of a file does not end with a slash, so one that does is the folder's.
    let is_whole = (is_folder || !path.ends_with('/'))
        && start
            .strip_suffix(name.trim_end_matches('/'))
            .is_some_and(|above| above.ends_with('/'));
    let mut whole = match is_whole {
        true => start.to_owned(),
        false => format!("{start}/{}", name.trim_end_matches('/')),
    };
    if is_folder {
        whole.push('/');
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::whole_path;

    #[test]
    fn a_path_is_whole_or_that_of_the_folder_above() {
        for path in ["/run1/a.bam", "/run1/", "/run1"] {
            assert_eq!(whole_path(path, "a.bam", false), "/run1/a.bam", "{path}");
        }
        for path in ["/run1/deep/", "/run1/deep", "/run1/", "/run1"] {
            assert_eq!(whole_path(path, "deep", true), "/run1/deep/", "{path}");
        }
        assert_eq!(whole_path("/", "a.bam", false), "/a.bam");
        assert_eq!(whole_path("/", "run1", true), "/run1/");
        // A name that is the end of another one.
        assert_eq!(whole_path("/run1/xa.bam", "a.bam", false), "/run1/xa.bam/a.bam");
        // A file in a folder of the same name.
        assert_eq!(whole_path("/a/a/", "a", false), "/a/a/a");
        assert_eq!(whole_path("/a/a", "a", false), "/a/a");
    }
}
