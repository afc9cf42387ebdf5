//! Responses to every request: the body of a given response, and the whole response.

use std::time::Duration;

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::{Client, Credentials, Error, Uuid, V3, VersionPolicy};

use super::fixture::{Fixture, with_reply};
use crate::hostile_server::{API_KEY, PROJECT, Reply};
use crate::requests::{request, sample_request};

const STATUSES: [u16; 12] = [200, 201, 204, 303, 400, 401, 404, 406, 409, 422, 429, 503];

const CONTENT_TYPES: [&str; 5] = [
    "application/json",
    "application/vnd.illumina.v3+json",
    "application/vnd.illumina.v4+json",
    "application/problem+json",
    "text/html; charset=utf-8",
];

/// Time limit of a wait, by the clock of the client.
const DEADLINE: Duration = Duration::from_secs(3600);

/// Maximum number of items that a list is followed for.
const ITEMS: usize = 3000;

/// The first three bytes choose the call, the status and the content type. The rest is the body.
pub(super) fn bodies(data: &[u8]) {
    let [call, status, content_type, body @ ..] = data else {
        return;
    };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let content_type = CONTENT_TYPES[usize::from(*content_type) % CONTENT_TYPES.len()];
    let reply = Reply::json(status, body).header("content-type", content_type);
    with_reply(reply, async |fixture| make(fixture, *call).await);
}

/// The first byte chooses the call. The rest is the response with its head.
pub(super) fn heads(data: &[u8]) {
    let [call, response @ ..] = data else {
        return;
    };
    with_reply(Reply::raw(response), async |fixture| make(fixture, *call).await);
}

async fn make(fixture: &Fixture, call: u8) -> Result<(), Error> {
    let direct = || Credentials::api_key_direct(API_KEY);
    let client = match call % 21 {
        0 => fixture.client(Credentials::api_key(API_KEY)?),
        _ => fixture.client(direct()?),
    };
    batches(&client, call % 21).await?;
    samples(&client, call % 21).await?;
    analyses(&client, call % 21).await
}

async fn batches(client: &Client, call: u8) -> Result<(), Error> {
    let project = client.project(PROJECT)?;
    let batch = project.batch(Uuid::nil());
    let (item, items) = (batch.item(Uuid::nil()), batch.items().page_size(ITEMS as u64));
    match call {
        0 | 1 => drop(batch.get().await?),
        2 => drop(project.create_batch(request(&["a"])).await?),
        3 => drop(item.await?),
        4 => drop(item.version::<V3>().await?),
        5 => drop(item.any_version(VersionPolicy::newest_first()).await?),
        6 => drop(items.first().await?),
        7 => drop(items.count().await?),
        8 => drop(items.version::<V3>().stream().try_collect::<Vec<_>>().await?),
        9 => drop(items.summaries().pages().try_collect::<Vec<_>>().await?),
        10 => drop(items.offset(0).concurrency(3).stream().try_collect::<Vec<_>>().await?),
        11 => drop(batch.wait().deadline(DEADLINE).await?.to_string()),
        _ => {}
    }
    Ok(())
}

async fn analyses(client: &Client, call: u8) -> Result<(), Error> {
    let analyses = client.project(PROJECT)?.analyses();
    match call {
        16 => drop(
            analyses
                .search()
                .technical_tags(["t"])
                .stream()
                .try_collect::<Vec<_>>()
                .await?,
        ),
        17 => drop(
            analyses
                .get(Uuid::nil())
                .any_version(VersionPolicy::newest_first())
                .await?,
        ),
        18 => analyses.abort(Uuid::nil()).await?,
        19 => drop(analyses.steps(Uuid::nil()).await?),
        20 => drop(analyses.outputs(Uuid::nil()).await?),
        _ => {}
    }
    Ok(())
}

async fn samples(client: &Client, call: u8) -> Result<(), Error> {
    let project = client.project(PROJECT)?;
    let batch = project.sample_batch(Uuid::nil());
    match call {
        12 => drop(batch.get().await?),
        13 => drop(project.create_sample_batch(sample_request(&["a"])).await?),
        14 => drop(batch.item(Uuid::nil()).await?),
        15 => drop(batch.items().stream().try_collect::<Vec<_>>().await?),
        _ => {}
    }
    Ok(())
}
