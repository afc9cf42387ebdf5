//! Manifests that could be sent, and are probably not what a person means.

use super::cohort::{CREATE, PIPELINE, world};
use super::harness::{Ran, World};
use ica_simulator::SeedData;

fn lab() -> World {
    let world = world();
    let reads = ["a_R1", "a_R2", "b_R1", "b_R2"].map(|name| SeedData::file(format!("/run1/{name}.fastq.gz")));
    world.simulator.seed_data(world.simulator.project_id(), reads);
    world
}

fn dry_run(world: &World, manifest: &str, more: &[&str]) -> Ran {
    world.write("cohort.csv", manifest);
    let arguments = ["submit", "cohort.csv", "--pipeline", PIPELINE, "--dry-run"];
    world.run(&[&arguments, more].concat())
}

#[track_caller]
fn assert_problems(ran: Ran, problems: &[&str]) {
    let Ran { stderr, .. } = ran.exits(3);
    let found = stderr.lines().filter(|line| line.starts_with("  line "));
    assert_eq!(found.map(str::trim).collect::<Vec<_>>(), problems, "{stderr}");
}

#[test]
fn a_missing_file_of_a_pair_is_a_problem() {
    let world = lab();
    let sheet = "sample,fastq_1,fastq_2\n\
                 a,/run1/a_R1.fastq.gz,/run1/a_R2.fastq.gz\n\
                 b,/run1/b_R1.fastq.gz,\n\
                 c,,/run1/b_R2.fastq.gz\n\
                 d,,\n";
    assert_problems(
        dry_run(&world, sheet, &[]),
        &[
            "line 3, column \"fastq_2\", analysis \"b\": the file of read 2 is missing, and other rows have one; write its \
             path, or put samples with read 1 alone into a sheet of their own",
            "line 4, column \"fastq_1\", analysis \"c\": the file of read 1 is missing, and that of read 2 is not; write \
             its path",
            "line 5, column \"fastq_1\", analysis \"d\": the row has no FASTQ file; write its path, or remove the row",
        ],
    );
    let single = "sample,fastq_1,fastq_2\na,/run1/a_R1.fastq.gz,\nb,/run1/b_R1.fastq.gz,\n";
    dry_run(&world, single, &[]).exits(0);
}

#[test]
fn exchanged_files_of_a_pair_are_a_problem() {
    let world = lab();
    let sheet = "sample,fastq_1,fastq_2\n\
                 a,/run1/a_R2.fastq.gz,/run1/a_R1.fastq.gz\n\
                 b,/run1/b_R1.fastq.gz,/run1/b_R2.fastq.gz\n";
    assert_problems(
        dry_run(&world, sheet, &[]),
        &[
            "line 2, column \"fastq_1\", analysis \"a\": \"/run1/a_R2.fastq.gz\" has the name of a file of read 2; check \
             whether \"fastq_1\" and \"fastq_2\" are exchanged. If the name is wrong, write a manifest with the columns \
             user_reference and input.CODE, which may have any names",
        ],
    );
}

#[test]
fn rows_and_columns_without_input_data_are_problems() {
    let world = lab();
    let manifest = "user_reference,input.reads,input.normal,input.panel\n\
                    a,/run1/a.bam,,\n\
                    b,,,\n\
                    c,/run1/a.bam,/run1/a.bam,\n";
    assert_problems(
        dry_run(&world, manifest, &[]),
        &[
            "line 1, column \"input.panel\": no row has data in this column; fill it in, or remove it",
            "line 3, analysis \"b\": the row has no input data; fill in input.reads or input.normal or input.panel, or put \
             analyses without input data into a manifest of their own",
        ],
    );
    let manifest = "user_reference,input.reads,input.normal\na,/run1/a.bam,\nb,/run1/a.bam,/run1/a.bam\n";
    let ran = dry_run(&world, manifest, &[]).exits(0);
    assert!(
        ran.stderr
            .contains("  input normal (from input.normal): 1 of 2 analyses\n")
            && ran.stderr.contains("  input reads (from input.reads): all analyses\n"),
        "{}",
        ran.stderr
    );
    let manifest = "user_reference,input.reads\na,\nb,/run1/a.bam\n";
    dry_run(&world, manifest, &["--input", "reads=/run1/a.bam"]).exits(0);
    assert_eq!(world.simulator.count(CREATE), 0);
}

#[test]
fn a_dry_run_lists_the_codes_of_inputs_and_parameters() {
    let world = lab();
    let sheet = "sample,fastq_1,fastq_2,param.ploidy\n\
                 a,/run1/a_R1.fastq.gz,/run1/a_R2.fastq.gz,2\n\
                 b,/run1/b_R1.fastq.gz,/run1/b_R2.fastq.gz,\n";
    let more = ["--input", "ref=/run1/a.bam", "--format", "json"];
    let ran = dry_run(&world, sheet, &more).exits(0);
    for line in [
        "  input fastqs (from fastq_1, fastq_2): all analyses\n",
        "  input ref: all analyses\n",
        "  parameter ploidy (from param.ploidy): 1 of 2 analyses\n",
    ] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
    let plan: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        plan["inputs"][0],
        serde_json::json!({ "code": "fastqs", "columns": ["fastq_1", "fastq_2"], "analyses": 2 })
    );
    assert_eq!(plan["params"][0]["analyses"], 1);
}

#[test]
fn options_without_an_effect_are_named() {
    let world = lab();
    let manifest = format!("user_reference,pipeline,input.reads,note\na,{PIPELINE},/run1/a.bam,x\n");
    world.write("cohort.csv", &manifest);
    let arguments = [
        "submit",
        "cohort.csv",
        "--dry-run",
        "--pipeline",
        "nope",
        "--storage",
        "Small",
        "--input",
        "reads=/no",
        "--ignore-column",
        "note",
        "--ignore-column",
        "nope",
        "--fastq-input",
        "reads",
    ];
    let ran = world.run(&arguments).exits(0);
    let warnings = ran.stderr.lines().filter_map(|line| line.strip_prefix("warning: "));
    assert_eq!(
        warnings.collect::<Vec<_>>(),
        [
            "--pipeline has no effect: each row has a value of its own",
            "--input reads=… has no effect: each row has a value of its own",
            "--ignore-column \"nope\" has no effect: the manifest does not have this column",
            "--fastq-input has no effect: the manifest is not a sample sheet",
        ],
        "{}",
        ran.stderr
    );
    for (more, text) in [
        (&["--tag", ""][..], "--tag"),
        (&["--pipeline", ""], "--pipeline"),
        (&["--dry-run", "--wait"], "cannot be used with"),
        (&["--dry-run", "--timeline", "a.svg"], "cannot be used with"),
    ] {
        let ran = world.run(&[&["submit", "cohort.csv"], more].concat()).exits(2);
        assert!(ran.stderr.contains(text), "{}", ran.stderr);
    }
}

#[test]
fn a_wrong_value_of_an_option_is_one_problem() {
    let world = lab();
    world.write("cohort.csv", super::cohort::manifest(50));
    let arguments = [
        "--storage",
        "Smal",
        "--output-folder",
        "/none/",
        "--input",
        "ref=/none.fa",
        "--dry-run",
    ];
    let ran = world.run(&[&["submit", "cohort.csv", "--pipeline", "Gremline"], &arguments[..]].concat());
    let Ran { stderr, .. } = ran.exits(3);
    assert!(stderr.contains("cohort.csv has 4 problems"), "{stderr}");
    for text in [
        "\n  --pipeline (or pipeline of the profile) is not valid: \"Gremline\": ",
        "\n  --storage (or storage of the profile) is not valid: \"Smal\": ",
        "\n  --output-folder (or output_folder of the profile) is not valid: ",
        "\n  --input ref is not valid: ",
    ] {
        assert!(stderr.contains(text), "{text}: {stderr}");
    }
}
