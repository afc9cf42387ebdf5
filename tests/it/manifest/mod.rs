//! Manifests as files: their check against ICA, and the submission of what was checked.

mod bad;
mod checked;
mod large;

use ica_batch_sdk_ext::{Error, ManifestFile, ManifestFormat, ManifestProblems, Project};
use ica_simulator::{Lifecycle, SeedData, SeedPipeline, Simulator};

use crate::setup::project;

/// Project that links data to the simulator's own one.
const OTHER: &str = "5f3c9c1e-7a40-4f1b-9d52-0e6c8a1b2d3f";

/// A simulator with pipelines and data, and its project.
struct Fixture {
    simulator: Simulator,
    project: Project,
    /// Ids of `/run1/a.bam`, `/run1/b.bam`, `/out/`, and the linked `/ref.fa`.
    ids: Vec<String>,
}

impl Fixture {
    fn new() -> Self {
        let simulator = Simulator::builder().lifecycle(Lifecycle::instant()).start().unwrap();
        let own = simulator.project_id().to_owned();
        let seeds = [
            SeedData::file("/run1/a.bam"),
            SeedData::file("/run1/b.bam"),
            SeedData::folder("/out"),
            SeedData::file("/ref.fa").linked_from(OTHER),
        ];
        let ids = simulator.seed_data(&own, seeds);
        for pipeline in [
            SeedPipeline::new("Germline").input_form("XML"),
            SeedPipeline::new("Germline JSON"),
            SeedPipeline::new("Align").language("CWL").input_form("XML"),
            SeedPipeline::new("Align JSON").language("CWL"),
            SeedPipeline::new("Other").language("UNKNOWN"),
        ] {
            simulator.seed_pipeline(&own, pipeline);
        }
        let project = project(&simulator);
        Self {
            simulator,
            project,
            ids,
        }
    }

    /// Returns the problems of a manifest that has some. Nothing but reads may have been sent.
    async fn problems(&self, manifest: ManifestFile) -> ManifestProblems {
        let error = self.project.preflight(manifest).await.unwrap_err();
        self.assert_only_reads();
        problems(&error)
    }

    /// Returns the problems of a CSV file in words.
    async fn problems_of(&self, text: impl AsRef<[u8]>) -> String {
        self.problems(csv(text)).await.to_string()
    }

    fn assert_only_reads(&self) {
        for request in self.simulator.requests() {
            assert_eq!(request.method.as_str(), "GET", "{}", request.path);
        }
        assert_eq!(self.simulator.executed_creates(), 0);
    }
}

fn csv(text: impl AsRef<[u8]>) -> ManifestFile {
    ManifestFile::from_reader("cohort.csv", ManifestFormat::Csv, text.as_ref()).unwrap()
}

fn json_lines(text: impl AsRef<[u8]>) -> ManifestFile {
    ManifestFile::from_reader("cohort.jsonl", ManifestFormat::JsonLines, text.as_ref()).unwrap()
}

fn problems(error: &Error) -> ManifestProblems {
    assert!(error.is_invalid_input(), "{error}");
    error.manifest_problems().expect("the error has problems").clone()
}
