//! Session files that are not what they seem.
#![cfg(unix)]

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use ica_batch_sdk_ext::{Credentials, Icav2Session, Result};
use tempfile::TempDir;
use tracing::Level;

use crate::recorder::{start_log, take_log};

/// Time within which a file must be read or refused. It is only reached if the reader hangs.
const TIME_LIMIT: Duration = Duration::from_secs(20);

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Loads a session on a thread of its own, so that a reader that hangs fails the test.
fn load(path: &Path) -> Result<Icav2Session> {
    let (sender, receiver) = mpsc::channel();
    let path = path.to_owned();
    std::thread::spawn(move || sender.send(Icav2Session::load_from(path)));
    receiver.recv_timeout(TIME_LIMIT).expect("the reader does not hang")
}

/// Makes what a path leads to.
type Make = fn(&Path);

const ODD_FILES: [(&str, Make); 5] = [
    ("a pipe, a device or a socket", |path| {
        symlink("/dev/zero", path).unwrap()
    }),
    ("a pipe, a device or a socket", |path| {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }),
    ("a pipe, a device or a socket", |path| {
        let pipe = path.with_extension("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        symlink(pipe, path).unwrap();
    }),
    ("a folder", |path| fs::create_dir(path).unwrap()),
    ("larger than 1048576 bytes", |path| {
        let file = File::create(path).unwrap();
        file.set_len(100_000_000).unwrap();
    }),
];

#[test]
fn only_small_regular_files_are_read() {
    for (reason, make) in ODD_FILES {
        let folder = folder();
        let path = folder.path().join(".session.ica.yaml");
        make(&path);
        let error = load(&path).unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
        let text = error.to_string();
        assert!(
            text.contains(reason) && text.contains(&*path.to_string_lossy()),
            "{text}"
        );
        assert!(Credentials::from_icav2_session_at(&path).is_err());
    }
}

#[test]
fn the_settings_beside_a_session_are_held_to_the_same() {
    for (reason, make) in ODD_FILES {
        let folder = folder();
        make(&folder.path().join("config.yaml"));
        let error = load(&folder.path().join(".session.ica.yaml")).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_link_to_a_regular_file_is_followed() {
    let folder = folder();
    let (file, path) = (folder.path().join("file"), folder.path().join(".session.ica.yaml"));
    write(&file, "access-token: my-token\nproject-id: p-1\n", 0o600);
    symlink(file, &path).unwrap();
    assert_eq!(load(&path).unwrap().project_id(), Some("p-1"));
}

#[test]
fn a_long_token_in_a_session_is_refused_and_not_shown() {
    let folder = folder();
    let path = folder.path().join(".session.ica.yaml");
    write(&path, &format!("access-token: {}\n", "hush".repeat(5000)), 0o600);
    let error = load(&path).unwrap_err().to_string();
    assert!(
        error.contains("it has 20000 bytes") && !error.contains("hush"),
        "{error}"
    );
}

/// Returns the warnings while a session is loaded, as level, target and text.
fn warnings(path: &Path) -> Vec<(Level, String, String)> {
    start_log();
    Icav2Session::load_from(path).unwrap();
    let events = take_log().events.into_iter();
    let events = events.map(|event| (event.level, event.target.to_owned(), format!("{:?}", event.fields)));
    events.collect()
}

#[test]
fn a_file_that_others_can_read_is_warned_about() {
    for name in [".session.ica.yaml", "config.yaml"] {
        for (mode, is_open) in [
            (0o600, false),
            (0o400, false),
            (0o640, true),
            (0o604, true),
            (0o644, true),
            (0o620, false),
        ] {
            let folder = folder();
            let file = folder.path().join(name);
            write(&file, "access-token: hush\nx-api-key: hush\n", mode);
            let warnings = warnings(&folder.path().join(".session.ica.yaml"));
            assert_eq!(warnings.len(), usize::from(is_open), "{name} {mode:o}: {warnings:?}");
            for (level, target, text) in warnings {
                assert_eq!(
                    (level, target.as_str()),
                    (Level::WARN, "ica_batch_sdk_ext::credentials")
                );
                assert!(
                    text.contains(&*file.to_string_lossy()) && text.contains(&format!("{mode:04o}")),
                    "{text}"
                );
                assert!(!text.contains("hush"), "{text}");
            }
        }
    }
}

#[test]
fn a_file_without_a_used_secret_is_not_warned_about() {
    let folder = folder();
    let path = folder.path().join(".session.ica.yaml");
    write(&path, "access-token: hush\n", 0o600);
    write(&folder.path().join("config.yaml"), "x-api-key: hush\n", 0o644);
    assert_eq!(warnings(&path), []);
}
