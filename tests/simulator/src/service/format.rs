//! The format of a response, and the deviations from a correct response.

use chrono::{DateTime, Utc};
use http::StatusCode;

use crate::api::auth::TokenForm;
use crate::api::response::ApiResponse;
use crate::api::version::ApiVersion;
use crate::json::Style;

/// Deviations from a correct response that an injected fault asks for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deviation {
    /// A style in place of the simulator's own.
    pub(crate) style: Option<Style>,
    pub(crate) version: Option<WrongVersion>,
    pub(crate) page: PageDeviation,
    pub(crate) token: TokenForm,
    /// Whether the idempotency key of an executed create is forgotten.
    pub(crate) forget_key: bool,
}

/// A response in the version that was not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrongVersion {
    /// Content-Type names the version of the body.
    Declared,
    /// Content-Type names the version that was asked for.
    Undeclared,
}

/// Deviations of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PageDeviation {
    #[default]
    None,
    RepeatToken,
    Empty,
    TotalPlus(i64),
}

/// The format of a response, and the time that it shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub(crate) version: ApiVersion,
    pub(crate) style: Style,
    pub(crate) now: DateTime<Utc>,
    pub(crate) media_type: &'static str,
}

impl Format {
    pub(crate) fn response(self, status: StatusCode, body: Vec<u8>) -> ApiResponse {
        ApiResponse::json(status, self.media_type, body)
    }
}
