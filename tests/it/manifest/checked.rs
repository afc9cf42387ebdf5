//! Manifests without problems: what is asked, what is reported, and what is created.

use std::future::IntoFuture;

use ica_batch_sdk_ext::{
    AnalysisKind, CheckedManifest, Error, ErrorKind, Journal, ManifestDefaults, ManifestFile, ManifestFormat,
    ManifestRow,
};
use ica_simulator::{Operation, SeedData};

use super::{Fixture, OTHER, csv, json_lines};
use crate::setup::client;

const TEXT: &str = "user_reference,pipeline,storage,output_folder,tags,input.reads,input.ref,param.n\n\
                    s-1,Germline,Small,/out/,x;y,/run1/a.bam;/run1/b.bam,/ref.fa,1\n\
                    s-2,Germline JSON,,/out,,/run1/a.bam,,\n\
                    s-3,Align,Small,,,/run1/,,\n";

fn requests(checked: &CheckedManifest) -> String {
    let analyses = checked.analyses().collect::<Result<Vec<_>, _>>().unwrap();
    serde_json::to_string_pretty(&analyses).unwrap()
}

#[tokio::test]
async fn each_row_becomes_the_request_of_its_pipeline() {
    let fixture = Fixture::new();
    let checked = fixture.project.preflight(csv(TEXT)).await.unwrap();
    fixture.assert_only_reads();
    let report = checked.report();
    assert_eq!((report.rows, report.data, report.output_folders), (3, 4, 2));
    let kinds = report.pipelines.iter().map(|used| (used.kind, used.analyses));
    let [nextflow, json, cwl] = [AnalysisKind::Nextflow, AnalysisKind::NextflowJson, AnalysisKind::Cwl];
    assert_eq!(kinds.collect::<Vec<_>>(), [(nextflow, 1), (json, 1), (cwl, 1)]);
    assert_eq!(report.requests, fixture.simulator.requests().len() as u64);
    let [a, b, out, reference] = [0, 1, 2, 3].map(|index: usize| fixture.ids[index].clone());
    let json = requests(&checked).replace(&a, "[a]").replace(&b, "[b]");
    let json = json.replace(&out, "[out]").replace(&reference, "[ref]");
    insta::assert_snapshot!("requests", json.replace(&fixture.run_folder().await, "[run1]"));
    let text = report.to_string().replace(checked.digest(), "[digest]");
    insta::assert_snapshot!("report", text.replace(fixture.simulator.project_id(), "[project]"));
    let json = serde_json::to_value(report).unwrap();
    assert_eq!((&json["rows"], &json["outputFolders"]), (&3.into(), &2.into()));
    assert_eq!(json["pipelines"][2]["kind"], "cwl");
}

impl Fixture {
    async fn run_folder(&self) -> String {
        let resolved = self.project.data().resolve(["/run1/"]).await.unwrap();
        resolved.id("/run1/").unwrap().to_owned()
    }

    async fn digest(&self, manifest: ManifestFile) -> String {
        let checked = self.project.preflight(manifest).await.unwrap();
        checked.digest().to_owned()
    }
}

#[tokio::test]
async fn what_was_checked_is_created_exactly_once() {
    let fixture = Fixture::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cohort.csv");
    std::fs::write(&path, TEXT).unwrap();
    let journal = Journal::open(folder.path().join("cohort.db")).unwrap();
    for created_now in [3, 0] {
        let before = fixture.simulator.executed_creates();
        let checked = fixture
            .project
            .preflight(ManifestFile::open(&path).unwrap())
            .await
            .unwrap();
        let submission = fixture.project.submission("cohort", &journal);
        let report = submission.try_analyses(checked.analyses()).run().await.unwrap();
        assert_eq!(report.counts().created, 3);
        let after = fixture.simulator.executed_creates();
        assert_eq!(after > before, created_now > 0);
    }
    let items = fixture.simulator.batches().into_iter().map(|batch| batch.items.len());
    assert_eq!(items.sum::<usize>(), 3);
}

#[tokio::test]
async fn a_file_that_changed_after_its_check_is_not_sent() {
    let fixture = Fixture::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cohort.csv");
    let journal = Journal::open(folder.path().join("cohort.db")).unwrap();
    let changes = [
        TEXT.replace("s-2,", "s-20,"),
        TEXT.replace("/run1/a.bam,,", "/run1/c.bam,,"),
        TEXT.replace("s-3,Align,Small,,,/run1/,,\n", ""),
        format!("{TEXT}s-4,Germline,,,,,,\n"),
        TEXT.replace("pipeline", "pipe"),
        String::new(),
    ];
    for (number, changed) in changes.into_iter().enumerate() {
        std::fs::write(&path, TEXT).unwrap();
        let checked = fixture
            .project
            .preflight(ManifestFile::open(&path).unwrap())
            .await
            .unwrap();
        std::fs::write(&path, changed).unwrap();
        let submission = fixture.project.submission(format!("cohort-{number}"), &journal);
        let error = submission.try_analyses(checked.analyses()).run().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let mut sources = std::iter::successors(std::error::Error::source(&error), |error| error.source());
        assert!(
            sources.any(|source| source.to_string().contains("it was changed after it was checked")),
            "{error:?}"
        );
        fixture.assert_only_reads();
        assert_eq!(checked.analyses().filter(Result::is_err).count(), 1);
    }
    // A change that leaves the rows equal is accepted.
    std::fs::write(&path, TEXT).unwrap();
    let checked = fixture
        .project
        .preflight(ManifestFile::open(&path).unwrap())
        .await
        .unwrap();
    std::fs::write(&path, TEXT.replace('\n', "\r\n\r\n")).unwrap();
    assert_eq!(checked.analyses().map(Result::unwrap).count(), 3);
}

#[tokio::test]
async fn the_digest_is_that_of_the_rows_and_the_project() {
    let fixture = Fixture::new();
    let digest = fixture.digest(csv(TEXT)).await;
    assert_eq!(digest.len(), 64);
    let rows = csv(TEXT)
        .rows()
        .map(|row| serde_json::to_string(&row.unwrap()).unwrap() + "\n");
    let rows = rows.collect::<String>();
    let tabs = TEXT.replace(',', "\t");
    let tsv = ManifestFile::from_reader("x", ManifestFormat::Tsv, tabs.as_bytes()).unwrap();
    for same in [
        csv(format!("\u{feff}{}", TEXT.replace('\n', "\r\n"))),
        tsv,
        json_lines(&rows),
    ] {
        assert_eq!(fixture.digest(same).await, digest);
    }
    let other = fixture.digest(csv(TEXT.replace(",1\n", ",2\n"))).await;
    assert_ne!(other, digest);
    let defaults = ManifestDefaults::new().param("m", "1");
    assert_ne!(fixture.digest(csv(TEXT).defaults(defaults)).await, digest);

    let one = "user_reference,pipeline\na,Germline\n";
    let here = fixture.digest(csv(one)).await;
    fixture.simulator.add_project(OTHER);
    let seed = ica_simulator::SeedPipeline::new("Germline");
    fixture.simulator.seed_pipeline(OTHER, seed);
    let there = client(&fixture.simulator).project(OTHER).unwrap();
    assert_ne!(there.preflight(csv(one)).await.unwrap().digest(), here);
}

#[tokio::test]
async fn names_paths_and_ids_mean_the_same() {
    let fixture = Fixture::new();
    let own = fixture.simulator.project_id();
    let names =
        "user_reference,pipeline,storage,output_folder,input.x\na,Germline,Small,/out/,/run1/a.bam;/run1/;/ref.fa\n";
    let by_name = fixture.project.preflight(csv(names)).await.unwrap();
    let pipeline = by_name.report().pipelines[0].id;
    let storage = fixture.simulator.storage_id("Small").unwrap();
    let (a, out, reference) = (&fixture.ids[0], &fixture.ids[2], &fixture.ids[3]);
    let run = fixture.run_folder().await;
    for text in [
        format!("a,{pipeline},{storage},{out},{a};{run};{reference}"),
        format!(
            "a,urn:ilmn:ica:pipeline:{pipeline},Small,icav2://{own}/out,icav2://{own}/run1/a.bam;/run1/;icav2://{OTHER}/ref.fa"
        ),
    ] {
        let text = format!("user_reference,pipeline,storage,output_folder,input.x\n{text}\n");
        let checked = fixture.project.preflight(csv(text)).await.unwrap();
        assert_eq!(requests(&checked), requests(&by_name));
    }
}

#[tokio::test]
async fn a_sample_sheet_is_one_analysis_per_sample() {
    let fixture = Fixture::new();
    let files = [
        "/fq/a_L1_R1.fq",
        "/fq/a_L1_R2.fq",
        "/fq/a_L2_R1.fq",
        "/fq/a_L2_R2.fq",
        "/fq/b_R1.fq",
        "/fq/b_R2.fq",
    ];
    let ids = fixture
        .simulator
        .seed_data(fixture.simulator.project_id(), files.map(SeedData::file));
    let text = "RGID,RGSM,RGLB,Lane,Read1File,Read2File\n\
                1,a,x,1,/fq/a_L1_R1.fq,/fq/a_L1_R2.fq\n\
                2,b,x,1,/fq/b_R1.fq,/fq/b_R2.fq\n\
                3,a,x,2,/fq/a_L2_R1.fq,/fq/a_L2_R2.fq\n";
    let sheet = csv(text).defaults(ManifestDefaults::new().pipeline("Germline"));
    let checked = fixture.project.preflight(sheet.clone()).await.unwrap();
    assert_eq!((checked.report().rows, checked.report().data), (2, 6));
    let analyses = serde_json::from_str::<serde_json::Value>(&requests(&checked)).unwrap();
    let input = &analyses[0]["analysisInput"]["inputs"][0];
    assert_eq!(
        (&input["parameterCode"], &input["dataIds"]),
        (&"fastqs".into(), &ids[..4].into())
    );
    let sheet = sheet.fastq_inputs("r1", "r2");
    let checked = fixture.project.preflight(sheet).await.unwrap();
    let analyses = serde_json::from_str::<serde_json::Value>(&requests(&checked)).unwrap();
    let inputs = &analyses[0]["analysisInput"]["inputs"];
    assert_eq!(inputs[1]["dataIds"], serde_json::json!([ids[1], ids[3]]));
    assert_eq!(analyses[1]["analysisInput"]["inputs"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn few_requests_are_sent() {
    let fixture = Fixture::new();
    let own = fixture.simulator.project_id();
    let files = (0..2000).map(|n| SeedData::file(format!("/fq/s-{n}.fq")));
    fixture.simulator.seed_data(own, files);
    let rows = (0..2000).map(|n| format!("s-{n},Germline,Small,/out/,/fq/s-{n}.fq;/ref.fa\n"));
    let text = format!(
        "user_reference,pipeline,storage,output_folder,input.x\n{}",
        rows.collect::<String>()
    );
    let checked = fixture.project.preflight(csv(text)).await.unwrap();
    assert_eq!(checked.report().data, 2001);
    let count = |operation| fixture.simulator.count(operation);
    assert_eq!(
        (count(Operation::ListPipelines), count(Operation::ListStorages)),
        (1, 1)
    );
    assert!(count(Operation::ListData) <= 8, "{}", count(Operation::ListData));
    fixture.simulator.clear_requests();
    assert_eq!(checked.analyses().map(Result::unwrap).count(), 2000);
    assert_eq!(fixture.simulator.requests().len(), 0);
}

#[tokio::test]
async fn a_check_and_its_analyses_can_move_to_another_task() -> Result<(), Error> {
    fn assert_sent<T: Send + 'static>(value: T) -> T {
        value
    }
    let fixture = Fixture::new();
    let checked = assert_sent(fixture.project.preflight(csv(TEXT)).into_future()).await?;
    assert_eq!(assert_sent(checked.analyses()).map(Result::unwrap).count(), 3);
    Ok(())
}

#[test]
fn a_row_has_a_schema() {
    let schema = serde_json::to_value(schemars::schema_for!(ManifestRow)).unwrap();
    assert_eq!(schema["required"], serde_json::json!(["user_reference"]));
    assert_eq!(schema["additionalProperties"], false);
    let members = schema["properties"].as_object().unwrap();
    assert_eq!(members.len(), 7, "{:?}", members.keys());
}
