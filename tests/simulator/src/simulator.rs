//! The handle of a running simulator.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::TimeDelta;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::api::auth::{TokenForm, TokenOrigin};
use crate::api::family::Family;
use crate::api::operation::Operation;
use crate::batch::creation::Processing;
use crate::batch::fate::Fate;
use crate::batch::hold::HeldCreates;
use crate::batch::model::BatchId;
use crate::batch::seed::SeedOptions;
use crate::clock::{Clock, Watcher};
use crate::families::analysis::seeded_pipeline;
use crate::faults::Faults;
use crate::record::batches::BatchRecord;
use crate::record::requests::RecordedRequest;
use crate::server::connection::{self, Command};
use crate::server::{self, BASE, Server};
use crate::service::core::Core;
use crate::service::settings::Settings;
use crate::service::state::NewBatch;

/// A running simulator on a port of 127.0.0.1, with its own thread. Dropping it closes the port and
/// ends the thread.
///
/// All methods can be called from async code and from other threads.
///
/// ```
/// let simulator = ica_simulator::Simulator::start();
/// assert!(simulator.base_url().starts_with("http://127.0.0.1:"));
/// assert!(simulator.requests().is_empty());
/// ```
///
/// # Panics
///
/// Dropping it panics if a request handler has panicked, for instance in a closure of
/// [`SimulatorBuilder::fates`](crate::SimulatorBuilder::fates). So a test does not miss the panic.
pub struct Simulator {
    server: Arc<Server>,
    address: SocketAddr,
    /// `None` only during the drop.
    commands: Option<mpsc::UnboundedSender<Command>>,
    thread: Option<JoinHandle<()>>,
    /// Closes and opens the port for outages. The clock calls it as long as it is here.
    _gate: Arc<Watcher>,
}

impl Simulator {
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
        let gate = gate(server.clone(), commands.downgrade());
        server.core.clock.watch(&gate);
        Ok(Self {
            server,
            address,
            commands: Some(commands),
            thread: Some(thread),
            _gate: gate,
        })
    }

    pub(crate) fn core(&self) -> &Core {
        &self.server.core
    }

    /// Returns the base URL of the API: `http://127.0.0.1:PORT/ica/rest`.
    pub fn base_url(&self) -> String {
        format!("http://{}{BASE}", self.address)
    }

    /// Returns the address on which the simulator listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the first API key.
    pub fn api_key(&self) -> &str {
        &self.core().settings.api_keys[0]
    }

    /// Returns the first project id.
    pub fn project_id(&self) -> &str {
        &self.core().settings.projects[0]
    }

    /// Returns a pipeline id for requests. It is the pipeline of [seeded](Self::seed_batch)
    /// analyses; a request may name any other.
    pub fn pipeline_id(&self) -> Uuid {
        seeded_pipeline(0)
    }

    /// Returns the seed of ids and tokens.
    pub fn seed(&self) -> u64 {
        self.core().settings.seed
    }

    /// Adds a project.
    pub fn add_project(&self, id: impl Into<String>) {
        self.core().state.lock().projects.insert(id.into());
    }

    /// Returns the clock.
    pub fn clock(&self) -> Clock {
        self.core().clock.clone()
    }

    /// Returns the faults that requests meet.
    pub fn faults(&self) -> Faults {
        self.server.faults.clone()
    }

    /// Issues a token for the user of the first API key, without a request.
    pub fn issue_token(&self, origin: TokenOrigin, lifetime: Duration) -> String {
        self.issue_token_of(self.api_key(), origin, lifetime)
    }

    /// Issues a token for the user of an API key, without a request.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ica_simulator::{Simulator, TokenOrigin};
    ///
    /// let simulator = Simulator::builder().api_key("a").api_key("b").start()?;
    /// let token = |key| simulator.issue_token_of(key, TokenOrigin::User, Duration::from_secs(60));
    /// assert_ne!(token("a"), token("b"));
    /// assert_ne!(simulator.user_id("a"), simulator.user_id("b"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the simulator does not have the key.
    pub fn issue_token_of(&self, api_key: &str, origin: TokenOrigin, lifetime: Duration) -> String {
        let now = self.core().clock.now();
        let credentials = &mut self.core().state.lock().credentials;
        let user = credentials.user(api_key).cloned();
        let user = user.unwrap_or_else(|| panic!("the simulator does not have this API key; add it to the builder"));
        credentials.issue(&user, origin, lifetime, now, TokenForm::Jwt)
    }

    /// Returns the id of the user of an API key: the `sub` of their tokens, and the owner of what
    /// they create. None for an unknown key.
    pub fn user_id(&self, api_key: &str) -> Option<Uuid> {
        let state = self.core().state.lock();
        state.credentials.user(api_key).map(|user| user.id)
    }

    /// Revokes a token. Returns false for an unknown token.
    pub fn revoke_token(&self, token: &str) -> bool {
        self.core().state.lock().credentials.revoke(token)
    }

    /// Revokes all tokens.
    pub fn revoke_all_tokens(&self) {
        self.core().state.lock().credentials.revoke_all();
    }

    /// Returns the number of tokens that requests have minted or refreshed.
    pub fn minted_tokens(&self) -> usize {
        self.core().state.lock().credentials.minted
    }

    /// Sets the fate of items with this name: the user reference of an analysis, the name of a
    /// sample. Items that exist keep their fate.
    pub fn set_fate(&self, name: &str, fate: Fate) {
        self.core().settings.fates.set(name, fate);
    }

    /// Creates a batch of `number` items without a request: Nextflow analyses, unless the options
    /// name another family. [`executed_creates`](Self::executed_creates) does not count it.
    pub fn seed_batch(&self, project: &str, number: usize, options: SeedOptions) -> BatchId {
        let core = self.core();
        let lifecycle = &core.settings.lifecycle;
        let age = options.age.unwrap_or_else(|| lifecycle.longest());
        let family = core.families.get(options.family);
        let items = (0..number).map(|index| {
            let name = format!("{}-{index}", options.prefix);
            family.seeded(name, index % options.pipelines, &options.technical_tags)
        });
        let mut state = core.state.lock();
        let new = NewBatch {
            family: family.clone(),
            project: project.to_owned(),
            key: None,
            owner: state.credentials.user(self.api_key()).expect("it is a key").clone(),
            created: core.clock.now() - TimeDelta::from_std(age).unwrap_or_default(),
            items: items.collect(),
        };
        state.add_batch(new, &lifecycle.creation, &core.settings.fates).id
    }

    /// Aborts the run of an analysis: it becomes `ABORTING` and then `ABORTED`, unless it has
    /// ended. Returns false for an unknown analysis.
    pub fn abort(&self, analysis_id: Uuid) -> bool {
        let now = self.core().clock.now();
        let mut state = self.core().state.lock();
        let item = state.item_that_created(analysis_id);
        item.is_some_and(|item| item.request.abort(now))
    }

    /// Deletes an analysis, as a person may do in ICA: no search finds it, and its item, which stays
    /// `SUCCEEDED`, has no `createdAnalysis`. Returns false for an unknown analysis.
    ///
    /// ```
    /// let simulator = ica_simulator::Simulator::start();
    /// simulator.seed_batch(simulator.project_id(), 1, ica_simulator::SeedOptions::default());
    /// let analysis = simulator.batches()[0].items[0].created_id.expect("it is created");
    /// assert!(simulator.delete_analysis(analysis));
    /// assert_eq!(simulator.batches()[0].items[0].created_id, None);
    /// ```
    pub fn delete_analysis(&self, analysis_id: Uuid) -> bool {
        let mut state = self.core().state.lock();
        let item = state.item_that_created(analysis_id);
        item.map(|item| item.is_deleted = true).is_some()
    }

    /// Stops the job of a batch. Items that are not created yet end as `STOPPED`, or as `FAILED` in
    /// families without that status. Returns false for an unknown batch.
    pub fn stop_job(&self, batch: BatchId) -> bool {
        let now = self.core().clock.now();
        let mut state = self.core().state.lock();
        state
            .batch_mut(batch)
            .map(|batch| batch.stopped_at.get_or_insert(now))
            .is_some()
    }

    /// Holds all creates in progress until the guard is dropped. Meanwhile another request with the
    /// same key and body gets 409.
    pub fn hold_creates(&self) -> HeldCreates {
        HeldCreates::new(self.core().holds.clone())
    }

    /// Closes all connections. When it returns, no request is in flight: each one was executed, or
    /// is lost.
    pub fn close_connections(&self) {
        self.command(Command::Close);
    }

    /// Closes the port and all connections. New connections are refused.
    pub fn stop_accepting(&self) {
        self.command(Command::StopAccepting);
    }

    /// Opens the same port again. The error is that of the operating system.
    pub fn resume_accepting(&self) -> io::Result<()> {
        self.command(Command::Accept)
    }

    fn command<T>(&self, command: impl FnOnce(std::sync::mpsc::Sender<T>) -> Command) -> T {
        let (done, acknowledged) = std::sync::mpsc::channel();
        let commands = self.commands.as_ref().expect("present until dropped");
        commands
            .send(command(done))
            .expect("the server lives as long as the simulator");
        acknowledged.recv().expect("the server lives as long as the simulator")
    }

    /// Returns the recorded requests in the order of their arrival; see
    /// [`SimulatorBuilder::record_limit`](crate::SimulatorBuilder::record_limit).
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.server.recorder.requests()
    }

    /// Returns the number of recorded requests of an operation.
    pub fn count(&self, operation: Operation) -> usize {
        self.server.recorder.count(operation)
    }

    /// Removes the recorded requests.
    pub fn clear_requests(&self) {
        self.server.recorder.clear();
    }

    /// Returns the number of executed creates of all families. A create that is refused or that
    /// gets a kept response is not executed.
    pub fn executed_creates(&self) -> usize {
        self.core().state.lock().executed_creates
    }

    /// Returns all batches with their state now, in the order of their creation.
    pub fn batches(&self) -> Vec<BatchRecord> {
        let now = self.core().clock.now();
        let state = self.core().state.lock();
        state
            .batches()
            .iter()
            .map(|batch| BatchRecord::of(batch, &self.core().settings.lifecycle.creation, now))
            .collect()
    }

    /// Returns how many analyses were created for each user reference, or samples for each name, in
    /// all batches of a family. A number above 1 means that something was created twice.
    ///
    /// ```
    /// use ica_simulator::{Family, SeedOptions, Simulator};
    ///
    /// let simulator = Simulator::start();
    /// for _ in 0..2 {
    ///     simulator.seed_batch(simulator.project_id(), 1, SeedOptions::default());
    /// }
    /// assert_eq!(simulator.created_by_name(Family::Analysis)["sample-0"], 2);
    /// ```
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

/// Returns a function that closes or opens the port, as the outages and the clock say. When it
/// returns, that is done.
fn gate(server: Arc<Server>, commands: mpsc::WeakUnboundedSender<Command>) -> Arc<Watcher> {
    let closed = Mutex::new(false);
    Arc::new(move || {
        let mut closed = closed.lock();
        let close = server.faults.refuse_connections();
        let Some(commands) = commands.upgrade().filter(|_| close != *closed) else {
            return;
        };
        let done = if close {
            let (done, acknowledged) = std::sync::mpsc::channel();
            commands.send(Command::StopAccepting(done)).ok();
            acknowledged.recv().is_ok()
        } else {
            let (done, acknowledged) = std::sync::mpsc::channel();
            commands.send(Command::Accept(done)).ok();
            // Another program may have taken the port, as after an outage of a real server.
            acknowledged.recv().is_ok_and(|opened| opened.is_ok())
        };
        *closed = close && done;
    })
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
            "a request handler of the simulator panicked: {}",
            panics.join("; ")
        );
        assert!(matches!(ended, Some(Ok(()))), "the simulator's thread panicked");
    }
}
