//! Ids of the data and folders that the rows of a manifest name, in the order of the rows.
//!
//! The rows are read again when the analyses are planned, so nothing is looked up then. The ids of a
//! large manifest are in a temporary file, because memory must not depend on the number of rows.

use std::fmt;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader};
use std::sync::Arc;

use super::temporary::{BUFFER, Part, TemporaryWriter};

/// Size of the ids in memory, in bytes. More are in the file.
const IN_MEMORY: usize = 4 * 1024 * 1024;

/// Ids of a manifest. They are cheap to clone, and can be read several times.
#[derive(Debug, Clone, Default)]
pub(super) struct FoundIds {
    start: Arc<Vec<u8>>,
    /// The file, and its length.
    rest: Option<(Arc<File>, u64)>,
}

/// Writer of ids.
#[derive(Debug, Default)]
pub(super) struct FoundIdsWriter {
    start: Vec<u8>,
    rest: Option<TemporaryWriter>,
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
            None => self.rest.insert(TemporaryWriter::new()?),
        };
        rest.write(&entry)
    }

    /// Returns the ids.
    pub(super) fn finish(self) -> io::Result<FoundIds> {
        let rest = match self.rest {
            Some(rest) => {
                let length = rest.length();
                Some((rest.finish()?, length))
            }
            None => None,
        };
        let start = Arc::new(self.start);
        Ok(FoundIds { start, rest })
    }
}

impl FoundIds {
    /// Reads the ids from the first one on.
    pub(super) fn read(&self) -> FoundIdsReader {
        let rest = { self.rest.as_ref() }.map(|(file, length)| Part::new(Arc::clone(file), 0, *length));
        FoundIdsReader {
            start: Arc::clone(&self.start),
            position: 0,
            rest: rest.map(|part| BufReader::with_capacity(BUFFER, part)),
            error: None,
        }
    }
}

/// Reader of ids.
pub(super) struct FoundIdsReader {
    start: Arc<Vec<u8>>,
    /// Number of bytes in memory that were read.
    position: usize,
    rest: Option<BufReader<Part>>,
    error: Option<io::Error>,
}

impl FoundIdsReader {
    /// Returns the next id. None if it is not that of this text, or cannot be read.
    pub(super) fn next(&mut self, text: &str) -> Option<String> {
        let read = match self.start.get(self.position..) {
            Some(mut start) if !start.is_empty() => {
                let read = read(&mut start);
                self.position = self.start.len().saturating_sub(start.len());
                read
            }
            _ => read(self.rest.as_mut()?),
        };
        match read {
            Ok(None) => None,
            // Each text has an id that is not empty.
            Ok(Some((found, id))) => (found == hash(text) && !id.is_empty()).then_some(id),
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

/// Reads the hash of a text and its id. None at the end.
fn read(source: &mut impl BufRead) -> io::Result<Option<(u32, String)>> {
    if source.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let (mut hash, mut length) = ([0; 4], [0; 2]);
    source.read_exact(&mut hash)?;
    source.read_exact(&mut length)?;
    let mut id = vec![0; usize::from(u16::from_le_bytes(length))];
    source.read_exact(&mut id)?;
    let id = String::from_utf8(id).map_err(io::Error::other)?;
    Ok(Some((u32::from_le_bytes(hash), id)))
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
    fn a_file_that_was_truncated_is_an_error() {
        let mut writer = FoundIdsWriter::default();
        let id = "x".repeat(60_000);
        (0..IN_MEMORY / 60_000 + 4).for_each(|_| writer.add("/a", &id).unwrap());
        let ids = writer.finish().unwrap();
        // In an entry, and between two.
        for length in [70_000, 60_006] {
            ids.rest.as_ref().unwrap().0.set_len(length).unwrap();
            let mut reader = ids.read();
            while reader.next("/a").is_some() {}
            assert_eq!(reader.take_error().unwrap().kind(), std::io::ErrorKind::UnexpectedEof);
        }
    }

    #[test]
    fn the_id_of_another_text_is_not_returned() {
        let mut writer = FoundIdsWriter::default();
        writer.add("/a", "fil.a").unwrap();
        let ids = writer.finish().unwrap();
        assert_eq!(ids.read().next("/b"), None);
        let mut writer = FoundIdsWriter::default();
        writer.add("/a", "").unwrap();
        assert_eq!(writer.finish().unwrap().read().next("/a"), None);
        assert_eq!(ids.read().next("/a"), Some("fil.a".to_owned()));
        assert_eq!(super::FoundIds::default().read().next("/a"), None);
    }
}
