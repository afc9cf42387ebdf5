//! Tests of planning, and of manifests that differ from the recorded one.

use super::*;

on_every_store! {
    a_plan_is_found_when_it_is_finished
    a_submission_that_is_missing_is_compared_with_those_of_the_same_name
    an_unfinished_plan_is_replaced
    the_digest_of_a_manifest_is_recorded_with_its_plan
    empty_plans_and_duplicates_are_not_planned
    a_manifest_is_compared_as_a_set
    corrected_rows_replace_rejected_ones
}

fn a_plan_is_found_when_it_is_finished(store: &dyn Store) {
    let id = id("u", "p", "n");
    let Begin::Plan(submission) = store.begin(&id, false, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    assert_eq!(store.find(&id).unwrap(), Found::Unfinished);
    let before = store.stamp().unwrap();
    store
        .add_chunks(submission, &[chunk(&naming("n"), "0", 0, &["a"])])
        .unwrap();
    let after = store.stamp().unwrap();
    assert!(after.counter > before.counter && after.id == before.id);
    assert_eq!(store.finish_plan(submission, false, None).unwrap(), Finish::Planned);
    assert_eq!(store.find(&id).unwrap(), Found::Planned(submission));
    assert_eq!(store.begin(&id, false, at(1)).unwrap(), Begin::Planned(submission));
    let entry = &store.submissions(Which::All).unwrap()[0];
    assert_eq!(
        (entry.name(), entry.is_planned(), entry.created_at()),
        ("n", true, at(0))
    );
    assert_eq!((entry.counts().analyses, entry.counts().pending()), (1, 1));
    let taken = take(store, submission, i64::MIN, 0);
    let rows = store.chunk_rows(taken.row).unwrap();
    assert!(rows.iter().all(|row| row.kind == AnalysisKind::Nextflow) && rows.len() == 1);
    assert_eq!(store.user_references(submission, "0").unwrap(), ["a"]);
    assert_eq!(store.user_references(submission, "7").unwrap(), [""; 0]);
    assert_eq!(store.user_reference(submission, 0).unwrap().as_deref(), Some("a"));
    assert_eq!(store.user_reference(submission, 100).unwrap(), None);
}

fn a_submission_that_is_missing_is_compared_with_those_of_the_same_name(store: &dyn Store) {
    for (base_url, project) in [("u1", "p1"), ("u2", "p1"), ("u1", "p2")] {
        planned(store, &id(base_url, project, "n"));
    }
    let missing = |base_urls: &[&str], projects: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Found::Missing(SameName {
            base_urls: owned(base_urls),
            projects: owned(projects),
        })
    };
    let find = |base_url, project| store.find(&id(base_url, project, "n")).unwrap();
    assert_eq!(find("u3", "p1"), missing(&["u1", "u2"], &[]));
    assert_eq!(find("u2", "p2"), missing(&["u1"], &["p1"]));
    assert_eq!(find("u3", "p3"), missing(&[], &[]));
}

fn the_digest_of_a_manifest_is_recorded_with_its_plan(store: &dyn Store) {
    let id = id("u", "p", "n");
    let begin = || match store.begin(&id, true, at(0)).unwrap() {
        Begin::Plan(submission) => submission,
        Begin::Planned(_) => panic!("its plan is unfinished"),
    };
    let digest = |submission| {
        store.check(submission).unwrap();
        let entry = store.submissions(Which::All).unwrap().remove(0);
        let digest = store.manifest_digest(submission).unwrap();
        assert_eq!(entry.manifest_digest(), digest.as_deref());
        digest
    };
    let unfinished = begin();
    store
        .add_chunks(unfinished, &[chunk(&naming("n"), "0", 0, &["a", "a"])])
        .unwrap();
    let finish = store.finish_plan(unfinished, false, Some("one")).unwrap();
    assert!(matches!(finish, Finish::Duplicates(_)));
    assert_eq!(digest(unfinished), None, "nothing was planned");

    let submission = begin();
    store
        .add_chunks(submission, &[chunk(&naming("n"), "0", 0, &["a"])])
        .unwrap();
    let before = store.stamp().unwrap().counter;
    assert_eq!(
        store.finish_plan(submission, false, Some("one")).unwrap(),
        Finish::Planned
    );
    assert_eq!(store.stamp().unwrap().counter, before + 1, "it is one transaction");
    assert_eq!(digest(submission).as_deref(), Some("one"));
    for changed in [Some("two"), None, Some("three")] {
        store.set_manifest_digest(submission, changed).unwrap();
        assert_eq!(digest(submission).as_deref(), changed);
    }
    take(store, submission, i64::MIN, 0);
    assert_eq!(
        digest(submission).as_deref(),
        Some("three"),
        "chunks change by themselves"
    );
    let other = planned(store, &super::id("u", "p", "other"));
    assert_eq!(store.manifest_digest(other).unwrap(), None);
    assert!(store.verify().unwrap().is_intact());
    store.delete(submission).unwrap();
    assert_eq!(digest(begin()), None);
}

fn an_unfinished_plan_is_replaced(store: &dyn Store) {
    let id = id("u", "p", "n");
    let Begin::Plan(first) = store.begin(&id, false, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    store
        .add_chunks(first, &[chunk(&naming("n"), "0", 0, &["old"])])
        .unwrap();
    let second = planned(store, &id);
    assert_ne!(first, second);
    assert_eq!(store.counts(second).unwrap().analyses, 5);
    let verification = store.verify().unwrap();
    assert!(verification.is_intact(), "{verification}");
    assert_eq!((verification.submissions, verification.analyses), (1, 5));
}

fn empty_plans_and_duplicates_are_not_planned(store: &dyn Store) {
    let id = id("u", "p", "n");
    let Begin::Plan(submission) = store.begin(&id, false, at(0)).unwrap() else {
        panic!("the submission is new");
    };
    assert_eq!(store.finish_plan(submission, false, None).unwrap(), Finish::Empty);
    let chunks = [
        chunk(&naming("n"), "0", 0, &["a", "b", "a"]),
        chunk(&naming("n"), "1", 3, &["b", "a", "c"]),
    ];
    store.add_chunks(submission, &chunks).unwrap();
    let Finish::Duplicates(duplicates) = store.finish_plan(submission, false, None).unwrap() else {
        panic!("two references occur more than once");
    };
    assert_eq!(
        (duplicates.count(), duplicates.user_references()),
        (2, &["a".to_owned(), "b".to_owned()][..])
    );
    assert_eq!(store.find(&id).unwrap(), Found::Unfinished);
    assert_eq!(store.finish_plan(submission, true, None).unwrap(), Finish::Planned);
    store.delete(submission).unwrap();
    assert!(matches!(store.find(&id).unwrap(), Found::Missing(_)));
    assert!(store.verify().unwrap().is_intact());
}

fn a_manifest_is_compared_as_a_set(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    let differences = |rows: Vec<ManifestRow>, from| {
        let mut comparison = store.comparison(submission, from).unwrap();
        comparison.stage(rows).unwrap();
        comparison.differences().unwrap()
    };
    let same = |reference: &str| manifest_row(reference, reference.as_bytes()[0]);
    let reversed = differences(["e", "d", "c", "b", "a"].map(same).to_vec(), 0);
    assert!(reversed.changes.kinds().next().is_none());
    let after_prefix = differences(["e", "d", "c"].map(same).to_vec(), 2);
    assert!(after_prefix.changes.kinds().next().is_none());
    let rows = vec![same("a"), manifest_row("b", 1), same("c"), same("x"), same("e")];
    let found = differences(rows, 0);
    let names = |rows: &crate::ChangedRows| rows.user_references().to_vec();
    let changes = &found.changes;
    assert_eq!(
        [changes.added(), changes.removed(), changes.changed()].map(names),
        [["x"], ["d"], ["b"]]
    );
    assert!(!found.can_be_accepted, "d is removed and pending");
    assert!(differences(["a", "b", "c", "d", "e", "x"].map(same).to_vec(), 0).can_be_accepted);
}

fn corrected_rows_replace_rejected_ones(store: &dyn Store) {
    let submission = planned(store, &id("u", "p", "n"));
    reject_e(store, submission);
    let same = |reference: &str| manifest_row(reference, reference.as_bytes()[0]);
    let mut comparison = store.comparison(submission, 0).unwrap();
    comparison.stage(vec![same("x"), manifest_row("e", 9)]).unwrap();
    comparison.stage(["a", "b", "c", "d", "y"].map(same).to_vec()).unwrap();
    let found = comparison.differences().unwrap();
    assert!(found.can_be_accepted);
    assert_eq!(comparison.duplicates().unwrap(), None);
    let first = comparison.accepted(0, 1).unwrap();
    assert_eq!(first.len(), 1, "at least one");
    assert_eq!((first[0].ordinal, first[0].row.row.replaces), (0, None));
    let rest = comparison.accepted(1, 1000).unwrap();
    let rest = rest
        .iter()
        .map(|row| (row.row.row.user_reference.as_str(), row.row.row.replaces));
    assert_eq!(rest.collect::<Vec<_>>(), [("e", Some(4)), ("y", None)]);
    assert!(comparison.accepted(7, 1000).unwrap().is_empty());

    let point = store.insertion_point(submission).unwrap();
    assert_eq!((point.position, point.chunk), (5, 3));
    let mut corrected = chunk(&naming("n"), "3", 5, &["x", "e"]);
    corrected.rows[1].replaces = Some(4);
    store.add_chunks(submission, &[corrected]).unwrap();
    let rows = store.recorded_rows(submission, 3, 10).unwrap();
    assert_eq!(
        rows.iter().map(|(position, _)| *position).collect::<Vec<_>>(),
        [3, 5, 6]
    );
    let counts = store.counts(submission).unwrap();
    assert_eq!(
        (counts.analyses, counts.created, counts.rejected, counts.pending()),
        (6, 4, 0, 2)
    );
    states(store, submission);

    let mut twice = store.comparison(submission, 0).unwrap();
    let more = ["a", "b", "c", "d", "x", "a", "q", "q"].map(same).to_vec();
    twice.stage(more).unwrap();
    twice.stage(vec![manifest_row("e", b'e')]).unwrap();
    twice.differences().unwrap();
    let duplicates = twice.duplicates().unwrap().expect("a and q occur twice");
    assert_eq!(duplicates.user_references(), ["a", "q"]);
}
