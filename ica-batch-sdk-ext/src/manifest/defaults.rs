//! Values that the rows of a manifest share.

use std::collections::HashSet;

use super::row::{ManifestRow, ManifestValue};

/// Values for all rows of a manifest. A row's own value replaces a default. Tags are added to those
/// of a row.
///
/// ```
/// use ica_batch_sdk_ext::{ManifestDefaults, ManifestFile, ManifestFormat};
///
/// let defaults = ManifestDefaults::new().pipeline("Germline 4-3-6").tag("cohort-42");
/// let text = "user_reference,pipeline\nsample-1,\nsample-2,Somatic\n";
/// let manifest = ManifestFile::from_reader("example", ManifestFormat::Csv, text.as_bytes())?.defaults(defaults);
/// let rows = manifest.rows().collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(rows[0].pipeline.as_deref(), Some("Germline 4-3-6"));
/// assert_eq!(rows[1].pipeline.as_deref(), Some("Somatic"));
/// assert_eq!(rows[1].tags, ["cohort-42"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestDefaults(ManifestRow);

impl Default for ManifestDefaults {
    fn default() -> Self {
        Self(ManifestRow::new(""))
    }
}

impl ManifestDefaults {
    /// Returns defaults without values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the pipeline: its code, id or URN.
    pub fn pipeline(mut self, pipeline: impl Into<String>) -> Self {
        self.0.pipeline = Some(pipeline.into());
        self
    }

    /// Sets the storage size: its name or id.
    pub fn storage(mut self, storage: impl Into<String>) -> Self {
        self.0.storage = Some(storage.into());
        self
    }

    /// Sets the folder in which ICA creates the folders of the outputs: its path or id.
    pub fn output_folder(mut self, folder: impl Into<String>) -> Self {
        self.0.output_folder = Some(folder.into());
        self
    }

    /// Adds a user tag, which all analyses get.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.0.tags.push(tag.into());
        self
    }

    /// Sets the value of a parameter, by its code.
    pub fn param(mut self, code: impl Into<String>, value: impl Into<ManifestValue>) -> Self {
        self.0.params.insert(code.into(), value.into());
        self
    }

    /// Sets the data of an input, by its code: paths or ids. Use it for data that all analyses share,
    /// such as a reference genome.
    pub fn input(mut self, code: impl Into<String>, data: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let data = data.into_iter().map(Into::into).collect();
        self.0.inputs.insert(code.into(), data);
        self
    }

    /// Returns whether the rows need no pipeline of their own.
    pub(super) fn has_pipeline(&self) -> bool {
        self.0.pipeline.is_some()
    }

    /// Returns the codes of the inputs that have data.
    pub(super) fn input_codes(&self) -> HashSet<String> {
        let inputs = self.0.inputs.iter().filter(|(_, data)| !data.is_empty());
        inputs.map(|(code, _)| code.clone()).collect()
    }

    /// Adds the defaults to a row.
    pub(super) fn apply(&self, row: &mut ManifestRow) {
        let Self(defaults) = self;
        let fill = |value: &mut Option<String>, default: &Option<String>| {
            if value.is_none() {
                value.clone_from(default);
            }
        };
        fill(&mut row.pipeline, &defaults.pipeline);
        fill(&mut row.storage, &defaults.storage);
        fill(&mut row.output_folder, &defaults.output_folder);
        for tag in &defaults.tags {
            if !row.tags.contains(tag) {
                row.tags.push(tag.clone());
            }
        }
        for (code, data) in &defaults.inputs {
            row.inputs.entry(code.clone()).or_insert_with(|| data.clone());
        }
        for (code, value) in &defaults.params {
            row.params.entry(code.clone()).or_insert_with(|| value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ManifestDefaults, ManifestRow};

    #[test]
    fn a_row_keeps_its_own_values() {
        let defaults = ManifestDefaults::new()
            .pipeline("p")
            .storage("s")
            .output_folder("/o/")
            .tag("t")
            .tag("u")
            .param("n", "1")
            .param("m", "2")
            .input("ref", ["/ref.fa"])
            .input("reads", ["/x.bam"]);
        let mut row = ManifestRow::new("a");
        row.storage = Some("own".to_owned());
        row.tags = vec!["u".to_owned()];
        row.params.insert("n".to_owned(), "own".into());
        row.inputs.insert("reads".to_owned(), vec!["/own.bam".to_owned()]);
        defaults.apply(&mut row);
        let json = serde_json::json!({
            "user_reference": "a", "pipeline": "p", "storage": "own", "output_folder": "/o/", "tags": ["u", "t"],
            "inputs": { "reads": ["/own.bam"], "ref": ["/ref.fa"] }, "params": { "n": "own", "m": "2" },
        });
        assert_eq!(serde_json::to_value(&row).unwrap(), json);
    }
}
