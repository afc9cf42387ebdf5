//! The program that submits, as a child of the test.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use ica_simulator::Simulator;

/// What a submission is run with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) name: &'a str,
    pub(super) analyses: usize,
    pub(super) chunk_size: usize,
    pub(super) concurrency: usize,
    pub(super) lease_ms: usize,
}

/// A running submitter. Dropping it kills it.
pub(super) struct Submitter {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Submitter {
    pub(super) fn start(simulator: &Simulator, journal: &Path, job: Job<'_>) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_submitter"))
            .args([&simulator.base_url(), simulator.api_key(), simulator.project_id()])
            .arg(journal)
            .arg(job.name)
            .args([job.analyses, job.chunk_size, job.concurrency, job.lease_ms].map(|number| number.to_string()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { child, lines }
    }

    /// Waits for the next thing that it says. None when it has ended.
    pub(super) fn next_line(&mut self) -> Option<String> {
        self.lines.next()?.ok()
    }

    /// Ends it with SIGKILL, wherever it is.
    pub(super) fn kill(mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is ours");
    }

    /// Waits until it has ended well; what it said last.
    pub(super) fn finish(self) -> String {
        let (has_succeeded, last) = self.end();
        assert!(has_succeeded, "it said last {last:?}");
        last
    }

    /// Waits until it has ended; whether that was well, and what it said last.
    pub(super) fn end(mut self) -> (bool, String) {
        let mut last = String::new();
        while let Some(line) = self.next_line() {
            last = line;
        }
        (self.child.wait().expect("it is ours").success(), last)
    }
}

impl Drop for Submitter {
    fn drop(&mut self) {
        // It has mostly ended by now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
