//! `tracing` spans of a call, with OpenTelemetry's names, and the events of the pace. Calls write no
//! other events; the crate also warns about a session file, in `credentials/session.rs`.
//!
//! Values that come from the server are scrubbed of secrets and at most 100 characters long.
//!
//! | span | field | value |
//! |---|---|---|
//! | `ica.call` | `otel.name` | the operation, such as `create_analysis_creation_batch` |
//! | | `ica.idempotency_key` | the key of a create; it is not a secret |
//! | | `ica.attempts` | requests sent, when the call failed |
//! | | `error.type`, `otel.status_code` | the kind of the error and `ERROR`, when the call failed |
//! | `http.request` | `otel.name` | method and path template, such as `GET /api/projects/{projectId}/…` |
//! | | `otel.kind` | `client` |
//! | | `http.request.method`, `url.template`, `server.address`, `server.port` | target of the request. `url.full` is left out: it would show ids and page tokens |
//! | | `http.request.resend_count` | number of the retry, from 1 |
//! | | `http.response.status_code` | status of the response |
//! | | `error.type`, `otel.status_code` | on failure: the status, or the kind of the error without a response; and `ERROR` |
//! | | `ica.problem.code`, `ica.problem.id` | code and id of ICA's problem, for Illumina's support |
//! | | `ica.request.id` | header `x-request-id` of the response, where it exists; not of a mint |
//!
//! | event | level | fields |
//! |---|---|---|
//! | `requests are paused` | info | `ica.pace.reason`; `ica.pace.seconds` and `ica.pace.until`: length and end of the pause |
//! | `the circuit is open` | warn | the same; the end is the time of the next probe |
//! | `the circuit stays open` | info | `ica.pace.seconds`, `ica.pace.until` |
//! | `the circuit is closed` | info | none |

use std::time::{Duration, SystemTime};

use ica_batch_sdk::{Operation, ResponseHead};
use tracing::field::{Empty, debug, display};
use tracing::{Span, info, info_span, warn};

use crate::base_url::Server;
use crate::credentials::utc;
use crate::error::{Error, NAME, Problem, Result, shown};
use crate::idempotency::IdempotencyKey;
use crate::pace::Change;

const REQUEST_ID: &str = "x-request-id";

pub(super) fn call_span(operation: &Operation, key: Option<&IdempotencyKey>) -> Span {
    info_span!(
        "ica.call",
        otel.name = operation.id,
        ica.idempotency_key = key.map(display),
        ica.attempts = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    )
}

pub(super) fn record_call<T>(span: &Span, result: &Result<T>) {
    if let Err(error) = result {
        span.record("ica.attempts", error.attempts());
        span.record("error.type", debug(error.kind()));
        span.record("otel.status_code", "ERROR");
    }
}

/// Returns the span of attempt `number`, counted from 1.
pub(super) fn attempt_span(operation: &Operation, server: &Server, number: u32) -> Span {
    let span = info_span!(
        "http.request",
        otel.name = Empty,
        otel.kind = "client",
        http.request.method = operation.method,
        url.template = operation.path,
        server.address = server.address.as_str(),
        server.port = server.port,
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        error.type = Empty,
        otel.status_code = Empty,
        ica.problem.code = Empty,
        ica.problem.id = Empty,
        ica.request.id = Empty,
    );
    if !span.is_disabled() {
        span.record(
            "otel.name",
            display(format_args!("{} {}", operation.method, operation.path)),
        );
        if number > 1 {
            span.record("http.request.resend_count", number.saturating_sub(1));
        }
    }
    span
}

/// Returns the request id that the server gave.
pub(super) fn request_id(head: &ResponseHead) -> Option<&str> {
    head.headers.get(REQUEST_ID)?.to_str().ok()
}

pub(super) fn record_attempt(
    span: &Span,
    head: Option<&ResponseHead>,
    request_id: Option<&str>,
    error: Option<&Error>,
) {
    if span.is_disabled() {
        return;
    }
    if let Some(head) = head {
        span.record("http.response.status_code", head.status.as_u16());
    }
    if let Some(id) = request_id {
        span.record("ica.request.id", id);
    }
    let Some(error) = error else {
        return;
    };
    span.record("otel.status_code", "ERROR");
    match error.status().filter(|status| *status >= 300) {
        Some(status) => span.record("error.type", display(status)),
        None => span.record("error.type", debug(error.kind())),
    };
    if let Some(code) = error.code() {
        span.record("ica.problem.code", shown(code, NAME));
    }
    if let Some(id) = error.problem().and_then(Problem::id) {
        span.record("ica.problem.id", shown(id, NAME));
    }
}

/// Writes the event of a change of the pace.
pub(super) fn record_change(change: Change, now: SystemTime) {
    let until = |length: Duration| now.checked_add(length).map(utc);
    match change {
        Change::Paused { reason, length } => info!(
            ica.pace.reason = %reason,
            ica.pace.seconds = length.as_secs_f64(),
            ica.pace.until = until(length),
            "requests are paused"
        ),
        Change::Opened { reason, length } => warn!(
            ica.pace.reason = %reason,
            ica.pace.seconds = length.as_secs_f64(),
            ica.pace.until = until(length),
            "the circuit is open"
        ),
        Change::StillOpen { length } => info!(
            ica.pace.seconds = length.as_secs_f64(),
            ica.pace.until = until(length),
            "the circuit stays open"
        ),
        Change::Closed => info!("the circuit is closed"),
    }
}
