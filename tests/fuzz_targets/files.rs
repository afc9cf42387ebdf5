//! The session file of icav2, and the settings beside it.

use std::fs;

use ica_batch_sdk_ext::Icav2Session;

use super::fixture::check;

/// The first byte chooses the file whose content the rest is.
pub(super) fn run(data: &[u8]) {
    let [choice, content @ ..] = data else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let session = folder.path().join(".session.ica.yaml");
    let path = match choice % 2 {
        0 => session.clone(),
        _ => folder.path().join("config.yaml"),
    };
    fs::write(path, content).expect("the folder is writable");
    match Icav2Session::load_from(&session) {
        Ok(session) => {
            let shown = format!("{:?}", session.credentials());
            assert!(shown.len() < 64, "{shown}");
        }
        Err(error) => check(&error),
    }
}
