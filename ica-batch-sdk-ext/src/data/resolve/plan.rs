//! The requests that find many paths: lists of folders where many paths are below one, and lookups
//! of several paths at once.
//!
//! A list of a folder costs a request per page, whatever is asked for; a lookup costs a request per
//! some hundred paths. So a folder is listed if that many paths are below it that their lookups
//! would cost [`LIST_FROM`] requests. The first page says about how long the list is. Where lookups
//! are cheaper, the list is given up, and the folders below are tried. Everything here is pure.
//!
//! A list is that of the whole tree, by the beginning of the path. ICA has a filter for the direct
//! content of a folder, too, but it leaves out linked folders: data of two projects with the same
//! path would look as if it were of one.

use std::collections::BTreeMap;

/// Number of lookups from which a list of the folder is tried.
pub(super) const LIST_FROM: usize = 3;

/// Maximum length of the paths in one URL, encoded. Many servers and proxies limit the first line of
/// a request to 8 KiB.
const MAX_QUERY_BYTES: usize = 6000;

/// Bytes of a parameter beside its value: `filePath=` and `&`.
const PARAMETER_BYTES: usize = 10;

/// Paths below one folder, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The deepest folder that all paths are below. It ends with `/`.
    pub(super) folder: String,
    pub(super) paths: Vec<String>,
}

/// Groups whose folder is to be listed, and paths to look up.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) groups: Vec<Group>,
    pub(super) lookups: Vec<String>,
}

impl Plan {
    /// Plans the requests for paths, which are sorted and have no `/` at their end.
    pub(super) fn new(paths: Vec<String>, per_request: usize) -> Self {
        let mut plan = Self::default();
        plan.add(paths, per_request);
        plan
    }

    /// Adds paths: as a group where a list may cost less than lookups.
    fn add(&mut self, paths: Vec<String>, per_request: usize) {
        if count(&paths, per_request) < LIST_FROM {
            return self.lookups.extend(paths);
        }
        let folder = common_folder(&paths).to_owned();
        self.groups.push(Group { folder, paths });
    }

    /// Adds what to do in place of a list that costs more than lookups: the folders below may be
    /// shorter.
    pub(super) fn replace(&mut self, group: Group, per_request: usize) {
        let mut below: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in group.paths {
            let rest = path.get(group.folder.len()..).unwrap_or_default();
            match rest.split_once('/') {
                Some((name, _)) => below.entry(name.to_owned()).or_default().push(path),
                None => self.lookups.push(path),
            }
        }
        for paths in below.into_values() {
            self.add(paths, per_request);
        }
    }
}

/// Returns the deepest folder that all of these sorted paths are below.
fn common_folder(paths: &[String]) -> &str {
    let (Some(first), Some(last)) = (paths.first(), paths.last()) else {
        return "/";
    };
    let common = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b);
    let folder = common.enumerate().filter(|(_, (byte, _))| *byte == b'/').last();
    let end = folder.map_or(1, |(slash, _)| slash.saturating_add(1));
    first.get(..end).unwrap_or("/")
}

/// Returns the length of a path in a URL.
fn encoded_length(path: &str) -> usize {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_' | b' ');
    let bytes = path.bytes().map(|byte| if is_plain(byte) { 1 } else { 3 });
    bytes.sum::<usize>().saturating_add(PARAMETER_BYTES)
}

/// Splits paths into those of one request each.
pub(super) fn requests(paths: Vec<String>, per_request: usize) -> Vec<Vec<String>> {
    let mut requests: Vec<Vec<String>> = Vec::new();
    let mut bytes = usize::MAX;
    for path in paths {
        let length = encoded_length(&path);
        bytes = bytes.saturating_add(length);
        match requests.last_mut() {
            Some(last) if bytes <= MAX_QUERY_BYTES && last.len() < per_request => last.push(path),
            _ => {
                requests.push(vec![path]);
                bytes = length;
            }
        }
    }
    requests
}

/// Returns the number of requests that look up these paths.
pub(super) fn count(paths: &[String], per_request: usize) -> usize {
    let (mut requests, mut bytes, mut length) = (0_usize, usize::MAX, 0_usize);
    for path in paths {
        let encoded = encoded_length(path);
        bytes = bytes.saturating_add(encoded);
        length = length.saturating_add(1);
        if bytes > MAX_QUERY_BYTES || length > per_request {
            (requests, bytes, length) = (requests.saturating_add(1), encoded, 1);
        }
    }
    requests
}

#[cfg(test)]
mod tests {
    use super::{Plan, common_folder, count, requests};

    fn files(folder: &str, number: usize) -> Vec<String> {
        let mut files = (0..number).map(|n| format!("{folder}{n:05}.bam")).collect::<Vec<_>>();
        files.sort();
        files
    }

    fn shape(plan: &Plan) -> (Vec<(&str, usize)>, usize) {
        let groups = plan.groups.iter();
        let groups = groups.map(|group| (group.folder.as_str(), group.paths.len()));
        (groups.collect(), plan.lookups.len())
    }

    #[test]
    fn requests_are_bounded_by_their_number_of_paths_and_by_their_length() {
        let short = files("/r/", 250);
        for (paths, per_request, expected) in [
            (short.clone(), 100, vec![100, 100, 50]),
            (short.clone(), 1000, vec![230, 20]),
            (vec!["/ä".repeat(1000)], 100, vec![1]),
            (
                vec![format!("/{}", "x".repeat(7000)), "/a".to_owned(), "/b".to_owned()],
                100,
                vec![1, 2],
            ),
            (Vec::new(), 100, vec![]),
        ] {
            assert_eq!(count(&paths, per_request), expected.len());
            let split = requests(paths.clone(), per_request);
            assert_eq!(split.iter().map(Vec::len).collect::<Vec<_>>(), expected);
            assert_eq!(split.concat(), paths);
        }
    }

    #[test]
    fn the_common_folder_ends_at_a_whole_name() {
        let of = |paths: &[&str]| {
            let paths = paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
            common_folder(&paths).to_owned()
        };
        assert_eq!(of(&["/run1/a", "/run1/b"]), "/run1/");
        assert_eq!(of(&["/run1/a", "/run10/b"]), "/");
        assert_eq!(of(&["/run1/a", "/run1/a/b"]), "/run1/");
        assert_eq!(of(&["/ä/é", "/ä/è"]), "/ä/", "the first byte of é and è is the same");
        assert_eq!(of(&["/a"]), "/");
    }

    #[test]
    fn a_folder_is_listed_if_its_lookups_cost_more_than_two_requests() {
        assert_eq!(shape(&Plan::new(files("/r/", 200), 100)), (vec![], 200));
        assert_eq!(shape(&Plan::new(files("/r/", 201), 100)), (vec![("/r/", 201)], 0));
        let both = [files("/r/a/", 150), files("/r/b/", 150)].concat();
        assert_eq!(shape(&Plan::new(both, 100)), (vec![("/r/", 300)], 0));
    }

    #[test]
    fn a_list_that_is_given_up_leads_to_the_folders_below_and_at_last_to_lookups() {
        let paths = [files("/r/", 250), files("/r/a/", 300), files("/r/b/", 20)].concat();
        let mut plan = Plan::new(paths, 100);
        let group = plan.groups.remove(0);
        assert_eq!(group.folder, "/r/");
        plan.replace(group, 100);
        assert_eq!(shape(&plan), (vec![("/r/a/", 300)], 270));
        let group = plan.groups.remove(0);
        plan.replace(group, 100);
        assert_eq!(shape(&plan), (vec![], 570));
    }

    #[test]
    fn replacing_groups_ends_and_loses_no_path() {
        let mut paths = Vec::new();
        for (a, b, c) in (0..6).flat_map(|a| (0..6).flat_map(move |b| (0..30).map(move |c| (a, b, c)))) {
            paths.push(format!("/{a}/x{}/{c}", "x".repeat(b)));
        }
        paths.sort();
        let mut plan = Plan::new(paths.clone(), 10);
        let mut replaced = 0;
        while let Some(group) = plan.groups.pop() {
            plan.replace(group, 10);
            replaced += 1;
        }
        assert_eq!(replaced, 1 + 6 + 36);
        plan.lookups.sort();
        assert_eq!(plan.lookups, paths);
    }
}
