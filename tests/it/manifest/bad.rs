//! Manifests with problems: place and reason of each, and nothing but reads is sent.

use ica_batch_sdk_ext::{ErrorKind, ManifestDefaults, ManifestFile, ManifestFormat};
use ica_simulator::{DataStatus, Fault, FaultKind, Operation, SeedData};

use super::{Fixture, OTHER, csv, json_lines};

#[tokio::test]
async fn a_bad_header_is_refused_before_any_request() {
    let fixture = Fixture::new();
    let mut texts = Vec::new();
    for header in [
        "user_refrence,pipeline",
        "user_reference",
        "user_reference,pipeline,pipeline,Input.reads,params.x,colour",
        "user_reference;pipeline",
        "[Header]",
        "",
    ] {
        texts.push(fixture.problems_of(format!("{header}\na,Germline\n")).await);
    }
    texts.push(fixture.problems_of("user_reference,pipeline\n").await);
    texts.push(fixture.problems_of(b"\xff\xfeu\0s\0e\0r\0").await);
    insta::assert_snapshot!(texts.join("\n\n"));
    assert_eq!(fixture.simulator.requests().len(), 0);
}

#[tokio::test]
async fn each_bad_row_has_line_column_and_reason() {
    let fixture = Fixture::new();
    let own = fixture.simulator.project_id();
    let part = [SeedData::file("/run1/part.bam").status(DataStatus::Partial)];
    fixture.simulator.seed_data(own, part);
    let text = format!(
        "\u{feff}user_reference,pipeline,storage,output_folder,tags,input.reads,input.ref\r\n\
         good,Germline,Small,/out/,,/run1/a.bam,/ref.fa\r\n\
         \r\n\
         sample.1,Germline,,,,/run1/a.bam,\r\n\
         good,Germlien,small,/none,,/run1/A.bam;/run1/b.bam,\r\n\
         \"multi-\nline\",Germline,,,,/run1/,\r\n\
         short,Germline\r\n\
         none,,,,a;;b,,\r\n\
         ids,Germline,,fil.ffffffffffffffffffffffffffffffff,,fil.ffffffffffffffffffffffffffffffff;fil.;fol.x/y,\r\n\
         kinds,Align JSON,Small,/run1/a.bam,,icav2://{OTHER}/run1/a.bam;run1/a.bam,\r\n\
         part,Other,,,,/run1/part.bam,/run1\r\n\
         quote,Germline,,,,/a\"b,\r\n"
    );
    let problems = fixture.problems(csv(text)).await;
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[uuid]",
    );
    settings.bind(|| insta::assert_snapshot!(problems));
    assert_eq!(problems.count(), problems.problems().len() as u64);
}

#[tokio::test]
async fn json_lines_have_the_same_problems() {
    let fixture = Fixture::new();
    let text = "{\"user_reference\": \"a\", \"pipeline\": \"Germline\", \"inputs\": {\"reads\": \"/none\"}}\n\
                {\"user_reference\": \"a\", \"pipelin\": \"Germline\"}\n\
                {\"user_reference\": \"b\", \"params\": {\"x\": 0.1}}\n\
                {\"user_reference\": \"a\", \"inputs\": {\"reads\": [\"fil.1\", \"\"]}}\n\
                not JSON\n\
                {\"user_reference\": \"a\", \"output_folder\": \"/out\"}\n";
    insta::assert_snapshot!(fixture.problems(json_lines(text)).await);
}

#[tokio::test]
async fn sample_sheets_have_problems_of_their_own() {
    let fixture = Fixture::new();
    let text = "sample,lane,fastq_1,fastq_2,param.x\n\
                a.1,1,/run1/a.bam,/run1/b.bam,1\n\
                b,1,/run1/a.bam,/run1/a.bam,1\n\
                b,2,/run1/none.fq.gz,,2\n";
    let defaults = ManifestDefaults::new().pipeline("Germline");
    insta::assert_snapshot!(fixture.problems(csv(text).defaults(defaults)).await);
}

#[tokio::test]
async fn all_of_many_bad_rows_are_counted_and_the_first_are_kept() {
    let fixture = Fixture::new();
    let rows = (0..10_000).map(|n| format!("s-{n},Germline,/none/{}.bam\n", n % 7));
    let text = format!("user_reference,pipeline,input.reads\n{}", rows.collect::<String>());
    let problems = fixture.problems(csv(&text)).await;
    assert_eq!((problems.count(), problems.problems().len()), (10_000, 100));
    for (problem, line) in problems.problems().iter().zip(2..) {
        assert_eq!(problem.line, Some(line));
        assert_eq!(problem.column.as_deref(), Some("input.reads"));
        assert!(problem.reason.contains("/none/"), "{problem}");
    }
    // Each different path is looked up once, as a file and as a folder.
    assert_eq!(fixture.simulator.count(Operation::ListData), 2);
    let error = fixture
        .project
        .preflight(csv(&text))
        .problem_limit(3)
        .await
        .unwrap_err();
    let problems = error.manifest_problems().unwrap();
    assert_eq!((problems.count(), problems.problems().len()), (10_000, 3));
    assert!(problems.to_string().ends_with("\n  … and 9997 more"), "{problems}");

    let broken = "x\n".repeat(10_000);
    let problems = fixture
        .problems(csv(format!("user_reference,pipeline\n{broken}")))
        .await;
    assert_eq!((problems.count(), problems.problems().len()), (10_000, 100));
    assert_eq!(problems.problems()[99].line, Some(101));
}

#[tokio::test]
async fn duplicates_are_found_across_windows_and_may_be_allowed() {
    let fixture = Fixture::new();
    let rows = (0..25_000).map(|n| format!("s-{},Germline\n", n % 24_999));
    let text = format!("user_reference,pipeline\n{}", rows.collect::<String>());
    let problems = fixture.problems(csv(&text)).await;
    assert_eq!(
        problems.to_string(),
        "cohort.csv: 1 problem\n  line 25001, column \"user_reference\", analysis \"s-0\": the user reference is also that of \
         line 2; give each analysis its own"
    );
    let allowed = fixture.project.preflight(csv(&text)).allow_duplicate_references().await;
    assert_eq!(allowed.unwrap().report().rows, 25_000);
}

#[tokio::test]
async fn an_error_of_a_request_is_not_one_of_the_manifest() {
    let fixture = Fixture::new();
    for operation in [Operation::ListPipelines, Operation::ListStorages, Operation::ListData] {
        let fault = Fault::new(FaultKind::HtmlBadGateway).on(operation);
        fixture.simulator.faults().add(fault);
        let text = "user_reference,pipeline,storage,input.x\na,Germline,Small,/run1/a.bam\n";
        let error = fixture.project.preflight(csv(text)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server, "{error}");
        assert!(error.manifest_problems().is_none());
    }
}

#[tokio::test]
async fn a_file_that_is_deleted_or_binary_is_a_problem() {
    let fixture = Fixture::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cohort.csv");
    std::fs::write(&path, "user_reference\n").unwrap();
    let manifest = ManifestFile::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let problems = fixture.problems(manifest).await;
    assert!(
        problems.problems()[0].reason.starts_with("the file cannot be opened: "),
        "{problems}"
    );
    let bytes = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8);
    let bytes = bytes.collect::<Vec<_>>();
    for format in [ManifestFormat::Csv, ManifestFormat::Tsv, ManifestFormat::JsonLines] {
        let manifest = ManifestFile::from_reader("noise", format, &bytes[..]).unwrap();
        assert!(fixture.problems(manifest).await.count() > 0);
    }
    assert_eq!(fixture.simulator.requests().len(), 0);
}
