//! The memory of idempotency keys.
//!
//! Facts of the public API description: the server keeps a response below 400 for seven days, for
//! (endpoint, key, user). The same body again gets the kept response, and nothing is executed. The
//! same body while the first request is in progress gets 409, and another body gets 422. A response
//! of 400 or more is not kept, so the same key may be sent again. Here, two bodies are the same if
//! their bytes are the same.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use uuid::Uuid;

use crate::api::problem::{Code, Problem};
use crate::api::response::ApiResponse;

/// Time for which a response is kept.
const MEMORY: TimeDelta = TimeDelta::days(7);
/// Limit of a key, in characters.
const LONGEST_KEY: usize = 255;

/// A key together with the endpoint and the user that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScopedKey {
    /// The path with its project.
    pub(crate) endpoint: String,
    pub(crate) key: String,
    pub(crate) user: Uuid,
}

#[derive(Debug)]
struct Entry {
    body: Bytes,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Running,
    Finished { response: ApiResponse, at: DateTime<Utc> },
}

/// The decision about a request with a key.
#[derive(Debug)]
pub(crate) enum Decision {
    Execute,
    Replay(ApiResponse),
}

/// All keys whose request is in progress or whose response is kept.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    entries: HashMap<ScopedKey, Entry>,
}

impl Memory {
    /// Decides about a request. If it is to be executed, it is in progress until
    /// [`finish`](Self::finish).
    pub(crate) fn begin(&mut self, key: &ScopedKey, body: &Bytes, now: DateTime<Utc>) -> Result<Decision, Problem> {
        self.forget_if_old(key, now);
        let Some(entry) = self.entries.get(key) else {
            self.entries.insert(
                key.clone(),
                Entry {
                    body: body.clone(),
                    stage: Stage::Running,
                },
            );
            return Ok(Decision::Execute);
        };
        if entry.body != *body {
            let detail = "This idempotency key was sent with another body; send the same body, or a new key.";
            return Err(Problem::new(Code::KeyMismatch, detail).parameter("Idempotency-Key", &key.key));
        }
        match &entry.stage {
            Stage::Finished { response, .. } => Ok(Decision::Replay(response.clone())),
            Stage::Running => {
                let detail = "The first request with this idempotency key is still in progress; send it again later.";
                Err(Problem::new(Code::InFlight, detail).parameter("Idempotency-Key", &key.key))
            }
        }
    }

    /// Keeps a response below 400, and otherwise forgets the key.
    pub(crate) fn finish(&mut self, key: &ScopedKey, response: Option<&ApiResponse>, now: DateTime<Utc>) {
        match response {
            Some(response) if response.status.as_u16() < 400 => {
                if let Some(entry) = self.entries.get_mut(key) {
                    entry.stage = Stage::Finished {
                        response: response.clone(),
                        at: now,
                    };
                }
            }
            _ => {
                self.entries.remove(key);
            }
        }
    }

    fn forget_if_old(&mut self, key: &ScopedKey, now: DateTime<Utc>) {
        let old = |entry: &Entry| matches!(&entry.stage, Stage::Finished { at, .. } if now - *at >= MEMORY);
        if self.entries.get(key).is_some_and(old) {
            self.entries.remove(key);
        }
    }
}

/// Returns the key of a request, if it has one, or the problem if the key is not valid.
pub(crate) fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid(
            "The idempotency key is not valid: the header was sent more than once; send it once.",
        ));
    }
    let key = String::from_utf8_lossy(value.as_bytes()).into_owned();
    if !(1..=LONGEST_KEY).contains(&key.chars().count()) {
        return Err(invalid(
            "The idempotency key is not valid: it is empty or has more than 255 characters; send 1 to 255.",
        ));
    }
    Ok(Some(key))
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Code::InvalidRequest, detail).parameter("Idempotency-Key", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scoped_key() -> ScopedKey {
        ScopedKey {
            endpoint: "/p".to_owned(),
            key: "k".to_owned(),
            user: Uuid::nil(),
        }
    }

    fn title(result: Result<Decision, Problem>) -> Result<bool, String> {
        result
            .map(|verdict| matches!(verdict, Decision::Replay(_)))
            .map_err(|problem| problem.title)
    }

    #[test]
    fn a_key_is_in_progress_then_kept_then_forgotten() {
        let (mut memory, now) = (Memory::default(), Utc::now());
        let (body, other) = (Bytes::from_static(b"{}"), Bytes::from_static(b"{ }"));
        let response = ApiResponse::json(http::StatusCode::CREATED, "application/json", b"1".to_vec());

        assert_eq!(title(memory.begin(&scoped_key(), &body, now)), Ok(false));
        assert_eq!(
            title(memory.begin(&scoped_key(), &body, now)),
            Err("ICA_API_409".to_owned())
        );
        assert_eq!(
            title(memory.begin(&scoped_key(), &other, now)),
            Err("ICA_API_422".to_owned())
        );
        memory.finish(&scoped_key(), Some(&response), now);
        assert_eq!(title(memory.begin(&scoped_key(), &body, now)), Ok(true));
        assert_eq!(
            title(memory.begin(&scoped_key(), &other, now)),
            Err("ICA_API_422".to_owned())
        );
        let just_before = now + MEMORY - TimeDelta::milliseconds(1);
        assert_eq!(title(memory.begin(&scoped_key(), &body, just_before)), Ok(true));
        assert_eq!(title(memory.begin(&scoped_key(), &other, now + MEMORY)), Ok(false));
    }

    #[test]
    fn a_refusal_forgets_the_key() {
        let (mut memory, now) = (Memory::default(), Utc::now());
        let refused = ApiResponse::json(http::StatusCode::BAD_REQUEST, "application/json", Vec::new());
        assert_eq!(
            title(memory.begin(&scoped_key(), &Bytes::from_static(b"1"), now)),
            Ok(false)
        );
        memory.finish(&scoped_key(), Some(&refused), now);
        assert_eq!(
            title(memory.begin(&scoped_key(), &Bytes::from_static(b"2"), now)),
            Ok(false)
        );
    }
}
