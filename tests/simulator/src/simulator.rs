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

use crate::api::auth::{TokenForm, TokenOrigin};
use crate::api::family::Family;
use crate::api::operation::Operation;
use crate::batch::batches::BatchId;
use crate::batch::creation::Processing;
use crate::batch::fate::Fate;
use crate::batch::hold::HeldCreates;
use crate::batch::seed::SeedOptions;
use crate::builder::SimulatorBuilder;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::record::batches::BatchRecord;
use crate::record::requests::RecordedRequest;
use crate::server::connection::{self, Command};
use crate::server::{self, BASE, Server};
use crate::service::Core;
use crate::service::settings::Settings;
use crate::service::state::NewBatch;

/// A running simulator, on a port of 127.0.0.1 and a thread of its own. Dropping it closes the port and ends the thread.
///
/// All methods can be called from async code and from plain threads alike.
///
/// # Panics
///
/// Dropping it panics if one of its request handlers did (for instance in a closure given to
/// [`SimulatorBuilder::fates`]), so that a test does not pass over it.
pub struct Simulator {
    server: Arc<Server>,
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
        let server = Arc::new(Server::new(Core::new(settings)));
        let router = server::router(server.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (commands, received) = mpsc::unbounded_channel();
        let accepting = async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is not blocking");
            connection::run(listener, router, received).await;
        };
        let thread = std::thread::Builder::new().name("ica-simulator".to_owned());
        let thread = thread.spawn(move || runtime.block_on(accepting))?;
        Ok(Self {
            server,
            address,
            commands: Some(commands),
            thread: Some(thread),
        })
    }

    fn core(&self) -> &Core {
        &self.server.core
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
        &self.core().settings.api_keys[0]
    }

    /// The first project.
    pub fn project_id(&self) -> &str {
        &self.core().settings.projects[0]
    }

    /// Adds a project.
    pub fn add_project(&self, id: impl Into<String>) {
        self.core().state.lock().projects.insert(id.into());
    }

    /// The clock that everything goes by.
    pub fn clock(&self) -> Clock {
        self.core().clock.clone()
    }

    /// The faults that requests meet.
    pub fn faults(&self) -> Faults {
        self.server.faults.clone()
    }

    /// Issues a token for the user of the first API key, without a request.
    pub fn issue_token(&self, origin: TokenOrigin, lifetime: Duration) -> String {
        let now = self.core().clock.now();
        let credentials = &mut self.core().state.lock().credentials;
        let user = credentials.first_user();
        credentials.issue(&user, origin, lifetime, now, TokenForm::Jwt)
    }

    /// Makes a token unknown; false if it was already.
    pub fn revoke_token(&self, token: &str) -> bool {
        self.core().state.lock().credentials.revoke(token)
    }

    /// Makes all tokens unknown.
    pub fn revoke_all_tokens(&self) {
        self.core().state.lock().credentials.revoke_all();
    }

    /// How many tokens requests have minted or refreshed.
    pub fn minted_tokens(&self) -> usize {
        self.core().state.lock().credentials.minted
    }

    /// Sets the fate of items with this name from now on: the user reference of an analysis, the name of a sample.
    pub fn set_fate(&self, name: &str, fate: Fate) {
        self.core().settings.fates.set(name, fate);
    }

    /// Makes a batch of `number` items without a request: Nextflow analyses, unless the options name another family. It does not count
    /// as an [executed create](Self::executed_creates).
    pub fn seed_batch(&self, project: &str, number: usize, options: SeedOptions) -> BatchId {
        let core = self.core();
        let lifecycle = &core.settings.lifecycle;
        let age = options.age.unwrap_or_else(|| lifecycle.longest());
        let family = core.families.get(options.family);
        let items = (0..number).map(|index| {
            let name = format!("{}-{index}", options.prefix);
            family.seeded(name, index % options.pipelines)
        });
        let mut state = core.state.lock();
        let new = NewBatch {
            family: family.clone(),
            project: project.to_owned(),
            key: None,
            owner: state.credentials.first_user(),
            created: core.clock.now() - TimeDelta::from_std(age).unwrap_or_default(),
            items: items.collect(),
        };
        state.add_batch(new, &lifecycle.creation, &core.settings.fates).id
    }

    /// Aborts a run: it is `ABORTING` from now on, then `ABORTED`, unless it ended before. False if there is no such analysis.
    pub fn abort(&self, analysis_id: Uuid) -> bool {
        let now = self.core().clock.now();
        let mut state = self.core().state.lock();
        let item = state.item_that_created(analysis_id);
        item.is_some_and(|item| item.request.abort(now))
    }

    /// Stops the job of a batch: what is not created by now never will be. Its items end as `STOPPED`, or as `FAILED` in families without
    /// that status. False if there is no such batch.
    pub fn stop_job(&self, batch: BatchId) -> bool {
        let now = self.core().clock.now();
        let mut state = self.core().state.lock();
        state
            .batch_mut(batch)
            .map(|batch| batch.stopped_at.get_or_insert(now))
            .is_some()
    }

    /// Holds every create that passes its first checks as "running", until the guard is dropped. Meanwhile the same key and body
    /// again get 409.
    pub fn hold_creates(&self) -> HeldCreates {
        HeldCreates::new(self.core().holds.clone())
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
        self.server.recorder.requests()
    }

    /// How many requests of an operation are recorded.
    pub fn count(&self, operation: Operation) -> usize {
        self.server.recorder.count(operation)
    }

    /// Forgets the recorded requests.
    pub fn clear_requests(&self) {
        self.server.recorder.clear();
    }

    /// How many creates were executed: neither refused nor answered from an idempotency key's memory.
    pub fn executed_creates(&self) -> usize {
        self.core().state.lock().executed_creates
    }

    /// All batches as they are now, in the order of their creation.
    pub fn batches(&self) -> Vec<BatchRecord> {
        let now = self.core().clock.now();
        let state = self.core().state.lock();
        state
            .batches()
            .iter()
            .map(|batch| BatchRecord::of(batch, &self.core().settings.lifecycle.creation, now))
            .collect()
    }

    /// How many analyses each user reference, or samples each name, has been given in all batches of a family. More than one means that
    /// something was created twice.
    pub fn created_by_name(&self, family: Family) -> BTreeMap<String, usize> {
        let state = self.core().state.lock();
        let mut number = BTreeMap::new();
        let batches = state
            .batches()
            .iter()
            .filter(|batch| batch.family.facts().family == family);
        let items = batches.flat_map(|batch| &batch.items);
        for item in items.filter(|item| Processing::end_of(item.fate).is_created()) {
            *number.entry(item.request.name().to_owned()).or_default() += 1;
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
        let panics = std::mem::take(&mut *self.server.panics.lock());
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
