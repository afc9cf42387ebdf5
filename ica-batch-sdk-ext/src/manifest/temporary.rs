//! Temporary file of what is kept of a large manifest. It has no name, so nothing of it is left when the
//! process ends.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::sync::Arc;

/// Size of the buffer of a reader.
pub(super) const BUFFER: usize = 16 * 1024;

/// Writer of a temporary file.
#[derive(Debug)]
pub(super) struct TemporaryWriter {
    file: BufWriter<File>,
    length: u64,
}

impl TemporaryWriter {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(tempfile::tempfile()?),
            length: 0,
        })
    }

    /// Returns the number of bytes that were written.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length = self.length.saturating_add(bytes.len() as u64);
        Ok(())
    }

    /// Returns the file, to be read.
    pub(super) fn finish(self) -> io::Result<Arc<File>> {
        Ok(Arc::new(self.file.into_inner()?))
    }
}

/// Reader of a part of a temporary file. Several of them do not disturb each other. A file that is
/// shorter by now is an error.
#[derive(Debug)]
pub(super) struct Part {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Part {
    pub(super) fn new(file: Arc<File>, begin: u64, end: u64) -> Self {
        Self { file, at: begin, end }
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        let Some(buffer) = buffer.get_mut(..length) else {
            return Ok(0);
        };
        let read = read_at(&self.file, buffer, self.at)?;
        if read == 0 && length > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

#[cfg(test)]
mod tests {
    use super::{Arc, Part, Read, TemporaryWriter};

    #[test]
    fn parts_are_read_at_the_same_time() {
        let mut writer = TemporaryWriter::new().unwrap();
        writer.write(b"first").unwrap();
        let middle = writer.length();
        writer.write(b"second").unwrap();
        let end = writer.length();
        let file = writer.finish().unwrap();
        let mut first = Part::new(Arc::clone(&file), 0, middle);
        let mut second = Part::new(file, middle, end);
        let mut text = [0; 3];
        first.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"fir");
        let mut all = String::new();
        second.read_to_string(&mut all).unwrap();
        first.read_to_string(&mut all).unwrap();
        assert_eq!(all, "secondst");
    }
}
