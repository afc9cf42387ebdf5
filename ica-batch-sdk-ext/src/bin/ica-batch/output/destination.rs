//! Destination of data: standard output, or a file that appears when it is complete.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Bytes that are collected before they are written.
const BUFFER: usize = 1 << 16;

/// Destination of data.
pub(crate) enum Destination {
    Standard(BufWriter<io::Stdout>),
    File {
        file: BufWriter<NamedTempFile>,
        path: PathBuf,
    },
}

impl Destination {
    /// Opens standard output, or creates a temporary file beside the path.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::Standard(BufWriter::with_capacity(BUFFER, io::stdout())));
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
            .map_err(|error| Failure::file(format!("could not create {}", path.display()), &error))?;
        Ok(Self::File {
            file: BufWriter::with_capacity(BUFFER, file),
            path: path.to_owned(),
        })
    }

    /// Writes what was collected, and gives a file its name.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Standard(mut output) => output
                .flush()
                .map_err(|error| Failure::file("could not write to standard output", &error)),
            Self::File { file, path } => {
                let what = || format!("could not write {}", path.display());
                let file = file
                    .into_inner()
                    .map_err(|error| Failure::file(what(), error.error()))?;
                make_readable(&file).map_err(|error| Failure::file(what(), &error))?;
                let persisted = file.persist(&path);
                persisted.map(drop).map_err(|error| Failure::file(what(), &error.error))
            }
        }
    }

    /// Describes the destination in an error.
    pub(crate) fn failure(&self, error: &io::Error) -> Failure {
        match self {
            Self::Standard(_) => Failure::file("could not write to standard output", error),
            Self::File { path, .. } => Failure::file(format!("could not write {}", path.display()), error),
        }
    }
}

/// Gives the file the usual permissions: a temporary file belongs to its user alone.
#[cfg(unix)]
fn make_readable(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(output) => output.write(bytes),
            Self::File { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(output) => output.flush(),
            Self::File { file, .. } => file.flush(),
        }
    }
}
