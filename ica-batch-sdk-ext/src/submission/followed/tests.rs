use std::collections::HashMap;

use ica_batch_sdk::types::{AnalysisStatus, ItemStatus};
use uuid::Uuid;

use super::super::statuses::Statuses;
use super::{Followed, Polled, Searched, Source};
use crate::analysis_batch::AnalysisCreation;
use crate::batch::{BatchItem, ItemOutcome};

const MARK: &str = "ica-batch-c-0";

/// Returns the id of the analysis of an item.
fn analysis(item: u128) -> Uuid {
    Uuid::from_u128(item << 64 | 7)
}

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
        self.2.as_ref().map(|_| analysis(self.0))
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
    Followed::new(source, ("0".to_owned(), Some(MARK.to_owned())), rows)
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

/// Returns what a search found: analyses of items with their statuses.
fn found(analyses: impl IntoIterator<Item = (u128, AnalysisStatus)>) -> Statuses {
    let mut statuses = Statuses::with_marks([MARK.to_owned()]);
    for (item, status) in analyses {
        statuses.add(analysis(item), &["own".to_owned(), MARK.to_owned()], &status);
    }
    statuses.add(analysis(99), &["ica-batch-c-1".to_owned()], &AnalysisStatus::Failed);
    statuses
}

/// Returns a batch of three rows, of which two are analyses that run.
fn searchable() -> Followed {
    let mut batch = followed(3);
    batch.record(polled([
        run(1, AnalysisStatus::Queued),
        run(2, AnalysisStatus::Queued),
        Item(3, ItemStatus::Failed, None),
    ]));
    batch
}

#[test]
fn a_search_that_shows_exactly_the_analyses_changes_the_numbers() {
    let mut batch = searchable();
    assert!(batch.is_left_to_search(true) && !batch.is_left_to_search(false));
    let running = found([(2, AnalysisStatus::InProgress), (1, AnalysisStatus::Queued)]);
    assert_eq!(batch.record_search(&running), Searched::Shown { is_change: false });
    let succeeded = found([(2, AnalysisStatus::InProgress), (1, AnalysisStatus::Succeeded)]);
    assert_eq!(batch.record_search(&succeeded), Searched::Shown { is_change: true });
    assert_eq!((batch.tally.succeeded, batch.tally.failed), (1, 1));
    let runs = [(AnalysisStatus::InProgress, 1), (AnalysisStatus::Succeeded, 1)];
    assert_eq!(batch.tally.by_run, runs.into());
    assert!(batch.is_left_to_search(false), "nothing failed, and one runs");
    assert_eq!(batch.record_search(&succeeded), Searched::Shown { is_change: false });
}

#[test]
fn a_search_that_shows_other_analyses_changes_nothing() {
    use AnalysisStatus::Succeeded;
    let late = found([(1, Succeeded)]);
    let twice = found([(1, Succeeded), (2, Succeeded), (4, Succeeded)]);
    // One is late, and another one has the mark.
    let stranger = found([(1, Succeeded), (4, Succeeded)]);
    let repeated = found([(1, Succeeded), (1, Succeeded)]);
    for other in [late, twice, stranger, repeated, found([])] {
        let mut batch = searchable();
        let before = batch.tally.clone();
        assert_eq!(batch.record_search(&other), Searched::NotShown);
        assert_eq!(batch.tally, before);
        assert!(!batch.is_left_to_search(true), "{other:?}");
    }
}

#[test]
fn failures_and_the_end_are_left_to_the_next_poll() {
    let mut batch = searchable();
    let failed = [(1, AnalysisStatus::Queued), (2, AnalysisStatus::Aborted)];
    assert_eq!(
        batch.record_search(&found(failed.clone())),
        Searched::Shown { is_change: true }
    );
    assert!(!batch.is_left_to_search(true));
    assert_eq!(batch.tally.failed, 1, "the poll reports the failure");
    let list = |first, second| [run(1, first), run(2, second), Item(3, ItemStatus::Failed, None)];
    let news = batch.record(polled(list(AnalysisStatus::Queued, AnalysisStatus::Aborted)));
    assert_eq!((news.failed.len(), news.is_finished), (1, false));
    assert_eq!(
        batch.record_search(&found(failed)),
        Searched::Shown { is_change: false }
    );
    assert!(batch.is_left_to_search(false));
    let ended = found([(1, AnalysisStatus::Succeeded), (2, AnalysisStatus::Aborted)]);
    batch.record_search(&ended);
    assert!(!batch.is_left_to_search(true), "the poll decides whether it has ended");
    let news = batch.record(polled(list(AnalysisStatus::Succeeded, AnalysisStatus::Aborted)));
    assert!(news.is_finished);
}

#[test]
fn a_search_that_is_older_than_the_last_poll_changes_nothing() {
    let mut batch = searchable();
    let old = found([(1, AnalysisStatus::Queued), (2, AnalysisStatus::Queued)]);
    for status in [AnalysisStatus::Succeeded, AnalysisStatus::Failed] {
        batch.record(polled([
            run(1, AnalysisStatus::Queued),
            run(2, status.clone()),
            Item(3, ItemStatus::Failed, None),
        ]));
        assert_eq!(batch.record_search(&old), Searched::Behind, "{status}");
        assert_eq!(batch.tally.by_run[&status], 1);
        assert!(!batch.is_left_to_search(true));
    }
}

#[test]
fn items_that_are_created_now_are_polled() {
    let open = [ItemStatus::Running, ItemStatus::Succeeded, ItemStatus::from("NEW")];
    for status in open {
        let mut batch = followed(2);
        batch.record(polled([run(1, AnalysisStatus::Queued), Item(2, status.clone(), None)]));
        assert_eq!(batch.searchable(), None, "{status}");
        let statuses = found([(1, AnalysisStatus::Queued)]);
        assert_eq!(batch.record_search(&statuses), Searched::NotShown);
    }
    let mut batch = followed(2);
    batch.record(polled([run(1, AnalysisStatus::Queued)]));
    assert_eq!(batch.searchable(), None, "a row has no item yet");
    let source = Source::Mark(String::new(), HashMap::new());
    let mut unmarked = Followed::new(source, ("0".to_owned(), None), 1);
    unmarked.record(polled([run(1, AnalysisStatus::Queued)]));
    assert_eq!(unmarked.searchable(), None);
}

#[test]
fn a_batch_whose_analyses_are_recorded_need_not_be_polled() {
    for (recorded, is_known) in [(vec![1, 2], true), (vec![1], false), (vec![1, 2, 3], false)] {
        let mut batch = followed(2);
        batch.set_recorded(recorded.iter().map(|item| analysis(*item)));
        assert_eq!(batch.searchable().is_some(), is_known, "{recorded:?}");
        let statuses = found([(1, AnalysisStatus::Failed), (2, AnalysisStatus::Queued)]);
        let shown = Searched::Shown { is_change: true };
        assert_eq!(batch.record_search(&statuses) == shown, is_known);
        // The poll reports the failure.
        assert!(!batch.is_left_to_search(true));
        let news = batch.record(polled([run(1, AnalysisStatus::Failed), run(2, AnalysisStatus::Queued)]));
        assert_eq!(news.failed.len(), 1);
    }
    let source = Source::Mark(String::new(), HashMap::new());
    let mut unmarked = Followed::new(source, ("0".to_owned(), None), 1);
    unmarked.set_recorded([analysis(1)]);
    assert_eq!((unmarked.searchable(), unmarked.tally.items), (None, 0));
}
