//! Runs cargo on written crates, without network and with a limit of time.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longest time of one run. The first one also checks the dependencies, which takes about a minute
/// on a slow machine.
const LIMIT: Duration = Duration::from_secs(600);

/// Writes the files of a crate to a folder of its own, and returns the folder. The crate has the
/// dependencies of the workspace, in the same versions.
pub(crate) fn write(name: &str, files: &BTreeMap<String, String>) -> PathBuf {
    // cargo takes two crates of one name in one target folder for the same crate.
    assert!(files["Cargo.toml"].contains(&format!("name = \"{name}\"")));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    std::fs::copy(lock, folder.join("Cargo.lock")).unwrap();
    folder
}

/// Output of one run.
pub(crate) struct Output {
    pub(crate) is_success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs cargo in the folder of a crate. The target folder is that of the workspace.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let (command, rest) = arguments.split_first().expect("a command of cargo");
    let mut child = Command::new(env!("CARGO"))
        .arg(command)
        .args(["--offline", "--color=never", "--target-dir"])
        .arg(target)
        .args(rest)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo runs the tests, so it can start");
    let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
    Output {
        stdout: text(&stdout, &mut child),
        stderr: text(&stderr, &mut child),
        is_success: child.wait().unwrap().success(),
    }
}

/// Reads a stream to its end, on a thread.
fn reader(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    let mut stream = stream.expect("it is piped");
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = stream.read_to_string(&mut text);
        // The receiver is gone after the limit.
        let _ = sender.send(read.map_or_else(|error| error.to_string(), |_| text));
    });
    receiver
}

fn text(stream: &mpsc::Receiver<String>, child: &mut Child) -> String {
    stream.recv_timeout(LIMIT).unwrap_or_else(|_| {
        child.kill().unwrap();
        panic!("cargo ran for more than {} s", LIMIT.as_secs());
    })
}
