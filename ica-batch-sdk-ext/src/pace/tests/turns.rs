//! Calls that wait for their turn.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;

use super::super::{Delay, Outcome, Pace, PaceSettings, PauseReason, Place};
use crate::clock::{Clock, ManualClock};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn pace(max_concurrency: usize) -> Pace {
    Pace::new(PaceSettings {
        max_concurrency: Some(max_concurrency),
        adapts: true,
    })
}

async fn enter<'a>(pace: &'a Pace, clock: &'a ManualClock) -> Place<'a> {
    let turn = pace.turn();
    pace.enter(clock, turn, HOUR).await.expect("the deadline is far")
}

#[tokio::test]
async fn calls_are_sent_in_the_order_in_which_they_began() {
    let (pace, clock) = (Arc::new(pace(1)), ManualClock::new());
    let order = Arc::new(Mutex::new(Vec::new()));
    let first = enter(&pace, &clock).await;
    let turns = (0..20).map(|_| pace.turn()).collect::<Vec<_>>();
    // A retry of an early call comes late.
    let tasks = turns.into_iter().enumerate().rev().map(|(number, turn)| {
        let (pace, clock, order) = (Arc::clone(&pace), clock.clone(), Arc::clone(&order));
        tokio::spawn(async move {
            let place = pace.enter(&clock, turn, HOUR).await.unwrap();
            order.lock().unwrap().push(number);
            tokio::task::yield_now().await;
            place.finish(Outcome::Served, 0.0);
        })
    });
    let tasks = tasks.collect::<Vec<_>>();
    while pace.status(Duration::ZERO).waiting() < 20 {
        tokio::task::yield_now().await;
    }
    assert!(order.lock().unwrap().is_empty());
    first.finish(Outcome::Served, 0.0);
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
    assert_eq!(pace.status(Duration::ZERO).in_flight(), 0);
}

#[tokio::test]
async fn dropping_a_call_gives_its_place_and_its_turn_back() {
    let (pace, clock) = (Arc::new(pace(1)), ManualClock::new());
    let place = enter(&pace, &clock).await;
    let mut second = Box::pin(enter(&pace, &clock));
    assert!(second.as_mut().now_or_never().is_none());
    let third = tokio::spawn({
        let (pace, clock) = (Arc::clone(&pace), clock.clone());
        async move { drop(enter(&pace, &clock).await) }
    });
    while pace.status(clock.elapsed()).waiting() < 2 {
        tokio::task::yield_now().await;
    }

    // The second call was told that it is its turn, and does not take it. The third one is told at
    // once: a call that is not told asks again after a second.
    drop(place);
    drop(second);
    let third = tokio::time::timeout(SECOND / 2, third).await;
    third.expect("it is told").unwrap();
    let status = pace.status(clock.elapsed());
    assert_eq!((status.waiting(), status.in_flight()), (0, 0));
}

#[tokio::test]
async fn a_pause_holds_for_all_calls_and_ends_by_the_clock() {
    let (pace, clock) = (Arc::new(pace(50)), ManualClock::new());
    let place = enter(&pace, &clock).await;
    place.finish(Outcome::Unavailable(Some(60 * SECOND)), 0.0);
    let start = clock.elapsed();
    let tasks = (0..20).map(|_| {
        let (pace, clock) = (Arc::clone(&pace), clock.clone());
        tokio::spawn(async move {
            let place = enter(&pace, &clock).await;
            let sent = clock.elapsed();
            place.finish(Outcome::Served, 0.0);
            sent
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap(), start + 60 * SECOND);
    }
    assert_eq!(
        clock.sleeps(),
        [60 * SECOND],
        "one call waits for the time, the others for it"
    );
}

#[tokio::test]
async fn a_call_does_not_wait_for_a_pause_beyond_its_deadline() {
    let (pace, clock) = (pace(50), ManualClock::new());
    let place = enter(&pace, &clock).await;
    place.finish(Outcome::RateLimited(Some(60 * SECOND)), 0.0);
    let (first, second) = (pace.turn(), pace.turn());
    let expected = Delay::Pause {
        left: 60 * SECOND,
        reason: PauseReason::RateLimited,
    };
    assert_eq!(pace.enter(&clock, first, 30 * SECOND).await.err(), Some(expected));
    assert_eq!(pace.enter_nested(&clock, 30 * SECOND).await.err(), Some(expected));
    assert!(clock.sleeps().is_empty());
    assert!(pace.enter(&clock, second, 61 * SECOND).await.is_ok());
}

#[tokio::test]
async fn a_call_waits_for_a_place_no_longer_than_its_deadline() {
    let (pace, clock) = (pace(1), ManualClock::new());
    let _place = enter(&pace, &clock).await;
    let turn = pace.turn();
    let delay = pace.enter(&clock, turn, Duration::from_millis(10));
    // The clock of the test stands still, so the call has to end by real time. Then it asks again.
    let delay = tokio::time::timeout(Duration::from_millis(500), delay);
    let advanced = async {
        clock.advance(SECOND);
    };
    let (delay, ()) = tokio::join!(delay, advanced);
    assert_eq!(delay.unwrap().err(), Some(Delay::InFlight { requests: 1 }));
}

#[tokio::test]
async fn a_request_that_calls_in_flight_wait_for_needs_no_place() {
    let (pace, clock) = (pace(1), ManualClock::new());
    let _place = enter(&pace, &clock).await;
    assert!(pace.enter_nested(&clock, HOUR).await.is_ok());
}

#[tokio::test]
async fn calls_that_nothing_polls_do_not_stop_the_others() {
    let (pace, clock) = (Pace::new(PaceSettings::default()), ManualClock::new());
    // As in a stream of many calls, while the body of its loop makes a call.
    let limit = pace.status(clock.elapsed()).concurrency().unwrap();
    let mut idle = (0..3 * limit)
        .map(|_| Box::pin(enter(&pace, &clock)))
        .collect::<Vec<_>>();
    let polled = idle.iter_mut().map(|call| call.as_mut().now_or_never());
    let held = polled.flatten().collect::<Vec<_>>();
    assert_eq!(held.len(), limit);
    for _ in 0..3 {
        let place = tokio::time::timeout(10 * SECOND, enter(&pace, &clock)).await;
        place.expect("it is sent beyond the limit").finish(Outcome::Served, 0.0);
    }
}
