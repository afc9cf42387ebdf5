use std::collections::HashMap;

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus};
use uuid::Uuid;

use super::{Followed, Polled, Source};
use crate::analysis_batch::AnalysisCreation;
use crate::batch::{BatchItem, ItemOutcome};

/// Item of a list.
struct Item(u128, ItemStatus, Option<AnalysisStatus>);

impl BatchItem for Item {
    type Family = AnalysisCreation;

    fn id(&self) -> Uuid {
        Uuid::from_u128(self.0)
    }

    fn name(&self) -> &str {
        "sample"
    }

    fn creation_status(&self) -> &ItemStatus {
        &self.1
    }

    fn creation_message(&self) -> Option<&str> {
        None
    }

    fn created_id(&self) -> Option<Uuid> {
        None
    }

    fn run_status(&self) -> Option<AnalysisStatus> {
        self.2.clone()
    }
}

fn polled(items: impl IntoIterator<Item = Item>) -> Polled {
    let mut polled = Polled::default();
    items.into_iter().for_each(|item| polled.add(&item));
    polled
}

fn followed(rows: u64) -> Followed {
    let source = Source::Mark("mark".to_owned(), HashMap::new());
    Followed::new(source, "0".to_owned(), rows)
}

fn run(id: u128, status: AnalysisStatus) -> Item {
    Item(id, ItemStatus::Succeeded, Some(status))
}

#[test]
fn a_batch_is_finished_when_each_row_has_an_outcome() {
    let mut batch = followed(3);
    let news = batch.record(polled([
        run(1, AnalysisStatus::Succeeded),
        run(2, AnalysisStatus::Failed),
    ]));
    assert!(!news.is_finished, "a row has no item yet");
    assert_eq!(news.failed.len(), 1);
    let all = [
        run(1, AnalysisStatus::Succeeded),
        run(2, AnalysisStatus::Failed),
        Item(3, ItemStatus::Failed, None),
    ];
    let news = batch.record(polled(all));
    assert!(news.is_finished);
    let failed = news.failed.iter().map(|item| (item.id.as_u128(), item.outcome));
    assert_eq!(
        failed.collect::<Vec<_>>(),
        [(3, ItemOutcome::NotCreated)],
        "each is reported once"
    );
    assert_eq!(
        (batch.tally.items, batch.tally.succeeded, batch.tally.failed),
        (3, 1, 2)
    );
}

#[test]
fn an_unknown_status_is_not_an_end() {
    let mut batch = followed(1);
    for status in ["NEW", "NEW"] {
        assert!(!batch.record(polled([run(1, AnalysisStatus::from(status))])).is_finished);
    }
    assert_eq!(batch.tally.by_run[&AnalysisStatus::from("NEW")], 1);
}

#[test]
fn another_phase_of_a_run_is_not_a_change() {
    let mut batch = followed(1);
    batch.record(polled([run(1, AnalysisStatus::Queued)]));
    assert_eq!(batch.unchanged, 0);
    batch.record(polled([run(1, AnalysisStatus::InProgress)]));
    assert_eq!(batch.unchanged, 1);
    batch.record(polled([run(1, AnalysisStatus::Succeeded)]));
    assert_eq!(batch.unchanged, 0);
}

#[test]
fn items_that_are_not_created_have_failed_after_the_job_has_ended() {
    let mut batch = followed(3);
    let list = || polled([run(1, AnalysisStatus::Succeeded), Item(2, ItemStatus::Running, None)]);
    for _ in 0..6 {
        assert!(!batch.needs_job());
        batch.record(list());
    }
    assert!(batch.needs_job(), "nothing changes");
    let with_job = || Polled {
        job_has_ended: Some(true),
        ..list()
    };
    assert!(
        !batch.record(with_job()).is_finished,
        "the list may be older than the end of the job"
    );
    let news = batch.record(with_job());
    assert!(news.is_finished);
    assert_eq!((news.failed[0].outcome, news.missing), (ItemOutcome::Orphaned, 1));
    assert_eq!((batch.tally.items, batch.tally.failed), (3, 2));
}
