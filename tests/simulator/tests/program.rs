//! The program.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ica-simulator"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn output(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// A running program and its base URL.
struct Running {
    child: Child,
    base_url: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).spawn().unwrap();
        let mut base_url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut base_url)
            .unwrap();
        Self {
            child,
            base_url: base_url.trim_end().to_owned(),
        }
    }

    /// The raw answer, as much of it as arrives.
    fn mint(&self, key: &str) -> String {
        let address = self
            .base_url
            .strip_prefix("http://")
            .unwrap()
            .strip_suffix("/ica/rest")
            .unwrap();
        let mut connection = TcpStream::connect(address).unwrap();
        let head = format!("POST /ica/rest/api/tokens HTTP/1.1\r\nHost: {address}\r\nX-API-Key: {key}\r\n");
        write!(connection, "{head}Content-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        // A fault may reset the connection.
        connection.read_to_string(&mut answer).ok();
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

#[test]
fn it_says_where_it_is_and_how_to_reach_it() {
    let output = output(&["--exit-after", "0", "--api-key", "secret", "--project-id", "p"]);
    assert!(output.status.success());
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    let base_url = out.strip_suffix('\n').unwrap();
    assert!(
        base_url.starts_with("http://127.0.0.1:") && base_url.ends_with("/ica/rest"),
        "{out}"
    );
    for line in [
        &format!("export ICAV2_BASE_URL={base_url}"),
        "export ICAV2_API_KEY=secret",
        "export ICAV2_PROJECT_ID=p",
    ] {
        assert!(err.lines().any(|given| given == line), "{err}");
    }
}

#[test]
fn quiet_says_where_only() {
    let output = output(&["--exit-after", "0", "--quiet"]);
    assert_eq!(
        (
            output.stdout.iter().filter(|byte| **byte == b'\n').count(),
            output.stderr.len()
        ),
        (1, 0)
    );
}

#[test]
fn it_serves_until_it_is_told_to_end() {
    let mut running = Running::start(&["--api-key", "secret", "--quiet"]);
    assert!(running.mint("secret").starts_with("HTTP/1.1 200"));
    assert!(running.mint("other").starts_with("HTTP/1.1 401"));
    let told = Command::new("kill").arg(running.child.id().to_string()).status();
    if told.is_ok_and(|status| status.success()) {
        assert!(running.child.wait().unwrap().success(), "SIGTERM ends it well");
    }
}

#[test]
fn a_fault_rate_of_one_lets_every_fourth_request_through() {
    let running = Running::start(&["--api-key", "k", "--fault-rate", "1", "--seed", "3", "--quiet"]);
    let sound = |answer: &String| answer.starts_with("HTTP/1.1 200") && answer.contains("\"token\"");
    let answers: Vec<_> = (0..8).map(|_| running.mint("k")).collect();
    assert!(sound(&answers[3]) && sound(&answers[7]));
    assert!(answers.iter().filter(|answer| !sound(answer)).count() >= 5);
}

#[test]
fn a_port_in_use_and_odd_options_are_explained() {
    let running = Running::start(&["--quiet"]);
    let port = running.base_url.rsplit(':').next().unwrap().split('/').next().unwrap();
    let taken = output(&["--port", port]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(String::from_utf8(taken.stderr).unwrap().contains("--port"));
    for odd in [["--failure-share", "2"], ["--speed", "fast"], ["--page-size", "0"]] {
        assert_eq!(output(&odd).status.code(), Some(2), "{odd:?}");
    }
    let help = String::from_utf8(output(&["--help"]).stdout).unwrap();
    for option in [
        "--port",
        "--api-key",
        "--speed",
        "--analysis-time",
        "--v3-only",
        "--fault-rate",
        "--exit-after",
    ] {
        assert!(help.contains(option), "{option}");
    }
}
