//! Servers with a rate limit, and tasks that send as fast as the pace allows, in simulated time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::ops::Range;
use std::time::Duration;

use super::super::controller::{Controller, Decision, Outcome, Permit};

const TASKS: usize = 40;

/// How a server counts the requests that it allows.
#[derive(Debug, Clone, Copy)]
enum Counting {
    Bucket,
    /// In each second of its clock.
    Seconds,
    /// In the second before each request.
    LastSecond,
}

/// A server that allows a rate of requests, with a burst, and that is down for a while.
struct Server {
    rate: f64,
    burst: f64,
    latency: f64,
    /// Largest further time of a request until it arrives.
    jitter: f64,
    /// Largest time that a request takes which is not refused.
    service: f64,
    retry_after: bool,
    outage: Range<f64>,
    /// Share of the requests that a proxy refuses, and its random numbers.
    refusing: (f64, fastrand::Rng),
    /// Share of the requests that fail otherwise.
    failing: f64,
    /// Distance and length of stalls of the network. Requests arrive at their end.
    stalls: (f64, f64),
    /// Times at which the rate and the burst change.
    changes: Vec<(f64, f64)>,
    counting: Counting,
    store: f64,
    filled: f64,
    /// Times at which requests were served.
    served: VecDeque<f64>,
}

impl Server {
    fn new(rate: f64, burst: f64, latency: f64) -> Self {
        Self {
            rate,
            burst,
            latency,
            jitter: 0.001,
            service: 0.0,
            retry_after: true,
            outage: 0.0..0.0,
            refusing: (0.0, fastrand::Rng::with_seed(0)),
            failing: 0.0,
            stalls: (1.0, 0.0),
            changes: Vec::new(),
            counting: Counting::Bucket,
            store: burst,
            filled: 0.0,
            served: VecDeque::new(),
        }
    }

    fn respond(&mut self, now: f64) -> Outcome {
        if self.outage.contains(&now) {
            return Outcome::Unavailable(None);
        }
        let (share, random) = &mut self.refusing;
        if random.f64() < *share {
            return Outcome::RateLimited(self.retry_after.then(|| Duration::from_secs(1)));
        }
        if random.f64() < self.failing {
            return Outcome::Failed;
        }
        let reached = self.changes.partition_point(|(at, _)| *at <= now);
        if let Some((_, rate)) = self.changes.drain(..reached).next_back() {
            (self.rate, self.burst) = (rate, rate);
        }
        match self.counting {
            Counting::Bucket => self.store = (self.store + (now - self.filled) * self.rate).min(self.burst),
            Counting::Seconds => self.count(now, (now + 0.37).fract()),
            Counting::LastSecond => self.count(now, 1.0),
        }
        self.filled = now;
        if self.store > 1.0 - 1e-6 {
            self.store -= 1.0;
            self.served.push_back(now);
            return Outcome::Served;
        }
        let wait = ((1.0 - self.store) / self.rate).ceil().max(1.0);
        Outcome::RateLimited(self.retry_after.then(|| Duration::from_secs_f64(wait)))
    }

    /// Counts the requests of the last seconds.
    fn count(&mut self, now: f64, seconds: f64) {
        while self.served.pop_front_if(|served| *served <= now - seconds).is_some() {}
        self.store = self.rate - self.served.len() as f64;
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Ask(usize),
    Arrive(usize),
    Return(usize),
    Decide,
}

/// Times at which requests arrived, and their outcomes.
struct Record(Vec<(f64, Outcome)>);

impl Record {
    fn count(&self, when: Range<f64>, is: impl Fn(Outcome) -> bool) -> f64 {
        let requests = self.0.iter().filter(|(at, outcome)| when.contains(at) && is(*outcome));
        requests.count() as f64
    }

    fn served(&self, when: Range<f64>) -> f64 {
        self.count(when, |outcome| outcome == Outcome::Served)
    }

    fn refused(&self, when: Range<f64>) -> f64 {
        self.count(when, |outcome| outcome != Outcome::Served)
    }
}

fn simulate(mut server: Server, seconds: f64) -> Record {
    let mut controller = Controller::new(None, true);
    let (mut events, mut number) = (BinaryHeap::new(), 0);
    let mut at = |events: &mut BinaryHeap<_>, time: Duration, event| {
        number += 1;
        events.push(Reverse((time, number, event)));
    };
    let mut random = fastrand::Rng::with_seed(7);
    let mut in_flight = BTreeMap::<usize, (Permit, Outcome)>::new();
    let (mut queue, mut record, mut planned) = (VecDeque::new(), Record(Vec::new()), Duration::ZERO);
    for task in 0..TASKS {
        at(&mut events, Duration::ZERO, Event::Ask(task));
    }
    while let Some(Reverse((now, _, event))) = events.pop() {
        if now.as_secs_f64() > seconds {
            break;
        }
        let half = Duration::from_secs_f64(server.latency / 2.0);
        match event {
            Event::Ask(task) => queue.push_back(task),
            Event::Decide => {}
            Event::Arrive(task) => {
                let outcome = server.respond(now.as_secs_f64());
                record.0.push((now.as_secs_f64(), outcome));
                in_flight.get_mut(&task).expect("it was sent").1 = outcome;
                let service = match outcome {
                    Outcome::Served => Duration::from_secs_f64(server.service * (0.5 + random.f64() / 2.0)),
                    _ => Duration::ZERO,
                };
                at(&mut events, now + half + service, Event::Return(task));
            }
            Event::Return(task) => {
                let (permit, outcome) = in_flight.remove(&task).expect("it was sent");
                let _ = controller.finish(now, permit, outcome, random.f64());
                let wait = match outcome {
                    Outcome::RateLimited(wait) => wait.unwrap_or_default(),
                    _ => Duration::ZERO,
                };
                at(&mut events, now + wait, Event::Ask(task));
            }
        }
        while let Some(task) = queue.front().copied() {
            match controller.decide(now, queue.len() > 1) {
                Decision::Send(permit) => {
                    queue.pop_front();
                    in_flight.insert(task, (permit, Outcome::Unknown));
                    let jitter = server.jitter * random.f64();
                    let arrival = now + half + Duration::from_secs_f64(jitter);
                    let (distance, length) = server.stalls;
                    let stalled = length - arrival.as_secs_f64() % distance;
                    let stalled = Duration::from_secs_f64(stalled.max(0.0));
                    at(&mut events, arrival + stalled, Event::Arrive(task));
                }
                Decision::WaitUntil(until) => {
                    if until != planned {
                        planned = until;
                        at(&mut events, until, Event::Decide);
                    }
                    break;
                }
                Decision::WaitForResponse => break,
            }
        }
    }
    record
}

#[test]
fn nine_tenths_of_the_allowed_rate_are_served_and_a_twentieth_refused_at_most() {
    for rate in [5.0, 10.0, 30.0, 100.0] {
        for latency in [0.005, 0.05, 0.3] {
            for burst in [rate, 10.0 * rate] {
                for retry_after in [true, false] {
                    let mut server = Server::new(rate, burst, latency);
                    server.retry_after = retry_after;
                    let record = simulate(server, 300.0);
                    let (served, refused) = (record.served(0.0..300.0), record.refused(0.0..300.0));
                    let case = format!("{rate}/s, burst {burst}, {latency} s, Retry-After: {retry_after}");
                    assert!(served >= 0.9 * rate * 300.0, "{case}: {served} served");
                    assert!(
                        refused <= 0.05 * (served + refused),
                        "{case}: {refused} of {served} refused"
                    );
                }
            }
        }
    }
}

#[test]
fn a_rate_is_found_within_seconds_also_without_a_large_burst() {
    for rate in [10.0, 50.0, 200.0] {
        for latency in [0.005, 0.05, 0.2] {
            for burst in [5.0, 20.0, rate] {
                // Each refusal is a pause of a second, and two of them are needed.
                for (seconds, share) in [(20.0, 0.77), (60.0, 0.89), (300.0, 0.95)] {
                    let record = simulate(Server::new(rate, burst, latency), seconds);
                    let (served, refused) = (record.served(0.0..seconds), record.refused(0.0..seconds));
                    let case = format!("{rate}/s, burst {burst}, {latency} s, in {seconds} s");
                    assert!(served >= share * rate * seconds, "{case}: {served} served");
                    let is_short = seconds < 60.0;
                    assert!(
                        is_short || refused <= 0.05 * (served + refused),
                        "{case}: {refused} of {served} refused"
                    );
                }
            }
        }
    }
}

#[test]
fn the_limit_of_a_server_that_counts_the_requests_of_a_second_is_found() {
    // Requests that arrive unevenly need some room.
    let evenly = [(20.0, 0.83), (60.0, 0.91), (300.0, 0.93)];
    let unevenly = [(20.0, 0.71), (60.0, 0.8), (300.0, 0.82)];
    // A refusal is faster than a response of a request that takes its time.
    let slowly = [(20.0, 0.6), (60.0, 0.84), (300.0, 0.89)];
    let cases = [
        (0.005, 0.001, 0.0, evenly),
        (0.05, 0.01, 0.0, evenly),
        (0.05, 0.15, 0.0, unevenly),
        (0.01, 0.01, 0.2, slowly),
    ];
    for counting in [Counting::Seconds, Counting::LastSecond] {
        for rate in [10.0, 20.0, 50.0, 100.0] {
            for (latency, jitter, service, shares) in cases {
                for retry_after in [true, false] {
                    for (seconds, share) in shares {
                        let mut server = Server::new(rate, rate, latency);
                        (server.counting, server.retry_after) = (counting, retry_after);
                        (server.jitter, server.service) = (jitter, service);
                        let record = simulate(server, seconds);
                        let (served, refused) = (record.served(0.0..seconds), record.refused(0.0..seconds));
                        let case = format!(
                            "{counting:?}, {rate}/s, {latency} s, jitter {jitter}, {service} s, Retry-After: \
                             {retry_after}, in {seconds} s"
                        );
                        assert!(served >= share * rate * seconds, "{case}: {served} served");
                        let is_short = seconds < 60.0;
                        assert!(
                            is_short || refused <= 0.05 * (served + refused),
                            "{case}: {refused} of {served} refused"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_proxy_that_refuses_requests_now_and_then_does_not_lower_the_rate_for_long() {
    // Each refusal pauses for a second or less, so not more than 20 and 10 requests a second are possible.
    for (share, least) in [(0.01, 25.0), (0.02, 12.0), (0.05, 5.0), (0.1, 2.0)] {
        let rates = (0..20).map(|seed| {
            let mut server = Server::new(1e6, 1e6, 0.01);
            server.refusing = (share, fastrand::Rng::with_seed(seed));
            server.retry_after = seed % 2 == 0;
            simulate(server, 300.0).served(0.0..300.0) / 300.0
        });
        let mut rates = rates.collect::<Vec<_>>();
        rates.sort_by(f64::total_cmp);
        assert!(rates[10] >= least, "{share} refused: {rates:?}");
    }
}

#[test]
fn stalls_of_the_network_do_not_lower_the_rate_for_long() {
    let mut server = Server::new(50.0, 20.0, 0.005);
    server.stalls = (7.0, 0.3);
    let served = simulate(server, 120.0).served(0.0..120.0);
    assert!(served >= 0.88 * 50.0 * 120.0, "{served} served");
}

#[test]
fn failures_of_another_kind_do_not_lower_the_rate() {
    for seed in 0..20 {
        let mut server = Server::new(1e6, 1e6, 0.01);
        server.refusing = (0.05, fastrand::Rng::with_seed(seed));
        (server.failing, server.retry_after) = (0.25, false);
        let served = simulate(server, 300.0).served(0.0..300.0);
        assert!(served >= 600.0, "seed {seed}: {served} served");
    }
}

#[test]
fn a_limit_of_one_request_a_second_without_a_burst_is_met() {
    let record = simulate(Server::new(1.0, 1.0, 0.05), 3600.0);
    let (served, refused) = (record.served(0.0..3600.0), record.refused(0.0..3600.0));
    assert!(
        served >= 0.9 * 3600.0 && refused <= 0.05 * served,
        "{served}, {refused}"
    );
}

#[test]
fn after_an_outage_of_an_hour_sending_goes_on_within_seconds_and_without_a_stampede() {
    let mut server = Server::new(1e6, 1e6, 0.05);
    server.outage = 60.0..3660.0;
    let record = simulate(server, 3720.0);
    let before = record.served(50.0..60.0);
    // Probes: one at a time, at most 15 seconds apart.
    let probes = record.refused(120.0..3660.0);
    assert!((3540.0 / 15.0..3540.0 / 7.5 + 1.0).contains(&probes), "{probes}");
    let (back, _) = record.0.iter().find(|(at, _)| *at >= 3660.0).expect("it goes on");
    assert!(*back < 3660.0 + 15.5, "{back}");
    let first = record.served(*back..*back + 0.05);
    assert!(first <= 2.0, "{first} requests within the first latency");
    assert!(record.served(*back + 3.0..*back + 13.0) >= 0.9 * before);
    assert_eq!(record.refused(*back..3720.0), 0.0);
}

#[test]
fn a_refusal_right_after_an_outage_does_not_lower_the_rate() {
    let mut controller = Controller::new(None, true);
    let mut now = Duration::ZERO;
    let mut request = |outcome| loop {
        now += Duration::from_millis(10);
        match controller.decide(now, false) {
            Decision::Send(permit) => {
                let _ = controller.finish(now, permit, outcome, 0.5);
                return now;
            }
            Decision::WaitUntil(until) => now = now.max(until),
            Decision::WaitForResponse => panic!("one request is sent at a time"),
        }
    };
    let second = Some(Duration::from_secs(1));
    for served in [20, 40, 60] {
        (0..served).for_each(|_| _ = request(Outcome::Served));
        request(Outcome::RateLimited(second));
    }
    (0..8).for_each(|_| _ = request(Outcome::Failed));
    let back = request(Outcome::Served);
    request(Outcome::RateLimited(second));
    let after = (0..20).map(|_| request(Outcome::Served)).last();
    assert!(after.expect("they are sent") < back + Duration::from_secs(10));
}

#[test]
fn a_limit_that_changes_is_found() {
    let mut server = Server::new(5.0, 5.0, 0.05);
    server.changes = vec![(100.0, 1.0), (200.0, 50.0)];
    let record = simulate(server, 600.0);
    assert!(record.served(0.0..100.0) >= 0.9 * 500.0);
    assert!(record.served(120.0..200.0) >= 0.8 * 80.0);
    assert!(record.served(500.0..600.0) >= 0.9 * 5000.0);
    assert!(record.refused(0.0..600.0) <= 0.05 * record.served(0.0..600.0));
}
