//! Commands in the documents: each is one that the program understands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Documents with commands for a shell.
fn documents() -> Vec<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_dir(package.join("src/guide")).unwrap();
    let chapters = guide.map(|entry| entry.unwrap().path());
    let mut documents = chapters
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect::<Vec<_>>();
    documents.push(package.join("README.md"));
    // A package has no workspace around it.
    documents.extend(Some(package.join("../README.md")).filter(|path| path.exists()));
    documents
}

/// Returns the arguments of each command of the program in a document: in blocks for a shell, and
/// inside of sentences.
fn commands(text: &str) -> Vec<Vec<String>> {
    let parts = text.split("```").enumerate();
    let (blocks, prose): (Vec<_>, Vec<_>) = parts.partition(|(index, _)| index % 2 == 1);
    let is_shell = |block: &str| {
        ["sh\n", "text\n", "console\n"]
            .iter()
            .any(|kind| block.starts_with(kind))
    };
    let blocks = blocks.into_iter().filter(|(_, block)| is_shell(block));
    let blocks = blocks.map(|(_, block)| block.replace("\\\n", " ")).collect::<Vec<_>>();
    let lines = blocks.iter().flat_map(|block| block.lines());
    let codes = prose.iter().flat_map(|(_, prose)| prose.split('`').skip(1).step_by(2));
    let found = lines.chain(codes).filter_map(|line| {
        let line = format!(" {}", line.trim().replace("/usr/local/bin/", " "));
        let (before, line) = line.split_once(" ica-batch ")?;
        // A sentence about a command inside of a recording is none.
        let is_start = ["", " $", " ExecStart="].contains(&before) || before.ends_with("-image");
        let words = is_start.then(|| shlex::split(line).unwrap_or_else(|| panic!("{line:?} has balanced quotes")))?;
        let ends = |word: &String| ["|", "&", "&&", ";;", ";"].contains(&word.as_str()) || word.contains('>');
        Some(words.into_iter().take_while(|word| !ends(word)).collect())
    });
    found.collect()
}

#[test]
fn the_commands_of_the_documents_are_understood() {
    let mut seen = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for arguments in commands(&text) {
            seen += 1;
            // Everything before `--help` is read first, and must be right. Nothing is run.
            let ran = Command::new(env!("CARGO_BIN_EXE_ica-batch"))
                .args(&arguments)
                .arg("--help")
                .output()
                .unwrap();
            let message = String::from_utf8_lossy(&ran.stderr);
            assert!(ran.status.success(), "{}: {arguments:?}: {message}", document.display());
        }
    }
    assert!(seen > 20, "only {seen} commands were found");
}

#[test]
fn a_command_ends_at_a_redirection() {
    let text = "```sh\n$ ica-batch items cohort \\\n  --failed > failed.csv\nrun my-image ica-batch audit\n```\n\
                Use `ica-batch wait x`, not `ica-batch`.\n```rust\nica-batch no\n```";
    let expected = [vec!["items", "cohort", "--failed"], vec!["audit"], vec!["wait", "x"]];
    assert_eq!(commands(text), expected);
}
