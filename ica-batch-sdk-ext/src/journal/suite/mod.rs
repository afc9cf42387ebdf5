//! Tests that every store must pass. They run on the store in SQLite, also as on a network file
//! system, and on the one in memory.

/// Runs each of these tests on each kind of store.
macro_rules! on_every_store {
    ($($test:ident)*) => {
        mod sqlite {
            use crate::journal::suite::{Kind, subject};
            $(#[test] fn $test() { super::$test(&*subject(Kind::Sqlite).store) })*
        }
        mod sqlite_on_network {
            use crate::journal::suite::{Kind, subject};
            $(#[test] fn $test() { super::$test(&*subject(Kind::SqliteOnNetwork).store) })*
        }
        mod memory {
            use crate::journal::suite::{Kind, subject};
            $(#[test] fn $test() { super::$test(&*subject(Kind::Memory).store) })*
        }
    };
}

mod adoption;
mod differing;
mod elsewhere;
mod history;
mod planning;
mod reading;
mod sending;
mod survey;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use super::chunks::{Chunk, ManifestRow, PlannedChunk, Row, Sending};
use super::found::{AdoptedRow, Adoption};
use super::kind::AnalysisKind;
use super::memory::MemoryStore;
use super::naming::{KeyVersion, Naming};
use super::records::{ChunkState, SubmissionId, SubmissionState, Which};
use super::sqlite::{Access, SqliteStore};
use super::steps::{
    Begin, CreatedResult, Finish, Found, ItemsResult, ListedItem, NextChunk, Rejection, Resolution, SameName,
    TakenChunk, UnrequestedItem,
};
use super::store::Store;
use crate::error::{Execution, Problem, Scrubber};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Store of a test. The file is deleted at the end.
pub(super) struct Subject {
    pub(super) store: Box<dyn Store>,
    pub(super) _folder: tempfile::TempDir,
}

/// Kind of store.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Sqlite,
    SqliteOnNetwork,
    Memory,
}

pub(super) fn subject(kind: Kind) -> Subject {
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let sqlite = |on_network| -> Box<dyn Store> {
        let path = folder.path().join("journal.db");
        let access = Access {
            read_only: false,
            on_network,
        };
        SqliteStore::create(&path, access).unwrap();
        Box::new(SqliteStore::open(path, access).unwrap())
    };
    let store = match kind {
        Kind::Sqlite => sqlite(false),
        Kind::SqliteOnNetwork => sqlite(true),
        Kind::Memory => Box::new(MemoryStore::default()),
    };
    Subject { store, _folder: folder }
}

pub(super) fn at(days: u32) -> SystemTime {
    UNIX_EPOCH + 20_000 * DAY + days * DAY
}

pub(super) fn id(base_url: &str, project: &str, name: &str) -> SubmissionId {
    let [base_url, project, name] = [base_url, project, name].map(str::to_owned);
    SubmissionId {
        base_url,
        project,
        name,
    }
}

pub(super) fn row(reference: &str) -> Row {
    Row {
        kind: AnalysisKind::Nextflow,
        user_reference: reference.to_owned(),
        digest: [reference.bytes().next().unwrap_or_default(); 32],
        replaces: None,
        attempt: 0,
    }
}

pub(super) fn manifest_row(reference: &str, version: u8) -> ManifestRow {
    ManifestRow {
        row: Row {
            digest: [version; 32],
            ..row(reference)
        },
        json: vec![version; 10],
    }
}

pub(super) fn naming(name: &str) -> Naming {
    Naming::new(KeyVersion::LATEST, &id("u", "p", name))
}

/// Returns the request of a chunk that is sent at this time.
pub(super) fn sending(days: u32) -> Sending {
    Sending {
        now: at(days),
        until: at(days),
        identity: None,
    }
}

pub(super) fn chunk(naming: &Naming, label: &str, first: u64, references: &[&str]) -> PlannedChunk {
    let body = references.concat().into_bytes();
    PlannedChunk {
        chunk: Chunk::new(naming, label.to_owned(), first, references.len() as u64, body),
        rows: references.iter().map(|reference| row(reference)).collect(),
    }
}

pub(super) fn planned(store: &dyn Store, id: &SubmissionId) -> i64 {
    planned_as(store, id, false)
}

pub(super) fn planned_as(store: &dyn Store, id: &SubmissionId, marked: bool) -> i64 {
    let Begin::Plan(submission) = store.begin(id, marked, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    let name = &Naming::new(KeyVersion::LATEST, id);
    let chunks = [chunk(name, "0", 0, &["a", "b"]), chunk(name, "1", 2, &["c", "d"])];
    store.add_chunks(submission, &chunks).unwrap();
    store.add_chunks(submission, &[chunk(name, "2", 4, &["e"])]).unwrap();
    assert_eq!(store.finish_plan(submission, false, None).unwrap(), Finish::Planned);
    assert_eq!(store.written().unwrap(), store.stamp().unwrap());
    store.check(submission).unwrap();
    submission
}

pub(super) fn take(store: &dyn Store, submission: i64, after: i64, days: u32) -> TakenChunk {
    match store.take_next(submission, after, &sending(days)).unwrap() {
        NextChunk::Send(taken) => taken,
        other => panic!("{other:?}"),
    }
}

pub(super) fn states(store: &dyn Store, submission: i64) -> Vec<(String, ChunkState)> {
    let chunks = store.chunks(submission, None, 100).unwrap().into_iter();
    assert_eq!(store.written().unwrap(), store.stamp().unwrap());
    store.check(submission).unwrap();
    chunks.map(|chunk| (chunk.label, chunk.state)).collect()
}

pub(super) fn batch(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) fn rejection() -> Rejection {
    let problem = Problem::from_bytes(br#"{"title":"ICA_API_001"}"#, &Scrubber::without_secrets());
    Rejection {
        status: Some(400),
        problem,
    }
}

pub(super) fn reject_e(store: &dyn Store, submission: i64) -> TakenChunk {
    let first = take(store, submission, i64::MIN, 0);
    let second = take(store, submission, first.row, 0);
    let third = take(store, submission, second.row, 0);
    for (taken, number) in [(&first, 1), (&second, 2)] {
        let recorded = store.record_created(taken.row, batch(number), at(0)).unwrap();
        assert_eq!(recorded, CreatedResult::Recorded);
    }
    store.record_rejected(&third, &rejection(), &[], at(0)).unwrap();
    third
}

pub(super) fn item(reference: &str, number: u128, status: &str) -> ListedItem {
    ListedItem {
        user_reference: reference.to_owned(),
        item: Uuid::from_u128(number),
        analysis: Some(Uuid::from_u128(number + 100)),
        creation_status: status.to_owned(),
        message: None,
        run: None,
    }
}
