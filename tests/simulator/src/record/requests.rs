//! Records of the requests that arrived.

use std::collections::VecDeque;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method};
use parking_lot::Mutex;

use crate::api::call::Call;
use crate::api::operation::Operation;

/// A request that arrived, and its outcome.
///
/// ```
/// use std::io::{Read, Write};
///
/// let simulator = ica_simulator::Simulator::start();
/// let mut connection = std::net::TcpStream::connect(simulator.address())?;
/// connection.write_all(b"GET /ica/rest/api/none?x=1 HTTP/1.0\r\n\r\n")?;
/// connection.read_to_end(&mut Vec::new())?;
///
/// let seen = &simulator.requests()[0];
/// assert_eq!(seen.path, "/ica/rest/api/none");
/// assert_eq!((seen.operation, seen.status), (None, Some(404)));
/// assert_eq!(seen.query_values("x").next(), Some("1"));
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Number of the request, counted from 0.
    pub sequence: u64,
    /// Simulated time of its arrival.
    pub time: DateTime<Utc>,
    /// The operation that it called. `None` if the path or the method does not exist.
    pub operation: Option<Operation>,
    /// Its method.
    pub method: Method,
    /// Its path with the base `/ica/rest`, as it was sent.
    pub path: String,
    /// Its query parameters, decoded and in the order they were sent.
    pub query: Vec<(String, String)>,
    /// Its headers.
    pub headers: HeaderMap,
    /// The bytes of its body.
    pub body: Bytes,
    /// The [name](crate::FaultKind::name) of the fault that was applied, if any. `Outage` and
    /// `RateLimit` are the conditions that stopped it.
    pub fault: Option<&'static str>,
    /// The status of the response. `None` before the response, or if the connection was
    /// reset or closed before it.
    pub status: Option<u16>,
}

impl RecordedRequest {
    /// Returns the first value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the idempotency key.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.header("idempotency-key")
    }

    /// Returns all values of a query parameter.
    pub fn query_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query
            .iter()
            .filter(move |(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the body as JSON, if it is valid.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// The latest requests, up to a limit.
#[derive(Debug)]
pub(crate) struct Recorder {
    limit: usize,
    seen: Mutex<VecDeque<RecordedRequest>>,
}

impl Recorder {
    /// Creates a recorder of the latest `limit` requests. Zero records nothing.
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

    pub(crate) fn responded(&self, sequence: u64, status: u16) {
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
