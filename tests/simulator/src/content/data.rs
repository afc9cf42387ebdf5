//! Files and folders.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::batch::render::common::fixed_id;

/// Status of a file or folder.
///
/// ```
/// use ica_simulator::DataStatus;
///
/// assert_eq!(DataStatus::default().name(), "AVAILABLE");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataStatus {
    /// `PARTIAL`
    Partial,
    /// `AVAILABLE`
    #[default]
    Available,
    /// `ARCHIVING`
    Archiving,
    /// `ARCHIVED`
    Archived,
    /// `UNARCHIVING`
    Unarchiving,
    /// `DELETING`
    Deleting,
}

impl DataStatus {
    /// All statuses, as a list is filtered by them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Partial,
        Self::Available,
        Self::Archiving,
        Self::Archived,
        Self::Unarchiving,
        Self::Deleting,
    ];

    /// Returns the value in responses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Partial => "PARTIAL",
            Self::Available => "AVAILABLE",
            Self::Archiving => "ARCHIVING",
            Self::Archived => "ARCHIVED",
            Self::Unarchiving => "UNARCHIVING",
            Self::Deleting => "DELETING",
        }
    }
}

/// Form of `path` in the details of data. The description calls it the path of the parent; public
/// programs use it as the whole path.
///
/// ```
/// use ica_simulator::{DataPaths, Simulator};
///
/// let simulator = Simulator::builder().data_paths(DataPaths::Parent).start()?;
/// assert_eq!(DataPaths::default(), DataPaths::Whole);
/// # drop(simulator);
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataPaths {
    /// The whole path: `/run1/a.bam`, and `/run1/` for a folder.
    #[default]
    Whole,
    /// The folder above: `/run1/` for `/run1/a.bam`, and `/` for `/run1/`.
    Parent,
}

/// A file or folder for [`Simulator::seed_data`](crate::Simulator::seed_data).
///
/// ```
/// use ica_simulator::{DataStatus, SeedData, Simulator};
///
/// let simulator = Simulator::start();
/// let data = [
///     SeedData::file("/run1/a.bam").size(5_000_000_000),
///     SeedData::file("/run1/b.bam").status(DataStatus::Archived),
///     SeedData::folder("/references/").linked_from("5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f"),
/// ];
/// let ids = simulator.seed_data(simulator.project_id(), data);
/// assert!(ids[0].starts_with("fil.") && ids[2].starts_with("fol."));
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing exists before it is seeded"]
pub struct SeedData {
    pub(crate) path: String,
    pub(crate) status: DataStatus,
    pub(crate) size: u64,
    pub(crate) format: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) in_linked_folder: bool,
}

impl SeedData {
    /// Returns an available file of one byte. The path begins with `/`.
    ///
    /// # Panics
    ///
    /// Panics if the path does not begin with `/`, or ends with it.
    pub fn file(path: impl Into<String>) -> Self {
        let path = path.into();
        assert!(
            !path.ends_with('/'),
            "the path {path:?} of a file ends with '/'; name the file"
        );
        Self::at(path)
    }

    /// Returns an available folder. The path begins with `/`; a `/` at its end is added if it is
    /// missing.
    ///
    /// # Panics
    ///
    /// Panics if the path does not begin with `/`, or is only that.
    pub fn folder(path: impl Into<String>) -> Self {
        let mut path = path.into();
        if !path.ends_with('/') {
            path.push('/');
        }
        Self::at(path)
    }

    fn at(path: String) -> Self {
        assert!(
            path.len() > 1 && path.starts_with('/'),
            "the path {path:?} is not valid: it does not name anything below '/'; write /folder/name"
        );
        Self {
            path,
            status: DataStatus::default(),
            size: 1,
            format: None,
            owner: None,
            in_linked_folder: false,
        }
    }

    /// Sets the status; available by default.
    pub fn status(mut self, status: DataStatus) -> Self {
        self.status = status;
        self
    }

    /// Sets the size of a file in bytes.
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = bytes;
        self
    }

    /// Sets the code of the format, for example `BAM`.
    pub fn format(mut self, code: impl Into<String>) -> Self {
        self.format = Some(code.into());
        self
    }

    /// Links the data from another project, which owns it. The project does not need to exist in the
    /// simulator.
    pub fn linked_from(mut self, project: impl Into<String>) -> Self {
        self.owner = Some(project.into());
        self
    }

    /// Links the data from another project as the content of a linked folder. Then the filter
    /// `parentFolderPath` does not find it.
    pub fn in_folder_linked_from(mut self, project: impl Into<String>) -> Self {
        self.in_linked_folder = true;
        self.linked_from(project)
    }
}

/// A file or folder in a project.
#[derive(Clone, Debug)]
pub(crate) struct StoredData {
    pub(crate) id: String,
    /// The whole path. That of a folder ends with `/`.
    pub(crate) path: String,
    pub(crate) status: DataStatus,
    pub(crate) size: u64,
    pub(crate) format: Option<String>,
    /// The project that owns it.
    pub(crate) owner: Uuid,
    pub(crate) owner_name: String,
    pub(crate) in_linked_folder: bool,
    pub(crate) created: DateTime<Utc>,
}

impl StoredData {
    pub(crate) fn new(seed: SeedData, project: &str, now: DateTime<Utc>) -> Self {
        let owner_name = seed.owner.unwrap_or_else(|| project.to_owned());
        let owner = project_uuid(&owner_name);
        let kind = if seed.path.ends_with('/') { "fol" } else { "fil" };
        let id = Uuid::new_v3(&owner, seed.path.as_bytes());
        Self {
            id: format!("{kind}.{}", id.simple()),
            path: seed.path,
            status: seed.status,
            size: seed.size,
            format: seed.format,
            owner,
            owner_name,
            in_linked_folder: seed.in_linked_folder,
            created: now,
        }
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.path.ends_with('/')
    }

    /// Returns the path of the folder above, which ends with `/`.
    pub(crate) fn parent(&self) -> &str {
        parent_of(&self.path)
    }

    pub(crate) fn name(&self) -> &str {
        self.path[self.parent().len()..].trim_end_matches('/')
    }
}

/// Returns the path of the folder above, which ends with `/`.
pub(crate) fn parent_of(path: &str) -> &str {
    let end = path.trim_end_matches('/').rfind('/').map_or(0, |slash| slash + 1);
    &path[..end]
}

/// Returns the UUID of a project. A project may have any text as its id in the simulator.
pub(crate) fn project_uuid(project: &str) -> Uuid {
    Uuid::parse_str(project).unwrap_or_else(|_| fixed_id(project))
}
