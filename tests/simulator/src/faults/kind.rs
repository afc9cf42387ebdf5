//! The kinds of faults.

use std::time::Duration;

use crate::api::operation::Operation;
use crate::api::paging::PageSizes;

/// The header `Retry-After` of a refusal.
///
/// ```
/// use ica_simulator::{FaultKind, RetryAfter};
///
/// let retry_after = RetryAfter::Verbatim("soon".to_owned());
/// let kind = FaultKind::Refuse { status: 503, title: None, retry_after };
/// assert_eq!(kind.name(), "Refuse");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// The header is absent.
    #[default]
    Absent,
    /// A number of seconds.
    Seconds(u64),
    /// An HTTP date, this long after the simulated time.
    HttpDate(Duration),
    /// This text.
    Verbatim(String),
}

/// Delay of a response, in real time.
///
/// ```
/// use std::time::Duration;
///
/// use ica_simulator::{FaultKind, Simulator, StallFor};
///
/// let stall = StallFor::Time(Duration::from_millis(5));
/// let simulator = Simulator::start();
/// simulator.faults().add(FaultKind::StallBeforeExecuting(stall));
/// assert_eq!(simulator.faults().pending(), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StallFor {
    /// The response is sent after this time.
    Time(Duration),
    /// No response is sent. The connection stays open until the client closes it.
    UntilClosed,
}

/// The kind of a fault: how the response to a request differs from a correct one.
///
/// Kinds that say "executes" execute the request before the client sees anything. After that a
/// created batch exists, and the response to a create with an idempotency key is kept, unless the
/// kind says otherwise.
///
/// ```
/// use ica_simulator::{FaultKind, Simulator};
///
/// let simulator = Simulator::start();
/// simulator.faults().add(FaultKind::ExecuteThenReset);
/// assert_eq!(FaultKind::ExecuteThenReset.name(), "ExecuteThenReset");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// Refuses with a problem, without executing. The default title is `ICA_API_<status>`, for 401
    /// `ICA_SEC_002`.
    Refuse {
        /// The HTTP status.
        status: u16,
        /// The ICA error code, if not the default.
        title: Option<String>,
        /// The header `Retry-After`.
        retry_after: RetryAfter,
    },
    /// Executes, and sends a problem with this status in place of the response.
    ExecuteThenStatus(u16),
    /// Executes a create, forgets its idempotency key, and sends a problem with this status. The same
    /// key creates a second time. A kept response of an earlier request stays kept.
    ExecuteThenForgetKey(u16),
    /// Executes, and sends an HTML page with this status in place of the response, as a proxy does.
    ExecuteThenHtml(u16),
    /// Executes, and resets the connection before the first byte of the response.
    ExecuteThenReset,
    /// Resets the connection without executing.
    ResetBeforeExecuting,
    /// Delays, and then executes.
    StallBeforeExecuting(StallFor),
    /// Executes, and delays the response.
    StallAfterExecuting(StallFor),
    /// Executes, sends the headers of the whole response but half of its body, and closes the
    /// connection.
    TruncateBody,
    /// Executes, and sends a body with the right media type that is not JSON.
    MalformedJson,
    /// Executes a create, and writes text in place of the job of the batch.
    OddJob,
    /// Sends 502 with an HTML page, as a proxy does, without executing.
    HtmlBadGateway,
    /// Sends this status with a JSON body of `code` and `message`, without executing.
    CodeMessageError(u16),
    /// Sends this status with a problem that has only a title, without executing.
    ProblemTitleOnly(u16),
    /// Sends this status with a problem whose members have unexpected types, and with unknown
    /// members, without executing.
    OddProblem(u16),
    /// Executes, and replaces every enum value in the response by an unknown one (`NEW_` and the
    /// old value).
    UnknownEnumValues,
    /// Executes, and adds unknown members to every object of the response.
    UnknownFields,
    /// Executes, and leaves out all members that are not required. A page keeps its token.
    AbsentOptionals,
    /// Executes, and writes null for all members that are not required, also for those that are not
    /// nullable. A page keeps its token.
    NullOptionals,
    /// Responds in the version that was not asked for. The body of an operation with one version
    /// stays the same.
    OtherVersion {
        /// Whether Content-Type names the version of the body. If not, it names the version that
        /// was asked for, and only operations with several versions meet the fault.
        honest: bool,
    },
    /// Sends 307 with this Location, without executing.
    RedirectTo(String),
    /// Returns the token of the request as `nextPageToken`. Matches only requests with a page
    /// token.
    RepeatPageToken,
    /// Returns a page without items. Its token is that of the page that was asked for. Matches only
    /// cursor paging.
    EmptyMiddlePage,
    /// Adds this number to `totalItemCount`. Matches only offset paging.
    TotalChanges(i64),
    /// Executes, and pads the body with whitespace to at least this many bytes. It stays valid
    /// JSON.
    OversizedBody(u64),
    /// Sends an [`OversizedBody`](Self::OversizedBody) with gzip, in few bytes. Matches only
    /// requests that accept gzip.
    GzipBomb(u64),
    /// Sends 401 as if the token had expired, and revokes the bearer token of the request.
    ExpireToken,
    /// Mints a token, and sends its text without JSON.
    TokenNotJson,
    /// Mints a JWT without an `exp`.
    TokenWithoutExpiry,
    /// Mints a token that is not a JWT. It is accepted as a bearer token.
    TokenOpaque,
}

impl FaultKind {
    /// Returns a refusal with this status, without a `Retry-After`.
    ///
    /// ```
    /// use ica_simulator::{FaultKind, RetryAfter};
    ///
    /// let kind = FaultKind::Refuse { status: 503, title: None, retry_after: RetryAfter::Absent };
    /// assert_eq!(FaultKind::refuse(503), kind);
    /// ```
    pub fn refuse(status: u16) -> Self {
        Self::Refuse {
            status,
            title: None,
            retry_after: RetryAfter::Absent,
        }
    }

    /// Returns a refusal with this status and a `Retry-After` in seconds.
    ///
    /// ```
    /// use ica_simulator::{FaultKind, RetryAfter};
    ///
    /// let retry_after = RetryAfter::Seconds(30);
    /// let kind = FaultKind::Refuse { status: 429, title: None, retry_after };
    /// assert_eq!(FaultKind::refuse_for(429, 30), kind);
    /// ```
    pub fn refuse_for(status: u16, seconds: u64) -> Self {
        Self::Refuse {
            status,
            title: None,
            retry_after: RetryAfter::Seconds(seconds),
        }
    }

    /// Returns the name of the variant, as
    /// [`RecordedRequest::fault`](crate::RecordedRequest::fault) shows it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refuse { .. } => "Refuse",
            Self::ExecuteThenStatus(_) => "ExecuteThenStatus",
            Self::ExecuteThenForgetKey(_) => "ExecuteThenForgetKey",
            Self::ExecuteThenHtml(_) => "ExecuteThenHtml",
            Self::ExecuteThenReset => "ExecuteThenReset",
            Self::ResetBeforeExecuting => "ResetBeforeExecuting",
            Self::StallBeforeExecuting(_) => "StallBeforeExecuting",
            Self::StallAfterExecuting(_) => "StallAfterExecuting",
            Self::TruncateBody => "TruncateBody",
            Self::MalformedJson => "MalformedJson",
            Self::OddJob => "OddJob",
            Self::HtmlBadGateway => "HtmlBadGateway",
            Self::CodeMessageError(_) => "CodeMessageError",
            Self::ProblemTitleOnly(_) => "ProblemTitleOnly",
            Self::OddProblem(_) => "OddProblem",
            Self::UnknownEnumValues => "UnknownEnumValues",
            Self::UnknownFields => "UnknownFields",
            Self::AbsentOptionals => "AbsentOptionals",
            Self::NullOptionals => "NullOptionals",
            Self::OtherVersion { .. } => "OtherVersion",
            Self::RedirectTo(_) => "RedirectTo",
            Self::RepeatPageToken => "RepeatPageToken",
            Self::EmptyMiddlePage => "EmptyMiddlePage",
            Self::TotalChanges(_) => "TotalChanges",
            Self::OversizedBody(_) => "OversizedBody",
            Self::GzipBomb(_) => "GzipBomb",
            Self::ExpireToken => "ExpireToken",
            Self::TokenNotJson => "TokenNotJson",
            Self::TokenWithoutExpiry => "TokenWithoutExpiry",
            Self::TokenOpaque => "TokenOpaque",
        }
    }

    /// Returns whether the fault can show on such a request. If not, it waits for another request.
    pub(super) fn can_show(&self, facts: &RequestFacts) -> bool {
        match self {
            Self::OtherVersion { honest } => *honest || facts.operation.versions().len() > 1,
            Self::RepeatPageToken => facts.operation.is_listing() && facts.has_page_token,
            Self::EmptyMiddlePage => facts.operation.is_listing() && !facts.has_page_offset,
            Self::TotalChanges(_) => facts.operation.is_listing() && facts.has_page_offset,
            Self::ExecuteThenForgetKey(_) | Self::OddJob => matches!(facts.operation, Operation::CreateBatch(_)),
            Self::GzipBomb(_) => facts.accepts_gzip,
            Self::ExpireToken => facts.operation != Operation::CreateToken,
            Self::TokenNotJson | Self::TokenWithoutExpiry | Self::TokenOpaque => facts.operation.is_minting(),
            _ => true,
        }
    }
}

/// The properties of a request that faults match.
#[derive(Clone, Debug)]
pub(crate) struct RequestFacts {
    pub(crate) sequence: u64,
    pub(crate) operation: Operation,
    /// The number of the page, counted from 1. It is 1 for operations that do not list.
    pub(crate) page: u64,
    pub(crate) key: Option<String>,
    pub(crate) has_page_token: bool,
    pub(crate) has_page_offset: bool,
    pub(crate) accepts_gzip: bool,
}

impl RequestFacts {
    pub(crate) fn of(call: &crate::api::call::Call, operation: Operation, sizes: PageSizes) -> Self {
        let listing = operation.is_listing();
        Self {
            sequence: call.sequence,
            operation,
            page: if listing {
                crate::api::paging::page_number(&call.query, sizes)
            } else {
                1
            },
            key: call
                .headers
                .get("idempotency-key")
                .and_then(|key| key.to_str().ok())
                .map(str::to_owned),
            has_page_token: call.query_value("pageToken").is_some(),
            has_page_offset: call.query_value("pageOffset").is_some(),
            accepts_gzip: call.accepts_gzip(),
        }
    }
}
