//! `ica-batch completions`, `man` and `schema`.

use std::fs;

use super::harness::World;

#[test]
fn each_shell_has_completions() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = world.run(&["completions", shell]).exits(0);
        assert!(
            ran.stdout.contains("login") && ran.stdout.contains("base-url"),
            "{shell}"
        );
        assert_eq!(ran.stderr, "");
    }
    let fish = world.run(&["completions", "fish"]).exits(0).stdout;
    for value in ["not_created", "user_reference", "seen_at"] {
        assert!(fish.contains(value), "{value}");
    }
    let zsh = world.run(&["completions", "zsh"]).exits(0).stdout;
    for value in ["manifest-row", "(login submit status"] {
        assert!(zsh.contains(value), "{value}");
    }
    assert!(
        world
            .run(&["completions", "tcsh"])
            .exits(2)
            .stderr
            .contains("possible values")
    );
}

#[test]
fn each_command_has_a_manual_page() {
    let world = World::new();
    let ran = world.run(&["man", "--dir", "pages/man1"]).exits(0);
    assert!(ran.stderr.contains(" manual pages to pages/man1"), "{}", ran.stderr);
    let page = |name: &str| fs::read_to_string(world.path("pages/man1").join(name)).unwrap();
    assert!(page("ica-batch.1").contains("ica\\-batch\\-login(1)"));
    for section in [".SH \"EXIT STATUS\"", ".SH ENVIRONMENT", ".SH FILES"] {
        assert!(page("ica-batch-submit.1").contains(section), "{section}");
    }
    assert!(page("ica-batch-login.1").contains("ica\\-batch login"));
    let ran = world.run(&["man", "login"]).exits(0);
    assert_eq!(ran.stdout, page("ica-batch-login.1"));
    assert_eq!(world.run(&["man"]).exits(0).stdout, page("ica-batch.1"));
    let ran = world.run(&["man", "logn"]).exits(2);
    assert!(ran.stderr.contains("did you mean \"login\"?"), "{}", ran.stderr);
}

#[test]
fn the_schema_of_each_kind_is_one_of_an_object() {
    let world = World::new();
    let kinds = world.run(&["schema", "--format", "tsv"]).exits(0).stdout;
    let kinds = kinds.lines().skip(1).map(|line| line.split('\t').next().unwrap());
    let mut count = 0;
    for kind in kinds {
        let ran = world.run(&["schema", kind]).exits(0);
        let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(schema["type"], "object", "{kind}");
        insta::assert_snapshot!(format!("schema-{kind}"), ran.stdout);
        count += 1;
    }
    assert!(count > 0);
    let ran = world.run(&["schema", "logni"]).exits(2);
    assert!(ran.stderr.contains("did you mean \"login\"?"), "{}", ran.stderr);
}
