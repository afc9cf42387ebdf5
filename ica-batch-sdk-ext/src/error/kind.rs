//! The kinds of failure, why a call was given up, and whether it may have had its effect.

use std::time::Duration;

/// What kind of failure an [`Error`](super::Error) is.
///
/// | kind | what happened | a create may have executed | what to do |
/// |---|---|---|---|
/// | [`InvalidInput`](Self::InvalidInput) | refused before anything was sent | no | correct what the message names |
/// | [`Connect`](Self::Connect) | no connection was made | no | check the base URL and the network, then send again |
/// | [`Interrupted`](Self::Interrupted) | the connection broke after the request was on its way | unknown; yes if a success had begun to arrive | send again with the same key |
/// | [`Timeout`](Self::Timeout) | no answer in time | unknown; yes if a success had begun to arrive | send again with the same key, or allow more time |
/// | [`Credentials`](Self::Credentials) | no usable credential could be had | no | mend what the message names |
/// | [`Unauthorized`](Self::Unauthorized) | 401, or a bearer token that has expired | no | renew the credential |
/// | [`Forbidden`](Self::Forbidden) | 403 | no | have the right granted |
/// | [`NotFound`](Self::NotFound) | 404 | no | check the ids |
/// | [`VersionNotSupported`](Self::VersionNotSupported) | 406, or 400 with `ICA_API_004` | no | ask for another version |
/// | [`InProgress`](Self::InProgress) | 409 to a create with a key | unknown: the first call still runs | send again later with the same key |
/// | [`KeyMismatch`](Self::KeyMismatch) | 422 to a create with a key | no; another request has the key | use a new key for a new request |
/// | [`Rejected`](Self::Rejected) | another 4xx | no | read [`problem`](super::Error::problem) and correct the request |
/// | [`RateLimited`](Self::RateLimited) | 429 | no | send fewer calls, then again |
/// | [`Server`](Self::Server) | 5xx | unknown | send again with the same key |
/// | [`Redirected`](Self::Redirected) | 3xx | no after 307 and 308, else unknown | set the base URL to where it leads, if that is right |
/// | [`VersionMismatch`](Self::VersionMismatch) | the answer is in another version | as with its status | ask for that version |
/// | [`Unreadable`](Self::Unreadable) | the answer is not what the API describes | yes after a success | report it; with a key, sending again is safe |
/// | [`TooLarge`](Self::TooLarge) | the answer exceeds the response limit | yes after a success | raise the limit, or ask for smaller pages |
/// | [`Paging`](Self::Paging) | the list did not lead to its end | no | start the list again |
/// | [`WaitTimeout`](Self::WaitTimeout) | a batch was waited for and had not come to its end by the deadline | no | wait again; the batch goes on in ICA |
/// | [`KeyExpired`](Self::KeyExpired) | a chunk of a submission was sent, never answered, and is older than ICA's memory of its key | unknown | look in ICA, and say what you found |
/// | [`ManifestChanged`](Self::ManifestChanged) | a submission was run with another manifest than is recorded | no | take the additions, or give what is new a name of its own |
/// | [`DuplicateReferences`](Self::DuplicateReferences) | user references stand more than once in a manifest | no | correct it, or allow them |
/// | [`Journal`](Self::Journal) | the journal cannot be read or written, or what is learnt contradicts it | yes if an answer could not be written down | mend what the message names, and run again |
///
/// A call that only reads has no effect to ask about: its errors say [`Execution::NotExecuted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What the caller gave was refused before anything was sent.
    InvalidInput,
    /// No connection was made.
    Connect,
    /// The connection broke after the request was on its way.
    Interrupted,
    /// There was no answer in time.
    Timeout,
    /// No usable credential could be had: a token provider failed, or handed out what is none.
    Credentials,
    /// The credential is missing, wrong or expired (401).
    Unauthorized,
    /// The credential lacks a right (403).
    Forbidden,
    /// There is no such project, batch or item, or not for this credential (404).
    NotFound,
    /// The server does not have the operation in this version (406, or 400 with `ICA_API_004`).
    VersionNotSupported,
    /// A create with this key still runs (409).
    InProgress,
    /// The key was used for another request (422).
    KeyMismatch,
    /// The server refused the request (another 4xx).
    Rejected,
    /// There were too many calls (429).
    RateLimited,
    /// The server failed (5xx).
    Server,
    /// The server pointed elsewhere (3xx). Redirects are not followed: a credential must not go where the caller did
    /// not send it.
    Redirected,
    /// The answer is in another version than asked for.
    VersionMismatch,
    /// The answer is not what the API describes.
    Unreadable,
    /// The answer is larger than allowed.
    TooLarge,
    /// A list did not lead to its end.
    Paging,
    /// A batch that was waited for had not come to its end by the deadline.
    WaitTimeout,
    /// A chunk of a submission may have been created, and ICA may have forgotten its key.
    KeyExpired,
    /// A submission was run with another manifest than is recorded under its name.
    ManifestChanged,
    /// User references stand more than once in a manifest.
    DuplicateReferences,
    /// A journal cannot be read or written.
    Journal,
}

impl ErrorKind {
    /// What to do about it, where the message itself does not say. It depends on what a create may have done.
    pub(super) fn advice(self, executed: Execution, has_key: bool) -> Option<&'static str> {
        let is_of_a_call = !matches!(self, Self::KeyExpired | Self::Journal);
        if executed.may_have_executed() && !has_key && is_of_a_call {
            return Some(
                "look in the project whether the batch exists before you send again, for it had no idempotency key",
            );
        }
        Some(match self {
            Self::InvalidInput
            | Self::Credentials
            | Self::VersionMismatch
            | Self::KeyExpired
            | Self::ManifestChanged
            | Self::DuplicateReferences
            | Self::Journal => return None,
            Self::Connect => "check the base URL and the network, then send again",
            Self::Unreadable | Self::TooLarge | Self::Interrupted | Self::Server | Self::Timeout if has_key => {
                "send the same request with the same idempotency key again, which creates nothing twice"
            }
            Self::Interrupted | Self::Server => "send again",
            Self::Timeout => "send again, or allow more time",
            Self::Unauthorized => "give a valid credential",
            Self::Forbidden => "have the right granted to the user of the credential",
            Self::NotFound => "check the ids of project, batch and item, and that the credential may see them",
            Self::VersionNotSupported => "ask for another version of the API",
            Self::InProgress => "send again later with the same key and the same request",
            Self::KeyMismatch => "use a new key for a new request, or the request that the key was first sent with",
            Self::Rejected => "correct the request as the answer says",
            Self::RateLimited => "send fewer calls, and this one again later",
            Self::Redirected => "set the base URL to where it leads, if that is right",
            Self::Unreadable => "report it if it persists",
            Self::TooLarge => "raise the response limit or ask for smaller pages",
            Self::Paging => "start the list again",
            Self::WaitTimeout => "wait again; the batch goes on in ICA",
        })
    }
}

/// Reason why a call that failed was not retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryStopReason {
    /// A retry could execute the call twice: it is a create without an idempotency key.
    NotIdempotent,
    /// All attempts that the retry policy allows were made.
    AttemptsExhausted,
    /// The next wait would have passed the deadline.
    DeadlineExceeded,
    /// The server asked for a wait that is longer than the time left until the deadline.
    RetryAfterTooLong {
        /// The wait that the server asked for.
        requested: Duration,
        /// The time left until the deadline.
        remaining: Duration,
    },
    /// The retry budget of the client was empty.
    BudgetExhausted,
    /// An earlier request with the same key was still in progress when the in-progress timeout
    /// ended.
    InProgressTimeout {
        /// The time waited for the earlier request.
        waited: Duration,
    },
}

impl RetryStopReason {
    /// As the end of a sentence.
    pub(super) fn after(self, attempts: u32) -> String {
        let attempts = match attempts {
            1 => "1 attempt".to_owned(),
            more => format!("{more} attempts"),
        };
        match self {
            Self::NotIdempotent => "it was not sent again because it has no idempotency key".to_owned(),
            Self::AttemptsExhausted => format!("it was given up after {attempts}"),
            Self::DeadlineExceeded => format!("the deadline left no time for more than {attempts}"),
            Self::RetryAfterTooLong {
                requested: asked,
                remaining: left,
            } => format!(
                "the server asks to wait {:.1} s where the deadline leaves {:.1} s",
                asked.as_secs_f64(),
                left.as_secs_f64()
            ),
            Self::BudgetExhausted => {
                format!("it was given up after {attempts} because the client's retry budget is used up")
            }
            Self::InProgressTimeout { waited } => {
                format!("the first call with this key was waited for {} s", waited.as_secs())
            }
        }
    }
}

/// Whether the server executed a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Execution {
    /// The server did not execute the call, or the call has no effect.
    NotExecuted,
    /// The server executed the call. The response was lost or is not usable.
    Executed,
    /// The server may have executed the call.
    Unknown,
}

impl Execution {
    /// Returns whether the server may have executed the call: true unless it is
    /// [`NotExecuted`](Self::NotExecuted).
    pub fn may_have_executed(self) -> bool {
        self != Self::NotExecuted
    }

    /// Returns the execution of a call after a further attempt: the effects of all attempts count.
    pub(crate) fn or(self, further: Self) -> Self {
        match (self, further) {
            (Self::Executed, _) | (_, Self::Executed) => Self::Executed,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::NotExecuted, Self::NotExecuted) => Self::NotExecuted,
        }
    }
}
