//! The lines of a text file, with a limit of their length.

use std::io::{self, BufRead, BufReader, Read};

/// Maximum length of a line and of a record, in bytes.
pub(super) const LONGEST: usize = 1024 * 1024;

/// Beginning that some programs write before text in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Source of the bytes of a manifest.
pub(super) type Bytes = Box<dyn Read + Send>;

/// Lines of a file.
pub(super) struct Lines {
    source: BufReader<Bytes>,
    /// Number of lines that were read.
    number: u64,
    /// The first bytes of the file.
    start: Vec<u8>,
}

/// Result of reading a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The bytes of the line were added, without the end of the line.
    Read,
    /// The line is longer than the limit. It was skipped.
    TooLong,
    /// The file has no further line.
    End,
}

impl Lines {
    pub(super) fn new(source: Bytes) -> Self {
        Self {
            source: BufReader::with_capacity(64 * 1024, source),
            number: 0,
            start: Vec::new(),
        }
    }

    /// Returns the number of the line that was read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Returns whether the file is UTF-16, as the first line shows.
    pub(super) fn is_utf16(&self) -> bool {
        matches!(
            self.start[..],
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, ..]
        )
    }

    /// Reads the next line and adds it to the text, up to this number of bytes. `\n` and `\r\n` end
    /// lines.
    pub(super) fn read(&mut self, text: &mut Vec<u8>, limit: usize) -> io::Result<Line> {
        let before = text.len();
        // One byte more than a line at the limit has with a BOM and its end.
        let allowed = limit.saturating_add(BOM.len() + 3);
        let mut part = (&mut self.source).take(allowed as u64);
        if part.read_until(b'\n', text)? == 0 {
            return Ok(Line::End);
        }
        self.number = self.number.saturating_add(1);
        if self.number == 1 {
            self.start = text[before..].iter().copied().take(4).collect();
            if text[before..].starts_with(BOM) {
                text.drain(before..before + BOM.len());
            }
        }
        let is_whole = text.ends_with(b"\n");
        if is_whole {
            text.pop();
        }
        if text.len() > before && text.ends_with(b"\r") && is_whole {
            text.pop();
        }
        if text.len() - before > limit {
            text.truncate(before);
            if !is_whole {
                self.skip_line()?;
            }
            return Ok(Line::TooLong);
        }
        Ok(Line::Read)
    }

    /// Skips the rest of a line without keeping it.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffered = match self.source.fill_buf() {
                Ok(buffered) => buffered,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let length = buffered.len();
            let end = buffered.iter().position(|byte| *byte == b'\n');
            self.source.consume(end.map_or(length, |end| end + 1));
            if end.is_some() || length == 0 {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Lines};

    fn lines(text: &[u8], limit: usize) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut lines = Lines::new(Box::new(std::io::Cursor::new(text.to_vec())));
        let mut found = Vec::new();
        loop {
            let mut line = Vec::new();
            let read = lines.read(&mut line, limit).unwrap();
            match read {
                Line::Read => found.push((lines.number(), Some(line))),
                Line::TooLong => found.push((lines.number(), None)),
                Line::End => return found,
            }
        }
    }

    #[test]
    fn both_ends_of_lines_and_a_bom_are_removed() {
        let read = lines(b"\xef\xbb\xbfa\r\n\nb\r\r\nc", 10);
        let expected = [&b"a"[..], b"", b"b\r", b"c"].map(|line| Some(line.to_vec()));
        assert_eq!(read, (1..).zip(expected).collect::<Vec<_>>());
        assert_eq!(lines(b"", 10), []);
        assert_eq!(lines(b"\xef\xbb\xbf", 10), [(1, Some(Vec::new()))]);
        // Without the end of a line, it may be a part of the text.
        assert_eq!(lines(b"a\r", 10), [(1, Some(b"a\r".to_vec()))]);
    }

    #[test]
    fn a_line_above_the_limit_is_skipped() {
        let text = [&b"1234\n"[..], b"12345\r\n", b"12345678901234567890\n", b"1234"].concat();
        let read = lines(&text, 4);
        let short = Some(b"1234".to_vec());
        assert_eq!(read, [(1, short.clone()), (2, None), (3, None), (4, short)]);
        assert_eq!(lines(b"12345678901234567890", 4), [(1, None)]);
    }
}
