//! Compressed responses: bombs, joined members, and streams that are not valid.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{AnalysisCreation, Batch, Client, Error, ErrorKind, Uuid};

use super::server::{HostileServer, PROJECT, Reply};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn batch(client: &Client) -> Batch<AnalysisCreation> {
    client.project(PROJECT).unwrap().batch(Uuid::nil())
}

/// Reads a batch whose response has this body, as gzip. Returns the number of requests, too.
async fn read(status: u16, body: Vec<u8>) -> (Result<Uuid, Error>, usize) {
    let reply = Reply::json(status, body).header("content-encoding", "gzip");
    let server = HostileServer::start(move |_| reply.clone()).await;
    let client = server.client().retry(RetryPolicy::default()).build().unwrap();
    let result = batch(&client).get().await;
    (result.map(|batch| batch.id), server.received().len())
}

#[tokio::test]
async fn joined_members_are_one_response() {
    let body = format!(r#"{{"id":"{}"}}"#, Uuid::nil());
    let (start, end) = body.as_bytes().split_at(10);
    let (result, requests) = read(200, [gzip(start), gzip(b""), gzip(end)].concat()).await;
    assert_eq!((result.unwrap(), requests), (Uuid::nil(), 1));
}

#[tokio::test]
async fn an_invalid_stream_is_not_retried() {
    let body = format!(r#"{{"id":"{}"}}"#, Uuid::nil());
    let packed = gzip(body.as_bytes());
    let with_garbage = [&packed[..], b"garbage"].concat();
    let cut_short = packed[..packed.len() - 6].to_vec();
    for invalid in [with_garbage, cut_short, body.into_bytes()] {
        let (result, requests) = read(200, invalid).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), requests), (ErrorKind::Unreadable, 1), "{error}");
        assert!(std::error::Error::source(&error).is_some(), "{error:?}");
    }
}

#[tokio::test]
async fn a_bomb_ends_at_the_limit() {
    // 64 MiB in 64 KiB.
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    let (result, requests) = read(200, bomb.clone()).await;
    assert_eq!((result.unwrap_err().kind(), requests), (ErrorKind::TooLarge, 1));
    let (result, _) = read(400, bomb).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Rejected);
}

#[tokio::test]
async fn the_problem_of_a_compressed_error_is_read() {
    let (result, _) = read(404, gzip(br#"{"title":"ICA_API_006","detail":"no such batch"}"#)).await;
    assert_eq!(result.unwrap_err().code(), Some("ICA_API_006"));
}
