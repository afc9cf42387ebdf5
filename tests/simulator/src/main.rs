//! The program `ica-simulator`: a simulator for clients in any language.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;
use ica_simulator::{ProgramOptions, Simulator, TokenOrigin};

/// Simulates the analysis and sample creation batches of Illumina Connected Analytics on 127.0.0.1.
///
/// The first line on standard output is the base URL. Standard error has the settings of a client
/// as shell commands, to be pasted into another terminal. The program keeps nothing when it ends.
#[derive(Debug, Parser)]
#[command(name = "ica-simulator", version)]
struct Options {
    #[command(flatten)]
    simulator: ProgramOptions,
    /// Prints only the base URL.
    #[arg(long, short)]
    quiet: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed.
            writeln!(io::stderr(), "ica-simulator: {error}").ok();
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    let simulator = options.simulator.start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let end = options.simulator.end()?;
        print_settings(&simulator, options)?;
        end.await
    })
}

fn print_settings(simulator: &Simulator, options: &Options) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", simulator.base_url())?;
    out.flush()?;
    if options.quiet {
        return Ok(());
    }
    let mut err = io::stderr().lock();
    let lifetime = options.simulator.token_lifetime();
    let token = simulator.issue_token(TokenOrigin::User, lifetime);
    writeln!(
        err,
        "# This is a simulator with seed {}, not ICA. Ctrl-C ends it. Paste these lines:",
        simulator.seed()
    )?;
    writeln!(err, "export ICAV2_BASE_URL={}", simulator.base_url())?;
    writeln!(err, "export ICAV2_API_KEY={}", simulator.api_key())?;
    writeln!(err, "export ICAV2_PROJECT_ID={}", simulator.project_id())?;
    writeln!(err, "export ICA_PIPELINE_ID={}", simulator.pipeline_id())?;
    writeln!(
        err,
        "# A token in place of the API key, valid for {} simulated seconds:",
        lifetime.as_secs()
    )?;
    writeln!(err, "# export ICAV2_ACCESS_TOKEN={token}")
}
