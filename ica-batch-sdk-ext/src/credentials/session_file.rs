//! Reading a file with a credential: regular files of a limited size only.
//!
//! A path can lead to anything. A named pipe blocks the reader until somebody writes, a device may
//! have no end, and a file of gigabytes would be read into memory. So the kind of the file is
//! checked before it is opened, since opening a pipe blocks, and again on the open file, since it
//! may have been replaced in between. The reader stops at the limit, whatever the size said.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, Result};

/// Largest file, in bytes: 1 MiB. Files of the icav2 command line have a few kilobytes.
const MAX_SIZE: u64 = 1024 * 1024;

/// A file that was read. Its text is overwritten with zeros when it is dropped.
pub(super) struct SessionFile {
    path: PathBuf,
    text: Zeroizing<String>,
    metadata: Metadata,
}

impl SessionFile {
    /// Reads a file, or returns None when it does not exist. Links are followed.
    ///
    /// Bytes that are not UTF-8 become replacement characters, which every later check rejects. So
    /// an encrypted key does not make the rest of the file unreadable.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        let failed = |error| could_not_read(path, error);
        match std::fs::metadata(path) {
            Ok(metadata) => check(path, &metadata)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        }
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        check(path, &metadata)?;
        // The capacity is enough for every file that is accepted, so no part of it is left behind by
        // a buffer that grows.
        let capacity = metadata.len().min(MAX_SIZE) + 1;
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(capacity).unwrap_or_default()));
        file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_SIZE {
            return Err(too_large(path));
        }
        Ok(Some(Self {
            path: path.to_owned(),
            text: into_text(std::mem::take(&mut *bytes)),
            metadata,
        }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Writes a warning if other users of the machine can read the file. Called for a file whose
    /// secret is used.
    #[cfg(unix)]
    pub(super) fn warn_if_open(&self) {
        use std::os::unix::fs::MetadataExt;

        const GROUP_AND_OTHERS_READ: u32 = 0o044;
        let mode = self.metadata.mode() & 0o7777;
        if mode & GROUP_AND_OTHERS_READ != 0 {
            tracing::warn!(
                target: "ica_batch_sdk_ext::credentials",
                path = %self.path.display(),
                mode = %format_args!("{mode:04o}"),
                "other users of this machine can read the credential in this file; set its mode to 0600",
            );
        }
    }

    /// Other systems have no mode.
    #[cfg(not(unix))]
    pub(super) fn warn_if_open(&self) {
        let _ = &self.metadata;
    }
}

fn check(path: &Path, metadata: &Metadata) -> Result<()> {
    if !metadata.is_file() {
        let kind = match metadata.is_dir() {
            true => "a folder",
            false => "a pipe, a device or a socket",
        };
        return Err(Error::invalid_input(format!(
            "could not read {}: it is {kind}; give the path of a regular file",
            path.display()
        )));
    }
    if metadata.len() > MAX_SIZE {
        return Err(too_large(path));
    }
    Ok(())
}

fn into_text(bytes: Vec<u8>) -> Zeroizing<String> {
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        let mut bytes = error.into_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        bytes.zeroize();
        text
    });
    Zeroizing::new(text)
}

fn too_large(path: &Path) -> Error {
    Error::invalid_input(format!(
        "could not read {}: it is larger than {MAX_SIZE} bytes, so it is not a file of icav2; check the path",
        path.display()
    ))
}

fn could_not_read(path: &Path, error: io::Error) -> Error {
    Error::invalid_input(format!(
        "could not read {}: the operating system reported an error; check that it is a file that you may read",
        path.display()
    ))
    .with_source(error)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::fs;

    use super::{MAX_SIZE, SessionFile};

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session");
        assert!(SessionFile::read(&path).unwrap().is_none());
        fs::write(&path, b"a\xff").unwrap();
        assert_eq!(SessionFile::read(&path).unwrap().unwrap().text(), "a\u{fffd}");
        for (size, is_read) in [(MAX_SIZE, true), (MAX_SIZE + 1, false), (100 << 30, false)] {
            fs::File::create(&path).unwrap().set_len(size).unwrap();
            match SessionFile::read(&path) {
                Ok(file) => assert!(is_read && file.unwrap().text().len() as u64 == size, "{size}"),
                Err(error) => assert!(
                    !is_read && error.to_string().contains("larger than 1048576 bytes"),
                    "{error}"
                ),
            }
        }
    }

    #[test]
    fn a_folder_is_refused_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let error = SessionFile::read(folder.path()).err().unwrap();
        assert!(error.is_invalid_input());
        assert!(error.to_string().contains(&*folder.path().to_string_lossy()), "{error}");
        assert!(error.to_string().contains("it is a folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_cannot_be_read_is_named_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loop");
        std::os::unix::fs::symlink(&path, &path).unwrap();
        let error = SessionFile::read(&path).err().unwrap();
        assert!(error.is_invalid_input() && error.source().is_some());
        assert!(error.to_string().contains("loop"), "{error}");
    }
}
