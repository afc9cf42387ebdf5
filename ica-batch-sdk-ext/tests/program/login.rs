//! `ica-batch login`.

use std::time::Duration;

use ica_simulator::TokenOrigin;

use super::harness::{Ran, World};

#[test]
fn the_user_the_server_and_the_source_of_each_setting_are_shown() {
    let world = World::new();
    let ran = world.run(&["login", "--format", "table"]).exits(0);
    // The widths depend on the port and on the home directory.
    let shown = regex_lite::Regex::new("  +")
        .unwrap()
        .replace_all(&world.shown(&ran), "  ")
        .into_owned();
    insta::assert_snapshot!(shown);
    let user = world.simulator.user_id(world.simulator.api_key()).unwrap();
    assert!(ran.stdout.contains(&user.to_string()), "{}", ran.stdout);
    assert!(!format!("{ran:?}").contains(world.simulator.api_key()));
}

#[test]
fn a_flag_wins_over_a_variable_and_the_file_fills_what_is_left() {
    let world = World::new();
    let other = "7c1d0b1e-58b6-4b0e-9a3f-3f6b9d3f1c11";
    world.simulator.add_project(other);
    world.write("key", format!("{}\n", world.simulator.api_key()));
    let text = format!(
        "[profile.night]\nbase_url = {:?}\nproject = \"from-file\"\njournal = \"night.db\"\napi_key_file = \"../../key\"\n",
        world.simulator.base_url()
    );
    world.write("config/ica-batch/config.toml", text);
    let mut command = world.bare(&["login", "--project", other, "--format", "tsv"]);
    command
        .env("ICAV2_PROJECT_ID", "from-variable")
        .env("ICA_BATCH_PROFILE", "night");
    let ran = Ran::from(command.output().unwrap()).exits(0);
    insta::assert_snapshot!(world.shown(&ran));
}

#[test]
fn a_token_is_shown_with_its_expiry_and_never_itself() {
    let world = World::new();
    let token = world.simulator.issue_token(TokenOrigin::User, Duration::from_secs(600));
    let mut command = world.bare(&["login", "--format", "json"]);
    command
        .env("ICAV2_BASE_URL", world.simulator.base_url())
        .env("ICAV2_ACCESS_TOKEN", &token);
    let ran = Ran::from(command.output().unwrap()).exits(0);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).unwrap();
    let row = |name: &str| rows.iter().rfind(|row| row["setting"] == name).unwrap();
    assert_eq!(row("valid_until")["source"], "token, not renewed");
    assert!(row("valid_until")["value"].is_string());
    assert_eq!(row("credential")["source"], "ICAV2_ACCESS_TOKEN");
    assert!(row("project")["value"].is_null());
    assert!(ran.stderr.contains("no project is set"), "{}", ran.stderr);
    assert!(!format!("{ran:?}").contains(&token));
}

#[test]
fn an_expired_token_is_an_error_and_the_known_settings_are_shown() {
    let world = World::new();
    let token = world.simulator.issue_token(TokenOrigin::User, Duration::ZERO);
    let mut command = world.command(&["login", "--format", "tsv"]);
    command.env("ICAV2_ACCESS_TOKEN", token);
    let ran = Ran::from(command.output().unwrap()).exits(4);
    assert!(ran.stdout.contains("project\t"), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("expired at")
            && ran
                .stderr
                .contains("next: check the credential from ICAV2_ACCESS_TOKEN"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_unknown_key_and_an_unknown_project_are_errors_with_advice() {
    let world = World::new();
    let mut command = world.command(&["login"]);
    command.env("ICAV2_API_KEY", "hush-hush");
    let ran = Ran::from(command.output().unwrap()).exits(4);
    assert!(
        ran.stderr.contains("next: check the credential from ICAV2_API_KEY"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
    let ran = world.run(&["login", "--project", "no-such-project"]).exits(4);
    insta::assert_snapshot!(world.shown(&ran));
}

#[test]
fn without_credentials_the_error_says_what_to_set() {
    let world = World::new();
    let ran = Ran::from(world.bare(&["login"]).output().unwrap()).exits(3);
    insta::assert_snapshot!(world.shown(&ran));
}
