//! A manifest in a file.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::NamedTempFile;

use super::columns::Expected;
use super::defaults::ManifestDefaults;
use super::digest::RowsDigest;
use super::format::ManifestFormat;
use super::lines::Bytes;
use super::rows::{ManifestRows, Settings};
use crate::error::{Error, Result, SENTENCE, shown};

/// Code of the input for FASTQ files of a sample sheet, as in DRAGEN pipelines.
const FASTQS: &str = "fastqs";

/// Manifest in a file: the analyses of a submission, one per row.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials, Journal};
/// use ica_batch_sdk_ext::{ManifestDefaults, ManifestFile};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let files = ["/run1/a.bam", "/run1/b.bam"].map(ica_simulator::SeedData::file);
/// # simulator.seed_data(simulator.project_id(), files);
/// # let pipeline = ica_simulator::SeedPipeline::new("Germline 4-3-6");
/// # simulator.seed_pipeline(simulator.project_id(), pipeline);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// # let folder = tempfile::tempdir()?;
/// # let journal = Journal::open(folder.path().join("cohort.db"))?;
/// # let path = folder.path().join("cohort.csv");
/// std::fs::write(&path, "user_reference,input.reads\nsample-1,/run1/a.bam\nsample-2,/run1/b.bam\n")?;
///
/// let defaults = ManifestDefaults::new().pipeline("Germline 4-3-6").storage("Small");
/// let manifest = ManifestFile::open(&path)?.defaults(defaults);
/// // Checks all rows, with requests that only read.
/// let checked = project.preflight(manifest).await?;
/// assert_eq!(checked.report().rows, 2);
/// let submission = project.submission("cohort-42", &journal);
/// let report = submission.try_analyses(checked.analyses()).run().await?;
/// assert_eq!(report.counts().created, 2);
/// # Ok(())
/// # }
/// ```
///
/// # Columns of CSV and TSV
///
/// The first line has the names of the columns, in any order. White space around a field is removed,
/// and an empty field has no value. Fields with separators, quotation marks or line ends are quoted as
/// in RFC 4180.
///
/// | column | value |
/// |---|---|
/// | `user_reference` | name of the analysis, mandatory and unique |
/// | `pipeline` | code, id or URN; mandatory unless there is a [default](ManifestDefaults::pipeline) |
/// | `storage` | name or id of the storage size |
/// | `output_folder` | path or id of an existing folder for the folder of the outputs |
/// | `tags` | user tags, separated by `;` |
/// | `input.CODE` | data of the input with this code, separated by `;`: `fil.…`, `fol.…`, `/path`, `icav2://PROJECT/path` |
/// | `param.CODE` | value of the parameter with this code |
///
/// An empty field of `input.CODE` means that the analysis has no data for this input, unless there is
/// a [default](ManifestDefaults::input). A row that has no data in any of these columns is an error,
/// and so is a column that has data in no row.
///
/// Other columns are errors, unless they are [ignored](Self::ignore_columns). A folder's path ends with
/// `/`. Names with `;` need JSON lines.
///
/// # JSON lines
///
/// Each line is an object as [`ManifestRow`](crate::ManifestRow) describes it:
///
/// ```json
/// {"user_reference": "sample-1", "inputs": {"reads": ["/a.bam"]}, "params": {"ploidy": "2"}}
/// ```
///
/// # Sample sheets
///
/// A CSV or TSV file without `user_reference` is a sample sheet if it has a column with the sample and
/// one with the FASTQ file of read 1. The names are those of nf-core (`sample`, `fastq_1`, `fastq_2`),
/// of Illumina (`Sample_ID`, `Read1`, `Read2`), or of the FASTQ list of DRAGEN (`RGSM`, `Read1File`,
/// `Read2File`). The sample is the user reference, and all rows of a sample are one analysis. The files
/// belong to the input `fastqs`, in the order of the rows, read 1 before read 2; see
/// [`fastq_input`](Self::fastq_input). A sheet may also have the columns above. The columns `lane`,
/// `RGID` and `RGLB` are ignored.
///
/// Each row has a file of read 1. If one row has a file of read 2, each row has one. A file whose name
/// is that of the other read is an error, such as `a_S1_L001_R2_001.fastq.gz` in the column of read 1,
/// or `a_2.fq.gz` there and `a_1.fq.gz` in the column of read 2.
#[derive(Debug, Clone)]
pub struct ManifestFile {
    name: String,
    source: Source,
    settings: Settings,
}

/// A file that can be read several times.
#[derive(Debug, Clone)]
enum Source {
    Path(PathBuf),
    /// A copy, which is deleted with the last owner.
    Copy(Arc<NamedTempFile>),
}

impl ManifestFile {
    /// Opens a file. Its extension is the format: `csv`, `tsv`, `jsonl` or `ndjson`.
    ///
    /// The file is read once when it is checked, again if user references occur several times, and once
    /// when its analyses are planned. Something that can be read only once, such as a pipe, is copied to
    /// a temporary file first.
    ///
    /// ```
    /// use ica_batch_sdk_ext::ManifestFile;
    ///
    /// let error = ManifestFile::open("cohort.xlsx").unwrap_err();
    /// assert!(error.to_string().ends_with("export it as CSV in UTF-8, and use that file"));
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no such file, or if its extension
    /// is not that of a format.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let format = ManifestFormat::of_path(path).map_err(|error| error.could_not(opening(path)))?;
        Self::open_as(path, format)
    }

    /// Opens a file of this format, whatever its extension is.
    ///
    /// # Errors
    /// As those of [`open`](Self::open), but for the extension.
    pub fn open_as(path: impl AsRef<Path>, format: ManifestFormat) -> Result<Self> {
        let path = path.as_ref();
        let name = path.to_string_lossy().into_owned();
        let failed = |error: io::Error| {
            Error::invalid_input(error.to_string())
                .could_not(opening(path))
                .with_advice("check its path and permissions")
        };
        let kind = fs::metadata(path).map_err(failed)?;
        if kind.is_dir() {
            let error = Error::invalid_input("it is a folder").could_not(opening(path));
            return Err(error.with_advice("name a file"));
        }
        let file = File::open(path).map_err(failed)?;
        match kind.is_file() {
            true => Ok(Self::new(name, Source::Path(path.to_owned()), format)),
            false => Self::from_reader(name, format, file),
        }
    }

    /// Reads a manifest to its end, into a temporary file. Use it for the standard input, for example.
    /// `name` is the name in errors.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{ManifestFile, ManifestFormat};
    ///
    /// let text = "user_reference\tpipeline\nsample-1\tGermline\n";
    /// let manifest = ManifestFile::from_reader("standard input", ManifestFormat::Tsv, text.as_bytes())?;
    /// assert_eq!((manifest.name(), manifest.rows().count()), ("standard input", 1));
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the reader fails, or if the temporary file
    /// cannot be written.
    pub fn from_reader(name: impl Into<String>, format: ManifestFormat, mut reader: impl Read) -> Result<Self> {
        let name = name.into();
        let mut copy = || {
            let mut copy = NamedTempFile::new()?;
            io::copy(&mut reader, &mut copy)?;
            Ok(copy)
        };
        let copied = copy().map_err(|error: io::Error| {
            Error::invalid_input(error.to_string())
                .could_not(format!(
                    "copy manifest {:?} to a temporary file",
                    shown(&name, SENTENCE)
                ))
                .with_advice("check the source, and the space for temporary files (TMPDIR)")
        });
        Ok(Self::new(name, Source::Copy(Arc::new(copied?)), format))
    }

    fn new(name: String, source: Source, format: ManifestFormat) -> Self {
        let settings = Settings {
            format,
            defaults: ManifestDefaults::new(),
            expected: Expected::default(),
            fastq: [FASTQS, FASTQS].map(str::to_owned),
        };
        Self { name, source, settings }
    }

    /// Sets the values that the rows share, in place of those set before.
    pub fn defaults(mut self, defaults: ManifestDefaults) -> Self {
        self.settings.defaults = defaults;
        self
    }

    /// Sets the code of the input for the FASTQ files of a sample sheet: `fastqs` by default.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{ManifestDefaults, ManifestFile, ManifestFormat};
    ///
    /// let text = "sample,fastq_1,fastq_2\na,/a_L1_R1.fq.gz,/a_L1_R2.fq.gz\na,/a_L2_R1.fq.gz,/a_L2_R2.fq.gz\n";
    /// let sheet = ManifestFile::from_reader("example", ManifestFormat::Csv, text.as_bytes())?
    ///     .defaults(ManifestDefaults::new().pipeline("Germline"));
    /// let rows = sheet.clone().fastq_input("reads").rows().collect::<Result<Vec<_>, _>>()?;
    /// assert_eq!((rows.len(), rows[0].inputs["reads"].len()), (1, 4));
    /// let rows = sheet.fastq_inputs("read1", "read2").rows().collect::<Result<Vec<_>, _>>()?;
    /// assert_eq!(rows[0].inputs["read2"], ["/a_L1_R2.fq.gz", "/a_L2_R2.fq.gz"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fastq_input(self, code: impl Into<String>) -> Self {
        let code = code.into();
        self.fastq_inputs(code.clone(), code)
    }

    /// Sets the codes of the inputs for the FASTQ files of read 1 and of read 2 of a sample sheet.
    pub fn fastq_inputs(mut self, read1: impl Into<String>, read2: impl Into<String>) -> Self {
        self.settings.fastq = [read1.into(), read2.into()];
        self
    }

    /// Adds columns of CSV or TSV that are not read.
    pub fn ignore_columns(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.expected.ignored.extend(names.into_iter().map(Into::into));
        self
    }

    /// Returns the name in errors: the path, or the name of a reader.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the format.
    pub fn format(&self) -> ManifestFormat {
        self.settings.format
    }

    /// Returns the values that the rows share.
    pub(super) fn default_values(&self) -> &ManifestDefaults {
        &self.settings.defaults
    }

    /// Reads the rows, with the defaults. Sends nothing.
    pub fn rows(&self) -> ManifestRows {
        ManifestRows::new(self.read(), &self.settings)
    }

    /// Reads the rows, and counts the bytes that were read.
    pub(super) fn counted_rows(&self, bytes: Arc<AtomicU64>) -> ManifestRows {
        let source = self
            .read()
            .map(|source| -> Bytes { Box::new(Counted { source, bytes }) });
        ManifestRows::new(source, &self.settings)
    }

    /// Returns the size in bytes. 0 if it is not known.
    pub(super) fn size(&self) -> u64 {
        let path = match &self.source {
            Source::Path(path) => path,
            Source::Copy(copy) => copy.path(),
        };
        fs::metadata(path).map_or(0, |metadata| metadata.len())
    }

    /// Returns the digest that [`CheckedManifest::digest`](crate::CheckedManifest::digest) has for the
    /// project with this id. Sends nothing. None if a row is not valid.
    ///
    /// So a program can tell, without a request, whether the journal has the plan of this manifest.
    ///
    /// ```
    /// use ica_batch_sdk_ext::{ManifestFile, ManifestFormat};
    ///
    /// let read = |text: &str| ManifestFile::from_reader("example", ManifestFormat::Csv, text.as_bytes());
    /// let digest = read("user_reference,pipeline\na,Germline\n")?.digest("my-project");
    /// assert_eq!(digest, read("pipeline,user_reference\r\nGermline,a\r\n")?.digest("my-project"));
    /// assert_ne!(digest, read("user_reference,pipeline\nb,Germline\n")?.digest("my-project"));
    /// assert_eq!(read("user_reference,pipline\na,Germline\n")?.digest("my-project"), None);
    /// # Ok::<(), ica_batch_sdk_ext::Error>(())
    /// ```
    pub fn digest(&self, project: &str) -> Option<String> {
        let mut digest = RowsDigest::new(project);
        for row in self.rows() {
            digest.add(&row.ok()?);
        }
        Some(digest.finish())
    }

    fn read(&self) -> io::Result<Bytes> {
        let mut file = match &self.source {
            Source::Path(path) => File::open(path)?,
            Source::Copy(copy) => copy.reopen()?,
        };
        file.rewind()?;
        Ok(Box::new(file))
    }
}

/// Reader that counts its bytes.
struct Counted {
    source: Bytes,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

fn opening(path: &Path) -> String {
    format!("open manifest {:?}", shown(&path.to_string_lossy(), SENTENCE))
}

#[cfg(test)]
mod tests {
    use super::{ManifestFile, ManifestFormat};

    #[test]
    fn what_cannot_be_opened_is_an_error_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| ManifestFile::open(folder.path().join(name)).unwrap_err();
        let error = open("none.csv");
        assert!(error.is_invalid_input());
        let text = error.to_string();
        assert!(
            text.starts_with("could not open manifest ") && text.ends_with("check its path and permissions"),
            "{text}"
        );
        std::fs::create_dir(folder.path().join("folder.csv")).unwrap();
        assert!(open("folder.csv").to_string().ends_with("it is a folder; name a file"));
        assert!(open("a.txt").to_string().contains("could not open manifest"));
    }

    #[test]
    fn a_file_that_is_deleted_and_an_empty_one_are_problems() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "\n").unwrap();
        for format in [ManifestFormat::Csv, ManifestFormat::JsonLines] {
            let problems = ManifestFile::open_as(&path, format).unwrap().rows().collect::<Vec<_>>();
            let problem = problems[0].as_ref().unwrap_err().to_string();
            assert_eq!(
                (problems.len(), problem.as_str()),
                (1, "the manifest has no rows; write a row for each analysis")
            );
        }
        let manifest = ManifestFile::open_as(&path, ManifestFormat::Csv).unwrap();
        std::fs::remove_file(&path).unwrap();
        let problems = manifest.rows().collect::<Vec<_>>();
        let problem = problems[0].as_ref().unwrap_err().to_string();
        assert!(problem.starts_with("the file cannot be opened: "), "{problem}");
        assert_eq!(problems.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        let writer = {
            let path = path.clone();
            std::thread::spawn(move || std::fs::write(path, "user_reference,pipeline\na,p\n"))
        };
        let manifest = ManifestFile::open_as(&path, ManifestFormat::Csv).unwrap();
        writer.join().unwrap().unwrap();
        for _ in 0..2 {
            assert_eq!(manifest.rows().map(Result::unwrap).count(), 1);
        }
    }
}
