//! Checkpoints that were stored.

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{Checkpoint, Credentials, Uuid};

use super::fixture::{check, with_reply};
use crate::hostile_server::{API_KEY, PROJECT, Reply};

/// Resumes lists from a checkpoint that is read from the bytes.
pub(super) fn run(data: &[u8]) {
    let Ok(checkpoint) = serde_json::from_slice::<Checkpoint>(data) else {
        return;
    };
    let json = serde_json::to_string(&checkpoint).expect("a checkpoint is JSON");
    let again = serde_json::from_str::<Checkpoint>(&json).expect("it was written from a checkpoint");
    assert_eq!(again, checkpoint);
    with_reply(Reply::json(200, r#"{"items":[]}"#), async |fixture| {
        let client = fixture.client(Credentials::api_key_direct(API_KEY)?);
        let items = client.project(PROJECT)?.batch(Uuid::nil()).items();
        match items.clone().resume(checkpoint.clone()) {
            Ok(stream) => drop(stream.try_collect::<Vec<_>>().await?),
            Err(error) => check(&error),
        }
        match items.offset(0).concurrency(2).resume(checkpoint) {
            Ok(stream) => drop(stream.try_collect::<Vec<_>>().await?),
            Err(error) => check(&error),
        }
        Ok(())
    });
}
