//! Messages of the library in the words of the program: flags and commands in place of methods.

use std::sync::OnceLock;

/// Server of the command, once it is known.
static SERVER: OnceLock<String> = OnceLock::new();

/// Texts of the library about a connection, and what they are with the server.
const CONNECTIONS: [(&str, &str); 3] = [
    ("no connection to the server", "no connection to the server at "),
    ("no response in time", "no response in time from "),
    (
        "the connection broke before a response arrived",
        "the connection broke before a response arrived from ",
    ),
];

/// Methods that the library names in its messages, and what the program has in their place.
const NAMES: &[(&str, &str)] = &[
    (
        "Submission::record_created or Submission::record_not_created",
        "ica-batch settle",
    ),
    ("Submission::on_change", "--accept-additions"),
    (
        "run again with OnRejection::Isolate, which creates all other analyses; then OnChange::AcceptAdditions accepts the corrected rows",
        "run again with --on-reject isolate, which creates all other analyses; then --accept-additions accepts the corrected rows",
    ),
    ("Submission::allow_created_elsewhere", "--allow-created-elsewhere"),
    ("Submission::allow_duplicate_references", "--allow-duplicate-references"),
    ("Submission::allow_other_user", "--allow-other-user"),
    ("Submission::allow_strangers", "--allow-strangers"),
    ("Submission::audit", "ica-batch audit"),
    ("Submission::chunk_bytes", "--chunk-bytes"),
    (
        "submit the next manifest with Submission::marks",
        "submit the next manifest without --no-marks",
    ),
    ("Submission::outcomes", "ica-batch items"),
    ("Submission::rejection_limit", "--rejection-limit"),
    ("Submission::report", "ica-batch items"),
    (
        "let the run wait with Submission::wait_for_owner",
        "let this command wait with --wait-for-owner; use another journal (--journal) for another submission only",
    ),
    ("Submission::wait", "ica-batch wait"),
    ("Journal::chunks", "ica-batch journal show"),
    ("Journal::delete_bodies", "ica-batch journal prune"),
    ("Journal::submissions", "ica-batch journal list"),
    ("Journal::open", "--journal"),
    (
        "or allow it with JournalOptions::allow_network_file_system",
        "and name it with --journal",
    ),
    ("see Error::bad_rows for all", "see all with --problem-limit"),
    (
        "the default pipeline is not valid",
        "--pipeline (or pipeline of the profile) is not valid",
    ),
    (
        "the default storage size is not valid",
        "--storage (or storage of the profile) is not valid",
    ),
    (
        "the default output folder is not valid",
        "--output-folder (or output_folder of the profile) is not valid",
    ),
    ("the default input ", "--input "),
    ("or set a default pipeline", "or set one with --pipeline"),
    (
        "or name it among the columns to ignore",
        "or leave it out with --ignore-column",
    ),
    ("or name the format", "or name the format with --manifest-format"),
    ("correct them, see Error::manifest_problems for all,", "correct them"),
    ("ClientBuilder::credentials", "ICAV2_API_KEY"),
    ("ClientBuilder::allow_http", "--allow-http"),
];

/// Sets the server that messages about a connection name.
pub(crate) fn set_server(base_url: &str) {
    // A command has one server.
    SERVER.set(base_url.to_owned()).ok();
}

/// Adds the server to a text about a connection.
pub(crate) fn with_server(text: &str) -> String {
    match SERVER.get() {
        Some(server) => name_server(text, server),
        None => text.to_owned(),
    }
}

fn name_server(text: &str, server: &str) -> String {
    let named = CONNECTIONS.iter().find(|(without, _)| text.contains(without));
    named.map_or_else(
        || text.to_owned(),
        |(without, with)| text.replacen(without, &format!("{with}{server}"), 1),
    )
}

/// Returns a message of the library in the words of the program.
pub(crate) fn in_words_of_the_program(message: &str) -> String {
    let text = NAMES
        .iter()
        .fold(message.to_owned(), |text, (method, word)| match text.contains(method) {
            true => text.replace(method, word),
            false => text,
        });
    with_server(&text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::{in_words_of_the_program, name_server};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with("bin") => {}
                true => sources(&path, found),
                false if path.extension().is_some_and(|name| name == "rs") => found.push(path),
                false => {}
            }
        }
    }

    /// Returns the words of a line of source that look like a method in a text: after a space, and
    /// not called.
    fn methods(line: &str) -> impl Iterator<Item = &str> {
        let types = [
            "Submission::",
            "Journal::",
            "JournalOptions::",
            "Error::",
            "ClientBuilder::",
            "Client::",
        ];
        let words = line.split(' ').skip(1);
        words
            .filter(move |word| types.iter().any(|name| word.starts_with(name)))
            .map(|word| word.trim_end_matches(['"', ',', ';', '.', ')', '\\']))
            .filter(|word| !word.contains(['(', '!', '<', '[', '{', '"']))
    }

    #[test]
    fn no_message_of_the_library_names_a_method() {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        let mut checked = 0;
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().map(str::trim).filter(|line| !line.starts_with("//"));
            for line in lines.filter(|line| line.contains('"') || line.contains(" it; ")) {
                for method in methods(line).filter(|method| method.ends_with(char::is_lowercase)) {
                    checked += 1;
                    let shown = in_words_of_the_program(line);
                    assert!(!shown.contains(method), "{}: {method} in: {line}", file.display());
                }
            }
        }
        assert!(checked >= 12, "only {checked} were found");
    }

    #[test]
    fn an_error_of_the_network_names_the_server() {
        for (text, named) in [
            (
                "could not x: no connection to the server, and gave up",
                "could not x: no connection to the server at URL, and gave up",
            ),
            ("no response in time; check", "no response in time from URL; check"),
            ("server error (HTTP 503)", "server error (HTTP 503)"),
        ] {
            assert_eq!(name_server(text, "URL"), named);
        }
    }

    #[test]
    fn the_advice_about_a_journal_names_flags() {
        let text = "process 7 on host has used it; wait until that process has ended, or let the run wait with Submission::wait_for_owner";
        assert_eq!(
            in_words_of_the_program(text),
            "process 7 on host has used it; wait until that process has ended, or let this command wait with --wait-for-owner; use another journal (--journal) for another submission only"
        );
    }
}
