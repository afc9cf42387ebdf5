//! The memory of idempotency keys.
//!
//! From the public API description: for an answer below 400 the server keeps the answer for seven days under (endpoint, key,
//! user). The same body again gets the stored answer and nothing is executed; the same body while the first call still runs gets
//! 409; another body gets 422. An answer of 400 or more is not kept, so the key may be sent again. "The same body" is taken bytewise here.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use uuid::Uuid;

use crate::api::problem::{Code, Problem};
use crate::api::response::Answer;

/// How long an answer is remembered.
const MEMORY: TimeDelta = TimeDelta::days(7);
/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

/// What an answer is kept under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    /// The path, project included.
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
    Answered { answer: Answer, at: DateTime<Utc> },
}

/// What is to be done with a call that carries a key.
#[derive(Debug)]
pub(crate) enum Verdict {
    Execute,
    Replay(Answer),
}

/// Every key that is in use or remembered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    entries: HashMap<Slot, Entry>,
}

impl Memory {
    /// Decides about a call and, if it is to be executed, marks it as running until [`finish`](Self::finish).
    pub(crate) fn begin(&mut self, slot: &Slot, body: &Bytes, now: DateTime<Utc>) -> Result<Verdict, Problem> {
        self.forget_if_old(slot, now);
        let Some(entry) = self.entries.get(slot) else {
            self.entries.insert(
                slot.clone(),
                Entry {
                    body: body.clone(),
                    stage: Stage::Running,
                },
            );
            return Ok(Verdict::Execute);
        };
        if entry.body != *body {
            let detail = "This idempotency key was used with another body; send the first body, or a new key.";
            return Err(Problem::new(Code::KeyMismatch, detail).parameter("Idempotency-Key", &slot.key));
        }
        match &entry.stage {
            Stage::Answered { answer, .. } => Ok(Verdict::Replay(answer.clone())),
            Stage::Running => {
                let detail = "The first call with this idempotency key still runs; send it again later.";
                Err(Problem::new(Code::InFlight, detail).parameter("Idempotency-Key", &slot.key))
            }
        }
    }

    /// Keeps the answer if it is below 400, else frees the key.
    pub(crate) fn finish(&mut self, slot: &Slot, answer: Option<&Answer>, now: DateTime<Utc>) {
        match answer {
            Some(answer) if answer.status.as_u16() < 400 => {
                if let Some(entry) = self.entries.get_mut(slot) {
                    entry.stage = Stage::Answered {
                        answer: answer.clone(),
                        at: now,
                    };
                }
            }
            _ => {
                self.entries.remove(slot);
            }
        }
    }

    fn forget_if_old(&mut self, slot: &Slot, now: DateTime<Utc>) {
        let old = |entry: &Entry| matches!(&entry.stage, Stage::Answered { at, .. } if now - *at >= MEMORY);
        if self.entries.get(slot).is_some_and(old) {
            self.entries.remove(slot);
        }
    }
}

/// The request's key, if it has one, or why it is not usable.
pub(crate) fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(unusable(
            "The header Idempotency-Key was sent more than once; send it once.",
        ));
    }
    let key = String::from_utf8_lossy(value.as_bytes()).into_owned();
    if !(1..=LONGEST_KEY).contains(&key.chars().count()) {
        return Err(unusable("An idempotency key has 1 to 255 characters."));
    }
    Ok(Some(key))
}

fn unusable(detail: &str) -> Problem {
    Problem::new(Code::InvalidRequest, detail).parameter("Idempotency-Key", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot() -> Slot {
        Slot {
            endpoint: "/p".to_owned(),
            key: "k".to_owned(),
            user: Uuid::nil(),
        }
    }

    fn title(result: Result<Verdict, Problem>) -> Result<bool, String> {
        result
            .map(|verdict| matches!(verdict, Verdict::Replay(_)))
            .map_err(|problem| problem.title)
    }

    #[test]
    fn a_key_runs_is_replayed_and_is_forgotten() {
        let (mut memory, now) = (Memory::default(), Utc::now());
        let (body, other) = (Bytes::from_static(b"{}"), Bytes::from_static(b"{ }"));
        let answer = Answer::json(http::StatusCode::CREATED, "application/json", b"1".to_vec());

        assert_eq!(title(memory.begin(&slot(), &body, now)), Ok(false));
        assert_eq!(title(memory.begin(&slot(), &body, now)), Err("ICA_API_409".to_owned()));
        assert_eq!(title(memory.begin(&slot(), &other, now)), Err("ICA_API_422".to_owned()));
        memory.finish(&slot(), Some(&answer), now);
        assert_eq!(title(memory.begin(&slot(), &body, now)), Ok(true));
        assert_eq!(title(memory.begin(&slot(), &other, now)), Err("ICA_API_422".to_owned()));
        let just_before = now + MEMORY - TimeDelta::milliseconds(1);
        assert_eq!(title(memory.begin(&slot(), &body, just_before)), Ok(true));
        assert_eq!(title(memory.begin(&slot(), &other, now + MEMORY)), Ok(false));
    }

    #[test]
    fn a_rejection_frees_the_key() {
        let (mut memory, now) = (Memory::default(), Utc::now());
        let refused = Answer::json(http::StatusCode::BAD_REQUEST, "application/json", Vec::new());
        assert_eq!(title(memory.begin(&slot(), &Bytes::from_static(b"1"), now)), Ok(false));
        memory.finish(&slot(), Some(&refused), now);
        assert_eq!(title(memory.begin(&slot(), &Bytes::from_static(b"2"), now)), Ok(false));
    }
}
