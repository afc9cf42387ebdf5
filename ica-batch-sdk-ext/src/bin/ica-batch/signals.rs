//! Ctrl-C and SIGTERM: they end the command, or are handed to a command that handles them itself.
//!
//! The main thread listens to the signals, and a thread of its own runs the command. So a command
//! that blocks its thread does not hold up a signal.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::sync::{Notify, oneshot};

use crate::exit::Exit;
use crate::failure::Failure;

/// Time after a signal in which another one is not a further request to end. `timeout` of the GNU
/// coreutils sends its signal to the process and then to the process group.
const SAME_REQUEST: Duration = Duration::from_secs(1);

/// Longest time for a command to delete its temporary files after a signal.
const CLEANUP: Duration = Duration::from_millis(500);

/// Signals that are handed to the command, if it handles them itself.
#[derive(Debug, Default)]
pub(crate) struct SignalSource(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_taken: AtomicBool,
    signal: Notify,
}

impl SignalSource {
    /// Returns the signals. Until they are dropped, a signal does not end the command.
    pub(crate) fn take(&self) -> Signals {
        self.0.is_taken.store(true, Ordering::SeqCst);
        Signals(self.0.clone())
    }

    /// Takes the signals until the program ends, for a command that listens to them itself. A signal
    /// that ends the command may arrive here when the command has ended already.
    pub(crate) fn take_to_the_end(&self) {
        self.0.is_taken.store(true, Ordering::SeqCst);
    }

    /// Returns a handle to the same signals.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// Hands a signal to the command. Returns whether the command handles signals itself.
    fn hand_over(&self) -> bool {
        let is_taken = self.0.is_taken.load(Ordering::SeqCst);
        if is_taken {
            self.0.signal.notify_one();
        }
        is_taken
    }
}

/// Signals of a command that handles them itself.
#[derive(Debug)]
pub(crate) struct Signals(Arc<Shared>);

impl Signals {
    /// Waits for the next signal. Safe to drop.
    pub(crate) async fn next(&mut self) {
        self.0.signal.notified().await;
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.0.is_taken.store(false, Ordering::SeqCst);
    }
}

/// Signals that count as requests to end.
#[derive(Debug, Default)]
struct Requests {
    last: Option<Instant>,
}

impl Requests {
    /// Returns whether a signal at this time is a further request.
    fn is_new(&mut self, now: Instant) -> bool {
        let is_new = self
            .last
            .is_none_or(|last| now.saturating_duration_since(last) >= SAME_REQUEST);
        if is_new {
            self.last = Some(now);
        }
        is_new
    }
}

/// Runs a command on a thread until it ends. A signal ends it with this failure, unless the command
/// has taken the signals.
pub(crate) fn run<F>(
    runtime: &runtime::Runtime,
    source: &SignalSource,
    interrupted: Failure,
    command: impl FnOnce() -> F + Send + 'static,
) -> Result<Exit, Failure>
where
    F: Future<Output = Result<Exit, Failure>>,
{
    let listening = runtime::Builder::new_current_thread().enable_all().build();
    let listening = listening.map_err(|error| not_caught(&error))?;
    listening.block_on(async {
        let mut listener = Listener::new()?;
        let mut requests = Requests::default();
        let (end, ended) = oneshot::channel();
        let (cancel, cancelled) = oneshot::channel::<()>();
        let runtime = runtime.handle().clone();
        let thread = thread::spawn(move || {
            let result = runtime.block_on(async {
                tokio::select! {
                    result = command() => Some(result),
                    _ = cancelled => None,
                }
            });
            // After a signal, the result may not be awaited any more.
            end.send(result).ok();
        });
        let mut ended = pin!(ended);
        let result = loop {
            tokio::select! {
                result = &mut ended => break result,
                () = listener.next() => {}
            }
            if requests.is_new(Instant::now()) && !source.hand_over() {
                drop(cancel);
                // A command that blocks its thread does not end.
                tokio::time::timeout(CLEANUP, ended).await.ok();
                return Err(interrupted);
            }
        };
        match (result, thread.join()) {
            (Ok(Some(result)), _) => result,
            (_, Err(panic)) => std::panic::resume_unwind(panic),
            _ => Err(interrupted),
        }
    })
}

/// Runs something that blocks its thread, such as a read of standard input, on a thread of its own.
/// A command that awaits it can be dropped.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Listener to the signals. From its creation on, they no longer end the process.
#[derive(Debug)]
struct Listener {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Listener {
    #[cfg(unix)]
    fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(|error| not_caught(&error))?,
            terminate: signal(SignalKind::terminate()).map_err(|error| not_caught(&error))?,
        })
    }

    #[cfg(not(unix))]
    fn new() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Waits for the next signal.
    async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            // Without the signal, Ctrl-C ends the process as usual.
            std::future::pending::<()>().await;
        }
    }
}

fn not_caught(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Resumable, format!("could not wait for Ctrl-C: {error}"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Requests, SignalSource};

    #[test]
    fn signals_within_a_second_are_one_request() {
        let start = Instant::now();
        let mut requests = Requests::default();
        let mut is_new = |milliseconds| requests.is_new(start + Duration::from_millis(milliseconds));
        assert!(is_new(0), "the first one");
        assert!(!is_new(3) && !is_new(999));
        assert!(is_new(1000), "those in between do not prolong the second");
        assert!(!is_new(1999) && is_new(2500));
    }

    #[tokio::test]
    async fn signals_are_handed_over_while_the_command_has_them() {
        let source = SignalSource::default();
        assert!(!source.hand_over());
        let mut signals = source.take();
        assert!(source.share().hand_over());
        signals.next().await;
        drop(signals);
        assert!(!source.hand_over());
        source.take_to_the_end();
        assert!(source.hand_over());
    }
}
