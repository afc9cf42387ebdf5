//! The FASTQ files of read 1 and read 2 in the rows of a sample sheet.

use super::columns::{Column, Columns};
use super::problem::ManifestProblem;

/// Check of the FASTQ files of each row.
#[derive(Debug)]
pub(super) struct FastqPairs {
    read1: FastqColumn,
    /// None for a sheet of single reads.
    read2: Option<FastqColumn>,
    has_pairs: bool,
    /// Line and sample of the rows with a file of read 1 alone.
    singles: Vec<(u64, String)>,
}

#[derive(Debug)]
struct FastqColumn {
    index: usize,
    name: String,
}

impl FastqPairs {
    /// Returns the check for a header. None if the header is not that of a sample sheet.
    pub(super) fn new(columns: &Columns) -> Option<Self> {
        let column = |read| {
            let mut columns = columns.columns.iter().enumerate();
            let found = columns.find(|(_, (_, column))| *column == Column::Fastq(read))?;
            let (index, (name, _)) = found;
            let name = name.clone();
            Some(FastqColumn { index, name })
        };
        Some(Self {
            read1: column(0).filter(|_| columns.is_sample_sheet)?,
            read2: column(1),
            has_pairs: false,
            singles: Vec::new(),
        })
    }

    /// Checks the fields of a row.
    pub(super) fn check(&mut self, line: u64, sample: &str, fields: &[String]) -> Option<ManifestProblem> {
        let file = |column: &FastqColumn| fields.get(column.index).map_or("", String::as_str);
        let (first, second) = (file(&self.read1), self.read2.as_ref().map_or("", file));
        let problem =
            |column: &FastqColumn, reason: String| Some(ManifestProblem::at(line, reason).column(&column.name));
        match (first.is_empty(), second.is_empty()) {
            (true, true) => {
                return problem(
                    &self.read1,
                    "the row has no FASTQ file; write its path, or remove the row".to_owned(),
                );
            }
            (true, false) => {
                let reason = "the file of read 1 is missing, and that of read 2 is not; write its path";
                return problem(&self.read1, reason.to_owned());
            }
            (false, true) => self.singles.push((line, sample.to_owned())),
            (false, false) => self.has_pairs = true,
        }
        let (wrong, read) = wrong_read(first, second)?;
        let (column, file, other) = match (wrong, &self.read2) {
            (Wrong::Second, Some(column)) => (column, second, &self.read1),
            (_, column) => (&self.read1, first, column.as_ref().unwrap_or(&self.read1)),
        };
        let advice = match second.is_empty() {
            true => "write the file of read 1".to_owned(),
            false => format!("check whether {:?} and {:?} are exchanged", column.name, other.name),
        };
        problem(
            column,
            format!(
                "{file:?} has the name of a file of read {read}; {advice}. If the name is wrong, write a manifest with \
                 the columns user_reference and input.CODE, which may have any names"
            ),
        )
    }

    /// Returns the problems of rows without a file of read 2, if other rows have one.
    pub(super) fn finish(&mut self) -> Vec<ManifestProblem> {
        let singles = std::mem::take(&mut self.singles);
        let Some(read2) = self.read2.as_ref().filter(|_| self.has_pairs) else {
            return Vec::new();
        };
        let reason = "the file of read 2 is missing, and other rows have one; write its path, or put samples with read 1 \
                      alone into a sheet of their own";
        let problem = |(line, sample): (u64, String)| {
            let problem = ManifestProblem::at(line, reason).column(&read2.name);
            problem.user_reference(&sample)
        };
        singles.into_iter().map(problem).collect()
    }
}

/// File of a pair whose name is that of the other read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    First,
    Second,
}

/// Returns which name is that of the other read, and the read that the name has.
///
/// The read of a name of Illumina is certain. For other names, such as `WT_R2_1.fastq.gz`, only the
/// word in which the names of a pair differ tells the read.
fn wrong_read(first: &str, second: &str) -> Option<(Wrong, u8)> {
    let [first, second] = [first, second].map(|path| path.rsplit('/').next().unwrap_or(path).to_lowercase());
    if illumina_read(&first) == Some(2) {
        return Some((Wrong::First, 2));
    }
    if illumina_read(&second) == Some(1) {
        return Some((Wrong::Second, 1));
    }
    let (mut first, mut second) = (words(&first), words(&second));
    let mut different = None;
    loop {
        match (first.next(), second.next()) {
            (None, None) => break,
            (Some(one), Some(two)) if one == two => {}
            (Some(one), Some(two)) if different.is_none() => different = Some((one, two)),
            _ => return None,
        }
    }
    match different? {
        ("r2", "r1") | ("2", "1") | ("read2", "read1") => Some((Wrong::First, 2)),
        _ => None,
    }
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-', '.'])
}

/// Returns the read of a name as bcl2fastq and BCL Convert write it, such as
/// `a_S1_L001_R1_001.fastq.gz`.
fn illumina_read(name: &str) -> Option<u8> {
    let (stem, rest) = name.split_once('.')?;
    let mut words = stem.rsplit('_');
    let (set, read) = (words.next()?, words.next()?);
    let is_fastq = rest.starts_with("fastq") || rest.starts_with("fq");
    if !is_fastq || set.len() != 3 || !set.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match read {
        "r1" => Some(1),
        "r2" => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Wrong, wrong_read};

    #[test]
    fn exchanged_reads_are_found_by_their_names() {
        for (first, second) in [
            ("/a_S1_L001_R2_001.fastq.gz", "/a_S1_L001_R1_001.fastq.gz"),
            ("/x/a_R2.fq.gz", "/x/a_R1.fq.gz"),
            ("/x/a_2.fastq.gz", "/x/a_1.fastq.gz"),
            ("icav2://p/x/a.read2.fq", "icav2://p/x/a.read1.fq"),
            ("/WT_R1_2.fq.gz", "/WT_R1_1.fq.gz"),
            ("/a_S1_L001_R2_001.fastq.ora", ""),
        ] {
            assert_eq!(wrong_read(first, second), Some((Wrong::First, 2)), "{first} {second}");
        }
        let twice = wrong_read("/a_S1_L001_R1_001.fastq.gz", "/a_S1_L002_R1_001.fastq.gz");
        assert_eq!(twice, Some((Wrong::Second, 1)));
    }

    #[test]
    fn other_names_say_nothing() {
        for (first, second) in [
            ("/a_S1_L001_R1_001.fastq.gz", "/a_S1_L001_R2_001.fastq.gz"),
            ("/WT_R2_1.fq.gz", "/WT_R2_2.fq.gz"),
            ("/sample_2.fastq.gz", ""),
            ("/sample_2.fastq.gz", "/sample_3.fastq.gz"),
            ("/r2/a_x.fq", "/r1/a_y.fq"),
            ("fil.2", "fil.1b"),
            ("/a_R2_x.fq", "/b_R1_x.fq"),
            ("/a.fq", "/a.b.fq"),
        ] {
            assert_eq!(wrong_read(first, second), None, "{first} {second}");
        }
    }
}
