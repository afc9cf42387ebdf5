//! Lets a call in, settles its version and hands it to its operation.

use chrono::{DateTime, Utc};
use http::header::ALLOW;
use http::{HeaderValue, StatusCode};

use super::Core;
use crate::api::auth::TokenForm;
use crate::api::call::Call;
use crate::api::operation::Operation;
use crate::api::problem::{Code, Problem};
use crate::api::response::Answer;
use crate::api::version::ApiVersion;
use crate::json::Style;

/// How an answer is to depart from the sound one; what injected faults ask for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Twist {
    /// In place of the simulator's own style.
    pub(crate) style: Option<Style>,
    /// The version that was not asked for, with an honest Content-Type or not.
    pub(crate) other_version: Option<bool>,
    pub(crate) page: PageTrick,
    pub(crate) token: TokenForm,
}

/// How a page is to depart from the sound one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PageTrick {
    #[default]
    None,
    RepeatToken,
    Empty,
    TotalPlus(i64),
}

/// How an answer is written, and at what time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writing {
    pub(crate) version: ApiVersion,
    pub(crate) style: Style,
    pub(crate) now: DateTime<Utc>,
    pub(crate) media_type: &'static str,
}

impl Writing {
    pub(crate) fn answer(self, status: StatusCode, body: Vec<u8>) -> Answer {
        Answer::json(status, self.media_type, body)
    }
}

impl Core {
    /// Does what a call asks for.
    pub(crate) async fn execute(&self, call: &Call, twist: Twist) -> Answer {
        self.try_execute(call, twist)
            .await
            .unwrap_or_else(|problem| self.answer_of(problem))
    }

    async fn try_execute(&self, call: &Call, twist: Twist) -> Result<Answer, Problem> {
        let operation = call.operation.ok_or_else(|| no_operation(call))?;
        if call.too_large {
            return Err(Problem::new(
                Code::TooLarge,
                "The body is larger than this server takes; send several batches.",
            ));
        }
        let now = self.clock.now();
        let caller = self
            .state
            .lock()
            .credentials
            .authenticate(operation, &call.headers, now)?;
        let asked = self.settings.versions.answer(operation, &call.headers)?;
        let version = if twist.other_version.is_some() {
            asked.other()
        } else {
            asked
        };
        let claimed = if twist.other_version == Some(false) {
            asked
        } else {
            version
        };
        let style = twist.style.unwrap_or(self.settings.style);
        let writing = Writing {
            version,
            style,
            now,
            media_type: claimed.media_type(),
        };
        match operation {
            Operation::CreateBatch(family) => self.create_batch(family, call, &caller, writing).await,
            Operation::GetBatch(family) => self.get_batch(family, call, writing),
            Operation::GetItems(family) => self.get_items(family, call, writing, twist.page),
            Operation::GetItem(family) => self.get_item(family, call, writing),
            Operation::CreateToken => self.create_token(call, &caller, writing, twist.token),
            Operation::RefreshToken => self.refresh_token(&caller, writing, twist.token),
        }
    }
}

/// The problem for a path or a method that does not exist.
fn no_operation(call: &Call) -> Problem {
    let Some(allowed) = &call.allowed else {
        let detail = format!("There is no path {}; the API begins at /ica/rest/api.", call.path);
        return Problem::new(Code::NotFound, detail).parameter("path", &call.path);
    };
    let detail = format!("{} does not work on this path; use {allowed}.", call.method);
    let allow = HeaderValue::try_from(allowed.as_str()).expect("a method is a header value");
    Problem::new(Code::MethodNotAllowed, detail).header(ALLOW, allow)
}
