//! Hashes of texts, to find equal ones in a bounded memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, Write};

use sha2::{Digest, Sha256};

/// Number of hashes in memory. More are sorted and written to a temporary file.
const RUN: usize = 1 << 18;

/// Size of the buffer of a file.
const BUFFER: usize = 16 * 1024;

/// Texts with their lines, as hashes.
///
/// A hash has 64 bits of SHA-256. So two of ten million different texts have the same one with a
/// probability of 3 in a million, and two of a hundred thousand with 3 in ten thousand million.
#[derive(Debug, Default)]
pub(super) struct Hashes {
    run: Vec<(u64, u32)>,
    /// Sorted runs: 8 bytes of each hash and 4 of its line.
    files: Vec<File>,
}

/// Lines with a text of an earlier line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repeated {
    pub(super) count: u64,
    /// The first of them, in their order, each with the first line of its text.
    pub(super) first: Vec<(u64, u64)>,
}

impl Hashes {
    /// Adds a text.
    ///
    /// # Errors
    /// A temporary file cannot be written.
    pub(super) fn add(&mut self, text: &str, line: u64) -> io::Result<()> {
        if self.run.len() >= RUN {
            self.write()?;
        }
        let digest = Sha256::digest(text);
        let hash = digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte));
        self.run.push((hash, u32::try_from(line).unwrap_or(u32::MAX)));
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        self.run.sort_unstable();
        let mut file = BufWriter::new(tempfile::tempfile()?);
        for (hash, line) in self.run.drain(..) {
            file.write_all(&hash.to_le_bytes())?;
            file.write_all(&line.to_le_bytes())?;
        }
        let mut file = file.into_inner()?;
        file.rewind()?;
        self.files.push(file);
        Ok(())
    }

    /// Returns the lines that repeat a text: up to `limit` of them.
    pub(super) fn repeated(self, limit: usize) -> io::Result<Repeated> {
        let mut count = 0_u64;
        let mut first = BinaryHeap::new();
        let mut before = None;
        for entry in self.sorted()? {
            let (hash, line) = entry?;
            match before {
                Some((same, begin)) if same == hash => {
                    count = count.saturating_add(1);
                    first.push((u64::from(line), u64::from(begin)));
                    if first.len() > limit {
                        first.pop();
                    }
                }
                _ => before = Some((hash, line)),
            }
        }
        let first = first.into_sorted_vec();
        Ok(Repeated { count, first })
    }

    /// Returns the number of different texts.
    pub(super) fn distinct(self) -> io::Result<u64> {
        let mut count = 0_u64;
        let mut before = None;
        for entry in self.sorted()? {
            let (hash, _) = entry?;
            if before.replace(hash) != Some(hash) {
                count = count.saturating_add(1);
            }
        }
        Ok(count)
    }

    fn sorted(mut self) -> io::Result<Merge> {
        self.run.sort_unstable();
        let files = self.files.into_iter().map(|file| -> Run {
            let mut file = BufReader::with_capacity(BUFFER, file);
            Box::new(std::iter::from_fn(move || read(&mut file).transpose()))
        });
        let run: Run = Box::new(self.run.into_iter().map(Ok));
        let mut runs = files.chain([run]).collect::<Vec<_>>();
        let mut next = BinaryHeap::new();
        for (index, run) in runs.iter_mut().enumerate() {
            if let Some(entry) = run.next().transpose()? {
                next.push(Reverse((entry, index)));
            }
        }
        Ok(Merge { runs, next })
    }
}

type Run = Box<dyn Iterator<Item = io::Result<(u64, u32)>>>;

fn read(file: &mut impl Read) -> io::Result<Option<(u64, u32)>> {
    let (mut hash, mut line) = ([0; 8], [0; 4]);
    match file.read_exact(&mut hash) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    file.read_exact(&mut line)?;
    Ok(Some((u64::from_le_bytes(hash), u32::from_le_bytes(line))))
}

/// Iterator over the hashes of sorted runs, in their order.
struct Merge {
    runs: Vec<Run>,
    /// The next hash of each run.
    next: BinaryHeap<Reverse<((u64, u32), usize)>>,
}

impl Iterator for Merge {
    type Item = io::Result<(u64, u32)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut least = self.next.peek_mut()?;
        let Reverse((entry, index)) = *least;
        match { self.runs.get_mut(index) }.and_then(Iterator::next) {
            Some(Ok(next)) => *least = Reverse((next, index)),
            Some(Err(error)) => return Some(Err(error)),
            None => _ = PeekMut::pop(least),
        }
        Some(Ok(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::{Hashes, RUN, Repeated};

    fn hashes(texts: impl IntoIterator<Item = String>) -> Hashes {
        let mut hashes = Hashes::default();
        for (text, line) in texts.into_iter().zip(1..) {
            hashes.add(&text, line).unwrap();
        }
        hashes
    }

    #[test]
    fn repeated_texts_have_their_first_line() {
        let texts = || ["a", "A", "b", "a", "c", "b", "a"].map(str::to_owned);
        let first = vec![(4, 1), (6, 3), (7, 1)];
        let count = 3;
        assert_eq!(hashes(texts()).repeated(9).unwrap(), Repeated { count, first });
        let first = vec![(4, 1), (6, 3)];
        assert_eq!(hashes(texts()).repeated(2).unwrap(), Repeated { count, first });
        assert_eq!(hashes(texts()).distinct().unwrap(), 4);
        assert_eq!(hashes([]).distinct().unwrap(), 0);
    }

    #[test]
    fn many_texts_are_in_files() {
        let number = 2 * RUN + RUN / 2;
        // Each run has the first and the last text of another one.
        let text = |index: usize| format!("sample-{}", index % (number - 3));
        let all = hashes((0..number).map(text));
        assert_eq!((all.files.len(), all.run.len()), (2, RUN / 2));
        let line = number as u64 - 2;
        let first = vec![(line, 1), (line + 1, 2), (line + 2, 3)];
        assert_eq!(all.repeated(5).unwrap(), Repeated { count: 3, first });
        assert_eq!(hashes((0..number).map(text)).distinct().unwrap(), number as u64 - 3);
    }
}
