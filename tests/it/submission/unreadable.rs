//! Responses to creates that succeeded and cannot be read as the API describes them.

use ica_batch_sdk_ext::{ChunkState, ErrorKind, Execution};
use ica_simulator::{Family, Fault, FaultKind, Operation};

use super::fixture::{Fixture, manifest};

fn every(kind: FaultKind) -> Fault {
    Fault::new(kind).on(Operation::CreateBatch(Family::Analysis)).every()
}

#[tokio::test]
async fn only_the_id_of_a_created_batch_is_needed() {
    let fixture = Fixture::new();
    fixture.simulator.faults().add(every(FaultKind::OddJob));
    let run = fixture.submission("s").analyses(manifest(["a", "b", "c"])).run();
    assert_eq!(run.await.unwrap().created(), 3);
    fixture.assert_created_once(["a", "b", "c"]);
    assert_eq!(fixture.creates(), 2, "each chunk is sent once");
    let recorded = fixture.chunks().into_iter().map(|chunk| chunk.batch.unwrap());
    let created = fixture.simulator.batches().into_iter().map(|batch| batch.id);
    assert_eq!(recorded.collect::<Vec<_>>(), created.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_created_batch_without_a_readable_id_stays_sent() {
    for (kind, error_kind) in [
        (FaultKind::MalformedJson, ErrorKind::Unreadable),
        (FaultKind::OversizedBody(40_000_000), ErrorKind::TooLarge),
        (FaultKind::ExecuteThenHtml(200), ErrorKind::Unreadable),
    ] {
        let fixture = Fixture::new();
        fixture.simulator.faults().add(every(kind));
        let run = fixture.submission("s").marks(false).analyses(manifest(["a"])).run();
        let error = run.await.unwrap_err();
        assert_eq!(
            (error.kind(), error.execution()),
            (error_kind, Execution::Executed),
            "{error}"
        );
        assert_eq!(fixture.chunks()[0].state, ChunkState::Sent);
        fixture.simulator.faults().clear();
        fixture.submission("s").run().await.unwrap();
        fixture.assert_created_once(["a"]);
    }
}

#[tokio::test]
async fn a_created_batch_without_a_readable_id_is_found_by_its_marks() {
    for kind in [FaultKind::MalformedJson, FaultKind::ExecuteThenHtml(200)] {
        let fixture = Fixture::new();
        fixture.simulator.faults().add(every(kind));
        let run = fixture.submission("s").analyses(manifest(["a"])).run();
        assert_eq!(run.await.unwrap().created(), 1);
        assert_eq!(fixture.creates(), 1);
    }
}
