//! Values that the rows of a manifest share.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use super::row::{ManifestRow, ManifestValue};
use crate::error::{NAME, shown};

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

    /// Returns whether this is one of the defaults.
    pub(super) fn has(&self, value: &DefaultValue, text: &str) -> bool {
        let Self(defaults) = self;
        match value {
            DefaultValue::Pipeline => defaults.pipeline.as_deref() == Some(text),
            DefaultValue::Storage => defaults.storage.as_deref() == Some(text),
            DefaultValue::OutputFolder => defaults.output_folder.as_deref() == Some(text),
            DefaultValue::Input(code) => {
                { defaults.inputs.get(code) }.is_some_and(|data| data.iter().any(|one| one == text))
            }
            DefaultValue::Param(_) => false,
        }
    }

    /// Returns which defaults there are.
    pub(super) fn values(&self) -> BTreeSet<DefaultValue> {
        let Self(defaults) = self;
        let single = [
            (DefaultValue::Pipeline, &defaults.pipeline),
            (DefaultValue::Storage, &defaults.storage),
            (DefaultValue::OutputFolder, &defaults.output_folder),
        ];
        let single = single.into_iter().filter(|(_, value)| value.is_some());
        let inputs = defaults.inputs.keys().cloned().map(DefaultValue::Input);
        let params = defaults.params.keys().cloned().map(DefaultValue::Param);
        single.map(|(value, _)| value).chain(inputs).chain(params).collect()
    }

    /// Returns the codes of the inputs that have data.
    pub(super) fn input_codes(&self) -> HashSet<String> {
        let inputs = self.0.inputs.iter().filter(|(_, data)| !data.is_empty());
        inputs.map(|(code, _)| code.clone()).collect()
    }

    /// Adds the defaults to a row. Removes those that the row uses from `unused`.
    pub(super) fn apply(&self, row: &mut ManifestRow, unused: &mut BTreeSet<DefaultValue>) {
        let Self(defaults) = self;
        let mut fill = |value: &mut Option<String>, default: &Option<String>, what| {
            if value.is_none() {
                value.clone_from(default);
                unused.remove(&what);
            }
        };
        fill(&mut row.pipeline, &defaults.pipeline, DefaultValue::Pipeline);
        fill(&mut row.storage, &defaults.storage, DefaultValue::Storage);
        fill(
            &mut row.output_folder,
            &defaults.output_folder,
            DefaultValue::OutputFolder,
        );
        for tag in &defaults.tags {
            if !row.tags.contains(tag) {
                row.tags.push(tag.clone());
            }
        }
        for (code, data) in &defaults.inputs {
            row.inputs.entry(code.clone()).or_insert_with(|| {
                unused.remove(&DefaultValue::Input(code.clone()));
                data.clone()
            });
        }
        for (code, value) in &defaults.params {
            row.params.entry(code.clone()).or_insert_with(|| {
                unused.remove(&DefaultValue::Param(code.clone()));
                value.clone()
            });
        }
    }
}

/// One of the [defaults](ManifestDefaults) of a manifest. [`Display`](fmt::Display) names it, such as
/// `pipeline` or `input ref`.
///
/// ```
/// # use ica_batch_sdk_ext::{Client, Credentials};
/// use ica_batch_sdk_ext::{DefaultValue, ManifestDefaults, ManifestFile, ManifestFormat};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = ica_simulator::Simulator::start();
/// # let pipeline = ica_simulator::SeedPipeline::new("Germline");
/// # simulator.seed_pipeline(simulator.project_id(), pipeline);
/// # let credentials = Credentials::api_key(simulator.api_key())?;
/// # let client = Client::builder().base_url(simulator.base_url()).credentials(credentials).build()?;
/// # let project = client.project(simulator.project_id())?;
/// let text = "user_reference,pipeline\na,Germline\n";
/// let manifest = ManifestFile::from_reader("cohort.csv", ManifestFormat::Csv, text.as_bytes())?
///     .defaults(ManifestDefaults::new().pipeline("Somatic").param("ploidy", "2"));
/// let checked = project.preflight(manifest).await?;
/// // The row has a pipeline of its own.
/// assert_eq!(checked.report().unused_defaults, [DefaultValue::Pipeline]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum DefaultValue {
    /// Pipeline.
    Pipeline,
    /// Storage size.
    Storage,
    /// Output folder.
    OutputFolder,
    /// Data of the input with this code.
    Input(String),
    /// Value of the parameter with this code.
    Param(String),
}

impl fmt::Display for DefaultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipeline => f.write_str("pipeline"),
            Self::Storage => f.write_str("storage size"),
            Self::OutputFolder => f.write_str("output folder"),
            Self::Input(code) => write!(f, "input {}", shown(code, NAME)),
            Self::Param(code) => write!(f, "parameter {}", shown(code, NAME)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{DefaultValue, ManifestDefaults, ManifestRow};

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
        let mut unused = defaults.values();
        defaults.apply(&mut row, &mut unused);
        let own = [
            DefaultValue::Storage,
            DefaultValue::Input("reads".to_owned()),
            DefaultValue::Param("n".to_owned()),
        ];
        assert_eq!(unused, BTreeSet::from(own));
        let json = serde_json::json!({
            "user_reference": "a", "pipeline": "p", "storage": "own", "output_folder": "/o/", "tags": ["u", "t"],
            "inputs": { "reads": ["/own.bam"], "ref": ["/ref.fa"] }, "params": { "n": "own", "m": "2" },
        });
        assert_eq!(serde_json::to_value(&row).unwrap(), json);
    }
}
