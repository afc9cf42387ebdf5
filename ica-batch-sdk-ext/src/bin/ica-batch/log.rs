//! The log of the SDK on standard error: a line for each call, attempt and event.
//!
//! A line has the time, the level, what was done, and its fields. The SDK puts no secret into a field.

use std::fmt::{Debug, Write as _};
use std::time::Instant;

use chrono::{SecondsFormat, Utc};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use crate::messages;

/// Span of an attempt, in the library.
const ATTEMPT: &str = "http.request";

/// Span of a call, with all its attempts.
const CALL: &str = "ica.call";

/// Name of the field that says what a span is.
const TITLE: &str = "otel.name";

/// Name of the field with the text of an event.
const MESSAGE: &str = "message";

/// Starts the log: of calls with 1, of attempts with 2, of everything with 3.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => Level::INFO,
        2 => Level::DEBUG,
        _ => Level::TRACE,
    };
    let targets = Targets::new()
        .with_target("ica_batch_sdk_ext", level)
        .with_target("ica_batch_sdk", level);
    let has_attempts = verbose > 1;
    let spans = filter_fn(move |metadata| has_attempts || metadata.name() != ATTEMPT);
    let subscriber = tracing_subscriber::registry().with(Log).with(targets).with(spans);
    // It fails only where a log exists already.
    tracing::subscriber::set_global_default(subscriber).ok();
}

/// Layer that writes the lines.
struct Log;

/// Text of a line, as it becomes known.
#[derive(Debug)]
struct Line {
    title: Option<String>,
    fields: String,
    started: Instant,
}

impl Line {
    fn new() -> Self {
        Self {
            title: None,
            fields: String::new(),
            started: Instant::now(),
        }
    }

    fn add(&mut self, name: &str, value: &str) {
        if matches!(name, TITLE | MESSAGE) {
            self.title = Some(value.to_owned());
            return;
        }
        if let Some(name) = shown(name) {
            // A field takes any text.
            write!(self.fields, " {name}={value}").ok();
        }
    }
}

/// Returns the name of a field in a line. None for a field that repeats others.
fn shown(name: &str) -> Option<&str> {
    Some(match name {
        "http.response.status_code" => "status",
        "http.request.resend_count" => "retry",
        "ica.idempotency_key" => "key",
        "ica.attempts" => "attempts",
        "ica.problem.code" => "problem",
        "ica.problem.id" => "problem_id",
        "ica.request.id" => "request_id",
        "error.type" => "error",
        "server.address" => "server",
        // The title has the method and the path, and an error its kind.
        "http.request.method" | "url.template" | "otel.kind" | "otel.status_code" => return None,
        other => other,
    })
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field.name(), &format!("{value:?}"));
    }
}

fn write(metadata: &Metadata<'_>, text: &str) {
    let time = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let text = text.replace(char::is_control, " ");
    messages::line(format_args!("{time} {:>5} {text}", metadata.level()));
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut line = Line::new();
            attributes.record(&mut line);
            span.extensions_mut().insert(line);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(line) = span.extensions_mut().get_mut::<Line>()
        {
            values.record(line);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::new();
        event.record(&mut line);
        let title = line.title.as_deref().unwrap_or(event.metadata().name());
        write(event.metadata(), &format!("{title}{}", line.fields));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let extensions = span.extensions();
        let Some(line) = extensions.get::<Line>() else { return };
        let title = match (span.name(), line.title.as_deref()) {
            (CALL, Some(operation)) => format!("call of {operation}"),
            (name, title) => title.unwrap_or(name).to_owned(),
        };
        let took = line.started.elapsed().as_millis();
        write(span.metadata(), &format!("{title}{} took={took}ms", line.fields));
    }
}
