//! The kinds of failure, and whether the call may have had its effect.

/// What kind of failure an [`Error`](super::Error) is.
///
/// | kind | what happened | a create may have executed | what to do |
/// |---|---|---|---|
/// | [`InvalidInput`](Self::InvalidInput) | refused before anything was sent | no | correct what the message names |
/// | [`Connect`](Self::Connect) | no connection was made | no | check the base URL and the network, then send again |
/// | [`Interrupted`](Self::Interrupted) | the connection broke after the request was on its way | unknown; yes if a success had begun to arrive | send again with the same key |
/// | [`Timeout`](Self::Timeout) | no answer in time | unknown; yes if a success had begun to arrive | send again with the same key, or allow more time |
/// | [`Unauthorized`](Self::Unauthorized) | 401 | no | renew the credential |
/// | [`Forbidden`](Self::Forbidden) | 403 | no | have the right granted |
/// | [`NotFound`](Self::NotFound) | 404 | no | check the ids |
/// | [`VersionNotSupported`](Self::VersionNotSupported) | 406, or 400 with `ICA_API_004` | no | ask for another version |
/// | [`InProgress`](Self::InProgress) | 409 to a create with a key | unknown: the first call still runs | send again later with the same key |
/// | [`KeyMismatch`](Self::KeyMismatch) | 422 to a create with a key | no; another request has the key | use a new key for a new request |
/// | [`Rejected`](Self::Rejected) | another 4xx | no | read [`problem`](super::Error::problem) and correct the request |
/// | [`RateLimited`](Self::RateLimited) | 429 | no | send fewer calls, then again |
/// | [`Server`](Self::Server) | 5xx | unknown | send again with the same key |
/// | [`Redirected`](Self::Redirected) | 3xx | no | set the base URL to where it leads, if that is right |
/// | [`VersionMismatch`](Self::VersionMismatch) | the answer is in another version | as with its status | ask for that version |
/// | [`Unreadable`](Self::Unreadable) | the answer is not what the API describes | yes after a success | report it; with a key, sending again is safe |
/// | [`TooLarge`](Self::TooLarge) | the answer exceeds the response limit | yes after a success | raise the limit, or ask for smaller pages |
/// | [`Paging`](Self::Paging) | the list did not lead to its end | no | start the list again |
///
/// A call that only reads has no effect to ask about: its errors say [`Executed::No`].
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
}

impl ErrorKind {
    /// What to do about it, where the message itself does not say.
    pub(super) fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::InvalidInput | Self::VersionMismatch => return None,
            Self::Connect => "check the base URL and the network, then send again",
            Self::Interrupted | Self::Server => "send again; a create needs the same idempotency key for that",
            Self::Timeout => "send again or allow more time; a create needs the same idempotency key for that",
            Self::Unauthorized => "give a valid credential",
            Self::Forbidden => "have the right granted to the user of the credential",
            Self::NotFound => "check the ids of project, batch and item, and that the credential may see them",
            Self::VersionNotSupported => "ask for another version of the API",
            Self::InProgress => "send again later with the same key and the same request",
            Self::KeyMismatch => "use a new key for a new request, or the request that the key was first sent with",
            Self::Rejected => "correct the request as the answer says",
            Self::RateLimited => "send fewer calls, and this one again later",
            Self::Redirected => "set the base URL to where it leads, if that is right",
            Self::Unreadable => "report it if it persists; a create with a key may be sent again",
            Self::TooLarge => "raise the response limit or ask for smaller pages",
            Self::Paging => "start the list again",
        })
    }
}

/// Whether the server did what a call asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Executed {
    /// It did not, or the call had no effect to begin with.
    No,
    /// It did; the answer was lost or could not be used.
    Yes,
    /// Nothing tells.
    Unknown,
}

impl Executed {
    /// Whether it may have: anything but [`No`](Self::No).
    pub fn is_possible(self) -> bool {
        self != Self::No
    }
}
