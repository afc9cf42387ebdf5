//! The errors of searching ICA for what it has of a submission.

use super::errors::NAMED;
use crate::error::{Error, ErrorKind, Execution, NAME, counted, shown};
use crate::journal::{Chunk, Stranger, SubmissionId};

/// Number of user references that are read for an error.
pub(super) const REFERENCES: usize = 1000;

/// Returns the error of a chunk whose last request has an unknown outcome, and of whose analyses so
/// many were found.
pub(super) fn not_settled(id: &SubmissionId, chunk: &Chunk, found: usize) -> Error {
    let Chunk { label, count, key, .. } = chunk;
    let what =
        format!("ICA shows {found} of its {count} analyses so far, and the response to its request is not known");
    let error = Error::new(ErrorKind::Interrupted, what).with_execution(Execution::Unknown);
    let error = error.could_not(format!("settle chunk {label} of {id}"));
    error.with_key(Some(key.clone()))
}

/// Returns the error of analyses that exist more often than the submission has rows.
pub(super) fn exist_several_times(id: &SubmissionId, references: &[String]) -> Error {
    let what = several(id, references);
    Error::new(ErrorKind::DuplicateAnalyses, what).with_execution(Execution::Executed)
}

/// Returns what is wrong if analyses exist more often than the submission has rows.
pub(super) fn several(id: &SubmissionId, references: &[String]) -> String {
    format!(
        "ICA has more analyses with the marks of {id} than it has rows, for {}; \
         one analysis of each row is recorded; list them with Submission::audit, and abort those that are too many",
        named(references)
    )
}

/// Returns the error of analyses with the mark of a submission that no row asks for, before anything
/// of it is sent. `has_rows` says that ICA has analyses of its rows, too.
pub(super) fn other_rows(id: &SubmissionId, strangers: Vec<Stranger>, has_rows: bool) -> Error {
    let has_other_content = strangers.iter().any(|stranger| stranger.is_of_row);
    let advice = match (has_other_content, has_rows) {
        (true, _) => {
            "rows of the manifest have the same user references and other content: if the rows were changed by mistake, restore them; \
             if they are to be analysed once more as they are now, choose another name, which creates all rows of the manifest"
        }
        (false, true) => {
            "ICA has analyses of other rows of it, too: if its journal was lost, run again with Submission::allow_strangers, which sends only what ICA does not have; \
             if these are other analyses, choose another name"
        }
        (false, false) => {
            "another manifest was probably submitted under this name with another journal: choose another name, or use that journal"
        }
    };
    let references = strangers.into_iter().map(|stranger| stranger.user_reference);
    let what = format!(
        "could not send {id}: ICA has analyses with its mark that are not in its manifest, for {}, and nothing was sent; {advice}",
        named(&references.collect::<Vec<_>>())
    );
    Error::new(ErrorKind::ManifestChanged, what)
}

/// Returns the number of user references, and the first of them.
fn named(references: &[String]) -> String {
    let first = references.iter().take(NAMED).map(|reference| shown(reference, NAME));
    let first = first.collect::<Vec<_>>().join(", ");
    let more = if references.len() > NAMED { ", …" } else { "" };
    // So many are read at most.
    let at_least = if references.len() >= REFERENCES {
        "at least "
    } else {
        ""
    };
    format!(
        "{at_least}{} ({first}{more})",
        counted(references.len() as u64, "user reference")
    )
}

/// Returns the error of an audit of a submission without marks.
pub(super) fn no_marks(id: &SubmissionId) -> Error {
    Error::invalid_input(format!(
        "could not audit {id}: its analyses have no marks, so ICA cannot be searched for them; submit the next manifest with Submission::marks"
    ))
}

/// Returns the error of chunks that another user sent.
pub(super) fn other_user(id: &SubmissionId, other: &str, present: &str, marked: bool) -> Error {
    let advice = match marked {
        true => {
            "use the credential of that user, or allow it with Submission::allow_other_user, which searches ICA for their analyses before it sends them again"
        }
        false => {
            "use the credential of that user: the submission has no marks, so ICA cannot be searched for their analyses"
        }
    };
    Error::invalid_input(format!(
        "could not send chunks of {id} again: {other} sent them, and this client is {present}; ICA remembers the keys of each user separately, \
         so another request could create their analyses twice; {advice}"
    ))
}
