//! Help texts of all commands, for review.

use super::harness::World;

/// Returns the names of the commands in a help text.
fn commands(help: &str) -> Vec<String> {
    let (_, rest) = help.split_once("Commands:\n").unwrap_or_default();
    let lines = rest.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Snapshots the help of a command and of those below it.
fn walk(world: &World, path: &[&str]) -> usize {
    let help = |flag| {
        let arguments = path.iter().copied().chain([flag]).collect::<Vec<_>>();
        world.run(&arguments).exits(0)
    };
    let ran = help("--help");
    assert_eq!(ran.stderr, "");
    let name = path.iter().fold("ica-batch".to_owned(), |name, part| name + "-" + part);
    // The options of all commands are in the help of the program.
    let own = match (path, ran.stdout.split_once("\nGlobal options:")) {
        ([_, ..], Some((own, _))) => own.to_owned(),
        _ => ran.stdout,
    };
    insta::assert_snapshot!(name, own);
    let below = commands(&help("-h").stdout);
    let counts = below.iter().map(|command| {
        let path = path.iter().copied().chain([command.as_str()]).collect::<Vec<_>>();
        walk(world, &path)
    });
    1 + counts.sum::<usize>()
}

#[test]
fn each_command_has_a_help() {
    let world = World::new();
    let commands = walk(&world, &[]);
    assert!(commands > 5, "{commands}");
}

#[test]
fn an_unknown_command_is_an_error_that_names_a_similar_one() {
    let world = World::new();
    let ran = world.run(&["logn"]).exits(2);
    assert!(
        ran.stderr.contains("a similar subcommand exists: 'login'"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout, "");
}
