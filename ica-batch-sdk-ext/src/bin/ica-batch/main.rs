//! The program `ica-batch`: starts the analyses of a manifest on ICA, each exactly once, and
//! follows them.
//!
//! It uses the public interface of the crate only. From the bottom up:
//!
//! - `exit` and `failure` are the exit codes and the errors, and `suggestion` finds what was meant.
//!   `advice` has messages of the library in the words of the program, and `command_line` the
//!   commands that they name.
//! - `fit` breaks texts into lines that fit into a terminal.
//! - `messages` writes to standard error, `log` the log of the SDK, and `output` writes data to standard output or a file.
//! - `confirmation` asks before something cannot be undone.
//! - `global` has the options of all commands, and `settings` joins flags, environment and
//!   configuration file.
//! - `charts` draws statuses over time, and writes a page with the state of a submission.
//! - `signals` runs a command until it ends or is interrupted, and `progress` shows bars or lines.
//! - `context` opens the client, the project and the journal.
//! - `records` are kinds of data about submissions, batches and journals.
//! - `target` finds the submission or the batches that a command is about.
//! - `manifest` opens the manifest of a submission.
//! - `follow` runs a submission with progress until it ends or is interrupted, `summary` says how it
//!   ended, and `sending` joins both for the commands that send.
//! - `commands` has a file per command: its arguments, and what it does.
//! - `args` is the whole command line.

mod advice;
mod args;
mod charts;
mod command_line;
mod commands;
mod confirmation;
mod context;
mod exit;
mod failure;
mod fit;
mod follow;
mod global;
mod log;
mod manifest;
mod messages;
mod output;
mod patience;
mod progress;
mod records;
mod sending;
mod settings;
mod signals;
mod suggestion;
mod summary;
mod target;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use self::args::Arguments;
use self::context::Context;
use self::exit::Exit;
use self::failure::Failure;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return args::show(&error).into(),
    };
    messages::set_color(arguments.global.color);
    let format = arguments.global.error_format;
    log::start(arguments.global.verbose);
    match run(arguments) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.show(format);
            failure.exit().into()
        }
    }
}

fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Resumable, format!("could not start the runtime: {error}")))?;
    let Arguments { global, command } = arguments;
    let context = Context::new(global, command.needs_profile(), Arguments::command)?;
    let interrupted = command.interrupted();
    let signals = context.signals.share();
    let run = move || async move { command.run(&context).await };
    let result = signals::run(&runtime, &signals, interrupted, run);
    // A read of standard input that still waits must not hold the program.
    runtime.shutdown_background();
    result
}
