//! The program in a shell script.

use std::process::Command;

/// The script needs a POSIX shell, `kill`, `grep` and `wc`.
#[cfg(unix)]
#[test]
fn a_script_without_a_terminal_goes_through_a_night() {
    let folder = tempfile::tempdir().unwrap();
    let ran = Command::new("sh")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/night.sh"))
        .arg(env!("CARGO_BIN_EXE_ica-batch"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .output()
        .unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    assert!(ran.status.success(), "{stdout}{stderr}");
    assert_eq!(stdout, "all of 120 analyses succeeded\n");
}
