//! Responses about analyses: about another one, without end, and with the credential in them.

use std::slice;

use futures_util::{StreamExt, TryStreamExt};
use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Analyses, ErrorKind, Execution, Uuid, V3};
use serde_json::{Value, json};

use super::printed::Printed;
use super::replies::page;
use super::server::{API_KEY, HostileServer, PROJECT, Received, Reply};
use crate::raw_only;

const ASKED: Uuid = Uuid::from_u128(7);
const OTHER: Uuid = Uuid::from_u128(8);

/// Returns an analysis in V4 that a test changes in one member.
async fn analysis(member: &str, value: Value) -> Value {
    let (_, mut analysis) = raw_only::analyses().await;
    analysis[member] = value;
    analysis
}

/// Starts a server, and returns it with the analyses of its project.
async fn start(reply: impl FnMut(&Received) -> Reply + Send + 'static) -> (HostileServer, Analyses) {
    let server = HostileServer::start(reply).await;
    let client = server.client().retry(RetryPolicy::default()).clock(ManualClock::new());
    let analyses = client.build().unwrap().project(PROJECT).unwrap().analyses();
    (server, analyses)
}

#[tokio::test]
async fn an_analysis_with_another_id_is_refused() {
    let (mut v3, mut v4) = raw_only::analyses().await;
    (v3["id"], v4["id"]) = (json!(OTHER), json!(OTHER));
    let (server, analyses) = start(move |received| {
        let is_v3 = received.header("accept").is_some_and(|accept| accept.contains("v3"));
        Reply::json(200, if is_v3 { v3.to_string() } else { v4.to_string() })
    })
    .await;
    for error in [
        analyses.get(ASKED).await.unwrap_err(),
        analyses.get(ASKED).version::<V3>().await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unreadable, 1), "{error}");
        assert_eq!(error.execution(), Execution::NotExecuted);
        let text = format!("the response is about analysis {OTHER}, and {ASKED} was asked for");
        assert!(error.to_string().contains(&text), "{error}");
    }
    assert_eq!(analyses.get(OTHER).await.unwrap().id, OTHER);
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn analyses_that_were_not_searched_for_are_not_returned() {
    let found = analysis("userReference", json!("other")).await;
    let (_server, analyses) = start(move |_| page(slice::from_ref(&found), None)).await;
    let search = || analyses.search();
    assert_eq!(search().user_reference("mine").first().await.unwrap(), None);
    assert_eq!(search().technical_tags(["mark"]).count().await.unwrap(), 0);
    assert_eq!(search().user_reference("other").count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_search_ends_whatever_the_server_returns() {
    let text = |analyses: &Analyses| analyses.search().prefetch(false).stream();
    let mut pages = 0;
    let (server, analyses) = start(move |_| {
        pages += 1;
        page(&[], Some(&format!("token-{pages}")))
    })
    .await;
    let error = text(&analyses).next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);
    assert!(
        error.to_string().contains("100 pages without items in a row"),
        "{error}"
    );
    assert_eq!(server.received().len(), 100);

    // Found analyses that do not meet the filters are no pages without items.
    let same = analysis("userReference", json!("other")).await;
    let mut pages = 0;
    let (server, analyses) = start(move |_| {
        pages += 1;
        page(slice::from_ref(&same), Some(&format!("token-{pages}")))
    })
    .await;
    let mut found = analyses.search().user_reference("mine").prefetch(false).stream();
    let error = found.next().await.unwrap().unwrap_err();
    assert!(
        error.to_string().contains("two pages begin with the same item"),
        "{error}"
    );
    assert!(found.next().await.is_none());
    assert_eq!(server.received().len(), 2);

    let one = analysis("userReference", json!("mine")).await;
    let (_server, analyses) = start(move |_| page(slice::from_ref(&one), Some("again"))).await;
    let error = text(&analyses).skip(1).next().await.unwrap().unwrap_err();
    assert!(
        error.to_string().contains("names an earlier page") || error.to_string().contains("same item"),
        "{error}"
    );

    let rows = vec![analysis("userReference", json!("mine")).await; 3];
    let (_server, analyses) = start(move |_| page(&rows, None)).await;
    let error = analyses
        .search()
        .page_size(2)
        .stream()
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a page of 3 items, and at most 2 were asked for"),
        "{error}"
    );
}

#[tokio::test]
async fn no_analysis_shows_a_credential_that_the_server_sends_back() {
    let mut v4 = analysis("summary", json!(format!("{API_KEY} failed\u{1b}[31m"))).await;
    (v4["status"], v4["analysisPriority"], v4["id"]) = (json!(API_KEY), json!(API_KEY), json!(ASKED));
    let (mut v3, _) = raw_only::analyses().await;
    for member in ["summary", "status", "analysisPriority", "id"] {
        v3[member] = v4[member].clone();
    }
    let step = json!({ "id": "1", "name": "align", "status": API_KEY, "technical": false, "logs": {} });
    let data = json!({ "dataId": "fil.1", "name": "a", "dataType": API_KEY, "format": null });
    let folder = json!({ "dataId": "fol.1", "name": "b", "dataType": API_KEY, "format": null, "children": [data] });
    let output = json!({ "code": "Output", "data": [folder] });
    let (_server, analyses) = start(move |received| match received.target.as_str() {
        target if target.ends_with("/steps") => page(slice::from_ref(&step), None),
        target if target.ends_with("/outputs") => page(slice::from_ref(&output), None),
        target if target.contains(":search") => page(&[v4.clone()], None),
        _ if received.header("accept").is_some_and(|accept| accept.contains("v3")) => Reply::json(200, v3.to_string()),
        _ => Reply::json(200, v4.to_string()),
    })
    .await;
    let mut printed = Printed::default();
    let found: Vec<_> = analyses.search().stream().try_collect().await.unwrap();
    let read = analyses.get(ASKED).await.unwrap();
    let older = analyses.get(ASKED).version::<V3>().await.unwrap();
    assert_eq!(read.status.as_str(), "…");
    assert_eq!(read.summary.as_deref(), Some("… failed [31m"));
    for value in [&found[0], &read] {
        printed.debug(&(&value.summary, &value.status, &value.analysis_priority));
    }
    printed.debug(&(&older.summary, &older.status, &older.analysis_priority));
    printed.debug(&analyses.steps(ASKED).await.unwrap());
    printed.debug(&analyses.outputs(ASKED).await.unwrap());
    printed.contains_no(&["hush-hush"], "analyses");
}

#[tokio::test]
async fn errors_of_analyses_show_no_credential_and_short_texts() {
    let detail = format!("{API_KEY} {}", "x".repeat(1_000_000));
    let problem = json!({ "title": "ICA_X_1", "status": 400, "detail": detail }).to_string();
    let reply = Reply::json(400, problem).header("content-type", "application/problem+json");
    let (_server, analyses) = start(move |_| reply.clone()).await;
    let mut printed = Printed::default();
    for error in [
        analyses.search().first().await.unwrap_err(),
        analyses.get(ASKED).await.unwrap_err(),
        analyses.abort(ASKED).await.unwrap_err(),
        analyses.steps(ASKED).await.unwrap_err(),
        analyses.outputs(ASKED).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Rejected);
        printed.error(&error);
    }
    printed.contains_no(&["hush-hush"], "errors of analyses");

    // An unknown value is cut, and so is the text about a run.
    let mut long = analysis("summary", json!("y".repeat(1_000_000))).await;
    (long["id"], long["status"]) = (json!(ASKED), json!("Z".repeat(1_000_000)));
    let (_server, analyses) = start(move |_| Reply::json(200, long.to_string())).await;
    let read = analyses.get(ASKED).await.unwrap();
    assert!(
        read.status.as_str().chars().count() <= 129,
        "{}",
        read.status.as_str().len()
    );
    assert!(read.summary.unwrap().chars().count() <= 2001);
}
