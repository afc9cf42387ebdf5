//! Journals that are damaged, edited by hand, or salvaged: each gives an error or the right report,
//! and never a second batch.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ica_batch_sdk_ext::{ErrorKind, Journal, OnChange, OnRejection, SubmissionReport};
use ica_simulator::{Family, FaultKind};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::fixture::Fixture;
use crate::setup::analysis;

const ROWS: usize = 120;
const BIT_FLIPS: usize = 300;

/// A journal with chunks in every state, and the report that its completion gives.
struct Case {
    fixture: Fixture,
    pristine: PathBuf,
    right: SubmissionReport,
    /// Keys of the chunks without a response. No other may be sent.
    open: BTreeSet<String>,
}

/// Results of many cases.
#[derive(Debug, Default)]
struct Results {
    right: usize,
    errors: usize,
}

impl Case {
    async fn new() -> Self {
        let fixture = Fixture::rejecting(["s-3", "s-40"]);
        let run = |rows: usize| {
            let never = ica_batch_sdk_ext::retry::RetryPolicy::never();
            let submission = fixture.submission("s").marks(false).chunk_size(5).retry(never);
            let submission = submission
                .on_rejection(OnRejection::Isolate)
                .on_change(OnChange::AcceptAdditions);
            submission
                .analyses((0..rows).map(|name| analysis(&format!("s-{name}"))).collect::<Vec<_>>())
                .run()
        };
        run(60).await.unwrap();
        // A chunk is sent, and its response is lost. Later ones stay planned.
        fixture.fail_create(3, FaultKind::ExecuteThenReset);
        run(ROWS).await.unwrap_err();
        let pristine = fixture.folder.path().join("pristine.db");
        fixture.journal.backup(&pristine).unwrap();
        let states = states(&pristine);
        for state in ["planned", "sent", "created", "rejected", "split"] {
            assert!(states.iter().any(|known| known == state), "{state}: {states:?}");
        }
        let right = fixture
            .submission("s")
            .on_rejection(OnRejection::Isolate)
            .run()
            .await
            .unwrap();
        assert_eq!((right.created(), right.rejected()), (ROWS - 2, 2));
        let connection = Connection::open(&pristine).unwrap();
        let sql = "SELECT key FROM chunk WHERE state IN ('planned', 'sent')";
        let mut select = connection.prepare(sql).unwrap();
        let open = select
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        drop(select);
        Self {
            fixture,
            pristine,
            right,
            open,
        }
    }

    /// Runs the submission with a changed copy of the journal.
    async fn run(&self, what: &str, change: impl FnOnce(&Path), results: &mut Results) {
        let path = self.fixture.folder.path().join("case.db");
        for suffix in ["", "-wal", "-shm", "-lock"] {
            let _ = std::fs::remove_file(self.fixture.folder.path().join(format!("case.db{suffix}")));
        }
        std::fs::copy(&self.pristine, &path).unwrap();
        change(&path);
        self.fixture.simulator.clear_requests();
        let run = async |journal: Journal| {
            let submission = self.fixture.project.submission("s", &journal);
            submission.on_rejection(OnRejection::Isolate).run().await
        };
        let result = match Journal::open(&path) {
            Ok(journal) => run(journal).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(report) => {
                assert_eq!(report, self.right, "{what}: a wrong report");
                results.right += 1;
            }
            Err(error) => {
                let kinds = [ErrorKind::Journal, ErrorKind::InvalidInput];
                assert!(kinds.contains(&error.kind()), "{what}: {error:?}");
                results.errors += 1;
            }
        }
        for request in self.fixture.simulator.requests() {
            let key = request.idempotency_key();
            assert!(
                key.is_none_or(|key| self.open.contains(key)),
                "{what}: a chunk with a response was sent again"
            );
        }
        let created = self.fixture.simulator.created_by_name(Family::Analysis);
        assert!(created.values().all(|count| *count == 1), "{what}: {created:?}");
        assert_eq!(created.len(), ROWS - 2, "{what}");
    }
}

fn states(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut select = connection.prepare("SELECT DISTINCT state FROM chunk").unwrap();
    let states = select.query_map([], |row| row.get(0)).unwrap();
    states.map(Result::unwrap).collect()
}

fn edit(path: &Path, change: impl FnOnce(&mut [u8])) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn damaged_pages_and_flipped_bits_give_an_error_or_the_right_report() {
    let case = Case::new().await;
    let length = std::fs::read(&case.pristine).unwrap().len();
    let mut random = fastrand::Rng::with_seed(12);
    let mut results = Results::default();
    case.run("nothing", |_| (), &mut results).await;
    assert_eq!(results.right, 1);
    for page in 0..length / 4096 {
        let range = page * 4096..(page + 1) * 4096;
        let zeros = |path: &Path| edit(path, |bytes| bytes[range.clone()].fill(0));
        case.run(&format!("page {page} is zero"), zeros, &mut results).await;
        let mut noise = vec![0; 4096];
        random.fill(&mut noise);
        let noise = |path: &Path| edit(path, |bytes| bytes[range.clone()].copy_from_slice(&noise));
        case.run(&format!("page {page} is noise"), noise, &mut results).await;
        // The head of the page survives, its rows do not.
        let rest = range.start + 200..range.end;
        let half = |path: &Path| edit(path, |bytes| bytes[rest.clone()].fill(0xA5));
        case.run(&format!("page {page} has a good head"), half, &mut results)
            .await;
    }
    for _ in 0..BIT_FLIPS {
        let (byte, bit) = (random.usize(..length), random.u8(..8));
        let flip = |path: &Path| edit(path, |bytes| bytes[byte] ^= 1 << bit);
        case.run(&format!("bit {bit} of byte {byte}"), flip, &mut results).await;
    }
    for cut in 1..10 {
        let cut = |path: &Path| std::fs::write(path, &std::fs::read(path).unwrap()[..length * cut / 10]).unwrap();
        case.run("cut", cut, &mut results).await;
    }
    assert!(results.errors > 150 && results.right > 20, "{results:?}");
}

#[tokio::test]
async fn edits_by_hand_give_an_error_or_the_right_report() {
    let case = Case::new().await;
    let mut random = fastrand::Rng::with_seed(13);
    let mut results = Results::default();
    for table in ["journal", "submission", "chunk", "body", "analysis", "history"] {
        let errors = results.errors;
        let connection = Connection::open(&case.pristine).unwrap();
        let columns = columns(&connection, table);
        drop(connection);
        let key = match table {
            "analysis" => "submission || ' ' || position",
            "history" => "at",
            _ => columns[0].as_str(),
        };
        let mut place = || {
            let row = match table {
                "journal" | "submission" | "history" => 0,
                _ => random.usize(..20),
            };
            format!("WHERE {key} = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1 OFFSET {row})")
        };
        let delete = format!("DELETE FROM {table} {}", place());
        case.run(&delete, |path| execute(path, &delete, &[]), &mut results)
            .await;
        for column in &columns {
            for value in values() {
                let update = format!("UPDATE OR IGNORE {table} SET {column} = ?1 {}", place());
                let what = format!("{update}: {value:?}");
                let value = [value];
                case.run(&what, |path| execute(path, &update, &value), &mut results)
                    .await;
            }
        }
        // The history is for charts, and no run ends because of it.
        assert!(table != "history" || results.errors == errors, "{results:?}");
    }
    for sql in [
        "UPDATE chunk SET state = 'planned', batch = NULL, answered_at = NULL, sent_at = NULL WHERE state = 'created'",
        "UPDATE chunk SET state = 'created', batch = '00000000-0000-0000-0000-000000000007', answered_at = 1 WHERE state = 'planned'",
        "UPDATE chunk SET state = 'rejected' WHERE count = 1",
        "UPDATE chunk SET first = first + 1",
        "UPDATE analysis SET item = NULL, analysis = NULL, creation = NULL",
        "UPDATE analysis SET replaced = 1",
        "DELETE FROM chunk WHERE label LIKE '%.%'",
        "DELETE FROM chunk WHERE state IN ('planned', 'sent')",
        "DELETE FROM analysis WHERE position >= 100",
        "DELETE FROM analysis; DELETE FROM body; DELETE FROM chunk",
        "DELETE FROM body",
        "DELETE FROM submission",
        "INSERT INTO analysis SELECT submission, position + 120, kind, user_reference || 'x', digest, 0, 0, NULL, NULL, NULL, NULL FROM analysis",
        "INSERT INTO chunk SELECT id + 1000, submission, label || 'x', first, count, state, sent_at, sent_until, identity, batch, adopted, listed, answered_at, status, problem, key, digest FROM chunk",
        "UPDATE submission SET name = 'other'",
        "UPDATE submission SET project = 'other'",
        "UPDATE submission SET manifest_digest = 'other'",
        "UPDATE chunk SET problem = printf('{\"detail\":\"%.*c\"}', 50000000, 'x') WHERE state = 'rejected'",
    ] {
        case.run(sql, |path| execute(path, sql, &[]), &mut results).await;
    }
    assert!(results.errors > 300, "{results:?}");
}

/// Builds an index anew for rows with another condition, and then gives it its own text again.
fn shrink_index(path: &Path, index: &str, from: &str, to: &str) {
    let set = |from: &str, to: &str| {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "writable_schema", true).unwrap();
        let sql = "UPDATE sqlite_schema SET sql = replace(sql, ?2, ?3) WHERE name = ?1 AND sql LIKE '%' || ?2";
        assert_eq!(connection.execute(sql, [index, from, to]).unwrap(), 1);
    };
    set(from, to);
    Connection::open(path)
        .unwrap()
        .execute_batch(&format!("REINDEX {index}"))
        .unwrap();
    set(to, from);
}

#[tokio::test]
async fn an_index_that_lacks_rows_is_an_error() {
    let case = Case::new().await;
    let mut results = Results::default();
    for (index, from, to) in [
        ("chunk_open", "IN ('planned', 'sent')", "IN ('planned')"),
        ("chunk_open", "IN ('planned', 'sent')", "IN ('sent')"),
        ("chunk_batch", "batch IS NOT NULL", "batch IS NULL"),
        ("chunk_unlisted", "listed = 0", "listed = 2"),
    ] {
        let shrink = |path: &Path| shrink_index(path, index, from, to);
        case.run(&format!("{index} {to}"), shrink, &mut results).await;
    }
    assert_eq!((results.errors, results.right), (4, 0));
}

/// Values that a person or a program might write, for any column.
fn values() -> Vec<Value> {
    let texts = [
        "",
        "x",
        "created",
        "planned",
        "split",
        "deleting",
        "00000000-0000-0000-0000-000000000007",
    ];
    let numbers = [0, 1, 2, 5, -1, 4_000_000_000, i64::MAX, i64::MIN, 253_402_300_800_000];
    let texts = texts.map(|text| Value::Text(text.to_owned()));
    let others = [Value::Null, Value::Blob(vec![0; 32])];
    texts
        .into_iter()
        .chain(numbers.map(Value::Integer))
        .chain(others)
        .collect()
}

fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let mut select = connection.prepare(&format!("SELECT * FROM {table} LIMIT 0")).unwrap();
    let names = select.column_names().map(str::to_owned).collect();
    drop(select.query([]).unwrap());
    names
}

/// Changes the file as any program can. A value that SQLite refuses changes nothing.
fn execute(path: &Path, sql: &str, values: &[Value]) {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection
        .pragma_update(None, "ignore_check_constraints", true)
        .unwrap();
    if values.is_empty() {
        connection.execute_batch(sql).unwrap();
    } else {
        let _ = connection.execute(sql, params_from_iter(values));
    }
}

/// Salvages a damaged file: whatever can be read goes into a new one.
fn salvage(damaged: &Path, pristine: &Path, salvaged: &Path) {
    let _ = std::fs::remove_file(salvaged);
    let source = Connection::open(damaged).unwrap();
    let schema = Connection::open(pristine).unwrap();
    let target = Connection::open(salvaged).unwrap();
    target.pragma_update(None, "foreign_keys", false).unwrap();
    for pragma in ["application_id", "user_version"] {
        let value: i64 = schema.pragma_query_value(None, pragma, |row| row.get(0)).unwrap();
        target.pragma_update(None, pragma, value).unwrap();
    }
    let mut select = schema
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'view', type = 'index', rowid")
        .unwrap();
    let mut statements = select.query([]).unwrap();
    while let Some(row) = statements.next().unwrap() {
        target.execute_batch(&row.get::<_, String>(0).unwrap()).unwrap();
    }
    for table in ["journal", "submission", "chunk", "body", "analysis"] {
        let names = columns(&schema, table);
        let key = if table == "analysis" {
            "position"
        } else {
            names[0].as_str()
        };
        let places = vec!["?"; names.len()].join(", ");
        let insert = format!("INSERT OR IGNORE INTO {table} VALUES ({places})");
        // From both ends: a damaged page hides what comes after it.
        for order in ["ASC", "DESC"] {
            let sql = format!("SELECT * FROM {table} NOT INDEXED ORDER BY {key} {order}");
            let Ok(mut select) = source.prepare(&sql) else { continue };
            let mut rows = select.query([]).unwrap();
            while let Ok(Some(row)) = rows.next() {
                let values = (0..names.len()).map(|column| row.get::<_, Value>(column));
                if let Ok(values) = values.collect::<Result<Vec<_>, _>>() {
                    let _ = target.execute(&insert, params_from_iter(values));
                }
            }
        }
    }
}

#[tokio::test]
async fn a_salvaged_journal_is_used_only_if_nothing_is_missing() {
    let case = Case::new().await;
    let damaged = case.fixture.folder.path().join("damaged.db");
    let length = std::fs::read(&case.pristine).unwrap().len();
    let mut results = Results::default();
    for page in 1..length / 4096 {
        std::fs::copy(&case.pristine, &damaged).unwrap();
        edit(&damaged, |bytes| bytes[page * 4096..(page + 1) * 4096].fill(0));
        let salvage = |path: &Path| salvage(&damaged, &case.pristine, path);
        case.run(&format!("salvaged without page {page}"), salvage, &mut results)
            .await;
    }
    // Indexes can be built again. Rows cannot.
    assert!(results.right >= 3 && results.errors >= 5, "{results:?}");
}

#[tokio::test]
async fn damage_is_a_finding_of_verify() {
    let case = Case::new().await;
    let path = case.fixture.folder.path().join("case.db");
    let length = std::fs::read(&case.pristine).unwrap().len();
    let intact = Journal::open(&case.pristine).unwrap().verify().unwrap();
    assert!(intact.is_intact(), "{intact}");
    assert_eq!((intact.submissions, intact.analyses), (1, ROWS as u64));
    let mut found = 0;
    for page in 1..length / 4096 {
        std::fs::copy(&case.pristine, &path).unwrap();
        edit(&path, |bytes| bytes[page * 4096 + 100..(page + 1) * 4096].fill(0xA5));
        match Journal::open(&path).and_then(|journal| journal.verify()) {
            Ok(verification) => found += usize::from(!verification.is_intact()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Journal);
                found += 1;
            }
        }
    }
    assert!(
        found + 1 >= length / 4096 - 1,
        "only a free page or a map of pages may pass: {found}"
    );
    std::fs::copy(&case.pristine, &path).unwrap();
    execute(
        &path,
        "UPDATE body SET bytes = x'7b7d' WHERE chunk = (SELECT max(chunk) FROM body)",
        &[],
    );
    let verification = Journal::open(&path).unwrap().verify().unwrap();
    assert!(
        verification.to_string().contains("does not match its digest"),
        "{verification}"
    );
}
