//! Messages on standard error. Data goes to standard output by `output`.

use std::fmt;
use std::io::{self, IsTerminal as _, Write};
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use indicatif::MultiProgress;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::fmt::format::FmtSpan;
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

/// Bars of progress, if the command shows some. Lines are written above them.
static BARS: OnceLock<MultiProgress> = OnceLock::new();

/// Span of an attempt, in the library.
const ATTEMPT: &str = "http.request";

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
        .with_writer(|| Log)
        // Calls and attempts are spans: each is a line when it has ended.
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(has_colors());
    let targets = Targets::new()
        .with_target("ica_batch_sdk_ext", level)
        .with_target("ica_batch_sdk", level);
    let has_attempts = verbose > 1;
    let spans = filter_fn(move |metadata| has_attempts || metadata.name() != ATTEMPT);
    let subscriber = tracing_subscriber::registry().with(log).with(targets).with(spans);
    // It fails only where a log exists already.
    tracing::subscriber::set_global_default(subscriber).ok();
}

/// Returns whether a person sees standard error on a terminal.
pub(crate) fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Returns whether standard error shows colors.
pub(crate) fn has_colors() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

/// Returns the bars of progress. From the first call on, lines are written above them.
pub(crate) fn bars() -> &'static MultiProgress {
    BARS.get_or_init(MultiProgress::new)
}

/// Writes something above the bars of progress.
fn above_bars<T>(write: impl FnOnce() -> T) -> T {
    match BARS.get() {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

/// Standard error for the log. Each event is one write.
struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        above_bars(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Writes a line to standard error. A closed standard error is no reason to end.
pub(crate) fn line(text: impl fmt::Display) {
    above_bars(|| writeln!(anstream::stderr().lock(), "{text}").ok());
}

/// Writes an error.
pub(crate) fn error(text: impl fmt::Display) {
    line(format_args!("{ERROR}error:{ERROR:#} {text}"));
}

/// Writes a warning.
pub(crate) fn warning(text: impl fmt::Display) {
    line(format_args!("{WARNING}warning:{WARNING:#} {text}"));
}
