//! A server with a rate limit and an outage by a simulated clock, which sends one response.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ica_batch_sdk_ext::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::clock::SimulatedClock;

pub(crate) struct Limits {
    /// Rate of requests that are served.
    pub(crate) per_second: f64,
    /// Requests that are served at once after a pause.
    pub(crate) burst: f64,
    pub(crate) outage: Range<Duration>,
}

/// A request that the server received.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) at: Duration,
    pub(crate) is_served: bool,
}

pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    clock: SimulatedClock,
    limits: Limits,
    latency: Duration,
    body: String,
    /// Requests that the server has received and not responded to.
    held: AtomicUsize,
    state: Mutex<State>,
}

struct State {
    /// Requests that may be served now, at the time for which that was counted.
    store: f64,
    filled: Duration,
    seen: Vec<Seen>,
}

impl Server {
    pub(crate) async fn start(clock: SimulatedClock, limits: Limits, latency: Duration, body: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let state = State {
            store: limits.burst,
            filled: Duration::ZERO,
            seen: Vec::new(),
        };
        let shared = Arc::new(Shared {
            clock,
            limits,
            latency,
            body,
            held: AtomicUsize::new(0),
            state: Mutex::new(state),
        });
        let of_server = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&of_server);
                tokio::spawn(async move { shared.serve(stream).await });
            }
        });
        Self { address, shared }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/ica/rest", self.address)
    }

    pub(crate) fn held(&self) -> usize {
        self.shared.held.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.state.lock().unwrap().seen.clone()
    }
}

impl Shared {
    async fn serve(&self, mut stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let (mut buffer, mut head) = ([0; 4096], Vec::new());
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            head.extend_from_slice(&buffer[..count]);
            // The requests have no bodies.
            if !head.ends_with(b"\r\n\r\n") {
                continue;
            }
            head.clear();
            self.held.fetch_add(1, Ordering::SeqCst);
            self.clock.sleep(self.latency / 2).await;
            let response = self.respond();
            self.clock.sleep(self.latency / 2).await;
            self.held.fetch_sub(1, Ordering::SeqCst);
            if stream.write_all(response.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn respond(&self) -> String {
        let now = self.clock.time();
        let mut state = self.state.lock().unwrap();
        let refusal = if self.limits.outage.contains(&now) {
            Some(String::from("503 Service Unavailable\r\n"))
        } else {
            let rate = self.limits.per_second;
            let passed = now.saturating_sub(state.filled).as_secs_f64();
            // An unlimited rate times no time is not a number, and `min` ignores it.
            state.store = (state.store + passed * rate).min(self.limits.burst);
            state.filled = now;
            if state.store > 1.0 - 1e-6 {
                state.store -= 1.0;
                None
            } else {
                let wait = ((1.0 - state.store) / rate).ceil().max(1.0);
                Some(format!("429 Too Many Requests\r\nRetry-After: {wait}\r\n"))
            }
        };
        let is_served = refusal.is_none();
        state.seen.push(Seen { at: now, is_served });
        match refusal {
            Some(refusal) => format!("HTTP/1.1 {refusal}Content-Length: 0\r\n\r\n"),
            None => format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.illumina.v3+json\r\nContent-Length: {}\r\n\r\n{}",
                self.body.len(),
                self.body
            ),
        }
    }
}
