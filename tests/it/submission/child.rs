//! The program `submitter` as a child process of the test.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use ica_simulator::Simulator;

/// Arguments of a submitter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) name: &'a str,
    pub(super) analyses: usize,
    pub(super) chunk_size: usize,
    pub(super) concurrency: usize,
    /// Time that it waits for the ownership of the journal.
    pub(super) wait_ms: usize,
}

/// Running submitter. Dropping it kills it.
pub(super) struct Submitter {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Submitter {
    pub(super) fn start(simulator: &Simulator, journal: &Path, job: Job<'_>) -> Self {
        Self::spawn(Command::new(env!("CARGO_BIN_EXE_submitter")), simulator, journal, job)
    }

    /// Starts a process whose new files could be read and written by everybody.
    #[cfg(unix)]
    pub(super) fn start_with_loose_umask(simulator: &Simulator, journal: &Path, job: Job<'_>) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "umask 0; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_submitter")]);
        Self::spawn(shell, simulator, journal, job)
    }

    fn spawn(mut command: Command, simulator: &Simulator, journal: &Path, job: Job<'_>) -> Self {
        let mut child = command
            .args([&simulator.base_url(), simulator.api_key(), simulator.project_id()])
            .arg(journal)
            .arg(job.name)
            .args([job.analyses, job.chunk_size, job.concurrency, job.wait_ms].map(|number| number.to_string()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        Self { child, lines }
    }

    /// Returns the process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the next line of output. None when the process has ended.
    pub(super) fn next_line(&mut self) -> Option<String> {
        self.lines.next()?.ok()
    }

    /// Ends the process with SIGKILL.
    pub(super) fn kill(mut self) {
        self.child.kill().expect("the test started it");
        self.child.wait().expect("the test started it");
    }

    /// Waits for the process to end successfully, and returns its last line.
    pub(super) fn finish(self) -> String {
        let (is_success, last) = self.end();
        assert!(is_success, "its last line is {last:?}");
        last
    }

    /// Waits for the process to end. Returns whether it succeeded, and its last line.
    pub(super) fn end(mut self) -> (bool, String) {
        let mut last = String::new();
        while let Some(line) = self.next_line() {
            last = line;
        }
        (self.child.wait().expect("the test started it").success(), last)
    }
}

impl Drop for Submitter {
    fn drop(&mut self) {
        // It usually has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
