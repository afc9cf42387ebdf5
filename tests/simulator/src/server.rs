//! From HTTP to a call, and from a delivery back to HTTP.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::routing::any;
use axum::{Extension, Router};
use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt as _, Limited};

use crate::call::Call;
use crate::connection::Connection;
use crate::core::Core;
use crate::faults::{Delivery, Facts, FaultKind, deliver};
use crate::operation::Operation;

/// Where the API begins.
pub(crate) const BASE: &str = "/ica/rest";

pub(crate) fn router(core: Arc<Core>) -> Router {
    let mut router = Router::new();
    for operation in Operation::ALL {
        let handler =
            move |State(core), Extension(connection), parameters: Result<_, RawPathParamsRejection>, request| {
                serve(core, connection, Some(operation), parameters.ok(), request)
            };
        router = router.route(&format!("{BASE}{}", operation.path()), any(handler));
    }
    let nowhere = |State(core), Extension(connection), request| serve(core, connection, None, None, request);
    router.fallback(nowhere).with_state(core)
}

async fn serve(
    core: Arc<Core>,
    connection: Arc<Connection>,
    path: Option<Operation>,
    parameters: Option<RawPathParams>,
    request: Request,
) -> Response<Body> {
    let call = read(&core, path, parameters, request).await;
    // A task of its own, because a server goes on with what it was asked for when the client hangs up.
    let task = tokio::spawn(carry_out(core.clone(), call));
    let delivery = task.await.unwrap_or_else(|error| {
        let panic = error
            .try_into_panic()
            .map_or_else(|error| error.to_string(), |panic| message(&*panic));
        Delivery::Respond(core.panicked(panic).into_response())
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

async fn carry_out(core: Arc<Core>, call: Call) -> Delivery {
    let fault = call
        .operation
        .and_then(|operation| core.faults.pick(&Facts::of(&call, operation, core.settings.page_sizes)));
    core.recorder
        .arrived(&call, core.clock.now(), fault.as_ref().map(FaultKind::name));
    let sequence = call.sequence;
    let delivery = deliver(&core, &call, fault).await;
    if let Delivery::Respond(response) = &delivery {
        core.recorder.answered(sequence, response.status().as_u16());
    }
    delivery
}

async fn read(core: &Core, path: Option<Operation>, parameters: Option<RawPathParams>, request: Request) -> Call {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, core.settings.max_body)
        .collect()
        .await
        .map(|body| body.to_bytes());
    let parameters = parameters
        .iter()
        .flatten()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    Call {
        sequence: core.next_sequence(),
        operation: path.filter(|operation| operation.method() == parts.method),
        allowed: path.map(Operation::method),
        method: parts.method,
        path: parts.uri.path().to_owned(),
        parameters: parameters.collect::<HashMap<_, _>>(),
        query: query.into_owned().collect(),
        headers: parts.headers,
        too_large: body.is_err(),
        body: body.unwrap_or_else(|_| Bytes::new()),
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a value that is no text".to_owned())
}
