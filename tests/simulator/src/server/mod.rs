//! The HTTP server: reads requests, applies faults, keeps records.

pub(crate) mod connection;

mod deliver;
mod odd_body;

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::routing::any;
use axum::{Extension, Router};
use bytes::Bytes;
use http::Response;
use http::header::DATE;
use http_body_util::{BodyExt as _, Limited};
use parking_lot::Mutex;

use self::connection::Connection;
use self::deliver::{Delivery, deliver, http_date, stopped};
use crate::api::call::Call;
use crate::api::operation::Operation;
use crate::api::problem::{Code, Problem};
use crate::api::response::ApiResponse;
use crate::faults::{FaultKind, Faults, RequestFacts};
use crate::record::requests::Recorder;
use crate::service::core::Core;

/// The path of the API.
pub(crate) const BASE: &str = "/ica/rest";

/// The operations together with the faults and records of a simulator.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) core: Core,
    pub(crate) faults: Faults,
    pub(crate) recorder: Recorder,
    /// The messages of handlers that panicked.
    pub(crate) panics: Mutex<Vec<String>>,
    sequence: AtomicU64,
}

impl Server {
    pub(crate) fn new(core: Core) -> Self {
        Self {
            recorder: Recorder::new(core.settings.record_limit),
            faults: Faults::new(core.clock.clone()),
            core,
            panics: Mutex::default(),
            sequence: AtomicU64::new(0),
        }
    }

    /// Keeps the message of a handler that panicked, and returns the response.
    fn panicked(&self, panic: String) -> ApiResponse {
        let problem = Problem::new(Code::Internal, format!("The simulator panicked: {panic}"));
        self.panics.lock().push(panic);
        self.core.problem_response(problem)
    }
}

pub(crate) fn router(server: Arc<Server>) -> Router {
    let mut router = Router::new();
    // Routes have no text after a parameter, so the path of a get leads to an abort, too.
    for operation in Operation::ALL.into_iter().filter(|it| *it != Operation::AbortAnalysis) {
        let handler =
            move |State(server), Extension(connection), parameters: Result<_, RawPathParamsRejection>, request| {
                serve(server, connection, Some(operation), parameters.ok(), request)
            };
        router = router.route(&format!("{BASE}{}", operation.path()), any(handler));
    }
    let unknown = |State(server), Extension(connection), request| serve(server, connection, None, None, request);
    router.fallback(unknown).with_state(server)
}

async fn serve(
    server: Arc<Server>,
    connection: Arc<Connection>,
    path: Option<Operation>,
    parameters: Option<RawPathParams>,
    request: Request,
) -> Response<Body> {
    let call = read(&server, path, parameters, request).await;
    // A separate task, because a server goes on with a request when the client closes the
    // connection.
    let task = tokio::spawn(process(server.clone(), call));
    let delivery = task.await.unwrap_or_else(|error| {
        let panic = error
            .try_into_panic()
            .map_or_else(|error| error.to_string(), |panic| message(&*panic));
        Delivery::Respond(server.panicked(panic).into_response())
    });
    match delivery {
        Delivery::Respond(response) => response,
        Delivery::Reset => {
            connection.reset();
            std::future::pending().await
        }
        Delivery::Silence => std::future::pending().await,
    }
}

async fn process(server: Arc<Server>, call: Call) -> Delivery {
    let core = &server.core;
    let stop = server.faults.stop();
    let fault = call.operation.filter(|_| stop.is_none()).and_then(|operation| {
        server
            .faults
            .pick(&RequestFacts::of(&call, operation, core.settings.page_sizes))
    });
    let name = stop.as_ref().map(|(name, _)| *name);
    let name = name.or(fault.as_ref().map(FaultKind::name));
    server.recorder.arrived(&call, core.clock.now(), name);
    let mut delivery = match stop {
        Some((_, stop)) => stopped(core, &call, &stop),
        None => deliver(core, &call, fault).await,
    };
    if let Delivery::Respond(response) = &mut delivery {
        response.headers_mut().insert(DATE, http_date(server.faults.date()));
        server.recorder.responded(call.sequence, response.status().as_u16());
    }
    delivery
}

async fn read(server: &Server, path: Option<Operation>, parameters: Option<RawPathParams>, request: Request) -> Call {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, server.core.settings.max_body)
        .collect()
        .await
        .map(|body| body.to_bytes());
    let parameters = parameters
        .iter()
        .flatten()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut parameters = parameters.collect::<HashMap<_, _>>();
    let mut path = path;
    if path == Some(Operation::GetAnalysis)
        && let Some(id) = parameters.get_mut("analysisId")
        && let Some(analysis) = id.strip_suffix(":abort")
    {
        *id = analysis.to_owned();
        path = Some(Operation::AbortAnalysis);
    }
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    Call {
        sequence: server.sequence.fetch_add(1, Ordering::Relaxed),
        operation: path.filter(|operation| operation.method() == parts.method),
        allowed: path.map(Operation::method),
        method: parts.method,
        path: parts.uri.path().to_owned(),
        parameters,
        query: query.into_owned().collect(),
        headers: parts.headers,
        too_large: body.is_err(),
        body: body.unwrap_or_else(|_| Bytes::new()),
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a value that is not text".to_owned())
}
