//! Kinds of failure, reasons to stop retrying, and whether a call was executed.

use std::time::Duration;

use serde::Serialize;

use super::text::counted;

/// Advice about a create that may be sent again.
const SEND_AGAIN: &str = "send the same request with the same idempotency key again, which creates nothing twice";

/// Kind of a failure.
///
/// | kind | what happened | may the create have been executed | what to do |
/// |---|---|---|---|
/// | [`InvalidInput`](Self::InvalidInput) | input was rejected before anything was sent | no | correct what the message names |
/// | [`Connect`](Self::Connect) | no connection was made | no | check the base URL and the network, then send again |
/// | [`Interrupted`](Self::Interrupted) | the connection broke after the request was sent | unknown; yes if a successful response had begun | send again with the same key |
/// | [`Timeout`](Self::Timeout) | no response in time | unknown; yes if a successful response had begun | send again with the same key, or allow more time |
/// | [`Credentials`](Self::Credentials) | no valid credential was available | no | correct what the message names |
/// | [`Unauthorized`](Self::Unauthorized) | 401, or a bearer token that has expired | no¹ | renew the credential |
/// | [`Forbidden`](Self::Forbidden) | 403 | no¹ | ask for the permission |
/// | [`NotFound`](Self::NotFound) | 404 | no¹ | check the ids |
/// | [`VersionNotSupported`](Self::VersionNotSupported) | 406, or 400 with `ICA_API_004` | no¹ | ask for another version |
/// | [`InProgress`](Self::InProgress) | 409 to a create with a key | unknown: an earlier request is in progress | send again later with the same key |
/// | [`KeyMismatch`](Self::KeyMismatch) | 422 to a create with a key, unless it is about the content² | no¹; another request used the key | use a new key for a new request |
/// | [`Rejected`](Self::Rejected) | another 4xx | no¹ | read [`problem`](super::Error::problem) and correct the request |
/// | [`RateLimited`](Self::RateLimited) | 429 | no¹ | send fewer requests, then again |
/// | [`Server`](Self::Server) | 5xx | unknown; if it was, ICA has [forgotten](crate::CreateBatch#how-far-the-key-goes) the key | check in the project whether the batch exists, then send again |
/// | [`Redirected`](Self::Redirected) | 3xx | unknown | set the base URL to the new address, if it is right |
/// | [`VersionMismatch`](Self::VersionMismatch) | the response is in another version | like its status | ask for that version |
/// | [`Unreadable`](Self::Unreadable) | the response is not as the API describes it, or is about another batch, item or project | yes after a success | report it; with a key, sending again is safe |
/// | [`TooLarge`](Self::TooLarge) | the response is larger than the limit | yes after a success | raise the limit, or ask for smaller pages |
/// | [`Paging`](Self::Paging) | the pages of a list repeat or have no end | no | start the list again |
/// | [`WaitTimeout`](Self::WaitTimeout) | a batch was not finished at the deadline of the wait | no | wait again; the batch goes on in ICA |
/// | [`KeyExpired`](Self::KeyExpired) | a chunk of a submission has no response, and ICA may have dropped its key | unknown | search in ICA, and record the finding |
/// | [`Unfinished`](Self::Unfinished) | a run of a submission ended at its deadline, or was stopped | unknown if a chunk has no response | see the report in the error, and run again |
/// | [`ManifestChanged`](Self::ManifestChanged) | the manifest differs from the recorded one, or from what ICA has under the name | no | accept the additions, or use a new name |
/// | [`DuplicateReferences`](Self::DuplicateReferences) | a manifest contains user references more than once | no | correct it, or allow them |
/// | [`DuplicateAnalyses`](Self::DuplicateAnalyses) | ICA has more analyses of a submission than it has rows | yes | see them with [`audit`](crate::Submission::audit), and abort those that are too many |
/// | [`CreatedElsewhere`](Self::CreatedElsewhere) | another submission of the project has created rows of a manifest | no | remove them, or allow them |
/// | [`JournalInUse`](Self::JournalInUse) | another process, or another run, uses the journal | no | wait until it has ended |
/// | [`ClockSkew`](Self::ClockSkew) | the clock of this machine differs from ICA's by minutes | no | set the clock |
/// | [`Journal`](Self::Journal) | the journal cannot be read or written, or contradicts ICA | yes if a response could not be recorded | fix what the message names, and run again |
///
/// ¹ If the response has one of ICA's codes (`ICA_…`). Otherwise it is unknown: a proxy or a gateway
/// may have sent the response in place of a success. If the message names a proxy, check the proxy and
/// the base URL first.
///
/// ² A 422 is about the content if it names attributes of the request and does not speak of the key,
/// or if it has none of ICA's codes. For a submission, each 422 of ICA that
/// does not speak of the key is about the content, because its keys follow from the content.
///
/// Errors of calls that only read always have [`Execution::NotExecuted`].
///
/// ```
/// use ica_batch_sdk_ext::{Credentials, ErrorKind};
///
/// let error = Credentials::api_key("").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// Input of the caller was rejected before anything was sent.
    InvalidInput,
    /// No connection was made.
    Connect,
    /// The connection broke after the request was sent.
    Interrupted,
    /// No response arrived in time.
    Timeout,
    /// No valid credential was available: a token provider failed, or returned an invalid token.
    Credentials,
    /// The credential is missing, wrong or expired (401).
    Unauthorized,
    /// The user of the credential lacks a permission (403).
    Forbidden,
    /// The project, batch or item does not exist, or is not visible to the user (404).
    NotFound,
    /// The server does not support the operation in this version (406, or 400 with `ICA_API_004`).
    VersionNotSupported,
    /// An earlier create with this key is still in progress (409).
    InProgress,
    /// The key was used for another request (422).
    KeyMismatch,
    /// The server rejected the request (another 4xx).
    Rejected,
    /// Too many requests were sent (429).
    RateLimited,
    /// The server failed (5xx).
    Server,
    /// The server redirected the request (3xx). Redirects are not followed: the credential must not
    /// reach a host that the caller did not name.
    Redirected,
    /// The response is in another version than requested.
    VersionMismatch,
    /// The response is not as the API describes it, or it is about another thing than the request.
    Unreadable,
    /// The response is larger than allowed.
    TooLarge,
    /// The pages of a list repeat, have no items without end, or have more items than asked for.
    Paging,
    /// A batch was not finished at the deadline of the wait.
    WaitTimeout,
    /// A chunk of a submission may have been created, and ICA may have dropped its key.
    KeyExpired,
    /// A run of a submission ended before each analysis was settled: at its deadline, or because it
    /// was stopped.
    Unfinished,
    /// The manifest of a submission differs from the one recorded under its name, or ICA has analyses
    /// under that name which the manifest does not have.
    ManifestChanged,
    /// A manifest contains user references more than once.
    DuplicateReferences,
    /// ICA has more analyses with the marks of a submission than it has rows. Each row is settled.
    DuplicateAnalyses,
    /// Another submission of the same project and journal has created rows of a manifest.
    CreatedElsewhere,
    /// Another process owns the journal, or another run of this program has the submission.
    JournalInUse,
    /// The clock of this machine and that of ICA differ by minutes. A submission measures the age of
    /// its keys by the clock.
    ClockSkew,
    /// A journal cannot be read or written.
    Journal,
}

impl ErrorKind {
    /// Returns the advice about the failure, where the message itself does not say it. It depends
    /// on whether a create may have been executed, and whether a proxy probably sent the response.
    pub(super) fn advice(self, execution: Execution, has_key: bool, is_of_proxy: bool) -> Option<&'static str> {
        if let Some(advice) = self.advice_about_a_proxy(execution, has_key).filter(|_| is_of_proxy) {
            return Some(advice);
        }
        let is_about_a_call = !matches!(
            self,
            Self::KeyExpired | Self::Unfinished | Self::DuplicateAnalyses | Self::Journal
        );
        if execution.may_have_executed() && is_about_a_call {
            let advice = match has_key {
                true => self.advice_with_a_key(),
                false => Some(self.advice_without_a_key()),
            };
            if advice.is_some() {
                return advice;
            }
        }
        Some(match self {
            Self::InvalidInput
            | Self::Credentials
            | Self::VersionMismatch
            | Self::KeyExpired
            | Self::Unfinished
            | Self::ManifestChanged
            | Self::DuplicateReferences
            | Self::DuplicateAnalyses
            | Self::CreatedElsewhere
            | Self::JournalInUse
            | Self::ClockSkew
            | Self::Journal => return None,
            Self::Connect => "check the base URL and the network, then send it again",
            Self::Unreadable | Self::TooLarge | Self::Interrupted | Self::Timeout if has_key => SEND_AGAIN,
            Self::Interrupted | Self::Server => "send it again",
            Self::Timeout => "send it again, or allow more time",
            Self::Unauthorized => "use a valid credential",
            Self::Forbidden => "ask an administrator of the project for the permission",
            Self::NotFound => "check the ids, and that the user of the credential may see them",
            Self::VersionNotSupported => "ask for another version of the API",
            Self::InProgress => "send the same request with the same idempotency key again later",
            Self::KeyMismatch => "use a new key for a new request, or send the request that the key was first used for",
            Self::Rejected => "correct the request as the response says",
            Self::RateLimited => "send fewer requests, and this one again later",
            Self::Redirected => "check the base URL, and set it to the new address if that is right",
            Self::Unreadable => "report it if it persists",
            Self::TooLarge => "raise the response limit, or ask for smaller pages",
            Self::Paging => "start the list again",
            Self::WaitTimeout => "wait again; the batch goes on in ICA",
        })
    }

    /// Returns the advice about a refusal by a proxy: the credential and the request may be right.
    fn advice_about_a_proxy(self, execution: Execution, has_key: bool) -> Option<&'static str> {
        if !matches!(
            self,
            Self::Unauthorized | Self::Forbidden | Self::NotFound | Self::VersionNotSupported | Self::Rejected
        ) {
            return None;
        }
        Some(match (execution.may_have_executed(), has_key) {
            (false, _) => "check the proxy and the base URL, then send it again",
            (true, true) => {
                "check the proxy and the base URL, then send the same request with the same idempotency key again, which creates nothing twice"
            }
            (true, false) => {
                "check the proxy and the base URL, and in the project whether the batch exists, before you send it again"
            }
        })
    }

    /// Returns the advice about a create without a key that may have been executed.
    fn advice_without_a_key(self) -> &'static str {
        match self {
            Self::Unauthorized => {
                "use a valid credential, and check in the project whether the batch exists before you send it again"
            }
            Self::Redirected => {
                "check the base URL, and in the project whether the batch exists, before you send it again"
            }
            _ => "check in the project whether the batch exists before you send it again",
        }
    }

    /// Returns the advice about a create with a key that may have been executed, where it differs.
    fn advice_with_a_key(self) -> Option<&'static str> {
        Some(match self {
            Self::Unauthorized => {
                "use a valid credential of the same user, and send the same request with the same idempotency key again"
            }
            Self::RateLimited => "send fewer requests, and the same request with the same idempotency key again later",
            Self::Redirected => "check the base URL, then send the same request with the same idempotency key again",
            Self::Forbidden | Self::NotFound | Self::VersionNotSupported | Self::Rejected => SEND_AGAIN,
            // An error after the execution leaves no key in ICA.
            Self::Server => {
                "check in the project whether the batch exists before you send it again: ICA forgets the key of a create that ends with such an error"
            }
            _ => return None,
        })
    }
}

/// Reason why a call that failed was not retried.
///
/// ```
/// # use ica_batch_sdk_ext::types::CreateAnalysisCreationBatch;
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::RetryStopReason;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials)
/// #     .retry(ica_batch_sdk_ext::retry::RetryPolicy::never()).build()?;
/// # let batch = client.project(simulator.project_id())?.batch(ica_batch_sdk_ext::Uuid::nil());
/// # let fault = ica_simulator::Fault::new(ica_simulator::FaultKind::refuse(503)).every();
/// # simulator.faults().add(fault.on(ica_simulator::Operation::GetBatch(ica_simulator::Family::Analysis)));
/// let error = batch.get().await.unwrap_err(); // the server responds with 503
/// assert_eq!(error.retry_stop_reason(), Some(RetryStopReason::AttemptsExhausted));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryStopReason {
    /// A retry could execute the call twice: it is a create without an idempotency key.
    NotIdempotent,
    /// A retry could execute the call twice: ICA forgets the key of a create that it executed and
    /// responded to with an error, and the call is to be sent
    /// [at most once](crate::CreateBatch::at_most_once).
    MayHaveExecuted,
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
    /// Returns the reason as a part of a sentence.
    pub(super) fn text(self, attempts: u32) -> String {
        let attempts = counted(attempts.into(), "attempt");
        match self {
            Self::NotIdempotent => "it was not retried because it has no idempotency key".to_owned(),
            Self::MayHaveExecuted => "it was not retried because it may have been executed".to_owned(),
            Self::AttemptsExhausted => format!("gave up after {attempts}"),
            Self::DeadlineExceeded => format!("the deadline left no time for more than {attempts}"),
            Self::RetryAfterTooLong { requested, remaining } => format!(
                "the server asks to wait {:.1} s, but the deadline leaves {:.1} s",
                requested.as_secs_f64(),
                remaining.as_secs_f64()
            ),
            Self::BudgetExhausted => {
                format!("gave up after {attempts} because the retry budget of the client is empty")
            }
            Self::InProgressTimeout { waited } => format!("gave up after waiting {} s for it", waited.as_secs()),
        }
    }
}

/// Execution of a call by the server.
///
/// ```
/// use ica_batch_sdk_ext::Execution;
///
/// assert!(Execution::Unknown.may_have_executed());
/// assert!(!Execution::NotExecuted.may_have_executed());
/// ```
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
