//! Tasks that send as fast as they may, to a server with a rate limit and to one with an outage: with
//! the pace of a client and without it, in simulated time.
//!
//! `cargo bench --bench pace` prints ratios only, so the speed of the machine does not matter. An
//! hour takes some seconds. The requests are real ones, over a connection to this machine. The clock
//! advances when every request in flight has reached the server and no task can go on.

#![allow(clippy::print_stdout)]

mod clock;
mod server;

use std::time::Duration;

use ica_batch_sdk_ext::retry::{RetryBudget, RetryPolicy};
use ica_batch_sdk_ext::{AnalysisCreation, Batch, Client, ClientBuilder, Credentials, Uuid};
use ica_simulator::{SeedOptions, Simulator};

use clock::SimulatedClock;
use server::{Limits, Seen, Server};

const TASKS: usize = 32;
const LATENCY: Duration = Duration::from_millis(100);
const SECOND: Duration = Duration::from_secs(1);

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("threads are allowed").block_on(async {
        let fixture = Fixture::new().await;
        println!("{TASKS} tasks, {} ms per request", LATENCY.as_millis());
        println!("\nlimit of the server, and its burst   pace   served of the allowed   refused of all");
        for (rate, burst) in [(2.0, 2.0), (10.0, 10.0), (50.0, 50.0), (50.0, 5.0), (200.0, 20.0)] {
            for with_pace in [true, false] {
                fixture.rate_limit(rate, burst, with_pace).await;
            }
        }
        println!("\nan outage of an hour");
        for with_pace in [true, false] {
            fixture.outage(with_pace).await;
        }
    });
}

/// A batch, and its response, which each server here sends.
struct Fixture {
    project: String,
    batch: Uuid,
    body: String,
}

impl Fixture {
    async fn new() -> Self {
        let simulator = Simulator::start();
        let project = simulator.project_id().to_owned();
        let batch = simulator.seed_batch(&project, 1, SeedOptions::default());
        // The extension crate turns on rustls in reqwest without a provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("TLS can be set up");
        let url = format!(
            "{}/api/projects/{project}/analysisCreationBatch/{batch}",
            simulator.base_url()
        );
        let request = http.get(url).header("X-API-Key", simulator.api_key());
        let request = request.header("Accept", "application/vnd.illumina.v3+json");
        let response = request.send().await.expect("the simulator responds");
        Self {
            project,
            batch,
            body: response.text().await.expect("the body is complete"),
        }
    }

    async fn rate_limit(&self, rate: f64, burst: f64, with_pace: bool) {
        const TIME: Duration = Duration::from_secs(600);
        let limits = Limits {
            per_second: rate,
            burst,
            outage: Duration::ZERO..Duration::ZERO,
        };
        let seen = self.run(limits, TIME, with_pace).await;
        let served = seen.iter().filter(|seen| seen.is_served).count() as f64;
        let refused = seen.len() as f64 - served;
        println!(
            "{rate:>16} /s {burst:>11}      {:>6}   {:>21.3}   {:>14.3}",
            if with_pace { "yes" } else { "no" },
            served / (rate * TIME.as_secs_f64()),
            refused / (served + refused),
        );
    }

    async fn outage(&self, with_pace: bool) {
        const START: Duration = Duration::from_secs(60);
        const END: Duration = Duration::from_secs(60 + 3600);
        let limits = Limits {
            per_second: f64::INFINITY,
            burst: f64::INFINITY,
            outage: START..END,
        };
        let seen = self.run(limits, END + 60 * SECOND, with_pace).await;
        let served = |from: Duration, to: Duration| {
            let times = seen.iter().filter(|seen| seen.is_served).map(|seen| seen.at);
            times.filter(|at| (from..to).contains(at)).count() as f64
        };
        let refused = seen.iter().filter(|seen| !seen.is_served).count();
        let first = seen.iter().find(|seen| seen.is_served && seen.at >= END);
        let first = first.expect("sending goes on").at;
        let before = served(START - 10 * SECOND, START) / 10.0;
        let mut second = first;
        while served(second, second + SECOND) < 0.9 * before && second < END + 59 * SECOND {
            second += SECOND / 10;
        }
        println!(
            "pace {:>3}: {refused} requests in the outage; the first one served {:.1} s after it; {:.0} requests in the \
             first {} ms; nine tenths of the rate before from {:.1} s after the first one served",
            if with_pace { "yes" } else { "no" },
            (first - END).as_secs_f64(),
            served(first, first + LATENCY),
            LATENCY.as_millis(),
            (second - first).as_secs_f64(),
        );
    }

    /// Returns the requests that a server with these limits received in this time.
    async fn run(&self, limits: Limits, time: Duration, with_pace: bool) -> Vec<Seen> {
        let clock = SimulatedClock::default();
        let server = Server::start(clock.clone(), limits, LATENCY, self.body.clone()).await;
        let client = client(&server, &clock);
        let client = match with_pace {
            true => client,
            false => client.without_pace(),
        };
        let client = client.build().expect("the server is on this machine");
        let project = client.project(&self.project).expect("the project has an id");
        let tasks = (0..TASKS).map(|_| tokio::spawn(send(project.batch(self.batch))));
        let tasks = tasks.collect::<Vec<_>>();
        while clock.time() < time {
            settle(&client, &server).await;
            clock.advance_to_next();
        }
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        server.seen()
    }
}

fn client(server: &Server, clock: &SimulatedClock) -> ClientBuilder {
    Client::builder()
        .base_url(server.base_url())
        .credentials(Credentials::api_key_direct("a-key").expect("the key is valid"))
        .clock(clock.clone())
        .jitter_seed(7)
        .deadline(Duration::from_secs(24 * 3600))
        // Retries do not end, so that the tasks go on.
        .retry(RetryPolicy::default().max_attempts(u32::MAX))
        .retry_budget(RetryBudget::new(u32::MAX))
}

async fn send(batch: Batch<AnalysisCreation>) {
    loop {
        batch.get().await.expect("it is retried until it is served");
    }
}

/// Waits until nothing happens without an advance of the clock.
async fn settle(client: &Client, server: &Server) {
    let mut quiet = 0;
    while quiet < 10 {
        tokio::task::yield_now().await;
        let is_at_server = client.pace().in_flight() == server.held();
        quiet = if is_at_server { quiet + 1 } else { 0 };
    }
}
