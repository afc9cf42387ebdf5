//! Records of the simulator, and its end.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use ica_simulator::{Family, Fate, FaultKind, Operation, Simulator};

use crate::support::{Api, V3, body};

#[tokio::test]
async fn a_request_is_recorded_as_it_was_sent() {
    let api = Api::start();
    api.simulator.faults().add(FaultKind::refuse(503));
    api.create(Some("k 1"), &body(&["a"])).await;
    api.get(
        &format!("{}?status=RUNNING&status=FAILED&x=a%20b", api.seeded_items(1)),
        V3,
    )
    .await;
    api.get("/unknown", V3).await;

    let seen = api.simulator.requests();
    assert_eq!(
        seen.iter().map(|request| request.sequence).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    let [create, items, unknown] = &seen[..] else {
        panic!("there were three requests")
    };
    assert_eq!(
        (create.operation, create.method.as_str()),
        (Some(Operation::CreateBatch(Family::Analysis)), "POST")
    );
    assert_eq!(create.path, format!("/ica/rest{}", api.batches_path()));
    assert_eq!((create.fault, create.status), (Some("Refuse"), Some(503)));
    assert_eq!(
        (create.idempotency_key(), create.header("content-type")),
        (Some("k 1"), Some(V3))
    );
    assert_eq!(create.json().unwrap(), body(&["a"]));
    assert_eq!(create.time, api.simulator.clock().now());
    assert_eq!(
        (items.operation, items.fault, items.status),
        (Some(Operation::GetItems(Family::Analysis)), None, Some(200))
    );
    assert_eq!(items.query_values("status").collect::<Vec<_>>(), ["RUNNING", "FAILED"]);
    assert_eq!(items.query_values("x").collect::<Vec<_>>(), ["a b"]);
    assert_eq!((unknown.operation, unknown.status), (None, Some(404)));

    assert_eq!(
        (
            api.simulator.count(Operation::CreateBatch(Family::Analysis)),
            api.simulator.count(Operation::GetItem(Family::Analysis))
        ),
        (1, 0)
    );
    api.simulator.clear_requests();
    assert!(api.simulator.requests().is_empty());
}

#[tokio::test]
async fn recording_is_bounded_and_can_be_off() {
    let api = Api::with(Simulator::builder().record_limit(2));
    for _ in 0..5 {
        api.mint().await;
    }
    assert_eq!(
        api.simulator.requests().iter().map(|r| r.sequence).collect::<Vec<_>>(),
        [3, 4]
    );
    let api = Api::with(Simulator::builder().record(false));
    api.mint().await;
    assert!(api.simulator.requests().is_empty());
}

#[tokio::test]
async fn the_same_seed_gives_the_same_responses() {
    let run = async || {
        let api = Api::with(Simulator::builder().seed(11));
        api.simulator.clock().set("2030-01-02T03:04:05Z".parse().unwrap());
        let created = api.create(None, &body(&["a", "b"])).await;
        (
            api.simulator.api_key().to_owned(),
            api.simulator.project_id().to_owned(),
            created.text(),
        )
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test]
async fn after_its_connections_are_closed_no_request_is_in_flight() {
    let api = Api::start();
    for _ in 0..50 {
        let before = api.simulator.executed_creates();
        let mut stream = TcpStream::connect(api.simulator.address()).unwrap();
        let body = body(&["sample"]).to_string();
        let head = format!(
            "POST /ica/rest{} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: {}\r\naccept: {V3}\r\ncontent-type: {V3}\r\ncontent-length: {}\r\n\r\n",
            api.batches_path(),
            api.simulator.api_key(),
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        api.simulator.close_connections();
        let executed = api.simulator.executed_creates() - before;
        assert!(executed <= 1);
        // The connection has ended, with or without a response.
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest));
        assert_eq!(api.simulator.executed_creates() - before, executed);
    }
    // The port is still open.
    assert_eq!(api.mint().await.status, 200);
}

#[tokio::test]
async fn it_can_stop_accepting_and_accept_again() {
    let api = Api::start();
    api.simulator.stop_accepting();
    let refused = api.try_create(None, &body(&["a"])).await.unwrap_err();
    assert!(refused.is_connect(), "{refused:?}");
    api.simulator.resume_accepting().unwrap();
    assert_eq!(api.create(None, &body(&["a"])).await.status, 201);

    // An open connection is closed.
    let mut open = TcpStream::connect(api.simulator.address()).unwrap();
    api.simulator.stop_accepting();
    assert_eq!(open.read(&mut [0]).ok().filter(|bytes| *bytes > 0), None);
}

#[test]
fn dropping_it_closes_the_port() {
    let simulator = Simulator::start();
    let address = simulator.address();
    drop(simulator);
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn a_panic_in_a_handler_fails_the_test() {
    let api = Api::with(Simulator::builder().fates(|reference| match reference {
        "odd" => panic!("the test's closure panicked"),
        _ => Fate::Ordinary,
    }));
    let reply = api.create(None, &body(&["odd"])).await;
    assert_eq!(reply.refusal(), (500, "ICA_API_500".to_owned()));
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(api)));
    let message = dropped.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("the test's closure panicked"), "{message}");
}
