//! Files of a journal: their paths, their permissions, and the file system below them.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::failures::{journal_error, passing_error};
use crate::error::{Error, Result};

/// State of the path of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    Nothing,
    Journal,
}

/// Returns the path with its folder resolved. The file itself is not resolved: SQLite's files
/// beside it belong to its name.
pub(super) fn resolve(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().filter(|name| *name != ":memory:");
    let Some(name) = name else {
        return Err(journal_error(
            path,
            "the path names no file; choose a file on a local disk",
        ));
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(|error| {
        journal_error(
            path,
            "it cannot be opened; check that its folder exists and can be read",
        )
        .with_source(error)
    })?;
    Ok(folder.join(name))
}

/// Returns what is at the path. Fails if it is not a file, or a link to one.
pub(super) fn existing(path: &Path) -> Result<Existing> {
    let metadata = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Existing::Nothing),
        Err(error) => {
            return Err(
                journal_error(path, "it cannot be read; check the permissions of its folder").with_source(error),
            );
        }
        Ok(metadata) => metadata,
    };
    let reason = if metadata.is_symlink() {
        "it is a symbolic link, and SQLite's files beside a link are not those of the file; give the path of the file"
    } else if !metadata.is_file() {
        "it is not a file; choose another path"
    } else if has_other_names(&metadata) {
        "the file has a second name (a hard link), and the files beside each name differ; copy it, and use the copy"
    } else if metadata.len() == 0 {
        "the file is empty, and a journal never is; restore a copy, or delete the empty file to start a new journal"
    } else {
        return Ok(Existing::Journal);
    };
    Err(journal_error(path, reason))
}

/// Fails if there is something at the path.
pub(super) fn require_free(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        _ => Err(journal_error(
            path,
            "there is a file with this name; choose another path",
        )),
    }
}

/// Returns the path of a file beside the journal.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Creates an empty file that only its owner can read and write, in place of the rest of an earlier
/// attempt.
pub(super) fn create_private(journal: &Path, new: &Path) -> Result<()> {
    let result = match std::fs::remove_file(new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => private(OpenOptions::new().write(true).create_new(true))
            .open(new)
            .map(drop),
    };
    result.map_err(|error| cannot_create(journal, error))
}

fn cannot_create(journal: &Path, error: io::Error) -> Error {
    let failure = match error.kind() {
        io::ErrorKind::StorageFull => passing_error(journal, "its disk is full; free some space and run again"),
        _ => journal_error(
            journal,
            "a file cannot be created in its folder; check the permissions of the folder",
        ),
    };
    failure.with_source(error)
}

/// Gives a complete file its name, durably.
pub(super) fn publish(path: &Path, new: &Path) -> Result<()> {
    let publish = || -> io::Result<()> {
        OpenOptions::new().write(true).open(new)?.sync_all()?;
        std::fs::rename(new, path)?;
        sync_folder(path)
    };
    publish().map_err(|error| cannot_create(path, error))
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Sets the permissions of files that the options create, and refuses a symbolic link.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits();
    options.mode(0o600).custom_flags(no_link.cast_signed())
}

#[cfg(not(unix))]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Takes the rights of other users away.
#[cfg(unix)]
pub(super) fn restrict(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let restricted = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    restricted.map_err(|error| {
        journal_error(path, "its permissions cannot be set; run as the owner of the file").with_source(error)
    })
}

#[cfg(not(unix))]
pub(super) fn restrict(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(unix)]
fn has_other_names(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &std::fs::Metadata) -> bool {
    false
}

/// Identity of a file while it exists.
pub(super) type Identity = (u64, u64);

/// Returns the identity of a file. None where the system has none.
#[cfg(unix)]
pub(super) fn identity(metadata: &std::fs::Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(super) fn identity(_: &std::fs::Metadata) -> Option<Identity> {
    None
}

/// Returns the name of the network file system that the path is on. None for a local one.
pub(super) fn network_file_system(path: &Path) -> Option<&'static str> {
    let folder = path.parent()?;
    kind_of(folder)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn kind_of(folder: &Path) -> Option<&'static str> {
    // The type of the number depends on the processor.
    name_of(i128::from(rustix::fs::statfs(folder).ok()?.f_type))
}

/// File systems that several machines can mount, by the number that Linux gives them.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn name_of(number: i128) -> Option<&'static str> {
    Some(match number & 0xFFFF_FFFF {
        0x6969 => "NFS",
        0x517B => "SMB",
        0xFF53_4D42 | 0xFE53_4D42 => "SMB (CIFS)",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x7375_7245 => "Coda",
        0x564C => "NCP",
        0x0102_1997 => "9P",
        0x00C3_6400 => "Ceph",
        0x0BD0_0BD0 => "Lustre",
        0x4750_4653 => "GPFS",
        0x1983_0326 => "BeeGFS",
        0x0116_1970 => "GFS2",
        0x7461_636F => "OCFS2",
        0xAAD7_AAEA => "PanFS",
        _ => return None,
    })
}

#[cfg(any(target_os = "macos", target_os = "ios"))]
fn kind_of(folder: &Path) -> Option<&'static str> {
    let name = rustix::fs::statfs(folder).ok()?.f_fstypename;
    let name = name.iter().map(|character| character.cast_unsigned());
    let name = name.take_while(|byte| *byte != 0).collect::<Vec<_>>();
    [
        (&b"nfs"[..], "NFS"),
        (b"smbfs", "SMB"),
        (b"cifs", "SMB (CIFS)"),
        (b"afpfs", "AFP"),
        (b"webdav", "WebDAV"),
        (b"ftp", "FTP"),
    ]
    .into_iter()
    .find(|(known, _)| name == *known)
    .map(|(_, shown)| shown)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "ios")))]
fn kind_of(_: &Path) -> Option<&'static str> {
    None
}

/// Returns the name of this machine.
#[cfg(unix)]
pub(super) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
pub(super) fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::Path;

    use super::{name_of, network_file_system};

    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        for (number, name) in [(0x6969, "NFS"), (-11_317_950, "SMB (CIFS)"), (0x0BD0_0BD0, "Lustre")] {
            assert_eq!(name_of(number), Some(name));
        }
        let local = [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630];
        assert!(
            local.iter().all(|number| name_of(*number).is_none()),
            "ext4, xfs, btrfs, tmpfs, overlay"
        );
        assert_eq!(network_file_system(Path::new("/proc/x")), None);
    }
}
