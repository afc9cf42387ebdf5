//! A simulator, a home directory and the program.
//!
//! The program sees no variable of this process, so that neither the settings nor the credentials of
//! the person who runs the tests take part.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ica_simulator::{Simulator, SimulatorBuilder};
use regex_lite::Regex;
use tempfile::TempDir;

/// A simulator with a user who has a home directory and the variables of ICA.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    home: TempDir,
}

/// Result of a run of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    /// Exit code; None after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Simulator::builder())
    }

    pub(crate) fn with(builder: SimulatorBuilder) -> Self {
        Self {
            simulator: builder.start().unwrap(),
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// Returns the path of a file in the home directory, which is also the working directory.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file in the home directory, and its folder where it is missing.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Returns the program with these arguments, and the variables of a user of the simulator.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        command
            .env("ICAV2_BASE_URL", self.simulator.base_url())
            .env("ICAV2_API_KEY", self.simulator.api_key())
            .env("ICAV2_PROJECT_ID", self.simulator.project_id());
        command
    }

    /// Returns the program with these arguments, without a setting of ICA.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ica-batch"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program with these arguments to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Runs the program with this text on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // The program may end before it has read everything.
        stdin.write_all(input.as_ref()).ok();
        drop(stdin);
        Ran::from(child.wait_with_output().unwrap())
    }

    /// Replaces what differs from run to run: the port, the home directory, times, durations and
    /// random ids.
    pub(crate) fn stable(&self, text: &str) -> String {
        let text = text
            .replace(&self.simulator.base_url(), "http://SIMULATOR")
            .replace(&self.simulator.address().to_string(), "SIMULATOR")
            .replace(&self.home.path().display().to_string(), "~");
        let rules = [
            (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z)?", "[time]"),
            (r#""(elapsed_seconds|elapsedSeconds)":\s*[0-9.e-]+"#, r#""$1": 0"#),
            (r"process \d+", "process [pid]"),
            (r"sent in [0-9hmsd ]+:", "sent in [duration]:"),
        ];
        rules.into_iter().fold(text, |text, (pattern, replacement)| {
            Regex::new(pattern)
                .unwrap()
                .replace_all(&text, replacement)
                .into_owned()
        })
    }

    /// Returns what the program did as text for a snapshot.
    pub(crate) fn shown(&self, ran: &Ran) -> String {
        let Ran { code, stdout, stderr } = ran;
        let code = code.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        self.stable(&format!(
            "exit code {code}\n--- standard output\n{stdout}--- standard error\n{stderr}"
        ))
    }
}

impl Ran {
    /// Asserts the exit code, and shows everything if it is another one.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        let Self { stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "stdout:\n{stdout}\nstderr:\n{stderr}");
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
