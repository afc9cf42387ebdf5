//! Carries out a request with the fault it met.

use axum::body::Body;
use chrono::TimeDelta;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use super::body::{padded, padded_gzip, truncated};
use crate::api::auth::{TokenForm, bearer, unauthenticated};
use crate::api::call::Call;
use crate::api::compress;
use crate::api::problem::{Code, Problem};
use crate::api::response::Answer;
use crate::api::version::ApiVersion;
use crate::faults::{FaultKind, RetryAfter, StallFor};
use crate::json::{Optionals, Style};
use crate::service::Core;
use crate::service::execute::{PageTrick, Twist};

/// What happens on the connection.
#[derive(Debug)]
pub(super) enum Delivery {
    Respond(Response<Body>),
    /// The connection is reset.
    Reset,
    /// Nothing is sent until the client closes the connection.
    Silence,
}

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
const HTML: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// Answers a call with the fault it met, if any.
pub(super) async fn deliver(core: &Core, call: &Call, fault: Option<FaultKind>) -> Delivery {
    let Some(fault) = fault else {
        return whole(core, call, core.execute(call, Twist::default()).await);
    };
    match fault {
        FaultKind::Refuse {
            status,
            title,
            retry_after,
        } => whole(core, call, refusal(core, status, title, &retry_after)),
        FaultKind::ExecuteThenStatus(status) => {
            core.execute(call, Twist::default()).await;
            whole(core, call, refusal(core, status, None, &RetryAfter::Absent))
        }
        FaultKind::ExecuteThenReset => {
            core.execute(call, Twist::default()).await;
            Delivery::Reset
        }
        FaultKind::ResetBeforeExecuting => Delivery::Reset,
        FaultKind::StallBeforeExecuting(StallFor::UntilClosed) => Delivery::Silence,
        FaultKind::StallBeforeExecuting(StallFor::Time(time)) => {
            tokio::time::sleep(time).await;
            whole(core, call, core.execute(call, Twist::default()).await)
        }
        FaultKind::StallAfterExecuting(how_long) => {
            let answer = core.execute(call, Twist::default()).await;
            let StallFor::Time(time) = how_long else {
                return Delivery::Silence;
            };
            tokio::time::sleep(time).await;
            whole(core, call, answer)
        }
        FaultKind::HtmlBadGateway => {
            let html = HeaderValue::from_static("text/html");
            whole(core, call, Answer::new(StatusCode::BAD_GATEWAY, html, HTML))
        }
        FaultKind::CodeMessageError(status) => {
            let json = HeaderValue::from_static("application/json");
            let body = format!(r#"{{"code":"{status}","message":"an error in another form"}}"#);
            whole(core, call, Answer::new(status_of(status), json, body))
        }
        FaultKind::ProblemTitleOnly(status) => {
            let body = format!(r#"{{"title":"{}"}}"#, Code::title_for(status));
            whole(core, call, Answer::new(status_of(status), PROBLEM, body))
        }
        FaultKind::OddProblem(status) => {
            whole(core, call, Answer::new(status_of(status), PROBLEM, odd_problem(status)))
        }
        FaultKind::RedirectTo(url) => {
            let text = HeaderValue::from_static("text/plain");
            let mut answer = Answer::new(StatusCode::TEMPORARY_REDIRECT, text, "");
            answer.headers.insert(
                LOCATION,
                HeaderValue::try_from(url).expect("a Location is a header value"),
            );
            whole(core, call, answer)
        }
        FaultKind::ExpireToken => {
            if let Some(token) = bearer(&call.headers) {
                core.state.lock().credentials.revoke(&token);
            }
            whole(
                core,
                call,
                core.answer_of(unauthenticated("The token has expired; mint a new one.")),
            )
        }
        FaultKind::TruncateBody => {
            let answer = core.execute(call, Twist::default()).await;
            cut_short(compress::if_wanted(answer, call, core.settings.gzip))
        }
        FaultKind::OversizedBody(bytes) => {
            let answer = core.execute(call, Twist::default()).await;
            let body = padded(&answer.body, bytes);
            Delivery::Respond(answer.with_body(body))
        }
        FaultKind::GzipBomb(bytes) => {
            let mut answer = core.execute(call, Twist::default()).await;
            let body = padded_gzip(&answer.body, bytes);
            compress::mark(&mut answer);
            Delivery::Respond(answer.with_body(body))
        }
        FaultKind::MalformedJson => {
            let mut answer = core.execute(call, Twist::default()).await;
            answer.body = [&answer.body[..answer.body.len() / 2], b"<"].concat().into();
            whole(core, call, answer)
        }
        FaultKind::TokenNotJson => whole(core, call, bare_token(core.execute(call, Twist::default()).await)),
        twisted => whole(core, call, core.execute(call, twist(&twisted)).await),
    }
}

/// The kinds that change how an answer is made.
fn twist(kind: &FaultKind) -> Twist {
    let style = |style| Twist {
        style: Some(style),
        ..Twist::default()
    };
    let optionals = |optionals| {
        style(Style {
            optionals,
            ..Style::default()
        })
    };
    let page = |page| Twist {
        page,
        ..Twist::default()
    };
    let token = |token| Twist {
        token,
        ..Twist::default()
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
        FaultKind::OtherVersion { honest } => Twist {
            other_version: Some(*honest),
            ..Twist::default()
        },
        FaultKind::RepeatPageToken => page(PageTrick::RepeatToken),
        FaultKind::EmptyMiddlePage => page(PageTrick::Empty),
        FaultKind::TotalChanges(by) => page(PageTrick::TotalPlus(*by)),
        FaultKind::TokenWithoutExpiry => token(TokenForm::WithoutExpiry),
        FaultKind::TokenOpaque => token(TokenForm::Opaque),
        other => unreachable!("{} is carried out without a twist", other.name()),
    }
}

fn refusal(core: &Core, status: u16, title: Option<String>, retry_after: &RetryAfter) -> Answer {
    let title = title.unwrap_or_else(|| Code::title_for(status));
    let problem = Problem::with_title(status, title, "The simulator was told to refuse this request.");
    let when = match retry_after {
        RetryAfter::Absent => None,
        RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
        RetryAfter::HttpDate(after) => {
            let date = core.clock.now() + TimeDelta::from_std(*after).unwrap_or_default();
            Some(date.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        }
        RetryAfter::Verbatim(text) => Some(text.clone()),
    };
    let mut answer = core.answer_of(problem);
    if let Some(when) = when {
        answer.headers.insert(
            RETRY_AFTER,
            HeaderValue::try_from(when).expect("a Retry-After is a header value"),
        );
    }
    answer
}

fn odd_problem(status: u16) -> String {
    let title = Code::title_for(status);
    format!(
        r#"{{"id":17,"type":null,"title":"{title}","status":"{status}","detail":["odd"],"parameters":[{{"name":1}}],"timestamp":"yesterday","severity":"ERROR","cause":{{"code":3}}}}"#
    )
}

/// The token's text alone, in place of the JSON around it.
fn bare_token(mut answer: Answer) -> Answer {
    let token = serde_json::from_slice::<serde_json::Value>(&answer.body).ok();
    if let Some(token) = token.as_ref().and_then(|json| json["token"].as_str()) {
        answer.body = token.to_owned().into();
        answer
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(ApiVersion::V3.media_type()));
    }
    answer
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a fault's status is from 100 to 999")
}

fn whole(core: &Core, call: &Call, answer: Answer) -> Delivery {
    Delivery::Respond(compress::if_wanted(answer, call, core.settings.gzip).into_response())
}

fn cut_short(answer: Answer) -> Delivery {
    let body = truncated(&answer.body);
    let length = answer.body.len();
    let mut response = answer.with_body(body);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    Delivery::Respond(response)
}
