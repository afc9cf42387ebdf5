//! Rows with the user reference of an earlier row.

use std::collections::BTreeMap;

use super::columns::USER_REFERENCE;
use super::default_problems::problem;
use super::hashes::Repeated;
use super::problem::{ManifestProblem, ManifestProblems};
use super::row::ManifestRow;
use super::rows::ManifestRows;

/// Adds a problem for each row of a manifest with the user reference of an earlier row. The hashes have no
/// texts, so the rows are read again.
pub(super) fn add_repeated(rows: ManifestRows, repeated: Repeated, problems: &mut ManifestProblems) {
    let mut lines = repeated.first.into_iter().collect::<BTreeMap<_, _>>();
    // User references of the first lines.
    let mut texts = lines.values().map(|line| (*line, None)).collect::<BTreeMap<_, _>>();
    let mut first = Vec::new();
    // A row with other problems has none here.
    let mut rows = rows.flatten();
    while !lines.is_empty()
        && let Some(row) = rows.next()
    {
        let line = row.line().unwrap_or_default();
        if let Some(text) = texts.get_mut(&line) {
            *text = Some(row.user_reference.clone());
        }
        let Some(before) = lines.get(&line).copied() else {
            continue;
        };
        if texts
            .get(&before)
            .is_some_and(|text| text.as_ref() == Some(&row.user_reference))
        {
            first.push(of_row(&row, before));
            lines.remove(&line);
        }
    }
    if !lines.is_empty() {
        let reason = "it was changed while it was checked; check it again, and do not change it meanwhile";
        problems.add(ManifestProblem::of_file(reason));
    }
    problems.add_in_order(first, repeated.count);
}

fn of_row(row: &ManifestRow, line: u64) -> ManifestProblem {
    let reason = format!("the user reference is also that of line {line}; give each analysis its own");
    problem(row, reason).column(USER_REFERENCE)
}

#[cfg(test)]
mod tests {
    use super::super::file::ManifestFile;
    use super::super::format::ManifestFormat;
    use super::super::hashes::Hashes;
    use super::{ManifestProblem, ManifestProblems, add_repeated};

    /// Checks rows with these references, of which line 4 has another problem. `read` are the
    /// references of the first reading.
    fn check(references: &[&str], read: &[&str], limit: usize) -> ManifestProblems {
        let text = format!("user_reference,pipeline\n{}", references.join(",p\n"));
        let manifest = ManifestFile::from_reader("a.csv", ManifestFormat::Csv, text.as_bytes()).unwrap();
        let mut hashes = Hashes::default();
        for (reference, line) in read.iter().zip(2..) {
            hashes.add(reference, line).unwrap();
        }
        let mut problems = ManifestProblems::new("a.csv", limit);
        problems.add(ManifestProblem::at(4, "it is bad"));
        add_repeated(manifest.rows(), hashes.repeated(limit).unwrap(), &mut problems);
        problems
    }

    fn places(problems: &ManifestProblems) -> Vec<(Option<u64>, &str)> {
        let problems = problems.problems().iter();
        problems
            .map(|problem| (problem.line, problem.user_reference.as_deref().unwrap_or_default()))
            .collect()
    }

    #[test]
    fn the_first_problems_are_in_the_order_of_the_lines() {
        let rows = ["a", "b", "a", "b", "a", ""];
        let all = check(&rows, &rows[..5], 9);
        assert_eq!(
            places(&all),
            [(Some(4), "a"), (Some(4), ""), (Some(5), "b"), (Some(6), "a")]
        );
        assert!(all.problems()[3].reason.contains("also that of line 2"));
        let two = check(&rows, &rows[..5], 2);
        assert_eq!((two.count(), places(&two)), (4, vec![(Some(4), "a"), (Some(4), "")]));
        let none = check(&rows, &rows[..5], 0);
        assert_eq!((none.count(), none.problems().len()), (4, 0));
        assert_eq!(check(&["a", "b", ""], &["a", "b"], 9).count(), 1);
    }

    #[test]
    fn a_manifest_that_is_changed_meanwhile_is_a_problem() {
        for rows in [&["a", "b", "c", ""][..], &["b", "a", "a", ""], &["a", ""]] {
            let problems = check(rows, &["a", "b", "a"], 9);
            assert_eq!(places(&problems), [(None, ""), (Some(4), "")], "{rows:?}");
            assert!(
                problems.problems()[0]
                    .reason
                    .starts_with("it was changed while it was checked")
            );
        }
    }
}
