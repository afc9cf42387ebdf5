//! Properties of the decisions, for any sequence of events.

use std::time::Duration;

use proptest::prelude::*;

use super::super::controller::{Change, Controller, Decision, MAX_PAUSE, Outcome, Permit};
use super::super::status::PauseReason;

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Clone)]
enum Event {
    /// A request wants to be sent; whether others wait, too.
    Ask(bool),
    Nested,
    /// The request in flight with this number, modulo their count, ends.
    End(usize, Outcome),
    Pass(Duration),
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let requested = prop::option::of((0_u64..4000).prop_map(Duration::from_secs));
    prop_oneof![
        5 => Just(Outcome::Served),
        2 => requested.clone().prop_map(Outcome::RateLimited),
        2 => requested.prop_map(Outcome::Unavailable),
        1 => Just(Outcome::TimedOut),
        2 => Just(Outcome::Failed),
        1 => Just(Outcome::Unknown),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => any::<bool>().prop_map(Event::Ask),
        1 => Just(Event::Nested),
        5 => (any::<usize>(), outcome()).prop_map(|(number, outcome)| Event::End(number, outcome)),
        3 => (0_u64..20_000).prop_map(|millis| Event::Pass(Duration::from_millis(millis))),
    ]
}

/// A controller, the time, and the requests in flight with the number of probes before them.
struct Driven {
    controller: Controller,
    now: Duration,
    in_flight: Vec<(Permit, bool)>,
}

impl Driven {
    fn new(max: Option<usize>) -> Self {
        Self {
            controller: Controller::new(max, true),
            now: SECOND,
            in_flight: Vec::new(),
        }
    }

    fn ask(&mut self) -> Decision {
        self.controller.decide(self.now, false)
    }

    fn send(&mut self) -> Permit {
        match self.ask() {
            Decision::Send(permit) => permit,
            decision => panic!("{decision:?}"),
        }
    }

    fn end(&mut self, permit: Permit, outcome: Outcome) -> Option<Change> {
        self.controller.finish(self.now, permit, outcome, 1.0)
    }

    fn pause(&self) -> Option<(Duration, PauseReason)> {
        let pause = self.controller.pause(self.now);
        pause.map(|(until, reason)| (until - self.now, reason))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_event_breaks_a_promise(max in prop::option::of(0_usize..20), events in prop::collection::vec(event(), 1..200)) {
        let mut it = Driven::new(max);
        let bound = max.map_or(usize::MAX, |max| max.max(1));
        // Requests that ask whether the server is back.
        for event in events {
            let (was_open, limit) = (it.controller.is_open(), it.controller.limit());
            let paused = it.controller.pause(it.now);
            match event {
                Event::Pass(time) => it.now += time,
                Event::Ask(others_wait) => match it.controller.decide(it.now, others_wait) {
                    Decision::Send(permit) => {
                        prop_assert!(paused.is_none(), "sent in a pause");
                        let probes = it.in_flight.iter().filter(|(_, is_probe)| *is_probe).count();
                        prop_assert!(!was_open || probes == 0, "{probes} requests ask whether the server is back");
                        it.in_flight.push((permit, was_open));
                        prop_assert!(it.controller.in_flight() <= bound);
                    }
                    Decision::WaitUntil(until) => {
                        prop_assert!(until > it.now && until < it.now + MAX_PAUSE + 61 * SECOND, "{until:?}");
                        // A wait that ends leads to a request, or to a wait for a response.
                        let mut later = it.controller.clone();
                        prop_assert!(!matches!(later.decide(until, others_wait), Decision::WaitUntil(_)));
                    }
                    // Somebody will wake this request up.
                    Decision::WaitForResponse => prop_assert!(it.controller.in_flight() > 0),
                },
                Event::Nested => match it.controller.decide_nested(it.now) {
                    Decision::Send(permit) => {
                        prop_assert!(paused.is_none(), "sent in a pause");
                        prop_assert_eq!(it.controller.finish(it.now, permit, Outcome::Unknown, 0.5), None);
                    }
                    Decision::WaitUntil(until) => prop_assert!(until > it.now),
                    Decision::WaitForResponse => prop_assert!(false, "it needs no place"),
                },
                Event::End(_, _) if it.in_flight.is_empty() => {}
                Event::End(number, outcome) => {
                    let (permit, _) = it.in_flight.swap_remove(number % it.in_flight.len());
                    let _ = it.controller.finish(it.now, permit, outcome, 0.5);
                    let pause = it.controller.pause(it.now).map_or(Duration::ZERO, |(until, _)| until - it.now);
                    prop_assert!(pause <= MAX_PAUSE);
                    match outcome {
                        Outcome::Served => {
                            prop_assert!(!it.controller.is_open());
                            prop_assert!(it.controller.limit() >= limit, "a response lowers the limit");
                        }
                        Outcome::RateLimited(requested) | Outcome::Unavailable(requested) => {
                            prop_assert!(pause >= requested.unwrap_or_default().min(MAX_PAUSE));
                            prop_assert!(it.controller.limit() <= limit);
                        }
                        _ => prop_assert!(it.controller.limit() <= limit, "a failure raises the limit"),
                    }
                    if !it.controller.is_open() {
                        it.in_flight.iter_mut().for_each(|(_, is_probe)| *is_probe = false);
                    }
                }
            }
            prop_assert_eq!(it.controller.in_flight(), it.in_flight.len());
            prop_assert!(it.controller.limit() >= 1);
        }
    }

    #[test]
    fn requests_are_sent_at_the_learned_rate_and_no_faster(served in 5_u32..200, gap in 1_u64..500) {
        let mut it = Driven::new(None);
        for _ in 0..served {
            let permit = it.send();
            it.now += Duration::from_millis(gap);
            let _ = it.end(permit, Outcome::Served);
        }
        let permit = it.send();
        let _ = it.end(permit, Outcome::RateLimited(Some(SECOND)));
        let rate = it.controller.per_second().expect("the server refused a request");
        it.now += SECOND;
        let (start, mut sent) = (it.now, 0_u32);
        while it.now < start + 5 * SECOND {
            match it.ask() {
                Decision::Send(permit) => {
                    sent += 1;
                    let _ = it.end(permit, Outcome::Unknown);
                }
                Decision::WaitUntil(until) => it.now = until,
                Decision::WaitForResponse => panic!("nothing is in flight"),
            }
        }
        let expected = rate * (it.now - start).as_secs_f64();
        prop_assert!((f64::from(sent) - expected).abs() <= 1.5, "{sent} requests, {expected} expected");
    }
}

#[test]
fn one_refusal_pauses_for_all_and_counts_once() {
    let mut it = Driven::new(None);
    let permits = [it.send(), it.send(), it.send()];
    let [first, second, third] = permits;
    let asked = Some(17 * SECOND);
    let paused = it.end(first, Outcome::RateLimited(asked));
    assert_eq!(
        paused,
        Some(Change::Paused {
            reason: PauseReason::RateLimited,
            length: 17 * SECOND
        })
    );
    let limit = it.controller.limit();
    assert_eq!(it.end(second, Outcome::RateLimited(asked)), None);
    assert_eq!(it.controller.limit(), limit, "it was sent before the pause");
    assert_eq!(it.end(third, Outcome::RateLimited(Some(20 * SECOND))), None);
    assert_eq!(
        it.pause(),
        Some((20 * SECOND, PauseReason::RateLimited)),
        "the longest one counts"
    );
    assert!(matches!(it.ask(), Decision::WaitUntil(until) if until == it.now + 20 * SECOND));
}

#[test]
fn an_outage_opens_the_circuit_and_one_request_at_a_time_asks() {
    let mut it = Driven::new(None);
    for _ in 0..4 {
        let permit = it.send();
        assert_eq!(it.end(permit, Outcome::Failed), None);
    }
    let permit = it.send();
    assert!(matches!(it.end(permit, Outcome::Failed), Some(Change::Opened { .. })));
    // The time between two probes grows to its maximum.
    for millis in [500, 1000, 2000, 4000, 8000, 15_000, 15_000] {
        let length = Duration::from_millis(millis);
        assert_eq!(it.pause(), Some((length, PauseReason::Outage)));
        it.now += length;
        let probe = it.send();
        assert!(matches!(it.ask(), Decision::WaitForResponse), "one request at a time");
        assert!(matches!(it.end(probe, Outcome::Failed), Some(Change::StillOpen { .. })));
    }
    it.now += 15 * SECOND;
    let dropped = it.send();
    let _ = it.end(dropped, Outcome::Unknown);
    let probe = it.send();
    assert_eq!(it.end(probe, Outcome::Served), Some(Change::Closed));
    // It grows from one.
    let permits = [it.send(), it.send()];
    assert!(matches!(it.ask(), Decision::WaitForResponse));
    for permit in permits {
        let _ = it.end(permit, Outcome::Served);
    }
    assert!(it.controller.limit() <= 3);
}

#[test]
fn a_request_from_before_an_outage_does_not_take_the_place_of_the_probe() {
    let mut it = Driven::new(None);
    let hanging = it.send();
    for _ in 0..5 {
        let permit = it.send();
        let _ = it.end(permit, Outcome::Failed);
    }
    it.now += SECOND;
    let probe = it.send();
    let _ = it.end(hanging, Outcome::TimedOut);
    assert!(matches!(it.ask(), Decision::WaitForResponse));
    assert_eq!(it.end(probe, Outcome::Served), Some(Change::Closed));
    assert_eq!(it.controller.in_flight(), 0);
}

#[test]
fn a_503_and_a_timeout_halve_the_concurrency_once_per_round() {
    for outcome in [Outcome::Unavailable(None), Outcome::TimedOut] {
        let mut it = Driven::new(None);
        let (first, second) = (it.send(), it.send());
        let _ = it.end(first, outcome);
        assert_eq!(it.controller.limit(), 4, "{outcome:?}");
        let _ = it.end(second, outcome);
        assert_eq!(it.controller.limit(), 4, "{outcome:?}");
    }
}

#[test]
fn a_wait_that_would_stop_the_client_for_long_is_cut_and_one_request_asks() {
    let mut it = Driven::new(None);
    let permit = it.send();
    let _ = it.end(permit, Outcome::Unavailable(Some(Duration::MAX)));
    assert_eq!(it.pause().map(|(left, _)| left), Some(MAX_PAUSE));
    it.now += MAX_PAUSE;
    let _probe = it.send();
    assert!(matches!(it.ask(), Decision::WaitForResponse));
}

#[test]
fn a_pace_that_is_off_keeps_the_maximum_only() {
    let mut controller = Controller::new(Some(2), false);
    let Decision::Send(first) = controller.decide(SECOND, false) else {
        panic!("nothing is in flight");
    };
    let Decision::Send(_second) = controller.decide(SECOND, false) else {
        panic!("one request is in flight");
    };
    assert!(matches!(controller.decide(SECOND, false), Decision::WaitForResponse));
    let _ = controller.finish(SECOND, first, Outcome::RateLimited(Some(SECOND)), 0.5);
    assert!(matches!(controller.decide(SECOND, false), Decision::Send(_)));
}
