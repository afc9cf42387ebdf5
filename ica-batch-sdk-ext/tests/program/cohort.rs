//! A project with a pipeline and data, and manifests for it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use ica_simulator::{Family, Lifecycle, Operation, SeedData, SeedPipeline, Simulator, SimulatorBuilder};

use super::harness::{Ran, World};

pub(crate) const CREATE: Operation = Operation::CreateBatch(Family::Analysis);
pub(crate) const PIPELINE: &str = "Germline 4-3-6";

/// Arguments that submit `cohort.csv`.
pub(crate) const SUBMIT: [&str; 4] = ["submit", "cohort.csv", "--pipeline", PIPELINE];

/// Returns a world with a pipeline and data, in which everything happens at once.
pub(crate) fn world() -> World {
    world_with(Simulator::builder().lifecycle(Lifecycle::instant()))
}

pub(crate) fn world_with(builder: SimulatorBuilder) -> World {
    let world = World::with(builder);
    let project = world.simulator.project_id().to_owned();
    world.simulator.seed_pipeline(&project, SeedPipeline::new(PIPELINE));
    world.simulator.seed_data(&project, [SeedData::file("/run1/a.bam")]);
    world
}

/// Returns a manifest with this number of rows.
pub(crate) fn manifest(rows: usize) -> String {
    let rows = (1..=rows).map(|row| format!("sample-{row},/run1/a.bam\n"));
    format!("user_reference,input.reads\n{}", rows.collect::<String>())
}

/// Returns the arguments of `SUBMIT` with more.
pub(crate) fn submit(more: &[&'static str]) -> Vec<&'static str> {
    SUBMIT.iter().chain(more).copied().collect()
}

/// Asserts that each row of the manifest was created once.
#[track_caller]
pub(crate) fn assert_each_once(world: &World, rows: usize) {
    let created = world.simulator.created_by_name(Family::Analysis);
    assert_eq!(created.len(), rows, "{created:?}");
    assert!(created.values().all(|times| *times == 1), "{created:?}");
}

/// A running program.
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    read: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            stderr,
            read: String::new(),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Sends a signal again and again until the program ends, because signals in a moment are one.
    pub(crate) fn signal_until_the_end(mut self, name: &str) -> Ran {
        while self.child.try_wait().unwrap().is_none() {
            self.signal(name);
            std::thread::sleep(Duration::from_millis(20));
        }
        self.end()
    }

    /// Reads standard error until a line contains this text.
    #[track_caller]
    pub(crate) fn read_until(&mut self, text: &str) {
        loop {
            let start = self.read.len();
            if self.stderr.read_line(&mut self.read).unwrap() == 0 {
                panic!("it ended without {text:?}:\n{}", self.read);
            }
            if self.read[start..].contains(text) {
                return;
            }
        }
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ran {
        self.stderr.read_to_string(&mut self.read).unwrap();
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let code = self.child.wait().unwrap().code();
        Ran {
            code,
            stdout,
            stderr: self.read,
        }
    }
}
