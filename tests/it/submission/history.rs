//! Numbers of analyses by status over time, in the journal.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::clock::Clock;
use ica_batch_sdk_ext::types::AnalysisStatus;
use ica_batch_sdk_ext::{AnalysisStatusExt, ErrorKind, StatusCounts, StatusHistory, SubmissionEvent};
use ica_simulator::{Fate, Lifecycle};

use super::fixture::{Fixture, manifest};
use crate::setup::analysis;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn running() -> Lifecycle {
    Lifecycle::default().creation(MINUTE).run(30 * MINUTE).jitter(0.2, 7)
}

fn history(fixture: &Fixture) -> StatusHistory {
    fixture.journal.status_history(&fixture.entry()).unwrap()
}

/// Returns the time in the precision of the journal: milliseconds.
fn now(fixture: &Fixture) -> SystemTime {
    let since_epoch = fixture.clock.now().duration_since(UNIX_EPOCH).unwrap();
    UNIX_EPOCH + Duration::from_millis(u64::try_from(since_epoch.as_millis()).unwrap())
}

fn ended(counts: &StatusCounts) -> u64 {
    let runs = counts.runs.iter().filter(|(status, _)| status.is_terminal());
    runs.map(|(_, count)| count).sum::<u64>() + counts.not_created
}

/// Checks what holds for each history in which nothing is run again.
#[track_caller]
fn assert_orderly(history: &StatusHistory, analyses: u64) {
    let times = history.times();
    assert!(times.iter().all(|counts| counts.analyses() == analyses), "{history:?}");
    for pair in times.windows(2) {
        assert!(pair[0].at < pair[1].at, "{pair:?}");
        assert!(pair[0].pending >= pair[1].pending, "{pair:?}");
        assert!(ended(&pair[0]) <= ended(&pair[1]), "{pair:?}");
    }
}

#[tokio::test]
async fn a_run_to_the_end_is_recorded_from_the_first_chunk_to_the_last_run() {
    let fixture = Fixture::living(running());
    for (name, fate) in [("s-3", Fate::FailRun), ("s-5", Fate::FailCreation)] {
        fixture.simulator.set_fate(name, fate);
    }
    let rows = (0..20)
        .map(|number| analysis(&format!("s-{number}")))
        .collect::<Vec<_>>();
    let started = now(&fixture);
    let mut run = fixture.patient_submission("s").analyses(rows).run_to_end().progress();
    let mut report = None;
    while let Some(progress) = run.try_next().await.unwrap() {
        if let SubmissionEvent::Created { .. } = progress.event() {
            fixture.clock.advance(MINUTE);
        }
        report = progress.wait_report().cloned();
    }
    let report = report.unwrap();
    assert_eq!((report.counts().not_created, report.counts().failed), (1, 2));

    let history = history(&fixture);
    assert_orderly(&history, 20);
    let times = history.times();
    assert_eq!((times[0].at, times[0].by_status()), (started, vec![("pending", 20)]));
    // Each chunk of two took a minute.
    let sending = times.iter().filter(|counts| counts.pending > 0).collect::<Vec<_>>();
    assert!(sending.len() >= 8, "{sending:?}");
    assert!(sending.iter().all(|counts| counts.pending + counts.accepted == 20));
    let states = [
        |counts: &StatusCounts| counts.accepted > 0 && counts.pending == 0,
        |counts: &StatusCounts| counts.runs.contains_key(&AnalysisStatus::InProgress),
        |counts: &StatusCounts| (1..18).contains(&ended(counts)),
    ];
    assert!(states.iter().all(|state| times.iter().any(state)), "{history:?}");
    let last = times.last().unwrap();
    let mut statuses = last.by_status();
    statuses.sort_unstable();
    assert_eq!(statuses, [("FAILED", 1), ("SUCCEEDED", 18), ("not_created", 1)]);
    let took = last.at.duration_since(started).unwrap();
    assert!(took > 25 * MINUTE, "{took:?}");
    // The numbers changed at each time, and no two times lie close together.
    for pair in times.windows(2) {
        assert_ne!(pair[0].by_status(), pair[1].by_status());
    }
    assert!(times.len() < 100, "{}", times.len());
    assert!(fixture.journal.verify().unwrap().is_intact());
}

#[tokio::test]
async fn a_further_wait_continues_the_history() {
    let fixture = Fixture::living(running());
    let rows = (0..20).map(|number| analysis(&format!("s-{number:02}")));
    let submission = fixture.patient_submission("s").analyses(rows.collect::<Vec<_>>());
    let error = submission.run_to_end().wait_deadline(36 * MINUTE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimeout);
    let first = history(&fixture);
    let last = first.times().last().unwrap();
    assert!((1..20).contains(&ended(last)), "some runs have ended: {last:?}");
    // What a wait saw last is recorded when it ends.
    let seen = error.submission_wait_report().unwrap().counts();
    assert_eq!(last.runs, seen.by_run_status);

    fixture.clock.advance(HOUR);
    fixture.patient_submission("s").wait().await.unwrap();
    let second = history(&fixture);
    assert_orderly(&second, 20);
    // A later time may replace the last one, if it was recorded soon after the one before it.
    let kept = first.times().len() - 1;
    assert_eq!(second.times()[..kept], first.times()[..kept]);
    let last = second.times().last().unwrap();
    assert_eq!(last.by_status(), [("SUCCEEDED", 20)]);
    assert!(last.at >= first.times().last().unwrap().at + HOUR);

    // Nothing changes any more, so nothing more is recorded.
    let counter = || {
        let connection = fixture.connection();
        let counter = connection.query_row("SELECT counter FROM journal", [], |row| row.get::<_, i64>(0));
        counter.unwrap()
    };
    fixture.patient_submission("s").wait().await.unwrap();
    let before = counter();
    fixture.clock.advance(HOUR);
    fixture.patient_submission("s").run().await.unwrap();
    assert_eq!((history(&fixture), counter()), (second, before));
}

#[tokio::test]
async fn rows_that_are_run_again_are_pending_and_the_others_keep_their_status() {
    let fixture = Fixture::living(running());
    fixture.simulator.set_fate("b", Fate::FailRun);
    let submission = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    submission.run_to_end().await.unwrap();
    let first = history(&fixture).times().len();
    fixture.simulator.set_fate("b", Fate::Succeed);
    fixture.clock.advance(HOUR);
    fixture
        .patient_submission("s")
        .rerun_failed()
        .run_to_end()
        .await
        .unwrap();
    let history = history(&fixture);
    let again = &history.times()[first..];
    assert_eq!(again[0].by_status(), [("pending", 1), ("SUCCEEDED", 2)]);
    assert!(
        again.iter().all(|counts| counts.runs[&AnalysisStatus::Succeeded] >= 2),
        "{again:?}"
    );
    assert_eq!(again.last().unwrap().by_status(), [("SUCCEEDED", 3)]);
}

#[tokio::test]
async fn a_refresh_adds_what_it_read() {
    let fixture = Fixture::living(running());
    let submission = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    submission.run().await.unwrap();
    let before = history(&fixture);
    assert_eq!(before.times().last().unwrap().by_status(), [("accepted", 3)]);
    fixture.clock.advance(20 * MINUTE);
    fixture.patient_submission("s").refresh().await.unwrap();
    // The numbers of the first second are one time by now.
    let refreshed = history(&fixture);
    assert_eq!(refreshed.times()[0].by_status(), [("pending", 3)]);
    let last = refreshed.times().last().unwrap();
    assert_eq!((last.at, last.runs[&AnalysisStatus::InProgress]), (now(&fixture), 3));
}

#[tokio::test]
async fn a_wait_whose_polls_fail_records_no_numbers_that_it_does_not_know() {
    use ica_simulator::{Family, Fault, FaultKind, Operation};

    let fixture = Fixture::living(running());
    let rows = (0..6)
        .map(|number| analysis(&format!("s-{number}")))
        .collect::<Vec<_>>();
    fixture
        .patient_submission("s")
        .analyses(rows)
        .run_to_end()
        .await
        .unwrap();
    let before = history(&fixture);
    let fault = Fault::new(FaultKind::refuse(503)).on(Operation::GetItems(Family::Analysis));
    fixture.simulator.faults().add(fault.every());
    let wait = fixture.patient_submission("s").wait().wait_deadline(36 * MINUTE);
    wait.await.unwrap_err();
    assert_eq!(history(&fixture), before, "the runs are not accepted again");
}

/// The history is for charts only.
#[tokio::test]
async fn a_history_that_cannot_be_recorded_or_read_ends_no_run() {
    let fixture = Fixture::living(running());
    let sql = "CREATE INDEX fails ON history (CASE WHEN count > 0 THEN json('the test lets it fail') END)";
    fixture.connection().execute_batch(sql).unwrap();
    let submission = fixture.patient_submission("s").analyses(manifest(["a", "b", "c"]));
    assert_eq!(submission.run_to_end().await.unwrap().succeeded(), 3);
    assert_eq!(history(&fixture), StatusHistory::default());
    fixture.connection().execute_batch("DROP INDEX fails").unwrap();

    let sql = "PRAGMA ignore_check_constraints = 1; INSERT INTO history VALUES (1, 1, 'pending', -1)";
    fixture.connection().execute_batch(sql).unwrap();
    let report = fixture.patient_submission("s").wait().await.unwrap();
    assert_eq!(report.succeeded(), 3);
    let error = fixture.journal.status_history(&fixture.entry()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal);
    let damage = fixture.journal.verify().unwrap();
    assert!(!damage.is_intact());
    fixture.assert_created_once(["a", "b", "c"]);
}
