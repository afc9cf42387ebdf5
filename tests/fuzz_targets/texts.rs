//! Texts that a person, a file or a server gives: the first byte chooses what the rest is read as.

use std::time::{Duration, UNIX_EPOCH};

use ica_batch_sdk_ext::types::{
    AnalysisStatus, AnalysisStatusV3, ItemStatus, JobStatus, SampleItemStatus, SampleStatus, UserReference,
};
use ica_batch_sdk_ext::{AccessToken, Client, Credentials, IdempotencyKey, types};
use serde_json::Value;

use super::fixture::check;

pub(super) fn run(data: &[u8]) {
    let [choice, text @ ..] = data else { return };
    let text = String::from_utf8_lossy(text);
    match choice % 8 {
        0 => token(&text),
        1 => credentials(&text),
        2 => base_url(&text),
        3 => key(&text),
        4 => statuses(&text),
        5 => checked_text(&text),
        6 => project_id(&text),
        _ => decoded(&text),
    }
}

fn token(text: &str) {
    match AccessToken::new(text) {
        Ok(token) => {
            let shown = format!("{token:?}");
            assert!(shown.len() < 200, "{shown}");
            let far = UNIX_EPOCH + Duration::from_secs(u64::from(u32::MAX));
            assert_eq!(token.with_expiry(far).expires_at(), Some(far));
        }
        Err(error) => check(&error),
    }
}

fn credentials(text: &str) {
    for result in [
        Credentials::api_key(text),
        Credentials::api_key_direct(text),
        Credentials::bearer(text),
    ] {
        match result {
            Ok(credentials) => assert!(format!("{credentials:?}").starts_with("Credentials(")),
            Err(error) => check(&error),
        }
    }
}

fn base_url(text: &str) {
    let builder = Client::builder().base_url(text);
    let shown = format!("{builder:?}");
    if let Some((user, _)) = text.split_once('@')
        && let Some((_, password)) = user.rsplit_once(':')
        && password.len() > 8
        && !password.contains(['/', '\\', '?', '#'])
    {
        assert!(!shown.contains(password), "{shown}");
    }
    let credentials = Credentials::api_key_direct("an-api-key").expect("the key is valid");
    if let Err(error) = builder.credentials(credentials).build() {
        check(&error);
    }
}

fn key(text: &str) {
    match text.parse::<IdempotencyKey>() {
        Ok(key) => assert_eq!(key.as_str(), text),
        Err(error) => assert!(error.to_string().len() < 2048, "{error}"),
    }
}

fn statuses(text: &str) {
    macro_rules! open_enums {
        ($($name:ident),+) => {
            $(
                let status = $name::from(text);
                assert!(status.to_string().len() < 1024);
                let json = serde_json::to_string(&status).expect("a status is text");
                let again: $name = serde_json::from_str(&json).expect("it was written from a status");
                assert_eq!(again, status);
            )+
        };
    }
    open_enums!(
        AnalysisStatus,
        AnalysisStatusV3,
        ItemStatus,
        JobStatus,
        SampleItemStatus,
        SampleStatus
    );
}

fn checked_text(text: &str) {
    match text.parse::<UserReference>() {
        Ok(reference) => assert_eq!(reference.as_str(), text),
        Err(error) => assert!(error.to_string().len() < 4096, "{error}"),
    }
}

fn project_id(text: &str) {
    let credentials = Credentials::api_key_direct("an-api-key").expect("the key is valid");
    let client = Client::builder()
        .credentials(credentials)
        .base_url("http://127.0.0.1:1");
    if let Err(error) = client.build().expect("the URL is valid").project(text) {
        check(&error);
    }
}

/// A response that is read, written and read again is the same.
fn decoded(text: &str) {
    macro_rules! types {
        ($($name:ident),+) => {
            $(
                if let Ok(value) = serde_json::from_str::<types::$name>(text) {
                    let json: Value = serde_json::to_value(&value).expect("a response is JSON");
                    let again: types::$name = serde_json::from_value(json).expect("it was written from a response");
                    assert_eq!(again, value);
                }
            )+
        };
    }
    types!(
        AnalysisCreationBatch,
        AnalysisCreationBatchItemPagedListV3,
        AnalysisCreationBatchItemPagedListV4,
        AnalysisCreationBatchItemSummary,
        AnalysisCreationBatchItemV3,
        AnalysisCreationBatchItemV4,
        Problem,
        SampleCreationBatch,
        SampleCreationBatchItemPagedList,
        SampleCreationBatchSampleItem
    );
}
