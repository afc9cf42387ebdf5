//! Ctrl-C and SIGTERM.

use crate::exit::Exit;
use crate::failure::Failure;

/// Signals that ask the program to end. From its creation on, they no longer end the process.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(|error| not_caught(&error))?,
            terminate: signal(SignalKind::terminate()).map_err(|error| not_caught(&error))?,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
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

#[cfg(unix)]
fn not_caught(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Resumable, format!("could not wait for Ctrl-C: {error}"))
}
