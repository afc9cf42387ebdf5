//! `ica-batch simulate`: a simulated ICA with data and a pipeline, and a manifest for them.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use ica_simulator::{ProgramOptions, SeedData, SeedPipeline, Simulator};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::messages;

/// Code of the input of the example manifest.
const INPUT: &str = "reads";
/// Storage size of the example manifest.
const STORAGE: &str = "Small";
/// Size of a simulated FASTQ file in bytes.
const FASTQ_SIZE: u64 = 2_000_000_000;

/// Simulates ICA on this machine, to try everything out without an account.
///
/// The simulated project has a pipeline, all storage sizes, and two FASTQ files for each sample:
/// `/fastq/sample-0001_R1.fastq.gz` and `/fastq/sample-0001_R2.fastq.gz`. Standard output has the
/// settings of the other commands as shell commands; paste them into another terminal. Ctrl-C ends
/// the simulator, and nothing is kept.
#[derive(Debug, Args)]
// A newcomer should see the end of the analyses.
#[command(mut_arg("analysis_time", |arg| arg.default_value("20")))]
pub(crate) struct Simulate {
    /// Code of the simulated pipeline.
    #[arg(long, value_name = "CODE", default_value = "Germline 4-3-6")]
    pipeline: String,
    /// Number of samples, each with two FASTQ files.
    #[arg(long, value_name = "SAMPLES", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rows: u32,
    /// File for an example manifest: CSV with a row for each sample. An existing file with other
    /// content is not replaced.
    #[arg(long, value_name = "FILE")]
    example_manifest: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Simulator options")]
    simulator: ProgramOptions,
}

impl Simulate {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        if let Some(path) = &self.example_manifest {
            write_manifest(path, &self.manifest())?;
        }
        let what = "could not start the simulator";
        let simulator = self.simulator.start().map_err(|error| Failure::file(what, &error))?;
        let pipeline = SeedPipeline::new(&self.pipeline);
        let pipeline = simulator.seed_pipeline(simulator.project_id(), pipeline);
        let files = (1..=self.rows).flat_map(fastq_pair);
        let files = files.map(|path| SeedData::file(path).size(FASTQ_SIZE).format("FASTQ"));
        simulator.seed_data(simulator.project_id(), files);
        let mut signals = context.signals.take();
        print_settings(&simulator, &pipeline.to_string())
            .map_err(|error| Failure::file("could not write to standard output", &error))?;
        if !context.global.quiet {
            self.advise(simulator.seed());
        }
        match self.simulator.exit_after() {
            Some(time) => drop(tokio::time::timeout(time, signals.next()).await),
            None => signals.next().await,
        }
        Ok(Exit::Done)
    }

    /// Writes what to do next. Where standard output is a pipe, the lines go there, too, as comments of
    /// the shell: a program that shows them beside standard error would mix both.
    fn advise(&self, seed: u64) {
        let is_pipe = is_pipe();
        let line = |text: &str| match is_pipe {
            true => drop(writeln!(io::stdout(), "{text}")),
            false => messages::line(text),
        };
        line(&format!(
            "# This is a simulator (seed {seed}), not ICA. Ctrl-C ends it, and nothing is kept."
        ));
        line(match io::stdout().is_terminal() {
            true => "# Paste the lines above into another terminal, and then:",
            false => "# Standard output has the settings. Set them in another shell, and then:",
        });
        line("#   ica-batch login");
        match &self.example_manifest {
            Some(path) => line(&format!("#   ica-batch submit {} --wait", shown(path))),
            None => line("# An example manifest: ica-batch simulate --example-manifest example.csv"),
        }
    }

    fn manifest(&self) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let header = ["user_reference", "pipeline", "storage", &format!("input.{INPUT}")];
        let rows = (1..=self.rows).map(|number| {
            let [name, files] = [sample(number), fastq_pair(number).join(";")];
            [name, self.pipeline.clone(), STORAGE.to_owned(), files]
        });
        // Memory takes all that is written.
        csv.write_record(header).ok();
        for row in rows {
            csv.write_record(row).ok();
        }
        String::from_utf8(csv.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// Returns whether standard output is a pipe.
#[cfg(unix)]
fn is_pipe() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::FileTypeExt as _;
    let output = io::stdout().as_fd().try_clone_to_owned();
    let metadata = output.and_then(|output| std::fs::File::from(output).metadata());
    metadata.is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe() -> bool {
    false
}

fn sample(number: u32) -> String {
    format!("sample-{number:04}")
}

fn fastq_pair(number: u32) -> [String; 2] {
    ["R1", "R2"].map(|read| format!("/fastq/{}_{read}.fastq.gz", sample(number)))
}

/// Returns a path as an argument in a shell.
fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    match text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Writes the manifest, unless the file has this content already.
fn write_manifest(path: &Path, manifest: &str) -> Result<(), Failure> {
    let what = || format!("could not write the example manifest {}", path.display());
    match std::fs::read(path) {
        Ok(content) if content == manifest.as_bytes() => return Ok(()),
        Ok(_) => {
            return Err(
                Failure::rejected(format!("{}: the file exists with other content", what()))
                    .next("name another file with --example-manifest, or remove this one"),
            );
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::usage(format!("{}: {error}", what()))),
    }
    std::fs::write(path, manifest).map_err(|error| Failure::usage(format!("{}: {error}", what())))
}

/// Writes the settings to standard output, all at once: a script may wait for the first line.
fn print_settings(simulator: &Simulator, pipeline: &str) -> io::Result<()> {
    let mut text = String::new();
    let settings = [
        ("ICAV2_BASE_URL", simulator.base_url()),
        ("ICAV2_API_KEY", simulator.api_key().to_owned()),
        ("ICAV2_PROJECT_ID", simulator.project_id().to_owned()),
        ("ICA_PIPELINE_ID", pipeline.to_owned()),
    ];
    for (name, value) in settings {
        writeln!(text, "export {name}={value}").ok();
    }
    // A token would win over the key.
    text += "unset ICAV2_ACCESS_TOKEN\n";
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
