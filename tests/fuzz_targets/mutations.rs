//! Seeded mutations of a corpus, for a short run without libFuzzer.

use fastrand::Rng;

/// Parts of JSON, HTTP and YAML that a mutation inserts.
const DICTIONARY: [&str; 24] = [
    "\"",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    "null",
    "true",
    "-0",
    "1e999",
    "18446744073709551616",
    "\r\n",
    "\u{202e}",
    "\u{0}",
    "\u{feff}",
    "items",
    "nextPageToken",
    "totalItemCount",
    "Retry-After: ",
    "Content-Type: ",
    "access-token: ",
    "hush-hush-api-key-0123456789",
    "%2e%2e",
];

/// Largest result of a mutation, in bytes.
const LONGEST: usize = 64 * 1024;

/// Returns a mutation of one entry of the corpus.
///
/// # Panics
/// When the corpus is empty.
pub fn mutate(corpus: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut data = rng.choice(corpus).expect("a corpus has entries").clone();
    for _ in 0..rng.usize(1..=6) {
        let at = rng.usize(0..=data.len());
        match rng.u8(0..8) {
            0 if at < data.len() => data[at] ^= 1 << rng.u8(0..8),
            1 if at < data.len() => data[at] = rng.u8(..),
            2 => data.insert(at, rng.u8(..)),
            3 => data.truncate(at),
            4 => {
                let end = rng.usize(at..=data.len());
                data.drain(at..end);
            }
            5 => {
                let end = rng.usize(at..=data.len());
                let part = data[at..end].to_vec();
                let times = rng.usize(1..=8);
                data.splice(at..at, part.repeat(times));
            }
            6 => {
                let other = rng.choice(corpus).expect("a corpus has entries");
                let start = rng.usize(0..=other.len());
                let end = rng.usize(start..=other.len());
                data.splice(at..at, other[start..end].iter().copied());
            }
            _ => {
                let word = rng.choice(DICTIONARY).expect("the dictionary has entries");
                data.splice(at..at, word.bytes());
            }
        }
        data.truncate(LONGEST);
    }
    data
}
