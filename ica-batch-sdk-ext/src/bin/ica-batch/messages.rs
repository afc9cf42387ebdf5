//! Messages on standard error. Data goes to standard output by `output`.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

/// When text has colors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On terminals, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Sets when text has colors, for all later output.
pub(crate) fn set_color(color: Color) {
    let choice = match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Starts the log of the SDK on standard error: of calls with 1, of attempts with 2, of everything
/// with 3.
pub(crate) fn trace(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let log = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never);
    let subscriber = tracing_subscriber::registry().with(log).with(
        Targets::new()
            .with_target("ica_batch_sdk_ext", level)
            .with_target("ica_batch_sdk", level),
    );
    // It fails only where a log exists already.
    tracing::subscriber::set_global_default(subscriber).ok();
}

/// Returns whether a person sees standard error on a terminal.
pub(crate) fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Writes a line to standard error. A closed standard error is no reason to end.
pub(crate) fn line(text: impl fmt::Display) {
    writeln!(anstream::stderr().lock(), "{text}").ok();
}

/// Writes an error.
pub(crate) fn error(text: impl fmt::Display) {
    line(format_args!("{ERROR}error:{ERROR:#} {text}"));
}

/// Writes a warning.
pub(crate) fn warning(text: impl fmt::Display) {
    line(format_args!("{WARNING}warning:{WARNING:#} {text}"));
}
