//! Hashes of texts, to find equal ones in a bounded memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::temporary::{BUFFER, Part, TemporaryWriter};

/// Number of hashes in memory. More are sorted and written to a temporary file.
const RUN: usize = 1 << 18;

/// Bytes of a hash and its line in a file.
const ENTRY: u64 = 12;

/// Texts with their lines, as hashes.
///
/// A hash has 64 bits of SHA-256. So two of ten million different texts have the same one with a
/// probability of 3 in a million, and two of a hundred thousand with 3 in ten thousand million.
#[derive(Debug, Default)]
pub(super) struct Hashes {
    run: Vec<(u64, u32)>,
    /// Sorted runs of the same length: 8 bytes of each hash and 4 of its line.
    file: Option<TemporaryWriter>,
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
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(TemporaryWriter::new()?),
        };
        for (hash, line) in self.run.drain(..) {
            file.write(&hash.to_le_bytes())?;
            file.write(&line.to_le_bytes())?;
        }
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
        let mut runs: Vec<Run> = vec![Box::new(self.run.into_iter().map(Ok))];
        if let Some(file) = self.file {
            let (length, file) = (file.length(), file.finish()?);
            let mut begin = 0;
            while begin < length {
                let end = length.min(begin.saturating_add(ENTRY.saturating_mul(RUN as u64)));
                let part = Part::new(Arc::clone(&file), begin, end);
                let mut part = BufReader::with_capacity(BUFFER, part);
                let entries = (begin..end).step_by(ENTRY as usize);
                runs.push(Box::new(entries.map(move |_| read(&mut part))));
                begin = end;
            }
        }
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

fn read(file: &mut impl Read) -> io::Result<(u64, u32)> {
    let (mut hash, mut line) = ([0; 8], [0; 4]);
    file.read_exact(&mut hash)?;
    file.read_exact(&mut line)?;
    Ok((u64::from_le_bytes(hash), u32::from_le_bytes(line)))
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
    use super::{ENTRY, Hashes, RUN, Repeated};

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
        // The last run, which is in memory, has three texts of the first one.
        let text = |index: usize| format!("sample-{}", index % (number - 3));
        let all = hashes((0..number).map(text));
        let length = all.file.as_ref().unwrap().length();
        assert_eq!((length, all.run.len()), (2 * RUN as u64 * ENTRY, RUN / 2));
        let line = number as u64 - 2;
        let first = vec![(line, 1), (line + 1, 2), (line + 2, 3)];
        assert_eq!(all.repeated(5).unwrap(), Repeated { count: 3, first });
        assert_eq!(hashes((0..number).map(text)).distinct().unwrap(), number as u64 - 3);
    }
}
