//! Data that was found at a path, and the choice of the data that the path means.

use ica_batch_sdk::types::{DataStatus, DataType, ProjectData};
use uuid::Uuid;

use super::super::details::ProjectDataExt;
use super::outcome::{PathFailureReason, ResolvedData};

/// Kind of data that a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Asked {
    File,
    Folder,
    /// Either. If there are both, the file.
    Any,
}

/// Data at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) id: String,
    /// The whole path.
    pub(super) path: String,
    pub(super) owner: Uuid,
    pub(super) owner_name: Option<String>,
    pub(super) is_folder: bool,
    pub(super) status: DataStatus,
}

impl Found {
    /// Returns the data, if its path is known.
    pub(super) fn of(data: ProjectData) -> Option<Self> {
        Self::with_id(data).filter(|found| !found.path.is_empty())
    }

    /// Returns the data, also if its path is not known.
    pub(super) fn with_id(data: ProjectData) -> Option<Self> {
        let (path, is_folder) = (data.path().unwrap_or_default(), data.is_folder());
        let details = data.data.details?;
        Some(Self {
            id: data.data.id,
            path,
            owner: details.owning_project_id,
            owner_name: details.owning_project_name,
            is_folder,
            status: details.status,
        })
    }

    /// Returns the path without a `/` at its end.
    pub(super) fn base(&self) -> &str {
        self.path.trim_end_matches('/')
    }

    fn is_owned_by(&self, owner: &str) -> bool {
        match Uuid::parse_str(owner) {
            Ok(id) => self.owner == id,
            Err(_) => self.owner_name.as_deref() == Some(owner),
        }
    }
}

/// Chooses the data that a path means out of all data at this path. `owner` is the project that the
/// path names, and `project` the one that is asked.
pub(super) fn choose(
    found: &[Found],
    asked: Asked,
    owner: Option<&str>,
    project: &str,
    similar: Option<&str>,
) -> Result<ResolvedData, PathFailureReason> {
    let mut left = found.iter().collect::<Vec<_>>();
    let keep = |left: &mut Vec<&Found>, keep: &dyn Fn(&Found) -> bool| {
        if left.iter().any(|found| keep(found)) {
            left.retain(|found| keep(found));
        }
    };
    // First of all, because a lookup of a file shows no folder, and the reverse.
    let is_of_kind = |found: &Found| match asked {
        Asked::File | Asked::Any => !found.is_folder,
        Asked::Folder => found.is_folder,
    };
    keep(&mut left, &is_of_kind);
    if let Some(owner) = owner {
        let others = owners(left.iter().copied());
        // Data that is linked to this project is in it, too, unless the project has its own.
        keep(&mut left, &|found| found.is_owned_by(owner));
        if !owner.eq_ignore_ascii_case(project) {
            left.retain(|found| found.is_owned_by(owner));
        }
        if left.is_empty() && !found.is_empty() {
            return Err(PathFailureReason::OtherOwner { owners: others });
        }
    }
    // A file that was replaced while the older one is being deleted.
    keep(&mut left, &|found| found.status != DataStatus::Deleting);
    match left.as_slice() {
        [] => Err(PathFailureReason::Missing {
            similar: similar.map(str::to_owned),
        }),
        [one] if asked != Asked::Any && !is_of_kind(one) => Err(match one.is_folder {
            true => PathFailureReason::IsFolder,
            false => PathFailureReason::IsFile,
        }),
        [one] if one.status != DataStatus::Available => Err(PathFailureReason::NotAvailable {
            id: one.id.clone(),
            status: one.status.clone(),
        }),
        [one] => Ok(ResolvedData {
            id: one.id.clone(),
            path: one.path.clone(),
            data_type: if one.is_folder {
                DataType::Folder
            } else {
                DataType::File
            },
            owning_project: one.owner,
        }),
        several => Err(PathFailureReason::Ambiguous {
            ids: several.iter().map(|found| found.id.clone()).collect(),
            owners: owners(several.iter().copied()),
        }),
    }
}

fn owners<'a>(found: impl Iterator<Item = &'a Found>) -> Vec<Uuid> {
    let mut owners = found.map(|found| found.owner).collect::<Vec<_>>();
    owners.sort();
    owners.dedup();
    owners
}

#[cfg(test)]
mod tests {
    use super::{Asked, DataStatus, Found, PathFailureReason, Uuid, choose};

    const HERE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn found(id: &str, owner: Uuid, is_folder: bool, status: DataStatus) -> Found {
        Found {
            id: id.to_owned(),
            path: if is_folder { "/a/" } else { "/a" }.to_owned(),
            owner,
            owner_name: Some(format!("project {}", owner.as_u128())),
            is_folder,
            status,
        }
    }

    fn file(id: &str, owner: Uuid) -> Found {
        found(id, owner, false, DataStatus::Available)
    }

    fn chosen(found: &[Found], asked: Asked, owner: Option<&str>) -> Result<String, PathFailureReason> {
        choose(found, asked, owner, &HERE.to_string(), None).map(|data| data.id)
    }

    fn id(id: &str) -> Result<String, PathFailureReason> {
        Ok(id.to_owned())
    }

    #[test]
    fn the_owner_decides_between_linked_data_with_the_same_path() {
        let both = [file("own", HERE), file("linked", OTHER)];
        assert_eq!(
            chosen(&both, Asked::File, None),
            Err(PathFailureReason::Ambiguous {
                ids: vec!["own".to_owned(), "linked".to_owned()],
                owners: vec![HERE, OTHER],
            })
        );
        assert_eq!(chosen(&both, Asked::File, Some(&HERE.to_string())), id("own"));
        assert_eq!(chosen(&both, Asked::File, Some(&OTHER.to_string())), id("linked"));
        assert_eq!(chosen(&both, Asked::File, Some("project 2")), id("linked"));
        // Linked data is in this project, and not in a third one.
        let linked = [file("linked", OTHER)];
        assert_eq!(chosen(&linked, Asked::File, None), id("linked"));
        assert_eq!(chosen(&linked, Asked::File, Some(&HERE.to_string())), id("linked"));
        for third in [Uuid::from_u128(3).to_string(), "project 1".to_owned()] {
            let owners = vec![OTHER];
            let failure = Err(PathFailureReason::OtherOwner { owners });
            assert_eq!(chosen(&linked, Asked::File, Some(&third)), failure);
        }
    }

    #[test]
    fn the_kind_must_be_the_one_that_is_asked_for() {
        let folder = found("folder", HERE, true, DataStatus::Available);
        let both = [folder.clone(), file("file", HERE)];
        assert_eq!(chosen(&both, Asked::File, None), id("file"));
        assert_eq!(chosen(&both, Asked::Folder, None), id("folder"));
        assert_eq!(chosen(&both, Asked::Any, None), id("file"));
        let folder = [folder];
        assert_eq!(chosen(&folder, Asked::Any, None), id("folder"));
        assert_eq!(chosen(&folder, Asked::File, None), Err(PathFailureReason::IsFolder));
        assert_eq!(chosen(&both[1..], Asked::Folder, None), Err(PathFailureReason::IsFile));
    }

    #[test]
    fn only_available_data_is_returned() {
        let new = |status| found("new", HERE, false, status);
        for status in [DataStatus::Partial, DataStatus::Archived, DataStatus::from("NEW")] {
            let failure = PathFailureReason::NotAvailable {
                id: "new".to_owned(),
                status: status.clone(),
            };
            assert_eq!(chosen(&[new(status)], Asked::File, None), Err(failure));
        }
        let replaced = [found("old", HERE, false, DataStatus::Deleting), file("new", HERE)];
        assert_eq!(chosen(&replaced, Asked::File, None), id("new"));
        let two = [new(DataStatus::Partial), file("old", HERE)];
        assert!(matches!(
            chosen(&two, Asked::File, None),
            Err(PathFailureReason::Ambiguous { .. })
        ));
        assert_eq!(
            chosen(&[], Asked::File, None),
            Err(PathFailureReason::Missing { similar: None })
        );
    }
}
