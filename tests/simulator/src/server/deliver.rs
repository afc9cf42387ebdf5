//! Executes a request with the fault that it meets.

use axum::body::Body;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use super::odd_body::{padded, padded_gzip, truncated};
use crate::api::auth::{TokenForm, bearer, unauthenticated};
use crate::api::call::Call;
use crate::api::compress;
use crate::api::problem::{Code, Problem};
use crate::api::response::ApiResponse;
use crate::api::version::ApiVersion;
use crate::faults::{FaultKind, RetryAfter, StallFor, Stop};
use crate::json::{Optionals, Style};
use crate::service::core::Core;
use crate::service::format::{Deviation, PageDeviation, WrongVersion};

/// The outcome of a request on its connection.
#[derive(Debug)]
pub(super) enum Delivery {
    Respond(Response<Body>),
    /// Resets the connection.
    Reset,
    /// Sends nothing until the client closes the connection.
    Silence,
}

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Responds to a request that a condition of the server stops, without executing it.
pub(super) fn stopped(core: &Core, call: &Call, stop: &Stop) -> Delivery {
    match stop {
        Stop::Refused(status, retry_after) => whole(core, call, refusal(core, *status, None, retry_after)),
        Stop::Reset => Delivery::Reset,
    }
}

/// Executes a request with the fault that it meets, if any.
pub(super) async fn deliver(core: &Core, call: &Call, fault: Option<FaultKind>) -> Delivery {
    let Some(fault) = fault else {
        return whole(core, call, core.execute(call, Deviation::default()).await);
    };
    match fault {
        FaultKind::Refuse {
            status,
            title,
            retry_after,
        } => whole(core, call, refusal(core, status, title, &retry_after)),
        FaultKind::ExecuteThenStatus(status) => {
            core.execute(call, Deviation::default()).await;
            whole(core, call, refusal(core, status, None, &RetryAfter::Absent))
        }
        FaultKind::ExecuteThenForgetKey(status) => {
            let deviation = Deviation {
                forget_key: true,
                ..Deviation::default()
            };
            core.execute(call, deviation).await;
            whole(core, call, refusal(core, status, None, &RetryAfter::Absent))
        }
        FaultKind::ExecuteThenHtml(status) => {
            core.execute(call, Deviation::default()).await;
            whole(core, call, html(status_of(status)))
        }
        FaultKind::ExecuteThenReset => {
            core.execute(call, Deviation::default()).await;
            Delivery::Reset
        }
        FaultKind::ResetBeforeExecuting => Delivery::Reset,
        FaultKind::StallBeforeExecuting(StallFor::UntilClosed) => Delivery::Silence,
        FaultKind::StallBeforeExecuting(StallFor::Time(time)) => {
            tokio::time::sleep(time).await;
            whole(core, call, core.execute(call, Deviation::default()).await)
        }
        FaultKind::StallAfterExecuting(how_long) => {
            let response = core.execute(call, Deviation::default()).await;
            let StallFor::Time(time) = how_long else {
                return Delivery::Silence;
            };
            tokio::time::sleep(time).await;
            whole(core, call, response)
        }
        FaultKind::HtmlBadGateway => whole(core, call, html(StatusCode::BAD_GATEWAY)),
        FaultKind::CodeMessageError(status) => {
            let json = HeaderValue::from_static("application/json");
            let body = format!(r#"{{"code":"{status}","message":"an error in another form"}}"#);
            whole(core, call, ApiResponse::new(status_of(status), json, body))
        }
        FaultKind::ProblemTitleOnly(status) => {
            let body = format!(r#"{{"title":"{}"}}"#, Code::title_for(status));
            whole(core, call, ApiResponse::new(status_of(status), PROBLEM, body))
        }
        FaultKind::OddProblem(status) => whole(
            core,
            call,
            ApiResponse::new(status_of(status), PROBLEM, odd_problem(status)),
        ),
        FaultKind::RedirectTo(url) => {
            let text = HeaderValue::from_static("text/plain");
            let mut response = ApiResponse::new(StatusCode::TEMPORARY_REDIRECT, text, "");
            response.headers.insert(
                LOCATION,
                HeaderValue::try_from(url).expect("a Location is a header value"),
            );
            whole(core, call, response)
        }
        FaultKind::ExpireToken => {
            if let Some(token) = bearer(&call.headers) {
                core.state.lock().credentials.revoke(&token);
            }
            whole(
                core,
                call,
                core.problem_response(unauthenticated("The token has expired; mint a new one.")),
            )
        }
        FaultKind::TruncateBody => {
            let response = core.execute(call, Deviation::default()).await;
            cut_short(compress::if_wanted(response, call, core.settings.gzip))
        }
        FaultKind::OversizedBody(bytes) => {
            let response = core.execute(call, Deviation::default()).await;
            let body = padded(&response.body, bytes);
            Delivery::Respond(response.with_body(body))
        }
        FaultKind::GzipBomb(bytes) => {
            let mut response = core.execute(call, Deviation::default()).await;
            let body = padded_gzip(&response.body, bytes);
            compress::mark(&mut response);
            Delivery::Respond(response.with_body(body))
        }
        FaultKind::MalformedJson => {
            let mut response = core.execute(call, Deviation::default()).await;
            response.body = [&response.body[..response.body.len() / 2], b"<"].concat().into();
            whole(core, call, response)
        }
        FaultKind::OddJob => whole(core, call, odd_job(core.execute(call, Deviation::default()).await)),
        FaultKind::TokenNotJson => whole(core, call, bare_token(core.execute(call, Deviation::default()).await)),
        other => whole(core, call, core.execute(call, deviation(&other)).await),
    }
}

/// Returns the deviation for a kind that changes the response itself.
fn deviation(kind: &FaultKind) -> Deviation {
    let style = |style| Deviation {
        style: Some(style),
        ..Deviation::default()
    };
    let optionals = |optionals| {
        style(Style {
            optionals,
            ..Style::default()
        })
    };
    let page = |page| Deviation {
        page,
        ..Deviation::default()
    };
    let token = |token| Deviation {
        token,
        ..Deviation::default()
    };
    match kind {
        FaultKind::UnknownEnumValues => style(Style {
            new_values: true,
            ..Style::default()
        }),
        FaultKind::UnknownFields => style(Style {
            new_members: true,
            ..Style::default()
        }),
        FaultKind::AbsentOptionals => optionals(Optionals::NeverWritten),
        FaultKind::NullOptionals => optionals(Optionals::AlwaysNull),
        FaultKind::OtherVersion { honest } => Deviation {
            version: Some(if *honest {
                WrongVersion::Declared
            } else {
                WrongVersion::Undeclared
            }),
            ..Deviation::default()
        },
        FaultKind::RepeatPageToken => page(PageDeviation::RepeatToken),
        FaultKind::EmptyMiddlePage => page(PageDeviation::Empty),
        FaultKind::TotalChanges(by) => page(PageDeviation::TotalPlus(*by)),
        FaultKind::TokenWithoutExpiry => token(TokenForm::WithoutExpiry),
        FaultKind::TokenOpaque => token(TokenForm::Opaque),
        other => unreachable!("{} has no deviation", other.name()),
    }
}

/// Returns a time as HTTP writes it.
pub(super) fn http_date(time: DateTime<Utc>) -> HeaderValue {
    let text = time.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::try_from(text).expect("a date is a header value")
}

/// Returns the response with text in place of the job.
fn odd_job(mut response: ApiResponse) -> ApiResponse {
    if let Ok(mut batch) = serde_json::from_slice::<serde_json::Map<_, _>>(&response.body)
        && response.status.is_success()
    {
        batch.insert("job".to_owned(), "creating".into());
        response.body = serde_json::Value::from(batch).to_string().into();
    }
    response
}

fn refusal(core: &Core, status: u16, title: Option<String>, retry_after: &RetryAfter) -> ApiResponse {
    let title = title.unwrap_or_else(|| Code::title_for(status));
    let problem = Problem::with_title(status, title, "An injected fault refuses this request.");
    let when = match retry_after {
        RetryAfter::Absent => None,
        RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
        RetryAfter::HttpDate(after) => {
            let date = core.clock.now() + TimeDelta::from_std(*after).unwrap_or_default();
            Some(http_date(date).to_str().expect("a date is text").to_owned())
        }
        RetryAfter::Verbatim(text) => Some(text.clone()),
    };
    let mut response = core.problem_response(problem);
    if let Some(when) = when {
        response.headers.insert(
            RETRY_AFTER,
            HeaderValue::try_from(when).expect("a Retry-After is a header value"),
        );
    }
    response
}

/// Returns the page of a proxy.
fn html(status: StatusCode) -> ApiResponse {
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    ApiResponse::new(status, HeaderValue::from_static("text/html"), page)
}

fn odd_problem(status: u16) -> String {
    let title = Code::title_for(status);
    format!(
        r#"{{"id":17,"type":null,"title":"{title}","status":"{status}","detail":["odd"],"parameters":[{{"name":1}}],"timestamp":"yesterday","severity":"ERROR","cause":{{"code":3}}}}"#
    )
}

/// Replaces the JSON by the text of its token.
fn bare_token(mut response: ApiResponse) -> ApiResponse {
    let token = serde_json::from_slice::<serde_json::Value>(&response.body).ok();
    if let Some(token) = token.as_ref().and_then(|json| json["token"].as_str()) {
        response.body = token.to_owned().into();
        response
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(ApiVersion::V3.media_type()));
    }
    response
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a fault's status is from 100 to 999")
}

fn whole(core: &Core, call: &Call, response: ApiResponse) -> Delivery {
    Delivery::Respond(compress::if_wanted(response, call, core.settings.gzip).into_response())
}

fn cut_short(response: ApiResponse) -> Delivery {
    let body = truncated(&response.body);
    let length = response.body.len();
    let mut response = response.with_body(body);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    Delivery::Respond(response)
}
