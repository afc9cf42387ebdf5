//! The errors of submissions, each with the submission that it is about.

use std::time::SystemTime;

use chrono::SecondsFormat;
use uuid::Uuid;

use super::bad_rows::BadRows;
use crate::error::{Error, ErrorKind, Execution, NAME, shown};
use crate::journal::{
    CreatedElsewhere, CreatedResult, DuplicateReferences, ExpiredChunk, Found, Journal, ManifestChanges, Resend,
    Resolution, SameName, SubmissionId, UnrequestedItem, rfc3339,
};

/// Longest name of a submission, in characters.
const LONGEST_NAME: usize = 200;

/// Longest digest of a manifest, in characters.
const LONGEST_DIGEST: usize = 255;

/// Number of user references that an error names.
pub(super) const NAMED: usize = 5;

pub(super) const RUN_AGAIN: &str = "run the submission again: it sends the rest and creates nothing twice";

/// Checks the name of a submission.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let characters = name.chars().count();
    let reason = if name.is_empty() {
        "it is empty".to_owned()
    } else if characters > LONGEST_NAME {
        format!("it has {characters} characters")
    } else if let Some(control) = name.chars().find(|c| c.is_control()) {
        format!("it contains the control character {control:?}")
    } else {
        return Ok(());
    };
    Err(Error::invalid_input(format!(
        "submission name {name:?} is not valid: {reason}; choose 1 to {LONGEST_NAME} characters without control characters"
    )))
}

/// Checks the digest of a manifest.
pub(super) fn check_manifest_digest(id: &SubmissionId, digest: &str) -> Result<(), Error> {
    let characters = digest.chars().count();
    let reason = if digest.is_empty() {
        "it is empty".to_owned()
    } else if characters > LONGEST_DIGEST {
        format!("it has {characters} characters")
    } else if let Some(other) = digest.chars().find(|c| !c.is_ascii_graphic()) {
        format!("it contains {other:?}")
    } else {
        return Ok(());
    };
    Err(Error::invalid_input(format!(
        "could not plan {id}: its manifest digest {:?} is not valid: {reason}; give 1 to {LONGEST_DIGEST} visible ASCII characters, such as a SHA-256 in hexadecimal digits",
        shown(digest, NAME)
    )))
}

/// Returns the error of a run without rows whose manifest is not the recorded one.
pub(super) fn other_manifest(id: &SubmissionId, recorded: Option<&str>, given: &str) -> Error {
    let recorded = match recorded {
        Some(recorded) => format!("the journal has the digest {:?}", shown(recorded, NAME)),
        None => "the journal has no digest".to_owned(),
    };
    Error::invalid_input(format!(
        "could not run {id}: its manifest digest is {given:?}, and {recorded}, so its recorded analyses may be others; give the analyses, so that they are compared, or give no digest"
    ))
}

/// Returns the row id of a planned submission, and an error if it was not found.
pub(super) fn require_planned(id: &SubmissionId, journal: &Journal, found: Found) -> Result<i64, Error> {
    let journal = journal.path().display();
    let reason = match found {
        Found::Planned(row) => return Ok(row),
        Found::Unfinished => {
            "its manifest was not read to the end, so nothing of it was sent; give its analyses again".to_owned()
        }
        Found::Missing(SameName { base_urls, projects }) => match (&base_urls[..], &projects[..]) {
            ([], []) => format!(
                "the journal {journal} does not contain it; give its analyses, or check its name with Journal::submissions"
            ),
            ([], projects) => format!(
                "the journal {journal} contains it for another project ({}); use that project, or give the analyses of a new submission",
                projects.join(", ")
            ),
            (base_urls, _) => format!(
                "the journal {journal} contains it for another base URL ({}), and this client uses {}; use that base URL, or give the analyses of a new submission",
                base_urls.join(", "),
                id.base_url
            ),
        },
    };
    Err(Error::invalid_input(format!("could not find {id}: {reason}")))
}

/// Returns the error of a manifest without rows.
pub(super) fn empty_manifest(id: &SubmissionId) -> Error {
    Error::invalid_input(format!(
        "could not plan {id}: the manifest has no analyses; give at least one"
    ))
}

/// Returns the error of a row that its source could not return. `number` counts from 1.
pub(super) fn unreadable_row(id: &SubmissionId, number: u64) -> Error {
    Error::invalid_input(format!(
        "could not read row {number} of the manifest of {id}: its source reports an error, and nothing was sent; fix the error and run again"
    ))
}

/// Returns the error of several rows that cannot be sent.
pub(super) fn bad_rows(id: &SubmissionId, bad: &BadRows) -> Error {
    let count = bad.rows().len();
    let at_least = if bad.is_full() { "at least " } else { "" };
    Error::invalid_input(format!(
        "could not plan {id}: {at_least}{count} rows of the manifest cannot be sent, and nothing was sent: {bad}; fix them, see Error::bad_rows for all, and run again"
    ))
}

/// Returns the error of a row that cannot be written as JSON.
pub(super) fn unwritable_row(id: &SubmissionId, user_reference: &str) -> Error {
    Error::invalid_input(format!(
        "could not plan {id}: analysis {user_reference:?} cannot be written as JSON, and nothing was sent; see the source of this error"
    ))
}

/// Returns the error of a row that does not fit into any chunk.
pub(super) fn row_too_large(id: &SubmissionId, user_reference: &str, bytes: usize, limit: usize) -> Error {
    Error::invalid_input(format!(
        "could not plan {id}: a request with only analysis {user_reference:?} has {bytes} bytes, and the limit is {limit}; raise it with Submission::chunk_bytes"
    ))
}

/// Returns the error of a manifest that differs from the recorded one.
pub(super) fn manifest_changed(id: &SubmissionId, changes: ManifestChanges, can_be_accepted: bool) -> Error {
    let advice = match (can_be_accepted, changes.removed().count()) {
        (true, 0) => "accept them with Submission::on_change, or submit the new rows under another name".to_owned(),
        (true, 1) => "put the removed row back, or accept the changes with Submission::on_change, which leaves its analysis as it is".to_owned(),
        (true, _) => "put the removed rows back, or accept the changes with Submission::on_change, which leaves their analyses as they are".to_owned(),
        (false, removed) => {
            let changed = changes.changed().count();
            let rows = if changed == 0 { "the rows" } else { "the changed rows and those" };
            let restored = restored(removed, changed);
            format!(
                "{restored}, or submit only {rows} that are not created yet under another name; \
                 Submission::allow_created_elsewhere starts the created ones again"
            )
        }
    };
    let counts = changes.kinds().map(|(kind, rows)| match rows.count() {
        1 => format!("1 row {kind}"),
        count => format!("{count} rows {kind}"),
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    let what = format!(
        "could not run {id}: its manifest differs from the recorded one ({counts}), and nothing was sent; {advice}"
    );
    Error::new(ErrorKind::ManifestChanged, what).with_source(changes)
}

/// Returns how to undo the changes of a manifest that cannot be accepted.
fn restored(removed: u64, changed: u64) -> String {
    let rows = |count: u64| if count == 1 { "row" } else { "rows" };
    match (removed, changed) {
        (removed, 0) => format!("put the removed {} back", rows(removed)),
        (0, changed) => format!("restore the changed {}", rows(changed)),
        (removed, changed) => format!(
            "put the removed {} back and restore the changed {}",
            rows(removed),
            rows(changed)
        ),
    }
}

/// Returns the error of user references that occur more than once.
pub(super) fn duplicate_references(id: &SubmissionId, duplicates: DuplicateReferences) -> Error {
    let count = match duplicates.count() {
        1 => "1 user reference occurs".to_owned(),
        count => format!("{count} user references occur"),
    };
    let what = format!(
        "could not plan {id}: {count} more than once in its manifest, and nothing was sent; correct the manifest, or allow it with Submission::allow_duplicate_references"
    );
    Error::new(ErrorKind::DuplicateReferences, what).with_source(duplicates)
}

/// Returns the error of rows that another submission of the project has created.
pub(super) fn created_elsewhere(id: &SubmissionId, elsewhere: CreatedElsewhere) -> Error {
    let rows = match elsewhere.count() {
        1 => "1 row of its manifest was".to_owned(),
        count => format!("{count} rows of its manifest were"),
    };
    let what = format!(
        "could not send {id}: {rows} already created, or may have been, by another submission of the project ({elsewhere}), \
         and nothing was sent; remove them from the manifest, or create them once more with Submission::allow_created_elsewhere"
    );
    Error::new(ErrorKind::CreatedElsewhere, what).with_source(elsewhere)
}

/// Returns the error of a row that a submission does not have.
pub(super) fn no_such_row(id: &SubmissionId, position: u64) -> Error {
    Error::invalid_input(format!(
        "could not read the request of row {position} of {id}: there is no such row, or a later attempt replaces it; see the positions with Submission::outcomes"
    ))
}

/// Returns the error of a chunk whose request was deleted.
pub(super) fn no_body(id: &SubmissionId, label: &str) -> Error {
    Error::invalid_input(format!(
        "could not read the request of chunk {label} of {id}: it was deleted with Journal::delete_bodies; send its analyses under another name with Submission::allow_created_elsewhere"
    ))
}

/// Returns the error of a chunk that may exist and cannot be sent again.
pub(super) fn expired(id: &SubmissionId, chunk: ExpiredChunk) -> Error {
    let ExpiredChunk {
        label,
        key,
        sent_at,
        resend,
        references: (first, last),
        count,
    } = chunk;
    let analyses = match count {
        1 => format!("1 analysis, {first}"),
        _ => format!("{count} analyses, {first} to {last}"),
    };
    let sent_at = text(sent_at);
    let failure = format!("could not send chunk {label} of {id} again ({analyses})");
    let record = "record the result with Submission::record_created or Submission::record_not_created, and run again";
    let error = match resend {
        Resend::ClockBehind => Error::invalid_input(format!(
            "{failure}: its first request was recorded at {sent_at}, which is in the future of this machine's clock, so it is unknown whether ICA remembers its key; \
             set the clock if it is wrong and run again; if it was wrong at that time, search the project for these analyses, {record}"
        )),
        Resend::KeyExpired | Resend::Within(_) => Error::new(
            ErrorKind::KeyExpired,
            format!(
                "{failure}: its request of {sent_at} has no recorded response, and ICA forgets a key after 7 days, so another request could create them twice; \
                 search the project for these analyses, {record}"
            ),
        ),
    };
    error.with_execution(Execution::Unknown).with_key(Some(key))
}

/// Returns the error of a run in which too many analyses were rejected.
pub(super) fn too_many_rejections(id: &SubmissionId, rejected: u64, last: Error) -> Error {
    let analyses = if rejected == 1 { "analysis" } else { "analyses" };
    let what = format!(
        "could not finish {id}: ICA rejected {rejected} {analyses} in this run, which is the limit of Submission::rejection_limit"
    );
    Error::new(ErrorKind::Rejected, what)
        .with_status(last.status())
        .with_problem(last.problem().cloned())
        .with_advice("see them all with Submission::report; correct what they have in common, or raise the limit")
        .with_source(last)
}

/// Returns the error of a chunk whose bytes in the journal are not those of the plan.
pub(super) fn damaged_chunk(id: &SubmissionId, journal: &Journal, label: &str) -> Error {
    journal.damaged(&format!(
        "chunk {label} of {id} does not match its digest and was not sent"
    ))
}

/// Fails if the chunk has another batch.
pub(super) fn require_one_batch(
    id: &SubmissionId,
    label: &str,
    batch: Uuid,
    result: CreatedResult,
) -> Result<(), Error> {
    let reason = match result {
        CreatedResult::Recorded => return Ok(()),
        CreatedResult::OtherChunk {
            submission,
            label: other,
        } => return Err(batch_of_other_chunk(id, label, batch, (&submission, &other))),
        CreatedResult::OtherBatch(other) => format!("batch {other} is recorded for it already"),
        CreatedResult::Split => "ICA had rejected it, and its parts are sent in its place".to_owned(),
    };
    let what = format!(
        "could not record batch {batch} for chunk {label} of {id}: {reason}, so its analyses may exist twice; compare them in ICA and abort one of each"
    );
    Err(Error::new(ErrorKind::Journal, what).with_execution(Execution::Executed))
}

/// Returns the error of a response with a batch that another chunk has.
fn batch_of_other_chunk(id: &SubmissionId, label: &str, batch: Uuid, (submission, other): (&str, &str)) -> Error {
    let of = if submission == id.name {
        String::new()
    } else {
        format!(" of submission {submission:?}")
    };
    let what = format!(
        "could not record batch {batch} for chunk {label} of {id}: the response names the batch of chunk {other}{of}, \
         and two chunks have no batch in common, so nothing was recorded for chunk {label}; \
         run the submission again, which sends the same key, and report it if it persists"
    );
    Error::new(ErrorKind::Journal, what).with_execution(Execution::Executed)
}

/// Returns the error of a list of items that are not those of the chunk.
pub(super) fn unrequested_item(chunk: &str, batch: Uuid, item: &UnrequestedItem) -> Error {
    let reason = match item {
        UnrequestedItem::Reference(reference) => {
            let reference = shown(reference, NAME);
            format!("contains item {reference:?}, which chunk {chunk} did not request")
        }
        UnrequestedItem::Repeated(id) => format!("contains item {id} twice"),
    };
    Error::new(
        ErrorKind::Unreadable,
        format!("batch {batch} {reason}, so none of its items were recorded"),
    )
}

/// Returns the error of a batch whose items are not the rows of the chunk.
pub(super) fn other_items(id: &SubmissionId, label: &str, batch: Uuid) -> Error {
    Error::invalid_input(format!(
        "could not record batch {batch} for chunk {label} of {id}: the user references of its items are not those of the chunk; find the chunk's batch"
    ))
}

/// Fails if the finding of a person was not recorded.
pub(super) fn require_recorded(id: &SubmissionId, label: &str, resolution: Resolution) -> Result<(), Error> {
    let reason = match resolution {
        Resolution::Recorded => return Ok(()),
        Resolution::NoSuchChunk => "there is no such chunk; see the labels with Journal::chunks".to_owned(),
        Resolution::NotNeeded(state) => {
            format!("its state is {state}, so no outcome is missing; see the states with Journal::chunks")
        }
        Resolution::KeyIsRemembered => {
            "ICA still remembers its key; run the submission, which learns whether it was created".to_owned()
        }
        Resolution::OtherChunk(other) => {
            format!("this batch is recorded for chunk {other}; find the batch of chunk {label}")
        }
    };
    let what = format!("could not record the outcome of chunk {label} of {id}: {reason}");
    Err(Error::invalid_input(what))
}

pub(super) fn text(time: SystemTime) -> String {
    rfc3339(time, SecondsFormat::Secs)
}

#[cfg(test)]
mod tests {
    use super::{check_name, manifest_changed};
    use crate::journal::{ChangedRows, ManifestChanges, SubmissionId};

    #[test]
    fn a_name_has_1_to_200_characters_without_control_characters() {
        assert!(check_name("cohort 42/é").is_ok());
        assert!(check_name(&"é".repeat(200)).is_ok());
        let reason = |name: &str| check_name(name).unwrap_err().to_string();
        assert!(reason("").contains("it is empty; choose 1 to 200"));
        assert!(reason(&"é".repeat(201)).contains("it has 201 characters"));
        assert!(reason("a\nb").contains(r"it contains the control character '\n'"));
    }

    #[test]
    fn an_error_does_not_repeat_its_source() {
        let id = SubmissionId {
            base_url: "https://ica.example".to_owned(),
            project: "p".to_owned(),
            name: "s".to_owned(),
        };
        let none = ChangedRows::default();
        let changes = ManifestChanges::new(ChangedRows::new(["e", "f"]), ChangedRows::new(["c"]), none);
        let error = manifest_changed(&id, changes, true);
        assert_eq!(
            error.to_string(),
            "could not run submission \"s\" in project p: its manifest differs from the recorded one (2 rows added, 1 row removed), \
             and nothing was sent; put the removed row back, or accept the changes with Submission::on_change, which leaves its analysis as it is"
        );
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "added: e, f; removed: c");
    }
}
