//! Messages on standard error. Data goes to standard output by `output`.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use indicatif::MultiProgress;

use crate::fit;

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

/// Writes a line to standard error, however long it is. A closed standard error does not end the program.
pub(crate) fn line(text: impl fmt::Display) {
    above_bars(|| writeln!(anstream::stderr().lock(), "{text}").ok());
}

/// Writes a text for people. On a terminal, it is broken into lines between words.
pub(crate) fn text(text: impl fmt::Display) {
    line(fitting(text.to_string()));
}

/// Writes an error.
pub(crate) fn error(text: impl fmt::Display) {
    labelled("error:", ERROR, text);
}

/// Writes a warning.
pub(crate) fn warning(text: impl fmt::Display) {
    labelled("warning:", WARNING, text);
}

fn labelled(label: &str, style: Style, text: impl fmt::Display) {
    let text = fitting(format!("{label} {text}"));
    let rest = text.strip_prefix(label).unwrap_or(&text);
    line(format_args!("{style}{label}{style:#}{rest}"));
}

/// Returns the text as it fits into the terminal. A line with a command stays whole, so that the
/// command can be copied into a shell.
fn fitting(text: String) -> String {
    let Some(columns) = fit::columns(io::stderr()) else {
        return text;
    };
    let fitting = |line: &str| match line.contains("ica-batch ") {
        true => line.to_owned(),
        false => fit::paragraphs(line, columns),
    };
    text.split('\n').map(fitting).collect::<Vec<_>>().join("\n")
}
