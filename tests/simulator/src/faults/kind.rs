//! What can go wrong.

use std::time::Duration;

use crate::api::operation::Operation;
use crate::api::paging::PageSizes;

/// What a refusal says about when to come back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// Nothing: there is no `Retry-After`.
    #[default]
    Absent,
    /// `Retry-After` in seconds.
    Seconds(u64),
    /// `Retry-After` as an HTTP date, so long after the simulator's now.
    HttpDate(Duration),
    /// `Retry-After` as this very text.
    Verbatim(String),
}

/// How long an answer is kept back, in real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StallFor {
    /// This long; then the answer is sent.
    Time(Duration),
    /// Until the client closes the connection; there is no answer.
    UntilClosed,
}

/// What the simulator does instead of answering as it should.
///
/// The kinds that say "executes" have done what was asked by the time the client sees anything: a create exists, and if it
/// carried an idempotency key, its answer is kept under that key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// Refuses with a problem before executing. Without a title it is `ICA_API_<status>` (`ICA_SEC_002` for 401).
    Refuse {
        /// The HTTP status.
        status: u16,
        /// The ICA error code.
        title: Option<String>,
        /// When to come back.
        retry_after: RetryAfter,
    },
    /// Executes, loses the answer and sends a problem of this status in its place.
    ExecuteThenStatus(u16),
    /// Executes, and resets the connection before any byte of the answer.
    ExecuteThenReset,
    /// Resets the connection without executing.
    ResetBeforeExecuting,
    /// Keeps still before executing.
    StallBeforeExecuting(StallFor),
    /// Executes, and keeps still before answering.
    StallAfterExecuting(StallFor),
    /// Executes, announces the whole answer, sends half of it and closes the connection.
    TruncateBody,
    /// Executes, and sends an answer of the right type that is not JSON.
    MalformedJson,
    /// Answers 502 with an HTML page, as a proxy does, without executing.
    HtmlBadGateway,
    /// Answers this status with a JSON body of `code` and `message`, without executing.
    CodeMessageError(u16),
    /// Answers this status with a problem that has a title and nothing else, without executing.
    ProblemTitleOnly(u16),
    /// Answers this status with a problem whose members have odd types and which has unknown ones, without executing.
    OddProblem(u16),
    /// Executes, and replaces every enum value in the answer by a new one (`NEW_` and the old one).
    UnknownEnumValues,
    /// Executes, and adds unknown members to every object of the answer.
    UnknownFields,
    /// Executes, and leaves out of the answer whatever is not required. A page keeps its token.
    AbsentOptionals,
    /// Executes, and writes null for whatever is not required, even where the description does not call it nullable. A page keeps its
    /// token.
    NullOptionals,
    /// Answers in the other version than was asked for. Operations that have one version keep their body and claim the other.
    OtherVersion {
        /// Whether the Content-Type says so, or claims the version that was asked for.
        honest: bool,
    },
    /// Answers 307 with this Location, without executing.
    RedirectTo(String),
    /// Gives as `nextPageToken` the very token that was sent. Matches only requests with a page token.
    RepeatPageToken,
    /// Answers a page without items, whose token leads to the page that belonged here. Matches only cursor pages.
    EmptyMiddlePage,
    /// Adds this to `totalItemCount`. Matches only offset pages.
    TotalChanges(i64),
    /// Executes, and pads the answer with whitespace to at least this many bytes; it stays valid JSON.
    OversizedBody(u64),
    /// As [`OversizedBody`](Self::OversizedBody), but compressed, so that few bytes travel. Matches only requests that accept gzip.
    GzipBomb(u64),
    /// Answers 401 as if the token had expired, and from then on does not know the bearer token that was sent.
    ExpireToken,
    /// Mints a token, and answers its bare text in place of JSON.
    TokenNotJson,
    /// Mints a JWT without an `exp`.
    TokenWithoutExpiry,
    /// Mints a token that is not a JWT. It is accepted as a bearer.
    TokenOpaque,
}

impl FaultKind {
    /// Refuses with this status, without a `Retry-After`.
    pub fn refuse(status: u16) -> Self {
        Self::Refuse {
            status,
            title: None,
            retry_after: RetryAfter::Absent,
        }
    }

    /// Refuses with this status and says to come back after so many seconds.
    pub fn refuse_for(status: u16, seconds: u64) -> Self {
        Self::Refuse {
            status,
            title: None,
            retry_after: RetryAfter::Seconds(seconds),
        }
    }

    /// The variant's name, as records show it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refuse { .. } => "Refuse",
            Self::ExecuteThenStatus(_) => "ExecuteThenStatus",
            Self::ExecuteThenReset => "ExecuteThenReset",
            Self::ResetBeforeExecuting => "ResetBeforeExecuting",
            Self::StallBeforeExecuting(_) => "StallBeforeExecuting",
            Self::StallAfterExecuting(_) => "StallAfterExecuting",
            Self::TruncateBody => "TruncateBody",
            Self::MalformedJson => "MalformedJson",
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

    /// Whether the fault can show on such a request at all; if not, it waits for one on which it can.
    pub(super) fn can_show(&self, facts: &Facts) -> bool {
        match self {
            Self::OtherVersion { honest } => *honest || facts.operation.versions().len() > 1,
            Self::RepeatPageToken => facts.operation.is_listing() && facts.has_token,
            Self::EmptyMiddlePage => facts.operation.is_listing() && !facts.has_offset,
            Self::TotalChanges(_) => facts.operation.is_listing() && facts.has_offset,
            Self::GzipBomb(_) => facts.accepts_gzip,
            Self::ExpireToken => facts.operation != Operation::CreateToken,
            Self::TokenNotJson | Self::TokenWithoutExpiry | Self::TokenOpaque => facts.operation.is_minting(),
            _ => true,
        }
    }
}

/// What a matcher may ask about a request.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) sequence: u64,
    pub(crate) operation: Operation,
    /// Counted from 1; 1 for everything that is not a listing.
    pub(crate) page: u64,
    pub(crate) key: Option<String>,
    pub(crate) has_token: bool,
    pub(crate) has_offset: bool,
    pub(crate) accepts_gzip: bool,
}

impl Facts {
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
            has_token: call.query_value("pageToken").is_some(),
            has_offset: call.query_value("pageOffset").is_some(),
            accepts_gzip: call.accepts_gzip(),
        }
    }
}
