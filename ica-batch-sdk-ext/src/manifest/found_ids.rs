//! Ids of the data and folders that the rows of a manifest name, in the order of the rows.
//!
//! The rows are read again when the analyses are planned, so nothing is looked up then. The ids of a
//! large manifest are in a temporary file, because memory must not depend on the number of rows.

use std::fmt;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader, BufWriter, Cursor, Read, Write};
use std::sync::Arc;

use tempfile::NamedTempFile;

/// Size of the ids in memory, in bytes. More are in the file.
const IN_MEMORY: usize = 4 * 1024 * 1024;

/// Ids of a manifest. They are cheap to clone, and can be read several times.
#[derive(Debug, Clone, Default)]
pub(super) struct FoundIds {
    start: Arc<Vec<u8>>,
    rest: Option<Arc<NamedTempFile>>,
}

/// Writer of ids.
#[derive(Debug, Default)]
pub(super) struct FoundIdsWriter {
    start: Vec<u8>,
    rest: Option<BufWriter<NamedTempFile>>,
}

impl FoundIdsWriter {
    /// Adds the id of the data or folder that this text names.
    ///
    /// # Errors
    /// The temporary file cannot be written.
    pub(super) fn add(&mut self, text: &str, id: &str) -> io::Result<()> {
        let length = u16::try_from(id.len()).map_err(io::Error::other)?;
        let entry = [&hash(text).to_le_bytes()[..], &length.to_le_bytes(), id.as_bytes()].concat();
        if self.rest.is_none() && self.start.len().saturating_add(entry.len()) <= IN_MEMORY {
            self.start.extend(entry);
            return Ok(());
        }
        let rest = match &mut self.rest {
            Some(rest) => rest,
            None => self.rest.insert(BufWriter::new(NamedTempFile::new()?)),
        };
        rest.write_all(&entry)
    }

    /// Returns the ids.
    pub(super) fn finish(self) -> io::Result<FoundIds> {
        let rest = match self.rest {
            Some(rest) => Some(Arc::new(rest.into_inner()?)),
            None => None,
        };
        let start = Arc::new(self.start);
        Ok(FoundIds { start, rest })
    }
}

impl FoundIds {
    /// Reads the ids from the first one on.
    pub(super) fn read(&self) -> FoundIdsReader {
        let rest = match { self.rest.as_ref() }.map(|rest| rest.reopen()).transpose() {
            Ok(rest) => Ok(rest.map(BufReader::new)),
            Err(error) => Err(error),
        };
        let (rest, error) = match rest {
            Ok(rest) => (rest, None),
            Err(error) => (None, Some(error)),
        };
        FoundIdsReader {
            start: Cursor::new(Shared(Arc::clone(&self.start))),
            rest,
            error,
        }
    }
}

/// Reader of ids.
pub(super) struct FoundIdsReader {
    start: Cursor<Shared>,
    rest: Option<BufReader<File>>,
    error: Option<io::Error>,
}

struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl FoundIdsReader {
    /// Returns the next id. None if it is not that of this text, or cannot be read.
    pub(super) fn next(&mut self, text: &str) -> Option<String> {
        let is_in_memory = (self.start.position() as usize) < self.start.get_ref().0.len();
        let read = match &mut self.rest {
            _ if is_in_memory => read(&mut self.start),
            Some(rest) => read(rest),
            None => return None,
        };
        match read {
            Ok((found, id)) => (found == hash(text)).then_some(id),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// Returns the error of the temporary file, if there was one.
    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }
}

impl fmt::Debug for FoundIdsReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundIdsReader").finish_non_exhaustive()
    }
}

fn read(source: &mut impl Read) -> io::Result<(u32, String)> {
    let (mut hash, mut length) = ([0; 4], [0; 2]);
    source.read_exact(&mut hash)?;
    source.read_exact(&mut length)?;
    let mut id = vec![0; usize::from(u16::from_le_bytes(length))];
    source.read_exact(&mut id)?;
    let id = String::from_utf8(id).map_err(io::Error::other)?;
    Ok((u32::from_le_bytes(hash), id))
}

/// Returns a hash of a text, to notice that the rows are not those of the check.
fn hash(text: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish() as u32
}

#[cfg(test)]
mod tests {
    use super::{FoundIdsWriter, IN_MEMORY};

    #[test]
    fn ids_are_read_in_their_order_from_memory_and_file() {
        let mut writer = FoundIdsWriter::default();
        let number = 2 * IN_MEMORY / 20;
        for index in 0..number {
            writer.add(&format!("/{index}"), &format!("fil.{index:016}")).unwrap();
        }
        let ids = writer.finish().unwrap();
        assert!(ids.start.len() <= IN_MEMORY && ids.rest.is_some());
        for _ in 0..2 {
            let mut reader = ids.read();
            for index in 0..number {
                assert_eq!(reader.next(&format!("/{index}")), Some(format!("fil.{index:016}")));
            }
            assert_eq!(reader.next("/"), None);
            assert!(reader.take_error().is_none());
        }
    }

    #[test]
    fn the_id_of_another_text_is_not_returned() {
        let mut writer = FoundIdsWriter::default();
        writer.add("/a", "fil.a").unwrap();
        let ids = writer.finish().unwrap();
        assert_eq!(ids.read().next("/b"), None);
        assert_eq!(ids.read().next("/a"), Some("fil.a".to_owned()));
        assert_eq!(super::FoundIds::default().read().next("/a"), None);
    }
}
