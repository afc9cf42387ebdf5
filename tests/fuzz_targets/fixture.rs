//! A runtime, a server and a client that the calls of a target share, and the check of errors.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ica_batch_sdk_ext::clock::ManualClock;
use ica_batch_sdk_ext::{Client, Credentials, Error};
use tokio::runtime::Runtime;

use crate::hostile_server::{API_KEY, HostileServer, Reply};

/// Maximum length of the texts of an error and its sources, in bytes.
const LONGEST: usize = 32 * 1024;

/// Limit of a response, so that no run takes long.
const RESPONSE_LIMIT: u64 = 1024 * 1024;

/// Time limit of a run by the clock of the machine. No run comes close.
const TIME_LIMIT: Duration = Duration::from_secs(60);

thread_local! {
    static FIXTURE: Fixture = Fixture::new();
}

pub(super) struct Fixture {
    runtime: Runtime,
    server: HostileServer,
    reply: Arc<Mutex<Reply>>,
}

impl Fixture {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("threads are allowed");
        let reply = Arc::new(Mutex::new(Reply::json(404, "")));
        let server = runtime.block_on(HostileServer::start({
            let reply = Arc::clone(&reply);
            move |_| reply.lock().unwrap().clone()
        }));
        Self { runtime, server, reply }
    }

    /// Returns a client of the server that knows nothing of earlier runs.
    pub(super) fn client(&self, credentials: Credentials) -> Client {
        let client = self.server.client().credentials(credentials);
        let client = client.clock(ManualClock::new()).response_limit(RESPONSE_LIMIT);
        client.build().expect("the server is on this machine")
    }
}

/// Makes calls of a client whose server sends this response to each request.
pub(super) fn with_reply(reply: Reply, calls: impl AsyncFnOnce(&Fixture) -> Result<(), Error>) {
    FIXTURE.with(|fixture| {
        *fixture.reply.lock().unwrap() = reply;
        let limited = async { tokio::time::timeout(TIME_LIMIT, calls(fixture)).await };
        let result = fixture.runtime.block_on(limited);
        if let Err(error) = result.expect("the calls end") {
            check(&error);
        }
    });
}

/// Checks the texts of an error.
pub(super) fn check(error: &Error) {
    let mut texts = format!("{error:?}\n{error:#?}\n");
    let mut next: Option<&dyn StdError> = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        assert!(!text.chars().any(is_unprintable), "{text:?}");
        texts.push_str(&format!("{text}\n{error:?}\n"));
        next = error.source();
    }
    assert!(texts.len() <= LONGEST, "an error of {} bytes", texts.len());
    assert!(!texts.contains(API_KEY), "{texts}");
}

/// Returns whether a terminal would not show the character as it is.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
