//! The program `ica-simulator`.

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

    fn mint(&self, key: &str) -> String {
        self.post("/api/tokens", &format!("X-API-Key: {key}"), "")
    }

    /// Returns the raw response to a POST, as much of it as arrives.
    fn post(&self, path: &str, credential: &str, body: &str) -> String {
        let address = self
            .base_url
            .strip_prefix("http://")
            .unwrap()
            .strip_suffix("/ica/rest")
            .unwrap();
        let mut connection = TcpStream::connect(address).unwrap();
        let v3 = "application/vnd.illumina.v3+json";
        write!(
            connection,
            "POST /ica/rest{path} HTTP/1.1\r\nHost: {address}\r\n{credential}\r\nAccept: {v3}\r\nContent-Type: {v3}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut response = String::new();
        // A fault may reset the connection.
        connection.read_to_string(&mut response).ok();
        response
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The program may have ended.
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

#[test]
fn it_prints_the_settings_of_a_client() {
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

/// Returns the value of an exported variable. The token is exported in a comment.
fn exported(settings: &str, name: &str) -> String {
    let export = format!("export {name}=");
    let mut lines = settings.lines().map(|line| line.trim_start_matches("# "));
    let value = lines.find_map(|line| line.strip_prefix(&export));
    value.unwrap_or_else(|| panic!("{settings}")).to_owned()
}

#[test]
fn a_client_with_the_printed_settings_can_create_batches() {
    let mut running = Running::start(&["--seed", "1"]);
    let mut settings = String::new();
    let mut lines = BufReader::new(running.child.stderr.take().unwrap()).lines();
    while !settings.contains("ICAV2_ACCESS_TOKEN=") {
        settings += &(lines.next().unwrap().unwrap() + "\n");
    }
    let value = |name| exported(&settings, name);
    assert_eq!(value("ICAV2_BASE_URL"), running.base_url);

    let path = format!("/api/projects/{}/analysisCreationBatch", value("ICAV2_PROJECT_ID"));
    let (pipeline, input) = (value("ICA_PIPELINE_ID"), r#"{"inputs":[]}"#);
    let analysis = format!(r#"{{"userReference":"a","pipelineId":"{pipeline}","analysisInput":{input}}}"#);
    let body = format!(r#"{{"nextflowItems":[{analysis}]}}"#);
    for credential in [
        format!("X-API-Key: {}", value("ICAV2_API_KEY")),
        format!("Authorization: Bearer {}", value("ICAV2_ACCESS_TOKEN")),
    ] {
        let response = running.post(&path, &credential, &body);
        assert!(response.starts_with("HTTP/1.1 201"), "{response}");
    }
    let path = path.replace("analysisCreationBatch", "sampleCreationBatch");
    let body = r#"{"items":[{"sampleToCreate":{"name":"a"},"completeSample":true}]}"#;
    let key = format!("X-API-Key: {}", value("ICAV2_API_KEY"));
    assert!(running.post(&path, &key, body).starts_with("HTTP/1.1 201"));
}

#[cfg(unix)]
#[test]
fn the_printed_settings_can_be_pasted_into_a_shell() {
    let output = output(&["--exit-after", "0"]);
    let settings = String::from_utf8(output.stderr).unwrap();
    let names = ["ICAV2_BASE_URL", "ICAV2_API_KEY", "ICAV2_PROJECT_ID", "ICA_PIPELINE_ID"];
    let values = names.map(|name| format!("${name}")).join(" ");
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("{settings}echo {values} \"<$ICAV2_ACCESS_TOKEN>\""));
    let printed = shell.env_remove("ICAV2_ACCESS_TOKEN").output().unwrap();
    assert!(printed.stderr.is_empty(), "{settings}");
    let expected = names.map(|name| exported(&settings, name)).join(" ");
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), format!("{expected} <>\n"));
}

#[test]
fn quiet_prints_only_the_base_url() {
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
fn it_runs_until_it_is_terminated() {
    let mut running = Running::start(&["--api-key", "secret", "--quiet"]);
    assert!(running.mint("secret").starts_with("HTTP/1.1 200"));
    assert!(running.mint("other").starts_with("HTTP/1.1 401"));
    let terminated = Command::new("kill").arg(running.child.id().to_string()).status();
    if terminated.is_ok_and(|status| status.success()) {
        assert!(running.child.wait().unwrap().success(), "SIGTERM ends it with success");
    }
}

#[test]
fn a_fault_rate_of_one_lets_every_fourth_request_through() {
    let running = Running::start(&["--api-key", "k", "--fault-rate", "1", "--seed", "3", "--quiet"]);
    let complete = |response: &String| response.starts_with("HTTP/1.1 200") && response.contains("\"token\"");
    let responses: Vec<_> = (0..8).map(|_| running.mint("k")).collect();
    assert!(complete(&responses[3]) && complete(&responses[7]));
    assert!(responses.iter().filter(|response| !complete(response)).count() >= 5);
}

#[test]
fn a_rate_limit_refuses_by_the_simulated_clock() {
    let running = Running::start(&["--api-key", "k", "--speed", "0", "--rate-limit", "2", "--quiet"]);
    let statuses: Vec<_> = (0..3).map(|_| running.mint("k")[9..12].to_owned()).collect();
    assert_eq!(statuses, ["200", "200", "429"]);
}

#[test]
fn a_port_in_use_and_invalid_options_are_explained() {
    let running = Running::start(&["--quiet"]);
    let port = running.base_url.rsplit(':').next().unwrap().split('/').next().unwrap();
    let refused = output(&["--port", port]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("--port"));
    for invalid in [
        ["--failure-share", "2"],
        ["--speed", "fast"],
        ["--page-size", "0"],
        ["--rate-limit", "0"],
    ] {
        assert_eq!(output(&invalid).status.code(), Some(2), "{invalid:?}");
    }
    let help = String::from_utf8(output(&["--help"]).stdout).unwrap();
    for option in [
        "--port",
        "--api-key",
        "--speed",
        "--analysis-time",
        "--v3-only",
        "--fault-rate",
        "--rate-limit",
        "--exit-after",
    ] {
        assert!(help.contains(option), "{option}");
    }
}
