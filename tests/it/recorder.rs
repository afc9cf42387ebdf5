//! A `tracing` subscriber that records the spans and events of the crate, per test.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

thread_local! {
    /// Log of the test on this thread. The runtime of a test has one thread.
    static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// Spans, in the order in which they began, and the crate's events.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    pub(crate) spans: Vec<Span>,
    pub(crate) events: Vec<LoggedEvent>,
}

#[derive(Debug, Clone)]
pub(crate) struct Span {
    id: u64,
    pub(crate) name: &'static str,
    pub(crate) parent: Option<&'static str>,
    pub(crate) fields: BTreeMap<&'static str, String>,
}

#[derive(Debug, Clone)]
pub(crate) struct LoggedEvent {
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    pub(crate) fields: BTreeMap<&'static str, String>,
}

/// Starts the log of this thread. All tests share one subscriber, because tracing caches the
/// interest of subscribers.
pub(crate) fn start_log() {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        let subscriber = tracing_subscriber::registry().with(Logger);
        tracing::subscriber::set_global_default(subscriber).expect("no other subscriber is set");
    });
    LOG.set(Some(Log::default()));
}

/// Ends the log of this thread, and returns it.
pub(crate) fn take_log() -> Log {
    LOG.take().expect("the log was started")
}

fn with_log(act: impl FnOnce(&mut Log)) {
    LOG.with_borrow_mut(|log| log.as_mut().map(act));
}

struct Logger;

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Logger {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        with_log(|log| {
            let mut fields = BTreeMap::new();
            attributes.record(&mut Fields(&mut fields));
            let parent = context.span(id).and_then(|span| span.parent());
            log.spans.push(Span {
                id: id.into_u64(),
                name: attributes.metadata().name(),
                parent: parent.map(|parent| parent.name()),
                fields,
            });
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        with_log(|log| {
            if let Some(span) = log.spans.iter_mut().rfind(|span| span.id == id.into_u64()) {
                values.record(&mut Fields(&mut span.fields));
            }
        });
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("ica_batch_sdk") {
            let mut fields = BTreeMap::new();
            event.record(&mut Fields(&mut fields));
            with_log(|log| {
                log.events.push(LoggedEvent {
                    target: event.metadata().target(),
                    level: *event.metadata().level(),
                    fields,
                });
            });
        }
    }
}
