//! What the simulator saw.

use std::collections::VecDeque;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method};
use parking_lot::Mutex;

use crate::api::call::Call;
use crate::api::operation::Operation;

/// A request that arrived, and what became of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Which request this was, counted from 0.
    pub sequence: u64,
    /// When it arrived, by the simulator's clock.
    pub time: DateTime<Utc>,
    /// Which operation it called; `None` for a path or method that does not exist.
    pub operation: Option<Operation>,
    /// Its method.
    pub method: Method,
    /// Its path, base included, as it was sent.
    pub path: String,
    /// Its query, decoded, in the order it was sent.
    pub query: Vec<(String, String)>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body's exact bytes.
    pub body: Bytes,
    /// The [name](crate::FaultKind::name) of the fault that was applied.
    pub fault: Option<&'static str>,
    /// The status that was sent. `None` as long as there is no answer, and for good if the connection was reset before one.
    pub status: Option<u16>,
}

impl RecordedRequest {
    /// The first value of a header, if there is one that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The request's idempotency key.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.header("idempotency-key")
    }

    /// All values of a query parameter.
    pub fn query_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query
            .iter()
            .filter(move |(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON, if it is.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Keeps the latest requests, up to a limit.
#[derive(Debug)]
pub(crate) struct Recorder {
    limit: usize,
    seen: Mutex<VecDeque<RecordedRequest>>,
}

impl Recorder {
    /// A recorder of the latest `limit` requests; 0 records nothing.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            seen: Mutex::default(),
        }
    }

    pub(crate) fn arrived(&self, call: &Call, time: DateTime<Utc>, fault: Option<&'static str>) {
        if self.limit == 0 {
            return;
        }
        let mut seen = self.seen.lock();
        if seen.len() == self.limit {
            seen.pop_front();
        }
        seen.push_back(RecordedRequest {
            sequence: call.sequence,
            time,
            operation: call.operation,
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            headers: call.headers.clone(),
            body: call.body.clone(),
            fault,
            status: None,
        });
    }

    pub(crate) fn answered(&self, sequence: u64, status: u16) {
        let mut seen = self.seen.lock();
        if let Some(request) = seen.iter_mut().rev().find(|request| request.sequence == sequence) {
            request.status = Some(status);
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.seen.lock().iter().cloned().collect()
    }

    pub(crate) fn count(&self, operation: Operation) -> usize {
        self.seen
            .lock()
            .iter()
            .filter(|request| request.operation == Some(operation))
            .count()
    }

    pub(crate) fn clear(&self) {
        self.seen.lock().clear();
    }
}
