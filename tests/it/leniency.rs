//! Responses that differ from the description are accepted.

use futures_util::TryStreamExt;
use ica_batch_sdk_ext::types::{AnalysisStatus, ItemStatus};
use ica_batch_sdk_ext::{AnalysisCreation, Batch, V3, V4};
use ica_simulator::{EndOfList, Fault, FaultKind, JobStyle, NullStyle, SeedOptions, Simulator};

use crate::setup::project;

fn batch(simulator: &Simulator) -> Batch<AnalysisCreation> {
    let id = simulator.seed_batch(simulator.project_id(), 5, SeedOptions::default());
    project(simulator).batch(id)
}

async fn read_all(batch: &Batch<AnalysisCreation>) -> (usize, usize) {
    batch.get().await.unwrap();
    let v4 = batch.items().stream().try_collect::<Vec<_>>().await.unwrap();
    let v3 = batch
        .items()
        .version::<V3>()
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    batch.item(v4[0].id).await.unwrap();
    batch.item(v4[0].id).version::<V3>().await.unwrap();
    (v4.len(), v3.len())
}

#[tokio::test]
async fn added_absent_and_null_values_are_accepted() {
    for kind in [
        FaultKind::UnknownEnumValues,
        FaultKind::UnknownFields,
        FaultKind::AbsentOptionals,
        FaultKind::NullOptionals,
    ] {
        let simulator = Simulator::start();
        let batch = batch(&simulator);
        simulator.faults().add(Fault::new(kind.clone()).every());
        assert_eq!(read_all(&batch).await, (5, 5), "{kind:?}");
        assert_eq!(simulator.faults().applied(), 5, "{kind:?}");
    }
}

#[tokio::test]
async fn every_style_of_nulls_jobs_and_list_ends_is_accepted() {
    for nulls in [NullStyle::Absent, NullStyle::Null] {
        for job in [JobStyle::Present, JobStyle::Absent, JobStyle::Null] {
            for end in [EndOfList::Absent, EndOfList::Null, EndOfList::Empty] {
                let simulator = Simulator::builder()
                    .null_style(nulls)
                    .job(job)
                    .end_of_list(end)
                    .start()
                    .unwrap();
                let batch = batch(&simulator);
                assert_eq!(read_all(&batch).await, (5, 5), "{nulls:?} {job:?} {end:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_value_keeps_its_text() {
    let simulator = Simulator::start();
    let batch = batch(&simulator);
    simulator.faults().add(Fault::new(FaultKind::UnknownEnumValues).every());
    let items = batch
        .items()
        .version::<V4>()
        .stream()
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    let item = &items[0];
    assert_eq!(item.processing.status.as_str(), "NEW_SUCCEEDED");
    assert!(matches!(item.processing.status, ItemStatus::Unrecognized(_)));
    let analysis = item.created_analysis.as_ref().unwrap();
    assert!(matches!(analysis.status, AnalysisStatus::Unrecognized(_)));
    let written = serde_json::to_value(item).unwrap();
    assert_eq!(written["processing"]["status"], "NEW_SUCCEEDED");
}

#[tokio::test]
async fn owners_with_name_based_uuids_and_times_with_and_without_fractions_are_accepted() {
    let simulator = Simulator::start();
    let batch = batch(&simulator);
    let items = batch.items().stream().try_collect::<Vec<_>>().await.unwrap();
    let analyses = items
        .iter()
        .filter_map(|item| item.created_analysis.as_ref())
        .collect::<Vec<_>>();
    assert!(analyses.iter().all(|analysis| analysis.owner.id.get_version_num() == 3));
    let with_fraction = |time: &&str| time.contains('.');
    let written = analyses.iter().map(|analysis| {
        serde_json::to_value(analysis).unwrap()["timeCreated"]
            .as_str()
            .unwrap()
            .to_owned()
    });
    let written = written.collect::<Vec<_>>();
    let fractions = written.iter().map(String::as_str).filter(with_fraction).count();
    assert!(fractions > 0 && fractions < written.len(), "{written:?}");
}
