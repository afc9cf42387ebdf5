//! Meaning of the names and paths of a manifest in ICA.

use std::collections::{BTreeMap, HashMap};

use ica_batch_sdk::types::{AnalysisStorageV4, PipelineInputFormType, PipelineLanguage, ProjectPipeline};
use serde::Serialize;
use uuid::Uuid;

use crate::error::{Error, NAME, Result, shown};
use crate::pipelines::{Pipelines, Storages};
use crate::submission::AnalysisKind;

/// Ids of the names of a manifest that were found in ICA.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) pipelines: HashMap<String, FoundPipeline>,
    pub(super) storages: BTreeMap<String, Uuid>,
}

/// Pipeline that a text of a manifest names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FoundPipeline {
    pub(super) id: Uuid,
    pub(super) kind: AnalysisKind,
}

/// Pipeline of the analyses of a manifest. [`PreflightReport`](crate::PreflightReport) has an
/// example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PreflightPipeline {
    /// Id of the pipeline.
    pub id: Uuid,
    /// Code of the pipeline.
    pub code: String,
    /// Kind of its analyses.
    pub kind: AnalysisKind,
    /// Number of analyses.
    pub analyses: u64,
}

/// Lists of ICA that names are compared with. Each is read when a row needs it.
#[derive(Debug)]
pub(super) struct Lists {
    pipelines: Pipelines,
    storages: Storages,
    listed_pipelines: Option<Vec<ProjectPipeline>>,
    listed_storages: Option<Vec<AnalysisStorageV4>>,
    pub(super) used: Vec<PreflightPipeline>,
    pub(super) requests: u64,
}

impl Lists {
    pub(super) fn new(pipelines: Pipelines, storages: Storages) -> Self {
        Self {
            pipelines,
            storages,
            listed_pipelines: None,
            listed_storages: None,
            used: Vec::new(),
            requests: 0,
        }
    }

    /// Finds the pipeline of a row. The inner error is the reason why the text names none.
    pub(super) async fn pipeline(&mut self, text: &str, names: &mut Names) -> Result<std::result::Result<(), String>> {
        if self.listed_pipelines.is_none() {
            let list = self.pipelines.list();
            self.listed_pipelines = Some(list.await?);
            self.requests = self.requests.saturating_add(1);
        }
        let found = match names.pipelines.get(text) {
            Some(found) => *found,
            None => {
                let listed = self.listed_pipelines.as_deref().unwrap_or_default();
                let chosen = self.pipelines.choose(text, listed);
                let chosen = chosen.map(|index| listed.get(index).map(|listed| &listed.pipeline));
                let pipeline = match chosen {
                    Ok(Some(pipeline)) => pipeline,
                    Ok(None) => return Ok(Err("the project has no pipeline; check the project".to_owned())),
                    Err(error) => return Ok(Err(named(text, &error))),
                };
                let kind = match kind(&pipeline.language, pipeline.input_form_type.as_ref()) {
                    Ok(kind) => kind,
                    Err(reason) => return Ok(Err(format!("pipeline {:?} {reason}", shown(text, NAME)))),
                };
                if !self.used.iter().any(|used| used.id == pipeline.id) {
                    self.used.push(PreflightPipeline {
                        id: pipeline.id,
                        code: pipeline.code.clone(),
                        kind,
                        analyses: 0,
                    });
                }
                let found = FoundPipeline { id: pipeline.id, kind };
                names.pipelines.insert(text.to_owned(), found);
                found
            }
        };
        if let Some(used) = self.used.iter_mut().find(|used| used.id == found.id) {
            used.analyses = used.analyses.saturating_add(1);
        }
        Ok(Ok(()))
    }

    /// Finds the storage size of a row. The inner error is the reason why the text names none.
    pub(super) async fn storage(&mut self, text: &str, names: &mut Names) -> Result<std::result::Result<(), String>> {
        if names.storages.contains_key(text) {
            return Ok(Ok(()));
        }
        if self.listed_storages.is_none() {
            let list = self.storages.list();
            self.listed_storages = Some(list.await?);
            self.requests = self.requests.saturating_add(1);
        }
        let listed = self.listed_storages.as_deref().unwrap_or_default();
        Ok(match self.storages.choose(text, listed) {
            Ok(index) => {
                names
                    .storages
                    .extend(listed.get(index).map(|storage| (text.to_owned(), storage.id)));
                Ok(())
            }
            Err(error) => Err(named(text, &error)),
        })
    }
}

/// Returns the reason of an error about a text, which the error does not have.
fn named(text: &str, error: &Error) -> String {
    format!("{:?}: {error}", shown(text, NAME))
}

/// Returns the kind of the analyses of a pipeline. The error completes "pipeline … ".
fn kind(
    language: &PipelineLanguage,
    input_form: Option<&PipelineInputFormType>,
) -> std::result::Result<AnalysisKind, String> {
    match (language, input_form) {
        (PipelineLanguage::Nextflow, Some(PipelineInputFormType::Json)) => Ok(AnalysisKind::NextflowJson),
        (PipelineLanguage::Nextflow, Some(PipelineInputFormType::Xml) | None) => Ok(AnalysisKind::Nextflow),
        (PipelineLanguage::Cwl, Some(PipelineInputFormType::Xml) | None) => Ok(AnalysisKind::Cwl),
        (PipelineLanguage::Cwl, Some(PipelineInputFormType::Json)) => Err(
            "is a CWL pipeline with a JSON input form, whose analyses a manifest cannot describe; use another pipeline"
                .to_owned(),
        ),
        (PipelineLanguage::Nextflow | PipelineLanguage::Cwl, Some(other)) => Err(format!(
            "has an input form of the unknown type {:?}; use a newer release of this program",
            shown(other.as_str(), NAME)
        )),
        (other, _) => Err(format!(
            "is in the language {:?}, and a manifest can describe analyses in NEXTFLOW and CWL; use another pipeline",
            shown(other.as_str(), NAME)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{AnalysisKind, PipelineInputFormType, PipelineLanguage, kind};

    #[test]
    fn the_kind_follows_from_language_and_input_form() {
        let [xml, json] = [PipelineInputFormType::Xml, PipelineInputFormType::Json];
        let nextflow = PipelineLanguage::Nextflow;
        assert_eq!(kind(&nextflow, Some(&json)), Ok(AnalysisKind::NextflowJson));
        assert_eq!(kind(&nextflow, Some(&xml)), Ok(AnalysisKind::Nextflow));
        assert_eq!(kind(&nextflow, None), Ok(AnalysisKind::Nextflow));
        assert_eq!(kind(&PipelineLanguage::Cwl, Some(&xml)), Ok(AnalysisKind::Cwl));
        let error = |language: PipelineLanguage, form| kind(&language, form).unwrap_err();
        assert!(error(PipelineLanguage::Cwl, Some(&json)).starts_with("is a CWL pipeline with a JSON input form"));
        assert!(error(PipelineLanguage::Unknown, None).starts_with("is in the language \"UNKNOWN\""));
        assert!(error(nextflow, Some(&PipelineInputFormType::from("NEW"))).contains("unknown type \"NEW\""));
    }
}
