//! Paths of data, as users write them: `/path/in/project` or `icav2://PROJECT/path`.

use crate::error::{NAME, shown};

/// Beginning of a path with a project, as the command line of ICA writes it.
const SCHEME: &str = "icav2://";

/// A path that is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DataPath {
    /// The project that owns the data: its id or its name.
    pub(super) owner: Option<String>,
    /// The path from the root of the project, without a `/` at its end.
    pub(super) base: String,
    /// Whether the path ends with `/`, so that it names a folder.
    pub(super) has_slash: bool,
}

impl DataPath {
    /// Reads a path. The error is the reason, as a part of a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (owner, path) = match text.get(..SCHEME.len()) {
            Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => {
                let rest = text.get(SCHEME.len()..).unwrap_or_default();
                let (project, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
                if project.is_empty() {
                    return Err(format!("it names no project after {SCHEME}"));
                }
                (Some(project.to_owned()), path)
            }
            _ => (None, text),
        };
        let base = path.strip_suffix('/').unwrap_or(path);
        let Some(names) = base.strip_prefix('/') else {
            return Err(match path {
                "" if owner.is_some() => "it has no path after the project".to_owned(),
                "" => "it is empty".to_owned(),
                "/" => "it is the root of the project, which has no id".to_owned(),
                _ => format!("it does not begin with '/'; write /folder/name or {SCHEME}PROJECT/folder/name"),
            });
        };
        for name in names.split('/') {
            let reason = match name {
                "" => "has an empty name between two '/'".to_owned(),
                "." | ".." => format!("has the relative name {name:?}"),
                _ => match name.chars().find(|c| c.is_control()) {
                    Some(control) => format!("contains {control:?}"),
                    None => continue,
                },
            };
            return Err(format!("it {reason}"));
        }
        Ok(Self {
            owner,
            base: base.to_owned(),
            has_slash: path.ends_with('/'),
        })
    }
}

/// Returns a path as a part of a sentence.
pub(super) fn quoted(path: &str) -> String {
    format!("{:?}", shown(path, 2 * NAME))
}

#[cfg(test)]
mod tests {
    use super::DataPath;

    #[test]
    fn a_path_begins_at_the_root_or_names_a_project() {
        let parsed = |text: &str| {
            let path = DataPath::parse(text).unwrap();
            (path.owner.unwrap_or_default(), path.base, path.has_slash)
        };
        let path = |owner: &str, base: &str, has_slash| (owner.to_owned(), base.to_owned(), has_slash);
        assert_eq!(parsed("/run 1/a.bam"), path("", "/run 1/a.bam", false));
        assert_eq!(parsed("/run1/"), path("", "/run1", true));
        assert_eq!(parsed("icav2://p1/run1/a.bam"), path("p1", "/run1/a.bam", false));
        assert_eq!(parsed("ICAV2://my project/ä/"), path("my project", "/ä", true));
    }

    #[test]
    fn other_texts_are_invalid_with_the_reason() {
        for (text, reason) in [
            ("", "is empty"),
            ("/", "is the root"),
            ("//", "empty name"),
            ("a.bam", "does not begin with '/'"),
            ("s3://bucket/a.bam", "does not begin with '/'"),
            ("/a//b", "empty name"),
            ("/a/../b", "relative name \"..\""),
            ("/a\nb", "contains '\\n'"),
            ("icav2://", "names no project"),
            ("icav2:///a", "names no project"),
            ("icav2://p1", "no path after the project"),
            ("icav2://p1/", "is the root"),
        ] {
            let error = DataPath::parse(text).unwrap_err();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }
}
