//! Destination of data: standard output, or a file that appears when it is complete.

use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;
use crate::fit;

/// Bytes that are collected before they are written.
const BUFFER: usize = 1 << 16;

/// Destination of data.
pub(crate) enum Destination {
    Standard(BufWriter<io::Stdout>),
    /// A pipe or a device, which must not be replaced.
    Direct {
        file: BufWriter<File>,
        path: PathBuf,
    },
    File {
        file: BufWriter<NamedTempFile>,
        path: PathBuf,
        /// Permissions of the file that is replaced.
        permissions: Option<Permissions>,
    },
}

impl Destination {
    /// Fails if no file can be written at the path. Nothing is left there. A pipe or a device is not
    /// opened, because its reader would see the end of it.
    pub(crate) fn check(path: &Path) -> Result<(), Failure> {
        let failed =
            |reason: &dyn fmt::Display| Failure::usage(format!("could not write {}: {reason}", path.display()));
        if path.is_dir() {
            return Err(failed(&"it is a folder; name a file"));
        }
        let ends_with_separator = path.to_string_lossy().ends_with(std::path::is_separator);
        if path.file_name().is_none() || ends_with_separator {
            return Err(failed(&"it is not the name of a file"));
        }
        let folder = folder(path);
        if !path.exists() && !folder.is_dir() {
            return Err(match folder.exists() {
                true => failed(&format_args!("{} is not a folder", folder.display())),
                false => failed(&format_args!("the folder {} does not exist", folder.display())),
            });
        }
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => Ok(()),
            _ => Self::file(path).map(drop).map_err(|error| failed(&error)),
        }
    }

    /// Opens standard output, or creates a temporary file beside the path.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            None => Ok(Self::Standard(BufWriter::with_capacity(BUFFER, io::stdout()))),
            Some(path) => {
                Self::file(path).map_err(|error| Failure::file(format!("could not create {}", path.display()), &error))
            }
        }
    }

    fn file(path: &Path) -> io::Result<Self> {
        let existing = match fs::metadata(path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if existing.as_ref().is_some_and(|metadata| metadata.is_dir()) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            let file = OpenOptions::new().write(true).open(path)?;
            let file = BufWriter::with_capacity(BUFFER, file);
            let path = path.to_owned();
            return Ok(Self::Direct { file, path });
        }
        // A link stays, and its target is replaced.
        let path = match &existing {
            Some(_) => fs::canonicalize(path)?,
            None => path.to_owned(),
        };
        let file = temporary_file(folder(&path))?;
        Ok(Self::File {
            file: BufWriter::with_capacity(BUFFER, file),
            path,
            permissions: existing.map(|metadata| metadata.permissions()),
        })
    }

    /// Returns the number of columns, if the data goes to a terminal.
    pub(super) fn columns(&self) -> Option<usize> {
        match self {
            Self::Standard(_) => fit::columns(io::stdout()),
            Self::Direct { .. } | Self::File { .. } => None,
        }
    }

    /// Writes what was collected, and gives a file its name.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Standard(mut output) => output
                .flush()
                .map_err(|error| Failure::file("could not write to standard output", &error)),
            Self::Direct { mut file, path } => file
                .flush()
                .map_err(|error| Failure::file(format!("could not write {}", path.display()), &error)),
            Self::File {
                file,
                path,
                permissions,
            } => {
                let what = || format!("could not write {}", path.display());
                let file = file
                    .into_inner()
                    .map_err(|error| Failure::file(what(), error.error()))?;
                if let Some(permissions) = permissions {
                    let set = file.as_file().set_permissions(permissions);
                    set.map_err(|error| Failure::file(what(), &error))?;
                }
                let persisted = file.persist(&path);
                persisted.map(drop).map_err(|error| Failure::file(what(), &error.error))
            }
        }
    }

    /// Describes the destination in an error.
    pub(crate) fn failure(&self, error: &io::Error) -> Failure {
        match self {
            Self::Standard(_) => Failure::file("could not write to standard output", error),
            Self::Direct { path, .. } | Self::File { path, .. } => {
                Failure::file(format!("could not write {}", path.display()), error)
            }
        }
    }
}

/// Returns the folder of a file.
fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Creates a temporary file with the usual permissions, which the umask restricts.
fn temporary_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(output) => output.write(bytes),
            Self::Direct { file, .. } => file.write(bytes),
            Self::File { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(output) => output.flush(),
            Self::Direct { file, .. } => file.flush(),
            Self::File { file, .. } => file.flush(),
        }
    }
}
