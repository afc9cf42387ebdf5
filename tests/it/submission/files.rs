//! Files of a journal: hostile ones, older copies, links, permissions.

use std::path::Path;

use ica_batch_sdk_ext::{Error, ErrorKind, Execution, Journal};
use ica_simulator::{Lifecycle, Simulator};
use rusqlite::Connection;

use super::child::{Job, Submitter};
use super::fixture::{Fixture, folder, manifest};

fn refused(path: &Path, reason: &str) -> Error {
    let error = Journal::open(path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Journal, "{error}");
    assert!(error.to_string().contains(reason), "{reason}: {error}");
    error
}

#[test]
fn what_was_added_to_the_schema_is_refused_and_does_not_run() {
    let folder = folder();
    let path = folder.path().join("journal.db");
    let endless =
        "WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) SELECT max(n) FROM endless";
    for (sql, name) in [
        (
            format!("CREATE VIEW extra AS {endless}"),
            "view extra of its schema was added",
        ),
        (
            format!("DROP VIEW outcome; CREATE VIEW outcome AS {endless}"),
            "view outcome of its schema was changed",
        ),
        (
            format!(
                "ALTER TABLE submission RENAME TO other; CREATE VIEW submission AS SELECT *, ({endless}) FROM other"
            ),
            " of its schema was ",
        ),
        (
            format!("CREATE TRIGGER extra AFTER UPDATE ON chunk BEGIN SELECT ({endless}); END"),
            "trigger extra of its schema was added",
        ),
        (
            "CREATE TABLE extra (x)".to_owned(),
            "table extra of its schema was added",
        ),
        (
            "CREATE INDEX extra ON chunk (state)".to_owned(),
            "index extra of its schema was added",
        ),
        (
            "DROP INDEX chunk_open".to_owned(),
            "index chunk_open of its schema is missing",
        ),
        (
            "ALTER TABLE chunk ADD COLUMN extra TEXT".to_owned(),
            "table chunk of its schema was changed",
        ),
    ] {
        let _ = std::fs::remove_file(&path);
        let _ = std::fs::remove_file(folder.path().join("journal.db-lock"));
        drop(Journal::open(&path).unwrap());
        Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
        let before = std::fs::read(&path).unwrap();
        refused(&path, name);
        assert_eq!(std::fs::read(&path).unwrap(), before, "the file is unchanged");
    }
}

#[tokio::test]
async fn a_trigger_that_is_added_while_the_journal_is_open_does_not_run() {
    let fixture = Fixture::new();
    let sql = "CREATE TRIGGER extra BEFORE UPDATE ON chunk BEGIN SELECT raise(ABORT, 'it ran'); END";
    fixture.connection().execute_batch(sql).unwrap();
    fixture.submission("s").analyses(manifest(["a"])).run().await.unwrap();
    fixture.assert_created_once(["a"]);
}

#[cfg(unix)]
#[test]
fn links_and_empty_files_are_not_journals() {
    let folder = folder();
    let path = folder.path().join("journal.db");
    drop(Journal::open(&path).unwrap());
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    refused(&link, "it is a symbolic link");
    // A link to nothing does not create the file that it names.
    let nothing = folder.path().join("nothing.db");
    std::os::unix::fs::symlink(folder.path().join("target.db"), &nothing).unwrap();
    refused(&nothing, "it is a symbolic link");
    assert!(!folder.path().join("target.db").exists());
    // The folder may be a link.
    let other = folder.path().join("other");
    std::os::unix::fs::symlink(folder.path(), &other).unwrap();
    assert_eq!(
        Journal::open(other.join("journal.db")).unwrap().path(),
        path.canonicalize().unwrap()
    );

    let second = folder.path().join("second.db");
    std::fs::hard_link(&path, &second).unwrap();
    refused(&second, "the file has a second name");
    std::fs::remove_file(&second).unwrap();

    std::fs::write(&path, "").unwrap();
    refused(&path, "the file is empty, and a journal never is");
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    refused(folder.path(), "it is not a file");
    refused(Path::new(":memory:"), "the path names no file");
    refused(Path::new(""), "the path names no file");
    refused(
        &folder.path().join("missing/journal.db"),
        "check that its folder exists",
    );
}

#[tokio::test]
async fn an_older_copy_at_the_same_path_is_noticed() {
    let fixture = Fixture::new();
    let path = fixture.journal.path().to_owned();
    fixture
        .submission("s")
        .analyses(manifest(["a", "b", "c"]))
        .plan()
        .await
        .unwrap();
    let copy = fixture.folder.path().join("copy.db");
    fixture.journal.backup(&copy).unwrap();
    let error = fixture.journal.backup(&copy).unwrap_err();
    assert!(error.to_string().contains("there is a file with this name"), "{error}");
    fixture.submission("s").run().await.unwrap();
    let Fixture {
        simulator,
        project,
        journal,
        folder,
        clock: _clock,
    } = fixture;
    drop(journal);
    let sent = simulator.requests().len();
    let restore = |from: &Path| {
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.path().join(format!("journal.db{suffix}")));
        }
        std::fs::copy(from, &path).unwrap();
    };
    let run = async || {
        let journal = Journal::open(&path)?;
        project.submission("s", &journal).run().await
    };
    restore(&copy);
    let error = run().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.execution()),
        (ErrorKind::Journal, Execution::NotExecuted)
    );
    let text = error.to_string();
    assert!(
        text.contains("it is an older copy") && text.contains("delete the lock file"),
        "{text}"
    );
    assert!(!error.may_pass(), "it stays an older copy");
    // Reading it is possible.
    assert_eq!(Journal::open(&path).unwrap().submissions().unwrap().len(), 1);

    std::fs::remove_file(&path).unwrap();
    let error = run().await.unwrap_err();
    assert!(error.to_string().contains("says that it existed"), "{error}");
    let other = folder.path().join("other.db");
    drop(Journal::open(&other).unwrap());
    restore(&other);
    let error = run().await.unwrap_err();
    // Nothing is planned in it, so the error of the missing submission comes first with a reader.
    assert!(error.to_string().contains("belongs to another journal"), "{error}");
    assert_eq!(simulator.requests().len(), sent);

    restore(&copy);
    std::fs::remove_file(folder.path().join("journal.db-lock")).unwrap();
    assert_eq!(run().await.unwrap().created(), 3, "the keys are the same");
    assert!(
        simulator
            .created_by_name(ica_simulator::Family::Analysis)
            .values()
            .all(|count| *count == 1)
    );
}

#[tokio::test]
async fn a_copy_can_be_made_during_a_run() {
    let fixture = Fixture::new();
    let held = fixture.simulator.hold_creates();
    let run = tokio::spawn(
        fixture
            .submission("s")
            .marks(false)
            .analyses(manifest(["a", "b", "c"]))
            .run(),
    );
    held.reached(1).await;
    let copy = fixture.folder.path().join("copy.db");
    fixture.journal.backup(&copy).unwrap();
    held.release();
    let report = run.await.unwrap().unwrap();
    let journal = Journal::open(&copy).unwrap();
    let verification = journal.verify().unwrap();
    assert!(verification.is_intact() && verification.analyses == 3, "{verification}");
    let again = fixture.project.submission("s", &journal).run().await.unwrap();
    assert_eq!(again, report);
    fixture.assert_created_once(["a", "b", "c"]);
}

#[cfg(unix)]
#[test]
fn only_the_user_can_read_the_files_also_under_a_loose_umask() {
    use std::os::unix::fs::PermissionsExt;

    let simulator = Simulator::builder().lifecycle(Lifecycle::instant()).start().unwrap();
    let folder = folder();
    let journal = folder.path().join("journal.db");
    let job = Job {
        name: "s",
        analyses: 20,
        chunk_size: 5,
        concurrency: 1,
        wait_ms: 0,
    };
    let held = simulator.hold_creates();
    let submitter = Submitter::start_with_loose_umask(&simulator, &journal, job);
    held.reached_blocking(1);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(
        names,
        ["journal.db", "journal.db-lock", "journal.db-shm", "journal.db-wal"]
    );
    Journal::open(&journal)
        .unwrap()
        .backup(folder.path().join("copy.db"))
        .unwrap();
    let mode = folder.path().join("copy.db").metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    held.release();
    submitter.finish();
}
