//! The id of a submission: the same on every machine, however its name is written there.
//!
//! Keys follow from the id. The letter é is one character or two, depending on the keyboard and the
//! file system that a name comes from.

use crate::journal::{Journal, SubmissionId, canonical_name};

/// Returns the id of a submission: with a name that is written like on every machine, unless an
/// earlier release has recorded the submission as it was given. Its keys follow from that.
pub(super) fn recorded_id(
    base_url: &str,
    project: &str,
    given_project: &str,
    given_name: String,
    journal: &Journal,
) -> SubmissionId {
    let id = |project: &str, name: String| SubmissionId {
        base_url: base_url.to_owned(),
        project: project.to_owned(),
        name,
    };
    let name = canonical_name(&given_name);
    if name == given_name && given_project == project {
        return id(given_project, given_name);
    }
    let canonical = id(project, name.into_owned());
    let given = id(given_project, given_name);
    // A lookup blocks for moments, and few callers write it like this.
    match journal.contains(&given) && !journal.contains(&canonical) {
        true => given,
        false => canonical,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::recorded_id;
    use crate::clock::{Clock, ManualClock};
    use crate::journal::{Journal, Session, SubmissionId};

    const PROJECT: &str = "7c1d0b1e-58b6-4b0e-9a3f-3f6b9d3f1c11";

    fn id(journal: &Journal, given_project: &str, name: &str) -> (String, String) {
        let id = recorded_id("http://ica", PROJECT, given_project, name.to_owned(), journal);
        (id.project, id.name)
    }

    async fn record(journal: &Journal, project: &str, name: &str) {
        let id = SubmissionId {
            base_url: "http://ica".to_owned(),
            project: project.to_owned(),
            name: name.to_owned(),
        };
        let clock = ManualClock::new();
        let session = Session::enter(journal.clone(), &id, Duration::ZERO, &clock)
            .await
            .unwrap();
        session.begin(&id, true, clock.now()).await.unwrap();
        session.leave();
    }

    #[tokio::test]
    async fn a_name_has_one_spelling() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().join("journal.db")).unwrap();
        let expected = (PROJECT.to_owned(), "caf\u{e9} 1".to_owned());
        for name in ["caf\u{e9} 1", "cafe\u{301} 1", " caf\u{e9} 1\n"] {
            for project in [PROJECT.to_owned(), PROJECT.to_uppercase()] {
                assert_eq!(id(&journal, &project, name), expected, "{name:?}");
            }
        }
        // Case and inner white space distinguish names.
        assert_eq!(id(&journal, PROJECT, "Caf\u{e9}  1").1, "Caf\u{e9}  1");
    }

    #[tokio::test]
    async fn a_submission_of_an_earlier_release_keeps_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().join("journal.db")).unwrap();
        let (project, name) = (PROJECT.to_uppercase(), "cafe\u{301}");
        record(&journal, &project, name).await;
        assert_eq!(id(&journal, &project, name), (project.clone(), name.to_owned()));
        assert_eq!(id(&journal, PROJECT, "caf\u{e9}").1, "caf\u{e9}");
        // One that was recorded as it is written now comes first.
        record(&journal, PROJECT, "caf\u{e9}").await;
        assert_eq!(
            id(&journal, &project, name),
            (PROJECT.to_owned(), "caf\u{e9}".to_owned())
        );
    }
}
