//! The simulator as its user holds it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::auth::{TokenForm, TokenOrigin};
use crate::batch::{BatchId, Requested, SeedOptions};
use crate::builder::{Settings, SimulatorBuilder};
use crate::clock::Clock;
use crate::connection::{self, Command};
use crate::core::Core;
use crate::existing::BatchRecord;
use crate::fate::Fate;
use crate::faults::Faults;
use crate::hold::HeldCreates;
use crate::operation::Operation;
use crate::record::RecordedRequest;
use crate::server::{self, BASE};
use crate::state::NewBatch;

/// A running simulator, on a port of 127.0.0.1 and a thread of its own. Dropping it closes the port and ends the thread.
///
/// All methods can be called from async code and from plain threads alike.
///
/// # Panics
///
/// Dropping it panics if one of its request handlers did (for instance in a closure given to
/// [`SimulatorBuilder::fates`]), so that a test does not pass over it.
pub struct Simulator {
    core: Arc<Core>,
    address: SocketAddr,
    /// `None` only while being dropped.
    commands: Option<mpsc::UnboundedSender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a simulator with all defaults.
    ///
    /// # Panics
    ///
    /// If no port can be opened; [`SimulatorBuilder::start`] returns the error instead.
    pub fn start() -> Self {
        Self::builder().start().expect("a free port of 127.0.0.1 can be opened")
    }

    /// Sets up a simulator.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }

    pub(crate) fn run(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let core = Arc::new(Core::new(settings));
        let router = server::router(core.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (commands, received) = mpsc::unbounded_channel();
        let accepting = async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is not blocking");
            connection::run(listener, router, received).await;
        };
        let thread = std::thread::Builder::new().name("ica-simulator".to_owned());
        let thread = thread.spawn(move || runtime.block_on(accepting))?;
        Ok(Self {
            core,
            address,
            commands: Some(commands),
            thread: Some(thread),
        })
    }

    /// Where the API begins: `http://127.0.0.1:PORT/ica/rest`.
    pub fn base_url(&self) -> String {
        format!("http://{}{BASE}", self.address)
    }

    /// The address that the simulator listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The first API key.
    pub fn api_key(&self) -> &str {
        &self.core.settings.api_keys[0]
    }

    /// The first project.
    pub fn project_id(&self) -> &str {
        &self.core.settings.projects[0]
    }

    /// Adds a project.
    pub fn add_project(&self, id: impl Into<String>) {
        self.core.state.lock().projects.insert(id.into());
    }

    /// The clock that everything goes by.
    pub fn clock(&self) -> Clock {
        self.core.clock.clone()
    }

    /// The faults that requests meet.
    pub fn faults(&self) -> Faults {
        self.core.faults.clone()
    }

    /// Issues a token for the user of the first API key, without a request.
    pub fn issue_token(&self, origin: TokenOrigin, lifetime: Duration) -> String {
        let now = self.core.clock.now();
        let credentials = &mut self.core.state.lock().credentials;
        let user = credentials.first_user();
        credentials.issue(&user, origin, lifetime, now, TokenForm::Jwt)
    }

    /// Makes a token unknown; false if it was already.
    pub fn revoke_token(&self, token: &str) -> bool {
        self.core.state.lock().credentials.revoke(token)
    }

    /// Makes all tokens unknown.
    pub fn revoke_all_tokens(&self) {
        self.core.state.lock().credentials.revoke_all();
    }

    /// How many tokens requests have minted or refreshed.
    pub fn minted_tokens(&self) -> usize {
        self.core.state.lock().credentials.minted
    }

    /// Decides what becomes of the analyses with this user reference from now on.
    pub fn set_fate(&self, user_reference: &str, fate: Fate) {
        self.core.settings.fates.set(user_reference, fate);
    }

    /// Makes a batch of `number` Nextflow analyses without a request. It does not count as an
    /// [executed create](Self::executed_creates).
    pub fn seed_batch(&self, project: &str, number: usize, options: SeedOptions) -> BatchId {
        let settings = &self.core.settings;
        let age = options.age.unwrap_or_else(|| settings.lifecycle.longest());
        let pipelines: Vec<_> = (0..options.pipelines)
            .map(|n| Uuid::new_v3(&Uuid::NAMESPACE_OID, &n.to_be_bytes()).to_string())
            .collect();
        let analyses = (0..number).map(|index| Requested {
            user_reference: format!("{}-{index}", options.prefix).into(),
            pipeline_id: pipelines[index % pipelines.len()].as_str().into(),
            user_tags: vec!["seeded".to_owned()],
            ..Requested::default()
        });
        let mut state = self.core.state.lock();
        let new = NewBatch {
            project: project.to_owned(),
            key: None,
            owner: state.credentials.first_user(),
            created: self.core.clock.now() - TimeDelta::from_std(age).unwrap_or_default(),
            analyses: analyses.collect(),
        };
        state.add_batch(new, &settings.lifecycle, &settings.fates).id
    }

    /// Aborts a run: it is `ABORTING` from now on, then `ABORTED`, unless it ended before. False if there is no such analysis.
    pub fn abort(&self, analysis_id: Uuid) -> bool {
        let now = self.core.clock.now();
        let mut state = self.core.state.lock();
        let item = state.item_of_analysis(analysis_id);
        item.map(|item| item.aborted_at.get_or_insert(now)).is_some()
    }

    /// Stops the job that creates a batch's analyses: what is not created by now fails. False if there is no such batch.
    pub fn stop_job(&self, batch: BatchId) -> bool {
        let now = self.core.clock.now();
        let mut state = self.core.state.lock();
        state
            .batch_mut(batch)
            .map(|batch| batch.stopped_at.get_or_insert(now))
            .is_some()
    }

    /// Holds every create that passes its first checks as "running", until the guard is dropped. Meanwhile the same key and body
    /// again get 409.
    pub fn hold_creates(&self) -> HeldCreates {
        HeldCreates::new(self.core.holds.clone())
    }

    /// Closes all connections and the port, so that new connections are refused.
    pub fn stop_accepting(&self) {
        self.command(Command::StopAccepting);
    }

    /// Opens the same port again. The error says why it could not be.
    pub fn resume_accepting(&self) -> io::Result<()> {
        self.command(Command::Accept)
    }

    fn command<T>(&self, command: impl FnOnce(std::sync::mpsc::Sender<T>) -> Command) -> T {
        let (done, acknowledged) = std::sync::mpsc::channel();
        let commands = self.commands.as_ref().expect("only dropping takes it");
        commands
            .send(command(done))
            .expect("the server lives as long as the simulator");
        acknowledged.recv().expect("the server lives as long as the simulator")
    }

    /// The requests seen so far, in the order of their arrival, as far as they are [recorded](SimulatorBuilder::record_limit).
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.core.recorder.requests()
    }

    /// How many requests of an operation are recorded.
    pub fn count(&self, operation: Operation) -> usize {
        self.core.recorder.count(operation)
    }

    /// Forgets the recorded requests.
    pub fn clear_requests(&self) {
        self.core.recorder.clear();
    }

    /// How many creates were executed: neither refused nor answered from an idempotency key's memory.
    pub fn executed_creates(&self) -> usize {
        self.core.state.lock().executed_creates
    }

    /// All batches as they are now, in the order of their creation.
    pub fn batches(&self) -> Vec<BatchRecord> {
        let now = self.core.clock.now();
        let state = self.core.state.lock();
        state
            .batches()
            .iter()
            .map(|batch| BatchRecord::of(batch, &self.core.settings.lifecycle, now))
            .collect()
    }

    /// How many analyses each user reference has been given, in all batches. More than one is a sample that is paid for twice.
    pub fn analyses_by_user_reference(&self) -> BTreeMap<String, usize> {
        let state = self.core.state.lock();
        let mut number = BTreeMap::new();
        let items = state.batches().iter().flat_map(|batch| &batch.items);
        for item in items.filter(|item| item.fate != Fate::FailCreation) {
            *number.entry(item.requested.user_reference.to_string()).or_default() += 1;
        }
        number
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.commands = None;
        let ended = self.thread.take().map(JoinHandle::join);
        let panics = std::mem::take(&mut *self.core.panics.lock());
        if std::thread::panicking() {
            return;
        }
        assert!(
            panics.is_empty(),
            "the simulator panicked while it handled a request: {}",
            panics.join("; ")
        );
        assert!(matches!(ended, Some(Ok(()))), "the simulator's thread panicked");
    }
}
